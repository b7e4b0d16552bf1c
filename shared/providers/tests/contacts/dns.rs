//! Mail hosts: MX, null MX, addresses, and what nobody knows.

use std::time::Duration;

use hunter_contracts::ErrorCode;
use hunter_core::ports::MailHost;
use serde_json::{Value, json};

use super::{
    Bench,
    canned::{Canned, Server},
};

fn message(status: u16, records: &[(u16, &str)]) -> Canned {
    let records: Vec<Value> = records
        .iter()
        .map(|(kind, data)| json!({"name": "x.example", "type": kind, "TTL": 300, "data": data}))
        .collect();
    let mut body = json!({"Status": status, "TC": false, "Question": []});
    if !records.is_empty() {
        body["Answer"] = Value::Array(records);
    }
    Canned::new(200, body.to_string())
}

async fn look_up(answers: &[(&'static str, Canned)]) -> Result<MailHost, ErrorCode> {
    let answers: Vec<(&'static str, [Canned; 1])> = answers
        .iter()
        .map(|(part, canned)| (*part, [canned.clone()]))
        .collect();
    let answers: Vec<(&'static str, &[Canned])> = answers
        .iter()
        .map(|(part, canned)| (*part, canned.as_slice()))
        .collect();
    let server = Server::start(&answers).await;
    let bench = Bench::new(server.config(), &[]);
    let hosts = bench.mail_hosts().await;
    hosts
        .mail_host("x.example")
        .await
        .map_err(|failure| failure.code)
}

#[tokio::test]
async fn records_say_whether_mail_is_taken() {
    use MailHost::{Accepts, Refuses};
    let none = message(0, &[]);
    let cases = [
        (
            vec![("type=MX", message(0, &[(15, "10 mail.x.example.")]))],
            Ok(Accepts),
        ),
        // RFC 7505.
        (vec![("type=MX", message(0, &[(15, "0 .")]))], Ok(Refuses)),
        // An alias on the way is no mail host.
        (
            vec![(
                "type=MX",
                message(0, &[(5, "y.example."), (15, "10 mail.y.example.")]),
            )],
            Ok(Accepts),
        ),
        // RFC 5321 §5.1.
        (
            vec![
                ("type=MX", none.clone()),
                ("type=AAAA", none.clone()),
                ("type=A", message(0, &[(1, "192.0.2.1")])),
            ],
            Ok(Accepts),
        ),
        (
            vec![
                ("type=MX", message(0, &[(5, "y.example.")])),
                ("type=AAAA", message(0, &[(28, "2001:db8::1")])),
                ("type=A", none.clone()),
            ],
            Ok(Accepts),
        ),
        (vec![("type=", none.clone())], Ok(Refuses)),
        (vec![("type=", message(3, &[]))], Ok(Refuses)),
        // SERVFAIL and REFUSED say nothing of the domain.
        (
            vec![("type=", message(2, &[]))],
            Err(ErrorCode::ApiUnavailable),
        ),
        (
            vec![("type=", message(5, &[]))],
            Err(ErrorCode::ApiUnavailable),
        ),
        (
            vec![("type=MX", none), ("type=", message(2, &[]))],
            Err(ErrorCode::ApiUnavailable),
        ),
        (
            vec![("type=", Canned::new(400, "{}"))],
            Err(ErrorCode::InvalidInput),
        ),
        (
            vec![("type=", Canned::new(403, "no"))],
            Err(ErrorCode::InvalidConfiguration),
        ),
        (
            vec![("type=", Canned::new(429, "slow"))],
            Err(ErrorCode::ApiRateLimit),
        ),
        (
            vec![("type=", Canned::new(503, "down"))],
            Err(ErrorCode::ApiUnavailable),
        ),
        (
            vec![("type=", Canned::new(200, "<html>"))],
            Err(ErrorCode::ApiBadResponse),
        ),
        (
            vec![("type=", Canned::new(200, r#"{"Answer":[]}"#))],
            Err(ErrorCode::ApiBadResponse),
        ),
    ];
    for (number, (answers, expected)) in cases.into_iter().enumerate() {
        assert_eq!(look_up(&answers).await, expected, "case {number}");
    }
}

#[tokio::test]
async fn answers_are_remembered_for_their_time_and_failures_are_not() {
    let known = message(0, &[(15, "10 mail.x.example.")]);
    let answers = [message(2, &[]), known];
    let server = Server::start(&[("type=MX", &answers)]).await;
    let bench = Bench::new(server.config(), &[]);
    let hosts = bench.mail_hosts().await;
    hosts.mail_host("x.example").await.unwrap_err();
    for name in ["x.example", "X.Example", "x.example."] {
        assert_eq!(hosts.mail_host(name).await.unwrap(), MailHost::Accepts);
    }
    assert_eq!(server.seen().len(), 2);
    // Another customer's tools know it, too.
    let other = bench.mail_hosts().await;
    other.mail_host("x.example").await.unwrap();
    assert_eq!(server.seen().len(), 2);
    bench.clock.advance(Duration::from_secs(301));
    hosts.mail_host("x.example").await.unwrap();
    assert_eq!(server.seen().len(), 3);
    let (_, headers) = server.seen().pop().unwrap();
    assert_eq!(headers["accept"], "application/dns-json");
}

#[tokio::test]
async fn names_go_out_as_the_name_system_writes_them() {
    let server = Server::start(&[("type=MX", &[message(0, &[(15, "1 m.")])])]).await;
    let bench = Bench::new(server.config(), &[]);
    let hosts = bench.mail_hosts().await;
    hosts.mail_host("praxis-müller.example").await.unwrap();
    assert_eq!(server.asked("name=xn--praxis-mller-klb.example"), 1);
    for bad in ["", "localhost", "127.0.0.1", "a b"] {
        let failure = hosts.mail_host(bad).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{bad}");
    }
}
