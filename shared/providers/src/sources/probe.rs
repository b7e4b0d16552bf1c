//! Asks a source of places for the least that it charges for.

use hunter_contracts::RecipeFailure;
use hunter_core::recipe::Caller;

use super::ConfiguredSources;
use crate::web_search::{BraveSearch, brave};

impl ConfiguredSources {
    /// Asks `google_places` for one id, `overpass` for its status, `brave_search` for one page;
    /// answers what it said, for a person.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a service that is not configured, `SECRET_MISSING` where its key is not
    /// set; else as the service refuses.
    pub async fn probe(&self, caller: &Caller, service: &str) -> Result<String, RecipeFailure> {
        let config = &self.config;
        if let ("google_places", Some(url)) = (service, &config.google_places) {
            return self.google_places(caller, url).await?.probe().await;
        }
        if let ("overpass", Some(server)) = (service, &config.overpass) {
            return self.overpass(caller, server).await?.probe().await;
        }
        if let ("brave_search", Some(url)) = (service, &config.brave) {
            let key = self.key(&caller.tenant, &brave::SERVICE).await?;
            let brave = BraveSearch::new(url, key, caller.clone(), self.shared.clone())?;
            let found = brave.page("restaurant", 0).await?.hits.len();
            return Ok(format!("the key is taken ({found} results of one search)"));
        }
        Err(RecipeFailure::invalid_input(format!(
            "`{service}` is not configured here"
        )))
    }
}
