//! What an operation is: a route, and what the OpenAPI 3.1 document says of it, declared together
//! beside its handler. What is only for the document does not run in the deployed function, which
//! serves the file that was written from it.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{LIMIT_MAX, Problem};

/// Declares an operation. The first line of its comment is its summary, what follows is its text;
/// the last part says what it takes and gives.
macro_rules! operation {
    ($(#[doc = $text:literal])+ $name:ident: $method:ident $path:literal => $handler:ident, $describe:expr) => {
        $(#[doc = $text])+
        pub(crate) enum $name {}

        impl $name {
            pub(crate) fn mount(router: axum::Router<crate::ApiState>) -> axum::Router<crate::ApiState> {
                let method = axum::routing::MethodFilter::$method;
                router.route($path, axum::routing::on(method, $handler))
            }

            pub(crate) fn describe(document: &mut crate::operation::Document) {
                let (id, method) = (stringify!($name), stringify!($method));
                document.add(id, method, $path, &[$($text),+], $describe);
            }
        }
    };
}
pub(crate) use operation;

/// The document while it is put together.
pub(crate) struct Document {
    schemas: SchemaGenerator,
    paths: Map<String, Value>,
}

impl Document {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            schemas: settings.into_generator(),
            paths: Map::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        id: &str,
        method: &str,
        path: &str,
        text: &[&str],
        describe: fn(Description<'_>) -> Description<'_>,
    ) {
        let described = describe(Description {
            schemas: &mut self.schemas,
            operation: Map::new(),
            parameters: Vec::new(),
            responses: Map::new(),
        });
        let operation = described.end(id, text);
        let path = self.paths.entry(path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(method.to_lowercase(), operation);
        }
    }

    pub(crate) fn end(mut self) -> Value {
        let problem = self.schemas.subschema_for::<Problem>();
        let mut schemas = Value::Object(self.schemas.take_definitions(true));
        bound_integers(&mut schemas);
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "The Hunter",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Finds businesses that a customer wants to reach and drafts a message to each. Nothing is sent: drafts wait for review.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "security": [{"bearer": []}],
            "paths": self.paths,
            "components": {
                "securitySchemes": {"bearer": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "RS256 or ES256; the customer is the one that the token names.",
                }},
                "responses": {"Problem": {
                    "description": "A failure (RFC 9457); `error_code` names it and `type` leads to its page.",
                    "headers": {"x-request-id": {"schema": {"type": "string"}, "required": true}},
                    "content": {"application/problem+json": {"schema": problem}},
                }},
                "schemas": schemas,
            },
        })
    }
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
                fields.entry("maximum").or_insert_with(|| most.into());
            }
            fields.values_mut().for_each(bound_integers);
        }
        Value::Array(entries) => entries.iter_mut().for_each(bound_integers),
        _ => {}
    }
}

/// What an operation takes and gives.
pub(crate) struct Description<'a> {
    schemas: &'a mut SchemaGenerator,
    operation: Map<String, Value>,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

impl Description<'_> {
    fn end(mut self, id: &str, text: &[&str]) -> Value {
        let mut lines = text.iter().map(|line| line.trim());
        let summary = lines.next().unwrap_or_default();
        let text: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        if !self.operation.contains_key("security") {
            // The query string, headers; the token; the store or the issuer of the token is away.
            self = self.problems(&[400, 401, 503]);
        }
        let problem = json!({"$ref": "#/components/responses/Problem"});
        self.responses.insert("default".into(), problem);
        let mut set = |name: &str, value: Value| self.operation.insert(name.into(), value);
        set("operationId", id.into());
        set("summary", summary.into());
        set("responses", self.responses.into());
        if !text.is_empty() {
            set("description", text.join(" ").into());
        }
        if !self.parameters.is_empty() {
            set("parameters", self.parameters.into());
        }
        self.operation.into()
    }

    /// Anybody may call it, without a token.
    pub(crate) fn public(mut self) -> Self {
        self.operation.insert("security".into(), json!([]));
        self
    }

    /// Statuses of failures besides those that every operation of its kind has.
    pub(crate) fn problems(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let problem = json!({"$ref": "#/components/responses/Problem"});
            self.responses.insert(status.to_string(), problem);
        }
        self
    }

    /// Takes a parameter in the `path`, `query` or `header`.
    pub(crate) fn parameter(mut self, place: &str, name: &str, text: &str, schema: Value) -> Self {
        let required = place == "path";
        self.parameters.push(json!({
            "name": name, "in": place, "required": required, "description": text,
            "schema": schema,
        }));
        if required {
            return self.problems(&[404]);
        }
        self
    }

    /// A parameter of a type that has a schema.
    pub(crate) fn parameter_of<T: JsonSchema>(self, place: &str, name: &str, text: &str) -> Self {
        let schema = self.schemas.subschema_for::<T>().into();
        self.parameter(place, name, text, schema)
    }

    /// Takes the id of what it is about, in the path.
    pub(crate) fn id<T: JsonSchema>(self, text: &str) -> Self {
        self.parameter_of::<T>("path", "id", text)
    }

    /// Takes what part of a list is shown.
    pub(crate) fn page(self) -> Self {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 25});
        // No made-up value is one.
        let cursor = json!({"type": "string", "minLength": 1, "maxLength": 2048});
        let text = "`next_cursor` of the page before.";
        self.parameter("query", "limit", "Most entries of the page.", limit)
            .parameter("query", "cursor", text, cursor)
    }

    /// Takes a body.
    pub(crate) fn body<T: JsonSchema>(mut self, required: bool, example: Option<Value>) -> Self {
        let schema = self.schemas.subschema_for::<T>();
        let mut media = json!({ "schema": schema });
        if let (Some(example), Some(media)) = (example, media.as_object_mut()) {
            media.insert("example".into(), example);
        }
        let body = json!({"required": required, "content": {"application/json": media}});
        self.operation.insert("requestBody".into(), body);
        self.problems(&[400, 408, 413, 415, 422])
    }

    /// Answers with JSON.
    pub(crate) fn gives<T: JsonSchema>(self, status: u16, text: &str) -> Self {
        self.answer::<T>(status, text, "application/json", None)
    }

    /// Answers with JSON and a header: its name and what it holds.
    pub(crate) fn gives_with<T: JsonSchema>(
        self,
        status: u16,
        text: &str,
        header: (&str, &str),
    ) -> Self {
        self.answer::<T>(status, text, "application/json", Some(header))
    }

    /// Answers with a page of text.
    pub(crate) fn gives_markdown(self, text: &str) -> Self {
        self.answer::<String>(200, text, "text/markdown", None)
    }

    fn answer<T: JsonSchema>(
        mut self,
        status: u16,
        text: &str,
        media: &str,
        header: Option<(&str, &str)>,
    ) -> Self {
        let schema = self.schemas.subschema_for::<T>();
        let mut headers = json!({"x-request-id": {"schema": {"type": "string"}, "required": true}});
        if let (Some((name, text)), Some(headers)) = (header, headers.as_object_mut()) {
            let header =
                json!({"description": text, "required": true, "schema": {"type": "string"}});
            headers.insert(name.into(), header);
        }
        let answer = json!({
            "description": text, "headers": headers, "content": {media: {"schema": schema}},
        });
        self.responses.insert(status.to_string(), answer);
        self
    }
}
