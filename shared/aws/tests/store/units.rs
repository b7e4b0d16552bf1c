//! What a run costs in DynamoDB's units, for a chunk of 25 leads with texts like real ones.

use hunter_contracts::{Lead, RecipeId, TenantId};
use hunter_core::{
    store::{Debit, DraftFilter, PackKey, Put, Store, TenantStore},
    test_support::samples::{
        at, audit, debit, draft, enrich, lead, line, micros, month, output, pack, run, run_id,
        write_to,
    },
};

use crate::support::{Embedded, Fault};

const LEADS: u64 = 25;
const RUN: &str = "exec_01KCE3Z5V0ABCDEFGHJKMNPQRS";

async fn step(store: &dyn TenantStore, recipe: RecipeId, leads: &[Lead], price: i64) {
    let id = run_id(RUN);
    let key = PackKey::chunk(&id, recipe, None, 0);
    let stored = store
        .put_pack(&key, &pack(RUN, recipe, leads.to_vec()))
        .await
        .unwrap();
    assert_eq!(stored, Put::New);
    let debit = Debit {
        execution_id: id,
        recipe,
        chunk: Some(0),
        lines: leads.iter().map(|lead| line(&lead.id, price)).collect(),
        rate_card: "list-2025-12".into(),
        at: at(),
    };
    if price > 0 {
        store.settle(&debit).await.unwrap();
    }
    for action in ["recipe_executed", "credit_deducted"] {
        let entry = audit(&format!("{action}:{recipe}:0"), "2025-12-14T10:16:00Z");
        store.audit(&entry).await.unwrap();
    }
}

/// A run of one chunk, from its record to its close.
async fn run_of_one_chunk(store: &dyn TenantStore) {
    let id = run_id(RUN);
    let mut record = run(store.tenant().as_str(), RUN);
    store.create_run(&record).await.unwrap();
    store.reserve(&id, micros(2_000_000), at()).await.unwrap();
    let mut leads: Vec<Lead> = (0..LEADS).map(lead).collect();
    let head = pack(RUN, RecipeId::Discovery, Vec::new());
    store
        .put_pack(&PackKey::head(&id, RecipeId::Discovery), &head)
        .await
        .unwrap();
    step(store, RecipeId::Discovery, &leads, 20_000).await;
    leads
        .iter_mut()
        .zip(0..)
        .for_each(|(lead, n)| enrich(lead, n));
    step(store, RecipeId::Intelligence, &leads, 20_000).await;
    leads
        .iter_mut()
        .zip(0..)
        .for_each(|(lead, n)| write_to(lead, n));
    step(store, RecipeId::Personalization, &leads, 40_000).await;
    for n in 0..LEADS {
        store
            .create_draft(&draft(RUN, n, 0.5 + n as f64 / 100.0))
            .await
            .unwrap();
    }
    step(store, RecipeId::Outreach, &[], 0).await;
    let subscription = hunter_core::store::Pack {
        output: Some(output(RUN, RecipeId::Subscription)),
        ..hunter_core::store::Pack::default()
    };
    store
        .put_pack(&PackKey::head(&id, RecipeId::Subscription), &subscription)
        .await
        .unwrap();
    store.add_api_calls(month(), &id, 150).await.unwrap();
    store.close(&id, at()).await.unwrap();
    record.completed_at = Some(at());
    store.update_run(&record).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_costs_at_most_eight_write_units() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("cust_001");
    store
        .grant("plan:2025-12", micros(100_000_000), at())
        .await
        .unwrap();
    let before = embedded.store.units();
    run_of_one_chunk(store.as_ref()).await;
    let used = embedded.store.units().since(&before);
    for (operation, units) in &used.by_operation {
        eprintln!(
            "{operation}: {} requests, {} write, {} read units",
            units.requests, units.write, units.read
        );
    }
    let per_lead = used.write / LEADS as f64;
    eprintln!(
        "{per_lead:.2} write units per lead, {} read units in all",
        used.read
    );
    assert!(per_lead <= 8.0, "{per_lead} write units per lead");
    // An item of at most 2 KB and its entry in the index.
    let drafts = used.of("create_draft");
    assert!(drafts.write / LEADS as f64 <= 3.0, "{drafts:?}");
    assert_eq!(drafts.requests, LEADS);
    // Two items below 1 KB or one of 2 KB, twice for the transaction.
    let settles = used.of("settle");
    assert!(
        settles.write / 3.0 <= 6.0 && settles.read == 3.0,
        "{settles:?}"
    );
}

/// What the adapter computes from item sizes is what the server says. An edited draft is the one
/// exception: computed, it always writes its entry in the index.
#[tokio::test(flavor = "multi_thread")]
async fn units_are_the_same_when_the_server_tells_none() {
    let embedded = Embedded::start().await;
    let untold = embedded.with_faults(|_| Fault::CapacityUntold);
    let (told, computed) = (embedded.store.as_ref(), &untold);
    for (store, tenant) in [(told, "cust_1"), (computed, "cust_2")] {
        let store = store.tenant(&TenantId::new(tenant).unwrap());
        store.grant("g", micros(100_000_000), at()).await.unwrap();
        run_of_one_chunk(store.as_ref()).await;
        store
            .packs(&run_id(RUN), RecipeId::Personalization)
            .await
            .unwrap();
        store
            .drafts(&DraftFilter::default(), 10, None)
            .await
            .unwrap();
        store.balance().await.unwrap();
    }
    assert_eq!(told.units(), computed.units());
    assert!(told.units().read > 20.0);
}

/// Units by operation as the server counts them, for the smallest items.
#[tokio::test(flavor = "multi_thread")]
async fn units_by_operation() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let id = run_id("x");
    store.grant("g", micros(100), at()).await.unwrap();
    store.reserve(&id, micros(50), at()).await.unwrap();
    store
        .settle(&debit("x", RecipeId::Discovery, None, &[1]))
        .await
        .unwrap();
    store.close(&id, at()).await.unwrap();
    store.add_api_calls(month(), &id, 1).await.unwrap();
    store
        .audit(&audit("e", "2025-12-14T10:16:00Z"))
        .await
        .unwrap();
    let mut draft = draft("x", 1, 0.5);
    draft.claims.clear();
    store.create_draft(&draft).await.unwrap();
    draft.version = 2;
    store.update_draft(&draft).await.unwrap();
    draft.version = 3;
    draft.job.status = hunter_contracts::DraftStatus::Approved;
    store.update_draft(&draft).await.unwrap();
    let units = embedded.store.units();
    let found = |name| (units.of(name).write, units.of(name).read);
    // Two units per item of a transaction: marker, balance, entry; hold, entry, balance; …
    assert_eq!(found("grant"), (6.0, 0.0));
    assert_eq!(found("reserve"), (6.0, 0.0));
    assert_eq!(found("settle"), (4.0, 1.0));
    assert_eq!(found("close"), (6.0, 1.0));
    assert_eq!(found("add_api_calls"), (4.0, 0.0));
    assert_eq!(found("audit"), (1.0, 0.0));
    // The item and its entry in the index; an edit does not move the entry, a new status does.
    assert_eq!(found("create_draft"), (2.0, 0.0));
    assert_eq!(found("update_draft"), (1.0 + 3.0, 0.0));
}
