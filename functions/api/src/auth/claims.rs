//! What a token says (RFC 7519 §4.1), checked after its signature.

use hunter_contracts::TenantId;
use jiff::Timestamp;
use serde_json::Value;

/// Whose tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// Who issues them: `iss`, to the letter.
    pub issuer: String,
    /// Whom they are for: in `aud`, or `client_id` of an access token without `aud`, as Cognito
    /// issues them.
    pub audience: String,
    /// The claim that holds the tenant, as in `tenant_id` or `custom:tenant_id`.
    pub tenant_claim: String,
}

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY_S: f64 = 60.0;

impl JwtSettings {
    /// From its parts, in the order of the fields.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        tenant_claim: impl Into<String>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            tenant_claim: tenant_claim.into(),
        }
    }

    /// The tenant that claims name.
    pub(super) fn tenant(&self, claims: &Value, now: Timestamp) -> Result<TenantId, &'static str> {
        self.check_times(claims, now)?;
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err("the token is not of the expected issuer");
        }
        if !self.is_for_us(claims) {
            return Err("the token is for another audience");
        }
        let tenant = claims.get(&self.tenant_claim).and_then(Value::as_str);
        let tenant = tenant.ok_or("the token names no customer")?;
        TenantId::new(tenant).map_err(|_| "the token names no usable customer")
    }

    fn check_times(&self, claims: &Value, now: Timestamp) -> Result<(), &'static str> {
        let now = now.as_millisecond() as f64 / 1_000.0;
        let expires = numeric_date(claims, "exp")?.ok_or("the token has no `exp`")?;
        if now >= expires + LEEWAY_S {
            return Err("the token has expired");
        }
        for begins in [numeric_date(claims, "nbf")?, numeric_date(claims, "iat")?] {
            if begins.is_some_and(|begins| now + LEEWAY_S < begins) {
                return Err("the token is not good yet");
            }
        }
        Ok(())
    }

    fn is_for_us(&self, claims: &Value) -> bool {
        let ours = |value: &Value| value.as_str() == Some(self.audience.as_str());
        match claims.get("aud") {
            Some(Value::Array(audiences)) => {
                audiences.iter().all(Value::is_string) && audiences.iter().any(ours)
            }
            Some(audience) => ours(audience),
            None => {
                let access = claims.get("token_use").and_then(Value::as_str) == Some("access");
                access && claims.get("client_id").is_some_and(ours)
            }
        }
    }
}

/// Seconds since 1970 as a number; a text that holds one is none.
fn numeric_date(claims: &Value, name: &str) -> Result<Option<f64>, &'static str> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            let seconds = number.as_f64().filter(|seconds| seconds.is_finite());
            seconds
                .map(Some)
                .ok_or("a time of the token is not a number")
        }
        Some(_) => Err("a time of the token is not a number"),
    }
}
