//! An embedded DynamoDB behind a real socket; an engine and a queue that remember.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::{AgentConfig, ErrorCode, ExecutionId, RecipeFailure, RunRequest, TenantId};
use hunter_core::{
    control_plane::ControlPlane,
    ports::{
        BadEnd, DeadLetter, ExecutionState, Executions, ManualClock, NoSchedules, Queue, Received,
        SequentialIds, Started, execution_name,
    },
    store::TenantStore,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use trigger::Trigger;

pub(crate) const AT: &str = "2025-12-14T10:15:00Z";

/// Everything around the function.
pub(crate) struct Bench {
    pub(crate) trigger: Trigger,
    pub(crate) engine: Arc<Engine>,
    pub(crate) queue: Arc<Letters>,
    pub(crate) clock: ManualClock,
    embedded: Embedded,
}

impl Bench {
    /// With agent `agent_1` of customer `cust_1`, who has credits.
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::new(AT.parse().unwrap());
        let embedded = Embedded::start(Arc::new(clock.clone())).await;
        let engine = Arc::new(Engine::default());
        let queue = Arc::new(Letters::default());
        let control = ControlPlane {
            store: embedded.store.clone(),
            accounts: embedded.store.clone(),
            executions: engine.clone(),
            schedules: Arc::new(NoSchedules),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(SequentialIds::default()),
        };
        let bench = Self {
            trigger: Trigger::new(control, queue.clone()),
            engine,
            queue,
            clock,
            embedded,
        };
        let tenant = bench.tenant();
        tenant.put_agent(&agent()).await.unwrap();
        let credits = hunter_contracts::Credits::from_micros(100_000_000);
        tenant
            .grant("first", credits, AT.parse().unwrap())
            .await
            .unwrap();
        bench
    }

    pub(crate) fn tenant(&self) -> Arc<dyn TenantStore> {
        self.embedded.tenant("cust_1")
    }

    pub(crate) async fn handle(&self, event: Value) -> Result<Value, RecipeFailure> {
        trigger::handle(&self.trigger, event).await
    }

    pub(crate) fn buried(&self) -> Vec<(String, RecipeFailure)> {
        self.queue.buried.lock().unwrap().clone()
    }
}

pub(crate) fn agent() -> AgentConfig {
    serde_json::from_value(json!({
        "agent_id": "agent_1", "name": "one",
        "seller": {
            "company": "Acme", "offer": "help clinics win back lost patients",
            "ask": "Worth a short call next week?", "sender_name": "Ada"
        },
        "target": {"keywords": ["dentist"], "location": "Berlin"}
    }))
    .unwrap()
}

pub(crate) fn request(id: &str) -> Value {
    json!({"customer_id": "cust_1", "execution_id": id, "agent_id": "agent_1"})
}

pub(crate) fn tick(agent: &str) -> Value {
    json!({"customer_id": "cust_1", "agent_id": agent, "scheduled_time": "2025-12-14T08:00:00Z"})
}

/// An event of the queue as Lambda sends it; message ids are `m0`, `m1`, …
pub(crate) fn messages<S: Into<String>>(bodies: impl IntoIterator<Item = S>) -> Value {
    let record = |(n, body): (usize, S)| {
        json!({
            "messageId": format!("m{n}"), "receiptHandle": "r", "body": body.into(),
            "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
            "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:hunter-runs"
        })
    };
    let records: Vec<Value> = bodies.into_iter().enumerate().map(record).collect();
    json!({ "Records": records })
}

/// The engine: as Step Functions, one execution per name and input, also when it has ended.
#[derive(Default)]
pub(crate) struct Engine {
    executions: Mutex<BTreeMap<String, (RunRequest, ExecutionState)>>,
    /// What the next calls are answered instead, last first.
    pub(crate) failures: Mutex<Vec<RecipeFailure>>,
}

impl Engine {
    pub(crate) fn fail_next(&self, code: ErrorCode) {
        let failure = RecipeFailure::new(code, "told to fail");
        self.failures.lock().unwrap().push(failure);
    }

    /// The inputs of all executions.
    pub(crate) fn inputs(&self) -> Vec<RunRequest> {
        let executions = self.executions.lock().unwrap();
        executions
            .values()
            .map(|(input, _)| input.clone())
            .collect()
    }

    /// Adds an execution of this name, or puts it into another state.
    pub(crate) fn set(&self, name: &str, request: &RunRequest, state: ExecutionState) {
        let mut executions = self.executions.lock().unwrap();
        executions.insert(name.to_owned(), (request.clone(), state));
    }
}

#[async_trait]
impl Executions for Engine {
    async fn start_as(
        &self,
        id: &ExecutionId,
        request: &RunRequest,
    ) -> Result<Started, RecipeFailure> {
        // Others get a chance to be first.
        tokio::task::yield_now().await;
        if let Some(failure) = self.failures.lock().unwrap().pop() {
            return Err(failure);
        }
        let name = execution_name(&request.customer_id, id);
        let mut executions = self.executions.lock().unwrap();
        match executions.get(&name) {
            None => {
                executions.insert(name, (request.clone(), ExecutionState::Running));
                Ok(Started::New)
            }
            Some((input, _)) if input == request => Ok(Started::Existing),
            Some(_) => Err(RecipeFailure::new(ErrorCode::Conflict, "another input")),
        }
    }

    async fn stop(&self, _: &TenantId, _: &ExecutionId) -> Result<(), RecipeFailure> {
        Err(RecipeFailure::internal("the trigger stops nothing"))
    }

    async fn describe(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionState>, RecipeFailure> {
        let executions = self.executions.lock().unwrap();
        let found = executions.get(&execution_name(tenant, id));
        Ok(found.map(|(_, state)| state.clone()))
    }

    async fn bad_ends(&self, _: Timestamp) -> Result<Vec<BadEnd>, RecipeFailure> {
        let executions = self.executions.lock().unwrap();
        let ends = executions.iter().filter_map(|(name, (request, state))| {
            let bad = *state != ExecutionState::Succeeded;
            Some(BadEnd {
                name: name.clone(),
                cause: state.close_cause().filter(|_| bad)?,
                input: serde_json::to_string(request).unwrap(),
            })
        });
        Ok(ends.collect())
    }
}

/// The queue's dead letters.
#[derive(Default)]
pub(crate) struct Letters {
    pub(crate) buried: Mutex<Vec<(String, RecipeFailure)>>,
    pub(crate) away: Mutex<bool>,
}

fn unused<T>() -> Result<T, RecipeFailure> {
    Err(RecipeFailure::internal("the trigger only buries"))
}

#[async_trait]
impl Queue for Letters {
    async fn send(&self, _: &str, _: Duration) -> Result<(), RecipeFailure> {
        unused()
    }
    async fn receive(&self, _: usize, _: Duration) -> Result<Vec<Received>, RecipeFailure> {
        unused()
    }
    async fn delete(&self, _: &str) -> Result<(), RecipeFailure> {
        unused()
    }
    async fn bury(&self, body: &str, reason: &RecipeFailure) -> Result<(), RecipeFailure> {
        if *self.away.lock().unwrap() {
            return Err(RecipeFailure::new(
                ErrorCode::ConnectionError,
                "the queue is away",
            ));
        }
        self.buried
            .lock()
            .unwrap()
            .push((body.to_owned(), reason.clone()));
        Ok(())
    }
    async fn dead_letters(&self, _: usize) -> Result<Vec<DeadLetter>, RecipeFailure> {
        unused()
    }
    async fn redrive(&self, _: usize) -> Result<usize, RecipeFailure> {
        unused()
    }
}
