//! An embedded DynamoDB behind a real socket, and recipes that do nothing but charge.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::{
    AgentConfig, Control, Credits, DiscoveryData, DiscoveryPayload, DiscoverySummary, EntryKind,
    ErrorCode, ExecutionId, Hold, IntelligencePayload, Lead, LeadId, LeadsData, LedgerEntry, Plan,
    Rates, RecipeFailure, RecipeId, RunAnswer, RunEnd, RunRecord, StepContext,
};
use hunter_core::{
    ports::ManualClock,
    recipe::{Context, Outcome, Platform, Recipe, execute},
    store::{Pack, PackKey, TenantStore},
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Leads that a run of the agent screens.
pub(crate) const LEADS: i64 = 3;

pub(crate) fn micros(amount: i64) -> Credits {
    Credits::from_micros(amount)
}

/// A customer with an agent, a plan of 1,000 calls and credits.
pub(crate) struct Bench {
    pub(crate) platform: Platform,
    pub(crate) store: Arc<dyn TenantStore>,
}

fn rates(factor: f64) -> Rates {
    let card = |id: &str, day: &str, factor: f64| {
        json!({
            "id": id, "valid_from": day, "discovery": 0.02 * factor,
            "intelligence": 0.02 * factor, "personalization": 0.04 * factor, "outreach": 0,
            "subscription": 0,
        })
    };
    let cards = json!([
        card("list-2025-12", "2025-12-01", 1.0),
        card("dear", "2025-12-15", factor),
    ]);
    Rates::parse(&cards.to_string()).unwrap()
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(ManualClock::new("2025-12-14T10:00:00Z".parse().unwrap()));
        let embedded = Embedded::start(clock.clone()).await;
        let bench = Self {
            store: embedded.tenant("cust_1"),
            platform: Platform::new(embedded.store, clock, rates(1.0)),
        };
        bench.sign_up().await;
        bench
    }

    async fn sign_up(&self) {
        let agent = json!({
            "agent_id": "agent_1", "name": "one",
            "seller": { "company": "Acme", "offer": "o", "ask": "?", "sender_name": "Ada" },
            "target": { "keywords": ["dentist"], "max_results": LEADS },
        });
        let agent = serde_json::from_value(agent).unwrap();
        self.store.put_agent(&agent).await.unwrap();
        let credits = micros(100_000_000);
        self.store
            .grant("first", credits, self.now())
            .await
            .unwrap();
        let plan = Plan {
            plan_id: "professional".into(),
            monthly_credits: credits,
            api_calls_limit: 1_000,
            cycle_ends: "2025-12-31".parse().unwrap(),
            trial_ends: None,
        };
        self.store.put_plan(&plan).await.unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.platform.clock.now()
    }

    /// Another time.
    pub(crate) fn at(&mut self, time: &str) {
        self.platform.clock = Arc::new(ManualClock::new(time.parse().unwrap()));
    }

    /// Ten times the price, from a day on that has come.
    pub(crate) fn dearer(&mut self) {
        self.platform.rates = rates(10.0);
        self.at("2025-12-15T10:00:00Z");
    }

    pub(crate) async fn handle(&self, event: Value) -> Result<RunAnswer, RecipeFailure> {
        run::handle(&self.platform, event).await
    }

    pub(crate) async fn open(&self, id: &str) -> Control {
        let input = json!({ "customer_id": "cust_1", "execution_id": id, "agent_id": "agent_1" });
        let event = json!({ "action": "open", "input": input });
        opened(self.handle(event).await.unwrap())
    }

    pub(crate) async fn closing(&self, id: &str, state: Value) -> Result<RunAnswer, RecipeFailure> {
        let event = json!({
            "action": "close", "customer_id": "cust_1", "execution_id": id, "state": state,
        });
        self.handle(event).await
    }

    pub(crate) async fn close(&self, id: &str, state: Value) -> RunEnd {
        match self.closing(id, state).await.unwrap() {
            RunAnswer::Closed { control } => control,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn agent(&self) -> AgentConfig {
        let id = "agent_1".parse().unwrap();
        self.store.agent(&id).await.unwrap().unwrap()
    }

    pub(crate) async fn run(&self, id: &str) -> RunRecord {
        let id: ExecutionId = id.parse().unwrap();
        self.store.run(&id).await.unwrap().unwrap()
    }

    pub(crate) async fn hold(&self, id: &str) -> Hold {
        let id: ExecutionId = id.parse().unwrap();
        self.store.hold(&id).await.unwrap().unwrap()
    }

    pub(crate) async fn debits(&self) -> Vec<LedgerEntry> {
        let mut entries = self.store.ledger(100, None).await.unwrap().items;
        entries.retain(|entry| entry.kind == EntryKind::Debit);
        entries
    }

    /// Runs the step that finds leads to its end; answers what it stored.
    pub(crate) async fn discovered(&self, id: &str) -> Pack {
        let payload = json!({ "keywords": ["dentist"] });
        self.step(&Finds, RecipeId::Discovery, id, payload, None)
            .await
    }

    /// What the step that finds leads stores, as if it had died before settling.
    pub(crate) async fn stored(&self, id: &str) -> Pack {
        let run = self.run(id).await;
        let mut outcome = Finds.outcome(run.rates.price(RecipeId::Discovery));
        let pack = Pack {
            output: Some(serde_json::from_value(output(id, &outcome.data)).unwrap()),
            charges: std::mem::take(&mut outcome.charges),
            generation: Some("g".into()),
            rate_card: Some(run.rates.id),
            ..Pack::default()
        };
        let key = PackKey::head(&id.parse().unwrap(), RecipeId::Discovery);
        self.store.put_pack(&key, &pack).await.unwrap();
        pack
    }

    /// Runs a step of a lane to its end.
    pub(crate) async fn enriched(&self, id: &str) -> Pack {
        let leads: Vec<Lead> = leads();
        let payload = json!({ "leads": leads });
        self.step(&Enriches, RecipeId::Intelligence, id, payload, Some(0))
            .await
    }

    async fn step<R: Recipe>(
        &self,
        recipe: &R,
        name: RecipeId,
        id: &str,
        payload: Value,
        chunk: Option<u32>,
    ) -> Pack {
        let place = StepContext { attempt: 1, chunk };
        let event = json!({
            "recipe_id": name, "execution_id": id, "customer_id": "cust_1", "payload": payload,
            "step": place,
        });
        let answer = execute(recipe, &self.platform, event).await.unwrap();
        assert_eq!(answer.control.failure(), None);
        let id = id.parse().unwrap();
        let key = match chunk {
            Some(chunk) => PackKey::chunk(&id, name, None, chunk),
            None => PackKey::head(&id, name),
        };
        self.store.pack(&key).await.unwrap().unwrap()
    }
}

fn output(id: &str, data: &DiscoveryData) -> Value {
    let at = "2025-12-14T10:00:00Z";
    json!({
        "recipe_id": "discovery", "execution_id": id, "customer_id": "cust_1",
        "status": "success", "data": data, "errors": [],
        "metadata": {
            "started_at": at, "completed_at": at, "duration_ms": 0, "records_processed": LEADS,
            "records_succeeded": LEADS, "records_failed": 0, "credits_consumed": 0,
        },
    })
}

pub(crate) fn opened(answer: RunAnswer) -> Control {
    match answer {
        RunAnswer::Opened { control } => control,
        other => panic!("{other:?}"),
    }
}

/// The id of a run that is asked for at a time.
pub(crate) fn exec(at: &str) -> String {
    let at: Timestamp = at.parse().unwrap();
    let millis = u64::try_from(at.as_millisecond()).unwrap();
    format!("exec_{}", ulid::Ulid::from_parts(millis, 7))
}

/// Why it was refused.
pub(crate) fn abort(control: Control) -> (ErrorCode, String) {
    match control {
        Control::Abort {
            error_code, reason, ..
        } => (error_code, reason),
        other => panic!("{other:?}"),
    }
}

fn leads() -> Vec<Lead> {
    (0..LEADS)
        .map(|n| Lead::new(LeadId::derived("lead", &n.to_string())))
        .collect()
}

/// Finds the same leads every time.
struct Finds;

impl Finds {
    fn outcome(&self, price: Credits) -> Outcome<DiscoveryData> {
        let line = |lead: &Lead| hunter_contracts::ChargeLine {
            lead_id: lead.id.clone(),
            action: "lead_screened".into(),
            amount: price,
        };
        let charges = leads().iter().map(line).collect();
        let summary = DiscoverySummary {
            qualified_leads: 3,
            ..DiscoverySummary::default()
        };
        let data = json!({ "leads": [], "summary": summary });
        Outcome {
            data: serde_json::from_value(data).unwrap(),
            records_processed: 3,
            records_failed: 0,
            errors: Vec::new(),
            charges,
        }
    }
}

#[async_trait]
impl Recipe for Finds {
    const ID: RecipeId = RecipeId::Discovery;
    type Payload = DiscoveryPayload;
    type Data = DiscoveryData;

    fn validate(&self, _: &DiscoveryPayload) -> Result<(), RecipeFailure> {
        Ok(())
    }

    async fn run(
        &self,
        context: &Context,
        _: DiscoveryPayload,
    ) -> Result<Outcome<DiscoveryData>, RecipeFailure> {
        Ok(self.outcome(context.rates.price(Self::ID)))
    }
}

/// Charges for every lead.
struct Enriches;

#[async_trait]
impl Recipe for Enriches {
    const ID: RecipeId = RecipeId::Intelligence;
    type Payload = IntelligencePayload;
    type Data = LeadsData;

    fn validate(&self, _: &IntelligencePayload) -> Result<(), RecipeFailure> {
        Ok(())
    }

    async fn run(
        &self,
        context: &Context,
        payload: IntelligencePayload,
    ) -> Result<Outcome<LeadsData>, RecipeFailure> {
        let leads = payload.leads;
        Ok(Outcome {
            charges: leads.iter().map(|lead| context.charge(&lead.id)).collect(),
            records_processed: leads.len() as u64,
            records_failed: 0,
            errors: Vec::new(),
            data: LeadsData { leads },
        })
    }
}
