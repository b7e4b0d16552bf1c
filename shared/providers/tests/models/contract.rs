//! One suite for all providers: what a model is asked, what it answers, what that costs, and what its
//! refusals mean.

use hunter_contracts::Dollars;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::*;

fn texts(message: &Value) -> Vec<(String, String)> {
    let sentences = message["sentences"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    sentences
        .iter()
        .map(|sentence| (text(&sentence["role"]), text(&sentence["text"])))
        .collect()
}

#[tokio::test]
async fn every_provider_answers_every_schema() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        let caller = caller();
        let model = model(&sandbox, provider, own_key(provider), &caller).await;
        let message = model
            .answer(&request("message", &message_input()))
            .await
            .unwrap();
        let texts = texts(&message);
        assert!(texts[0].1.contains("Ana Ruiz"), "{texts:?}");
        let opening = &message["sentences"][1];
        assert_eq!(opening["facts"], json!([3]), "{opening}");
        assert!("Five tips for a healthy smile".contains(opening["quotes"][0].as_str().unwrap()));
        assert_eq!(texts.last().unwrap().0, "sign_off");

        let scores = model
            .answer(&request("scores", &scores_input()))
            .await
            .unwrap();
        for (score, rules) in scores["scores"].as_array().unwrap().iter().zip([0.9, 0.4]) {
            assert!((score["fit_match"].as_f64().unwrap() - rules).abs() <= 0.03);
        }
        let text: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
        let judged = json!({"message": {"subject": "x", "text": text.join(" ")},
            "facts": message_input()["facts"], "seller": message_input()["seller"]});
        let judged = model.answer(&request("judgement", &judged)).await.unwrap();
        assert!(judged["truthful"].as_f64().unwrap() > 0.9, "{judged}");
        assert!(judged["specific"].as_f64().unwrap() > 0.8, "{judged}");

        let plan = json!({"keywords": ["dentist"], "location": "Bonn", "business_type": null,
            "sources": [{"name": "overpass", "why": "free"}]});
        let plan = model.answer(&request("search_plan", &plan)).await.unwrap();
        assert_eq!(plan["source"], "overpass");
        assert!(!plan["keywords"].as_array().unwrap().is_empty());

        let levels = json!({"leads": [{"id": "l1", "lead_score": 0.9, "quality_tier": "gold",
            "position": 1, "of": 2, "website": true, "emails": 1, "rules": "premium"}]});
        let levels = model
            .answer(&request("enrichment_levels", &levels))
            .await
            .unwrap();
        assert_eq!(levels["levels"][0]["level"], "premium");
    }
}

#[tokio::test]
async fn tokens_and_their_price_are_on_the_meter_and_a_prefix_is_cached() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        let caller = caller();
        let model = model(&sandbox, provider, own_key(provider), &caller).await;
        let request = request("scores", &scores_input());
        model.answer(&request).await.unwrap();
        let first = used(&caller);
        assert_eq!(first.operation, "scoring");
        assert_eq!(first.model.as_deref(), Some(model.name()));
        assert_eq!(first.service, provider.id());
        assert!(
            first.input_tokens > 1_400 && first.output_tokens > 20,
            "{first:?}"
        );
        assert_eq!(first.cached_tokens, 0);
        assert!(first.cost > Dollars::ZERO);
        model.answer(&request).await.unwrap();
        let both = used(&caller);
        assert!(both.cached_tokens > 1_000, "{provider}: {both:?}");
        assert!(both.cost < first.cost.times(2), "{provider}: {both:?}");
        assert_eq!(
            (both.input_tokens, calls(&caller)),
            (first.input_tokens * 2, 2)
        );
    }
}

