//! The functions under `cargo lambda watch`, and the router in front of it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use hunter_contracts::RECIPES;

use crate::deployed::bootstraps;
use crate::server::{Port, Server, executable};

/// Instances of a function at once: as many as chunks go side by side.
const CONCURRENCY: usize = 4;
/// How long a first invocation may take.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// The functions of the state machine.
fn functions() -> impl Iterator<Item = &'static str> {
    let recipes = RECIPES.iter().map(|recipe| recipe.id.into());
    std::iter::once("run").chain(recipes)
}

/// `cargo lambda watch` as the Lambda service, and the instances of the functions that it serves:
/// the bootstraps as they stand, so that nothing is built here. All end when dropped.
pub(crate) struct Watched {
    service: Server,
    instances: Vec<Instance>,
    /// What the instances have written.
    directory: tempfile::TempDir,
}

/// The process of an instance.
struct Instance(Child);

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Watched {
    /// What they have written.
    pub(crate) fn log(&self) -> String {
        let read = |name| std::fs::read(self.directory.path().join(name)).unwrap_or_default();
        let logs = functions().map(|name| String::from_utf8_lossy(&read(name)).into_owned());
        self.service.log() + &logs.collect::<String>()
    }
}

/// Starts the service and the functions, and waits until each function has answered.
pub(crate) async fn start(
    port: Port,
    router: SocketAddr,
    environment: &[(&str, String)],
) -> Watched {
    let runtime = format!("http://{}/.rt", port.address);
    let mut command = Command::new(executable("cargo-lambda"));
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1"])
        .args(["-P", &port.address.port().to_string()]);
    let mut watched = Watched {
        service: Server::start(command, &[], port).await,
        instances: Vec::new(),
        directory: tempfile::tempdir().unwrap(),
    };
    for name in functions() {
        let log = std::fs::File::create(watched.directory.path().join(name)).unwrap();
        for _ in 0..CONCURRENCY {
            let child = Command::new(bootstraps().join(name).join("bootstrap"))
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .env("AWS_LAMBDA_RUNTIME_API", format!("{runtime}/{name}"))
                .env("AWS_LAMBDA_FUNCTION_NAME", name)
                .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
                .env("NO_PROXY", "*")
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log.try_clone().unwrap())
                .spawn();
            let child = child.unwrap_or_else(|error| {
                panic!("cannot start `{name}` ({error}): docs/engines.md says how to build it")
            });
            watched.instances.push(Instance(child));
        }
    }
    for name in functions() {
        let url = format!("http://{router}/2015-03-31/functions/{name}/invocations");
        let sent = client().post(url).timeout(START_TIMEOUT).body("{}").send();
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
    service: SocketAddr,
}

/// Serves Lambda's Invoke API in front of `cargo lambda watch`, which says of a function's failure
/// only that it is a 500: what it is in Lambda's words, a 200 with `X-Amz-Function-Error`, is said
/// here.
pub(crate) async fn route_to(service: SocketAddr) -> SocketAddr {
    let watch = Watch {
        http: client(),
        service,
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
    if !functions().any(|function| function == name) {
        return (StatusCode::NOT_FOUND, headers, Bytes::new());
    }
    let service = watch.service;
    let url = format!("http://{service}/2015-03-31/functions/{name}/invocations");
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
