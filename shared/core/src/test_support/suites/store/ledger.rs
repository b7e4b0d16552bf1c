//! The suite of [`Ledger`].

use hunter_contracts::{Balance, BillingMonth, EntryKind, Hold, RecipeId};

use crate::{
    store::{Ledger, Put, StoreError},
    test_support::samples::{at, debit, micros, month, run_id},
};

/// A key that stands with another amount, or with other lines of the same sum.
fn different(stored: i64, given: i64) -> StoreError {
    let (stored, given) = (micros(stored), micros(given));
    StoreError::Different { stored, given }
}

/// The whole port.
pub(super) async fn ledger(store: &dyn Ledger) {
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
    assert_eq!(other, Err(different(100, 101)));
    let less = store.grant("less", micros(-1), at()).await;
    assert_eq!(less, Err(StoreError::OutOfRange(micros(-1))));

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
    assert_eq!(other, Err(different(60, 61)));

    let chunk = |amounts: &[i64]| debit("exec_1", RecipeId::Intelligence, Some(0), amounts);
    assert_eq!(store.settle(&chunk(&[10, 5])).await.unwrap(), Put::New);
    let mut repeat = chunk(&[10, 5]);
    repeat.at = next_month;
    assert_eq!(store.settle(&repeat).await.unwrap(), Put::Existing(()));
    let other = store.settle(&chunk(&[5, 10])).await;
    assert_eq!(other, Err(different(15, 15)));
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
    assert_eq!(late, Err(StoreError::HoldClosed));
    let none = store
        .settle(&debit("exec_9", RecipeId::Discovery, None, &[1]))
        .await;
    assert!(matches!(none, Err(StoreError::NotFound(_))), "{none:?}");
    entries(store).await;
    outside_calls(store).await;
}

async fn entries(store: &dyn Ledger) {
    let whole = store.ledger(100, None).await.unwrap();
    let kinds: Vec<_> = whole.items.iter().map(|entry| entry.kind).collect();
    use EntryKind::{Close, Debit, Grant, Reserve};
    assert_eq!(kinds, [Grant, Reserve, Debit, Close]);
    assert_eq!(whole.cursor, None);
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
    }
}

async fn outside_calls(store: &dyn Ledger) {
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
