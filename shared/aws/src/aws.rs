//! One place where functions get their adapters, each only under its cargo feature.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use hunter_contracts::Rates;
use hunter_core::{
    ports::Clock,
    recipe::{FunctionNames, Platform},
};

use crate::{
    config::{
        ConfigError, Environment, HttpClients, JwtSettings, NotifySettings, ProviderSettings,
        Settings,
    },
    dynamodb::{DynamoStore, Tables},
};

/// The environment and the connections of one process. Must be used within a Tokio runtime that
/// outlives what it made.
///
/// Every method reads its variables when it is called; called at start, a missing variable ends the
/// start with a [`ConfigError`] that names it and says what it is for.
///
/// | Adapter | Variables |
/// |---|---|
/// | all | `AWS_REGION`, keys, `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL`, `AWS_CA_BUNDLE` |
/// | store | `HUNTER_TABLE`, `HUNTER_AUDIT_TABLE` |
/// | platform | the store's, `HUNTER_FUNCTION_PREFIX` |
/// | secrets | `HUNTER_SECRETS_PREFIX` (default `hunter`) |
/// | queue of runs | `HUNTER_RUN_QUEUE_URL`, `HUNTER_RUN_DEAD_LETTER_QUEUE_URL` |
/// | queue of alerts | `HUNTER_ALERT_QUEUE_URL`, `HUNTER_ALERT_DEAD_LETTER_QUEUE_URL` |
/// | alerts | `HUNTER_ALERT_TOPIC_ARN` |
/// | mailer | `HUNTER_MAIL_FROM` |
/// | executions | `HUNTER_STATE_MACHINE_ARN` |
/// | providers | `HUNTER_<SERVICE>_URL`, `HUNTER_SITES_GATEWAY`, `HUNTER_MODELS_FILE` |
/// | schedules | `HUNTER_SCHEDULE_GROUP`, `HUNTER_SCHEDULE_TARGET_ARN`, `HUNTER_SCHEDULE_ROLE_ARN`, `HUNTER_SCHEDULE_DEAD_LETTER_ARN` |
#[derive(Debug, Clone)]
pub struct Aws {
    environment: Environment,
    settings: Settings,
    clients: HttpClients,
}

impl Aws {
    /// From the environment of this process.
    ///
    /// # Errors
    /// As [`Aws::from_environment`].
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_environment(&Environment::of_process())
    }

    /// From an environment.
    ///
    /// # Errors
    /// As [`Settings::from_environment`].
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            settings: Settings::from_environment(environment)?,
            clients: HttpClients::of(environment),
            environment: environment.clone(),
        })
    }

    /// The environment.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Where the store is.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A client of DynamoDB, as [`Settings::dynamodb_client`] makes it.
    ///
    /// # Errors
    /// As [`Settings::dynamodb_client`].
    pub fn dynamodb_client(&self) -> Result<Client, ConfigError> {
        self.settings.client_over(&self.clients)
    }

    /// The store.
    ///
    /// # Errors
    /// As [`Settings::dynamodb_client`].
    pub fn store(&self, clock: Arc<dyn Clock>) -> Result<DynamoStore, ConfigError> {
        let tables = Tables::from(&self.settings);
        Ok(DynamoStore::new(self.dynamodb_client()?, tables, clock))
    }

    /// What recipes run on: the store, and the names of the functions in the plan. Alerts are
    /// stored only until [`Platform::alerts`] is set.
    ///
    /// # Errors
    /// As [`Aws::store`].
    pub fn platform(&self, clock: Arc<dyn Clock>) -> Result<Platform, ConfigError> {
        let prefix = self.environment.optional("HUNTER_FUNCTION_PREFIX");
        let functions = FunctionNames {
            prefix: prefix.unwrap_or_default().to_owned(),
        };
        let store = Arc::new(self.store(clock.clone())?);
        let rates = Rates::published()?;
        rates.at(clock.now())?;
        Ok(Platform {
            functions,
            ..Platform::new(store, clock, rates)
        })
    }

    /// Which tokens the HTTP API believes.
    ///
    /// # Errors
    /// As [`JwtSettings::from_environment`].
    pub fn jwt(&self) -> Result<JwtSettings, ConfigError> {
        JwtSettings::from_environment(&self.environment)
    }

    /// Whom notifications come from and go to.
    ///
    /// # Errors
    /// As [`NotifySettings::from_environment`].
    pub fn notify(&self) -> Result<NotifySettings, ConfigError> {
        NotifySettings::from_environment(&self.environment)
    }

    /// Other addresses for outside services, for development only, and another list of models;
    /// `services` are their ids, each with its variable.
    ///
    /// # Errors
    /// As [`ProviderSettings::from_environment`].
    pub fn providers(
        &self,
        services: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> Result<ProviderSettings, ConfigError> {
        ProviderSettings::from_environment(&self.environment, services)
    }
}

