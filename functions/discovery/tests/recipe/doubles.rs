//! Fakes of the ports: a source that holds hand-made records, and sites in memory.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use hunter_contracts::*;
use hunter_core::{
    ports::{
        FetchFailure, FetchedPage, PlaceBatch, PlaceQuery, PlaceSource, PlaceSources, SiteFetcher,
    },
    recipe::Caller,
};
use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A source that answers every query with the same records.
#[derive(Clone, Default)]
pub(crate) struct FixedPlaces {
    pub(crate) batch: PlaceBatch,
    pub(crate) filters: bool,
    pub(crate) failure: Option<RecipeFailure>,
}

#[async_trait]
impl PlaceSource for FixedPlaces {
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
impl PlaceSources for FixedPlaces {
    async fn available(&self, _: &TenantId) -> Vec<(String, String)> {
        vec![("held".into(), "it is the only one".into())]
    }
    async fn open(&self, _: &Caller, _: &str) -> Result<Arc<dyn PlaceSource>, RecipeFailure> {
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
