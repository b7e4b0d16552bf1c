//! Hostile requests: never a failure of ours, always a problem that says why.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::fixture::{ADA, Fixture};

type Header = (&'static str, &'static str);
/// A name, the body and its headers; the status and words of the problem.
type Case = (&'static str, Vec<u8>, Vec<Header>, u16, &'static str);

const JSON: Header = ("content-type", "application/json");

#[tokio::test]
async fn hostile_bodies_are_refused() {
    let fixture = Fixture::start().await;
    let deep = format!("{{\"agent_id\":{}{}}}", "[".repeat(60), "]".repeat(60));
    let endless = "[".repeat(100_000);
    let large = format!("{{\"agent_id\":\"{}\"}}", "a".repeat(256 * 1024));
    let good = r#"{"agent_id":"agent_1"}"#;
    let table: Vec<Case> = vec![
        ("empty", vec![], vec![JSON], 400, "not usable JSON"),
        (
            "half",
            b"{\"agent_id\":".to_vec(),
            vec![JSON],
            400,
            "not usable JSON",
        ),
        ("two", b"{}{}".to_vec(), vec![JSON], 400, "trailing"),
        (
            "a list",
            b"[]".to_vec(),
            vec![JSON],
            400,
            "not a JSON object",
        ),
        (
            "null",
            b"null".to_vec(),
            vec![JSON],
            400,
            "not a JSON object",
        ),
        (
            "a text",
            b"\"agent_1\"".to_vec(),
            vec![JSON],
            400,
            "not a JSON object",
        ),
        (
            "a key twice",
            br#"{"agent_id":"agent_1","agent_id":"agent_2"}"#.to_vec(),
            vec![JSON],
            400,
            "`agent_id` stands there twice",
        ),
        (
            "a key twice below",
            br#"{"agent_id":"agent_1","request":{"threshold":0.7,"threshold":0.1}}"#.to_vec(),
            vec![JSON],
            400,
            "`threshold` stands there twice",
        ),
        ("deep", deep.into_bytes(), vec![JSON], 400, "too deep"),
        ("endless", endless.into_bytes(), vec![JSON], 400, "too deep"),
        (
            "not UTF-8",
            b"{\"agent_id\":\"\xff\"}".to_vec(),
            vec![JSON],
            400,
            "not usable JSON",
        ),
        (
            "a byte order mark",
            b"\xef\xbb\xbf{}".to_vec(),
            vec![JSON],
            400,
            "not usable JSON",
        ),
        (
            "a number without end",
            b"{\"agent_id\":1e99999}".to_vec(),
            vec![JSON],
            400,
            "out of range",
        ),
        (
            "nulls",
            br#"{"agent_id":null}"#.to_vec(),
            vec![JSON],
            400,
            "`agent_id`",
        ),
        (
            "a zero",
            br#"{"agent_id":"a\u0000b"}"#.to_vec(),
            vec![JSON],
            400,
            "`agent_id`",
        ),
        (
            "large",
            large.clone().into_bytes(),
            vec![JSON],
            413,
            "larger than 262144 bytes",
        ),
        (
            "large and no JSON",
            large.into_bytes(),
            vec![],
            413,
            "larger than",
        ),
        ("no type", good.into(), vec![], 415, "`content-type`"),
        (
            "a form",
            b"agent_id=agent_1".to_vec(),
            vec![("content-type", "application/x-www-form-urlencoded")],
            415,
            "`content-type`",
        ),
        (
            "a text of JSON",
            good.into(),
            vec![("content-type", "text/plain")],
            415,
            "`content-type`",
        ),
        (
            "another charset",
            good.into(),
            vec![("content-type", "application/json; charset=utf-16")],
            415,
            "`content-type`",
        ),
        (
            "two types",
            good.into(),
            vec![JSON, JSON],
            415,
            "`content-type`",
        ),
        (
            "compressed",
            vec![0x1f, 0x8b, 8, 0],
            vec![JSON, ("content-encoding", "gzip")],
            400,
            "not usable JSON",
        ),
    ];
    let bearer = format!("Bearer {}", fixture.token(ADA));
    for (name, body, own, status, problem) in table {
        let mut headers: Vec<(&str, &str)> = vec![("authorization", &bearer)];
        headers.extend(own);
        let answer = fixture.send("POST /v1/runs", &headers, Some(body)).await;
        let detail = answer.problem(status);
        assert!(detail.contains(problem), "{name}: {detail}");
    }
    assert!(fixture.cloud.engine.executions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn hostile_queries_and_paths_are_refused() {
    let fixture = Fixture::start().await;
    let cursor = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let (low, high, long) = (
        cursor("\u{0}"),
        cursor("\u{10ffff}"),
        cursor(&"x".repeat(1_500)),
    );
    let leads = |begin: &str| format!("GET /v1/runs/exec_1/leads?cursor={}", cursor(begin));
    let table = [
        ("GET /v1/runs?limit=0", 400),
        ("GET /v1/runs?limit=101", 400),
        ("GET /v1/runs?limit=-1", 400),
        ("GET /v1/runs?limit=1.5", 400),
        ("GET /v1/runs?limit=99999999999999999999", 400),
        ("GET /v1/runs?limit=", 400),
        ("GET /v1/runs?limit=1&limit=2", 400),
        ("GET /v1/runs?offset=1", 400),
        ("GET /v1/runs?cursor=%00", 400),
        ("GET /v1/runs?cursor=", 400),
        ("GET /v1/runs?cursor=!!!", 400),
        (&format!("GET /v1/runs?cursor={low}"), 400),
        (&format!("GET /v1/drafts?cursor={high}"), 400),
        (&format!("GET /v1/alerts?cursor={long}"), 400),
        (&leads("exec_1#4"), 400),
        (&leads("exec_1#18446744073709551615"), 400),
        (&leads("exec_2#1"), 400),
        ("GET /v1/drafts?status=sent", 400),
        ("GET /v1/drafts?run=a%23b", 400),
        ("GET /v1/drafts?status=approved&status=rejected", 400),
        ("GET /v1/runs/a%23b", 404),
        ("GET /v1/runs/%ff", 404),
        ("GET /v1/runs/%00", 404),
        ("GET /v1/runs/exec_1%2Fleads", 404),
        ("GET /v1/runs/", 404),
        ("GET /v1//runs", 404),
        ("GET /v1/runs/exec_1/", 404),
        ("GET /", 404),
        ("GET /v2/runs", 404),
        ("GET /v1/errors/NOT_A_CODE", 404),
        ("DELETE /v1/runs/nobody", 404),
    ];
    for (call, status) in table {
        fixture.ask(ADA, call, None).await.problem(status);
    }
    let long = format!("GET /v1/runs/{}", "x".repeat(4_000));
    fixture.ask(ADA, &long, None).await.problem(404);
}
