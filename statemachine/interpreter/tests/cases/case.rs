//! The format of a case file, and which answer of its script a call gets. Whatever engine runs the
//! cases reads them with this file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::Value;

/// The cases of a folder, by name.
pub(crate) fn load(folder: &Path) -> Vec<Case> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), case.name);
        case
    };
    paths.into_iter().map(read).collect()
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[serde(rename = "doc")]
    _doc: String,
    #[serde(rename = "source")]
    _source: Option<String>,
    pub(crate) definition: Option<Value>,
    pub(crate) definition_file: Option<String>,
    #[serde(default)]
    pub(crate) substitutions: BTreeMap<String, String>,
    pub(crate) input: Value,
    pub(crate) cancel_after_ms: Option<u64>,
    #[serde(default)]
    pub(crate) script: BTreeMap<String, Vec<Answer>>,
    /// Where other engines are known to differ: engine -> how, and why.
    #[serde(default)]
    pub(crate) deviations: BTreeMap<String, String>,
    pub(crate) expect: Expect,
}

impl Case {
    /// The text of the machine's definition, before substitutions.
    pub(crate) fn definition_text(&self, folder: &Path) -> String {
        match (&self.definition, &self.definition_file) {
            (Some(definition), None) => definition.to_string(),
            (None, Some(file)) => fs::read_to_string(folder.join(file)).unwrap(),
            _ => panic!("a case needs `definition` or `definition_file`"),
        }
    }
}

/// One scripted answer of a function, used up after `times` calls.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    #[serde(rename = "match")]
    pub(crate) matches: Option<Value>,
    #[serde(default, rename = "return")]
    pub(crate) output: Value,
    pub(crate) error: Option<String>,
    #[serde(default)]
    pub(crate) cause: String,
    #[serde(default)]
    pub(crate) delay_ms: u64,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) status: String,
    #[serde(default, deserialize_with = "present")]
    pub(crate) output: Option<Value>,
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
    pub(crate) task_calls: Vec<Value>,
    pub(crate) states: Vec<Value>,
    pub(crate) transitions: u64,
    pub(crate) elapsed_s: Option<f64>,
    pub(crate) elapsed_s_max: Option<f64>,
}

/// Tells `"output": null` from no output.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Whether every field of `subset` stands in `value`; arrays must have the same length.
pub(crate) fn contains(value: &Value, subset: &Value) -> bool {
    match (value, subset) {
        (Value::Object(value), Value::Object(subset)) => subset
            .iter()
            .all(|(name, subset)| value.get(name).is_some_and(|value| contains(value, subset))),
        (Value::Array(value), Value::Array(subset)) => {
            value.len() == subset.len() && value.iter().zip(subset).all(|(v, s)| contains(v, s))
        }
        _ => value == subset,
    }
}

/// The functions' answers that are left.
pub(crate) struct Script(Mutex<BTreeMap<String, Vec<Answer>>>);

impl Script {
    pub(crate) fn new(answers: BTreeMap<String, Vec<Answer>>) -> Self {
        Self(Mutex::new(answers))
    }

    /// The functions whose answers were not all asked for.
    pub(crate) fn unused(&self) -> Vec<String> {
        let answers = self.0.lock().unwrap();
        let unused = |list: &Vec<Answer>| list.iter().any(|answer| answer.times > 0);
        answers
            .iter()
            .filter(|(_, list)| unused(list))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The next answer of a function that fits a payload; it counts as given.
    pub(crate) fn answer(&self, function: &str, payload: &Value) -> Option<Answer> {
        let mut answers = self.0.lock().unwrap();
        let answer = answers.get_mut(function)?.iter_mut().find(|answer| {
            let matches = answer
                .matches
                .as_ref()
                .is_none_or(|subset| contains(payload, subset));
            answer.times > 0 && matches
        })?;
        answer.times -= 1;
        Some(answer.clone())
    }
}
