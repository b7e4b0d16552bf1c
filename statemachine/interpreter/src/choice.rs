//! Choice rules: loading and evaluation.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>

use serde_json::Value;

use crate::context::Scope;
use crate::document::Fields;
use crate::error::{LoadError, TaskError, child};
use crate::path::Path;

/// A boolean expression over the input.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    Or(Vec<Rule>),
    StringEquals { variable: Path, text: String },
}

impl Rule {
    /// Reads the rule from `fields`, which may still hold `Next` and `Comment` of the outer rule.
    pub(crate) fn load(mut fields: Fields<'_>) -> Result<Self, LoadError> {
        if let Some(list) = fields.array("Or")? {
            if list.is_empty() {
                return Err(fields.error("Or", "must hold at least one rule"));
            }
            let pointer = fields.at("Or");
            let nested = |(index, rule): (usize, &Value)| {
                let pointer = child(&pointer, index);
                Self::load(Fields::new("a nested choice rule", rule, &pointer)?)
            };
            let rules = list.iter().enumerate().map(nested);
            let rules = rules.collect::<Result<_, _>>()?;
            return fields.finish().map(|()| Self::Or(rules));
        }
        fields.require("Variable")?;
        let variable = fields.path("Variable")?.unwrap_or_else(Path::input);
        let [operator] = *fields.rest() else {
            let problem = "a choice rule needs one operator";
            return Err(LoadError::new(fields.pointer(), problem));
        };
        if operator != "StringEquals" {
            let problem = format!("the operator `{operator}` is not supported");
            return Err(fields.error(operator, problem));
        }
        let text = fields.require_string(operator)?.to_owned();
        fields
            .finish()
            .map(|()| Self::StringEquals { variable, text })
    }

    /// Whether the rule matches. `Or` stops as soon as it knows.
    pub(crate) fn matches(&self, scope: Scope<'_>) -> Result<bool, TaskError> {
        match self {
            Self::Or(rules) => {
                for rule in rules {
                    if rule.matches(scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::StringEquals { variable, text } => {
                let value = scope.select("Variable", variable)?;
                Ok(value.as_str() == Some(text))
            }
        }
    }
}
