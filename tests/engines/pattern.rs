//! What happened side by side, in one list: an engine's history and a function's calls come in the
//! order of time, whatever iteration of a Map they belong to.

use serde_json::Value;

use crate::case::contains;

/// What is expected, as far as it has not been seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pattern {
    /// One thing: a name, or `{function, payload}`.
    One(Value),
    /// One after another.
    Sequence(Vec<Pattern>),
    /// Side by side.
    Together(Vec<Pattern>),
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The state's or the function's name.
    pub(crate) name: String,
    /// The payload of a call.
    pub(crate) payload: Value,
}

impl Pattern {
    /// Reads a list of a case; without `iterations`, what happens in a Map or Parallel is left out.
    pub(crate) fn read(expected: &[Value], iterations: bool) -> Self {
        let read = |item: &Value| match item["iterations"].as_array() {
            Some(_) if !iterations => None,
            Some(lanes) => {
                let lane = |lane: &Value| Self::read(lane.as_array().unwrap(), true);
                Some(Self::Together(lanes.iter().map(lane).collect()))
            }
            None => Some(Self::One(item.clone())),
        };
        Self::Sequence(expected.iter().filter_map(read).collect())
    }

    /// Whether the list is what is expected, in one of its orders.
    pub(crate) fn matches(&self, seen: &[Seen]) -> bool {
        let mut open = vec![self.clone()];
        for item in seen {
            let mut next = Vec::new();
            for rest in open.iter().flat_map(|pattern| pattern.after(item)) {
                if !next.contains(&rest) {
                    next.push(rest);
                }
            }
            open = next;
        }
        open.iter().any(Self::is_done)
    }

    fn is_done(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Sequence(parts) | Self::Together(parts) => parts.iter().all(Self::is_done),
        }
    }

    /// What is expected after an item, for each way in which the item fits.
    fn after(&self, seen: &Seen) -> Vec<Self> {
        match self {
            Self::One(expected) => {
                let fits = match expected {
                    Value::String(name) => *name == seen.name,
                    call => {
                        call["function"] == seen.name && contains(&seen.payload, &call["payload"])
                    }
                };
                let done = Self::Sequence(Vec::new());
                if fits { vec![done] } else { Vec::new() }
            }
            Self::Sequence(parts) => {
                let first = parts.iter().position(|part| !part.is_done());
                let Some(parts) = first.map(|first| &parts[first..]) else {
                    return Vec::new();
                };
                let put = |rest| {
                    let mut parts = parts.to_vec();
                    parts[0] = rest;
                    Self::Sequence(parts)
                };
                parts[0].after(seen).into_iter().map(put).collect()
            }
            Self::Together(parts) => {
                let mut ways = Vec::new();
                for (at, part) in parts.iter().enumerate() {
                    for rest in part.after(seen) {
                        let mut parts = parts.clone();
                        parts[at] = rest;
                        ways.push(Self::Together(parts));
                    }
                }
                ways
            }
        }
    }
}

/// A pattern takes every order that its lanes allow, and no other.
#[test]
fn lanes_may_interleave_but_not_reorder() {
    let expected = serde_json::json!(["a", {"in": "M", "iterations": [["x", "y"], ["x"]]}, "b"]);
    let pattern = Pattern::read(expected.as_array().unwrap(), true);
    let matches = |names: &str| {
        let seen = names.chars().map(|name| Seen {
            name: name.into(),
            payload: Value::Null,
        });
        pattern.matches(&seen.collect::<Vec<_>>())
    };
    assert!(matches("axyxb") && matches("axxyb"));
    for wrong in ["ayxxb", "axyb", "axyx", "axyxxb", "axybx", "xaxyb", ""] {
        assert!(!matches(wrong), "{wrong}");
    }
}
