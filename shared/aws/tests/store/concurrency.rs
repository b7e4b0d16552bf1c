//! Many writers at once: every credit is counted exactly once.

use futures::future::join_all;
use hunter_contracts::{Credits, RecipeId};
use hunter_core::{
    store::{Put, StoreError},
    test_support::samples::{agent, at, debit, draft, micros, run_id},
};
use hunter_ledger::check;

use crate::support::Embedded;

const WRITERS: u32 = 64;

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_charged_exactly() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    store.grant("g", micros(1_000), at()).await.unwrap();
    store.reserve(&run_id("x"), micros(50), at()).await.unwrap();
    let settles = (0..WRITERS).map(|chunk| {
        let store = store.clone();
        async move {
            store
                .settle(&debit("x", RecipeId::Intelligence, Some(chunk), &[1]))
                .await
        }
    });
    let answers = join_all(settles).await;
    let done = answers
        .iter()
        .filter(|answer| **answer == Ok(Put::New))
        .count();
    let (needed, available) = (micros(1), Credits::ZERO);
    let refused = Err(StoreError::Insufficient { needed, available });
    let refusals = answers.iter().filter(|answer| **answer == refused).count();
    assert_eq!((done, refusals), (50, 14), "{answers:?}");
    let hold = store.close(&run_id("x"), at()).await.unwrap().unwrap();
    assert_eq!(hold.settled, micros(50));
    assert_eq!(store.balance().await.unwrap().spent, micros(50));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_charge_from_many_is_one() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    store.grant("g", micros(1_000), at()).await.unwrap();
    let attempts = |_| {
        let store = store.clone();
        async move {
            let reserved = store.reserve(&run_id("x"), micros(50), at()).await.unwrap();
            let settled = store
                .settle(&debit("x", RecipeId::Discovery, None, &[9]))
                .await
                .unwrap();
            (reserved == Put::New, settled == Put::New)
        }
    };
    let answers = join_all((0..WRITERS).map(attempts)).await;
    assert_eq!(answers.iter().filter(|answer| answer.0).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.1).count(), 1);
    assert_eq!(store.balance().await.unwrap().held, micros(50));
    assert_eq!(
        store.hold(&run_id("x")).await.unwrap().unwrap().settled,
        micros(9)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_is_reserved_exactly() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    store.grant("g", micros(40), at()).await.unwrap();
    let reserves = (0..WRITERS).map(|n| {
        let store = store.clone();
        async move {
            store
                .reserve(&run_id(&format!("x{n}")), micros(1), at())
                .await
        }
    });
    let answers = join_all(reserves).await;
    let done = answers
        .iter()
        .filter(|answer| **answer == Ok(Put::New))
        .count();
    assert_eq!(done, 40);
    let balance = store.balance().await.unwrap();
    assert_eq!((balance.avail, balance.held), (Credits::ZERO, micros(40)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_among_charges_loses_nothing() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    store.grant("g", micros(1_000), at()).await.unwrap();
    store
        .reserve(&run_id("x"), micros(500), at())
        .await
        .unwrap();
    let writers = (0..WRITERS).map(|n| {
        let store = store.clone();
        async move {
            if n % 16 == 7 {
                store.close(&run_id("x"), at()).await.unwrap();
                return 0;
            }
            match store
                .settle(&debit("x", RecipeId::Intelligence, Some(n), &[1]))
                .await
            {
                Ok(Put::New) => 1,
                Ok(Put::Existing(())) => panic!("charged by nobody"),
                Err(StoreError::HoldClosed) => 0,
                Err(error) => panic!("{error}"),
            }
        }
    });
    let charged: i64 = join_all(writers).await.into_iter().sum();
    let balance = store.balance().await.unwrap();
    assert_eq!(
        (balance.spent, balance.held),
        (micros(charged), Credits::ZERO)
    );
    assert_eq!(balance.avail, micros(1_000 - charged));
    let ledger = store.ledger(1_000, None).await.unwrap();
    check(balance, &ledger.items).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_to_a_version_one_wins() {
    let embedded = Embedded::start().await;
    let store = embedded.tenant("a");
    let first = draft("x", 1, 0.5);
    store.create_draft(&first).await.unwrap();
    let writers = (0..16).map(|n| {
        let (store, mut changed) = (store.clone(), first.clone());
        changed.version = 2;
        changed.reason = Some(format!("writer {n}"));
        async move { store.update_draft(&changed).await.is_ok() }
    });
    let won = join_all(writers)
        .await
        .into_iter()
        .filter(|&won| won)
        .count();
    assert_eq!(won, 1);
    let versions = (0..16).map(|n| {
        let store = store.clone();
        async move {
            store
                .put_agent(&agent(&format!("agent {n}")))
                .await
                .unwrap()
        }
    });
    let mut versions = join_all(versions).await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=16).collect::<Vec<u32>>());
}
