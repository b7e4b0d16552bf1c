//! Answers of the API: errors in Google's model, and JSON.

use serde_json::{Map, Value, json};

use crate::wire::{Answer, reply};

/// An error in Google's model (AIP-193).
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) status: &'static str,
    pub(super) message: String,
    pub(super) details: Vec<Value>,
}

impl Refusal {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: 400,
            status: "INVALID_ARGUMENT",
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// A field that Google's gateway does not accept.
    pub(super) fn field(message: &str, field: &str, description: &str) -> Self {
        let violation = json!({ "field": field, "description": description });
        Self {
            details: vec![json!({
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [violation],
            })],
            ..Self::invalid(message)
        }
    }

    pub(super) fn reason(mut self, reason: &str) -> Self {
        self.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": { "service": "places.googleapis.com" },
        }));
        self
    }

    pub(super) fn into_answer(self) -> Answer {
        let mut error = Map::new();
        error.insert("code".into(), json!(self.code));
        error.insert("message".into(), json!(self.message));
        error.insert("status".into(), json!(self.status));
        if !self.details.is_empty() {
            error.insert("details".into(), json!(self.details));
        }
        json_reply(self.code, &json!({ "error": error }))
    }
}

pub(super) fn json_reply(status: u16, body: &Value) -> Answer {
    reply(
        status,
        "application/json; charset=UTF-8",
        format!("{body:#}\n"),
    )
}

/// A quota that is used up. The reason is the same for every quota; the limit's name tells which.
pub(super) fn exhausted(per: &str, limit: &str) -> Refusal {
    let info = json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": "places.googleapis.com",
            "quota_metric": "places.googleapis.com/SearchTextRequest",
            "quota_limit": format!("SearchTextRequest{limit}PerProject"),
            "consumer": "projects/000000000000",
        },
    });
    Refusal {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: format!(
            "Quota exceeded for quota metric 'SearchTextRequest' and limit 'SearchTextRequest per \
             {per}' of service 'places.googleapis.com' for consumer \
             'project_number:000000000000'."
        ),
        details: vec![info],
    }
}
