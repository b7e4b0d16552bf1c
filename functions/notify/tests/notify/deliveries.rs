//! Once per alert and recipient, and nobody is forgotten.

use futures::future::join_all;
use hunter_contracts::ErrorCode;
use serde_json::json;

use crate::support::{ADMIN, Bench, CUSTOMER, alert, envelope, rule};

#[tokio::test]
async fn an_alert_without_a_rule_reaches_the_customer() {
    let bench = Bench::start().await;
    bench.done(&alert("alert_1")).await;
    let sent = bench.mail.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to, [CUSTOMER.parse().unwrap()]);
    assert_eq!(sent[0].subject, "[Error] Your run did not complete");
    assert!(sent[0].text.contains("The source refused."));
    assert!(
        sent[0]
            .html
            .as_ref()
            .unwrap()
            .contains("The source refused.")
    );
}

#[tokio::test]
async fn an_alert_in_the_envelope_of_its_topic_is_the_same() {
    let bench = Bench::start().await;
    let alert = alert("alert_1").to_string();
    for body in [envelope(&alert), alert] {
        assert_eq!(bench.handle([body]).await, Vec::<String>::new());
        assert_eq!(bench.reached(), [CUSTOMER]);
    }
}

#[tokio::test]
async fn five_deliveries_at_once_send_one_mail() {
    let bench = Bench::start().await;
    let body = alert("alert_1").to_string();
    join_all((0..5).map(|_| bench.handle([body.clone()]))).await;
    assert_eq!(bench.reached(), [CUSTOMER]);
    // Those that met the lease of the first one come again.
    assert_eq!(bench.handle([body]).await, Vec::<String>::new());
    assert_eq!(bench.reached(), [CUSTOMER]);
}

#[tokio::test]
async fn a_batch_is_served_alert_by_alert() {
    let bench = Bench::start().await;
    let bodies = (0..12).map(|n| alert(&format!("alert_{n}")).to_string());
    assert_eq!(bench.handle(bodies).await, Vec::<String>::new());
    assert_eq!(bench.reached().len(), 12);
}

#[tokio::test]
async fn a_mail_service_that_is_away_is_tried_again_for_whom_it_failed() {
    let bench =
        Bench::with_rules(json!([rule(json!({"recipients": ["customer", "admin"]}))])).await;
    bench.mail.fail(ADMIN, ErrorCode::ApiUnavailable);
    let body = alert("alert_1").to_string();
    assert_eq!(bench.handle([body.clone()]).await, ["m0"]);
    assert_eq!(bench.reached(), [CUSTOMER]);

    bench.mail.mend();
    // Its own lease still holds: it comes once more.
    assert_eq!(bench.handle([body.clone()]).await, ["m0"]);
    bench.clock.advance(notify::LEASE);
    assert_eq!(bench.handle([body]).await, Vec::<String>::new());
    assert_eq!(bench.reached(), [ADMIN, CUSTOMER]);
    assert_eq!(bench.buried(), []);
}

#[tokio::test]
async fn what_a_person_must_mend_is_buried_and_can_be_redriven() {
    let bench =
        Bench::with_rules(json!([rule(json!({"recipients": ["customer", "admin"]}))])).await;
    bench.mail.fail(ADMIN, ErrorCode::ApiQuotaExceeded);
    let body = alert("alert_1").to_string();
    assert_eq!(bench.handle([body.clone()]).await, Vec::<String>::new());
    let (letter, reason) = bench.buried().remove(0);
    assert_eq!(
        (letter.as_str(), reason.code),
        (body.as_str(), ErrorCode::ApiQuotaExceeded)
    );

    bench.mail.mend();
    bench.clock.advance(notify::LEASE);
    assert_eq!(bench.handle([letter]).await, Vec::<String>::new());
    assert_eq!(bench.reached(), [ADMIN, CUSTOMER]);
}

#[tokio::test]
async fn a_refused_recipient_is_noted_and_does_not_loop() {
    let bench =
        Bench::with_rules(json!([rule(json!({"recipients": ["customer", "admin"]}))])).await;
    bench.mail.fail(CUSTOMER, ErrorCode::InvalidInput);
    bench.done(&alert("alert_1")).await;
    assert_eq!(bench.reached(), [ADMIN]);
    assert_eq!(
        bench.not_delivered().await,
        ["email: the provider refuses the message or its recipient"]
    );
    assert_eq!(bench.buried(), []);
}

#[tokio::test]
async fn an_expired_alert_is_not_delivered() {
    for (expires_at, sent) in [
        ("2025-12-14T10:39:59Z", 0),
        ("2025-12-14T10:40:00Z", 0),
        ("2025-12-14T10:40:01Z", 1),
    ] {
        let bench = Bench::start().await;
        let mut alert = alert("alert_1");
        alert["expires_at"] = expires_at.into();
        bench.done(&alert).await;
        assert_eq!(bench.reached().len(), sent, "{expires_at}");
    }
}

#[tokio::test]
async fn a_customer_without_a_profile_gets_nothing_and_it_is_noted() {
    let bench = Bench::start().await;
    let mut foreign = alert("alert_1");
    foreign["customer_id"] = "cust_2".into();
    bench.done(&foreign).await;
    // Its run is another customer's: rules and profile of that one do not count.
    assert_eq!(bench.reached(), Vec::<String>::new());
    assert_eq!(bench.not_delivered().await, Vec::<String>::new());
    assert_eq!(bench.buried(), []);
}
