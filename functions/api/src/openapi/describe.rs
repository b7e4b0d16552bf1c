//! What each operation takes and gives.

use hunter_contracts::{AgentConfig, AgentSchedule, AlertRecord, Draft, DraftStatus, Lead};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use crate::{
    AgentStored, ApproveDraftBody, DeferDraftBody, EditDraftBody, Healthy, LIMIT_MAX, List,
    Operation, RejectDraftBody, RunAccepted, RunDetail, RunSummary, ScheduleView, StartRunBody,
    SubscriptionView,
};

/// The alphabet of ids.
const ID_PATTERN: &str = "^[A-Za-z0-9_.-]{1,96}$";

pub(super) struct Description {
    pub(super) summary: &'static str,
    pub(super) text: Option<&'static str>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) successes: Vec<Success>,
    /// Statuses of failures besides those that every operation of its kind has.
    pub(super) problems: Vec<u16>,
}

pub(super) struct Parameter {
    name: &'static str,
    place: &'static str,
    description: &'static str,
    schema: Value,
}

impl Parameter {
    pub(super) fn is_in_path(&self) -> bool {
        self.place == "path"
    }

    pub(super) fn write(&self) -> Value {
        json!({
            "name": self.name, "in": self.place, "required": self.is_in_path(),
            "description": self.description, "schema": self.schema,
        })
    }
}

pub(super) struct Body {
    pub(super) required: bool,
    pub(super) schema: Value,
    pub(super) example: Option<Value>,
}

pub(super) struct Success {
    pub(super) status: u16,
    description: &'static str,
    media: &'static str,
    schema: Value,
    header: Option<(&'static str, &'static str)>,
}

impl Success {
    pub(super) fn write(&self) -> Value {
        let mut headers = json!({"x-request-id": {"schema": {"type": "string"}, "required": true}});
        if let (Some((name, description)), Some(headers)) = (self.header, headers.as_object_mut()) {
            let header = json!({
                "description": description, "required": true, "schema": {"type": "string"},
            });
            headers.insert(name.into(), header);
        }
        json!({
            "description": self.description,
            "headers": headers,
            "content": {self.media: {"schema": self.schema}},
        })
    }
}

/// Puts a description together.
struct Draw<'a> {
    schemas: &'a mut SchemaGenerator,
    description: Description,
}

impl<'a> Draw<'a> {
    fn new(schemas: &'a mut SchemaGenerator, summary: &'static str) -> Self {
        Self {
            schemas,
            description: Description {
                summary,
                text: None,
                parameters: Vec::new(),
                body: None,
                successes: Vec::new(),
                problems: Vec::new(),
            },
        }
    }

    fn text(mut self, text: &'static str) -> Self {
        self.description.text = Some(text);
        self
    }

    fn parameter(
        mut self,
        place: &'static str,
        name: &'static str,
        description: &'static str,
        schema: Value,
    ) -> Self {
        self.description.parameters.push(Parameter {
            name,
            place,
            description,
            schema,
        });
        self
    }

    fn id(self, description: &'static str) -> Self {
        let schema = json!({"type": "string", "pattern": ID_PATTERN});
        self.parameter("path", "id", description, schema)
    }

    fn page(self) -> Self {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 25});
        // No made-up value is one.
        let cursor = json!({"type": "string", "minLength": 1, "maxLength": 2048});
        self.parameter("query", "limit", "Most entries of the page.", limit)
            .parameter(
                "query",
                "cursor",
                "`next_cursor` of the page before.",
                cursor,
            )
    }

    fn if_match(self) -> Self {
        let schema = json!({"type": "string", "examples": ["\"1\""]});
        let text = "The `etag` of the draft that was looked at; another one is answered 412.";
        let mut own = self.parameter("header", "if-match", text, schema);
        own.description.problems.extend([409, 412]);
        own
    }

    fn body<T: JsonSchema>(mut self, required: bool, example: Option<Value>) -> Self {
        let schema = self.schemas.subschema_for::<T>().into();
        self.description.body = Some(Body {
            required,
            schema,
            example,
        });
        self
    }

    fn gives<T: JsonSchema>(mut self, status: u16, description: &'static str) -> Self {
        let schema = self.schemas.subschema_for::<T>().into();
        self.description.successes.push(Success {
            status,
            description,
            media: "application/json",
            schema,
            header: None,
        });
        self
    }

    fn header(mut self, name: &'static str, description: &'static str) -> Self {
        if let Some(last) = self.description.successes.last_mut() {
            last.header = Some((name, description));
        }
        self
    }

    fn end(self) -> Description {
        self.description
    }
}

