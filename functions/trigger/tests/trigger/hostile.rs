//! Whatever comes: a clear refusal or a buried message, and nothing started.

use hunter_contracts::ErrorCode;
use serde_json::{Value, json};

use crate::support::{Bench, messages, request, tick};

fn with(mut base: Value, field: &str, value: Value) -> Value {
    base[field] = value;
    base
}

fn bodies() -> Vec<(&'static str, String, ErrorCode)> {
    use ErrorCode::{InvalidInput, LimitExceeded, NotFound};
    let good = request("exec_1").to_string();
    let target = |target: Value| with(request("exec_1"), "request", json!({ "target": target }));
    let long = "k".repeat(101);
    vec![
        ("nothing", String::new(), InvalidInput),
        ("space", "  \n".into(), InvalidInput),
        ("no JSON", "run please".into(), InvalidInput),
        (
            "half a request",
            good.chars().take(30).collect(),
            InvalidInput,
        ),
        ("more after it", format!("{good}{good}"), InvalidInput),
        ("null", "null".into(), InvalidInput),
        ("a list", format!("[{good}]"), InvalidInput),
        ("a text", json!(good).to_string(), InvalidInput),
        ("no fields", "{}".into(), InvalidInput),
        (
            "a field twice",
            good.replacen('{', r#"{"agent_id": "agent_1","#, 1),
            InvalidInput,
        ),
        (
            "an unknown field",
            with(request("exec_1"), "colour", json!(1)).to_string(),
            InvalidInput,
        ),
        (
            "a number for an id",
            with(request("exec_1"), "agent_id", json!(7)).to_string(),
            InvalidInput,
        ),
        (
            "a separator in an id",
            with(request("exec_1"), "customer_id", json!("cust#1")).to_string(),
            InvalidInput,
        ),
        (
            "an empty id",
            with(request("exec_1"), "execution_id", json!("")).to_string(),
            InvalidInput,
        ),
        (
            "an overlong id",
            with(request("exec_1"), "execution_id", json!("x".repeat(97))).to_string(),
            InvalidInput,
        ),
        (
            "control characters in an id",
            with(request("exec_1"), "execution_id", json!("a\u{0}\u{7}b")).to_string(),
            InvalidInput,
        ),
        (
            "depth",
            format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)),
            InvalidInput,
        ),
        (
            "a deep field",
            format!("{{\"request\":{}", "{\"target\":".repeat(3_000)),
            InvalidInput,
        ),
        (
            "size",
            with(request("exec_1"), "colour", json!("x".repeat(70_000))).to_string(),
            LimitExceeded,
        ),
        (
            "a threshold out of range",
            with(request("exec_1"), "request", json!({"threshold": 7})).to_string(),
            InvalidInput,
        ),
        (
            "no keyword",
            target(json!({"keywords": []})).to_string(),
            InvalidInput,
        ),
        (
            "an overlong keyword",
            target(json!({"keywords": [long]})).to_string(),
            InvalidInput,
        ),
        (
            "too many leads",
            target(json!({"keywords": ["x"], "max_results": 10_001})).to_string(),
            InvalidInput,
        ),
        (
            "a depth out of range",
            target(json!({"keywords": ["x"], "depth": 9})).to_string(),
            InvalidInput,
        ),
        (
            "an order to close",
            with(request("exec_1"), "close_only", json!("stopped")).to_string(),
            InvalidInput,
        ),
        (
            "an unknown agent",
            with(request("exec_1"), "agent_id", json!("agent_9")).to_string(),
            NotFound,
        ),
        (
            "another customer's agent",
            with(request("exec_1"), "customer_id", json!("cust_2")).to_string(),
            NotFound,
        ),
        ("a tick", tick("agent_1").to_string(), InvalidInput),
    ]
}

#[tokio::test]
async fn a_bad_message_is_buried_with_its_reason() {
    let bench = Bench::start().await;
    for (what, body, code) in bodies() {
        let answer = bench.handle(messages([body.clone()])).await.unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}), "{what}");
        let (letter, reason) = bench.buried().pop().unwrap();
        assert_eq!(letter, body, "{what}");
        assert_eq!(reason.code, code, "{what}: {reason}");
        assert!(
            !reason.message.is_empty() && reason.message.chars().count() <= 1_000,
            "{what}"
        );
        assert!(
            !reason.message.contains(char::is_control),
            "{what}: {reason}"
        );
    }
    assert_eq!(bench.buried().len(), bodies().len());
    assert_eq!(bench.engine.inputs(), []);
}

