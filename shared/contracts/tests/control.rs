//! The machine's instructions on the wire: every action as it always was, and nothing that the
//! machine could not use.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hunter_contracts::{ChunkEntry, Control, RunAnswer};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn step() -> Value {
    json!({ "function": "hunter-outreach", "input": {
        "recipe_id": "outreach", "execution_id": "exec_1", "customer_id": "cust_1",
        "payload": { "leads_ref": { "stage": "personalization", "chunk": 3 } },
        "step": { "attempt": 1, "chunk": 3 },
    }})
}

fn failed(action: &str) -> Value {
    json!({
        "action": action, "step": step(), "chunk": 3, "reason": "too slow",
        "error_code": "TIMEOUT",
    })
}

fn with(mut control: Value, field: &str, value: Value) -> Value {
    let fields = control.as_object_mut().unwrap();
    fields.insert(field.to_owned(), value);
    control
}

/// Every action in every form that it takes.
fn controls() -> Vec<Value> {
    let at = json!("2026-01-01T00:00:01Z");
    let failure = json!({ "action": "abort", "reason": "no", "error_code": "NOT_FOUND" });
    let lane = json!({ "control": { "action": "next", "step": step(), "chunk": 0 } });
    vec![
        json!({ "action": "next", "step": step() }),
        json!({ "action": "next", "step": step(), "chunk": 3 }),
        with(failed("retry"), "retry_at", at.clone()),
        failed("fallback"),
        failed("skip"),
        json!({ "action": "fan_out", "chunks": [lane], "max_concurrency": 5 }),
        with(
            with(failure.clone(), "action", json!("wait")),
            "retry_at",
            at,
        ),
        failure.clone(),
        with(failure, "chunk", json!(0)),
        json!({ "action": "done" }),
        json!({ "action": "done", "chunk": 3 }),
        json!({ "action": "done", "reason": "no lead qualified" }),
        json!({ "action": "done", "chunk": 3, "reason": "slow", "error_code": "TIMEOUT" }),
    ]
}

fn through<T: DeserializeOwned + Serialize>(value: Value) -> Result<Value, String> {
    let read: T = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(read).unwrap())
}

#[test]
fn every_action_is_on_the_wire_as_it_was() {
    for control in controls() {
        assert_eq!(through::<Control>(control.clone()), Ok(control.clone()));
        let answer = json!({ "control": control });
        assert_eq!(through::<RunAnswer>(answer.clone()), Ok(answer));
    }
    let ended = json!({
        "action": "next", "step": step(), "status": "failed", "reason": "x", "error_code": "INTERNAL",
    });
    let answer = json!({ "control": ended });
    assert_eq!(through::<RunAnswer>(answer.clone()), Ok(answer));
}

#[test]
fn what_the_machine_could_not_use_is_refused() {
    // What may be absent; without anything else the machine would break off.
    let optional = |control: &Value, field: &str| {
        field == "chunk" || (control["action"] == "done" && field != "action")
    };
    let mut refused = 0;
    for control in controls() {
        for field in control.as_object().unwrap().keys() {
            let mut without = control.clone();
            without.as_object_mut().unwrap().remove(field);
            let read = through::<Control>(without);
            assert_eq!(
                read.is_ok(),
                optional(&control, field),
                "{control} without {field}"
            );
            refused += u32::from(read.is_err());
        }
        let more = with(control.clone(), "colour", json!("red"));
        let told = through::<Control>(more).unwrap_err();
        assert!(told.contains("colour"), "{told}");
    }
    assert_eq!(refused, 34);
    // What belongs to another action.
    let stray = with(json!({ "action": "done" }), "step", step());
    assert!(through::<Control>(stray).is_err());
    // The chunk of a lane is what the machine names when the lane crashes.
    let lane = json!({ "control": { "action": "next", "step": step() } });
    assert!(through::<ChunkEntry>(lane).unwrap_err().contains("chunk"));
}
