//! A loaded state machine.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::choice::Rule;
use crate::path::Path;
use crate::result_path::ResultPath;
use crate::retry::{Catcher, Retrier};
use crate::template::Template;

/// A state machine that has been checked and can be run.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(crate) states: States,
    pub(crate) timeout: Option<Duration>,
}

/// The states of the machine or of a Map's item processor.
#[derive(Debug, Clone)]
pub(crate) struct States {
    pub(crate) start_at: String,
    pub(crate) states: BTreeMap<String, State>,
    /// The JSON pointer of the object that holds `StartAt`.
    pub(crate) pointer: String,
}

#[derive(Debug, Clone)]
pub(crate) enum State {
    Pass {
        parameters: Option<Template>,
        result_path: ResultPath,
        next: Next,
    },
    Choice {
        rules: Vec<(Rule, String)>,
        default: Option<String>,
    },
    Wait {
        /// Selects a timestamp.
        until: Path,
        next: Next,
    },
    Succeed,
    Fail {
        error: Text,
        cause: Text,
    },
    Work(Box<Work>),
}

/// What Task and Map share.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) action: Action,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) next: Next,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Task {
        resource: String,
        timeout: Option<Duration>,
        parameters: Option<Template>,
    },
    Map {
        items_path: Path,
        /// How many iterations run at once; the limit of an inline Map where nothing says it.
        max_concurrency: Option<Path>,
        processor: States,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    State(String),
    End,
}

/// The `Error` or `Cause` of a Fail state.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Literal(Option<String>),
    Path(Path),
}

impl State {
    /// The name of the state's type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "Pass",
            Self::Choice { .. } => "Choice",
            Self::Wait { .. } => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail { .. } => "Fail",
            Self::Work(work) => match work.action {
                Action::Task { .. } => "Task",
                Action::Map { .. } => "Map",
            },
        }
    }

    /// Whether an execution can end here.
    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Succeed | Self::Fail { .. } => true,
            Self::Choice { .. } => false,
            Self::Pass { next, .. } | Self::Wait { next, .. } => *next == Next::End,
            Self::Work(work) => work.next == Next::End,
        }
    }

    /// Every state that this one can lead to, with the field that says so, below the state.
    pub(crate) fn targets(&self) -> Vec<(String, &str)> {
        let mut targets = Vec::new();
        match self {
            Self::Succeed | Self::Fail { .. } => {}
            Self::Choice { rules, default } => {
                for (index, (_, next)) in rules.iter().enumerate() {
                    targets.push((format!("/Choices/{index}/Next"), next.as_str()));
                }
                targets.extend(default.as_deref().map(|next| ("/Default".to_owned(), next)));
            }
            Self::Pass { next, .. } | Self::Wait { next, .. } => {
                targets.extend(next.target().map(|next| ("/Next".to_owned(), next)));
            }
            Self::Work(work) => {
                targets.extend(work.next.target().map(|next| ("/Next".to_owned(), next)));
                for (index, catcher) in work.catch.iter().enumerate() {
                    targets.push((format!("/Catch/{index}/Next"), catcher.next.as_str()));
                }
            }
        }
        targets
    }

    /// The state machine inside this state.
    pub(crate) fn nested(&self) -> Option<&States> {
        match self {
            Self::Work(work) => match &work.action {
                Action::Map { processor, .. } => Some(processor),
                Action::Task { .. } => None,
            },
            _ => None,
        }
    }
}

impl Next {
    /// The next state, unless the execution ends.
    pub(crate) fn target(&self) -> Option<&str> {
        match self {
            Self::State(name) => Some(name),
            Self::End => None,
        }
    }
}
