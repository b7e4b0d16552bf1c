//! The suites of a tenant's store, one per port. Every method is called twice: the second call
//! changes nothing and answers like the first.

mod accounts;
mod drafts;
mod ledger;

use std::collections::BTreeMap;

use hunter_contracts::{AgentId, Balance, DraftId, RecipeId};

use crate::{
    store::{
        Alerts, AuditEvent, AuditLog, DraftFilter, PackKey, PackName, Packs, Put, Runs, Setup,
        StoreError, Suppression, SuppressionReason, Suppressions, TenantStore,
    },
    test_support::samples::{agent, alert, at, audit, lead, month, pack, plan, run, run_id},
};

pub use accounts::account_store;

/// Runs the suites of all ports on the store of one tenant, which must be empty.
pub async fn tenant_store(store: &dyn TenantStore) {
    unused_store(store).await;
    setup(store).await;
    runs(store).await;
    ledger::ledger(store).await;
    packs(store).await;
    drafts::drafts(store).await;
    alerts(store).await;
    suppressions(store).await;
    audit_log(store).await;
}

/// What an unused store answers.
pub async fn unused_store(store: &dyn TenantStore) {
    let id = run_id("exec_1");
    let key = PackKey::head(&id, RecipeId::Discovery);
    assert_eq!(store.plan().await.unwrap(), None);
    assert_eq!(store.balance().await.unwrap(), Balance::default());
    let agent = AgentId::new("agent_1").unwrap();
    assert_eq!(store.agent(&agent).await.unwrap(), None);
    assert_eq!(store.run(&id).await.unwrap(), None);
    assert_eq!(store.runs(10, None).await.unwrap().items, []);
    assert_eq!(store.hold(&id).await.unwrap(), None);
    assert_eq!(store.close(&id, at()).await.unwrap(), None);
    assert_eq!(store.ledger(10, None).await.unwrap().items, []);
    assert_eq!(store.api_calls(month()).await.unwrap(), 0);
    assert_eq!(store.pack(&key).await.unwrap(), None);
    assert_eq!(store.packs(&id, RecipeId::Discovery).await.unwrap(), []);
    let draft = DraftId::new("outreach_1").unwrap();
    assert_eq!(store.draft(&draft).await.unwrap(), None);
    let filter = DraftFilter::default();
    assert_eq!(store.drafts(&filter, 10, None).await.unwrap().items, []);
    assert_eq!(store.alerts(10, None).await.unwrap().items, []);
    for addresses in [vec![], vec!["a@b.example".to_owned()]] {
        assert_eq!(store.suppressed(&addresses).await.unwrap(), BTreeMap::new());
    }
    let day = jiff::civil::date(2025, 12, 14);
    assert_eq!(store.audit_log(day).await.unwrap(), []);
}

async fn setup(store: &dyn Setup) {
    for _ in 0..2 {
        store.put_plan(&plan()).await.unwrap();
        assert_eq!(store.plan().await.unwrap(), Some(plan()));
    }
    let id = AgentId::new("agent_1").unwrap();
    for (name, version) in [("one", 1), ("one", 1), ("two", 2), ("two", 2), ("one", 3)] {
        assert_eq!(store.put_agent(&agent(name)).await.unwrap(), version);
        assert_eq!(store.agent(&id).await.unwrap(), Some(agent(name)));
    }
}

async fn runs(store: &dyn Runs) {
    let tenant = store.tenant().as_str().to_owned();
    let of = |id: &str| run(&tenant, id);
    let missing = store.update_run(&of("exec_1")).await;
    assert!(
        matches!(missing, Err(StoreError::NotFound(_))),
        "{missing:?}"
    );
    for id in ["exec_1", "exec_2", "exec_3"] {
        assert_eq!(store.create_run(&of(id)).await.unwrap(), Put::New);
    }
    let mut changed = of("exec_2");
    changed.reason = Some("Ünïcode: \u{1F995}".into());
    for _ in 0..2 {
        store.update_run(&changed).await.unwrap();
        assert_eq!(
            store.run(&run_id("exec_2")).await.unwrap(),
            Some(changed.clone())
        );
    }
    // Another content under the same id changes nothing.
    let again = store.create_run(&of("exec_2")).await.unwrap();
    assert_eq!(again, Put::Existing(changed));
    let (mut listed, mut cursor) = (Vec::new(), None);
    for _ in 0..3 {
        let page = store.runs(1, cursor).await.unwrap();
        listed.extend(
            page.items
                .into_iter()
                .map(|run| run.execution_id.to_string()),
        );
        cursor = page.cursor;
    }
    assert_eq!(listed, ["exec_3", "exec_2", "exec_1"]);
    assert_eq!(cursor, None);
    for cursor in ["?", "", "AAAA", "ZXhlYyM"] {
        let foreign = store.runs(3, Some(cursor.into())).await;
        let refused = matches!(foreign, Err(StoreError::NotFound(_)));
        assert!(refused, "{cursor}: {foreign:?}");
    }
}

