//! Limits that the types keep in code and their schemas do not say.

use serde_json::{Value, json};

/// Adds them.
///
/// # Errors
/// When a schema or field is not there.
pub(super) fn add(schemas: &mut Value) -> Result<(), String> {
    bound_integers(schemas);
    for (pointer, extra) in constraints() {
        let missing = || format!("the schema has no `{pointer}`");
        let field = schemas.pointer_mut(pointer).ok_or_else(missing)?;
        let field = field.as_object_mut().ok_or_else(missing)?;
        for (name, value) in extra.as_object().into_iter().flatten() {
            field.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}

/// An integer's size is a limit, too; 64 bits are given as many as every reader of JSON holds.
fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let most = match fields.get("format").and_then(Value::as_str) {
                Some("uint8") => Some(u64::from(u8::MAX)),
                Some("uint32") => Some(u64::from(u32::MAX)),
                Some("uint64") => Some((1 << 53) - 1),
                _ => None,
            };
            if let Some(most) = most {
                fields.insert("maximum".into(), most.into());
            }
            fields.values_mut().for_each(bound_integers);
        }
        Value::Array(entries) => entries.iter_mut().for_each(bound_integers),
        _ => {}
    }
}

fn constraints() -> Vec<(&'static str, Value)> {
    let id = || json!({"pattern": "^[A-Za-z0-9_.-]{1,96}$"});
    let range = |low: u64, high: u64| json!({"minimum": low, "maximum": high});
    // Something else than blanks.
    let text = |most: u64| json!({"minLength": 1, "maxLength": most, "pattern": "\\S"});
    vec![
        ("/StartRunBody/properties/agent_id", id()),
        ("/AgentConfig/properties/agent_id", id()),
        ("/AgentConfig/properties/chunk_size", range(1, 100)),
        ("/AgentConfig/properties/max_concurrency", range(1, 40)),
        ("/Writing/properties/max_length", range(20, 200)),
        ("/OutreachConfig/properties/draft_expiry_days", range(1, 90)),
        (
            "/OutreachConfig/properties/channels",
            json!({"minItems": 1}),
        ),
        ("/RetryPolicy/properties/max_attempts", range(1, 10)),
        (
            "/RetryPolicy/properties/backoff_base_ms",
            range(0, 3_600_000),
        ),
        (
            "/RetryPolicy/properties/backoff_max_ms",
            range(0, 86_400_000),
        ),
        ("/Seller/properties/company", text(300)),
        ("/Seller/properties/offer", text(300)),
        ("/Seller/properties/ask", text(300)),
        ("/Seller/properties/sender_name", text(300)),
        (
            "/DiscoveryPayload/properties/keywords",
            json!({"minItems": 1, "maxItems": 50}),
        ),
        (
            "/DiscoveryPayload/properties/keywords/items",
            json!({"minLength": 1, "maxLength": 100, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"}),
        ),
        ("/DiscoveryPayload/properties/location", text(200)),
        ("/DiscoveryPayload/properties/business_type", text(200)),
        ("/DiscoveryPayload/properties/depth", range(1, 5)),
        ("/DiscoveryPayload/properties/max_results", range(1, 10_000)),
        (
            "/AgentSchedule/properties/expression",
            json!({"minLength": 1, "maxLength": 256, "pattern": "^(rate|cron)\\(.*\\)$"}),
        ),
        (
            "/AgentSchedule/properties/timezone",
            json!({"minLength": 1, "maxLength": 50}),
        ),
        ("/EditDraftBody/properties/text", text(5_000)),
        ("/EditDraftBody/properties/subject", text(60)),
        (
            "/EditDraftBody",
            json!({"anyOf": [{"required": ["text"]}, {"required": ["subject"]}]}),
        ),
        (
            "/RejectDraftBody/properties/reason",
            json!({"maxLength": 500}),
        ),
        ("/DeferDraftBody/properties/days", range(1, 90)),
    ]
}
