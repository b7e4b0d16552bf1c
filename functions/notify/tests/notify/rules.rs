//! What the agent's rules say is what happens.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{ADMIN, Bench, CUSTOMER, alert, rule};

const HOUR: Duration = Duration::from_hours(1);

/// Rules, whom one alert reaches, and what is noted as not delivered.
fn cases() -> Vec<(&'static str, Value, Vec<&'static str>, Vec<&'static str>)> {
    let eleven: Vec<String> = (0..11).map(|n| format!("p{n:02}@team.example")).collect();
    let ten: Vec<&str> = vec![
        "p00@team.example",
        "p01@team.example",
        "p02@team.example",
        "p03@team.example",
        "p04@team.example",
        "p05@team.example",
        "p06@team.example",
        "p07@team.example",
        "p08@team.example",
        "p09@team.example",
    ];
    let unusable =
        "email: a recipient is neither `customer` nor `admin` nor one plain e-mail address";
    let later = |channel: &str| format!("{channel}: channel not available yet");
    let (sms, whatsapp): (&str, &str) = (later("sms").leak(), later("whatsapp").leak());
    vec![
        ("no rule", json!([]), vec![CUSTOMER], vec![]),
        (
            "a rule for something else",
            json!([rule(
                json!({"trigger": "outreach_failed", "enabled": false})
            )]),
            vec![CUSTOMER],
            vec![],
        ),
        (
            "a plain rule",
            json!([rule(json!({}))]),
            vec![CUSTOMER],
            vec![],
        ),
        (
            "switched off",
            json!([rule(json!({"enabled": false}))]),
            vec![],
            vec![],
        ),
        (
            "one of two switched off",
            json!([
                rule(json!({"enabled": false})),
                rule(json!({"id": "b", "recipients": ["admin"]}))
            ]),
            vec![ADMIN],
            vec![],
        ),
        (
            "an admin",
            json!([rule(json!({"recipients": ["admin", "customer"]}))]),
            vec![ADMIN, CUSTOMER],
            vec![],
        ),
        (
            "an address",
            json!([rule(json!({"recipients": ["ops@team.example"]}))]),
            vec!["ops@team.example"],
            vec![],
        ),
        (
            "the same one three times",
            json!([rule(
                json!({"recipients": ["customer", CUSTOMER, "ANA@customer.example"]})
            )]),
            vec![CUSTOMER],
            vec![],
        ),
        (
            "two rules for the same one",
            json!([rule(json!({})), rule(json!({"id": "b"}))]),
            vec![CUSTOMER],
            vec![],
        ),
        (
            "nobody",
            json!([rule(json!({"recipients": []}))]),
            vec![],
            vec![],
        ),
        (
            "no channel",
            json!([rule(json!({"channels": []}))]),
            vec![],
            vec![],
        ),
        (
            "the app alone",
            json!([rule(json!({"channels": ["app_notification"]}))]),
            vec![],
            vec![],
        ),
        (
            "the specification's channels",
            json!([rule(json!({"channels": ["email", "sms", "whatsapp"]}))]),
            vec![CUSTOMER],
            vec![sms, whatsapp],
        ),
        (
            "a channel of tomorrow alone",
            json!([rule(json!({"channels": ["sms"], "max_frequency_hours": 1}))]),
            vec![],
            vec![sms],
        ),
        (
            "no address",
            json!([rule(json!({"recipients": ["everybody", "customer"]}))]),
            vec![CUSTOMER],
            vec![unusable],
        ),
        (
            "two addresses in one",
            json!([rule(json!({"recipients": ["a@b.example,c@d.example"]}))]),
            vec![],
            vec![unusable],
        ),
        (
            "a header in an address",
            json!([rule(
                json!({"recipients": ["a@b.example\r\nBcc: c@d.example"]})
            )]),
            vec![],
            vec![unusable],
        ),
        (
            "too many",
            json!([rule(json!({"recipients": eleven}))]),
            ten,
            vec!["email: a rule has more than 10 recipients: the rest is left out"],
        ),
        (
            "an endless window",
            json!([rule(json!({"max_frequency_hours": u32::MAX}))]),
            vec![CUSTOMER],
            vec![],
        ),
        (
            "no window",
            json!([rule(json!({"max_frequency_hours": 0}))]),
            vec![CUSTOMER],
            vec![],
        ),
    ]
}

