//! Settings from environment variables, and clients of the SDK made from them.
//!
//! The clients' configuration is built directly, without the crate `aws-config`: a Lambda function
//! finds its region and its role's keys in environment variables, and one machine talks to an
//! embedded DynamoDB with made-up keys, so the chain of profiles, instance metadata and web
//! identity would only cost start-up time. Keys are read once: those of a Lambda environment hold
//! as long as the environment lives.

mod access;
mod environment;
mod functions;
mod http;
mod store;

pub use access::Keys;
#[cfg(feature = "services")]
pub(crate) use access::{Access, Service};
pub use environment::{ConfigError, Environment};
#[cfg(feature = "ses")]
pub(crate) use functions::mail_from;
pub use functions::{JwtSettings, NotifySettings, ProviderSettings};
pub(crate) use http::HttpClients;
pub use store::{AUDIT_TABLE_DEFAULT, Settings, TABLE_DEFAULT};

/// A variable's value that must be an address of the web, without a slash at its end.
fn web_address(name: &str, url: &str) -> Result<String, ConfigError> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    Err(ConfigError::Invalid {
        name: name.to_owned(),
        problem: "it must begin with `http://` or `https://`".into(),
    })
}
