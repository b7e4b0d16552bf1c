//! An issuer's key set over HTTP.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::StatusCode;
use hunter_contracts::chain;
use hunter_core::ports::Clock;
use reqwest::{Client, redirect::Policy};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use super::{
    JwtSettings, JwtVerifier, KeySet,
    remote::{KeySetFetcher, RemoteKeySets},
};

/// The largest key set, in bytes.
const BODY_BYTES_MAX: usize = 256 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(4);

/// Fetches the key set of one address, as in `https://cognito-idp.…/.well-known/jwks.json`. No
/// redirects are followed and no proxy is used.
struct HttpKeySets {
    url: String,
    /// Made when it is first needed: a cold start that answers a public route does without.
    client: OnceCell<Client>,
}

impl JwtVerifier {
    /// Takes the tokens that `settings` describe, signed with a key of the set at `jwks_url`, which
    /// is fetched when the first token comes.
    #[must_use]
    pub fn remote(settings: JwtSettings, jwks_url: &str, clock: Arc<dyn Clock>) -> Self {
        let fetcher = HttpKeySets {
            url: jwks_url.to_owned(),
            client: OnceCell::new(),
        };
        let keys = RemoteKeySets::new(Arc::new(fetcher), clock.clone());
        Self::with(settings, Arc::new(keys), clock)
    }
}

#[async_trait]
impl KeySetFetcher for HttpKeySets {
    async fn fetch(&self) -> Result<KeySet, String> {
        let client = self.client.get_or_try_init(|| async { client() }).await?;
        let problem = |error: reqwest::Error| chain(&error);
        let mut response = client.get(&self.url).send().await.map_err(problem)?;
        if response.status() != StatusCode::OK {
            return Err(format!("`{}` answered {}", self.url, response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(problem)? {
            if body.len().saturating_add(chunk.len()) > BODY_BYTES_MAX {
                return Err(format!(
                    "the key set of `{}` is larger than {BODY_BYTES_MAX} bytes",
                    self.url
                ));
            }
            body.extend_from_slice(&chunk);
        }
        KeySet::parse(&body)
    }
}

fn client() -> Result<Client, String> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut tls = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .build()
        .map_err(|error| format!("no HTTP client: {error}"))
}
