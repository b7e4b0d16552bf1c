//! Real functions in processes of their own, under a real Runtime API. A function is an ignored test
//! of this file: the test starts its own program again and runs nothing but that.

mod emf;
mod process;

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{
    ErrorCode, RecipeFailure, RecipeId, SubscriptionData, SubscriptionPayload, TenantId,
};
use hunter_core::{
    recipe::{Context, Outcome, Platform, Recipe},
    store::{Store, TenantStore},
    test_support::StoreDown,
};
use serde_json::{Value, json};

use crate::{Error, runtime_api::RuntimeApi, serve_event, serve_recipe, start};
use process::FunctionProcess;

/// What a function of these tests is asked to do.
async fn handle(event: Value) -> Result<Value, RecipeFailure> {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    match event["do"].as_str() {
        Some("fail") => {
            let code = serde_json::from_value(event["code"].clone()).unwrap();
            Err(RecipeFailure::new(code, text("message")))
        }
        Some("panic") => panic!("no `{}`", text("message")),
        Some("log") => {
            tracing::info!(target: "hunter_core::recipe::execute", chunk = 3, "step {}", "begins");
            Ok(json!("logged"))
        }
        Some("trace") => {
            let sent = std::env::var_os("_X_AMZN_TRACE_ID").unwrap_or_default();
            Ok(json!(sent.to_string_lossy()))
        }
        _ => Ok(event),
    }
}

/// A recipe over a store that is away.
struct Idle;

#[async_trait]
impl Recipe for Idle {
    const ID: RecipeId = RecipeId::Subscription;
    type Payload = SubscriptionPayload;
    type Data = SubscriptionData;

    fn validate(&self, _: &SubscriptionPayload) -> Result<(), RecipeFailure> {
        Ok(())
    }
    async fn run(
        &self,
        _: &Context,
        _: SubscriptionPayload,
    ) -> Result<Outcome<SubscriptionData>, RecipeFailure> {
        Err(RecipeFailure::internal("it does nothing"))
    }
}

struct Away;

impl Store for Away {
    fn tenant(&self, _: &TenantId) -> Arc<dyn TenantStore> {
        Arc::new(StoreDown::default())
    }
}

fn run_main(serve: impl Future<Output = Result<(), Error>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(start(serve))
}

#[test]
#[ignore = "a function that the tests start"]
fn event_function() {
    let code = run_main(serve_event(handle));
    panic!("it ended with {code:?}");
}

#[test]
#[ignore = "a function that the tests start"]
fn recipe_function() {
    let platform = Platform::new(
        Arc::new(Away),
        Arc::new(hunter_core::ports::SystemClock),
        hunter_contracts::Rates::published().unwrap(),
    );
    let code = run_main(serve_recipe(Idle, platform));
    panic!("it ended with {code:?}");
}

#[derive(Debug, thiserror::Error)]
#[error("environment variable `HUNTER_EXAMPLE` is not set: it holds an example")]
struct MissingVariable;

#[test]
#[ignore = "a function that the tests start"]
fn misconfigured_function() {
    let code = run_main(async {
        Err(MissingVariable)?;
        serve_event(handle).await
    });
    assert_eq!(code, ExitCode::FAILURE);
}

#[test]
#[ignore = "a function that the tests start"]
fn function_with_a_bad_part() {
    let code = run_main(async {
        let code = ErrorCode::SecretMissing;
        Err(RecipeFailure::new(code, "secret `example` is not set"))?;
        serve_event(handle).await
    });
    assert_eq!(code, ExitCode::FAILURE);
}

/// Every code there is: each has a page.
fn codes() -> BTreeSet<String> {
    let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
    let pages = std::fs::read_dir(pages).unwrap();
    let names = pages.map(|page| page.unwrap().file_name().into_string().unwrap());
    let codes = names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()));
    codes
        .filter(|code| code.to_uppercase() == *code && code != "README")
        .collect()
}

#[tokio::test]
async fn an_answer_is_answered_and_every_failure_has_its_code_as_error_type() {
    let api = RuntimeApi::start().await.unwrap();
    let function = FunctionProcess::start(&api, "event_function", &[]);
    let event = json!({ "customer_id": "cust_1", "n": 1.5 });
    assert_eq!(function.invoke(&api, &event).await, Ok(event));
    let codes = codes();
    assert!(codes.len() > 20, "{codes:?}");
    for code in &codes {
        let event = json!({ "do": "fail", "code": code, "message": "`x` is wrong: mend it" });
        let report = function.invoke(&api, &event).await.unwrap_err();
        assert_eq!(report.error_type, *code);
        assert_eq!(report.error_message, "`x` is wrong: mend it");
    }
    let written = function.end();
    // Once each, with the code.
    for code in &codes {
        let lines = written
            .logs
            .iter()
            .filter(|line| line["error_code"] == **code);
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["level"], "ERROR");
    }
    assert_eq!(written.logs.len(), codes.len(), "{:?}", written.logs);
}

