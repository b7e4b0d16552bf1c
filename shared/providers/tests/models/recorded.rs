//! Real answers of the providers, served from here.

use std::path::PathBuf;

use super::{server::Server, *};

fn folder(provider: Provider) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = root
        .join("../../../shared/realworld/api")
        .join(provider.id());
    if !folder.exists() {
        eprintln!("skipped: recorded answers of {provider} are not here");
        return None;
    }
    Some(folder)
}

fn bodies(provider: Provider) -> Vec<(String, Value)> {
    let Some(folder) = folder(provider) else {
        return Vec::new();
    };
    let mut found: Vec<(String, Value)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() >= 10, "{provider}: {} bodies", found.len());
    found
}

/// The status in a file's name, as in `recorded-400-…` and `error-529-…`.
fn status(name: &str) -> u16 {
    name.split('-').nth(1).unwrap().parse().unwrap()
}

/// What a model makes of an answer, and the requests that it took.
async fn answered(
    provider: Provider,
    status: u16,
    body: &Value,
) -> (Result<Value, RecipeFailure>, Caller) {
    let server = Server::start(status, &[], body.to_string()).await;
    let config = ModelsConfig::list().with_base_url(provider.id(), &server.base_url);
    let models = ConfiguredModels::new(config, keys(&[(provider, "key")]), shared()).unwrap();
    let caller = caller();
    let opened = models.open(&caller, Purpose::Scoring).await.unwrap();
    // Recorded answers have their own shapes: any will do.
    let any = ModelRequest {
        schema: json!({}),
        ..request("scores", &scores_input())
    };
    (opened[0].answer(&any).await, caller)
}

/// What a body says by the documentation: text, or a tool's input; and its tokens in and out.
fn documented(provider: Provider, body: &Value) -> (Option<String>, Option<Value>, u64, u64) {
    let number = |pointer: &str| body.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let text = |pointer: &str| {
        let text = body.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    if provider == Provider::Anthropic {
        let tool = body.pointer("/content/0/input").cloned();
        let (fresh, read) = (
            number("/usage/input_tokens"),
            number("/usage/cache_read_input_tokens"),
        );
        return (
            text("/content/0/text"),
            tool,
            fresh + read,
            number("/usage/output_tokens"),
        );
    }
    let tool = text("/choices/0/message/tool_calls/0/function/arguments");
    let tool = tool.and_then(|arguments| serde_json::from_str(&arguments).ok());
    let said = text("/choices/0/message/content");
    let input = number("/usage/prompt_tokens");
    (said, tool, input, number("/usage/completion_tokens"))
}

#[tokio::test]
async fn recorded_answers_are_read_with_their_tokens() {
    for provider in Provider::ALL {
        let mut read = 0;
        for (name, body) in bodies(provider) {
            if status(&name) != 200 {
                continue;
            }
            read += 1;
            let (answer, caller) = answered(provider, 200, &body).await;
            let (text, tool, input, output) = documented(provider, &body);
            let used = used(&caller);
            assert_eq!(
                (used.input_tokens, used.output_tokens),
                (input, output),
                "{name}"
            );
            assert!(input > 0 && output > 0 && calls(&caller) == 1, "{name}");
            let as_json: Option<Value> = text.as_ref().and_then(|t| serde_json::from_str(t).ok());
            match (answer, as_json.or(tool.filter(|_| text.is_none()))) {
                (Ok(value), Some(expected)) => assert_eq!(value, expected, "{name}"),
                (Err(failure), None) => {
                    assert_eq!(failure.code, ErrorCode::ApiBadResponse, "{name}: {failure}");
                    let plain = |text: &str| -> String {
                        text.chars()
                            .filter(|c| !c.is_whitespace())
                            .take(40)
                            .collect()
                    };
                    let (_, begins) = failure.message.split_once("begins `").unwrap();
                    let (start, begins) = (plain(&text.unwrap()), plain(begins));
                    assert!(
                        begins.trim_end_matches('`').starts_with(&start),
                        "{name}: {failure}"
                    );
                }
                (answer, expected) => {
                    assert_eq!(answer.ok(), expected, "{name}");
                }
            }
        }
        assert!(
            read >= 5 || folder(provider).is_none(),
            "{provider}: {read}"
        );
    }
}

#[tokio::test]
async fn recorded_refusals_mean_what_is_documented() {
    use ErrorCode as E;
    for provider in Provider::ALL {
        for (name, body) in bodies(provider) {
            let status = status(&name);
            if status == 200 {
                continue;
            }
            let quota = name.contains("insufficient");
            let expected = match (provider, status) {
                (_, 401) => E::AuthenticationFailed,
                (_, 402) => E::ApiQuotaExceeded,
                (_, 429) if quota => E::ApiQuotaExceeded,
                (_, 429) => E::ApiRateLimit,
                (_, 500 | 529) => E::ApiUnavailable,
                (Provider::Groq, 404) => E::InvalidConfiguration,
                // All of Groq's recorded ones are of calls of tools that failed.
                (Provider::Groq, 400) => E::ApiBadResponse,
                (_, 400) => E::InvalidInput,
                other => unreachable!("{other:?} of `{name}` is not told here"),
            };
            let (answer, caller) = answered(provider, status, &body).await;
            let failure = answer.unwrap_err();
            assert_eq!(failure.code, expected, "{provider} {name}: {failure}");
            // Groq's recorded 429 asks for 17.359 s, which is left to the run's own policy.
            let wait = failure.retry_after_ms.unwrap_or(0);
            let once = !expected.retryable() || wait > 5_000;
            assert_eq!(calls(&caller) == 1, once, "{provider} {name}");
            if provider == Provider::Groq && status == 429 {
                assert_eq!(wait, 17_359);
            }
        }
    }
}
