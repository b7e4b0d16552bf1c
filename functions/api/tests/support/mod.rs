//! What the API stands on in tests: the store on an embedded DynamoDB behind a real socket, doubles
//! of the engine and the timekeeper, and a customer to begin with.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::{
    AgentConfig, AgentId, AgentSchedule, ErrorCode, ExecutionId, RecipeFailure, RecipeId,
    RunRequest, TenantId,
};
use hunter_core::{
    control_plane::ControlPlane,
    ports::{
        BadEnd, Clock, ExecutionState, Executions, Schedules, Started, SystemIds, execution_name,
    },
    store::{Pack, PackKey},
};
use jiff::Timestamp;
use serde_json::json;

/// When everything in here happens.
pub const NOW: &str = "2026-11-22T10:00:00Z";

/// An engine that begins executions and never works.
#[derive(Default)]
pub struct Engine {
    /// By name.
    pub executions: Mutex<BTreeMap<String, (RunRequest, ExecutionState)>>,
    /// What was set, by tenant and agent.
    pub schedules: Mutex<Vec<(TenantId, AgentId, AgentSchedule)>>,
    /// Whether it cannot be reached.
    pub away: AtomicBool,
}

impl Engine {
    fn check(&self) -> Result<(), RecipeFailure> {
        if self.away.load(Ordering::Relaxed) {
            return Err(RecipeFailure::new(ErrorCode::ConnectionError, "away"));
        }
        Ok(())
    }
}

#[async_trait]
impl Executions for Engine {
    async fn bad_ends(&self, _: Timestamp) -> Result<Vec<BadEnd>, RecipeFailure> {
        Err(RecipeFailure::internal("the API sweeps nothing"))
    }

    async fn start_as(
        &self,
        id: &ExecutionId,
        request: &RunRequest,
    ) -> Result<Started, RecipeFailure> {
        self.check()?;
        let name = execution_name(&request.customer_id, id);
        let mut executions = self.executions.lock().unwrap();
        match executions.get(&name) {
            Some((standing, _)) if standing == request => Ok(Started::Existing),
            Some(_) => Err(RecipeFailure::new(ErrorCode::Conflict, "another input")),
            None => {
                executions.insert(name, (request.clone(), ExecutionState::Running));
                Ok(Started::New)
            }
        }
    }

    async fn stop(&self, tenant: &TenantId, id: &ExecutionId) -> Result<(), RecipeFailure> {
        self.check()?;
        let mut executions = self.executions.lock().unwrap();
        match executions.get_mut(&execution_name(tenant, id)) {
            Some((_, state)) => *state = ExecutionState::Aborted,
            None => return Err(RecipeFailure::new(ErrorCode::NotFound, "none")),
        }
        Ok(())
    }

    async fn describe(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionState>, RecipeFailure> {
        self.check()?;
        let executions = self.executions.lock().unwrap();
        let found = executions.get(&execution_name(tenant, id));
        Ok(found.map(|(_, state)| state.clone()))
    }
}

#[async_trait]
impl Schedules for Engine {
    async fn put(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        schedule: &AgentSchedule,
    ) -> Result<(), RecipeFailure> {
        self.check()?;
        let entry = (tenant.clone(), agent.clone(), schedule.clone());
        self.schedules.lock().unwrap().push(entry);
        Ok(())
    }
}

/// A store and an engine.
pub struct Cloud {
    pub engine: Arc<Engine>,
    pub control: ControlPlane,
    /// The store's server.
    pub server: Embedded,
}

impl Cloud {
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let server = Embedded::start(clock.clone()).await;
        let engine = Arc::new(Engine::default());
        Self {
            control: ControlPlane {
                store: server.store.clone(),
                accounts: server.store.clone(),
                executions: engine.clone(),
                schedules: engine.clone(),
                clock,
                ids: Arc::new(SystemIds),
            },
            engine,
            server,
        }
    }

    /// Gives a customer a plan, the agent `agent_1`, the run `exec_1` with four leads in two chunks
    /// (the first one enriched), the drafts `outreach_1` to `outreach_4` and two alerts.
    pub async fn seed(&self, tenant: &str) {
        let tenant = TenantId::new(tenant).unwrap();
        let store = self.control.store.tenant(&tenant);
        let plan = json!({
            "plan_id": "professional", "monthly_credits": 100, "api_calls_limit": 10000,
            "cycle_ends": "2026-11-30"
        });
        store
            .put_plan(&serde_json::from_value(plan).unwrap())
            .await
            .unwrap();
        let grant = hunter_contracts::Credits::from_micros(100_000_000);
        store
            .grant("seed", grant, NOW.parse().unwrap())
            .await
            .unwrap();
        store.put_agent(&agent("agent_1")).await.unwrap();
        let run = json!({
            "execution_id": "exec_1", "customer_id": tenant, "agent": agent("agent_1"),
            "target": {"keywords": ["dentist"], "location": "Berlin"}, "status": "running",
            "started_at": NOW, "reserved": 16, "charged": 0
        });
        let run = serde_json::from_value(run).unwrap();
        store.create_run(&run).await.unwrap();
        let account = self.control.accounts.account(&tenant);
        let schedule = json!({"expression": "cron(0 8 ? * MON-FRI *)"});
        let schedule = serde_json::from_value(schedule).unwrap();
        let agent_id = AgentId::new("agent_1").unwrap();
        account.put_schedule(&agent_id, &schedule).await.unwrap();
        self.seed_leads(&tenant).await;
        for number in 1..=4 {
            let draft = serde_json::from_value(draft(number)).unwrap();
            store.create_draft(&draft).await.unwrap();
            if number <= 2 {
                let alert = serde_json::from_value(alert(&tenant, number)).unwrap();
                store.put_alert(&alert).await.unwrap();
            }
        }
    }

