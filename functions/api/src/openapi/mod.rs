//! The OpenAPI 3.1 document, from the table of operations and the types' own schemas. Nothing here
//! runs in the deployed function, which serves the file that this has written.

mod constraints;
mod describe;

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{Operation, Problem};
use describe::{Description, Parameter, Success, describe};

/// The document.
///
/// # Errors
/// When a constraint names a schema or field that is not there (any more).
pub fn document() -> Result<Value, String> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let problem = problem_response(&mut schemas);
    let mut paths = Map::new();
    for &operation in Operation::ALL {
        let description = describe(operation, &mut schemas);
        let path = paths.entry(operation.path()).or_insert_with(|| json!({}));
        let method = operation.method().to_lowercase();
        if let Some(path) = path.as_object_mut() {
            path.insert(method, write(operation, description));
        }
    }
    let mut components = Value::Object(schemas.take_definitions(true));
    constraints::add(&mut components)?;
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The Hunter",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Finds businesses that a customer wants to reach and drafts a message to each. Nothing is sent: drafts wait for review.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "RS256 or ES256; the customer is the one that the token names.",
            }},
            "responses": {"Problem": problem},
            "schemas": components,
        },
    }))
}

fn problem_response(schemas: &mut SchemaGenerator) -> Value {
    let schema = schemas.subschema_for::<Problem>();
    json!({
        "description": "A failure (RFC 9457); `error_code` names it and `type` leads to its page.",
        "headers": {"x-request-id": {"schema": {"type": "string"}, "required": true}},
        "content": {"application/problem+json": {"schema": schema}},
    })
}

fn write(operation: Operation, description: Description) -> Value {
    let mut answer = json!({
        "operationId": operation.id(),
        "summary": description.summary,
        "responses": responses(operation, &description),
    });
    let mut set = |name: &str, value: Value| {
        if let Some(answer) = answer.as_object_mut() {
            answer.insert(name.to_owned(), value);
        }
    };
    if let Some(text) = description.text {
        set("description", text.into());
    }
    if operation.is_public() {
        set("security", json!([]));
    }
    let parameters: Vec<Value> = description
        .parameters
        .iter()
        .map(Parameter::write)
        .collect();
    if !parameters.is_empty() {
        set("parameters", parameters.into());
    }
    if let Some(body) = description.body {
        let mut media = json!({"schema": body.schema});
        if let (Some(example), Some(media)) = (body.example, media.as_object_mut()) {
            media.insert("example".into(), example);
        }
        let content = json!({"application/json": media});
        set(
            "requestBody",
            json!({"required": body.required, "content": content}),
        );
    }
    answer
}

fn responses(operation: Operation, description: &Description) -> Value {
    let mut responses = Map::new();
    for success in &description.successes {
        responses.insert(success.status.to_string(), Success::write(success));
    }
    let mut problems = description.problems.clone();
    if !operation.is_public() {
        // The query string, headers; the token; the store or the issuer of the token is away.
        problems.extend([400, 401, 503]);
    }
    if description.parameters.iter().any(Parameter::is_in_path) {
        problems.push(404);
    }
    if description.body.is_some() {
        problems.extend([400, 408, 413, 415, 422]);
    }
    for status in problems {
        let problem = json!({"$ref": "#/components/responses/Problem"});
        responses.insert(status.to_string(), problem);
    }
    responses.insert(
        "default".into(),
        json!({"$ref": "#/components/responses/Problem"}),
    );
    responses.into()
}
