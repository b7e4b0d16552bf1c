//! Drafts: items of their own, because the customer acts on them one by one. The index lists them by
//! status, newest run first, best ranked first within a run.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hunter_contracts::{Draft, DraftId, DraftStatus};
use hunter_core::store::{DraftFilter, Drafts, Page, Put, StoreError, StoreResult};

use super::{
    DynamoTenantStore,
    connection::{Table, Written},
    item::{Item, LIST_SK, number},
    list::{ListSpec, after, decode, encode, page_limit},
};

const VERSION: &str = "version";

/// Days that a draft is kept after it expired.
pub(super) const DRAFT_DAYS: i64 = 365;

/// All statuses that are stored.
const STORED: [DraftStatus; 4] = [
    DraftStatus::DraftPendingReview,
    DraftStatus::Approved,
    DraftStatus::Rejected,
    DraftStatus::HeldBack,
];

impl DynamoTenantStore {
    fn draft_item(&self, draft: &Draft) -> StoreResult<Item> {
        let job = &draft.job;
        let list = self.keys.drafts(job.status, None).pk;
        let rank = job.rank_score.map_or(0.0, hunter_contracts::Score::get);
        let place = format!("{}#{rank:.4}#{}", draft.execution_id, job.id);
        let item = Item::at(&self.keys.draft(&job.id))
            .with(VERSION, number(draft.version.into()))
            .listed(list, place)
            .expiring(job.draft_expires_at, DRAFT_DAYS);
        item.with_body(draft, &format!("draft `{}`", job.id))
    }
}

#[async_trait]
impl Drafts for DynamoTenantStore {
    async fn create_draft(&self, draft: &Draft) -> StoreResult<Put<Draft>> {
        self.put_new("create_draft", &self.draft_item(draft)?).await
    }

    async fn draft(&self, id: &DraftId) -> StoreResult<Option<Draft>> {
        self.read("draft", &self.keys.draft(id)).await
    }

    async fn update_draft(&self, draft: &Draft) -> StoreResult<()> {
        let id = &draft.job.id;
        let item = self.draft_item(draft)?;
        let before = i64::from(draft.version) - 1;
        let written = self.connection.put(
            "update_draft",
            Table::Main,
            &item,
            Some("#version = :before"),
            vec![(":before", number(before))],
        );
        let standing: Draft = match written.await? {
            Written::Done => return Ok(()),
            Written::Refused(Some(standing)) => standing.body()?,
            Written::Refused(None) => return Err(StoreError::NotFound(format!("draft `{id}`"))),
        };
        if standing == *draft {
            return Ok(());
        }
        Err(StoreError::Stale(format!(
            "draft `{id}` has version {}, the change is for version {before}: read it again",
            standing.version
        )))
    }

    async fn drafts(
        &self,
        filter: &DraftFilter,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<Draft>> {
        let limit = page_limit(limit);
        let last = cursor.map(|cursor| decode(&cursor)).transpose()?;
        let statuses = STORED.into_iter();
        let statuses = statuses.filter(|s| filter.status.is_none_or(|wanted| wanted == *s));
        // The lists of all statuses have sort keys of the same form, so they merge into one, and
        // one sort key says how far all of them were read.
        let mut listed = Vec::new();
        for status in statuses {
            let range = self.keys.drafts(status, filter.execution_id.as_ref());
            let spec = ListSpec::of_index("drafts", range);
            let items = after(&self.connection, &spec, limit + 1, last.as_deref()).await?;
            for item in items {
                listed.push((item.text(LIST_SK)?.to_owned(), item.key()?));
            }
        }
        listed.sort_by(|(one, _), (other, _)| other.cmp(one));
        // While a status changes, the index may show a draft twice or not yet.
        let mut seen = BTreeSet::new();
        listed.retain(|(_, key)| seen.insert(key.sk.clone()));
        let more = listed.len() > limit;
        listed.truncate(limit);
        let cursor = listed
            .last()
            .filter(|_| more)
            .map(|(place, _)| encode(place));
        let keys: Vec<_> = listed.into_iter().map(|(_, key)| key).collect();
        let items = self.connection.batch_get("drafts", &keys).await?;
        let drafts = items.iter().map(Item::body);
        let mut drafts = drafts.collect::<StoreResult<Vec<Draft>>>()?;
        drafts.retain(|draft| {
            filter
                .status
                .is_none_or(|wanted| wanted == draft.job.status)
        });
        Ok(Page {
            items: drafts,
            cursor,
        })
    }
}