    async fn seed_leads(&self, tenant: &TenantId) {
        let store = self.control.store.tenant(tenant);
        let id = ExecutionId::new("exec_1").unwrap();
        let lead = |number: u32, name: &str| {
            json!({
                "id": format!("lead_{number}"), "name": name,
                "rank": {"position": number, "of": 4}
            })
        };
        let chunk = |numbers: [u32; 2], name: &str| Pack {
            leads: numbers
                .iter()
                .map(|&number| serde_json::from_value(lead(number, name)).unwrap())
                .collect(),
            ..Pack::default()
        };
        let summary = json!({"total_discovered": 9, "qualified_leads": 4, "filtered_out": 5});
        let data = json!({"leads": [], "summary": summary, "chunks": [2, 2]});
        let mut head = output(tenant, "discovery", 9, data);
        head.generation = Some("1a2b".into());
        let mut enriched = output(tenant, "intelligence", 2, json!({"leads": []}));
        enriched.leads = chunk([1, 2], "enriched").leads;
        let discovery = RecipeId::Discovery;
        let packs = [
            (
                PackKey::chunk(&id, discovery, Some("1a2b"), 0),
                chunk([1, 2], "found"),
            ),
            (
                PackKey::chunk(&id, discovery, Some("1a2b"), 1),
                chunk([3, 4], "found"),
            ),
            (PackKey::head(&id, discovery), head),
            (
                PackKey::chunk(&id, RecipeId::Intelligence, None, 0),
                enriched,
            ),
        ];
        for (key, pack) in packs {
            store.put_pack(&key, &pack).await.unwrap();
        }
    }
}

pub fn agent(id: &str) -> AgentConfig {
    serde_json::from_value(json!({
        "agent_id": id, "name": "Dentists",
        "target": {"keywords": ["dentist"], "location": "Berlin"},
        "seller": {
            "company": "Acme", "offer": "help clinics win back lost patients",
            "ask": "Worth a short call next week?", "sender_name": "Ada"
        }
    }))
    .unwrap()
}

/// A recipe's stored answer about so many records, each charged with 0.02.
fn output(tenant: &TenantId, recipe: &str, records: u64, data: serde_json::Value) -> Pack {
    let lines: Vec<_> = (0..records)
        .map(|n| json!({"lead_id": format!("lead_{n}"), "action": "seen", "amount": 0.02}))
        .collect();
    serde_json::from_value(json!({
        "output": {
            "recipe_id": recipe, "execution_id": "exec_1", "customer_id": tenant,
            "status": "success", "data": data, "errors": [],
            "metadata": {
                "started_at": NOW, "completed_at": NOW, "duration_ms": 1,
                "records_processed": records, "records_succeeded": records,
                "records_failed": 0, "credits_consumed": 0
            }
        },
        "charges": lines
    }))
    .unwrap()
}

fn draft(number: u32) -> serde_json::Value {
    json!({
        "job": {
            "id": format!("outreach_{number}"), "lead_id": format!("lead_{number}"),
            "channel": "email", "draft_message": "Hello, we help clinics.",
            "recipient": "info@clinic.example", "status": "draft_pending_review",
            "created_at": NOW, "draft_expires_at": "2026-11-29T10:00:00Z",
            "awaiting_customer_approval": true, "subject": "Your clinic",
            "rank_score": 1.0 - f64::from(number) / 10.0
        },
        "execution_id": "exec_1", "lead_name": "Clinic", "lead_score": 0.8,
        "quality_score": 0.9, "relevance_score": 0.7, "model_used": "rules-1",
        "claims": [], "version": 1
    })
}

fn alert(tenant: &TenantId, number: u32) -> serde_json::Value {
    json!({
        "id": format!("alert_{number}"), "customer_id": tenant, "trigger_type": "recipe_failed",
        "severity": "error", "title": "Discovery failed", "message": "The source refused.",
        "context": {}, "action_required": false, "created_at": NOW,
        "expires_at": "2026-12-22T10:15:00Z", "read": false
    })
}
