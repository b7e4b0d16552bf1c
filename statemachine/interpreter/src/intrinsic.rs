//! Intrinsic functions of the JSONPath query language, those that need no randomness.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>

use serde_json::Value;

use crate::context::Scope;
use crate::error::TaskError;
use crate::path::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Format,
    JsonToString,
    StringToJson,
    Array,
    ArrayLength,
    ArrayGetItem,
    MathAdd,
}

/// A parsed call such as `States.Format('{}/{}', $.a, $$.Execution.Id)`.
#[derive(Debug, Clone)]
pub(crate) struct Intrinsic {
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone)]
enum Argument {
    Path(Path),
    /// The text between the quotes, escapes still in it: `States.Format` tells `\{` from `{`.
    Text(String),
    Literal(Value),
    Call(Intrinsic),
}

/// How deep calls may nest: the limit of Step Functions.
const NESTING_MAX: usize = 10;

impl Intrinsic {
    /// Parses a call. The error says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (call, rest) = parse_call(text, NESTING_MAX)?;
        if !rest.trim().is_empty() {
            return Err(format!("`{}` follows the closing `)`", rest.trim()));
        }
        Ok(call)
    }

    pub(crate) fn evaluate(&self, scope: Scope<'_>) -> Result<Value, TaskError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Path(path) => scope.select("an argument.$", path)?,
                Argument::Text(raw) if self.function == Function::Format && values.is_empty() => {
                    Value::String(raw.clone())
                }
                Argument::Text(raw) => Value::String(unescape(raw)),
                Argument::Literal(value) => value.clone(),
                Argument::Call(call) => call.evaluate(scope)?,
            });
        }
        self.function.apply(values).map_err(|problem| {
            let problem = format!("`States.{:?}` {problem}", self.function);
            TaskError::runtime("States.IntrinsicFailure", &problem)
        })
    }
}

impl Function {
    /// The function of that name and how many arguments it takes.
    fn find(name: &str) -> Option<(Self, std::ops::RangeInclusive<usize>)> {
        Some(match name {
            "Format" => (Self::Format, 1..=usize::MAX),
            "JsonToString" => (Self::JsonToString, 1..=1),
            "StringToJson" => (Self::StringToJson, 1..=1),
            "Array" => (Self::Array, 0..=usize::MAX),
            "ArrayLength" => (Self::ArrayLength, 1..=1),
            "ArrayGetItem" => (Self::ArrayGetItem, 2..=2),
            "MathAdd" => (Self::MathAdd, 2..=2),
            _ => return None,
        })
    }

    fn apply(self, values: Vec<Value>) -> Result<Value, String> {
        match (self, values.as_slice()) {
            (Self::Format, [Value::String(template), values @ ..]) => format_text(template, values),
            (Self::JsonToString, [value]) => Ok(Value::String(value.to_string())),
            (Self::StringToJson, [Value::String(text)]) => {
                serde_json::from_str(text).map_err(|error| format!("got no JSON text: {error}"))
            }
            (Self::Array, _) => Ok(Value::Array(values)),
            (Self::ArrayLength, [Value::Array(items)]) => Ok(items.len().into()),
            (Self::ArrayGetItem, [Value::Array(items), index]) => index
                .as_u64()
                .and_then(|index| items.get(usize::try_from(index).ok()?))
                .cloned()
                .ok_or_else(|| format!("finds no item `{index}` in {} items", items.len())),
            (Self::MathAdd, [left, right]) => left
                .as_i64()
                .zip(right.as_i64())
                .and_then(|(left, right)| left.checked_add(right))
                .map(Value::from)
                .ok_or_else(|| "needs two integers whose sum fits 64 bits".to_owned()),
            _ => Err("got arguments of types that it does not take".to_owned()),
        }
    }
}

fn format_text(template: &str, values: &[Value]) -> Result<Value, String> {
    let mut output = String::new();
    let mut values = values.iter();
    let mut symbols = template.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\\' => output.extend(symbols.next()),
            '{' if symbols.next_if_eq(&'}').is_some() => match values.next() {
                Some(Value::String(text)) => output.push_str(text),
                Some(Value::Array(_) | Value::Object(_)) => {
                    return Err("cannot insert an array or an object".to_owned());
                }
                Some(scalar) => output.push_str(&scalar.to_string()),
                None => return Err("has more `{}` than arguments".to_owned()),
            },
            '{' | '}' => return Err("has a lone brace; write `\\\\{` for a brace".to_owned()),
            other => output.push(other),
        }
    }
    match values.next() {
        None => Ok(Value::String(output)),
        Some(_) => Err("has fewer `{}` than arguments".to_owned()),
    }
}

fn unescape(raw: &str) -> String {
    let mut output = String::new();
    let mut symbols = raw.chars();
    while let Some(symbol) = symbols.next() {
        if symbol == '\\' {
            output.extend(symbols.next());
        } else {
            output.push(symbol);
        }
    }
    output
}

/// Reads `States.Name(…)` off the front of `text`.
fn parse_call(text: &str, depth: usize) -> Result<(Intrinsic, &str), String> {
    if depth == 0 {
        return Err(format!(
            "intrinsic functions nest more than {NESTING_MAX} deep"
        ));
    }
    let (name, mut rest) = text
        .strip_prefix("States.")
        .and_then(|text| text.split_once('('))
        .ok_or_else(|| format!("`{text}` is not a call of an intrinsic function"))?;
    let (function, arity) = Function::find(name)
        .ok_or_else(|| format!("the intrinsic function `States.{name}` is not supported"))?;
    let mut arguments = Vec::new();
    rest = rest.trim_start();
    if let Some(after) = rest.strip_prefix(')') {
        rest = after;
    } else {
        loop {
            let argument;
            (argument, rest) = parse_argument(rest.trim_start(), depth)?;
            arguments.push(argument);
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
            } else if let Some(after) = rest.strip_prefix(')') {
                rest = after;
                break;
            } else {
                return Err(format!(
                    "`States.{name}` lacks a `,` or `)` before `{rest}`"
                ));
            }
        }
    }
    if !arity.contains(&arguments.len()) {
        return Err(format!(
            "`States.{name}` cannot take {} arguments",
            arguments.len()
        ));
    }
    Ok((
        Intrinsic {
            function,
            arguments,
        },
        rest,
    ))
}

fn parse_argument(text: &str, depth: usize) -> Result<(Argument, &str), String> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let mut escaped = false;
        let end = quoted.find(|symbol: char| {
            let closes = symbol == '\'' && !escaped;
            escaped = symbol == '\\' && !escaped;
            closes
        });
        let (raw, rest) = end
            .and_then(|end| quoted.split_at_checked(end))
            .ok_or_else(|| format!("the text `{text}` has no closing quote"))?;
        return Ok((
            Argument::Text(raw.to_owned()),
            rest.strip_prefix('\'').unwrap_or(rest),
        ));
    }
    if text.starts_with("States.") {
        let (call, rest) = parse_call(text, depth - 1)?;
        return Ok((Argument::Call(call), rest));
    }
    let end = text.find([',', ')', ' ']).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if token.starts_with('$') {
        return Ok((Argument::Path(Path::parse(token)?), rest));
    }
    match serde_json::from_str(token) {
        Ok(value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => {
            Ok((Argument::Literal(value), rest))
        }
        _ => Err(format!(
            "`{token}` is no argument; write a path, a number or a 'text'"
        )),
    }
}
