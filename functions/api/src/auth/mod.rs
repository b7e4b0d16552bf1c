//! Who is asking: the tenant comes from a verified token, and from nowhere else.

mod claims;
mod fetch;
mod key_set;
mod remote;
mod token;
mod verifier;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
};
use hunter_contracts::{ErrorCode, TenantId};
use tracing::Span;

use crate::{ApiState, problem::Refusal, query::only};

pub use claims::JwtSettings;
pub use key_set::KeySet;
pub use token::JwtVerifier;
pub use verifier::{TokenError, TokenVerifier};

/// The tenant of a request.
pub(crate) struct Tenant(pub(crate) TenantId);

impl FromRequestParts<ApiState> for Tenant {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Refusal> {
        let header = only(&parts.headers, &header::AUTHORIZATION);
        let header = header.map_err(|_| refused("the header `authorization` is not usable"))?;
        let Some(header) = header else {
            let challenge = HeaderValue::from_static("Bearer");
            return Err(unauthorized(
                "the header `authorization` is missing: send `Bearer` and a token",
                challenge,
            ));
        };
        let token = bearer(header).ok_or_else(|| {
            refused("the header `authorization` does not hold `Bearer` and a token")
        })?;
        let tenant = state.verifier.verify(token).await.map_err(failure)?;
        Span::current().record("tenant", tracing::field::display(&tenant));
        Ok(Self(tenant))
    }
}

/// The token of `Bearer …` (RFC 6750 §2.1); the scheme's case does not matter.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn failure(error: TokenError) -> Refusal {
    match error {
        TokenError::Refused(why) => refused(why),
        TokenError::Unavailable {
            reason,
            retry_after_ms,
        } => {
            tracing::warn!(reason, "the keys of the token's issuer cannot be had");
            Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::ApiUnavailable,
                "tokens cannot be checked now: try again",
            )
            .with_header(header::RETRY_AFTER, retry_after_ms.div_ceil(1_000).into())
        }
    }
}

fn refused(why: &'static str) -> Refusal {
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    unauthorized(why, challenge)
}

fn unauthorized(why: &'static str, challenge: HeaderValue) -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::AuthenticationFailed,
        why,
    )
    .with_header(header::WWW_AUTHENTICATE, challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_tokens_are_found() {
        assert_eq!(bearer("Bearer a.b.c"), Some("a.b.c"));
        assert_eq!(bearer("bearer  a.b.c "), Some("a.b.c"));
        for bad in ["", "Bearer", "Bearer ", "Basic a", "Bearera.b.c", "a.b.c"] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }
}
