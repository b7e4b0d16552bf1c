//! What a run would trip over later is refused where it comes in, by its field.

use hunter_contracts::{AgentConfig, TenantId};
use serde_json::{Value, json};

use crate::fixture::{ADA, Fixture};

/// An agent with a value at a place of its JSON.
fn with(agent: &Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let mut agent = agent.clone();
    agent.pointer_mut(parent).unwrap()[field] = value;
    agent
}

/// What a recipe, a mail or a source would refuse later, and how it is told.
fn refused_later() -> Vec<(&'static str, Value, &'static str)> {
    let rule = |field: &str, value: Value| {
        let mut rule = json!({"id": "a", "trigger": "outreach_failed", "severity": "info",
            "channels": ["email"], "recipients": ["customer"], "enabled": true});
        rule[field] = value;
        rule
    };
    let long = |chars: usize| json!("x".repeat(chars));
    let hosts = |count: usize| (0..count).map(|n| format!("v{n}@x.de"));
    let consents: serde_json::Map<_, _> = hosts(1_001).map(|of| (of, json!(["sms"]))).collect();
    let source = "`target.source` is no source: use `google_places`, `overpass`, `web_search`";
    vec![
        (
            "/writing/template_context",
            long(100_000),
            "`writing.template_context` is longer than 200 characters",
        ),
        (
            "/outreach/channels",
            json!(vec!["email"; 2]),
            "`outreach.channels` names `email` twice",
        ),
        (
            "/outreach/channels",
            json!(vec!["email"; 15_000]),
            "`outreach.channels` names `email` twice",
        ),
        (
            "/outreach/consents",
            json!(consents),
            "`outreach.consents` holds 1001 entries: give at most 1000",
        ),
        (
            "/outreach/consents",
            json!({"a@b.de": ["sms", "sms"]}),
            "`outreach.consents` names `sms` twice",
        ),
        (
            "/outreach/consents",
            json!({"a\u{202e}b": ["sms"]}),
            r"`outreach.consents` has `a\u{202e}b`, which holds",
        ),
        (
            "/seller/sender_name",
            json!("Ada\r\nBcc: all@x.de"),
            "`seller.sender_name` holds line breaks",
        ),
        (
            "/seller/sender_email",
            json!("ada@x.de\n"),
            "`seller.sender_email` holds line breaks",
        ),
        (
            "/seller/company",
            json!("Ac\u{202e}me"),
            "`seller.company` holds line breaks, control characters or marks of direction",
        ),
        (
            "/seller/offer",
            json!("help\u{7}"),
            "`seller.offer` holds control characters",
        ),
        (
            "/seller/proof_points",
            json!([long(301)]),
            "`seller.proof_points[0]` is longer than 300",
        ),
        (
            "/seller/proof_points",
            json!(vec!["x"; 51]),
            "`seller.proof_points` holds 51 entries",
        ),
        (
            "/seller/postal_address",
            long(301),
            "`seller.postal_address` is longer than 300",
        ),
        (
            "/seller/offers_by_industry",
            json!({"a": long(301)}),
            "`seller.offers_by_industry` has `xxx",
        ),
        (
            "/seller/offers_by_industry",
            json!({"a\nb": "o"}),
            r"`seller.offers_by_industry` has `a\nb`, which holds line breaks",
        ),
        (
            "/ideal_customer",
            json!({"excluded_words": [long(101)]}),
            "`ideal_customer.excluded_words[0]` is longer than 100",
        ),
        (
            "/ideal_customer",
            json!({"industries": vec!["x"; 51]}),
            "`ideal_customer.industries` holds 51 entries",
        ),
        (
            "/ideal_customer",
            json!({"locations": ["a\u{2028}b"]}),
            "`ideal_customer.locations[0]` holds line breaks",
        ),
        ("/name", long(201), "`name` is longer than 200"),
        (
            "/alerts",
            json!(vec![rule("id", json!("a")); 21]),
            "`alerts` holds 21 entries: give at most 20",
        ),
        (
            "/alerts",
            json!([rule("recipients", hosts(11).collect())]),
            "`alerts[0].recipients` holds 11 entries",
        ),
        (
            "/alerts",
            json!([rule("template", long(4_001))]),
            "`alerts[0].template` is longer than 4000",
        ),
        (
            "/alerts",
            json!([rule("id", json!("a\tb"))]),
            "`alerts[0].id` holds line breaks",
        ),
        ("/target/source", json!("http://169.254.169.254/"), source),
        ("/target/source", json!("\u{fb01}le:/etc/passwd"), source),
        ("/target/source", json!("yellow_pages"), source),
        (
            "/target/source",
            json!("file:/etc/passwd"),
            "`target.source` names a file",
        ),
        (
            "/target/location",
            json!("Berlin\nMitte"),
            "`target.location` holds line breaks",
        ),
        (
            "/target/business_type",
            json!("\u{2067}Health"),
            "`target.business_type` holds line breaks",
        ),
    ]
}

