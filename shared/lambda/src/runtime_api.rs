//! A server of the Lambda Runtime API over real HTTP, to start real functions against
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): `next`, `response`, `error`
//! and `init/error`. One function at a time.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hunter_core::ports::{Clock, SystemClock};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, mpsc, oneshot},
    task::JoinHandle,
};

/// What every invocation's `Lambda-Runtime-Trace-Id` says.
pub const TRACE_ID: &str =
    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";
/// How long an invocation may take, in seconds: its deadline lies that far ahead.
pub const DEADLINE_SECONDS: i64 = 60;

/// A failure as a function reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `errorType` of the body.
    pub error_type: String,
    /// `errorMessage` of the body.
    pub error_message: String,
    /// The header `Lambda-Runtime-Function-Error-Type`.
    pub header: String,
}

impl Report {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| {
            let value = body.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let header = headers.get("lambda-runtime-function-error-type");
        let header = header.and_then(|value| value.to_str().ok());
        Self {
            error_type: text("errorType"),
            error_message: text("errorMessage"),
            header: header.unwrap_or_default().to_owned(),
        }
    }
}

/// How an invocation ended: its answer, or what it reported.
pub type Answer = Result<Value, Report>;

struct Waiting {
    id: String,
    body: Bytes,
}

struct Shared {
    /// Invocations that no function has fetched yet.
    queue: AsyncMutex<mpsc::UnboundedReceiver<Waiting>>,
    /// Who waits for which answer.
    open: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    init_errors: mpsc::UnboundedSender<Report>,
}

/// The server. Dropped, it ends.
pub struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
    invocations: mpsc::UnboundedSender<Waiting>,
    init_errors: AsyncMutex<mpsc::UnboundedReceiver<Report>>,
    count: AtomicU64,
    server: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl RuntimeApi {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start() -> io::Result<Self> {
        let (invocations, queue) = mpsc::unbounded_channel();
        let (init_sender, init_errors) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queue: AsyncMutex::new(queue),
            open: Mutex::default(),
            init_errors: init_sender,
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(shared.clone());
        let server = tokio::spawn(async move {
            // It ends by being aborted; a listener that breaks shows as a function without answers.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            shared,
            invocations,
            init_errors: AsyncMutex::new(init_errors),
            count: AtomicU64::new(0),
            server,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The variables that Lambda sets for a function of this name.
    #[must_use]
    pub fn environment(&self, function: &str) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("AWS_LAMBDA_RUNTIME_API", self.address.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ])
    }

    /// Hands an event to the function and waits for its answer. Waits forever when none comes: give
    /// it a limit.
    pub async fn invoke(&self, body: impl Into<Bytes>) -> Answer {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("request-{number}");
        let (sender, answer) = oneshot::channel();
        self.open().insert(id.clone(), sender);
        let body = body.into();
        let gone = || Report {
            error_type: "Runtime.ExitError".into(),
            error_message: "the server ended".into(),
            header: String::new(),
        };
        if self.invocations.send(Waiting { id, body }).is_err() {
            return Err(gone());
        }
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Waits for a function that reports a failed start.
    pub async fn init_error(&self) -> Option<Report> {
        self.init_errors.lock().await.recv().await
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Answer>>> {
        self.shared
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let Some(waiting) = shared.queue.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemClock.now().as_millisecond() + DEADLINE_SECONDS * 1_000;
    let headers = [
        ("lambda-runtime-aws-request-id", waiting.id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:test".to_owned(),
        ),
        ("lambda-runtime-trace-id", TRACE_ID.to_owned()),
        (CONTENT_TYPE.as_str(), "application/json".to_owned()),
    ];
    let mut response = Response::new(waiting.body.into());
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn close(shared: &Shared, id: &str, answer: Answer) -> StatusCode {
    let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
    match open.remove(id) {
        Some(sender) => {
            // Whoever asked may have given up meanwhile.
            let _ = sender.send(answer);
            StatusCode::ACCEPTED
        }
        None => StatusCode::FORBIDDEN,
    }
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> StatusCode {
    match serde_json::from_slice(&body) {
        Ok(value) => close(&shared, &id, Ok(value)),
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    close(&shared, &id, Err(Report::read(&headers, &body)))
}

async fn init_error(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    // Nobody may wait for it.
    let _ = shared.init_errors.send(Report::read(&headers, &body));
    StatusCode::ACCEPTED
}
