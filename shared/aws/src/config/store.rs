//! Where the store is.

use aws_sdk_dynamodb::{Client, config::retry::RetryConfig};

use super::{
    ConfigError, Environment,
    access::{Access, Keys, Service},
    http::HttpClients,
};

/// The name of the main table where `HUNTER_TABLE` does not name another one.
pub const TABLE_DEFAULT: &str = "hunter";
/// The name of the audit table where `HUNTER_AUDIT_TABLE` does not name another one.
pub const AUDIT_TABLE_DEFAULT: &str = "hunter-audit";

/// Where the store is and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The region, as in `eu-west-1`.
    pub region: String,
    /// Another address than AWS's own, as in `http://127.0.0.1:8000`.
    pub endpoint_url: Option<String>,
    /// Keys.
    pub keys: Keys,
    /// The main table.
    pub table: String,
    /// The audit table.
    pub audit_table: String,
}

impl Settings {
    /// From the environment of this process.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_environment(&Environment::of_process())
    }

    /// From an environment:
    ///
    /// | Variable | Meaning | Default |
    /// |---|---|---|
    /// | `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL` | another address than AWS's | AWS |
    /// | `AWS_REGION`, `AWS_DEFAULT_REGION` | the region | `local` with a plain HTTP address |
    /// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | keys | made up with a plain HTTP address |
    /// | `HUNTER_TABLE`, `HUNTER_AUDIT_TABLE` | the tables | `hunter`, `hunter-audit` |
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let access = Access::of(Service::DynamoDb, environment)?;
        let table = |name, default: &str| environment.optional(name).unwrap_or(default).to_owned();
        Ok(Self {
            region: access.region,
            endpoint_url: access.endpoint_url,
            keys: access.keys,
            table: table("HUNTER_TABLE", TABLE_DEFAULT),
            audit_table: table("HUNTER_AUDIT_TABLE", AUDIT_TABLE_DEFAULT),
        })
    }

    /// For an emulator at a plain HTTP address, as in `http://127.0.0.1:8000`.
    #[must_use]
    pub fn local(endpoint_url: impl Into<String>) -> Self {
        Self {
            region: "local".into(),
            endpoint_url: Some(endpoint_url.into()),
            keys: Keys::local(),
            table: TABLE_DEFAULT.into(),
            audit_table: AUDIT_TABLE_DEFAULT.into(),
        }
    }

    /// A client of DynamoDB. Must be called within a Tokio runtime that outlives it.
    ///
    /// The SDK's own retries are off: the adapter retries through the context's clock.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when AWS itself is to be reached and the feature `https` is off.
    pub fn dynamodb_client(&self) -> Result<Client, ConfigError> {
        self.client_over(&HttpClients::default())
    }

    pub(crate) fn client_over(&self, clients: &HttpClients) -> Result<Client, ConfigError> {
        let access = Access {
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            keys: self.keys.clone(),
        };
        let config = access.sdk_config(clients, RetryConfig::disabled())?;
        Ok(Client::new(&config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::from_environment(&variables.iter().copied().collect())
    }

    #[test]
    fn a_missing_variable_is_named() {
        // What is set, and the variable that is missing then.
        let key = ("AWS_ACCESS_KEY_ID", "id");
        let region = ("AWS_REGION", "eu-west-1");
        let table: [(&[(&str, &str)], &str); 5] = [
            (&[], "AWS_REGION"),
            (&[("AWS_REGION", " ")], "AWS_REGION"),
            (&[region], "AWS_ACCESS_KEY_ID"),
            (&[region, key], "AWS_SECRET_ACCESS_KEY"),
            (
                &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), key],
                "AWS_SECRET_ACCESS_KEY",
            ),
        ];
        for (variables, expected) in table {
            match settings(variables) {
                Err(ConfigError::Missing { name, .. }) => assert_eq!(name, expected),
                other => panic!("{variables:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_plain_address_is_all_that_one_machine_needs() {
        let found = settings(&[("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")]).unwrap();
        assert_eq!(found, Settings::local("http://127.0.0.1:8000"));
        let found = settings(&[
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:2"),
            ("HUNTER_TABLE", "mine"),
        ])
        .unwrap();
        assert_eq!(found.endpoint_url.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(found.table, "mine");
        let error = settings(&[("AWS_ENDPOINT_URL", "127.0.0.1:8000")]).unwrap_err();
        assert!(error.to_string().contains("AWS_ENDPOINT_URL"), "{error}");
    }

    #[test]
    fn no_secret_is_shown() {
        let found = settings(&[
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "s3cret"),
            ("AWS_SESSION_TOKEN", "t0ken"),
        ])
        .unwrap();
        let shown = format!("{found:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("t0ken"),
            "{shown}"
        );
        let environment: Environment = [("AWS_SECRET_ACCESS_KEY", "s3cret")].into_iter().collect();
        assert!(!format!("{environment:?}").contains("s3cret"));
    }

    #[cfg(not(feature = "https"))]
    #[test]
    fn without_tls_the_real_aws_is_refused() {
        let mut found = Settings::local("https://dynamodb.eu-west-1.amazonaws.com");
        assert!(found.dynamodb_client().is_err());
        found.endpoint_url = None;
        assert!(found.dynamodb_client().is_err());
    }

    #[cfg(feature = "https")]
    #[test]
    fn with_tls_the_real_aws_has_a_client() {
        let found = Settings::local("https://dynamodb.eu-west-1.amazonaws.com");
        assert!(found.dynamodb_client().is_ok());
    }
}
