//! Signed tokens (RFC 7515, RFC 7519), read as RFC 8725 advises: two algorithms, the key decides
//! which, and nothing that a token says about keys (`jwk`, `jku`, `x5u`, `x5c`) is looked at.
//!
//! Signatures are checked by `ring`, which TLS links anyway, and times come from the context's
//! clock; that is why no JWT crate is used here. The tests sign with one.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hunter_contracts::TenantId;
use hunter_core::{ports::Clock, recipe::json};
use serde_json::Value;

use super::{
    JwtSettings, KeySet, TokenError, TokenVerifier,
    key_set::{Algorithm, KEY_ID_MAX},
};

/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How deep header and claims may nest.
const DEPTH_MAX: usize = 8;

/// Where the keys of the issuer come from.
#[async_trait]
pub(super) trait KeySets: Send + Sync {
    /// The keys, with that of `key_id` where the issuer has it; [`TokenError::Unavailable`] when
    /// none can be had.
    async fn keys(&self, key_id: &str) -> Result<Arc<KeySet>, TokenError>;
}

/// Keys that do not change: one machine that issues its own tokens.
#[async_trait]
impl KeySets for KeySet {
    async fn keys(&self, _: &str) -> Result<Arc<KeySet>, TokenError> {
        Ok(Arc::new(self.clone()))
    }
}

/// Checks tokens against an issuer's keys.
pub struct JwtVerifier {
    settings: JwtSettings,
    keys: Arc<dyn KeySets>,
    clock: Arc<dyn Clock>,
}

impl JwtVerifier {
    /// Takes the tokens that `settings` describe, signed with one of `keys`.
    #[must_use]
    pub fn new(settings: JwtSettings, keys: KeySet, clock: Arc<dyn Clock>) -> Self {
        Self::with(settings, Arc::new(keys), clock)
    }

    pub(super) fn with(
        settings: JwtSettings,
        keys: Arc<dyn KeySets>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            keys,
            clock,
        }
    }
}

#[async_trait]
impl TokenVerifier for JwtVerifier {
    async fn verify(&self, token: &str) -> Result<TenantId, TokenError> {
        let token = Token::read(token).map_err(TokenError::Refused)?;
        let keys = self.keys.keys(&token.key_id).await?;
        if !keys.has(&token.key_id) {
            return Err(TokenError::Refused(
                "the token is signed with a key that its issuer does not publish",
            ));
        }
        let good = keys.verify(
            &token.key_id,
            token.algorithm,
            token.message,
            &token.signature,
        );
        if !good {
            return Err(TokenError::Refused("the token's signature is not good"));
        }
        let claims = read_part(token.claims).ok_or(TokenError::Refused(GARBLED))?;
        let tenant = self.settings.tenant(&claims, self.clock.now());
        tenant.map_err(TokenError::Refused)
    }
}

const GARBLED: &str = "the token is not a signed JWT";

/// A token whose signature is not checked yet.
struct Token<'a> {
    algorithm: Algorithm,
    key_id: String,
    /// What is signed.
    message: &'a [u8],
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    fn read(token: &'a str) -> Result<Self, &'static str> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err("the token is too long");
        }
        let (message, signature) = token.rsplit_once('.').ok_or(GARBLED)?;
        let (header, claims) = message.split_once('.').ok_or(GARBLED)?;
        if claims.contains('.') {
            return Err(GARBLED);
        }
        let header = read_part(header).ok_or(GARBLED)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm = text("alg").and_then(Algorithm::named);
        let algorithm = algorithm.ok_or("the token's algorithm is neither RS256 nor ES256")?;
        if header.get("crit").is_some() {
            return Err("the token asks for an extension that is not known");
        }
        if header.get("typ").is_some_and(|kind| !is_token_type(kind)) {
            return Err("the token is of another type");
        }
        let key_id = text("kid").filter(|id| (1..=KEY_ID_MAX).contains(&id.len()));
        let key_id = key_id.ok_or("the token does not name its key")?;
        Ok(Self {
            algorithm,
            key_id: key_id.to_owned(),
            message: message.as_bytes(),
            claims,
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| GARBLED)?,
        })
    }
}

/// `JWT`, or `at+jwt` of an access token (RFC 9068).
fn is_token_type(kind: &Value) -> bool {
    let kind = kind
        .as_str()
        .map(str::to_ascii_lowercase)
        .unwrap_or_default();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}

/// A part that holds a JSON object.
fn read_part(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    json::read(&bytes, DEPTH_MAX).ok().filter(Value::is_object)
}