#[tokio::test]
async fn an_event_that_is_not_json_is_invalid_input_and_the_next_one_works() {
    let api = RuntimeApi::start().await.unwrap();
    let function = FunctionProcess::start(&api, "event_function", &[]);
    for bad in [
        &b"{\"customer_id\": "[..],
        b"",
        b"Hi Rajesh",
        b"\"\xff\"",
        b"{\"a\" 1}",
    ] {
        let report = function.invoke_bytes(&api, bad).await.unwrap_err();
        assert_eq!(report.error_type, "INVALID_INPUT");
        assert!(report.error_message.contains("not JSON"), "{report:?}");
    }
    assert_eq!(function.invoke(&api, &json!([1])).await, Ok(json!([1])));
    let written = function.end();
    assert!(!written.text.contains("Rajesh"), "{}", written.text);
}

#[tokio::test]
async fn a_panic_is_reported_and_the_next_invocation_works() {
    let api = RuntimeApi::start().await.unwrap();
    let function = FunctionProcess::start(&api, "event_function", &[]);
    let event = json!({ "do": "panic", "message": "rajesh@x.in", "customer_id": "cust_1" });
    let report = function.invoke(&api, &event).await.unwrap_err();
    assert_eq!(report.error_type, "FUNCTION_FAILED");
    assert!(!report.error_message.contains("rajesh"), "{report:?}");
    assert_eq!(function.invoke(&api, &json!(1)).await, Ok(json!(1)));
    let written = function.end();
    let [line] = written.logs.as_slice() else {
        panic!("{:?}", written.logs)
    };
    assert_eq!(line["error_code"], "FUNCTION_FAILED");
    assert_eq!(line["tenant"], "cust_1");
    assert!(
        line["location"].as_str().unwrap().contains("tests/mod.rs"),
        "{line}"
    );
    assert!(!written.text.contains("rajesh"), "{}", written.text);
    assert_eq!(written.metrics[0]["status"], "error");
    assert_eq!(written.metrics[0]["failures"], 1);
}

#[tokio::test]
async fn lines_say_whose_they_are_and_nothing_of_what_was_sent() {
    let api = RuntimeApi::start().await.unwrap();
    // The runtime itself would log every event now.
    let function = FunctionProcess::start(&api, "event_function", &[("RUST_LOG", "trace")]);
    let event = |what: &str| {
        json!({
            "do": what, "code": "INVALID_INPUT",
            "message": "`to` is `rajesh@apollo-dental.com`, not \"Hi Rajesh, your clinic\"",
            "customer_id": "cust_1", "execution_id": "exec_1", "recipe_id": "outreach",
            "payload": { "body": "Hi Rajesh, your clinic", "to": "rajesh@apollo-dental.com" },
        })
    };
    function.invoke(&api, &event("log")).await.unwrap();
    function.invoke(&api, &event("fail")).await.unwrap_err();
    // What is no id is not logged as one.
    let odd = json!({ "do": "log", "customer_id": "rajesh@apollo-dental.com", "execution_id": 7 });
    function.invoke(&api, &odd).await.unwrap();
    // The run function is told whose it is one level below.
    let inner = json!({ "action": "open", "input": { "customer_id": "cust_2" } });
    function.invoke(&api, &inner).await.unwrap();
    let written = function.end();
    assert!(!written.text.contains("ajesh"), "{}", written.text);
    let lines = written.logs.iter().chain(&written.metrics);
    let own: Vec<_> = lines.filter(|line| line["tenant"] == "cust_1").collect();
    assert_eq!(own.len(), 4, "{own:?}");
    for line in own {
        assert_eq!(line["execution_id"], "exec_1", "{line}");
        assert_eq!(line["recipe"], "outreach", "{line}");
        assert_eq!(line["function"], "hunter-test-function", "{line}");
        assert_eq!(line["trace_id"], crate::runtime_api::TRACE_ID, "{line}");
        assert!(
            line["request_id"].as_str().unwrap().starts_with("request-"),
            "{line}"
        );
    }
    assert_eq!(written.logs[0]["chunk"], 3);
    assert_eq!(written.metrics[2].get("tenant"), None);
    assert_eq!(written.metrics[3]["tenant"], "cust_2");
}