#[cfg(feature = "services")]
mod services {
    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_types::SdkConfig;

    use super::{Aws, ConfigError};
    use crate::config::{Access, Service};

    /// How often a call is sent; the SDK waits between. All calls may be repeated: they read, or
    /// are named by their caller, or their receivers expect repetitions.
    const ATTEMPTS_MAX: u32 = 3;

    impl Aws {
        fn sdk_config(&self, service: Service) -> Result<SdkConfig, ConfigError> {
            let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX);
            Access::of(service, &self.environment)?.sdk_config(&self.clients, retries)
        }

        #[cfg(any(
            feature = "sqs",
            feature = "sns",
            feature = "sfn",
            feature = "scheduler"
        ))]
        fn required(&self, name: &str, purpose: &'static str) -> Result<String, ConfigError> {
            let found = self.environment.required(name, purpose);
            found.map(str::to_owned)
        }
    }

    #[cfg(feature = "secretsmanager")]
    impl Aws {
        /// Customers' secrets.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn secrets(
            &self,
            clock: std::sync::Arc<dyn hunter_core::ports::Clock>,
        ) -> Result<crate::secretsmanager::AwsSecrets, ConfigError> {
            let config = self.sdk_config(Service::SecretsManager)?;
            let client = aws_sdk_secretsmanager::Client::new(&config);
            let prefix = self.environment.optional("HUNTER_SECRETS_PREFIX");
            let prefix = prefix.unwrap_or("hunter").trim_end_matches('/');
            Ok(crate::secretsmanager::AwsSecrets::new(
                client, prefix, clock,
            ))
        }
    }

    #[cfg(feature = "sqs")]
    impl Aws {
        /// The queue of runs to start.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn run_queue(&self) -> Result<crate::sqs::SqsQueue, ConfigError> {
            let url = "the address of the queue of runs to start";
            let dead = "the address of the queue of runs that could not be started";
            self.queue(
                self.required("HUNTER_RUN_QUEUE_URL", url)?,
                self.required("HUNTER_RUN_DEAD_LETTER_QUEUE_URL", dead)?,
            )
        }

        /// The queue of alerts to deliver.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn alert_queue(&self) -> Result<crate::sqs::SqsQueue, ConfigError> {
            let url = "the address of the queue of alerts to deliver";
            let dead = "the address of the queue of alerts that could not be delivered";
            self.queue(
                self.required("HUNTER_ALERT_QUEUE_URL", url)?,
                self.required("HUNTER_ALERT_DEAD_LETTER_QUEUE_URL", dead)?,
            )
        }

        fn queue(&self, url: String, dead: String) -> Result<crate::sqs::SqsQueue, ConfigError> {
            let client = aws_sdk_sqs::Client::new(&self.sdk_config(Service::Sqs)?);
            Ok(crate::sqs::SqsQueue::new(client, url, dead))
        }
    }

    #[cfg(feature = "sns")]
    impl Aws {
        /// The topic of alerts.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn alerts(&self) -> Result<crate::sns::AlertTopic, ConfigError> {
            let topic = "the ARN of the topic that alerts are published to";
            let topic = self.required("HUNTER_ALERT_TOPIC_ARN", topic)?;
            let client = aws_sdk_sns::Client::new(&self.sdk_config(Service::Sns)?);
            Ok(crate::sns::AlertTopic::new(client, topic))
        }
    }

    #[cfg(feature = "ses")]
    impl Aws {
        /// Who sends e-mail to customers.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn mailer(&self) -> Result<crate::ses::SesMailer, ConfigError> {
            let from = crate::config::mail_from(&self.environment)?;
            let client = aws_sdk_ses::Client::new(&self.sdk_config(Service::Ses)?);
            Ok(crate::ses::SesMailer::new(client, from))
        }
    }

    #[cfg(feature = "sfn")]
    impl Aws {
        /// The executions of the state machine.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn executions(&self) -> Result<crate::sfn::StateMachine, ConfigError> {
            let arn = "the ARN of the state machine that runs";
            let arn = self.required(crate::sfn::STATE_MACHINE_ARN, arn)?;
            let client = aws_sdk_sfn::Client::new(&self.sdk_config(Service::Sfn)?);
            crate::sfn::StateMachine::new(client, &arn)
        }
    }

    #[cfg(feature = "scheduler")]
    impl Aws {
        /// Agents' schedules.
        ///
        /// # Errors
        /// [`ConfigError`] naming the variable.
        pub fn schedules(&self) -> Result<crate::scheduler::AwsSchedules, ConfigError> {
            let group = "the group that agents' schedules are kept in";
            let target = "the ARN of the function that a schedule calls";
            let role = "the ARN of the role that a schedule calls its function with";
            let dead = "the ARN of the queue of ticks that could not be delivered";
            let target = crate::scheduler::ScheduleTarget {
                group: self.required("HUNTER_SCHEDULE_GROUP", group)?,
                target_arn: self.required("HUNTER_SCHEDULE_TARGET_ARN", target)?,
                role_arn: self.required("HUNTER_SCHEDULE_ROLE_ARN", role)?,
                dead_letter_arn: self.required("HUNTER_SCHEDULE_DEAD_LETTER_ARN", dead)?,
            };
            let client = aws_sdk_scheduler::Client::new(&self.sdk_config(Service::Scheduler)?);
            Ok(crate::scheduler::AwsSchedules::new(client, target))
        }
    }
}