#[tokio::test]
async fn what_a_recipe_would_refuse_is_refused_when_an_agent_is_set() {
    let fixture = Fixture::start().await;
    let call = "PUT /v1/agents/agent_1";
    let mut agent = fixture
        .ask(ADA, "GET /v1/agents/agent_1", None)
        .await
        .json();
    agent["outreach"] = json!({});
    agent["writing"] = json!({});
    for (pointer, value, told) in refused_later() {
        let bad = with(&agent, pointer, value);
        let detail = fixture.ask(ADA, call, Some(bad)).await.problem(422);
        assert!(detail.contains(told), "{pointer}: {detail}");
        assert!(detail.len() < 1_000, "{pointer}: {detail}");
    }
    // What is on the edge is taken.
    let lines = json!("12 Sample Street\n400050 Mumbai");
    for (pointer, value) in [
        ("/seller/postal_address", lines),
        ("/writing/template_context", json!("x".repeat(200))),
        (
            "/outreach/channels",
            json!(["email", "sms", "whatsapp", "facebook", "linkedin"]),
        ),
        ("/target/source", json!("web_search")),
        (
            "/seller/company",
            json!("Zahnärzte «Müller» & Söhne 牙科 👩\u{200d}⚕️"),
        ),
    ] {
        agent = with(&agent, pointer, value);
    }
    let stored = fixture.ask(ADA, call, Some(agent)).await;
    assert_eq!((stored.status, &stored.json()["version"]), (200, &json!(2)));
}

#[tokio::test]
async fn a_run_request_with_hidden_characters_or_an_unknown_source_is_refused() {
    let fixture = Fixture::start().await;
    for (field, value, told) in [
        (
            "keywords",
            json!(["a\u{200f}b"]),
            "`keywords[0]` holds line breaks",
        ),
        (
            "location",
            json!("Berlin\nMitte"),
            "`location` holds line breaks",
        ),
        (
            "business_type",
            json!("a\u{85}b"),
            "`business_type` holds line breaks",
        ),
        (
            "source",
            json!("http://169.254.169.254/"),
            "`source` is no source: use",
        ),
        (
            "source",
            json!("\u{fb01}le:/etc/passwd"),
            "`source` is no source: use",
        ),
    ] {
        let mut target = json!({"keywords": ["dentists"]});
        target[field] = value;
        let body = json!({"agent_id": "agent_1", "request": {"target": target}});
        let detail = fixture
            .ask(ADA, "POST /v1/runs", Some(body))
            .await
            .problem(422);
        assert!(detail.contains(told), "{field}: {detail}");
    }
    assert!(fixture.cloud.engine.executions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_run_of_an_agent_that_is_valid_no_longer_is_not_started() {
    let fixture = Fixture::start().await;
    let tenant = TenantId::new(ADA).unwrap();
    let store = fixture.cloud.control.store.tenant(&tenant);
    let id = "agent_1".parse().unwrap();
    let mut agent: AgentConfig = store.agent(&id).await.unwrap().unwrap();
    agent.writing.template_context = "x".repeat(100_000);
    store.put_agent(&agent).await.unwrap();
    let body = json!({"agent_id": "agent_1"});
    let detail = fixture
        .ask(ADA, "POST /v1/runs", Some(body))
        .await
        .problem(422);
    assert!(
        detail.contains("`writing.template_context` is longer than 200"),
        "{detail}"
    );
    assert!(fixture.cloud.engine.executions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_draft_and_a_schedule_take_no_hidden_characters() {
    let fixture = Fixture::start().await;
    let edit = "PATCH /v1/drafts/outreach_1";
    let reject = "POST /v1/drafts/outreach_1/reject";
    let schedule = "PUT /v1/agents/agent_1/schedule";
    for (call, body, told) in [
        (
            edit,
            json!({"text": "Hello \u{202e}you"}),
            "`text` holds control characters",
        ),
        (
            edit,
            json!({"text": "Hello \0you"}),
            "`text` holds control characters",
        ),
        (
            edit,
            json!({"subject": "Your \u{2066}clinic"}),
            "`subject` holds line breaks",
        ),
        (
            edit,
            json!({"subject": "a\r\nBcc: b"}),
            "`subject` holds line breaks",
        ),
        (
            reject,
            json!({"reason": "no\u{1b}[2J"}),
            "`reason` holds control characters",
        ),
        (
            schedule,
            json!({"expression": "cron(0\n8 ? * MON-FRI *)"}),
            "`expression`",
        ),
        (
            schedule,
            json!({"expression": "rate(1 day\u{202e})"}),
            "`expression`",
        ),
        (
            schedule,
            json!({"expression": "rate(1 day)", "timezone": "UTC\n"}),
            "`timezone`",
        ),
    ] {
        let detail = fixture.ask(ADA, call, Some(body)).await.problem(422);
        assert!(detail.contains(told), "{call}: {detail}");
        assert!(!detail.contains(['\n', '\u{202e}']), "{detail:?}");
    }
    let text = json!({"text": "Hello,\n\nwe help clinics."});
    assert_eq!(fixture.ask(ADA, edit, Some(text)).await.status, 200);
}
