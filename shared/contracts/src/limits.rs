//! Limits stand once, at their fields, as `#[garde(…)]`: JSON Schemas and the OpenAPI document say
//! them from there, and [`check_limits`] holds values against them.

use std::fmt;

use garde::{
    Path, Report, Validate,
    rules::{AsStr, pattern::Matcher},
};
use serde::Serialize;
use serde_json::Value;

use crate::{ErrorCode, RecipeFailure};

/// The longest text that a seller says of itself, in characters.
pub(crate) const SELLER_CHARS_MAX: usize = 300;
/// The least and the most that `max_length` of a message may be, in words.
pub(crate) const MESSAGE_WORDS_MIN: u32 = 20;
pub(crate) const MESSAGE_WORDS_MAX: u32 = 200;
/// The longest time that a draft may wait for review, in days.
pub(crate) const DRAFT_DAYS_MAX: u32 = 90;

/// Holds a value against the limits at its type's fields. `at` is where it stands in what was sent,
/// as in `target`; empty: it is all of it.
///
/// # Errors
/// `code`, naming the first field that is beyond a limit, what is wrong and what to do.
pub fn check_limits<T: Validate<Context: Default> + Serialize>(
    value: &T,
    at: &str,
    code: ErrorCode,
) -> Result<(), RecipeFailure> {
    let mut report = Report::new();
    value.validate_into(&T::Context::default(), &mut Path::empty, &mut report);
    let Some((path, error)) = report.iter().next() else {
        return Ok(());
    };
    let path = path.to_string();
    let pointer = path.replace('[', "/").replace(']', "").replace('.', "/");
    let given = serde_json::to_value(value).unwrap_or_default();
    let problem = problem(error.message(), given.pointer(&format!("/{pointer}")));
    let dot = if at.is_empty() { "" } else { "." };
    Err(RecipeFailure::new(
        code,
        format!("`{at}{dot}{path}` {problem}"),
    ))
}

/// What is wrong and what to do; garde names one end of a range and not the value.
fn problem(message: &str, given: Option<&Value>) -> String {
    let (rule, limit) = message.rsplit_once(" than ").unwrap_or((message, ""));
    match (rule, given) {
        ("lower", Some(given)) => format!("is {given}: use at least {limit}"),
        ("greater", Some(given)) => format!("is {given}: use at most {limit}"),
        ("length is lower", _) => "is empty: fill it in".to_owned(),
        ("length is greater", Some(Value::Array(list))) => {
            format!("holds {} entries: give at most {limit}", list.len())
        }
        ("length is greater", _) => format!("is longer than {limit} characters: shorten it"),
        _ => {
            let told = message.strip_prefix("does not match pattern /");
            let told = told.and_then(|told| told.strip_suffix('/'));
            told.unwrap_or(message).to_owned()
        }
    }
}

/// What a text has to be like: for schemas, for the check, and for whoever sent another one.
pub(crate) struct Pattern {
    regex: &'static str,
    fits: fn(&str) -> bool,
    problem: &'static str,
}

/// Something else than blanks.
pub(crate) const FILLED: Pattern = Pattern {
    regex: r"\S",
    fits: |text| !text.trim().is_empty(),
    problem: "is empty: write a few words",
};

/// Something else than blanks, on one line.
pub(crate) const ONE_LINE: Pattern = Pattern {
    regex: r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$",
    fits: |text| !text.trim().is_empty() && !text.contains(char::is_control),
    problem: "is empty or holds control characters: write a word or two on one line",
};

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.regex)
    }
}

impl AsStr for Pattern {
    fn as_str(&self) -> &str {
        self.problem
    }
}

impl Matcher for Pattern {
    fn is_match(&self, text: &str) -> bool {
        (self.fits)(text)
    }
}
