//! Development tokens: JWTs signed with a key of this machine (ES256,
//! [RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4)), which `hunter serve`
//! publishes as a JWKS. On AWS tokens come from the customers' identity provider.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use api::{JwtSettings, JwtVerifier, KeySet, TokenVerifier};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hunter_contracts::{RecipeFailure, TenantId};
use hunter_core::{ports::Clock, recipe::short_key};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use crate::files::failed;

/// Whom the tokens are for.
pub const AUDIENCE: &str = "hunter-local";
/// The claim that names the tenant.
pub const TENANT_CLAIM: &str = "tenant_id";
/// Bytes of a coordinate of a point of P-256.
const COORDINATE_BYTES: usize = 32;

/// The key of a directory, which signs tokens.
pub struct TokenKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl TokenKey {
    /// Reads the directory's key, or makes one that only its owner can read.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key.
    pub fn open(directory: &Path) -> Result<Self, RecipeFailure> {
        let path = directory.join("token-key.der");
        let random = SystemRandom::new();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => make(&path, &random)?,
            Err(error) => return Err(failed(&path, error)),
        };
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &random)
            .map_err(|_| failed(&path, "it holds no key: remove it, and a new one is made"))?;
        Ok(Self { pair, random })
    }

    /// A token for a tenant.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a life that ends beyond the end of time.
    pub fn issue(
        &self,
        issuer: &str,
        tenant: &TenantId,
        now: Timestamp,
        life: Duration,
    ) -> Result<String, RecipeFailure> {
        let expires = now.checked_add(life).map_err(|_| {
            RecipeFailure::invalid_input("`expires` is beyond the end of time: use a shorter one")
        })?;
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.id() });
        let claims = json!({
            "iss": issuer,
            "aud": AUDIENCE,
            "sub": format!("dev-{tenant}"),
            TENANT_CLAIM: tenant,
            "iat": now.as_second(),
            "exp": expires.as_second(),
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self
            .pair
            .sign(&self.random, signed.as_bytes())
            .map_err(|_| RecipeFailure::internal("the token cannot be signed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The public key as a JWKS ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
    #[must_use]
    pub fn jwks(&self) -> Value {
        let (x, y) = self.point();
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
            "kid": self.id(), "x": x, "y": y,
        }] })
    }

    fn id(&self) -> String {
        let (x, y) = self.point();
        short_key(&[&x, &y])
    }

    /// The public point: an uncompressed one is a byte 4 and two coordinates.
    fn point(&self) -> (String, String) {
        let bytes = self.pair.public_key().as_ref();
        let (x, y) = bytes
            .split_at_checked(1)
            .and_then(|(_, point)| point.split_at_checked(COORDINATE_BYTES))
            .unwrap_or_default();
        (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
    }
}

/// Checks the tokens that a key issues in the name of `issuer`.
///
/// # Errors
/// Never, as the key's own set is one.
pub(super) fn verifier(
    key: &TokenKey,
    issuer: &str,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn TokenVerifier>, RecipeFailure> {
    let settings = JwtSettings {
        issuer: issuer.to_owned(),
        audience: AUDIENCE.to_owned(),
        tenant_claim: TENANT_CLAIM.to_owned(),
    };
    let keys = KeySet::parse(key.jwks().to_string().as_bytes()).map_err(RecipeFailure::internal)?;
    Ok(Arc::new(JwtVerifier::new(settings, keys, clock)))
}

/// Makes a key; of two processes at once the first one's stands.
fn make(path: &Path, random: &SystemRandom) -> Result<Vec<u8>, RecipeFailure> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, random)
        .map_err(|_| RecipeFailure::internal("there is no randomness for a key"))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => file
            .write_all(key.as_ref())
            .map_err(|error| failed(path, error))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return fs::read(path).map_err(|error| failed(path, error));
        }
        Err(error) => return Err(failed(path, error)),
    }
    Ok(key.as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn tokens_are_signed_by_the_published_key_which_only_its_owner_can_read() {
        let directory = tempfile::tempdir().unwrap();
        let key = TokenKey::open(directory.path()).unwrap();
        let now = "2026-03-01T10:00:00Z".parse().unwrap();
        let tenant = TenantId::derived("cust", "001");
        let token = key
            .issue(
                "http://127.0.0.1:8080",
                &tenant,
                now,
                Duration::from_secs(60),
            )
            .unwrap();
        let again = TokenKey::open(directory.path()).unwrap();
        let jwks = again.jwks();
        assert_eq!(jwks, key.jwks(), "the key is kept");

        let part = |index: usize| token.split('.').nth(index).unwrap();
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let jwk = &jwks["keys"][0];
        let coordinate = |name: &str| decode(jwk[name].as_str().unwrap());
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let signed = format!("{}.{}", part(0), part(1));
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public.verify(signed.as_bytes(), &decode(part(2))).unwrap();
        let claims: Value = serde_json::from_slice(&decode(part(1))).unwrap();
        assert_eq!(claims["tenant_id"], "cust_001");
        assert_eq!(claims["exp"].as_i64().unwrap(), now.as_second() + 60);

        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(directory.path().join("token-key.der")).unwrap();
            assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_broken_key_is_told() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("token-key.der"), "no key").unwrap();
        let failure = TokenKey::open(directory.path()).err().unwrap();
        assert!(failure.message.contains("token-key.der"), "{failure}");
    }
}
