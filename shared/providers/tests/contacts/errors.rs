//! Every documented error of every service.

use hunter_contracts::ErrorCode::{self, *};
use serde_json::json;

use super::{
    Bench,
    canned::{Canned, Server},
    query,
};

const KEYS: &[(&str, &str)] = &[
    ("hunter_io_key", "key"),
    ("rocketchat_key", "key"),
    ("clearbit_key", "key"),
];

/// The code, the wait, and the requests of one `find` at a service that answers just this.
async fn asked(service: &str, answer: Canned) -> (ErrorCode, Option<u64>, usize) {
    let server = Server::start(&[("/", &[answer])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source(service).await;
    let question = query("smile.example", Some("Smile"), &["Ada Lovelace"]);
    let failure = match source.find(&question).await {
        Err(failure) => failure,
        Ok(found) => panic!("{service}: no failure but {found:?}"),
    };
    assert_eq!(bench.caller.meter.cost().nanos(), 0, "{service}: {failure}");
    (failure.code, failure.retry_after_ms, server.seen().len())
}

async fn check(service: &str, rows: Vec<(Canned, ErrorCode, &str)>) {
    for (answer, expected, row) in rows {
        let (code, _, sent) = asked(service, answer).await;
        assert_eq!(code, expected, "{service}: {row}");
        // Only what may pass is tried again, and not for long.
        let tries = if expected.retryable() { 2..=3 } else { 1..=1 };
        assert!(tries.contains(&sent), "{service}: {row}: {sent} requests");
    }
}

#[tokio::test]
async fn hunter_io() {
    let error = |status: u16, id: &str| {
        let body = json!({"errors": [{"id": id, "code": status, "details": "words"}]});
        Canned::new(status, body.to_string())
    };
    let inside = |status: u16, code: u16| {
        let body = json!({"errors": [{"id": "x", "code": code, "details": "words"}]});
        Canned::new(status, body.to_string())
    };
    check(
        "hunter_io",
        vec![
            (
                error(400, "wrong_params"),
                InvalidInput,
                "a parameter is missing",
            ),
            (
                error(400, "invalid_type"),
                InvalidInput,
                "a parameter is wrong",
            ),
            (
                error(400, "pagination_error"),
                LimitExceeded,
                "the plan's page limit",
            ),
            (
                error(401, "authentication_failed"),
                AuthenticationFailed,
                "no such key",
            ),
            (
                error(403, "restricted_account"),
                AuthenticationFailed,
                "restricted account",
            ),
            (
                error(403, "too_many_requests"),
                ApiRateLimit,
                "403 is the rate limit",
            ),
            (
                Canned::new(403, "<html>"),
                ApiRateLimit,
                "403 without words",
            ),
            (
                error(422, "unprocessable"),
                InvalidInput,
                "not to be processed",
            ),
            (
                error(429, "too_many_requests"),
                ApiQuotaExceeded,
                "429 is the plan",
            ),
            (
                Canned::new(429, "<html>"),
                ApiQuotaExceeded,
                "429 without words",
            ),
            (error(500, "server_error"), ApiUnavailable, "their failure"),
            (
                Canned::new(502, "<html>"),
                ApiUnavailable,
                "their proxy's failure",
            ),
            (
                Canned::new(504, "<html>"),
                Timeout,
                "their proxy's patience",
            ),
            (inside(200, 429), ApiQuotaExceeded, "success that is none"),
            (inside(400, 403), ApiRateLimit, "the body decides"),
            (
                inside(404, 401),
                AuthenticationFailed,
                "the body decides on 404, too",
            ),
            (
                Canned::new(404, "<html>"),
                ApiBadResponse,
                "an address that is not theirs",
            ),
            (
                Canned::new(200, "<html>"),
                ApiBadResponse,
                "a page in place of data",
            ),
            (Canned::new(200, "{\"data\":"), ApiBadResponse, "cut off"),
            (
                Canned::new(200, "{\"data\":{\"emails\":7}}"),
                ApiBadResponse,
                "drift",
            ),
            (
                Canned::new(200, "{\"data\":[]}"),
                ApiBadResponse,
                "a list in place of an object",
            ),
            (Canned::new(200, ""), ApiBadResponse, "nothing at all"),
            (Canned::new(302, ""), ApiBadResponse, "a redirect"),
        ],
    )
    .await;
    let slow = Canned::new(429, "<html>").header("retry-after", "60");
    assert_eq!(
        asked("hunter_io", slow).await,
        (ApiRateLimit, Some(60_000), 1)
    );
}

#[tokio::test]
async fn rocketreach() {
    let detail =
        |status: u16, words: &str| Canned::new(status, json!({ "detail": words }).to_string());
    let message = json!({"status": 401, "message": "Invalid API Key"});
    check(
        "rocketreach",
        vec![
            (
                detail(400, "Specify a name."),
                InvalidInput,
                "a parameter is missing",
            ),
            (
                Canned::new(401, message.to_string()),
                AuthenticationFailed,
                "no such key",
            ),
            (detail(401, "Not provided."), AuthenticationFailed, "no key"),
            (detail(402, "No credits."), ApiQuotaExceeded, "no credits"),
            (
                detail(403, "You have run out of lookup credits."),
                ApiQuotaExceeded,
                "no credits",
            ),
            (
                detail(403, "No permission."),
                AuthenticationFailed,
                "not in the plan",
            ),
            (
                detail(429, "Request was throttled."),
                ApiRateLimit,
                "throttled",
            ),
            (
                Canned::new(500, "{\"error\":\"x\"}"),
                ApiUnavailable,
                "their failure",
            ),
            (Canned::new(503, "<html>"), ApiUnavailable, "down"),
            (
                detail(200, "You have run out of lookup credits."),
                ApiBadResponse,
                "not an answer",
            ),
            (
                Canned::new(404, "<html>"),
                ApiBadResponse,
                "an address that is not theirs",
            ),
            (
                Canned::new(200, "<html>"),
                ApiBadResponse,
                "a page in place of data",
            ),
        ],
    )
    .await;
    let words = json!({"detail": "Request was throttled."}).to_string();
    let slow = Canned::new(429, words).header("retry-after", "3600");
    assert_eq!(
        asked("rocketreach", slow).await,
        (ApiRateLimit, Some(3_600_000), 1)
    );
}

#[tokio::test]
async fn clearbit() {
    let error = |status: u16, kind: &str| {
        let body = json!({"error": {"type": kind, "message": "words"}});
        Canned::new(status, body.to_string())
    };
    check(
        "clearbit",
        vec![
            (
                error(400, "params_invalid"),
                InvalidInput,
                "a parameter is wrong",
            ),
            (
                error(401, "auth_invalid"),
                AuthenticationFailed,
                "no such key",
            ),
            (
                error(402, "over_quota"),
                ApiQuotaExceeded,
                "the plan is used up",
            ),
            (
                Canned::new(402, "{}"),
                ApiQuotaExceeded,
                "the plan is used up, without words",
            ),
            (error(422, "email_invalid"), InvalidInput, "not an address"),
            (error(429, "rate_limit"), ApiRateLimit, "too many calls"),
            (
                error(429, "over_quota"),
                ApiQuotaExceeded,
                "the type decides",
            ),
            (error(503, "internal_error"), ApiUnavailable, "down"),
            (
                error(200, "auth_invalid"),
                AuthenticationFailed,
                "success that is none",
            ),
            (
                Canned::new(404, "{}"),
                ApiBadResponse,
                "an address that is not theirs",
            ),
            (Canned::new(200, "{}"), ApiBadResponse, "drift"),
            (
                Canned::new(200, "<html>"),
                ApiBadResponse,
                "a page in place of data",
            ),
        ],
    )
    .await;
}
