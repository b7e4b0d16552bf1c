//! Regular expressions that are built once.

use regex::Regex;

/// A regular expression of ours.
#[expect(
    clippy::unwrap_used,
    reason = "a constant and valid pattern; a test of its file builds it"
)]
pub(crate) fn built(source: &str) -> Regex {
    Regex::new(source).unwrap()
}

/// Declares a static regular expression.
macro_rules! pattern {
    ($name:ident, $source:expr) => {
        static $name: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| crate::pattern::built($source));
    };
}
pub(crate) use pattern;

/// Builds each, for the test of its file.
#[cfg(test)]
pub(crate) fn build(patterns: &[&std::sync::LazyLock<Regex>]) {
    for pattern in patterns {
        assert!(!pattern.as_str().is_empty());
    }
}
