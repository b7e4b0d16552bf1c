//! Logs: one JSON object per line, flat.

use std::{
    fmt::{self, Write as _},
    io::Write as _,
    panic::PanicHookInfo,
};

use hunter_contracts::{ErrorCode, RECIPES};
use hunter_core::ports::{Clock, SystemClock};
use serde::{Serializer, ser::SerializeMap};
use serde_json::Value;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::redact::redact;

/// Functions that are no recipes.
const OTHER_FUNCTIONS: [&str; 4] = ["run", "api", "trigger", "notify"];

/// Names the levels that are logged: `info`, or by target as in `hunter_core=debug,warn`.
const FILTER: &str = "RUST_LOG";

/// Logs as JSON lines on standard error, levels from `RUST_LOG`, `info` without it; a panic is one
/// such line, too. May be called more than once. [`crate::start`] calls it.
pub fn init() {
    let asked = std::env::var_os(FILTER).unwrap_or_default();
    let layers = tracing_subscriber::registry()
        .with(filter(&asked.to_string_lossy()))
        .with(JsonLines {
            write: |line: &[u8]| {
                // Nobody can be told that standard error is closed.
                let _ = std::io::stderr().lock().write_all(line);
            },
        });
    if layers.try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// The levels that are asked for, `info` where that is nothing or cannot be read. Targets and levels
/// only: filters by span and field need regular expressions, which most functions link for nothing else.
///
/// Lets this crate's spans and failures through whatever else is asked for: without them lines say
/// nothing of their invocation, and failures nothing at all.
fn filter(asked: &str) -> Targets {
    let info = || Targets::new().with_default(LevelFilter::INFO);
    let targets = match asked.trim() {
        "" => info(),
        asked => asked.parse().unwrap_or_else(|_| info()),
    };
    let named = |(target, _): (&str, LevelFilter)| target.starts_with("hunter_lambda");
    if targets.iter().any(named) {
        return targets;
    }
    targets.with_target("hunter_lambda", LevelFilter::INFO)
}

/// The place, and the words before the first quoted one: what follows may be data.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string);
    let text = info.payload_as_str().unwrap_or_default();
    let text = text.split(['`', '"', '\'']).next().unwrap_or_default();
    tracing::error!(
        error_code = %ErrorCode::FunctionFailed,
        location = place.unwrap_or_default(),
        "the function panicked: {text}"
    );
}

fn is_ours(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    name.starts_with("hunter_")
        || OTHER_FUNCTIONS.contains(&name)
        || RECIPES.iter().any(|recipe| <&str>::from(recipe.id) == name)
}

/// Writes events as JSON lines, with the fields of the spans that they are in at the top level. An
/// inner field hides an outer one of the same name.
pub(crate) struct JsonLines<W> {
    pub(crate) write: W,
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&[u8]) + 'static,
{
    /// Other crates' details are never asked for, so that their arguments are not even made: the
    /// Lambda runtime's hold the body of the event, the SDK's signed requests. The runtime's errors
    /// repeat ours in their `Debug` form.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let target = metadata.target();
        is_ours(target)
            || (*metadata.level() <= Level::INFO && !target.starts_with("lambda_runtime"))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        fields.set("timestamp", timestamp());
        fields.set("level", metadata.level().as_str());
        fields.set("message", "");
        fields.set("target", metadata.target());
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|s| s.from_root())
        {
            if let Some(outer) = span.extensions().get::<Fields>() {
                for (name, value) in &outer.0 {
                    fields.set(name, value.clone());
                }
            }
        }
        event.record(&mut fields);
        if let Some(line) = fields.to_line() {
            (self.write)(&line);
        }
    }
}

fn timestamp() -> String {
    let now = SystemClock.now();
    now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Fields in the order of their first mention.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// One line with its line feed, written at once so that lines never mix.
    fn to_line(&self) -> Option<Vec<u8>> {
        let mut line = Vec::with_capacity(256);
        let mut json = serde_json::Serializer::new(&mut line);
        let mut map = json.serialize_map(Some(self.0.len())).ok()?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value).ok()?;
        }
        map.end().ok()?;
        line.push(b'\n');
        Some(line)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), redact(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.set(field.name(), redact(&value.to_string()));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing into a `String` cannot fail; a `Debug` that does is cut where it failed.
        let _ = write!(text, "{value:?}");
        self.set(field.name(), redact(&text));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing_subscriber::layer::SubscriberExt;

    use super::{JsonLines, filter};

    /// The lines that `act` writes under a filter.
    fn lines(asked: &str, act: impl FnOnce()) -> Vec<Value> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let sink = written.clone();
        let subscriber = tracing_subscriber::registry()
            .with(filter(asked))
            .with(JsonLines {
                write: move |line: &[u8]| sink.lock().unwrap().extend_from_slice(line),
            });
        tracing::subscriber::with_default(subscriber, act);
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn fields_of_all_spans_stand_at_the_top_level() {
        let found = lines("info", || {
            let outer =
                tracing::error_span!("o", tenant = "t1", execution_id = tracing::field::Empty);
            let _outer = outer.enter();
            outer.record("execution_id", "exec_1");
            let _inner = tracing::info_span!("i", tenant = "t2", chunk = 3).entered();
            tracing::info!(answer = ?Some("a@b.de"), "wrote to {} and went on", "a@b.de");
        });
        let [line] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(line["tenant"], "t2");
        assert_eq!(line["execution_id"], "exec_1");
        assert_eq!(line["chunk"], 3);
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "wrote to …@… and went on");
        assert_eq!(line["answer"], "Some(\"…\")");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }

    #[test]
    fn other_crates_details_are_never_heard() {
        let found = lines("trace", || {
            tracing::trace!(target: "hunter_core::recipe::execute", "ours");
            tracing::debug!(target: "discovery", "ours");
            tracing::info!(target: "aws_smithy_runtime::client", "theirs, said to everybody");
            tracing::debug!(target: "aws_sigv4::http_request", "a signed request");
            tracing::trace!(target: "lambda_runtime::layers", body = "the event", "raw JSON");
            tracing::error!(target: "lambda_runtime::layers::panic", "Diagnostic");
        });
        let messages: Vec<_> = found.iter().map(|line| &line["message"]).collect();
        assert_eq!(messages, ["ours", "ours", "theirs, said to everybody"]);
    }

    #[test]
    fn info_is_logged_where_nothing_usable_is_asked_for() {
        for (asked, expected) in [
            ("", 2),
            (" ", 2),
            ("discovery=loud", 2),
            ("[invocation{tenant=t1}]=trace", 2),
            ("warn", 1),
            ("off", 0),
            ("debug", 3),
        ] {
            let found = lines(asked, || {
                tracing::debug!(target: "discovery", "a detail");
                tracing::info!(target: "discovery", "news");
                tracing::warn!(target: "discovery", "a warning");
            });
            assert_eq!(found.len(), expected, "`{asked}`: {found:?}");
        }
    }

    #[test]
    fn a_filter_for_others_does_not_hide_the_invocation() {
        let found = lines("hunter_core=debug,error", || {
            let _span = tracing::error_span!("invocation", tenant = "t1").entered();
            tracing::debug!(target: "hunter_core", "a detail");
            tracing::warn!("a failure");
            tracing::info!(target: "discovery", "not asked for");
        });
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|line| line["tenant"] == "t1"), "{found:?}");
    }
}
