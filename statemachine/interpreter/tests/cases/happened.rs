//! The scripted functions, and what happened while they were called.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use hunter_asl::{Event, EventKind, Functions, Iteration, Observer, TaskContext, TaskError};
use serde_json::Value;

use crate::case::{Script, contains};

/// Something that happened at a place, in the order in which it happened.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub(crate) within: Vec<Iteration>,
    pub(crate) name: String,
    pub(crate) payload: Value,
}

/// Functions that answer as a script says, and their calls.
pub(crate) struct ScriptedFunctions {
    pub(crate) script: Script,
    pub(crate) calls: Mutex<Vec<Happened>>,
}

#[async_trait]
impl Functions for &ScriptedFunctions {
    async fn call(
        &self,
        function: &str,
        payload: Value,
        context: TaskContext,
    ) -> Result<Value, TaskError> {
        let answer = self.script.answer(function, &payload).ok_or_else(|| {
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