#[tokio::test]
async fn bad_messages_do_not_keep_good_ones_of_their_batch() {
    let bench = Bench::start().await;
    let mut all: Vec<String> = bodies().into_iter().map(|(_, body, _)| body).collect();
    all.insert(5, request("exec_good").to_string());
    let answer = bench.handle(messages(all)).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(bench.engine.inputs().len(), 1);
    assert_eq!(bench.buried().len(), bodies().len());
}

#[tokio::test]
async fn a_bad_tick_is_buried_with_its_reason() {
    let bench = Bench::start().await;
    for (what, event) in [
        (
            "no time",
            json!({"customer_id": "cust_1", "agent_id": "agent_1"}),
        ),
        (
            "no customer",
            json!({"agent_id": "agent_1", "scheduled_time": "2025-12-14T08:00:00Z"}),
        ),
        (
            "no date",
            with(tick("agent_1"), "scheduled_time", json!("tomorrow")),
        ),
        (
            "a placeholder left in",
            with(
                tick("agent_1"),
                "scheduled_time",
                json!("<aws.scheduler.scheduled-time>"),
            ),
        ),
        (
            "an unknown field",
            with(tick("agent_1"), "colour", json!(1)),
        ),
        (
            "a separator in an id",
            with(tick("agent_1"), "customer_id", json!("a#b")),
        ),
        (
            "a foreign agent",
            with(tick("agent_1"), "customer_id", json!("cust_2")),
        ),
        ("an unknown agent", tick("agent_9")),
    ] {
        let answer = bench.handle(event).await.unwrap();
        assert!(answer["buried"]["message"].is_string(), "{what}: {answer}");
    }
    assert_eq!(bench.buried().len(), 8);
    assert_eq!(bench.engine.inputs(), []);
}

#[tokio::test]
async fn any_other_event_is_refused_with_what_is_taken() {
    let bench = Bench::start().await;
    let record = |source: &str| {
        json!({"Records": [{
            "messageId": "m", "eventSource": source, "body": request("exec_1").to_string()
        }]})
    };
    for (what, event) in [
        ("null", json!(null)),
        ("a text", json!("tick")),
        ("a list", json!([request("exec_1")])),
        ("nothing", json!({})),
        (
            "an HTTP request",
            json!({"version": "2.0", "routeKey": "POST /v1/runs", "body": "{}"}),
        ),
        ("an event of a bucket", record("aws:s3")),
        (
            "messages of a topic",
            json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "{}"}}]}),
        ),
        ("records that are none", json!({"Records": "all"})),
        (
            "a message without an id",
            json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}),
        ),
        (
            "a message without a body",
            json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m"}]}),
        ),
        (
            "another event of EventBridge",
            json!({"detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2", "detail": {}}),
        ),
        (
            "a forged source",
            json!({
                "detail-type": "Step Functions Execution Status Change", "source": "mine",
                "detail": {"name": "x", "status": "FAILED", "input": "{}"}
            }),
        ),
        (
            "an end without details",
            json!({
                "detail-type": "Step Functions Execution Status Change", "source": "aws.states"
            }),
        ),
    ] {
        let failure = bench.handle(event).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{what}");
    }
    let failure = bench.handle(json!({})).await.unwrap_err();
    assert!(failure.message.contains("`Records`") && failure.message.contains("`agent_id`"));
    let many = messages((0..10_001).map(|_| ""));
    let failure = bench.handle(many).await.unwrap_err();
    assert!(failure.message.contains("10001"), "{failure}");
    assert_eq!(bench.engine.inputs(), []);
    assert_eq!(bench.buried(), []);
}

#[tokio::test]
async fn an_empty_batch_is_fine() {
    let bench = Bench::start().await;
    let answer = bench.handle(json!({"Records": []})).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
}