async fn packs(store: &dyn Packs) {
    let id = run_id("exec_1");
    let (discovery, intelligence) = (RecipeId::Discovery, RecipeId::Intelligence);
    let head = PackKey::head(&id, discovery);
    let first = pack("exec_1", discovery, Vec::new());
    let second = pack("exec_1", discovery, vec![lead(1), lead(2)]);
    assert_eq!(store.put_pack(&head, &first).await.unwrap(), Put::New);
    let again = store.put_pack(&head, &second).await.unwrap();
    assert_eq!(again, Put::Existing(first.clone()));
    let chunks = [
        PackKey::chunk(&id, discovery, Some("1a2b"), 0),
        PackKey::chunk(&id, discovery, Some("1a2b"), 1),
        PackKey::rejected(&id, discovery, "1a2b", 0),
    ];
    for key in &chunks {
        assert_eq!(store.put_pack(key, &second).await.unwrap(), Put::New);
        assert_eq!(store.pack(key).await.unwrap(), Some(second.clone()));
    }
    let other = PackKey::chunk(&id, intelligence, None, 0);
    assert_eq!(store.pack(&other).await.unwrap(), None);
    store.put_pack(&other, &first).await.unwrap();
    let listed = store.packs(&id, discovery).await.unwrap();
    let names = chunks.map(|key| (key.name, second.clone()));
    let expected = names.into_iter().chain([(PackName::Head, first.clone())]);
    assert_eq!(listed, expected.collect::<Vec<_>>());
    assert_eq!(
        store.packs(&id, intelligence).await.unwrap(),
        [(other.name, first)]
    );
    assert_eq!(store.packs(&run_id("exec_"), discovery).await.unwrap(), []);
}

async fn alerts(store: &dyn Alerts) {
    let tenant = store.tenant().as_str().to_owned();
    for new in [true, false] {
        for (id, created) in [("b", "10:15:00Z"), ("a", "10:15:00.5Z"), ("c", "09:00:00Z")] {
            let alert = alert(&tenant, id, &format!("2025-12-14T{created}"));
            assert_eq!(store.put_alert(&alert).await.unwrap(), new);
        }
    }
    let first = store.alerts(2, None).await.unwrap();
    let second = store.alerts(2, first.cursor).await.unwrap();
    let ids = first
        .items
        .iter()
        .chain(&second.items)
        .map(|alert| alert.id.as_str());
    assert_eq!(ids.collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(second.cursor, None);
}

async fn suppressions(store: &dyn Suppressions) {
    let of = |address: &str, reason| {
        Suppression::new(store.tenant(), address, reason, "hunter_io", at())
    };
    let first = of("Rajesh@Apollo.example", SuppressionReason::OptedOut);
    assert_eq!(store.suppress(&first).await.unwrap(), Put::New);
    // The reason that was there first stays, however the address is written.
    let mut later = of("rajesh+x@apollo.example", SuppressionReason::Manual);
    later.at = "2026-01-03T00:00:00Z".parse().unwrap();
    for _ in 0..2 {
        let again = store.suppress(&later).await.unwrap();
        assert_eq!(again, Put::Existing(first.clone()));
    }
    let other = of("info@apollo.example", SuppressionReason::Unsubscribed);
    store.suppress(&other).await.unwrap();
    // More than one batch takes, the same address twice, and one that is not listed.
    let mut asked: Vec<String> = (0..120).map(|n| format!("p{n}@free.example")).collect();
    let listed = [
        "rajesh@apollo.example",
        "RAJESH@apollo.example",
        "info@apollo.example",
    ];
    asked.extend(listed.map(str::to_owned));
    for _ in 0..2 {
        let found = store.suppressed(&asked).await.unwrap();
        let expected = [
            (listed[0].to_owned(), first.clone()),
            (listed[1].to_owned(), first.clone()),
            (listed[2].to_owned(), other.clone()),
        ];
        assert_eq!(found, BTreeMap::from(expected));
    }
}

async fn audit_log(store: &dyn AuditLog) {
    let (morning, noon) = ("2025-12-14T06:00:00Z", "2025-12-14T12:00:00Z");
    for _ in 0..2 {
        store
            .audit(&audit("credit_deducted:a", noon))
            .await
            .unwrap();
        store
            .audit(&audit("recipe_executed:b", morning))
            .await
            .unwrap();
        store
            .audit(&audit("next_day", "2025-12-15T00:00:00Z"))
            .await
            .unwrap();
    }
    // What stands is not written over.
    let mut other = audit("credit_deducted:a", noon);
    other.action.event = AuditEvent::DraftEdited;
    store.audit(&other).await.unwrap();
    let log = store
        .audit_log(jiff::civil::date(2025, 12, 14))
        .await
        .unwrap();
    assert_eq!(
        log,
        [
            audit("recipe_executed:b", morning),
            audit("credit_deducted:a", noon)
        ]
    );
}
