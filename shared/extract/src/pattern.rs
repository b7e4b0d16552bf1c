//! Regular expressions that are built once and never panic.

use regex::{Captures, Match, Regex};

/// A regular expression that matches nothing when its source is wrong; the test of
/// [`pattern!`](crate::pattern::pattern) users shows that each one compiles.
#[derive(Debug)]
pub(crate) struct Pattern(Option<Regex>);

impl Pattern {
    pub(crate) fn new(source: &str) -> Self {
        Self(Regex::new(source).ok())
    }

    #[cfg(test)]
    pub(crate) fn compiles(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|r| r.is_match(text))
    }

    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        self.0.as_ref().and_then(|r| r.find(text))
    }

    /// As [`Regex::find_at`]; `from` must lie on a character boundary, else nothing is found.
    pub(crate) fn find_at<'t>(&self, text: &'t str, from: usize) -> Option<Match<'t>> {
        if !text.is_char_boundary(from) {
            return None;
        }
        self.0.as_ref().and_then(|r| r.find_at(text, from))
    }

    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.0.as_ref().and_then(|r| r.captures(text))
    }

    pub(crate) fn captures_iter<'p, 't>(
        &'p self,
        text: &'t str,
    ) -> impl Iterator<Item = Captures<'t>> + use<'p, 't> {
        self.0.iter().flat_map(move |r| r.captures_iter(text))
    }
}

/// Declares a static [`Pattern`].
macro_rules! pattern {
    ($name:ident, $source:expr) => {
        static $name: std::sync::LazyLock<crate::pattern::Pattern> =
            std::sync::LazyLock::new(|| crate::pattern::Pattern::new($source));
    };
}
pub(crate) use pattern;