#[tokio::test]
async fn refusals_are_told_apart_and_only_those_that_pass_are_repeated() {
    use ErrorCode as E;
    let sandbox = sandbox(Faults::none()).await;
    let (an, oa, gr, ds) = (
        Provider::Anthropic,
        Provider::OpenAi,
        Provider::Groq,
        Provider::DeepSeek,
    );
    // Provider, behaviour, code, wait in ms.
    let cases = [
        (an, "no-credit", E::ApiQuotaExceeded, None),
        (oa, "no-credit", E::ApiQuotaExceeded, None),
        (gr, "no-credit", E::ApiQuotaExceeded, None),
        (ds, "no-credit", E::ApiQuotaExceeded, None),
        (an, "spend-limit", E::ApiQuotaExceeded, None),
        (an, "own-limit", E::ApiQuotaExceeded, None),
        (oa, "spend-limit", E::ApiQuotaExceeded, None),
        (an, "overloaded", E::ApiUnavailable, None),
        (oa, "overloaded", E::ApiUnavailable, None),
        (gr, "overloaded", E::ApiUnavailable, None),
        (ds, "overloaded", E::ApiUnavailable, None),
        (an, "rate-limited", E::ApiRateLimit, Some(7_000)),
        (oa, "rate-limited", E::ApiRateLimit, Some(62_500)),
        (gr, "rate-limited", E::ApiRateLimit, Some(2_000)),
        (ds, "rate-limited", E::ApiRateLimit, None),
        (an, "too-large", E::InvalidInput, None),
        (oa, "too-large", E::InvalidInput, None),
        (gr, "too-large", E::InvalidInput, None),
        (gr, "invalid-output", E::ApiBadResponse, None),
    ];
    for (provider, behaviour, code, wait) in cases {
        let caller = caller();
        let key = Sandbox::model_key(endpoint(provider), behaviour);
        let model = model(&sandbox, provider, &key, &caller).await;
        let failure = model
            .answer(&request("scores", &scores_input()))
            .await
            .unwrap_err();
        assert_eq!(failure.code, code, "{provider} {behaviour}: {failure}");
        assert_eq!(failure.retry_after_ms, wait, "{provider} {behaviour}");
        if code.retryable() {
            let waits_long = wait.is_some_and(|wait| wait > 5_000);
            assert_eq!(calls(&caller) > 1, !waits_long, "{provider} {behaviour}");
        } else {
            assert_eq!(calls(&caller), 1, "{provider} {behaviour}");
        }
        assert_eq!(used(&caller).cost, Dollars::ZERO);
    }
}

#[tokio::test]
async fn a_key_that_is_refused_says_which_to_set() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        let caller = caller();
        let model = model(&sandbox, provider, "sk-wrong", &caller).await;
        let failure = model
            .answer(&request("scores", &scores_input()))
            .await
            .unwrap_err();
        assert_eq!(failure.code, ErrorCode::AuthenticationFailed);
        assert!(failure.message.contains(provider.secret()), "{failure}");
        assert!(!failure.message.contains("sk-wrong"), "{failure}");
        assert_eq!(calls(&caller), 1);
    }
}