pub(super) fn describe(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    match operation {
        Operation::StartRun
        | Operation::ListRuns
        | Operation::GetRun
        | Operation::StopRun
        | Operation::ListLeads => runs(operation, schemas),
        Operation::ListDrafts
        | Operation::GetDraft
        | Operation::EditDraft
        | Operation::ApproveDraft
        | Operation::RejectDraft
        | Operation::DeferDraft => drafts(operation, schemas),
        Operation::GetAgent
        | Operation::PutAgent
        | Operation::GetSchedule
        | Operation::PutSchedule => agents(operation, schemas),
        Operation::GetSubscription
        | Operation::ListAlerts
        | Operation::Health
        | Operation::GetOpenApi
        | Operation::GetErrorPage => others(operation, schemas),
    }
}

fn runs(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    match operation {
        Operation::StartRun => {
            let key = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"});
            Draw::new(schemas, "Start a run")
                .text("With an `idempotency-key`, the same request starts one run however often it is sent, and is answered with that run; the same key with another request is answered 422. An agent that does not exist is answered 404.")
                .parameter("header", "idempotency-key", "A name for this request, as in a UUID.", key)
                .body::<StartRunBody>(true, Some(json!({
                    "agent_id": "agent_001",
                    "request": {"target": {"keywords": ["dentists"], "location": "Salzburg"}},
                })))
                .gives::<RunAccepted>(202, "The run is started, or was by an earlier request of this key.")
                .header("location", "Where the run is shown.")
                .end_with(&[404])
        }
        Operation::GetRun => Draw::new(schemas, "Show a run and how far it is")
            .id("The run.")
            .gives::<RunDetail>(200, "The run.")
            .end(),
        Operation::StopRun => Draw::new(schemas, "Stop a run")
            .text("Chunks that are finished are kept and charged, the rest of the reservation is released. Stopping a run that has ended changes nothing; the answer says how it ended.")
            .id("The run.")
            .gives::<RunAccepted>(202, "The run is being stopped, or has ended.")
            .end(),
        Operation::ListLeads => Draw::new(schemas, "List the leads of a run, best first")
            .id("The run.")
            .page()
            .gives::<List<Lead>>(200, "The leads as far as they have come.")
            .end(),
        _ => Draw::new(schemas, "List runs, newest first")
            .text("A run that was refused before it was opened is not listed; it is shown by its id.")
            .page()
            .gives::<List<RunSummary>>(200, "The runs.")
            .end(),
    }
}

