//! Settings from environment variables, and clients of the SDK made from them.
//!
//! The client's configuration is built directly, without the crate `aws-config`: a Lambda function
//! finds its region and its role's keys in environment variables, and one machine talks to an
//! embedded DynamoDB with made-up keys, so the chain of profiles, instance metadata and web
//! identity would only cost start-up time. Keys are read once: those of a Lambda environment hold
//! as long as the environment lives.

use std::{collections::BTreeMap, fmt, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
use aws_smithy_http_client::Builder as HttpBuilder;

/// The name of the main table where `HUNTER_TABLE` does not name another one.
pub const TABLE_DEFAULT: &str = "hunter";
/// The name of the audit table where `HUNTER_AUDIT_TABLE` does not name another one.
pub const AUDIT_TABLE_DEFAULT: &str = "hunter-audit";

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable is not set, or empty.
    #[error("environment variable `{name}` is not set: it holds {purpose}")]
    Missing {
        /// The variable.
        name: String,
        /// What it is for.
        purpose: &'static str,
    },
    /// A variable holds something that cannot be used. Never says what.
    #[error("environment variable `{name}` is not usable: {problem}")]
    Invalid {
        /// The variable.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// The environment as it was when it was read; a map in tests.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let pairs = variables.into_iter();
        Self(pairs.map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl Environment {
    /// The variables of this process; those that are not Unicode are left out.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that may be absent; an empty one counts as absent.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] naming the variable and what it is for.
    pub fn required(&self, name: &str, purpose: &'static str) -> Result<&str, ConfigError> {
        self.optional(name).ok_or_else(|| ConfigError::Missing {
            name: name.to_owned(),
            purpose,
        })
    }
}

/// Keys that requests are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key's id.
    pub access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// Keys for an emulator, which checks none.
    #[must_use]
    pub fn local() -> Self {
        Self {
            access_key_id: "local".into(),
            secret_access_key: "local".into(),
            session_token: None,
        }
    }
}

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
        let endpoint_url = endpoint(environment)?;
        let plain = endpoint_url
            .as_deref()
            .is_some_and(|url| url.starts_with("http://"));
        let region = ["AWS_REGION", "AWS_DEFAULT_REGION"]
            .iter()
            .find_map(|name| environment.optional(name));
        let region = match region {
            Some(region) => region.to_owned(),
            None if plain => "local".to_owned(),
            None => environment
                .required("AWS_REGION", "the AWS region, as in `eu-west-1`")?
                .to_owned(),
        };
        let table = |name, default: &str| environment.optional(name).unwrap_or(default).to_owned();
        Ok(Self {
            region,
            endpoint_url,
            keys: keys(environment, plain)?,
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
        let plain = self
            .endpoint_url
            .as_deref()
            .is_some_and(|url| url.starts_with("http://"));
        let http_client = if plain {
            HttpBuilder::new().build_http()
        } else {
            https_client()?
        };
        let keys = &self.keys;
        let credentials = Credentials::new(
            &keys.access_key_id,
            &keys.secret_access_key,
            keys.session_token.clone(),
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(Duration::from_secs(10))
            .build();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .http_client(http_client);
        config.set_endpoint_url(self.endpoint_url.clone());
        Ok(Client::from_conf(config.build()))
    }
}

fn endpoint(environment: &Environment) -> Result<Option<String>, ConfigError> {
    let names = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"];
    let found = names
        .iter()
        .find_map(|&name| Some((name, environment.optional(name)?)));
    let Some((name, url)) = found else {
        return Ok(None);
    };
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(Some(url.to_owned()));
    }
    Err(ConfigError::Invalid {
        name: name.to_owned(),
        problem: "it must begin with `http://` or `https://`".into(),
    })
}

fn keys(environment: &Environment, plain: bool) -> Result<Keys, ConfigError> {
    if plain && environment.optional("AWS_ACCESS_KEY_ID").is_none() {
        return Ok(Keys::local());
    }
    let required = |name, purpose| environment.required(name, purpose).map(str::to_owned);
    Ok(Keys {
        access_key_id: required("AWS_ACCESS_KEY_ID", "the id of the key to sign with")?,
        secret_access_key: required("AWS_SECRET_ACCESS_KEY", "the key to sign with")?,
        session_token: environment.optional("AWS_SESSION_TOKEN").map(str::to_owned),
    })
}

#[cfg(feature = "https")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature there is no client to answer"
)]
fn https_client() -> Result<SharedHttpClient, ConfigError> {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    let provider = Provider::Rustls(CryptoMode::Ring);
    Ok(HttpBuilder::new().tls_provider(provider).build_https())
}

#[cfg(not(feature = "https"))]
fn https_client() -> Result<SharedHttpClient, ConfigError> {
    Err(ConfigError::Invalid {
        name: "AWS_ENDPOINT_URL_DYNAMODB".into(),
        problem: "this program is built without the feature `https` of hunter-aws and reaches \
                  only `http://` addresses: set one, or build with the feature"
            .into(),
    })
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
