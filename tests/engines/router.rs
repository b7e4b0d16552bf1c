//! The functions of all running cases behind one address: as Lambda's Invoke API for an engine that
//! calls Lambda from outside, and for `scripted-function`, which an engine runs itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use crate::case::Script;
use crate::pattern::Seen;
use crate::real_time::plain;

/// A case that is under way.
pub(crate) struct Running {
    case: String,
    script: Script,
    calls: Mutex<Vec<Seen>>,
}

impl Running {
    pub(crate) fn new(case: &str, script: Script) -> Arc<Self> {
        Arc::new(Self {
            case: case.to_owned(),
            script,
            calls: Mutex::default(),
        })
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        self.calls.lock().unwrap().clone()
    }

    /// Functions with answers that nobody asked for.
    pub(crate) fn unused(&self) -> Vec<String> {
        self.script.unused()
    }

    async fn call(&self, function: &str, payload: Value) -> Reply {
        let payload = plain(payload, &self.case);
        let seen = Seen {
            name: function.to_owned(),
            payload: payload.clone(),
        };
        self.calls.lock().unwrap().push(seen);
        let Some(answer) = self.script.answer(function, &payload) else {
            let message = format!("no answer of `{function}` fits {payload}");
            let error = json!({"errorType": "NoAnswer", "errorMessage": message});
            return Reply::Error(error);
        };
        tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
        match answer.error.as_deref() {
            None => Reply::Output(answer.output),
            Some("Runtime.ExitError") => Reply::Exit,
            Some(error) => match serde_json::from_str::<Value>(&answer.cause) {
                Ok(cause) if cause["errorType"] == error => Reply::Error(cause),
                _ => Reply::Service(error.to_owned(), answer.cause),
            },
        }
    }
}

/// What a scripted function does.
enum Reply {
    /// It answers.
    Output(Value),
    /// It fails with this payload.
    Error(Value),
    /// Its process ends.
    Exit,
    /// The Lambda service fails: the error's name in Step Functions, and the message.
    Service(String, String),
}

/// The cases under way, by name.
#[derive(Clone, Default)]
pub(crate) struct Cases(Arc<Mutex<BTreeMap<String, Arc<Running>>>>);

impl Cases {
    /// Sends a case's calls to it from now on.
    pub(crate) fn put(&self, running: Arc<Running>) {
        let name = running.case.clone();
        self.0.lock().unwrap().insert(name, running);
    }

    /// Serves the calls at a free address.
    pub(crate) async fn serve(&self) -> SocketAddr {
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .route("/scripted/{name}", post(scripted))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    async fn call(&self, name: &str, payload: &[u8]) -> Reply {
        // An engine may ask by ARN.
        let name = name.rsplit(":function:").next().unwrap_or(name);
        let (case, function) = name.split_once("--").unwrap_or((name, ""));
        let running = self.0.lock().unwrap().get(case).cloned();
        let Some(running) = running else {
            let message = format!("no case `{case}` is under way");
            return Reply::Service("Lambda.ResourceNotFoundException".into(), message);
        };
        // Like Lambda, which hands an empty payload over as an empty object.
        let payload = if payload.is_empty() { b"{}" } else { payload };
        running
            .call(function, serde_json::from_slice(payload).unwrap())
            .await
    }
}

type Answer = (StatusCode, HeaderMap, String);

/// Lambda's [Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html): a function's
/// failure is a 200 with `X-Amz-Function-Error`; a failure of the service has a status of its own.
async fn invoke(State(cases): State<Cases>, Path(name): Path<String>, payload: Bytes) -> Answer {
    let mut headers = HeaderMap::new();
    // Lambda names every request; moto cannot do without it in an error.
    let request = HeaderValue::from_static("00000000-0000-4000-8000-000000000000");
    headers.insert("x-amzn-requestid", request);
    let (status, body) = match cases.call(&name, &payload).await {
        Reply::Output(output) => (StatusCode::OK, output),
        Reply::Error(error) => {
            headers.insert(
                "x-amz-function-error",
                HeaderValue::from_static("Unhandled"),
            );
            (StatusCode::OK, error)
        }
        Reply::Exit => {
            headers.insert(
                "x-amz-function-error",
                HeaderValue::from_static("Unhandled"),
            );
            let message = "Runtime exited with error: exit status 1";
            let error = json!({"errorType": "Runtime.ExitError", "errorMessage": message});
            (StatusCode::OK, error)
        }
        Reply::Service(error, message) => {
            let code = error.strip_prefix("Lambda.").unwrap_or(&error);
            headers.insert("x-amzn-errortype", HeaderValue::from_str(code).unwrap());
            let body = json!({"Type": "Service", "Message": message});
            (StatusCode::INTERNAL_SERVER_ERROR, body)
        }
    };
    (status, headers, body.to_string())
}

/// What `scripted-function` is told.
async fn scripted(State(cases): State<Cases>, Path(name): Path<String>, payload: Bytes) -> Answer {
    let (status, body) = match cases.call(&name, &payload).await {
        Reply::Output(output) => (StatusCode::OK, output),
        Reply::Error(error) => (StatusCode::BAD_REQUEST, error),
        Reply::Exit => (StatusCode::INTERNAL_SERVER_ERROR, Value::Null),
        // An engine's own Lambda service does not fail when asked to: the function says the name.
        Reply::Service(error, message) => {
            let error = json!({"errorType": error, "errorMessage": message});
            (StatusCode::BAD_REQUEST, error)
        }
    };
    (status, HeaderMap::new(), body.to_string())
}
