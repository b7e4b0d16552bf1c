//! The format of a case file and the scripted functions.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use hunter_asl::{Event, EventKind, Functions, Iteration, Observer, TaskContext, TaskError};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
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
    /// Where other engines are known to differ: engine -> why.
    #[serde(default, rename = "deviations")]
    _deviations: BTreeMap<String, String>,
    pub(crate) expect: Expect,
}

/// One scripted answer of a function, used up after `times` calls.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    #[serde(rename = "match")]
    matches: Option<Value>,
    #[serde(default, rename = "return")]
    output: Value,
    error: Option<String>,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

#[derive(Deserialize)]
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

/// Something that happened at a place, in the order in which it happened.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) within: Vec<Iteration>,
    pub(crate) name: String,
    pub(crate) payload: Value,
}

#[derive(Default)]
pub(crate) struct Script {
    answers: Mutex<BTreeMap<String, Vec<Answer>>>,
    pub(crate) calls: Mutex<Vec<Happened>>,
}

impl Script {
    pub(crate) fn new(answers: BTreeMap<String, Vec<Answer>>) -> Self {
        Self {
            answers: Mutex::new(answers),
            calls: Mutex::default(),
        }
    }

    /// The functions whose answers were not all asked for.
    pub(crate) fn unused(&self) -> Vec<String> {
        let answers = self.answers.lock().unwrap();
        let unused = |list: &Vec<Answer>| list.iter().any(|answer| answer.times > 0);
        answers
            .iter()
            .filter(|(_, list)| unused(list))
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn answer(&self, function: &str, payload: &Value) -> Option<Answer> {
        let mut answers = self.answers.lock().unwrap();
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

#[async_trait]
impl Functions for &Script {
    async fn call(
        &self,
        function: &str,
        payload: Value,
        context: TaskContext,
    ) -> Result<Value, TaskError> {
        let answer = self.answer(function, &payload).ok_or_else(|| {
            TaskError::new(
                "NoAnswer",
                format!("no answer of `{function}` fits {payload}"),
            )
        })?;
        let (within, name) = (context.within, function.to_owned());
        self.calls.lock().unwrap().push(Happened {
            within,
            name,
            payload,
        });
        tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
        match answer.error {
            Some(error) => Err(TaskError::new(error, answer.cause)),
            None => Ok(answer.output),
        }
    }
}

/// Keeps the states that were entered, and from which state.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) states: Mutex<Vec<Happened>>,
    pub(crate) edges: Mutex<Vec<(String, String)>>,
    last: Mutex<BTreeMap<Vec<Iteration>, String>>,
    ids: Mutex<u64>,
}

impl Observer for History {
    fn event(&self, event: &Event<'_>) {
        let mut ids = self.ids.lock().unwrap();
        *ids += 1;
        assert_eq!(event.id, *ids, "the events are numbered from 1");
        let mut last = self.last.lock().unwrap();
        match event.kind {
            EventKind::IterationStarted { iteration } => {
                let mut within = event.within.to_vec();
                within.push(iteration.clone());
                last.remove(&within);
            }
            EventKind::StateEntered { state, .. } => {
                let (within, name) = (event.within.to_vec(), state.to_owned());
                if let Some(from) = last.insert(within.clone(), name.clone()) {
                    self.edges.lock().unwrap().push((from, name.clone()));
                }
                let payload = Value::Null;
                self.states.lock().unwrap().push(Happened {
                    within,
                    name,
                    payload,
                });
            }
            _ => {}
        }
    }
}

/// What happened as a tree: a leaf for each name, a group for the iterations of a Map.
#[derive(Debug)]
pub(crate) enum Node {
    Leaf(Happened),
    Group {
        state: String,
        iterations: Vec<Vec<Node>>,
    },
}

impl Node {
    pub(crate) fn tree(happened: &[Happened]) -> Vec<Node> {
        let mut tree = Vec::new();
        for item in happened {
            Self::insert(&mut tree, &item.within, item);
        }
        tree
    }

    fn insert(nodes: &mut Vec<Node>, within: &[Iteration], item: &Happened) {
        let Some((outer, inner)) = within.split_first() else {
            nodes.push(Node::Leaf(item.clone()));
            return;
        };
        if !matches!(nodes.last(), Some(Node::Group { state, .. }) if *state == outer.state) {
            nodes.push(Node::Group {
                state: outer.state.clone(),
                iterations: Vec::new(),
            });
        }
        if let Some(Node::Group { iterations, .. }) = nodes.last_mut() {
            while iterations.len() <= outer.index {
                iterations.push(Vec::new());
            }
            Self::insert(&mut iterations[outer.index], inner, item);
        }
    }

    /// Whether `nodes` are what `expected` describes: a name, `{function, payload}` (a subset) or
    /// `{in, iterations}`.
    pub(crate) fn match_all(nodes: &[Node], expected: &[Value]) -> bool {
        nodes.len() == expected.len() && nodes.iter().zip(expected).all(|(n, e)| n.matches(e))
    }

    fn matches(&self, expected: &Value) -> bool {
        match self {
            Node::Leaf(happened) => match expected {
                Value::String(name) => happened.name == *name,
                _ => {
                    expected["function"] == happened.name
                        && contains(&happened.payload, &expected["payload"])
                }
            },
            Node::Group { state, iterations } => {
                let Some(expected_iterations) = expected["iterations"].as_array() else {
                    return false;
                };
                let inner = |value: &Value| value.as_array().cloned().unwrap_or_default();
                expected["in"] == *state
                    && iterations.len() == expected_iterations.len()
                    && iterations
                        .iter()
                        .zip(expected_iterations)
                        .all(|(nodes, expected)| Self::match_all(nodes, &inner(expected)))
            }
        }
    }
}
