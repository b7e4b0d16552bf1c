//! Bodies of requests.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use hunter_contracts::ErrorCode;
use hunter_core::recipe::{json, parse};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{BODY_BYTES_MAX, JSON_DEPTH_MAX, problem::Refusal};

/// The longest time that a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

/// A JSON body that may be left out; then it is the default.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        let bytes = bytes(request, state).await?;
        check_content_type(&headers)?;
        read(&bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        let bytes = bytes(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        check_content_type(&headers)?;
        read(&bytes).map(Self)
    }
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    let arriving = Bytes::from_request(request, state);
    let arrived = tokio::time::timeout(BODY_TIMEOUT, arriving)
        .await
        .map_err(|_| {
            let detail = "the body did not arrive in time: send the request again";
            Refusal::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::Timeout, detail)
        })?;
    arrived.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let detail = format!("the body is larger than {BODY_BYTES_MAX} bytes: send less");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Refusal::new(status, ErrorCode::LimitExceeded, detail);
        }
        Refusal::malformed("the body could not be read: send the request again")
    })
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    if let (Some(only), None) = (types.next(), types.next())
        && only.to_str().is_ok_and(is_json)
    {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::InvalidInput,
        "`content-type` is not `application/json`: send JSON and say so",
    ))
}

/// JSON has no parameters but, often seen, `charset=utf-8`.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let json = |kind: &str| kind.eq_ignore_ascii_case("application/json");
    let utf8 = |parameter: &str| {
        let value = parameter.replace('"', "");
        value.is_empty() || value.eq_ignore_ascii_case("charset=utf-8")
    };
    parts.next().is_some_and(json) && parts.all(utf8)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let value: Value = json::read(bytes, JSON_DEPTH_MAX)
        .map_err(|problem| Refusal::malformed(format!("the body is not usable JSON: {problem}")))?;
    if !value.is_object() {
        return Err(Refusal::malformed(
            "the body is not a JSON object: send `{…}`",
        ));
    }
    parse(value, "").map_err(|failure| Refusal::malformed(failure.told()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_said_in_one_way() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json;",
        ] {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json; charset=latin1",
            "application/x-www-form-urlencoded",
            "application/json, text/plain",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