#[cfg(all(
    test,
    feature = "secretsmanager",
    feature = "sqs",
    feature = "sns",
    feature = "ses",
    feature = "sfn",
    feature = "scheduler"
))]
mod tests {
    use hunter_core::ports::SystemClock;

    use super::*;

    const ARN: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:hunter";

    /// Every variable that must be set.
    fn complete() -> Vec<(&'static str, &'static str)> {
        let mut all = vec![
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("HUNTER_STATE_MACHINE_ARN", ARN),
            ("HUNTER_JWKS_URL", "https://issuer.example/keys"),
            ("HUNTER_MAIL_FROM", "hunter@x.example"),
            ("HUNTER_ADMIN_EMAIL", "admin@x.example"),
        ];
        let rest = [
            "HUNTER_RUN_QUEUE_URL",
            "HUNTER_RUN_DEAD_LETTER_QUEUE_URL",
            "HUNTER_ALERT_QUEUE_URL",
            "HUNTER_ALERT_DEAD_LETTER_QUEUE_URL",
            "HUNTER_ALERT_TOPIC_ARN",
            "HUNTER_SCHEDULE_GROUP",
            "HUNTER_SCHEDULE_TARGET_ARN",
            "HUNTER_SCHEDULE_ROLE_ARN",
            "HUNTER_SCHEDULE_DEAD_LETTER_ARN",
            "HUNTER_JWT_ISSUER",
            "HUNTER_JWT_AUDIENCE",
        ];
        all.extend(rest.map(|name| (name, "set")));
        all
    }

    fn everything(environment: &Environment) -> Result<(), ConfigError> {
        let aws = Aws::from_environment(environment)?;
        let clock = || Arc::new(SystemClock);
        aws.platform(clock())?;
        aws.secrets(clock())?;
        aws.run_queue()?;
        aws.alert_queue()?;
        aws.alerts()?;
        aws.mailer()?;
        aws.executions()?;
        aws.schedules()?;
        aws.jwt()?;
        aws.notify()?;
        aws.providers([])?;
        Ok(())
    }

    #[tokio::test]
    async fn a_missing_variable_is_named() {
        assert_eq!(everything(&complete().into_iter().collect()), Ok(()));
        let optional = ["AWS_REGION", "AWS_ENDPOINT_URL"];
        for (missing, _) in complete() {
            if optional.contains(&missing) {
                continue;
            }
            let kept = complete().into_iter().filter(|(name, _)| *name != missing);
            match everything(&kept.collect()) {
                Err(ConfigError::Missing { name, purpose }) => {
                    assert_eq!(name, missing);
                    assert!(purpose.starts_with("the ") || purpose.starts_with("who"));
                }
                other => panic!("without {missing}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_service_has_an_address_of_its_own() {
        let of = |variables: &[(&'static str, &'static str)]| {
            let all = complete()
                .into_iter()
                .filter(|(n, _)| *n != "AWS_ENDPOINT_URL");
            let set = variables.iter().copied();
            everything(&all.chain(set).collect())
        };
        let dynamo = ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1");
        // The others are AWS's own, for which there are no keys here.
        let error = of(&[dynamo]).unwrap_err();
        assert!(error.to_string().contains("AWS_ACCESS_KEY_ID"), "{error}");
        let services = [
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:2"),
            ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:3"),
            ("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:4"),
            ("AWS_ENDPOINT_URL_SES", "http://127.0.0.1:5"),
            ("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:6"),
            ("AWS_ENDPOINT_URL_SCHEDULER", "http://127.0.0.1:7"),
        ];
        let mut all = vec![dynamo];
        all.extend(services);
        assert_eq!(of(&all), Ok(()));
        for at in 1..all.len() {
            let mut bad = all.clone();
            bad[at].1 = "127.0.0.1:1";
            let error = of(&bad).unwrap_err();
            assert!(error.to_string().contains(bad[at].0), "{error}");
        }
    }

    #[tokio::test]
    async fn an_arn_of_something_else_is_refused() {
        let mut all = complete();
        all.retain(|(name, _)| *name != "HUNTER_STATE_MACHINE_ARN");
        all.push(("HUNTER_STATE_MACHINE_ARN", "hunter"));
        let error = everything(&all.into_iter().collect()).unwrap_err();
        assert!(
            error.to_string().contains("HUNTER_STATE_MACHINE_ARN"),
            "{error}"
        );
    }
}
