//! Keys of the items. All of a tenant's keys begin with `T#<tenant>`, followed by the end or `#`,
//! so that `cust_1` and `cust_10` have no key in common.

use std::fmt::Display;

use hunter_contracts::{
    AgentId, AlertId, BillingMonth, DraftId, DraftStatus, ExecutionId, RecipeId, TenantId,
};
use hunter_core::{recipe::derived_key, store::PackKey};
use hunter_ledger::DebitKey;
use jiff::{Timestamp, civil::Date};

/// Sorts before every character of an id and of `#`.
const FIRST: &str = "!";
/// Sorts after every character of an id and of `#`.
const LAST: &str = "~";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

/// A range of sort keys within one partition, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) pk: String,
    pub(super) low: String,
    pub(super) high: String,
}

impl Range {
    /// Everything whose sort key begins with `prefix`, which may be empty.
    fn with_prefix(pk: String, prefix: &str) -> Self {
        Self {
            pk,
            low: format!("{prefix}{FIRST}"),
            high: format!("{prefix}{LAST}"),
        }
    }
}

/// A point in time as text of fixed width that sorts by time: `20251214T101500.000000Z`.
pub(super) fn time_key(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S%.6fZ").to_string()
}

/// The keys of one tenant.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    tenant: String,
}

impl Keys {
    pub(super) fn of(tenant: &TenantId) -> Self {
        Self {
            tenant: format!("T#{tenant}"),
        }
    }

    fn own(&self, sk: String) -> Key {
        let pk = self.tenant.clone();
        Key { pk, sk }
    }

    fn part(&self, part: impl Display, sk: impl Into<String>) -> Key {
        let pk = format!("{}#{part}", self.tenant);
        let sk = sk.into();
        Key { pk, sk }
    }

    fn of_run(&self, run: &ExecutionId, sk: String) -> Key {
        self.part(format_args!("E#{run}"), sk)
    }

    pub(super) fn plan(&self) -> Key {
        self.own("PLAN".into())
    }

    pub(super) fn balance(&self) -> Key {
        self.own("BAL".into())
    }

    /// Marks a grant as done. Keys of grants are free text, so they are hashed.
    pub(super) fn grant(&self, key: &str) -> Key {
        let hash = derived_key(&[&self.tenant, "grant", key]);
        self.own(format!("GRANT#{hash}"))
    }

    pub(super) fn agent(&self, agent: &AgentId) -> Key {
        self.own(format!("AGENT#{agent}"))
    }

    pub(super) fn agent_version(&self, agent: &AgentId, version: u32) -> Key {
        self.own(format!("AGENT#{agent}#v{version:06}"))
    }

    pub(super) fn run(&self, run: &ExecutionId) -> Key {
        self.own(format!("EXEC#{run}"))
    }

    pub(super) fn runs(&self) -> Range {
        Range::with_prefix(self.tenant.clone(), "EXEC#")
    }

    pub(super) fn hold(&self, run: &ExecutionId) -> Key {
        self.of_run(run, "HOLD".into())
    }

    /// Marks a run's calls as counted, whatever the cycle.
    pub(super) fn calls_counted(&self, run: &ExecutionId) -> Key {
        self.of_run(run, "CALLS".into())
    }

    pub(super) fn calls(&self, month: BillingMonth) -> Key {
        self.own(format!("Q#calls#{month}"))
    }

    pub(super) fn pack(&self, key: &PackKey) -> Key {
        let sk = format!("P#{}#{}", key.recipe, key.name);
        self.of_run(&key.execution_id, sk)
    }

    pub(super) fn packs(&self, run: &ExecutionId, recipe: RecipeId) -> Range {
        let pk = format!("{}#E#{run}", self.tenant);
        Range::with_prefix(pk, &format!("P#{recipe}#"))
    }

    pub(super) fn draft(&self, draft: &DraftId) -> Key {
        self.part("D", draft.as_str())
    }

    /// In the index: the drafts of a status, by run, rank and id.
    pub(super) fn drafts(&self, status: DraftStatus, run: Option<&ExecutionId>) -> Range {
        let pk = format!("{}#D#{status}", self.tenant);
        let prefix = run.map(|run| format!("{run}#")).unwrap_or_default();
        Range::with_prefix(pk, &prefix)
    }

    pub(super) fn alert(&self, alert: &AlertId) -> Key {
        self.own(format!("AL#{alert}"))
    }