#[tokio::test]
async fn answers_that_cannot_be_used_are_failures_and_paid() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        for (behaviour, said) in [
            ("truncated", "too long"),
            ("refuses", ""),
            ("empty", "answered"),
        ] {
            let caller = caller();
            let key = Sandbox::model_key(endpoint(provider), behaviour);
            let model = model(&sandbox, provider, &key, &caller).await;
            let failure = model
                .answer(&request("scores", &scores_input()))
                .await
                .unwrap_err();
            let what = format!("{provider} {behaviour}: {failure}");
            assert_eq!(failure.code, ErrorCode::ApiBadResponse, "{what}");
            assert!(failure.message.contains(said), "{what}");
            assert_eq!(calls(&caller), 1, "{what}");
            let paid = used(&caller).cost > Dollars::ZERO;
            // OpenAI's look-alike answers `empty` without choices and without usage.
            assert_eq!(
                paid,
                !(provider == Provider::OpenAi && behaviour == "empty"),
                "{what}"
            );
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Scores {
    scores: Vec<ScoredLead>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ScoredLead {
    fit_match: f64,
}

#[tokio::test]
async fn an_answer_of_another_shape_is_a_failure_and_paid() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        let caller = caller();
        let question: Question<Scores> = Question::new(
            Purpose::Scoring,
            "scores",
            "As JSON.",
            &scores_input(),
            1_500,
        );
        let sound = model(&sandbox, provider, own_key(provider), &caller).await;
        let answer = question.ask(sound.as_ref()).await.unwrap();
        assert!(
            answer
                .scores
                .iter()
                .all(|s| (0.0..=1.0).contains(&s.fit_match))
        );
        let key = Sandbox::model_key(endpoint(provider), "drifted");
        let drifted = model(&sandbox, provider, &key, &caller).await;
        let paid = used(&caller).cost;
        let failure = question.ask(drifted.as_ref()).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::ApiBadResponse, "{provider}");
        let said = "another shape: missing field `scores`";
        assert!(failure.message.contains(said), "{provider}: {failure}");
        assert!(used(&caller).cost > paid, "{provider}");
    }
}

#[tokio::test]
async fn fences_and_parts_are_read_and_half_a_body_is_not() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        for behaviour in ["fenced", "parts"] {
            let caller = caller();
            let key = Sandbox::model_key(endpoint(provider), behaviour);
            let model = model(&sandbox, provider, &key, &caller).await;
            model
                .answer(&request("scores", &scores_input()))
                .await
                .unwrap();
        }
        let caller = caller();
        let key = Sandbox::model_key(endpoint(provider), "cut-body");
        let model = model(&sandbox, provider, &key, &caller).await;
        let failure = model
            .answer(&request("scores", &scores_input()))
            .await
            .unwrap_err();
        assert_eq!(failure.code, ErrorCode::ApiBadResponse, "{failure}");
    }
}

#[tokio::test]
async fn an_answer_that_is_longer_than_allowed_is_cut() {
    let sandbox = sandbox(Faults::none()).await;
    // Groq's model may also think, which widens the limit.
    for provider in [Provider::Anthropic, Provider::OpenAi, Provider::DeepSeek] {
        let caller = caller();
        let model = model(&sandbox, provider, own_key(provider), &caller).await;
        let request = ModelRequest {
            output_tokens_max: 10,
            ..request("scores", &scores_input())
        };
        let failure = model.answer(&request).await.unwrap_err();
        assert!(failure.message.contains("too long"), "{failure}");
        assert_eq!(used(&caller).output_tokens, 10);
    }
}

#[tokio::test]
async fn a_provider_that_fails_now_and_then_still_answers() {
    let faults = Faults {
        model_error_rate: 1.0,
        error_burst_max: 1,
        ..Faults::none()
    };
    let sandbox = sandbox(faults).await;
    for provider in Provider::ALL {
        let caller = caller();
        let model = model(&sandbox, provider, own_key(provider), &caller).await;
        model
            .answer(&request("scores", &scores_input()))
            .await
            .unwrap();
        let failed: u64 = caller.meter.uses().iter().map(|used| used.failed).sum();
        assert_eq!((calls(&caller), failed), (2, 1), "{provider}");
    }
}

#[tokio::test]
async fn many_requests_are_answered_in_their_order() {
    let sandbox = sandbox(Faults::none()).await;
    let caller = caller();
    let provider = Provider::DeepSeek;
    let model = model(&sandbox, provider, own_key(provider), &caller).await;
    let requests: Vec<ModelRequest> = (0..30)
        .map(|n| {
            let mut input = scores_input();
            input["leads"][0]["id"] = json!(format!("lead-{n}"));
            request("scores", &input)
        })
        .collect();
    let answers = model.answer_all(&requests).await;
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(
            answer.unwrap()["scores"][0]["id"],
            json!(format!("lead-{n}"))
        );
    }
    assert_eq!(calls(&caller), 30);
}
