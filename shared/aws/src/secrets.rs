//! Secrets from environment variables: for one machine, and until the adapter to Secrets Manager.

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::recipe::SecretsManager;

use crate::config::Environment;

/// The names that a key goes by: RocketReach's is called `rocketchat_key` in the specification.
#[must_use]
pub fn secret_names(key: &str) -> Vec<&str> {
    match key {
        "rocketreach_key" | "rocketchat_key" => vec!["rocketreach_key", "rocketchat_key"],
        other => vec![other],
    }
}

/// The variable that holds a secret: `HUNTER_SECRET_` and its key in capitals.
#[must_use]
pub fn secret_variable(key: &str) -> String {
    format!("HUNTER_SECRET_{}", key.to_ascii_uppercase())
}

/// Looks a key up as `HUNTER_SECRET_<KEY>`, the same for every tenant.
#[derive(Debug, Clone)]
pub struct EnvironmentSecrets(Environment);

impl EnvironmentSecrets {
    /// The secrets of an environment.
    #[must_use]
    pub const fn new(environment: Environment) -> Self {
        Self(environment)
    }
}

#[async_trait]
impl SecretsManager for EnvironmentSecrets {
    async fn get_secret(&self, _: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let mut names = secret_names(key).into_iter();
        let value = names.find_map(|name| self.0.optional(&secret_variable(name)));
        value.map(str::to_owned).ok_or_else(|| {
            let variable = secret_variable(key);
            let message = format!("secret `{key}` is not set: put it into {variable}");
            RecipeFailure::new(ErrorCode::SecretMissing, message)
        })
    }
}
