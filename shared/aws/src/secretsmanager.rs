//! Customers' keys in Secrets Manager: a secret per key, named `<prefix>/<tenant>/<key>`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{ports::Clock, recipe::SecretsManager};
use jiff::Timestamp;

use crate::{
    failure::{Codes, code, failure},
    secrets::secret_names,
};

/// How long a secret that was read is used without asking again.
pub const CACHED_FOR: Duration = Duration::from_secs(300);
/// Longest key.
const KEY_BYTES_MAX: usize = 128;

/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>.
const CODES: &Codes = &[
    ("ResourceNotFoundException", ErrorCode::SecretMissing),
    // It is about to be deleted.
    ("InvalidRequestException", ErrorCode::SecretMissing),
    ("DecryptionFailure", ErrorCode::AuthenticationFailed),
    ("InvalidParameterException", ErrorCode::InvalidInput),
];

/// Reads secrets and keeps them for [`CACHED_FOR`], in memory only.
pub struct AwsSecrets {
    client: Client,
    prefix: String,
    clock: Arc<dyn Clock>,
    /// Values by name, with the time when they must be asked for again.
    cached: Mutex<BTreeMap<String, (String, Timestamp)>>,
}

impl AwsSecrets {
    /// The secrets below a prefix, as in `hunter`.
    #[must_use]
    pub fn new(client: Client, prefix: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            prefix: prefix.into(),
            clock,
            cached: Mutex::default(),
        }
    }

    fn cached(&self, id: &str) -> Option<String> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, until) = cached.get(id)?;
        (self.clock.now() < *until).then(|| value.clone())
    }

    fn keep(&self, id: String, value: String) {
        let now = self.clock.now();
        let Ok(until) = now.checked_add(CACHED_FOR) else {
            return;
        };
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.retain(|_, (_, until)| now < *until);
        cached.insert(id, (value, until));
    }

    /// The secret of this name, or `None` where there is none.
    async fn read(&self, id: &str) -> Result<Option<String>, RecipeFailure> {
        let asked = self.client.get_secret_value().secret_id(id).send().await;
        let found = match asked {
            Ok(found) => found,
            Err(error) => {
                let failed = failure("Secrets Manager GetSecretValue", CODES, &error);
                return match failed.code {
                    ErrorCode::SecretMissing => Ok(None),
                    ErrorCode::AuthenticationFailed => Err(RecipeFailure::new(
                        failed.code,
                        format!(
                            "secret `{id}` may not be read ({}): allow this function \
                             `secretsmanager:GetSecretValue` on it and `kms:Decrypt` on its key",
                            code(&error)
                        ),
                    )),
                    _ => Err(failed),
                };
            }
        };
        let value = found.secret_string().map(str::trim).unwrap_or_default();
        if value.is_empty() {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!("secret `{id}` is empty or binary: store the key as text"),
            ));
        }
        Ok(Some(value.to_owned()))
    }
}

#[async_trait]
impl SecretsManager for AwsSecrets {
    async fn get_secret(&self, tenant: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !(1..=KEY_BYTES_MAX).contains(&key.len()) || !key.chars().all(plain) {
            return Err(RecipeFailure::invalid_input(format!(
                "`{}` is no key of a secret: use 1 to {KEY_BYTES_MAX} of A-Z a-z 0-9 _ - .",
                key.chars().take(100).collect::<String>().escape_default()
            )));
        }
        for name in secret_names(key) {
            let id = format!("{}/{tenant}/{name}", self.prefix);
            if let Some(value) = self.cached(&id) {
                return Ok(value);
            }
            if let Some(value) = self.read(&id).await? {
                self.keep(id, value.clone());
                return Ok(value);
            }
        }
        Err(RecipeFailure::new(
            ErrorCode::SecretMissing,
            format!(
                "secret `{key}` is not set: store it in Secrets Manager as `{}/{tenant}/{key}`",
                self.prefix
            ),
        ))
    }
}
