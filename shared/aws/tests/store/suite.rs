//! Every method of the store, each called twice: the second call changes nothing and answers like
//! the first.

use std::collections::{BTreeMap, BTreeSet};

use hunter_contracts::{
    AgentId, Balance, BillingMonth, DraftId, DraftStatus, EntryKind, Hold, RecipeId,
};
use hunter_core::store::{
    DraftFilter, PackKey, Put, StoreError, Suppression, SuppressionReason, TenantStore,
};
use hunter_ledger::check;

use crate::{
    samples::{
        agent, alert, at, audit, debit, draft, lead, micros, month, pack, plan, run, run_id,
    },
    support::Embedded,
};

/// Runs everything on the store of one tenant, which must be empty.
pub async fn suite(store: &dyn TenantStore) {
    nothing(store).await;
    plans_and_agents(store).await;
    runs(store).await;
    credits(store).await;
    calls(store).await;
    packs(store).await;
    drafts(store).await;
    alerts(store).await;
    suppressions(store).await;
    audit_log(store).await;
}

/// What an unused store answers.
pub async fn nothing(store: &dyn TenantStore) {
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

async fn plans_and_agents(store: &dyn TenantStore) {
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

async fn runs(store: &dyn TenantStore) {
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
}

async fn credits(store: &dyn TenantStore) {
    let id = run_id("exec_1");
    let balance = |avail, held, spent| Balance {
        avail: micros(avail),
        held: micros(held),
        spent: micros(spent),
    };
    let hold = |left, settled, open| Hold {
        amount: micros(60),
        left: micros(left),
        settled: micros(settled),
        open,
    };
    for later in ["2025-12-14T10:15:00Z", "2026-01-03T00:00:00Z"] {
        store
            .grant("plan:2025-12", micros(100), later.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(store.balance().await.unwrap(), balance(100, 0, 0));
    }
    let other = store.grant("plan:2025-12", micros(101), at()).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))), "{other:?}");

    let too_much = store.reserve(&id, micros(101), at()).await;
    let (needed, available) = (micros(101), micros(100));
    assert_eq!(
        too_much,
        Err(StoreError::Insufficient { needed, available })
    );
    assert_eq!(store.hold(&id).await.unwrap(), None);
    assert_eq!(
        store.reserve(&id, micros(60), at()).await.unwrap(),
        Put::New
    );
    let next_month = "2026-01-03T00:00:00Z".parse().unwrap();
    let again = store.reserve(&id, micros(60), next_month).await.unwrap();
    assert_eq!(again, Put::Existing(hold(60, 0, true)));
    let other = store.reserve(&id, micros(61), at()).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))), "{other:?}");

    let chunk = |amounts: &[i64]| debit("exec_1", RecipeId::Intelligence, Some(0), amounts);
    assert_eq!(store.settle(&chunk(&[10, 5])).await.unwrap(), Put::New);
    let mut repeat = chunk(&[10, 5]);
    repeat.at = next_month;
    assert_eq!(store.settle(&repeat).await.unwrap(), Put::Existing(()));
    let other = store.settle(&chunk(&[5, 10])).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))), "{other:?}");
    let head = debit("exec_1", RecipeId::Discovery, None, &[46]);
    let (needed, available) = (micros(46), micros(45));
    assert_eq!(
        store.settle(&head).await,
        Err(StoreError::Insufficient { needed, available })
    );
    assert_eq!(store.hold(&id).await.unwrap(), Some(hold(45, 15, true)));
    assert_eq!(store.balance().await.unwrap(), balance(40, 60, 0));

    for _ in 0..2 {
        assert_eq!(
            store.close(&id, next_month).await.unwrap(),
            Some(hold(0, 15, false))
        );
        assert_eq!(store.balance().await.unwrap(), balance(85, 0, 15));
    }
    assert_eq!(
        store.settle(&chunk(&[10, 5])).await.unwrap(),
        Put::Existing(())
    );
    let late = store
        .settle(&debit("exec_1", RecipeId::Discovery, None, &[1]))
        .await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    let none = store
        .settle(&debit("exec_9", RecipeId::Discovery, None, &[1]))
        .await;
    assert!(matches!(none, Err(StoreError::NotFound(_))), "{none:?}");
    ledger(store).await;
}

async fn ledger(store: &dyn TenantStore) {
    let whole = store.ledger(100, None).await.unwrap();
    let kinds: Vec<_> = whole.items.iter().map(|entry| entry.kind).collect();
    use EntryKind::{Close, Debit, Grant, Reserve};
    assert_eq!(kinds, [Grant, Reserve, Debit, Close]);
    assert_eq!(whole.cursor, None);
    check(store.balance().await.unwrap(), &whole.items).unwrap();
    let (mut paged, mut cursor) = (Vec::new(), None);
    for expected in [3, 1] {
        let page = store.ledger(3, cursor).await.unwrap();
        assert_eq!(page.items.len(), expected);
        paged.extend(page.items);
        cursor = page.cursor;
    }
    assert_eq!((paged, cursor), (whole.items, None));
    for cursor in ["?", "", "AAAA", "ZXhlYyM"] {
        let page = store.ledger(3, Some(cursor.into())).await;
        assert!(
            !matches!(&page, Ok(page) if page.items.len() > 4),
            "{cursor}: {page:?}"
        );
        let foreign = store.runs(3, Some(cursor.into())).await;
        assert!(
            matches!(foreign, Err(StoreError::NotFound(_))),
            "{cursor}: {foreign:?}"
        );
    }
}

