//! What a run left behind, and what must hold of it however it went.

use std::collections::{BTreeMap, BTreeSet};

use hunter_contracts::{
    AlertRecord, Balance, Credits, Draft, DraftStatus, EntryKind, Hold, Lead, LedgerEntry,
    RecipeId, RejectedRecord, RunRecord, RunStatus,
};
use hunter_core::store::AuditEntry;
use hunter_ledger::Audit;

/// A customer's ledger.
#[derive(Debug)]
pub struct Books {
    /// Its entries.
    pub entries: Vec<LedgerEntry>,
    /// The stored balance.
    pub balance: Balance,
    /// What the ledger amounts to.
    pub audit: Audit,
}

/// A run with everything that belongs to it.
#[derive(Debug)]
pub struct RunResult {
    /// Its record.
    pub run: RunRecord,
    /// Its leads.
    pub leads: Vec<Lead>,
    /// The records that became none.
    pub rejected: Vec<RejectedRecord>,
    /// Its drafts.
    pub drafts: Vec<Draft>,
    /// Its reservation.
    pub hold: Option<Hold>,
    /// The customer's alerts.
    pub alerts: Vec<AlertRecord>,
    /// What the audit log says about it.
    pub audited: Vec<AuditEntry>,
    /// Outside calls that the customer's cycle counts.
    pub api_calls: u64,
    /// The customer's ledger.
    pub books: Books,
}

/// A stage's records and credits, without times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageCount {
    /// Looked at, came out, failed.
    pub records: (u64, u64, u64),
    /// Charged.
    pub credits: Credits,
}

/// A draft, without ids and times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftText {
    /// Its subject.
    pub subject: Option<String>,
    /// Its text.
    pub message: String,
    /// To whom.
    pub recipient: String,
    /// How far it is.
    pub status: DraftStatus,
}

/// What must be the same when a run is done again: everything but ids of the run and times.
#[derive(Debug, Clone, PartialEq)]
pub struct Essence {
    /// How it ended.
    pub status: RunStatus,
    /// What was charged.
    pub charged: Credits,
    /// Discovery's account.
    pub summary: Option<hunter_contracts::DiscoverySummary>,
    /// By recipe.
    pub stages: BTreeMap<RecipeId, StageCount>,
    /// By lead and channel.
    pub drafts: BTreeMap<(String, &'static str), DraftText>,
    /// Leads with their scores, best first.
    pub leads: Vec<(String, u64)>,
    /// What was raised.
    pub alerts: BTreeSet<String>,
    /// Executed recipes and their chunks, as the audit log has them.
    pub audited: Vec<(String, String)>,
    /// Outside calls counted.
    pub api_calls: u64,
}

impl RunResult {
    /// The essence.
    #[must_use]
    pub fn essence(&self) -> Essence {
        let run = &self.run;
        let stage = |totals: &hunter_contracts::StageTotals| StageCount {
            records: (totals.processed, totals.succeeded, totals.failed),
            credits: totals.credits,
        };
        let draft = |draft: &Draft| {
            let job = &draft.job;
            let key = (job.lead_id.to_string(), job.channel.into());
            let text = DraftText {
                subject: job.subject.clone(),
                message: job.draft_message.clone(),
                recipient: job.recipient.clone(),
                status: job.status,
            };
            (key, text)
        };
        let scored = |lead: &Lead| {
            let score = lead.lead_score.unwrap_or_default().get();
            (lead.id.to_string(), score.to_bits())
        };
        let alerts = self.alerts.iter();
        let audited = self.audited.iter().map(|entry| {
            let chunk = entry.result.details.get("chunk").map(ToString::to_string);
            (entry.action.resource_id.clone(), chunk.unwrap_or_default())
        });
        let mut audited: Vec<_> = audited.collect();
        audited.sort();
        Essence {
            audited,
            api_calls: self.api_calls,
            status: run.status,
            charged: run.charged,
            summary: run.summary.clone(),
            stages: run.stages.iter().map(|(&id, t)| (id, stage(t))).collect(),
            drafts: self.drafts.iter().map(draft).collect(),
            leads: self.leads.iter().map(scored).collect(),
            alerts: alerts.map(|a| format!("{:?}", a.trigger_type)).collect(),
        }
    }

