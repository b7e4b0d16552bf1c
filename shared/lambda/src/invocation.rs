//! One invocation: its span, its metrics, its failure; and the loop that serves one after the other.

use std::{
    io::Write as _,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use futures::FutureExt;
use hunter_contracts::{ErrorCode, ExecutionId, RecipeFailure, RecipeId, TenantId};
use hunter_core::ports::{Clock, SystemClock};
use lambda_runtime::{Context, Diagnostic, Error, LambdaEvent, Runtime, service_fn};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tracing::{Instrument, Span, field::Empty};

use crate::{Measures, diagnostic, metrics, start};

/// Whether this process has not been invoked yet.
static IS_COLD: AtomicBool = AtomicBool::new(true);

/// An invocation that is under way: everything logged within its [`Invocation::span`] says which
/// one, and its end is one line of metrics.
///
/// ```no_run
/// # use hunter_lambda::{Invocation, Measures};
/// # use tracing::Instrument;
/// # async fn example(context: &lambda_runtime::Context) {
/// let invocation = Invocation::begin(context);
/// let answer = async { "the request is handled" }.instrument(invocation.span()).await;
/// invocation.end(&Measures::default());
/// # }
/// ```
pub struct Invocation {
    function: String,
    request_id: String,
    trace_id: Option<String>,
    tenant: Option<TenantId>,
    execution_id: Option<ExecutionId>,
    recipe: Option<RecipeId>,
    is_cold: bool,
    begun: Instant,
    span: Span,
}

impl Invocation {
    /// Begins with what the runtime says. The first one of a process is its cold start.
    #[must_use]
    pub fn begin(context: &Context) -> Self {
        let function = context.env_config.function_name.clone();
        let request_id = context.request_id.clone();
        let trace_id = context.xray_trace_id.clone();
        // An error span is there whatever level is asked for.
        let span = tracing::error_span!(
            "invocation",
            function,
            request_id,
            trace_id,
            tenant = Empty,
            execution_id = Empty,
            recipe = Empty,
        );
        Self {
            function,
            request_id,
            trace_id,
            tenant: None,
            execution_id: None,
            recipe: None,
            is_cold: IS_COLD.swap(false, Ordering::Relaxed),
            begun: Instant::now(),
            span,
        }
    }

    /// Says whose it is, as soon as that is known.
    pub fn set_tenant(&mut self, tenant: TenantId) {
        self.span.record("tenant", tenant.as_str());
        self.tenant = Some(tenant);
    }

    /// Says which run it belongs to, as soon as that is known.
    pub fn set_execution(&mut self, execution_id: ExecutionId) {
        self.span.record("execution_id", execution_id.as_str());
        self.execution_id = Some(execution_id);
    }

    /// The span to handle it in.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Takes the tenant, the run and the recipe from an event of a recipe or of the run function.
    /// What is no id is not taken: it could be anything.
    fn read(&mut self, event: &Value) {
        let field = |name: &str| {
            let inner = event.get("input").and_then(|input| input.get(name));
            event.get(name).or(inner).cloned().unwrap_or_default()
        };
        if let Ok(tenant) = serde_json::from_value(field("customer_id")) {
            self.set_tenant(tenant);
        }
        if let Ok(execution_id) = serde_json::from_value(field("execution_id")) {
            self.set_execution(execution_id);
        }
        if let Ok(recipe) = serde_json::from_value::<RecipeId>(field("recipe_id")) {
            self.span.record("recipe", <&str>::from(recipe));
            self.recipe = Some(recipe);
        }
    }

    /// Ends it with an answer: writes the metrics.
    pub fn end(self, measures: &Measures) {
        let code = measures.error_code;
        write_line(&self.line(measures.status.into(), code, measures));
    }

    /// Ends it without an answer: logs the failure, once and with its code, and writes the metrics.
    pub fn fail(self, failure: &RecipeFailure) {
        self.span.in_scope(|| {
            let code = failure.code;
            tracing::error!(error_code = %code, "the invocation failed: {}", failure.told());
        });
        self.end_without_answer(failure.code);
    }

    fn end_without_answer(&self, code: ErrorCode) {
        write_line(&self.line("error", Some(code), &Measures::default()));
    }

    fn line(&self, status: &'static str, code: Option<ErrorCode>, measures: &Measures) -> Value {
        let line = metrics::Line {
            timestamp_ms: SystemClock.now().as_millisecond(),
            function: &self.function,
            status,
            // Whole microseconds.
            duration_ms: (self.begun.elapsed().as_secs_f64() * 1e6).round() / 1e3,
            is_cold: self.is_cold,
            error_code: code,
            records: measures.records,
            properties: [
                ("request_id", Some(self.request_id.as_str())),
                ("trace_id", self.trace_id.as_deref()),
                ("tenant", self.tenant.as_ref().map(TenantId::as_str)),
                (
                    "execution_id",
                    self.execution_id.as_ref().map(ExecutionId::as_str),
                ),
                ("recipe", self.recipe.map(<&str>::from)),
            ],
        };
        line.to_json()
    }
}

/// Writes at once, so that lines never mix. Nobody can be told that standard output is closed.
fn write_line(line: &Value) {
    let _ = std::io::stdout()
        .lock()
        .write_all(format!("{line}\n").as_bytes());
}

/// What a handler answers: what goes out, and what it says of the work.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredAnswer<T> {
    /// What goes out.
    pub answer: T,
    /// What is counted.
    pub measures: Measures,
}

/// Serves a handler under the Lambda runtime until the process ends: its failures become Lambda
/// errors of their code, an event that is not JSON fails as `INVALID_INPUT`, a panic as
/// `FUNCTION_FAILED` (where panics unwind).
///
/// # Errors
/// [`crate::StartError`] when a variable of the Lambda environment is not set or the Runtime API
/// cannot be reached.
pub async fn serve<F, Fut, T>(handle: F) -> Result<(), Error>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<MeasuredAnswer<T>, RecipeFailure>>,
    T: Serialize,
{
    start::check_runtime()?;
    let handle = &handle;
    let handler = |event: LambdaEvent<Event>| invoke(handle, event);
    let served = Runtime::new(service_fn(handler)).run().await;
    served.map_err(|error| start::StartError::RuntimeApi(error).into())
}

async fn invoke<F, Fut, T>(handle: &F, event: LambdaEvent<Event>) -> Result<T, Diagnostic>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<MeasuredAnswer<T>, RecipeFailure>>,
{
    let mut invocation = Invocation::begin(&event.context);
    let event = match event.payload.0 {
        Ok(event) => event,
        Err(problem) => {
            let failure = RecipeFailure::invalid_input(format!("the event is not JSON: {problem}"));
            invocation.fail(&failure);
            return Err(diagnostic(&failure));
        }
    };
    invocation.read(&event);
    let handled = async { handle(event).await }.instrument(invocation.span());
    match AssertUnwindSafe(handled).catch_unwind().await {
        Ok(Ok(MeasuredAnswer { answer, measures })) => {
            invocation.end(&measures);
            Ok(answer)
        }
        Ok(Err(failure)) => {
            invocation.fail(&failure);
            Err(diagnostic(&failure))
        }
        // The panic itself was logged where it happened.
        Err(_) => {
            let code = ErrorCode::FunctionFailed;
            invocation.end_without_answer(code);
            let message = "the function panicked: its log says where";
            Err(diagnostic(&RecipeFailure::new(code, message)))
        }
    }
}

/// An event, or why it is none. Reading it never fails: the runtime would report a failure under
/// the name of a Rust type.
struct Event(Result<Value, String>);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer);
        Ok(Self(value.map_err(|error| error.to_string())))
    }
}
