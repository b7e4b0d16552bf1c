//! Choice rules: loading and evaluation.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use crate::context::Scope;
use crate::document::{Fields, child};
use crate::error::{LoadError, TaskError};
use crate::path::Path;

/// A boolean expression over the input.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
    Test { variable: Path, test: Test },
}

#[derive(Debug, Clone)]
pub(crate) enum Test {
    IsPresent(bool),
    Is(Shape, bool),
    /// The literal runs between the `*` of `StringMatches`.
    Matches(Vec<String>),
    Compare {
        family: Family,
        relation: Relation,
        operand: Operand,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Null,
    Boolean,
    Numeric,
    String,
    Timestamp,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Family {
    Boolean,
    Numeric,
    String,
    Timestamp,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Relation {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Literal(Value),
    Path(String, Path),
}

/// An RFC 3339 timestamp as the States Language wants it: upper-case `T`, and `Z` unless there is
/// a numeric offset.
pub(crate) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let strict = text.contains('T') && !text.contains(['z', '[']);
    strict.then(|| text.parse().ok()).flatten()
}

impl Rule {
    /// Reads the rule from `fields`, which may still hold `Next` and `Comment` of the outer rule.
    pub(crate) fn load(mut fields: Fields<'_>) -> Result<Self, LoadError> {
        let rules = |fields: &Fields<'_>, name: &str, list: &[Value]| {
            if list.is_empty() {
                return Err(fields.error(name, "must hold at least one rule"));
            }
            let pointer = fields.at(name);
            list.iter()
                .enumerate()
                .map(|(index, rule)| nested(rule, &child(&pointer, index)))
                .collect()
        };
        if let Some(list) = fields.array("And")? {
            let rules = rules(&fields, "And", list)?;
            return fields.finish().map(|()| Self::And(rules));
        }
        if let Some(list) = fields.array("Or")? {
            let rules = rules(&fields, "Or", list)?;
            return fields.finish().map(|()| Self::Or(rules));
        }
        if let Some(rule) = fields.take("Not") {
            let rule = nested(rule, &fields.at("Not"))?;
            return fields.finish().map(|()| Self::Not(Box::new(rule)));
        }
        fields.require("Variable")?;
        let variable = fields.path("Variable")?.unwrap_or_else(Path::input);
        let operators = fields.rest();
        let [operator] = operators.as_slice() else {
            return Err(LoadError::new(
                fields.pointer(),
                format!(
                    "a choice rule needs one operator and has {}",
                    operators.len()
                ),
            ));
        };
        let test = load_test(&mut fields, operator)?;
        fields.finish().map(|()| Self::Test { variable, test })
    }

    /// Whether the rule matches. `And` and `Or` stop as soon as they know.
    pub(crate) fn matches(&self, scope: Scope<'_>) -> Result<bool, TaskError> {
        match self {
            Self::And(rules) => {
                for rule in rules {
                    if !rule.matches(scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(rules) => {
                for rule in rules {
                    if rule.matches(scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(rule) => rule.matches(scope).map(|matched| !matched),
            Self::Test {
                variable,
                test: Test::IsPresent(wanted),
            } => Ok(scope.find(variable).is_some() == *wanted),
            Self::Test { variable, test } => {
                test.holds(&scope.select("Variable", variable)?, scope)
            }
        }
    }
}

fn nested(rule: &Value, pointer: &str) -> Result<Rule, LoadError> {
    Rule::load(Fields::new("a nested choice rule", rule, pointer)?)
}

fn load_test(fields: &mut Fields<'_>, operator: &str) -> Result<Test, LoadError> {
    if let Some(shape) = operator.strip_prefix("Is") {
        let wanted = fields.boolean(operator)?.unwrap_or_default();
        let shape = match shape {
            "Present" => return Ok(Test::IsPresent(wanted)),
            "Null" => Shape::Null,
            "Boolean" => Shape::Boolean,
            "Numeric" => Shape::Numeric,
            "String" => Shape::String,
            "Timestamp" => Shape::Timestamp,
            _ => return Err(unsupported(fields, operator)),
        };
        return Ok(Test::Is(shape, wanted));
    }
    if operator == "StringMatches" {
        let pattern = fields.require_string(operator)?;
        return Ok(Test::Matches(compile_pattern(pattern)));
    }
    let (name, by_path) = match operator.strip_suffix("Path") {
        Some(name) => (name, true),
        None => (operator, false),
    };
    let (family, relation) = [
        ("String", Family::String),
        ("Numeric", Family::Numeric),
        ("Timestamp", Family::Timestamp),
        ("Boolean", Family::Boolean),
    ]
    .into_iter()
    .find_map(|(prefix, family)| Some((family, Relation::find(name.strip_prefix(prefix)?)?)))
    .filter(|pair| !matches!(pair, (Family::Boolean, relation) if !relation.is_equals()))
    .ok_or_else(|| unsupported(fields, operator))?;
    let operand = if by_path {
        let path = fields.path(operator)?.unwrap_or_else(Path::input);
        Operand::Path(operator.to_owned(), path)
    } else {
        let value = fields.require(operator)?;
        if family.compare(value, value).is_none() {
            return Err(fields.error(operator, format!("must be a {family:?} value")));
        }
        Operand::Literal(value.clone())
    };
    Ok(Test::Compare {
        family,
        relation,
        operand,
    })
}

fn unsupported(fields: &Fields<'_>, operator: &str) -> LoadError {
    fields.error(
        operator,
        format!("the operator `{operator}` is not supported"),
    )
}

impl Relation {
    fn find(name: &str) -> Option<Self> {
        Some(match name {
            "Equals" => Self::Equals,
            "LessThan" => Self::LessThan,
            "LessThanEquals" => Self::LessThanEquals,
            "GreaterThan" => Self::GreaterThan,
            "GreaterThanEquals" => Self::GreaterThanEquals,
            _ => return None,
        })
    }

    fn is_equals(self) -> bool {
        matches!(self, Self::Equals)
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

impl Family {
    /// How two values compare; `None` if one is not of the family, which is no match.
    fn compare(self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Self::Numeric => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
            },
            Self::String => Some(left.as_str()?.cmp(right.as_str()?)),
            Self::Timestamp => {
                Some(parse_timestamp(left.as_str()?)?.cmp(&parse_timestamp(right.as_str()?)?))
            }
        }
    }
}

impl Test {
    fn holds(&self, value: &Value, scope: Scope<'_>) -> Result<bool, TaskError> {
        Ok(match self {
            Self::IsPresent(wanted) => *wanted,
            Self::Is(shape, wanted) => {
                let is = match shape {
                    Shape::Null => value.is_null(),
                    Shape::Boolean => value.is_boolean(),
                    Shape::Numeric => value.is_number(),
                    Shape::String => value.is_string(),
                    Shape::Timestamp => value.as_str().and_then(parse_timestamp).is_some(),
                };
                is == *wanted
            }
            Self::Matches(runs) => value
                .as_str()
                .is_some_and(|text| matches_pattern(runs, text)),
            Self::Compare {
                family,
                relation,
                operand,
            } => {
                let ordering = match operand {
                    Operand::Literal(operand) => family.compare(value, operand),
                    Operand::Path(field, path) => {
                        family.compare(value, &scope.select(field, path)?)
                    }
                };
                ordering.is_some_and(|ordering| relation.holds(ordering))
            }
        })
    }
}

/// Splits a pattern at its `*`; `\*` is a star and `\\` a backslash.
fn compile_pattern(pattern: &str) -> Vec<String> {
    let mut runs = vec![];
    let mut run = String::new();
    let mut symbols = pattern.chars();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\\' => run.extend(symbols.next()),
            '*' => runs.push(std::mem::take(&mut run)),
            other => run.push(other),
        }
    }
    runs.push(run);
    runs
}

fn matches_pattern(runs: &[String], text: &str) -> bool {
    let Some((first, rest)) = runs.split_first() else {
        return false;
    };
    let Some((last, middle)) = rest.split_last() else {
        return text == first;
    };
    let Some(mut text) = text
        .strip_prefix(first.as_str())
        .and_then(|text| text.strip_suffix(last.as_str()))
    else {
        return false;
    };
    // The leftmost match of each run leaves the most text for the next.
    for run in middle {
        let Some((_, after)) = text.split_once(run.as_str()) else {
            return run.is_empty();
        };
        text = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_with_stars_and_escapes() {
        let matches = |pattern: &str, text: &str| matches_pattern(&compile_pattern(pattern), text);
        assert!(matches("log-*.txt", "log-1.txt"));
        assert!(matches("*a*b*", "xxaxxbxx"));
        assert!(!matches("*b*a*", "ab"));
        assert!(!matches("aba*aba", "aba"));
        assert!(matches(r"a\*b", "a*b"));
        assert!(!matches(r"a\*b", "axb"));
        assert!(matches("*", ""));
        assert!(matches("a**b", "ab"));
    }

    #[test]
    fn timestamps_follow_the_strict_profile() {
        assert!(parse_timestamp("2026-08-18T17:33:00Z").is_some());
        assert_eq!(
            parse_timestamp("2026-08-18T17:33:00.5+02:00"),
            parse_timestamp("2026-08-18T15:33:00.500Z")
        );
        for text in [
            "2026-08-18 17:33:00Z",
            "2026-08-18T17:33:00z",
            "2026-08-18",
            "soon",
        ] {
            assert!(parse_timestamp(text).is_none(), "`{text}` was accepted");
        }
    }
}
