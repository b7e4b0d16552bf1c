//! Adapters to AWS services and the only reader of the environment.
//!
//! - [`config`]: typed settings from environment variables, and the SDK's client made from them;
//! - [`dynamodb`]: the store. The same adapter serves the real DynamoDB and an embedded one, which
//!   it reaches over plain HTTP;
//! - [`secrets`]: keys of outside services.

pub mod config;
pub mod dynamodb;
pub mod secrets;
