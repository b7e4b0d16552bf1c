//! What a definition must satisfy as a graph: every target exists, every state can be reached, the
//! execution can end, no name stands twice.

use std::collections::BTreeSet;

use crate::error::{LoadError, child};
use crate::model::States;

pub(crate) fn check(states: &States) -> Result<(), LoadError> {
    check_level(states)?;
    check_names(states, &mut BTreeSet::new())
}

fn check_level(states: &States) -> Result<(), LoadError> {
    let state_pointer = |name: &str| child(&child(&states.pointer, "States"), name);
    if !states.states.contains_key(&states.start_at) {
        let problem = format!("`{}` is not a state here", states.start_at);
        return Err(LoadError::new(&child(&states.pointer, "StartAt"), problem));
    }
    for (name, state) in &states.states {
        for (field, target) in state.targets() {
            if !states.states.contains_key(target) {
                let pointer = format!("{}{field}", state_pointer(name));
                return Err(LoadError::new(
                    &pointer,
                    format!("`{target}` is not a state here"),
                ));
            }
        }
        if let Some(nested) = state.nested() {
            check_level(nested)?;
        }
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![states.start_at.as_str()];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            let state = states.states.get(name);
            open.extend(
                state
                    .iter()
                    .flat_map(|state| state.targets())
                    .map(|(_, target)| target),
            );
        }
    }
    if let Some(name) = states
        .states
        .keys()
        .find(|name| !reached.contains(name.as_str()))
    {
        let problem = "no state leads here; remove it or add a `Next`";
        return Err(LoadError::new(&state_pointer(name), problem));
    }
    if !states.states.values().any(|state| state.is_terminal()) {
        let problem = "no state ends the execution; add a `Succeed`, a `Fail` or an `End`";
        return Err(LoadError::new(&child(&states.pointer, "States"), problem));
    }
    Ok(())
}

fn check_names<'a>(states: &'a States, seen: &mut BTreeSet<&'a str>) -> Result<(), LoadError> {
    for (name, state) in &states.states {
        if !seen.insert(name) {
            let pointer = child(&child(&states.pointer, "States"), name);
            let problem = "the name stands twice in the machine; names are unique as a whole";
            return Err(LoadError::new(&pointer, problem));
        }
        if let Some(nested) = state.nested() {
            check_names(nested, seen)?;
        }
    }
    Ok(())
}
