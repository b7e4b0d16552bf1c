//! Public keys of a token's issuer (RFC 7517).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// Most keys of a set that are looked at.
const KEYS_MAX: usize = 100;
/// The longest key id, in bytes.
pub(super) const KEY_ID_MAX: usize = 256;
/// The least that a modulus may have, in bytes (RFC 7518 §3.3), and the most.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// The algorithms that are known here. Which one a signature is checked with is a property of the
/// key, never of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    /// As `alg` names it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// The usable keys of an issuer.
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    material: Material,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point of P-256.
    P256(Vec<u8>),
}

/// A key as it is published; what else stands there is of no interest.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Reads a JWK Set. Keys that cannot check a signature here — symmetric ones, those of other
    /// curves, for encryption, without an id, too short — are left out.
    ///
    /// # Errors
    /// When it is no JWK Set.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let jwks: Jwks = serde_json::from_slice(json)
            .map_err(|error| format!("the key set is not usable: {error}"))?;
        let keys = jwks.keys.into_iter().take(KEYS_MAX);
        let keys = keys.filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Ok(Self(keys.filter_map(Key::of).collect()))
    }

    /// Whether there is a key of this id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }

    /// Checks a signature with the key of an id, where that key is for `algorithm`.
    pub(super) fn verify(
        &self,
        id: &str,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let mut keys = self.0.iter().filter(|key| key.id == id);
        keys.any(|key| key.algorithm() == algorithm && key.verify(message, signature))
    }
}

impl Key {
    fn of(jwk: Jwk) -> Option<Self> {
        let id = jwk.kid.filter(|id| (1..=KEY_ID_MAX).contains(&id.len()))?;
        let signs = jwk.usage.is_none_or(|usage| usage == "sig");
        let verifies = jwk
            .key_ops
            .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => rsa(&jwk.n?, &jwk.e?)?,
            ("EC", Some("P-256")) => p256(&jwk.x?, &jwk.y?)?,
            _ => return None,
        };
        let key = Self { id, material };
        let fits = jwk
            .alg
            .is_none_or(|alg| Algorithm::named(&alg) == Some(key.algorithm()));
        (signs && verifies && fits).then_some(key)
    }

    const fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Rsa { .. } => Algorithm::Rs256,
            Material::P256(_) => Algorithm::Es256,
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

fn rsa(n: &str, e: &str) -> Option<Material> {
    // Some issuers write a leading zero, which is none of the number's digits.
    let number = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let digits = bytes.iter().position(|&byte| byte != 0)?;
        bytes.get(digits..).map(<[u8]>::to_vec)
    };
    let (n, e) = (number(n)?, number(e)?);
    MODULUS_BYTES
        .contains(&n.len())
        .then_some(Material::Rsa { n, e })
}

fn p256(x: &str, y: &str) -> Option<Material> {
    let coordinate = |text: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes.filter(|bytes| bytes.len() == 32)
    };
    let mut point = vec![4];
    point.extend(coordinate(x)?);
    point.extend(coordinate(y)?);
    Some(Material::P256(point))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_check_signatures_are_kept() {
        let n = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let short = URL_SAFE_NO_PAD.encode([0xff; 255]);
        let x = URL_SAFE_NO_PAD.encode([1; 32]);
        let set = serde_json::json!({"keys": [
            {"kty": "RSA", "kid": "good", "n": n, "e": "AQAB", "alg": "RS256", "use": "sig", "x5c": ["…"]},
            {"kty": "EC", "kid": "curve", "crv": "P-256", "x": x, "y": x},
            {"kty": "RSA", "n": n, "e": "AQAB"},
            {"kty": "RSA", "kid": "", "n": n, "e": "AQAB"},
            {"kty": "RSA", "kid": "encryption", "n": n, "e": "AQAB", "use": "enc"},
            {"kty": "RSA", "kid": "signs", "n": n, "e": "AQAB", "key_ops": ["sign"]},
            {"kty": "RSA", "kid": "other", "n": n, "e": "AQAB", "alg": "RS512"},
            {"kty": "RSA", "kid": "mixed", "n": n, "e": "AQAB", "alg": "ES256"},
            {"kty": "RSA", "kid": "short", "n": short, "e": "AQAB"},
            {"kty": "oct", "kid": "secret", "k": n, "alg": "HS256"},
            {"kty": "EC", "kid": "p384", "crv": "P-384", "x": x, "y": x},
            {"kty": "EC", "kid": "half", "crv": "P-256", "x": "AQ", "y": x},
            {"kty": 7}, "key", null
        ]});
        let set = KeySet::parse(set.to_string().as_bytes()).unwrap();
        let ids: Vec<&str> = set.0.iter().map(|key| key.id.as_str()).collect();
        assert_eq!(ids, ["good", "curve"]);
        for bad in ["", "[]", "{}", r#"{"keys": {}}"#, "<html>"] {
            assert!(KeySet::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