fn drafts(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    const ETAG: (&str, &str) = ("etag", "The draft's version, for `if-match`.");
    let draft = |draw: Draw<'_>| {
        draw.gives::<Draft>(200, "The draft.")
            .header(ETAG.0, ETAG.1)
            .end()
    };
    match operation {
        Operation::GetDraft => draft(Draw::new(schemas, "Show a draft").id("The draft.")),
        Operation::EditDraft => draft(
            Draw::new(schemas, "Change a draft's text or subject")
                .id("The draft.")
                .if_match()
                .body::<EditDraftBody>(true, Some(json!({"subject": "Your new clinic"}))),
        ),
        Operation::ApproveDraft => draft(
            Draw::new(schemas, "Approve a draft")
                .text("Nothing is sent.")
                .id("The draft.")
                .if_match()
                .body::<ApproveDraftBody>(false, None),
        ),
        Operation::RejectDraft => draft(
            Draw::new(schemas, "Reject a draft")
                .id("The draft.")
                .if_match()
                .body::<RejectDraftBody>(false, Some(json!({"reason": "not our market"}))),
        ),
        Operation::DeferDraft => draft(
            Draw::new(schemas, "Put a draft off")
                .id("The draft.")
                .if_match()
                .body::<DeferDraftBody>(true, Some(json!({"days": 7}))),
        ),
        _ => {
            let status = schemas.subschema_for::<DraftStatus>().into();
            let run = json!({"type": "string", "pattern": ID_PATTERN});
            Draw::new(
                schemas,
                "List drafts, newest run first, best first within a run",
            )
            .parameter(
                "query",
                "status",
                "Only drafts that stand there now.",
                status,
            )
            .parameter("query", "run", "Only drafts of this run.", run)
            .page()
            .gives::<List<Draft>>(200, "The drafts.")
            .end()
        }
    }
}

fn agents(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    match operation {
        Operation::PutAgent => Draw::new(schemas, "Set an agent's configuration")
            .text("`agent_id` is the one of the path. Runs that are under way keep the configuration that they began with.")
            .id("The agent.")
            .body::<AgentConfig>(true, Some(json!({
                "agent_id": "agent_001",
                "name": "Dentists",
                "seller": {
                    "company": "BrightChair",
                    "offer": "help dental clinics win back lost patients",
                    "ask": "Worth a short call next week?",
                    "sender_name": "Ana Silva",
                },
                "target": {"keywords": ["dentists"], "location": "Salzburg"},
            })))
            .gives::<AgentStored>(200, "The agent has a new configuration.")
            .gives::<AgentStored>(201, "There is a new agent.")
            .header("location", "Where the agent is shown.")
            .end(),
        Operation::GetSchedule => Draw::new(schemas, "Show when an agent runs by itself")
            .id("The agent.")
            .gives::<ScheduleView>(200, "The schedule.")
            .end(),
        Operation::PutSchedule => Draw::new(schemas, "Set when an agent runs by itself")
            .text("Expressions are those of EventBridge Scheduler. A cron time that the change to summer time leaves out is left out; one that the change back repeats comes once.")
            .id("The agent.")
            .body::<AgentSchedule>(true, Some(json!({
                "expression": "cron(0 8 ? * MON-FRI *)", "timezone": "Europe/Vienna",
            })))
            .gives::<ScheduleView>(200, "The schedule.")
            .end(),
        _ => Draw::new(schemas, "Show an agent's configuration")
            .id("The agent.")
            .gives::<AgentConfig>(200, "The configuration.")
            .end(),
    }
}

fn others(operation: Operation, schemas: &mut SchemaGenerator) -> Description {
    match operation {
        Operation::GetSubscription => Draw::new(schemas, "Show plan, balance and what is used")
            .gives::<SubscriptionView>(200, "Where the customer stands.")
            .end(),
        Operation::ListAlerts => Draw::new(schemas, "List alerts, newest first")
            .page()
            .gives::<List<AlertRecord>>(200, "The alerts.")
            .end(),
        Operation::GetOpenApi => Draw::new(schemas, "This document")
            .gives::<serde_json::Map<String, Value>>(200, "The document.")
            .end(),
        Operation::GetErrorPage => {
            let code = schemas
                .subschema_for::<hunter_contracts::ErrorCode>()
                .into();
            let mut page = Draw::new(schemas, "What an error code means")
                .parameter("path", "code", "The code.", code)
                .gives::<String>(200, "The page, in Markdown.")
                .end();
            for success in &mut page.successes {
                success.media = "text/markdown";
            }
            page
        }
        _ => Draw::new(schemas, "Whether the API answers")
            .text("Says nothing of the services behind it.")
            .gives::<Healthy>(200, "It does.")
            .end(),
    }
}

impl Draw<'_> {
    fn end_with(self, problems: &[u16]) -> Description {
        let mut description = self.end();
        description.problems.extend(problems);
        description
    }
}