    /// In the index: the alerts by time.
    pub(super) fn alerts(&self) -> Range {
        Range::with_prefix(format!("{}#AL", self.tenant), "")
    }

    pub(super) fn profile(&self) -> Key {
        self.own("PROFILE".into())
    }

    /// A run as it was asked for, which may never have become a run.
    pub(super) fn run_claim(&self, run: &ExecutionId) -> Key {
        self.own(format!("REQ#{run}"))
    }

    pub(super) fn schedule(&self, agent: &AgentId) -> Key {
        self.own(format!("SCHED#{agent}"))
    }

    /// Rules have free text as ids, so they are hashed.
    pub(super) fn alert_window(&self, rule: &str) -> Key {
        let hash = derived_key(&[&self.tenant, "alert window", rule]);
        self.own(format!("ALF#{hash}"))
    }

    /// Recipients are addresses, so they are hashed.
    pub(super) fn delivery(&self, alert: &AlertId, to: &str) -> Key {
        let hash = derived_key(&[&self.tenant, "delivery", to]);
        self.own(format!("AD#{alert}#{hash}"))
    }

    /// By the hash of the address; a partition of its own, so that the list can be read alone.
    pub(super) fn suppression(&self, address_hash: &str) -> Key {
        self.part("S", address_hash)
    }

    fn ledger_entry(&self, sk: String) -> Key {
        self.part("L", sk)
    }

    pub(super) fn ledger(&self) -> Range {
        Range::with_prefix(format!("{}#L", self.tenant), "")
    }

    pub(super) fn grant_entry(&self, at: Timestamp, key: &str) -> Key {
        let hash = derived_key(&[&self.tenant, "grant", key]);
        self.ledger_entry(format!("{}#grant#{hash}", time_key(at)))
    }

    /// `opened` is when the run reserved, as its hold says: never the time of a retry.
    pub(super) fn reserve_entry(&self, opened: &str, run: &ExecutionId) -> Key {
        self.ledger_entry(format!("{opened}#run#{run}#1"))
    }

    pub(super) fn debit_entry(&self, opened: &str, debit: &DebitKey) -> Key {
        let run = &debit.execution_id;
        let stage = debit.recipe as u8;
        let chunk = debit
            .chunk
            .map_or_else(|| "run".to_owned(), |chunk| format!("{chunk:06}"));
        self.ledger_entry(format!("{opened}#run#{run}#2#{stage}#{chunk}"))
    }

    pub(super) fn close_entry(&self, opened: &str, run: &ExecutionId) -> Key {
        self.ledger_entry(format!("{opened}#run#{run}#3"))
    }

    fn audit_day(&self, day: Date) -> String {
        format!("{}#A#{}", self.tenant, day.strftime("%Y%m%d"))
    }

    pub(super) fn audit_entry(&self, day: Date, id: &str) -> Key {
        let pk = self.audit_day(day);
        let sk = derived_key(&[&self.tenant, "audit", id]);
        Key { pk, sk }
    }

    pub(super) fn audit_log(&self, day: Date) -> Range {
        Range::with_prefix(self.audit_day(day), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_keys_have_one_width_and_sort_by_time() {
        let keys = [
            "2025-12-14T10:15:00Z",
            "2025-12-14T10:15:00.000001Z",
            "2025-12-14T10:15:00.1Z",
            "2025-12-14T10:15:01Z",
        ]
        .map(|at| time_key(at.parse().unwrap()));
        assert_eq!(keys[0], "20251214T101500.000000Z");
        assert!(
            keys.is_sorted() && keys.iter().all(|key| key.len() == keys[0].len()),
            "{keys:?}"
        );
    }

    #[test]
    fn a_run_whose_id_begins_another_is_apart() {
        let keys = Keys::of(&TenantId::new("cust_1").unwrap());
        let one = ExecutionId::new("exec_1").unwrap();
        let range = keys.drafts(DraftStatus::Approved, Some(&one));
        assert!(range.pk.starts_with("T#cust_1#"));
        let within = |sk: &str| *range.low <= *sk && *sk <= *range.high;
        assert!(within("exec_1#0.9000#outreach_a") && within("exec_1#-"));
        assert!(!within("exec_10#0.9000#outreach_a") && !within("exec_1-#0.9000#outreach_a"));
    }
}
