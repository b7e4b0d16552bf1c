//! A tenant's store that holds nothing (personalization stores nothing) and leads to write to.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::*;
use hunter_core::*;
use jiff::{Timestamp, civil::Date};
use personalization::Personalization;

pub struct NoStore(pub TenantId);

fn none<T>() -> StoreResult<T> {
    Err(StoreError::Unavailable("this test stores nothing".into()))
}

#[async_trait]
impl TenantStore for NoStore {
    fn tenant(&self) -> &TenantId {
        &self.0
    }
    async fn plan(&self) -> StoreResult<Option<Plan>> {
        none()
    }
    async fn put_plan(&self, _: &Plan) -> StoreResult<()> {
        none()
    }
    async fn balance(&self) -> StoreResult<Balance> {
        none()
    }
    async fn grant(&self, _: &str, _: Credits, _: Timestamp) -> StoreResult<()> {
        none()
    }
    async fn put_agent(&self, _: &AgentConfig) -> StoreResult<u32> {
        none()
    }
    async fn agent(&self, _: &AgentId) -> StoreResult<Option<AgentConfig>> {
        none()
    }
    async fn create_run(&self, _: &RunRecord) -> StoreResult<Put<RunRecord>> {
        none()
    }
    async fn update_run(&self, _: &RunRecord) -> StoreResult<()> {
        none()
    }
    async fn run(&self, _: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        none()
    }
    async fn runs(&self, _: usize, _: Option<String>) -> StoreResult<Page<RunRecord>> {
        none()
    }
    async fn reserve(&self, _: &ExecutionId, _: Credits, _: Timestamp) -> StoreResult<Put<Hold>> {
        none()
    }
    async fn settle(&self, _: &Debit) -> StoreResult<Put<()>> {
        none()
    }
    async fn close(&self, _: &ExecutionId, _: Timestamp) -> StoreResult<Option<Hold>> {
        none()
    }
    async fn hold(&self, _: &ExecutionId) -> StoreResult<Option<Hold>> {
        none()
    }
    async fn ledger(&self, _: usize, _: Option<String>) -> StoreResult<Page<LedgerEntry>> {
        none()
    }
    async fn add_api_calls(&self, _: &str, _: &ExecutionId, _: u64) -> StoreResult<()> {
        none()
    }
    async fn api_calls(&self, _: &str) -> StoreResult<u64> {
        none()
    }
    async fn put_pack(&self, _: &PackKey, _: &Pack) -> StoreResult<Put<Pack>> {
        none()
    }
    async fn pack(&self, _: &PackKey) -> StoreResult<Option<Pack>> {
        none()
    }
    async fn packs(&self, _: &ExecutionId, _: RecipeId) -> StoreResult<Vec<(String, Pack)>> {
        none()
    }
    async fn create_draft(&self, _: &Draft) -> StoreResult<Put<Draft>> {
        none()
    }
    async fn draft(&self, _: &DraftId) -> StoreResult<Option<Draft>> {
        none()
    }
    async fn drafts(
        &self,
        _: &DraftFilter,
        _: usize,
        _: Option<String>,
    ) -> StoreResult<Page<Draft>> {
        none()
    }
    async fn update_draft(&self, _: &Draft) -> StoreResult<()> {
        none()
    }
    async fn put_alert(&self, _: &AlertRecord) -> StoreResult<bool> {
        none()
    }
    async fn alerts(&self, _: usize, _: Option<String>) -> StoreResult<Page<AlertRecord>> {
        none()
    }
    async fn audit(&self, _: &AuditEntry) -> StoreResult<()> {
        none()
    }
    async fn audit_log(&self, _: Date) -> StoreResult<Vec<AuditEntry>> {
        none()
    }
}

pub fn seller() -> Seller {
    Seller {
        company: "BrightChair".into(),
        offer: "help local businesses turn missed calls into booked appointments".into(),
        proof_points: vec![
            "23 businesses in Saxony use it today.".into(),
            "Setting it up takes one afternoon.".into(),
        ],
        ask: "Worth a short call next week?".into(),
        sender_name: "Ana Silva".into(),
        sender_email: Some("ana@brightchair.example".into()),
        postal_address: Some("BrightChair, Markt 1, 04109 Leipzig".into()),
        offers_by_industry: BTreeMap::from([(
            "dentist".to_owned(),
            "help dental practices win back lost patients".to_owned(),
        )]),
    }
}

pub fn agent() -> AgentConfig {
    AgentConfig {
        agent_id: AgentId::new("agent_1").unwrap(),
        name: "Test".into(),
        execution_mode: ExecutionMode::Sequential,
        recipes: Vec::new(),
        retry_policy: RetryPolicy::default(),
        alerts: Vec::new(),
        seller: seller(),
        target: None,
        ideal_customer: IdealCustomer::default(),
        scoring: Scoring::default(),
        writing: Writing::default(),
        outreach: OutreachConfig::default(),
        chunk_size: 25,
        max_concurrency: 5,
        on_insufficient_credits: OnInsufficientCredits::Fail,
    }
}

/// Sunday, 14 December 2025.
pub fn now() -> Timestamp {
    "2025-12-14T10:43:00Z".parse().unwrap()
}

/// Inside a run, so that facts are not made from plain fields.
pub fn context(agent: AgentConfig) -> Context {
    let store = Arc::new(NoStore(TenantId::new("cust_001").unwrap()));
    let clock = Arc::new(ManualClock::new(now()));
    let mut context = Context::for_test(RecipeId::Personalization, store, clock, agent);
    context.step = Some(StepContext {
        attempt: 1,
        chunk: Some(0),
    });
    context
}

pub fn payload(leads: Vec<Lead>) -> PersonalizationPayload {
    PersonalizationPayload {
        leads,
        leads_ref: None,
        tone: None,
        max_length: None,
        template_context: None,
    }
}

pub fn email(address: &str) -> EmailContact {
    EmailContact {
        email: address.into(),
        confidence: None,
        source: None,
        evidence: None,
        personalized_message: None,
        message_quality_score: None,
        model_used: None,
    }
}

/// A lead with an address at `info@lead-<id>.example`.
pub fn lead(id: &str, name: &str, facts: &[(FactKind, &str, Option<&str>)]) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", id));
    lead.name = Some(name.to_owned());
    lead.emails = Some(vec![email(&format!("info@lead-{id}.example"))]);
    lead.lead_score = Some(Score::clamped(0.8));
    for (kind, value, day) in facts {
        let evidence = Evidence {
            url: format!("https://lead-{id}.example/"),
            quote: value.chars().take(300).collect(),
            fetched_at: now(),
        };
        lead.add_fact(
            *kind,
            (*value).to_owned(),
            day.map(|d| d.parse().unwrap()),
            evidence,
        );
    }
    lead
}

pub async fn run(agent: AgentConfig, leads: Vec<Lead>) -> Outcome<LeadsData> {
    Personalization::rules()
        .run(&context(agent), payload(leads))
        .await
        .unwrap()
}
