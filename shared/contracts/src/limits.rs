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

/// The longest name of a thing, as in `dentist`, of a rule or of a keyword, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// The longest line, as in a town with its country, in characters.
pub(crate) const LINE_CHARS_MAX: usize = 200;
/// The longest text that a seller says of itself, in characters.
pub(crate) const SELLER_CHARS_MAX: usize = 300;
/// Most entries of a list of an agent that nothing bounds more closely.
pub(crate) const ENTRIES_MAX: usize = 50;
/// Most contacts whose consent an agent records.
pub(crate) const CONSENTS_MAX: usize = 1_000;
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
        format!("`{at}{dot}{}` {problem}", path.escape_debug()),
    ))
}

/// What is wrong and what to do; garde names one end of a range and not the value.
fn problem(message: &str, given: Option<&Value>) -> String {
    let (rule, limit) = message.rsplit_once(" than ").unwrap_or((message, ""));
    match (rule, given) {
        ("lower", Some(given)) => format!("is {given}: use at least {limit}"),
        ("greater", Some(given)) => format!("is {given}: use at most {limit}"),
        ("length is lower", _) => "is empty: fill it in".to_owned(),
        (_, Some(Value::String(text))) if text.trim().is_empty() => {
            "is empty: write a few words".to_owned()
        }
        ("length is greater", Some(Value::Array(list))) => {
            format!("holds {} entries: give at most {limit}", list.len())
        }
        ("length is greater", Some(Value::Object(map))) => {
            format!("holds {} entries: give at most {limit}", map.len())
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
    /// An expression, in which `HIDDEN` stands for the characters of that class.
    regex: &'static str,
    fits: fn(&str) -> bool,
    problem: &'static str,
}

/// What a text of several lines may hold of control characters: as people paste it.
const LAYOUT: [char; 3] = ['\t', '\n', '\r'];

/// Characters that change how what stands around them is read or shown: other control characters, separators of lines and paragraphs, and what turns the direction of a text.
fn is_hidden(c: char) -> bool {
    c.is_control() && !LAYOUT.contains(&c)
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same, for a class of an expression.
const HIDDEN: &str = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069";

/// One line that says something.
pub(crate) const ONE_LINE: Pattern = Pattern {
    regex: r"^[^\t\n\rHIDDEN]*[^\sHIDDEN][^\t\n\rHIDDEN]*$",
    fits: |text| (TEXT.fits)(text) && !text.contains(LAYOUT),
    problem: "holds line breaks, control characters or marks of direction: write a word or two on one line",
};

/// Lines that say something.
pub(crate) const TEXT: Pattern = Pattern {
    regex: r"^[^HIDDEN]*[^\sHIDDEN][^HIDDEN]*$",
    fits: |text| !text.trim().is_empty() && (NOTE.fits)(text),
    problem: NOTE.problem,
};

/// Lines, or none.
pub(crate) const NOTE: Pattern = Pattern {
    regex: "^[^HIDDEN]*$",
    fits: |text| !text.contains(is_hidden),
    problem: "holds control characters or marks of direction: leave them out",
};

/// Where to look. A place file is read on one's own machine only, which the ways in see to.
pub(crate) const SOURCE: Pattern = Pattern {
    regex: r"^(google_places|google_maps|overpass|web_search|file:[^\t\n\rHIDDEN]*[^\sHIDDEN][^\t\n\rHIDDEN]*)$",
    fits: |text| match text.strip_prefix("file:") {
        Some(path) => (ONE_LINE.fits)(path),
        None => ["google_places", "google_maps", "overpass", "web_search"].contains(&text),
    },
    problem: "is no source: use `google_places`, `overpass`, `web_search` or, on one's own machine, \
              `file:PATH`, or leave it out",
};

/// The code of a language.
pub(crate) const LANGUAGE: Pattern = Pattern {
    regex: "^[a-z]{2}$",
    fits: |text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase()),
    problem: "is no ISO 639-1 code: use two lower-case letters, as in `de`",
};

impl Pattern {
    /// For the names and texts of a map, which attributes do not reach.
    pub(crate) fn check<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a String>,
        chars_max: usize,
    ) -> garde::Result {
        let mut texts = texts.into_iter();
        let fits = |text: &String| text.chars().count() <= chars_max && (self.fits)(text);
        let Some(bad) = texts.find(|text| !fits(text)) else {
            return Ok(());
        };
        let problem = match bad.chars().count() > chars_max {
            true => format!("is longer than {chars_max} characters: shorten it"),
            false if bad.trim().is_empty() => "is empty: write a few words".to_owned(),
            false => self.problem.to_owned(),
        };
        let shown: String = bad.chars().take(NAME_CHARS_MAX).collect();
        let problem = format!("has `{}`, which {problem}", shown.escape_debug());
        Err(garde::Error::new(problem))
    }

    /// The keyword `propertyNames` of a map.
    pub(crate) fn names(&self, chars_max: usize) -> Value {
        serde_json::json!({"pattern": self.to_string(), "maxLength": chars_max})
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.regex.replace("HIDDEN", HIDDEN))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What a schema says of a text is what the check does.
        #[test]
        fn an_expression_and_its_check_agree(
            text in "(file:|overpass|de)?[ab \n\r\t\0\u{7f}\u{9f}\u{61c}\u{200e}\u{200d}\u{2028}\u{202e}\u{202f}\u{2066}\u{206a}]{0,3}",
        ) {
            for pattern in [ONE_LINE, TEXT, NOTE, SOURCE, LANGUAGE] {
                let regex = regex::Regex::new(&pattern.to_string()).unwrap();
                prop_assert_eq!(regex.is_match(&text), pattern.is_match(&text), "{}", pattern);
            }
        }
    }
}