    /// The debits of the run.
    pub fn debits(&self) -> impl Iterator<Item = &LedgerEntry> {
        let id = &self.run.execution_id;
        let entries = self.books.entries.iter();
        entries.filter(move |e| e.kind == EntryKind::Debit && e.execution_id.as_ref() == Some(id))
    }

    /// Asserts what must hold of every closed run, however it ended: the hold is closed, what was
    /// charged is the sum of its debits, each recipe and chunk was charged at most once and each
    /// lead at most once per recipe, each lead has at most one draft per channel.
    pub fn assert_sound(&self) {
        let hold = self.hold.unwrap();
        assert!(!hold.open, "the hold is open: {hold:?}");
        assert_eq!(hold.settled, self.run.charged, "settled and charged differ");
        assert!(self.run.completed_at.is_some(), "the run is not closed");
        let charged: Credits = self.debits().map(|entry| entry.amount).sum();
        assert_eq!(charged, self.run.charged, "debits and charged differ");
        let mut steps = BTreeSet::new();
        let mut leads = BTreeSet::new();
        for debit in self.debits() {
            let step = (debit.recipe_id, debit.chunk);
            assert!(steps.insert(step), "{step:?} was charged twice");
            for line in &debit.lines {
                let line = (debit.recipe_id, line.lead_id.as_str());
                assert!(leads.insert(line), "{line:?} was charged twice");
            }
        }
        let mut drafts = BTreeSet::new();
        for draft in &self.drafts {
            let key = (draft.job.lead_id.as_str(), draft.job.channel);
            assert!(drafts.insert(key), "{key:?} has two drafts");
        }
        let grants = self.books.entries.iter();
        let granted: Credits = grants
            .filter(|e| e.kind == EntryKind::Grant)
            .map(|e| e.amount)
            .sum();
        let Balance { avail, held, spent } = self.books.balance;
        let sum = avail.micros() + held.micros() + spent.micros();
        assert_eq!(sum, granted.micros(), "credits are not conserved");
    }

    /// Asserts what must hold of a run that came to its end: the stages' credits are what was
    /// charged, and records in are records out plus failures, each with a reason.
    pub fn assert_adds_up(&self) {
        let run = &self.run;
        let credits: Credits = run.stages.values().map(|s| s.credits).sum();
        assert_eq!(credits, run.charged, "stages and charged differ");
        for (recipe, stage) in &run.stages {
            assert_eq!(stage.processed, stage.succeeded + stage.failed, "{recipe}");
        }
        self.assert_summary();
        let failed: u64 = run.stages.values().map(|s| s.failed).sum();
        let named: BTreeSet<&str> = run.errors.iter().map(|e| e.record_id.as_str()).collect();
        if run.errors_total <= 100 {
            assert!(
                u64::try_from(named.len()).unwrap() >= failed,
                "{failed} failed, named {named:?}"
            );
        }
    }

    /// Asserts that discovery's account adds up, and that its lists hold what it counts.
    pub fn assert_summary(&self) {
        let summary = self.run.summary.clone().unwrap();
        let sum = summary.qualified_leads
            + summary.filtered_out
            + summary.unusable
            + summary.not_matching
            + summary.duplicates
            + summary.over_limit;
        assert_eq!(sum, summary.total_discovered, "{summary:?}");
        let count = |len: usize| u64::try_from(len).unwrap();
        assert_eq!(count(self.leads.len()), summary.qualified_leads);
        let rejected = summary.total_discovered - summary.qualified_leads;
        if rejected <= 10_000 {
            assert_eq!(count(self.rejected.len()), rejected);
        }
        assert!(self.rejected.iter().all(|r| !r.reason.is_empty()));
    }
}
