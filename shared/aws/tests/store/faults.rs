//! Requests that fail: what is tried again, how often, and what is said in the end.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use hunter_contracts::{Credits, RecipeId, TenantId};
use hunter_core::{
    ports::Clock,
    store::{Put, Store, StoreError},
    test_support::samples::{agent, at, audit, debit, draft, micros, month, pack, plan, run_id},
};

use crate::support::{Embedded, Fault};

fn tenant() -> TenantId {
    TenantId::new("a").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_on_the_contexts_clock() {
    let embedded = Embedded::start().await;
    let before = embedded.clock.now();
    let faults = [
        Fault::NotSent,
        Fault::Refused("ThrottlingException"),
        Fault::Refused("ProvisionedThroughputExceededException"),
        Fault::Refused("RequestLimitExceeded"),
        Fault::Cancelled("TransactionConflict"),
        Fault::Cancelled("ThrottlingError"),
    ];
    let store =
        embedded.with_faults(move |n| faults.get(n as usize).copied().unwrap_or(Fault::None));
    let store = store.tenant(&tenant());
    store.grant("g", micros(5), at()).await.unwrap();
    assert_eq!(store.balance().await.unwrap().avail, micros(5));
    assert!(embedded.clock.now() > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_bounded() {
    let embedded = Embedded::start().await;
    for fault in [
        Fault::NotSent,
        Fault::Refused("ThrottlingException"),
        Fault::Cancelled("TransactionConflict"),
    ] {
        let sent = Arc::new(AtomicU64::new(0));
        let counted = sent.clone();
        let store = embedded.with_faults(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            fault
        });
        let error = store
            .tenant(&tenant())
            .grant("g", micros(5), at())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, StoreError::Unavailable(reason, _) if reason.contains("attempts")),
            "{error}"
        );
        assert_eq!(sent.load(Ordering::Relaxed), 12, "{fault:?}");
    }
    assert_eq!(
        embedded.tenant("a").balance().await.unwrap().avail,
        Credits::ZERO
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_not_tried_again() {
    let embedded = Embedded::start().await;
    for (fault, says) in [
        (Fault::Refused("AccessDeniedException"), "AccessDenied"),
        (
            Fault::Refused("ResourceNotFoundException"),
            "create the tables",
        ),
        (Fault::Cancelled("ValidationError"), "grant"),
    ] {
        let sent = Arc::new(AtomicU64::new(0));
        let counted = sent.clone();
        let store = embedded.with_faults(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            fault
        });
        let error = store
            .tenant(&tenant())
            .grant("g", micros(5), at())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, StoreError::Unavailable(reason, _) if reason.contains(says)),
            "{error}"
        );
        assert_eq!(sent.load(Ordering::Relaxed), 1, "{fault:?}");
    }
}

/// Every first answer is lost: the repeat finds its own work and says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_nothing_twice() {
    let embedded = Embedded::start().await;
    let lost = |n: u64| {
        if n.is_multiple_of(2) {
            Fault::AnswerLost
        } else {
            Fault::None
        }
    };
    let store = embedded.with_faults(lost).tenant(&tenant());
    store.put_plan(&plan()).await.unwrap();
    store.grant("g", micros(100), at()).await.unwrap();
    store.reserve(&run_id("x"), micros(60), at()).await.unwrap();
    store
        .settle(&debit("x", RecipeId::Discovery, None, &[7]))
        .await
        .unwrap();
    let hold = store.close(&run_id("x"), at()).await.unwrap().unwrap();
    assert_eq!((hold.settled, hold.open), (micros(7), false));
    store.add_api_calls(month(), &run_id("x"), 3).await.unwrap();
    assert_eq!(store.put_agent(&agent("one")).await.unwrap(), 1);
    let mut draft = draft("x", 1, 0.5);
    assert_eq!(
        store.create_draft(&draft).await.unwrap(),
        Put::Existing(draft.clone())
    );
    draft.version = 2;
    store.update_draft(&draft).await.unwrap();
    let key = hunter_core::store::PackKey::head(&run_id("x"), RecipeId::Discovery);
    let pack = pack("x", RecipeId::Discovery, Vec::new());
    assert_eq!(
        store.put_pack(&key, &pack).await.unwrap(),
        Put::Existing(pack)
    );
    store
        .audit(&audit("e", "2025-12-14T06:00:00Z"))
        .await
        .unwrap();

    let store = embedded.tenant("a");
    let balance = store.balance().await.unwrap();
    assert_eq!((balance.avail, balance.spent), (micros(93), micros(7)));
    assert_eq!(store.api_calls(month()).await.unwrap(), 3);
    assert_eq!(store.draft(&draft.job.id).await.unwrap(), Some(draft));
    assert_eq!(store.ledger(100, None).await.unwrap().items.len(), 4);
    assert_eq!(
        store
            .audit_log(jiff::civil::date(2025, 12, 14))
            .await
            .unwrap()
            .len(),
        1
    );
}