async fn calls(store: &dyn TenantStore) {
    let (december, january) = (
        month(),
        BillingMonth::at("2026-01-01T00:00:00Z".parse().unwrap()),
    );
    let count = |month, run: &str, calls| {
        let run = run_id(run);
        async move { store.add_api_calls(month, &run, calls).await.unwrap() }
    };
    for _ in 0..2 {
        count(december, "exec_1", 7).await;
        count(december, "exec_2", 5).await;
    }
    // A retry in the next month is still the same run.
    count(january, "exec_1", 7).await;
    assert_eq!(store.api_calls(december).await.unwrap(), 12);
    assert_eq!(store.api_calls(january).await.unwrap(), 0);
}

async fn packs(store: &dyn TenantStore) {
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
    let names: Vec<_> = listed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["g1a2b#c0000", "g1a2b#c0001", "g1a2b#r0000", "head"]);
    assert_eq!(listed[0].1, second);
    assert_eq!(listed[3].1, first);
    assert_eq!(
        store.packs(&id, intelligence).await.unwrap(),
        [("c0000".into(), first)]
    );
    assert_eq!(store.packs(&run_id("exec_"), discovery).await.unwrap(), []);
}

async fn drafts(store: &dyn TenantStore) {
    let first = draft("exec_1", 1, 0.5);
    let id = first.job.id.clone();
    let missing = store.update_draft(&first).await;
    assert!(
        matches!(missing, Err(StoreError::NotFound(_))),
        "{missing:?}"
    );
    assert_eq!(store.create_draft(&first).await.unwrap(), Put::New);
    let mut edited = first.clone();
    edited.version = 2;
    edited.job.draft_message = "Shorter.".into();
    for _ in 0..2 {
        store.update_draft(&edited).await.unwrap();
        assert_eq!(store.draft(&id).await.unwrap(), Some(edited.clone()));
    }
    // The customer's work is not written over.
    assert_eq!(
        store.create_draft(&first).await.unwrap(),
        Put::Existing(edited.clone())
    );
    let mut late = first.clone();
    late.version = 2;
    late.job.status = DraftStatus::Rejected;
    let conflict = store.update_draft(&late).await;
    assert!(
        matches!(&conflict, Err(StoreError::Conflict(m)) if m.contains("version 2")),
        "{conflict:?}"
    );
    assert_eq!(store.draft(&id).await.unwrap(), Some(edited.clone()));
    late.version = 3;
    store.update_draft(&late).await.unwrap();
    for (run, n, rank) in [
        ("exec_1", 2, 0.9),
        ("exec_1", 3, 0.7),
        ("exec_2", 4, 0.1),
        ("exec_10", 5, 0.2),
    ] {
        assert_eq!(
            store.create_draft(&draft(run, n, rank)).await.unwrap(),
            Put::New
        );
    }
    draft_lists(store).await;
}

async fn draft_lists(store: &dyn TenantStore) {
    let pending = Some(DraftStatus::DraftPendingReview);
    // Status, run, and the leads' numbers in the order of the list.
    let table: [(Option<DraftStatus>, Option<&str>, &[u64]); 7] = [
        (None, None, &[4, 5, 2, 3, 1]),
        (pending, None, &[4, 5, 2, 3]),
        (Some(DraftStatus::Rejected), None, &[1]),
        (Some(DraftStatus::Approved), None, &[]),
        (Some(DraftStatus::Expired), None, &[]),
        (None, Some("exec_1"), &[2, 3, 1]),
        (pending, Some("exec_1"), &[2, 3]),
    ];
    for (status, run, expected) in table {
        let filter = DraftFilter {
            status,
            execution_id: run.map(run_id),
        };
        let expected: Vec<_> = expected
            .iter()
            .map(|n| hunter_core::recipe::lead_id("file", &n.to_string()))
            .collect();
        for limit in [1, 2, 3, 100] {
            let (mut listed, mut cursor, mut pages) = (Vec::new(), None, 0);
            loop {
                let page = store.drafts(&filter, limit, cursor).await.unwrap();
                assert!(page.items.len() <= limit);
                listed.extend(page.items.into_iter().map(|draft| draft.job.lead_id));
                cursor = page.cursor;
                pages += 1;
                if cursor.is_none() || pages > 10 {
                    break;
                }
            }
            assert_eq!(listed, expected, "{filter:?} by {limit}");
        }
    }
}

async fn alerts(store: &dyn TenantStore) {
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

async fn suppressions(store: &dyn TenantStore) {
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

async fn audit_log(store: &dyn TenantStore) {
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
    other.action = "nothing_happened".into();
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
    let ids: BTreeSet<_> = log.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_twice() {
    let embedded = Embedded::start().await;
    suite(embedded.tenant("cust_001").as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_created_once() {
    let embedded = Embedded::start().await;
    embedded.tenant("a").put_plan(&plan()).await.unwrap();
    let tables = hunter_aws::dynamodb::Tables::default();
    hunter_aws::dynamodb::create_tables(&embedded.client, &tables)
        .await
        .unwrap();
    assert_eq!(embedded.tenant("a").plan().await.unwrap(), Some(plan()));
}
