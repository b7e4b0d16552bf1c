//! A customer: plan, credits, an agent, runs.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use hunter_cloud::agent_file;
use hunter_contracts::{
    AgentConfig, BillingMonth, Credits, DiscoveryPayload, Draft, ExecutionId, LedgerEntry, Plan,
    RunOverrides, RunRequest, TenantId,
};
use hunter_core::{
    control_plane::{run_leads, run_rejected},
    ports::Clock,
    store::{DraftFilter, Store, TenantStore},
};
use hunter_ledger::check;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Books, RunResult, World};

/// What a customer starts with.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Granted credits.
    pub credits: Credits,
    /// The cycle's last day.
    pub cycle_ends: Option<Date>,
    /// The agent.
    pub agent: AgentConfig,
}

impl Default for Terms {
    /// A hundred credits and the example agent.
    fn default() -> Self {
        Self {
            credits: Credits::from_micros(100_000_000),
            cycle_ends: None,
            agent: agent_file::example().unwrap(),
        }
    }
}

/// A customer, wherever its store is.
pub struct Account {
    /// Who it is.
    pub id: TenantId,
    /// Its real store.
    pub store: Arc<dyn TenantStore>,
    /// Its agent.
    pub agent: AgentConfig,
}

/// A customer of a world in this process.
pub struct Customer<'a> {
    /// Where it lives.
    pub world: &'a World,
    account: Account,
}

impl<'a> Customer<'a> {
    /// Signs up.
    pub async fn sign_up(world: &'a World, name: &str, terms: Terms) -> Self {
        let store = world.cloud.store.as_ref();
        let account = Account::sign_up(store, world.clock.now(), name, terms).await;
        Self { world, account }
    }
}

impl Deref for Customer<'_> {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl Account {
    /// Signs up.
    pub async fn sign_up(store: &dyn Store, now: Timestamp, name: &str, terms: Terms) -> Self {
        let id = TenantId::new(name).unwrap();
        let store = store.tenant(&id);
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        if terms.credits > Credits::ZERO {
            store.grant("start", terms.credits, now).await.unwrap();
        }
        let plan = Plan {
            plan_id: "professional".into(),
            monthly_credits: terms.credits,
            api_calls_limit: 100_000,
            cycle_ends: terms.cycle_ends.unwrap_or(today.last_of_month()),
            trial_ends: None,
        };
        store.put_plan(&plan).await.unwrap();
        store.put_agent(&terms.agent).await.unwrap();
        Self {
            id,
            store,
            agent: terms.agent,
        }
    }

    /// The input of an execution.
    #[must_use]
    pub fn request(&self, execution: &str, target: DiscoveryPayload) -> RunRequest {
        RunRequest {
            customer_id: self.id.clone(),
            execution_id: ExecutionId::new(execution).unwrap(),
            agent_id: self.agent.agent_id.clone(),
            request: RunOverrides {
                target: Some(target),
                threshold: None,
            },
            close_only: None,
        }
    }

    /// All entries of the ledger, checked against the balance.
    pub async fn books(&self) -> Books {
        let mut entries: Vec<LedgerEntry> = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.store.ledger(100, cursor).await.unwrap();
            entries.extend(page.items);
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        let balance = self.store.balance().await.unwrap();
        let audit = check(balance, &entries).unwrap();
        assert!(!balance.avail.is_negative(), "{balance:?}");
        Books {
            entries,
            balance,
            audit,
        }
    }

    /// Drafts, of one run or all.
    pub async fn drafts(&self, run: Option<&ExecutionId>) -> Vec<Draft> {
        let filter = DraftFilter {
            status: None,
            execution_id: run.cloned(),
        };
        let mut drafts = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.store.drafts(&filter, 100, cursor).await.unwrap();
            drafts.extend(page.items);
            cursor = page.cursor;
            if cursor.is_none() {
                return drafts;
            }
        }
    }

    /// What a run left behind.
    pub async fn result(&self, id: &ExecutionId) -> RunResult {
        let store = self.store.as_ref();
        let run = store.run(id).await.unwrap().unwrap();
        let zoned = |time: jiff::Timestamp| time.to_zoned(jiff::tz::TimeZone::UTC);
        let ended = run.completed_at.unwrap_or(run.started_at);
        let days = [zoned(run.started_at).date(), zoned(ended).date()];
        let mut audited = Vec::new();
        for day in BTreeSet::from(days) {
            audited.extend(store.audit_log(day).await.unwrap());
        }
        audited.retain(|entry| entry.context.execution_id.as_ref() == Some(id));
        let month = BillingMonth::of(id, run.started_at);
        RunResult {
            audited,
            api_calls: store.api_calls(month).await.unwrap(),
            run,
            leads: run_leads(store, id).await.unwrap(),
            rejected: run_rejected(store, id).await.unwrap(),
            drafts: self.drafts(Some(id)).await,
            hold: store.hold(id).await.unwrap(),
            alerts: store.alerts(100, None).await.unwrap().items,
            books: self.books().await,
        }
    }

    /// Asserts that nothing happened: no run, no draft, nothing in the ledger but grants.
    pub async fn assert_untouched(&self) {
        let runs = self.store.runs(10, None).await.unwrap().items;
        assert!(runs.is_empty(), "{runs:?}");
        assert!(self.drafts(None).await.is_empty());
        let books = self.books().await;
        let kinds: Vec<_> = books.entries.iter().map(|entry| entry.kind).collect();
        assert!(
            kinds
                .iter()
                .all(|&k| k == hunter_contracts::EntryKind::Grant),
            "{kinds:?}"
        );
    }
}
