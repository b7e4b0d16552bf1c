//! The functions under `cargo lambda watch`, and the router in front of it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;

use crate::deployed::bootstraps;
use crate::server::{Server, executable};

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
const CONCURRENCY: usize = 4;

/// `cargo lambda watch` and the functions that it serves; they end when dropped.
pub(crate) struct Watched {
    watch: Server,
    functions: Vec<Child>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        for function in &mut self.functions {
            let _ = function.kill();
            let _ = function.wait();
        }
    }
}

impl Watched {
    /// What `cargo lambda watch` has written.
    pub(crate) fn log(&self) -> String {
        self.watch.log()
    }
}

/// Starts `cargo lambda watch` on an address, and the bootstraps against its Runtime API. Left to
/// start functions itself it would run `cargo run --bin`, which sees the workspace's default
/// members only.
pub(crate) async fn start(address: SocketAddr, environment: &[(&str, String)]) -> Watched {
    let mut command = Command::new(executable("cargo-lambda"));
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["lambda", "watch", "--only-lambda-apis"])
        .args(["-A", "127.0.0.1", "-P", &address.port().to_string()]);
    let watch = Server::start(command, &[], address).await;
    let start = |function: &str| {
        Command::new(bootstraps().join(function).join("bootstrap"))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", format!("{address}/{function}"))
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let instances = FUNCTIONS.iter().flat_map(|&name| [name; CONCURRENCY]);
    Watched {
        watch,
        functions: instances.map(start).collect(),
    }
}

#[derive(Clone)]
struct Watch {
    http: reqwest::Client,
    address: SocketAddr,
}

/// Serves Lambda's Invoke API in front of `cargo lambda watch`, which says of a function's failure
/// only that it is a 500: what it is in Lambda's words, a 200 with `X-Amz-Function-Error`, is said
/// here.
pub(crate) async fn route_to(address: SocketAddr) -> SocketAddr {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let router = Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .with_state(Watch { http, address });
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
    let url = format!("http://{}/{path}", watch.address);
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
