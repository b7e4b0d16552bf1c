//! Answers in Hunter.io's form.

use serde_json::{Value, json};

use crate::wire::{Answer, reply};

pub(super) fn error(status: u16, id: &str, details: &str) -> Answer {
    let body = json!({"errors": [{"id": id, "code": status, "details": details}]});
    reply(status, "application/json; charset=utf-8", body.to_string())
}

pub(super) fn data(data: &Value, meta: &Value) -> Answer {
    let body = json!({"data": data, "meta": meta});
    reply(200, "application/json; charset=utf-8", body.to_string())
}

/// The person asked for it: nothing may be said.
pub(super) fn claimed() -> Answer {
    error(
        451,
        "claimed_email",
        "The person owning the email address asked us directly or indirectly to stop the \
         processing of their personal data. For this reason, you shouldn't process it yourself \
         in any way.",
    )
}

pub(super) fn missing(parameter: &str) -> Answer {
    let details = format!("You are missing the {parameter} parameter");
    error(400, "wrong_params", &details)
}
