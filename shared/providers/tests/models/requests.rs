//! What is sent: protocol, order, keys, and nothing that gives a model tools.

use super::{server::Server, *};

async fn sent(provider: Provider, change: impl Fn(String) -> String) -> server::Seen {
    let server = Server::start(500, &[], "{}".to_owned()).await;
    let list = change(include_str!("../../src/models/models.toml").to_owned());
    let config = ModelsConfig::parse(&list)
        .unwrap()
        .with_base_url(provider.id(), &server.base_url);
    let models = ConfiguredModels::new(config, keys(&[(provider, "sk-1")]), shared()).unwrap();
    let opened = models.open(&caller(), Purpose::Scoring).await.unwrap();
    let asked = request("scores", &scores_input());
    opened[0].answer(&asked).await.unwrap_err();
    let seen = server.seen.lock().unwrap();
    let seen = seen[0].clone();
    let text = seen.body.to_string();
    assert!(!text.contains("sk-1") && !seen.path.contains("sk-1"));
    assert!(seen.body.get("tools").is_none() || text.contains("tool_choice"));
    seen
}

#[tokio::test]
async fn anthropic_is_spoken_to_in_messages() {
    let seen = sent(Provider::Anthropic, |text| text).await;
    assert_eq!(seen.path, "/v1/messages");
    assert_eq!(seen.headers["x-api-key"], "sk-1");
    assert_eq!(seen.headers["anthropic-version"], "2023-06-01");
    assert_eq!(seen.body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(
        seen.body["system"][0]["cache_control"],
        json!({"type": "ephemeral"})
    );
    let input = seen.body["messages"][0]["content"].as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(input).unwrap(),
        scores_input()
    );
}

#[tokio::test]
async fn the_three_others_are_spoken_to_in_chat_completions() {
    for (provider, path, limit) in [
        (
            Provider::OpenAi,
            "/v1/chat/completions",
            "max_completion_tokens",
        ),
        (
            Provider::Groq,
            "/openai/v1/chat/completions",
            "max_completion_tokens",
        ),
        (Provider::DeepSeek, "/chat/completions", "max_tokens"),
    ] {
        let seen = sent(provider, |text| text).await;
        assert_eq!(seen.path, path);
        assert_eq!(seen.headers["authorization"], "Bearer sk-1");
        // What stays the same comes first, so that it can be cached.
        assert_eq!(seen.body["messages"][0]["role"], "system");
        let input = seen.body["messages"][1]["content"].as_str().unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(input).unwrap(),
            scores_input()
        );
        assert!(seen.body[limit].as_u64().unwrap() >= 1_500);
        if provider == Provider::DeepSeek {
            assert_eq!(seen.body["response_format"], json!({"type": "json_object"}));
            let system = seen.body["messages"][0]["content"].as_str().unwrap();
            assert!(system.contains("business_maturity"), "{system}");
        } else {
            let format = &seen.body["response_format"]["json_schema"];
            assert_eq!(
                (&format["name"], &format["strict"]),
                (&json!("scores"), &json!(true))
            );
            assert_eq!(format["schema"], schema("scores"));
        }
    }
}

#[tokio::test]
async fn a_tool_can_stand_in_for_structured_output() {
    let older = |text: String| {
        text.replace("claude-haiku-5-5", "claude-older")
            .replace("structured = \"json_schema\"\noutput_tokens_max = 128_000\nprice = { input = 0.10, cached = 0.01, cache_write = 0.125, output = 0.50, batch", "structured = \"tool\"\noutput_tokens_max = 128_000\nprice = { input = 0.10, cached = 0.01, cache_write = 0.125, output = 0.50, batch")
            .replace("request = { thinking = { type = \"disabled\" }, output_config = { effort = \"low\" } }", "")
    };
    let seen = sent(Provider::Anthropic, older).await;
    assert_eq!(seen.body["tool_choice"]["name"], "scores");
    let sandbox = sandbox(Faults::none()).await;
    let config = config(&sandbox, older);
    let held = keys(&[(Provider::Anthropic, Sandbox::ANTHROPIC_KEY)]);
    let models = ConfiguredModels::new(config, held, shared()).unwrap();
    let opened = models.open(&caller(), Purpose::Scoring).await.unwrap();
    let answer = opened[0]
        .answer(&request("scores", &scores_input()))
        .await
        .unwrap();
    assert_eq!(answer["scores"][0]["id"], "l1");
}
