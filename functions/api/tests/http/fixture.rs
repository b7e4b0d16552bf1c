//! A served API with an issuer, and a client of it.

use std::{sync::Arc, time::Duration};

use api::{ApiState, JwtSettings, JwtVerifier};
use hunter_core::ports::{Clock, ManualClock};
use reqwest::{Client, Method, header::HeaderMap};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};

use crate::{
    issuer::{AUDIENCE, ISSUER, Issuer},
    support::{Cloud, NOW},
};

/// The customers that are there.
pub const ADA: &str = "cust_ada";
pub const BOB: &str = "cust_bob";

pub struct Fixture {
    pub cloud: Cloud,
    pub clock: ManualClock,
    pub issuer: Issuer,
    pub url: String,
    pub client: Client,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a problem of a status; answers its detail.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        let code = problem["error_code"].as_str().unwrap();
        assert_eq!(problem["type"], format!("/v1/errors/{code}"));
        problem["detail"].as_str().unwrap().to_owned()
    }
}

impl Fixture {
    /// Ada has everything, Bob an empty account.
    pub async fn start() -> Self {
        let clock = ManualClock::new(NOW.parse().unwrap());
        let cloud = Cloud::start(Arc::new(clock.clone())).await;
        cloud.seed(ADA).await;
        let issuer = Issuer::start().await;
        let router = router(&cloud, &issuer, &clock);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self {
            cloud,
            clock,
            issuer,
            url,
            client: client(),
        }
    }

    /// The API without a socket before it.
    pub fn router(&self) -> axum::Router {
        router(&self.cloud, &self.issuer, &self.clock)
    }

    pub fn claims(&self, tenant: &str) -> Value {
        let now = self.clock.now().as_second();
        json!({"iss": ISSUER, "aud": AUDIENCE, "exp": now + 3_600, "iat": now, "tenant_id": tenant})
    }

    pub fn token(&self, tenant: &str) -> String {
        self.issuer.p256.token("ec-1", &self.claims(tenant))
    }

    /// A request of a customer with a JSON body.
    pub async fn ask(&self, tenant: &str, call: &str, body: Option<Value>) -> Answered {
        self.ask_with(tenant, call, &[], body).await
    }

    /// `call` as in `GET /v1/runs`.
    pub async fn ask_with(
        &self,
        tenant: &str,
        call: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answered {
        let body = body.map(|body| body.to_string().into_bytes());
        let bearer = format!("Bearer {}", self.token(tenant));
        let mut all = vec![("authorization", bearer.as_str())];
        if body.is_some() {
            all.push(("content-type", "application/json"));
        }
        all.extend(headers);
        self.send(call, &all, body).await
    }

    pub async fn send(
        &self,
        call: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answered {
        let (method, path) = call.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        Answered {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }
}

fn router(cloud: &Cloud, issuer: &Issuer, clock: &ManualClock) -> axum::Router {
    let settings = JwtSettings::new(ISSUER, AUDIENCE, "tenant_id");
    let verifier = JwtVerifier::remote(settings, &issuer.url, Arc::new(clock.clone()));
    api::router(ApiState {
        control: cloud.control.clone(),
        verifier: Arc::new(verifier),
    })
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tls = ClientConfig::builder()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}
