//! Items that cannot be read, and results that are too large.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use hunter_contracts::{DraftId, RecipeId, chain};
use hunter_core::{
    store::{PackKey, Put, StoreError},
    test_support::samples::{Words, agent, draft, lead, pack, run_id},
};
use serde_json::json;

use crate::support::Embedded;

async fn set(embedded: &Embedded, pk: &str, sk: &str, name: &str, value: AttributeValue) {
    let key = |text: &str| AttributeValue::S(text.to_owned());
    embedded
        .client
        .update_item()
        .table_name("hunter")
        .key("PK", key(pk))
        .key("SK", key(sk))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

/// A body that is not compressed.
fn body(json: &str) -> AttributeValue {
    let mut crc = flate2::Crc::new();
    crc.update(json.as_bytes());
    let mut body = vec![0];
    body.extend(crc.sum().to_be_bytes());
    body.extend(json.as_bytes());
    AttributeValue::B(Blob::new(body))
}

fn damaged<T: std::fmt::Debug>(answer: Result<T, StoreError>, says: &[&str]) {
    match answer {
        Err(error @ StoreError::Damaged(..))
            if says.iter().all(|part| chain(&error).contains(part)) => {}
        other => panic!("{says:?} expected: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_told_with_the_items_key() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let key = PackKey::head(&run_id("x"), RecipeId::Discovery);
    store
        .put_pack(&key, &pack("x", RecipeId::Discovery, vec![lead(1)]))
        .await
        .unwrap();
    let (pk, sk) = ("T#a#E#x", "P#discovery#head");
    for (body, says) in [
        (vec![], "empty"),
        (vec![1, 2, 3], "checksum"),
        (vec![0, 0, 0, 0, 0, b'{'], "checksum"),
        (vec![1, 0, 0, 0, 0, 0xff, 0xff], "unpacked"),
        (vec![9, 0, 0, 0, 0], "newer version"),
    ] {
        set(
            &embedded,
            pk,
            sk,
            "body",
            AttributeValue::B(Blob::new(body)),
        )
        .await;
        damaged(store.pack(&key).await, &[pk, sk, says]);
        damaged(
            store.packs(&run_id("x"), RecipeId::Discovery).await,
            &[says],
        );
        let again = store
            .put_pack(&key, &pack("x", RecipeId::Discovery, Vec::new()))
            .await;
        damaged(again, &[says]);
    }
    set(&embedded, pk, sk, "body", AttributeValue::S("text".into())).await;
    damaged(store.pack(&key).await, &[sk, "no body"]);

    set(
        &embedded,
        "T#a",
        "BAL",
        "avail",
        AttributeValue::N("1.5".into()),
    )
    .await;
    damaged(store.balance().await, &["BAL", "avail"]);
    set(
        &embedded,
        "T#a#E#x",
        "HOLD",
        "amount",
        AttributeValue::N("5".into()),
    )
    .await;
    damaged(store.hold(&run_id("x")).await, &["HOLD", "left"]);
    let body = AttributeValue::B(Blob::new(vec![0, 0, 0, 0, 0]));
    set(&embedded, "T#b#E#x", "P#discovery#x1", "body", body).await;
    let packs = embedded.tenant("b");
    let packs = packs.packs(&run_id("x"), RecipeId::Discovery).await;
    damaged(packs, &["P#discovery#x1", "no pack"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indexed_draft_that_is_gone_is_left_out() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let draft = draft("x", 1, 0.5);
    store.create_draft(&draft).await.unwrap();
    set(
        &embedded,
        "T#a#D",
        draft.job.id.as_str(),
        "body",
        AttributeValue::S("?".into()),
    )
    .await;
    let filter = hunter_core::store::DraftFilter::default();
    damaged(
        store.drafts(&filter, 10, None).await,
        &[draft.job.id.as_str()],
    );
    assert_eq!(
        store.draft(&DraftId::new("other").unwrap()).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_beyond_the_limit_is_refused_and_nothing_stands() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let key = PackKey::chunk(&run_id("x"), RecipeId::Discovery, None, 7);
    let mut words = Words::new(1);
    let mut large = lead(1);
    large.score_reasons = (0..200).map(|_| words.text(1_500)).collect();
    let refused = store
        .put_pack(&key, &pack("x", RecipeId::Discovery, vec![large.clone()]))
        .await;
    assert!(
        matches!(&refused, Err(StoreError::TooLarge(m)) if m.contains("c0007")),
        "{refused:?}"
    );
    assert_eq!(store.pack(&key).await.unwrap(), None);
    // Just below, DynamoDB itself takes it.
    large.score_reasons.truncate(60);
    let fits = pack("x", RecipeId::Discovery, vec![large]);
    assert_eq!(store.put_pack(&key, &fits).await.unwrap(), Put::New);
    assert_eq!(store.pack(&key).await.unwrap(), Some(fits));
    assert!(embedded.store.units().of("put_pack").write > 150.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_a_field_that_is_gone_is_refused_by_its_name() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let agent = agent("one");
    store.put_agent(&agent).await.unwrap();
    let mut stored = serde_json::to_value(&agent).unwrap();
    stored["auto_send"] = true.into();
    let key = format!("AGENT#{}", agent.agent_id);
    set(&embedded, "T#a", &key, "body", body(&stored.to_string())).await;
    damaged(store.agent(&agent.agent_id).await, &[&key, "`auto_send`"]);
}

/// As it was written before entries had the specification's form.
const FLAT_ENTRY: &str = r#"{"id":"audit_1","timestamp":"2025-12-14T10:16:00Z",
    "actor":["system","hunter"],"action":"recipe_executed","resource_id":"recipe_discovery",
    "execution_id":"exec_1","details":{"chunk":null,"status":"partial","records_failed":2}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_old_audit_entry_is_read_in_the_new_form() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let put = async |json: &str| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put = embedded.client.put_item().table_name("hunter-audit");
        let put = put.item("PK", text("T#a#A#20251214"));
        let put = put.item("SK", text("1f")).item("body", body(json));
        put.send().await.unwrap();
    };
    let day = jiff::civil::date(2025, 12, 14);
    put(FLAT_ENTRY).await;
    let log = store.audit_log(day).await.unwrap();
    let expected = json!([{
        "id": "audit_1", "timestamp": "2025-12-14T10:16:00Z",
        "actor": {"type": "system", "id": "hunter", "ip_address": null, "user_agent": null},
        "action": {
            "type": "recipe_executed", "resource": "recipe", "resource_id": "recipe_discovery"
        },
        "changes": {"before": {}, "after": {}, "delta": null},
        "context": {
            "customer_id": "a", "agent_id": null, "execution_id": "exec_1",
            "recipe_id": "discovery"
        },
        "result": {
            "status": "warning", "error_code": null,
            "details": {"chunk": null, "status": "partial", "records_failed": 2}
        }
    }]);
    assert_eq!(serde_json::to_value(&log).unwrap(), expected);
    put(&FLAT_ENTRY.replace("recipe_executed", "something_else")).await;
    let unknown = store.audit_log(day).await;
    damaged(unknown, &["T#a#A#20251214", "`something_else`"]);
}
