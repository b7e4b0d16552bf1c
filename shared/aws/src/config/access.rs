//! How each AWS service is reached: its address, the region and the keys.

use std::{fmt, time::Duration};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_types::SdkConfig;

use super::{ConfigError, Environment, http::HttpClients};

/// The AWS services that the Hunter calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    #[cfg(feature = "secretsmanager")]
    SecretsManager,
    #[cfg(feature = "sqs")]
    Sqs,
    #[cfg(feature = "sns")]
    Sns,
    #[cfg(feature = "ses")]
    Ses,
    #[cfg(feature = "sfn")]
    Sfn,
    #[cfg(feature = "scheduler")]
    Scheduler,
}

impl Service {
    /// The variable that AWS's SDKs read a service's own address from.
    const fn endpoint_variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            #[cfg(feature = "secretsmanager")]
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            #[cfg(feature = "sqs")]
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            #[cfg(feature = "sns")]
            Self::Sns => "AWS_ENDPOINT_URL_SNS",
            #[cfg(feature = "ses")]
            Self::Ses => "AWS_ENDPOINT_URL_SES",
            #[cfg(feature = "sfn")]
            Self::Sfn => "AWS_ENDPOINT_URL_SFN",
            #[cfg(feature = "scheduler")]
            Self::Scheduler => "AWS_ENDPOINT_URL_SCHEDULER",
        }
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

/// Where a service is and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) region: String,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) keys: Keys,
}

impl Access {
    /// From `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL`, `AWS_REGION` or
    /// `AWS_DEFAULT_REGION`, and the keys. With a plain HTTP address region and keys may be missing:
    /// an emulator checks neither.
    pub(crate) fn of(service: Service, environment: &Environment) -> Result<Self, ConfigError> {
        let endpoint_url = endpoint(service, environment)?;
        let plain = is_plain(endpoint_url.as_deref());
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
        Ok(Self {
            region,
            endpoint_url,
            keys: keys(environment, plain)?,
        })
    }

    /// What every client of the SDK is made from.
    pub(crate) fn sdk_config(
        &self,
        clients: &HttpClients,
        retries: RetryConfig,
    ) -> Result<SdkConfig, ConfigError> {
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
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(retries)
            .timeout_config(timeouts)
            .http_client(clients.get(is_plain(self.endpoint_url.as_deref()))?);
        config.set_endpoint_url(self.endpoint_url.clone());
        Ok(config.build())
    }
}

fn is_plain(endpoint_url: Option<&str>) -> bool {
    endpoint_url.is_some_and(|url| url.starts_with("http://"))
}

fn endpoint(service: Service, environment: &Environment) -> Result<Option<String>, ConfigError> {
    let names = [service.endpoint_variable(), "AWS_ENDPOINT_URL"];
    let found = names
        .iter()
        .find_map(|&name| Some((name, environment.optional(name)?)));
    let Some((name, url)) = found else {
        return Ok(None);
    };
    super::web_address(name, url).map(Some)
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
