//! Secrets from the environment or from `secrets.toml`, in place of Secrets Manager.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use hunter_aws::{
    config::Environment,
    secrets::{secret_names, secret_variable},
};
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::recipe::SecretsManager;

/// Looks a key up as `HUNTER_SECRET_<KEY>` in the environment, then in `secrets.toml`:
/// a table per customer, or keys at the top level for everybody on this machine.
#[derive(Debug, Clone)]
pub struct LocalSecrets {
    environment: Environment,
    file: PathBuf,
    given: BTreeMap<String, String>,
}

impl LocalSecrets {
    /// The secrets of a directory and an environment.
    #[must_use]
    pub fn new(directory: &Path, environment: Environment) -> Self {
        Self {
            environment,
            file: directory.join("secrets.toml"),
            given: BTreeMap::new(),
        }
    }

    /// With one more secret, as the sandbox's own key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.given.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Where a key is set, for a person; `None` where it is not. Never its value.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when `secrets.toml` cannot be read.
    pub fn place(&self, tenant: &TenantId, key: &str) -> Result<Option<String>, RecipeFailure> {
        Ok(self.find(tenant, key)?.map(|(_, place)| place))
    }

    /// A secret and where it was found.
    fn find(
        &self,
        tenant: &TenantId,
        key: &str,
    ) -> Result<Option<(String, String)>, RecipeFailure> {
        for name in secret_names(key) {
            if let Some(value) = self.given.get(name) {
                return Ok(Some((value.clone(), "the sandbox".to_owned())));
            }
            let variable = secret_variable(name);
            if let Some(value) = self.environment.optional(&variable) {
                return Ok(Some((value.to_owned(), variable)));
            }
            if let Some(value) = self.in_file(tenant, name)? {
                return Ok(Some((value, self.file.display().to_string())));
            }
        }
        Ok(None)
    }

    fn in_file(&self, tenant: &TenantId, key: &str) -> Result<Option<String>, RecipeFailure> {
        let text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&self.file).caused_by(error)),
        };
        // The parser's own message would quote the line, and with it the secret.
        let table: toml::Table = text
            .parse()
            .map_err(|_| unreadable(&self.file).caused_by("it is not TOML"))?;
        let own = table
            .get(tenant.as_str())
            .and_then(|section| section.get(key));
        let value = own.or_else(|| table.get(key)).and_then(toml::Value::as_str);
        Ok(value.filter(|value| !value.is_empty()).map(str::to_owned))
    }
}

fn unreadable(file: &Path) -> RecipeFailure {
    let message = format!("`{}` cannot be read", file.display());
    RecipeFailure::new(ErrorCode::InvalidConfiguration, message)
}

#[async_trait]
impl SecretsManager for LocalSecrets {
    async fn get_secret(&self, tenant: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        if let Some((value, _)) = self.find(tenant, key)? {
            return Ok(value);
        }
        Err(RecipeFailure::new(
            ErrorCode::SecretMissing,
            format!(
                "secret `{key}` is not set: put it into `{}` or into {}",
                self.file.display(),
                secret_variable(key)
            ),
        ))
    }
}
