//! The functions under `cargo lambda watch`, and the router in front of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;

use crate::server::{Server, executable, free_address};

/// The functions of the state machine.
const FUNCTIONS: [&str; 6] = [
    "run",
    "discovery",
    "intelligence",
    "personalization",
    "outreach",
    "subscription",
];
/// Instances of a function at once: as many as chunks go side by side.
const CONCURRENCY: &str = "4";
/// How long a first invocation may take: it builds the function.
const BUILD_TIMEOUT: Duration = Duration::from_secs(900);

/// A `cargo lambda watch` per function, started in the function's own folder: it calls
/// `cargo run --bin NAME`, which looks there. They end when dropped.
pub(crate) struct Watched(BTreeMap<&'static str, Server>);

impl Watched {
    /// What they have written.
    pub(crate) fn log(&self) -> String {
        self.0.values().map(Server::log).collect()
    }
}

/// Addresses for the functions' watchers.
pub(crate) fn addresses() -> BTreeMap<&'static str, SocketAddr> {
    FUNCTIONS.map(|name| (name, free_address())).into()
}

/// Starts the watchers, and waits until each has built its function and answered with it.
pub(crate) async fn start(
    addresses: &BTreeMap<&'static str, SocketAddr>,
    router: SocketAddr,
    environment: &[(&str, String)],
) -> Watched {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let mut watched = Watched(BTreeMap::new());
    for (&name, &address) in addresses {
        let mut command = Command::new(executable("cargo-lambda"));
        command
            .current_dir(functions.join(name))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .args(["lambda", "watch", "--ignore-changes"])
            .args(["--concurrency", CONCURRENCY])
            .args(["-A", "127.0.0.1", "-P", &address.port().to_string()]);
        watched
            .0
            .insert(name, Server::start(command, &[], address).await);
    }
    for name in FUNCTIONS {
        let url = format!("http://{router}/2015-03-31/functions/{name}/invocations");
        let sent = client().post(url).timeout(BUILD_TIMEOUT).body("{}").send();
        let answer = sent.await.unwrap().text().await.unwrap();
        // Nothing is a command or a step, so each refuses it by name.
        assert!(
            answer.contains("INVALID_INPUT"),
            "{name}: {answer}\n{}",
            watched.log()
        );
    }
    watched
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[derive(Clone)]
struct Watch {
    http: reqwest::Client,
    addresses: Arc<BTreeMap<&'static str, SocketAddr>>,
}

/// Serves Lambda's Invoke API in front of `cargo lambda watch`, which says of a function's failure
/// only that it is a 500: what it is in Lambda's words, a 200 with `X-Amz-Function-Error`, is said
/// here.
pub(crate) async fn route_to(addresses: BTreeMap<&'static str, SocketAddr>) -> SocketAddr {
    let watch = Watch {
        http: client(),
        addresses: Arc::new(addresses),
    };
    let router = Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .with_state(watch);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let routed = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    routed
}

async fn invoke(
    State(watch): State<Watch>,
    UrlPath(name): UrlPath<String>,
    payload: Bytes,
) -> (StatusCode, HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    let request = HeaderValue::from_static("00000000-0000-4000-8000-000000000000");
    headers.insert("x-amzn-requestid", request);
    let path = format!("2015-03-31/functions/{name}/invocations");
    let url = match watch.addresses.get(name.as_str()) {
        Some(address) => format!("http://{address}/{path}"),
        None => return (StatusCode::NOT_FOUND, headers, Bytes::new()),
    };
    let sent = watch.http.post(url).body(payload).send().await;
    let answer = match sent {
        Ok(response) => (response.status(), response.bytes().await),
        Err(error) => (StatusCode::BAD_GATEWAY, Err(error)),
    };
    match answer {
        (status, Ok(body)) if status.is_success() => (StatusCode::OK, headers, body),
        (_, Ok(body)) => {
            headers.insert(
                "x-amz-function-error",
                HeaderValue::from_static("Unhandled"),
            );
            (StatusCode::OK, headers, body)
        }
        (_, Err(error)) => {
            headers.insert(
                "x-amzn-errortype",
                HeaderValue::from_static("ServiceException"),
            );
            let message = serde_json::json!({"Message": error.to_string()}).to_string();
            (StatusCode::INTERNAL_SERVER_ERROR, headers, message.into())
        }
    }
}
