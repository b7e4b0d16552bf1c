//! The list of the ports' methods, for what does the same with every one of them.

/// The types that they name.
pub mod named {
    pub use std::collections::BTreeMap;

    pub use hunter_contracts::{
        AgentConfig, AgentId, AlertRecord, Balance, BillingMonth, Credits, Draft, DraftId,
        ExecutionId, Hold, LedgerEntry, Plan, RecipeId, RunRecord,
    };
    pub use jiff::{Timestamp, civil::Date};

    pub use crate::store::{
        Alerts, AuditEntry, AuditLog, Debit, DraftFilter, Drafts, Ledger, Pack, PackKey, PackName,
        Packs, Page, Put, Runs, Setup, Suppression, Suppressions,
    };
}

/// Hands every port of a tenant's store to a macro: its methods, whether they read or write, and
/// what a call that writes is about. The types of [`named`] have to be in scope where it is used.
#[macro_export]
macro_rules! each_store_method {
    ($make:ident) => {
        $make! { Setup
            read plan() -> Option<Plan>;
            write put_plan(plan: &Plan) -> (), about "";
            write put_agent(agent: &AgentConfig) -> u32, about "";
            read agent(id: &AgentId) -> Option<AgentConfig>;
        }
        $make! { Runs
            write create_run(run: &RunRecord) -> Put<RunRecord>, about "";
            write update_run(run: &RunRecord) -> (), about "";
            read run(id: &ExecutionId) -> Option<RunRecord>;
            read runs(limit: usize, cursor: Option<String>) -> Page<RunRecord>;
        }
        $make! { Ledger
            read balance() -> Balance;
            write grant(key: &str, amount: Credits, at: Timestamp) -> (), about key;
            write reserve(id: &ExecutionId, amount: Credits, at: Timestamp) -> Put<Hold>, about "";
            write settle(debit: &Debit) -> Put<()>, about debit.recipe;
            write close(id: &ExecutionId, at: Timestamp) -> Option<Hold>, about "";
            read hold(id: &ExecutionId) -> Option<Hold>;
            read ledger(limit: usize, cursor: Option<String>) -> Page<LedgerEntry>;
            write add_api_calls(month: BillingMonth, id: &ExecutionId, calls: u64) -> (),
                about month;
            read api_calls(month: BillingMonth) -> u64;
        }
        $make! { Packs
            write put_pack(key: &PackKey, pack: &Pack) -> Put<Pack>,
                about format!("{}/{}", key.recipe, key.name);
            read pack(key: &PackKey) -> Option<Pack>;
            read packs(id: &ExecutionId, recipe: RecipeId) -> Vec<(PackName, Pack)>;
        }
        $make! { Drafts
            write create_draft(draft: &Draft) -> Put<Draft>, about &draft.job.id;
            read draft(id: &DraftId) -> Option<Draft>;
            read drafts(filter: &DraftFilter, limit: usize, cursor: Option<String>) -> Page<Draft>;
            write update_draft(draft: &Draft) -> (), about &draft.job.id;
        }
        $make! { Alerts
            write put_alert(alert: &AlertRecord) -> bool,
                about format!("{:?}", alert.trigger_type);
            read alerts(limit: usize, cursor: Option<String>) -> Page<AlertRecord>;
        }
        $make! { Suppressions
            write suppress(suppression: &Suppression) -> Put<Suppression>,
                about &suppression.address_hash;
            read suppressed(addresses: &[String]) -> BTreeMap<String, Suppression>;
        }
        $make! { AuditLog
            write audit(entry: &AuditEntry) -> (), about &entry.action.resource_id;
            read audit_log(day: Date) -> Vec<AuditEntry>;
        }
    };
}
