//! Many requests through Anthropic's Message Batches.

use hunter_contracts::Dollars;

use super::*;

fn requests(count: usize) -> Vec<ModelRequest> {
    let input = |n: usize| {
        let mut input = scores_input();
        input["leads"][0]["id"] = json!(format!("lead-{n}"));
        input
    };
    (0..count).map(|n| request("scores", &input(n))).collect()
}

async fn batching(sandbox: &Sandbox, key: &str, caller: &Caller) -> Arc<dyn Model> {
    let config = config(sandbox, |text| {
        text.replacen("batch = false", "batch = true", 1)
    });
    let held = keys(&[(Provider::Anthropic, key)]);
    let models = ConfiguredModels::new(config, held, shared()).unwrap();
    models.open(caller, Purpose::Scoring).await.unwrap()[0].clone()
}

fn in_order(answers: Vec<Result<Value, RecipeFailure>>, count: usize) {
    assert_eq!(answers.len(), count);
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(
            answer.unwrap()["scores"][0]["id"],
            json!(format!("lead-{n}"))
        );
    }
}

#[tokio::test]
async fn a_batch_costs_half_and_keeps_the_order() {
    let sandbox = sandbox(Faults::none()).await;
    let singly = caller();
    let model = model(
        &sandbox,
        Provider::Anthropic,
        Sandbox::ANTHROPIC_KEY,
        &singly,
    )
    .await;
    // The first one fills the provider's cache, so that both ways cost alike.
    model.answer(&requests(1)[0]).await.unwrap();
    let warm = used(&singly).cost;
    in_order(model.answer_all(&requests(12)).await, 12);
    let single_cost = used(&singly).cost.nanos() - warm.nanos();

    let batched = caller();
    let model = batching(&sandbox, Sandbox::ANTHROPIC_KEY, &batched).await;
    in_order(model.answer_all(&requests(12)).await, 12);
    let cost = used(&batched).cost.nanos();
    assert!(
        (single_cost / 2).abs_diff(cost) < 50,
        "{cost} against {single_cost}"
    );
    // Created, looked at twice, read.
    assert_eq!(calls(&batched), 4);
}

#[tokio::test]
async fn few_requests_are_not_worth_a_batch() {
    let sandbox = sandbox(Faults::none()).await;
    let caller = caller();
    let model = batching(&sandbox, Sandbox::ANTHROPIC_KEY, &caller).await;
    in_order(model.answer_all(&requests(3)).await, 3);
    assert_eq!(calls(&caller), 3);
}

#[tokio::test]
async fn large_numbers_go_in_several_batches() {
    let sandbox = sandbox(Faults::none()).await;
    let caller = caller();
    let model = batching(&sandbox, Sandbox::ANTHROPIC_KEY, &caller).await;
    in_order(model.answer_all(&requests(230)).await, 230);
    assert!(calls(&caller) <= 10, "{}", calls(&caller));
}

#[tokio::test]
async fn what_expires_in_a_batch_is_asked_singly() {
    let sandbox = sandbox(Faults::none()).await;
    let caller = caller();
    let key = Sandbox::model_key(Endpoint::ANTHROPIC, "half-batch");
    let model = batching(&sandbox, &key, &caller).await;
    in_order(model.answer_all(&requests(12)).await, 12);
    assert_eq!(calls(&caller), 4 + 6);
}

#[tokio::test]
async fn a_batch_that_does_not_end_is_cancelled_at_its_deadline() {
    let sandbox = sandbox(Faults::none()).await;
    let caller = caller();
    let key = Sandbox::model_key(Endpoint::ANTHROPIC, "busy-batch");
    let model = batching(&sandbox, &key, &caller).await;
    in_order(model.answer_all(&requests(12)).await, 12);
    let cancels = sandbox.served().into_iter();
    let cancels = cancels
        .filter(|served| served.target.contains("/cancel"))
        .count();
    assert_eq!(cancels, 1);
    // Created, looked at for 600 s every 15 s, cancelled, looked at, read, and half of them singly.
    assert_eq!(calls(&caller), 1 + 40 + 1 + 1 + 1 + 6);
    assert!(used(&caller).cost > Dollars::ZERO);
}

#[tokio::test]
async fn a_refused_customer_is_not_asked_for_one_by_one() {
    let sandbox = sandbox(Faults::none()).await;
    for (behaviour, code) in [
        ("no-credit", ErrorCode::ApiQuotaExceeded),
        ("unknown", ErrorCode::AuthenticationFailed),
    ] {
        let caller = caller();
        let key = match behaviour {
            "unknown" => "wrong".to_owned(),
            other => Sandbox::model_key(Endpoint::ANTHROPIC, other),
        };
        let model = batching(&sandbox, &key, &caller).await;
        for answer in model.answer_all(&requests(12)).await {
            assert_eq!(answer.unwrap_err().code, code);
        }
        assert_eq!(calls(&caller), 1);
    }
}
