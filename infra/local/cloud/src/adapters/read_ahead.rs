//! A place file is read before its run is opened: one that cannot be read stores and charges
//! nothing, and a large one is read only once.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use hunter_contracts::{RecipeFailure, TenantId};
use hunter_core::{
    ports::{PlaceBatch, PlaceQuery, PlaceSource, PlaceSources},
    recipe::Caller,
};

/// What a file held, by the source's name, until it is asked for.
type Ahead = Arc<Mutex<Option<(String, PlaceBatch)>>>;

/// Sources of which a file was read ahead.
pub struct ReadAhead {
    inner: Arc<dyn PlaceSources>,
    ahead: Ahead,
}

impl ReadAhead {
    /// Sources of which nothing was read yet.
    #[must_use]
    pub fn new(inner: Arc<dyn PlaceSources>) -> Self {
        Self {
            inner,
            ahead: Ahead::default(),
        }
    }

    /// Checks that a source is there, and reads it where that is a file: those hold the same
    /// whatever is looked for. Other services are not called.
    ///
    /// # Errors
    /// `INVALID_INPUT`, `SECRET_MISSING` or `SOURCE_UNREADABLE`, naming the field `source`.
    pub async fn check(&self, tenant: &TenantId, name: &str) -> Result<(), RecipeFailure> {
        self.read(tenant, name).await.map_err(|mut failure| {
            if !failure.message.starts_with("`source`") {
                failure.message.insert_str(0, "`source`: ");
            }
            failure
        })
    }

    async fn read(&self, tenant: &TenantId, name: &str) -> Result<(), RecipeFailure> {
        let source = self.inner.open(&Caller::new(tenant.clone()), name).await?;
        if !source.filters() {
            let batch = source.search(&PlaceQuery::default()).await?;
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((name.to_owned(), batch));
        }
        Ok(())
    }
}

#[async_trait]
impl PlaceSources for ReadAhead {
    async fn available(&self, tenant: &TenantId) -> Vec<(String, String)> {
        self.inner.available(tenant).await
    }

    async fn open(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Arc<dyn PlaceSource>, RecipeFailure> {
        Ok(Arc::new(ReadSource {
            name: name.to_owned(),
            source: self.inner.open(caller, name).await?,
            ahead: self.ahead.clone(),
        }))
    }
}

/// A source whose first answer may be there already.
struct ReadSource {
    name: String,
    source: Arc<dyn PlaceSource>,
    ahead: Ahead,
}

#[async_trait]
impl PlaceSource for ReadSource {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn filters(&self) -> bool {
        self.source.filters()
    }

    async fn search(&self, query: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        let ahead = self
            .ahead
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take_if(|(name, _)| *name == self.name);
        match ahead {
            Some((_, batch)) => Ok(batch),
            None => self.source.search(query).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use hunter_aws::config::Environment;
    use hunter_contracts::ErrorCode;
    use hunter_core::ports::SystemClock;
    use hunter_providers::{ConfiguredSources, FilesConfig, SourcesConfig, client::Shared};

    use super::*;
    use crate::adapters::LocalSecrets;

    #[tokio::test]
    async fn what_was_checked_is_what_is_searched_and_is_read_once() {
        let directory = tempfile::tempdir().unwrap();
        let config = SourcesConfig {
            files: Some(FilesConfig::default()),
            ..SourcesConfig::default()
        };
        let secrets = LocalSecrets::new(directory.path(), Environment::default());
        let inner = ConfiguredSources::new(
            config,
            Arc::new(secrets),
            Shared::new(Arc::new(SystemClock)),
        );
        let sources = ReadAhead::new(Arc::new(inner.unwrap()));
        let tenant = TenantId::new("cust_001").unwrap();
        let path = directory.path().join("places.csv");
        let name = format!("file:{}", path.display());

        let missing = sources.check(&tenant, &name).await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::InvalidInput);
        assert!(missing.message.starts_with("`source`: there is no file"));

        std::fs::write(&path, "name,phone\nA Dental,1\nB Dental,2\n").unwrap();
        sources.check(&tenant, &name).await.unwrap();
        std::fs::remove_file(&path).unwrap();
        let source = sources
            .open(&Caller::new(tenant.clone()), &name)
            .await
            .unwrap();
        assert_eq!((source.name(), source.filters()), ("file", false));
        let query = PlaceQuery::default();
        assert_eq!(source.search(&query).await.unwrap().places.len(), 2);
        // Only once: the next search sees the file as it is then.
        assert!(source.search(&query).await.is_err());
    }
}
