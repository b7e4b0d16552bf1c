//! An issuer of tokens: a server that publishes its keys, and pens that sign with them. Ordinary
//! tokens are signed by a JWT crate, so that reading is not checked by our own writing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use axum::{Json, Router, http::StatusCode, routing::get};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://issuer.example/pool";
pub const AUDIENCE: &str = "client-1";

/// Signs; its public half may be published.
pub enum Pen {
    Rsa(rsa::KeyPair, Vec<u8>),
    P256(EcdsaKeyPair, Vec<u8>),
}

impl Pen {
    /// The one RSA key of the tests. It guards nothing.
    pub fn rsa() -> Self {
        let text = include_str!("rsa_key.txt").replace('\n', "");
        let der = STANDARD.decode(text).unwrap();
        Self::Rsa(rsa::KeyPair::from_der(&der).unwrap(), der)
    }

    pub fn p256() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let der = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let der = der.as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &der, &random).unwrap();
        Self::P256(pair, der)
    }

    /// The public half as it is published.
    pub fn jwk(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair, _) => {
                let parts = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig",
                    "n": text(&parts.n), "e": text(&parts.e)})
            }
            Self::P256(pair, _) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "kid": kid, "crv": "P-256", "use": "sig",
                    "x": text(&point[1..33]), "y": text(&point[33..])})
            }
        }
    }

    /// An ordinary token, by the JWT crate.
    pub fn token(&self, kid: &str, claims: &Value) -> String {
        let (algorithm, key) = match self {
            Self::Rsa(_, der) => (Algorithm::RS256, EncodingKey::from_rsa_der(der)),
            Self::P256(_, der) => (Algorithm::ES256, EncodingKey::from_ec_der(der)),
        };
        let mut header = Header::new(algorithm);
        header.kid = Some(kid.into());
        encode(&header, claims, &key).unwrap()
    }

    /// Any token: the header says what it says.
    pub fn forge(&self, header: &Value, claims: &Value) -> String {
        let message = parts(&header.to_string(), &claims.to_string());
        let signature = self.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair, _) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Self::P256(pair, _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
        }
    }
}

/// Header and claims, encoded.
pub fn parts(header: &str, claims: &str) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    )
}

/// A token whose "signature" is an HMAC with `secret`.
pub fn hmac_token(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = parts(&header.to_string(), &claims.to_string());
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret),
        message.as_bytes(),
    );
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// Publishes keys; counts how often they are asked for.
pub struct Issuer {
    pub url: String,
    pub asked: Arc<AtomicU32>,
    /// Whether it answers with a failure.
    pub is_down: Arc<AtomicBool>,
    pub rsa: Pen,
    pub p256: Pen,
}

impl Issuer {
    pub async fn start() -> Self {
        let (rsa, p256) = (Pen::rsa(), Pen::p256());
        let keys = json!({"keys": [
            Pen::p256().jwk("older"), rsa.jwk("rsa-1"), p256.jwk("ec-1"),
            {"kty": "oct", "kid": "oct-1", "k": URL_SAFE_NO_PAD.encode(b"secret"), "alg": "HS256"},
        ]});
        let asked = Arc::new(AtomicU32::new(0));
        let is_down = Arc::new(AtomicBool::new(false));
        let (counter, fails) = (asked.clone(), is_down.clone());
        let serve = move || async move {
            counter.fetch_add(1, Ordering::Relaxed);
            match fails.load(Ordering::Relaxed) {
                true => Err(StatusCode::INTERNAL_SERVER_ERROR),
                false => Ok(Json(keys)),
            }
        };
        let router = Router::new().route("/jwks.json", get(serve));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self {
            url,
            asked,
            is_down,
            rsa,
            p256,
        }
    }
}