#[tokio::test]
async fn a_rule_says_whom_and_how() {
    for (what, rules, reached, noted) in cases() {
        let bench = Bench::with_rules(rules).await;
        bench.done(&alert("alert_1")).await;
        assert_eq!(bench.reached(), reached, "{what}");
        assert_eq!(bench.not_delivered().await, noted, "{what}");
        // A second delivery changes nothing.
        bench.done(&alert("alert_1")).await;
        assert_eq!(bench.reached(), reached, "{what}, again");
        assert_eq!(bench.not_delivered().await, noted, "{what}, again");
        assert_eq!(bench.buried(), [], "{what}");
    }
}

#[tokio::test]
async fn no_admin_is_noted() {
    let mut bench = Bench::with_rules(json!([rule(json!({"recipients": ["admin"]}))])).await;
    bench.notify.admin_email = None;
    bench.done(&alert("alert_1")).await;
    assert_eq!(
        bench.not_delivered().await,
        ["email: no e-mail address of an admin is configured"]
    );
}

#[tokio::test]
async fn a_rule_speaks_at_most_once_per_window() {
    let bench = Bench::with_rules(json!([rule(json!({"max_frequency_hours": 1}))])).await;
    for (id, wait, mails) in [
        ("alert_1", Duration::ZERO, 1),
        ("alert_2", Duration::ZERO, 1),
        ("alert_3", HOUR / 2, 1),
        ("alert_4", HOUR / 2, 2),
        ("alert_5", HOUR - Duration::from_secs(1), 2),
        ("alert_6", Duration::from_secs(1), 3),
    ] {
        bench.clock.advance(wait);
        bench.done(&alert(id)).await;
        assert_eq!(bench.reached().len(), mails, "{id}");
    }
}

#[tokio::test]
async fn windows_of_different_rules_do_not_meet() {
    let bench = Bench::with_rules(json!([
        rule(json!({"max_frequency_hours": 1})),
        rule(json!({"trigger": "outreach_failed", "max_frequency_hours": 1})),
        rule(json!({"id": "b", "recipients": ["admin"], "max_frequency_hours": 24})),
    ]))
    .await;
    bench.done(&alert("alert_1")).await;
    let mut other = alert("alert_2");
    other["trigger_type"] = "outreach_failed".into();
    bench.done(&other).await;
    assert_eq!(bench.reached(), [ADMIN, CUSTOMER, CUSTOMER]);
    bench.clock.advance(HOUR);
    bench.done(&alert("alert_3")).await;
    assert_eq!(bench.reached(), [ADMIN, CUSTOMER, CUSTOMER, CUSTOMER]);
}

#[tokio::test]
async fn an_alert_that_could_not_be_sent_keeps_its_window() {
    let bench = Bench::with_rules(json!([rule(json!({"max_frequency_hours": 1}))])).await;
    bench
        .mail
        .fail(CUSTOMER, hunter_contracts::ErrorCode::ConnectionError);
    assert_eq!(bench.handle([alert("alert_1").to_string()]).await, ["m0"]);
    bench.mail.mend();
    bench.clock.advance(notify::LEASE);
    bench.done(&alert("alert_2")).await;
    assert_eq!(bench.reached().len(), 0);
    bench.done(&alert("alert_1")).await;
    assert_eq!(bench.reached().len(), 1);
}

#[tokio::test]
async fn the_rules_of_now_count_and_not_those_of_the_run() {
    let bench = Bench::with_rules(json!([rule(json!({}))])).await;
    bench
        .set_rules(json!([rule(json!({"recipients": ["admin"]}))]))
        .await;
    bench.done(&alert("alert_1")).await;
    assert_eq!(bench.reached(), [ADMIN]);
}

#[tokio::test]
async fn a_template_replaces_the_text_and_says_what_it_cannot() {
    let template = "Hello, {title}: {message} ({colour})";
    let bench = Bench::with_rules(json!([rule(json!({"template": template}))])).await;
    bench.done(&alert("alert_1")).await;
    let sent = bench.mail.sent.lock().unwrap().clone();
    let text = &sent[0].text;
    assert!(
        text.contains("Hello, Your run did not complete: The source refused. ()"),
        "{text}"
    );
    assert!(text.contains("{colour}, which is no placeholder"), "{text}");
}

#[tokio::test]
async fn the_severity_stands_in_the_subject() {
    for (severity, subject) in [
        ("info", "[Info] Your run did not complete"),
        ("warning", "[Warning] Your run did not complete"),
        ("error", "[Error] Your run did not complete"),
    ] {
        let bench = Bench::start().await;
        let mut alert = alert("alert_1");
        alert["severity"] = severity.into();
        bench.done(&alert).await;
        assert_eq!(bench.mail.sent.lock().unwrap()[0].subject, subject);
    }
}
