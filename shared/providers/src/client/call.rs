//! A request to a service, and its answer.

use hunter_contracts::{ErrorCode, RecipeFailure};
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

use super::Meaning;

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is asked, as in `domain_search`; the name on meters and in price tables.
    pub operation: &'static str,
    /// The model that is asked, for the meter.
    pub model: Option<String>,
    /// The method.
    pub method: Method,
    /// The path below the base address, as in `/v2/domain-search`.
    pub path: String,
    /// Query parameters. Secrets belong in headers; where a service takes them here only, as in
    /// `api_key`, they are left out of recordings by their names.
    pub query: Vec<(String, String)>,
    /// Headers. Secrets go here and are never recorded: any header is left out of recordings.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body with its content type.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// Statuses other than 200 and 201 that are answers, as 202 where one polls.
    pub also_accepts: &'static [u16],
    /// Finds a failure in an answer whose status says success, where the service is known to send
    /// such.
    pub disguised: Option<fn(&Answer) -> Option<Meaning>>,
}

impl Call {
    /// A GET.
    pub fn get(operation: &'static str, path: impl Into<String>) -> Self {
        Self {
            operation,
            model: None,
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            also_accepts: &[],
            disguised: None,
        }
    }

    /// A POST of JSON.
    #[must_use]
    pub fn post(operation: &'static str, path: impl Into<String>, body: &Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(("application/json", body.to_string().into_bytes())),
            ..Self::get(operation, path)
        }
    }

    /// To a model, by its name on the meter.
    #[must_use]
    pub fn to_model(mut self, name: &str) -> Self {
        self.model = Some(name.to_owned());
        self
    }

    /// With a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// With a header whose value is a secret.
    ///
    /// # Errors
    /// `AUTHENTICATION_FAILED` when the value cannot be a header's.
    pub fn secret(mut self, name: HeaderName, value: &str) -> Result<Self, RecipeFailure> {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            RecipeFailure::new(
                ErrorCode::AuthenticationFailed,
                format!(
                    "the key for header `{name}` holds characters that no key has; set it anew"
                ),
            )
        })?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers; of a recorded answer only those that are kept (`content-type`, `retry-after`).
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it was played back.
    pub replayed: bool,
}
