//! Whatever comes: a buried message with its reason, and nothing sent.

use hunter_contracts::ErrorCode;
use serde_json::{Value, json};

use crate::support::{Bench, CUSTOMER, alert, envelope, messages};

fn with(field: &str, value: Value) -> String {
    let mut alert = alert("alert_1");
    alert[field] = value;
    alert.to_string()
}

fn without(field: &str) -> String {
    let mut alert = alert("alert_1");
    alert.as_object_mut().unwrap().remove(field);
    alert.to_string()
}

fn bodies() -> Vec<(&'static str, String, ErrorCode)> {
    use ErrorCode::{InvalidInput, LimitExceeded};
    let good = alert("alert_1").to_string();
    let subscription = json!({"Type": "SubscriptionConfirmation", "Message": good, "Token": "x"});
    vec![
        ("nothing", String::new(), InvalidInput),
        ("space", "\n ".into(), InvalidInput),
        ("no JSON", "alarm!".into(), InvalidInput),
        (
            "half an alert",
            good.chars().take(50).collect(),
            InvalidInput,
        ),
        ("more after it", format!("{good} {good}"), InvalidInput),
        ("null", "null".into(), InvalidInput),
        ("a number", "7".into(), InvalidInput),
        ("a list", format!("[{good}]"), InvalidInput),
        ("a text", json!(good).to_string(), InvalidInput),
        ("no fields", "{}".into(), InvalidInput),
        (
            "a field twice",
            good.replacen('{', r#"{"title": "x","#, 1),
            InvalidInput,
        ),
        ("an unknown field", with("colour", json!(1)), InvalidInput),
        (
            "an unknown field inside",
            with("context", json!({"cause": "x"})),
            InvalidInput,
        ),
        ("no id", without("id"), InvalidInput),
        ("no customer", without("customer_id"), InvalidInput),
        ("no expiry", without("expires_at"), InvalidInput),
        (
            "a separator in an id",
            with("customer_id", json!("cust_1#x")),
            InvalidInput,
        ),
        (
            "an overlong id",
            with("id", json!("x".repeat(97))),
            InvalidInput,
        ),
        (
            "an unknown trigger",
            with("trigger_type", json!("coffee_empty")),
            InvalidInput,
        ),
        (
            "an unknown severity",
            with("severity", json!("fatal")),
            InvalidInput,
        ),
        (
            "a number for a title",
            with("title", json!(7)),
            InvalidInput,
        ),
        (
            "no date",
            with("expires_at", json!("tomorrow")),
            InvalidInput,
        ),
        (
            "a date out of range",
            with("expires_at", json!("99999-01-01T00:00:00Z")),
            InvalidInput,
        ),
        (
            "depth",
            format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)),
            InvalidInput,
        ),
        (
            "a deep context",
            with("context", json!({"recipe_id": [[[[]]]]})),
            InvalidInput,
        ),
        (
            "size",
            with("message", json!("x".repeat(70_000))),
            LimitExceeded,
        ),
        ("an envelope of no alert", envelope("{}"), InvalidInput),
        ("an envelope of nothing", envelope(""), InvalidInput),
        (
            "an envelope in an envelope",
            envelope(&envelope(&good)),
            InvalidInput,
        ),
        (
            "another message of a topic",
            subscription.to_string(),
            InvalidInput,
        ),
        (
            "an envelope without a message",
            json!({"Type": "Notification"}).to_string(),
            InvalidInput,
        ),
    ]
}

#[tokio::test]
async fn a_bad_message_is_buried_with_its_reason() {
    let bench = Bench::start().await;
    for (what, body, code) in bodies() {
        assert_eq!(
            bench.handle([body.clone()]).await,
            Vec::<String>::new(),
            "{what}"
        );
        let (letter, reason) = bench.buried().pop().unwrap();
        assert_eq!(letter, body, "{what}");
        assert_eq!(reason.code, code, "{what}: {reason}");
        assert!(
            !reason.message.is_empty() && reason.message.chars().count() <= 1_000,
            "{what}"
        );
    }
    assert_eq!(bench.buried().len(), bodies().len());
    assert_eq!(bench.reached(), Vec::<String>::new());
}

#[tokio::test]
async fn bad_messages_do_not_keep_good_ones_of_their_batch() {
    let bench = Bench::start().await;
    let mut all: Vec<String> = bodies().into_iter().map(|(_, body, _)| body).collect();
    all.insert(7, alert("alert_good").to_string());
    assert_eq!(bench.handle(all).await, Vec::<String>::new());
    assert_eq!(bench.reached(), [CUSTOMER]);
}

#[tokio::test]
async fn hostile_words_of_an_alert_stay_words() {
    let bench = Bench::start().await;
    let mut alert = alert("alert_1");
    alert["title"] = "x\r\nBcc: all@example.com\r\n\r\n<script>".into();
    alert["message"] = "<img src=x onerror=alert(1)>{title}".into();
    bench.done(&alert).await;
    let sent = bench.mail.sent.lock().unwrap().clone();
    assert_eq!(sent[0].to, [CUSTOMER.parse().unwrap()]);
    assert!(
        !sent[0].subject.contains(char::is_control),
        "{}",
        sent[0].subject
    );
    let html = sent[0].html.as_ref().unwrap();
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{html}"
    );
}

#[tokio::test]
async fn any_other_event_is_refused() {
    let bench = Bench::start().await;
    for (what, event) in [
        ("null", json!(null)),
        ("an alert by itself", alert("alert_1")),
        ("nothing", json!({})),
        (
            "messages of a topic",
            json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "{}"}}]}),
        ),
        (
            "records of a bucket",
            json!({"Records": [{"messageId": "m", "body": "{}", "eventSource": "aws:s3"}]}),
        ),
        (
            "a message without an id",
            json!({"Records": [{"body": "{}", "eventSource": "aws:sqs"}]}),
        ),
        ("too many", messages((0..10_001).map(|_| ""))),
    ] {
        let failure = notify::handle(&bench.notify, event).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{what}");
    }
    assert_eq!(bench.buried(), []);
}
