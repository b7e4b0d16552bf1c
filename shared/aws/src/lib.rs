//! Adapters to AWS services and the only reader of the environment.
//!
//! - [`Aws`]: one place where functions get their adapters and settings;
//! - [`config`]: typed settings from environment variables, and the SDK's client made from them;
//! - [`dynamodb`]: the store. The same adapter serves the real DynamoDB and an embedded one, which
//!   it reaches over plain HTTP;
//! - [`secrets`]: keys of outside services from the environment; `secretsmanager`, `sqs`, `sns`,
//!   `ses`, `sfn`, `scheduler`: one adapter per AWS service, each under the feature of its name.

mod aws;
pub mod config;
pub mod dynamodb;
#[cfg(feature = "services")]
mod failure;
#[cfg(feature = "scheduler")]
pub mod scheduler;
pub mod secrets;
#[cfg(feature = "secretsmanager")]
pub mod secretsmanager;
#[cfg(feature = "ses")]
pub mod ses;
#[cfg(feature = "sfn")]
pub mod sfn;
#[cfg(feature = "sns")]
pub mod sns;
#[cfg(feature = "sqs")]
pub mod sqs;
#[cfg(feature = "test-support")]
pub mod test_support;

pub use aws::Aws;
