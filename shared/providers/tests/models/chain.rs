//! Which models a customer gets, from the keys that are held.

use super::*;

async fn names(held: &[Provider], purpose: Purpose) -> Vec<String> {
    let pairs: Vec<(Provider, &str)> = held.iter().map(|p| (*p, "key")).collect();
    let config = ModelsConfig::list();
    let models = ConfiguredModels::new(config, keys(&pairs), shared()).unwrap();
    let opened = models.open(&caller(), purpose).await.unwrap();
    let opened: Vec<String> = opened.iter().map(|m| m.name().to_owned()).collect();
    let tenant = caller().tenant;
    let chain = models.chain(&tenant, purpose).await.unwrap();
    let chain: Vec<&str> = chain.into_iter().map(|m| m.name.as_str()).collect();
    assert_eq!(opened, chain);
    opened
}

#[tokio::test]
async fn without_keys_the_rules_engine_decides() {
    for &purpose in Purpose::ALL {
        assert!(names(&[], purpose).await.is_empty());
    }
}

#[tokio::test]
async fn the_chain_is_what_keys_are_held_for() {
    let all = names(&Provider::ALL, Purpose::Writing).await;
    let expected = [
        "claude-sonnet-5-5",
        "gpt-6.1-terra",
        "deepseek-flash",
        "gpt-oss-120b",
    ];
    assert_eq!(all, expected);
    let some = names(&[Provider::DeepSeek, Provider::OpenAi], Purpose::Writing).await;
    assert_eq!(some, ["gpt-6.1-terra", "deepseek-flash"]);
}

#[tokio::test]
async fn nobody_judges_their_own_family_where_another_can() {
    // Claude writes, so it judges last.
    let all = names(&Provider::ALL, Purpose::Judging).await;
    assert_eq!(all.last().unwrap(), "claude-haiku-5-5");
    // GPT writes: the models of its family come after DeepSeek's.
    let held = [Provider::OpenAi, Provider::Groq, Provider::DeepSeek];
    let some = names(&held, Purpose::Judging).await;
    assert_eq!(some, ["deepseek-flash", "gpt-6-luna", "gpt-oss-120b"]);
    // Who holds one key gets the one there is.
    let one = names(&[Provider::Anthropic], Purpose::Judging).await;
    assert_eq!(one, ["claude-haiku-5-5"]);
}

#[tokio::test]
async fn keys_that_are_empty_are_not_held_and_spaces_around_them_are_cut() {
    let sandbox = sandbox(Faults::none()).await;
    let padded = format!(" {}\n", Sandbox::OPENAI_KEY);
    let held = [(Provider::OpenAi, padded.as_str()), (Provider::Groq, "  ")];
    let config = config(&sandbox, |text| text);
    let models = ConfiguredModels::new(config, keys(&held), shared()).unwrap();
    let opened = models.open(&caller(), Purpose::Scoring).await.unwrap();
    assert_eq!(opened.len(), 1);
    opened[0]
        .answer(&request("scores", &scores_input()))
        .await
        .unwrap();
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_a_failure() {
    struct Broken;
    #[async_trait]
    impl SecretsManager for Broken {
        async fn get_secret(&self, _: &TenantId, _: &str) -> Result<String, RecipeFailure> {
            Err(RecipeFailure::new(ErrorCode::StoreUnavailable, "down"))
        }
    }
    let models = ConfiguredModels::new(ModelsConfig::list(), Arc::new(Broken), shared()).unwrap();
    let failure = models
        .open(&caller(), Purpose::Scoring)
        .await
        .err()
        .unwrap();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_at_once() {
    let config = ModelsConfig::list().with_base_url("groq", "groq.example");
    let failure = ConfiguredModels::new(config, keys(&[]), shared())
        .err()
        .unwrap();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
}

#[tokio::test]
async fn the_cheapest_call_shows_whether_a_key_is_accepted() {
    let sandbox = sandbox(Faults::none()).await;
    for provider in Provider::ALL {
        let ask = async |key: &str| {
            let config = config(&sandbox, |text| text);
            let models = ConfiguredModels::new(config, keys(&[(provider, key)]), shared()).unwrap();
            models.live(&caller(), provider).await
        };
        let listed = ask(own_key(provider)).await.unwrap();
        let ours = ModelsConfig::list();
        let mut ids = ours.models.iter().filter(|m| m.provider == provider);
        assert!(ids.all(|model| listed.contains(&model.id)), "{listed:?}");
        let failure = ask("wrong").await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::AuthenticationFailed);
    }
}
