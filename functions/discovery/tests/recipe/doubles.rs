//! Fakes of the ports: a source that holds hand-made records, sites in memory, a store that must
//! not be touched.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use hunter_contracts::*;
use hunter_core::*;
use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A source that answers every query with the same records.
#[derive(Clone, Default)]
pub(crate) struct Held {
    pub(crate) batch: PlaceBatch,
    pub(crate) filters: bool,
    pub(crate) failure: Option<RecipeFailure>,
}

#[async_trait]
impl PlaceSource for Held {
    fn name(&self) -> &str {
        "file"
    }
    fn filters(&self) -> bool {
        self.filters
    }
    async fn search(&self, _: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(self.batch.clone()),
        }
    }
}

#[async_trait]
impl PlaceSources for Held {
    async fn available(&self, _: &TenantId) -> Vec<(String, String)> {
        vec![("held".into(), "it is the only one".into())]
    }
    async fn open(&self, _: &TenantId, _: &str) -> Result<Arc<dyn PlaceSource>, RecipeFailure> {
        Ok(Arc::new(self.clone()))
    }
}

/// Sites in memory, by the address that they are fetched under.
#[derive(Default)]
pub(crate) struct Sites {
    pub(crate) pages: BTreeMap<String, String>,
    pub(crate) fetches: AtomicU64,
}

#[async_trait]
impl SiteFetcher for Sites {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        self.fetches.fetch_add(1, Ordering::Relaxed);
        let Some(body) = self.pages.get(url) else {
            return Err(FetchFailure {
                cause: Cause::Unreachable,
                message: format!("no site at {url}"),
                retryable: true,
            });
        };
        Ok(FetchedPage {
            url: format!("https://{url}/"),
            status: 200,
            content_type: Some("text/html; charset=utf-8".into()),
            last_modified: None,
            body: body.clone().into_bytes(),
            fetched_at: now(),
        })
    }
    async fn sitemaps(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
    fn requests(&self) -> u64 {
        self.fetches.load(Ordering::Relaxed)
    }
}

/// Discovery does not touch the store.
pub(crate) struct NoStore(pub(crate) TenantId);

fn none<T>() -> StoreResult<T> {
    Err(StoreError::Unavailable("discovery must not ask".into()))
}

#[async_trait]
impl TenantStore for NoStore {
    fn tenant(&self) -> &TenantId {
        &self.0
    }
    async fn plan(&self) -> StoreResult<Option<Plan>> {
        none()
    }
    async fn put_plan(&self, _: &Plan) -> StoreResult<()> {
        none()
    }
    async fn balance(&self) -> StoreResult<Balance> {
        none()
    }
    async fn grant(&self, _: &str, _: Credits, _: Timestamp) -> StoreResult<()> {
        none()
    }
    async fn put_agent(&self, _: &AgentConfig) -> StoreResult<u32> {
        none()
    }
    async fn agent(&self, _: &AgentId) -> StoreResult<Option<AgentConfig>> {
        none()
    }
    async fn create_run(&self, _: &RunRecord) -> StoreResult<Put<RunRecord>> {
        none()
    }
    async fn update_run(&self, _: &RunRecord) -> StoreResult<()> {
        none()
    }
    async fn run(&self, _: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        none()
    }
    async fn runs(&self, _: usize, _: Option<String>) -> StoreResult<Page<RunRecord>> {
        none()
    }
    async fn reserve(&self, _: &ExecutionId, _: Credits, _: Timestamp) -> StoreResult<Put<Hold>> {
        none()
    }
    async fn settle(&self, _: &Debit) -> StoreResult<Put<()>> {
        none()
    }
    async fn close(&self, _: &ExecutionId, _: Timestamp) -> StoreResult<Option<Hold>> {
        none()
    }
    async fn hold(&self, _: &ExecutionId) -> StoreResult<Option<Hold>> {
        none()
    }
    async fn ledger(&self, _: usize, _: Option<String>) -> StoreResult<Page<LedgerEntry>> {
        none()
    }
    async fn add_api_calls(&self, _: &str, _: &ExecutionId, _: u64) -> StoreResult<()> {
        none()
    }
    async fn api_calls(&self, _: &str) -> StoreResult<u64> {
        none()
    }
    async fn put_pack(&self, _: &PackKey, _: &Pack) -> StoreResult<Put<Pack>> {
        none()
    }
    async fn pack(&self, _: &PackKey) -> StoreResult<Option<Pack>> {
        none()
    }
    async fn packs(&self, _: &ExecutionId, _: RecipeId) -> StoreResult<Vec<(String, Pack)>> {
        none()
    }
    async fn create_draft(&self, _: &Draft) -> StoreResult<Put<Draft>> {
        none()
    }
    async fn draft(&self, _: &DraftId) -> StoreResult<Option<Draft>> {
        none()
    }
    async fn drafts(
        &self,
        _: &DraftFilter,
        _: usize,
        _: Option<String>,
    ) -> StoreResult<Page<Draft>> {
        none()
    }
    async fn update_draft(&self, _: &Draft) -> StoreResult<()> {
        none()
    }
    async fn put_alert(&self, _: &AlertRecord) -> StoreResult<bool> {
        none()
    }
    async fn alerts(&self, _: usize, _: Option<String>) -> StoreResult<Page<AlertRecord>> {
        none()
    }
    async fn audit(&self, _: &AuditEntry) -> StoreResult<()> {
        none()
    }
    async fn audit_log(&self, _: jiff::civil::Date) -> StoreResult<Vec<AuditEntry>> {
        none()
    }
}
