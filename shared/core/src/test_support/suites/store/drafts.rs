//! The suite of [`Drafts`].

use hunter_contracts::DraftStatus;

use crate::{
    recipe::lead_id,
    store::{DraftFilter, Drafts, Put, StoreError},
    test_support::samples::{draft, run_id},
};

/// The whole port.
pub(super) async fn drafts(store: &dyn Drafts) {
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
        matches!(&conflict, Err(StoreError::Stale(m)) if m.contains("version 2")),
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

async fn draft_lists(store: &dyn Drafts) {
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
            .map(|n| lead_id("file", &n.to_string()))
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
