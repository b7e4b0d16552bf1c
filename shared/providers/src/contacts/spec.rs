//! What a contact service is to the others.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::RecipeFailure;
use hunter_core::{
    ports::{ContactSource, EmailVerifier},
    recipe::Caller,
};

use crate::client::ApiClient;

/// What is particular to contact services.
#[derive(Debug, Clone, Copy)]
pub struct ContactSpec {
    /// The operation that is charged for when somebody is looked for.
    pub lookup: &'static str,
    /// Whether it knows businesses, too.
    pub has_profiles: bool,
    pub(crate) open: fn(Connection) -> Result<Arc<dyn ContactService>, RecipeFailure>,
}

/// A contact service with one customer's key.
#[async_trait]
pub(crate) trait ContactService: ContactSource {
    /// Asks its cheapest question, to see whether key and service work; answers what it said, for a
    /// person.
    async fn check(&self) -> Result<String, RecipeFailure>;

    /// Where it verifies addresses, too.
    fn verifier(self: Arc<Self>) -> Option<Arc<dyn EmailVerifier>> {
        None
    }
}

/// What a contact service is asked through.
pub(crate) struct Connection {
    pub(crate) client: ApiClient,
    /// Without a final slash.
    pub(crate) base_url: String,
    pub(crate) key: String,
    pub(crate) caller: Caller,
}