#[tokio::test]
async fn the_trace_id_stands_where_the_sdk_takes_it_from() {
    let api = RuntimeApi::start().await.unwrap();
    let function = FunctionProcess::start(&api, "event_function", &[]);
    let answer = function.invoke(&api, &json!({ "do": "trace" })).await;
    assert_eq!(answer, Ok(json!(crate::runtime_api::TRACE_ID)));
}

#[tokio::test]
async fn metrics_are_one_line_per_invocation_and_the_first_one_is_cold() {
    let api = RuntimeApi::start().await.unwrap();
    let function = FunctionProcess::start(&api, "event_function", &[("RUST_LOG", "off")]);
    for event in [
        json!(1),
        json!({ "do": "fail", "code": "TIMEOUT" }),
        json!(2),
    ] {
        let _ = function.invoke(&api, &event).await;
    }
    let written = function.end();
    let column = |name: &str| -> Vec<Value> {
        written
            .metrics
            .iter()
            .map(|line| line[name].clone())
            .collect()
    };
    for line in &written.metrics {
        emf::check(line).unwrap();
    }
    assert_eq!(column("cold_start"), [1, 0, 0]);
    assert_eq!(column("status"), ["success", "error", "success"]);
    assert_eq!(column("failures"), [0, 1, 0]);
    assert_eq!(
        column("error_code"),
        [Value::Null, json!("TIMEOUT"), Value::Null]
    );
}

#[tokio::test]
async fn a_recipe_answers_failures_in_a_call_and_raises_those_of_a_step() {
    let api = RuntimeApi::start().await.unwrap();
    let function = FunctionProcess::start(&api, "recipe_function", &[]);
    let mut event = json!({
        "recipe_id": "subscription", "customer_id": "cust_1", "execution_id": "exec_1",
        "payload": { "credits_used_this_run": 1.5, "api_calls_this_run": 3 },
    });
    let answer = function.invoke(&api, &event).await.unwrap();
    assert_eq!(answer["output"]["status"], "failed");
    assert_eq!(answer["control"]["error_code"], "STORE_UNAVAILABLE");
    event["step"] = json!({ "attempt": 1 });
    let report = function.invoke(&api, &event).await.unwrap_err();
    assert_eq!(report.error_type, "STORE_UNAVAILABLE");
    event["recipe_id"] = json!("discovery");
    let report = function.invoke(&api, &event).await.unwrap_err();
    assert_eq!(report.error_type, "INVALID_INPUT");
    let written = function.end();
    for line in &written.metrics {
        emf::check(line).unwrap();
    }
    assert_eq!(written.metrics[0]["records_processed"], 0);
    assert_eq!(written.metrics[0]["status"], "failed");
    assert_eq!(written.metrics[1].get("records_processed"), None);
    let codes: Vec<_> = written
        .logs
        .iter()
        .map(|line| &line["error_code"])
        .collect();
    assert_eq!(
        codes,
        ["STORE_UNAVAILABLE", "STORE_UNAVAILABLE", "INVALID_INPUT"]
    );
}

#[tokio::test]
async fn a_failed_start_names_the_variable_once_and_is_reported() {
    for (name, code, text) in [
        (
            "misconfigured_function",
            "INVALID_CONFIGURATION",
            "environment variable `HUNTER_EXAMPLE` is not set: it holds an example",
        ),
        (
            "function_with_a_bad_part",
            "SECRET_MISSING",
            "secret `example` is not set",
        ),
    ] {
        let api = RuntimeApi::start().await.unwrap();
        let function = FunctionProcess::start(&api, name, &[]);
        let report = process::limited(api.init_error()).await.unwrap();
        assert_eq!(report.error_type, code);
        assert_eq!(report.header, code);
        assert_eq!(report.error_message, text);
        let written = function.wait();
        let [line] = written.logs.as_slice() else {
            panic!("{:?}", written.logs)
        };
        assert_eq!(line["error_code"], code);
        let message = line["message"].as_str().unwrap();
        assert_eq!(message, format!("the function cannot run: {text}"));
    }
}

#[tokio::test]
async fn outside_of_lambda_a_function_says_so() {
    let written = FunctionProcess::without_lambda("misconfigured_function").wait();
    assert_eq!(written.logs.len(), 1, "{}", written.text);
    let function = FunctionProcess::without_lambda("event_function");
    let written = function.wait();
    let message = written.logs[0]["message"].as_str().unwrap();
    assert!(
        message.contains("`AWS_LAMBDA_RUNTIME_API` is not set"),
        "{message}"
    );
}
