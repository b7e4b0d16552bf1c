//! Who calls an outside service, and the meter that every such call runs on.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use hunter_contracts::{Dollars, ErrorCode, Fallback, OutsideUse, Purpose, TenantId};

/// Kinds of use and of fallback that one step tells apart; services and models are few.
const ENTRIES_MAX: usize = 200;

/// On whose behalf an outside service is called, and where that is counted.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose keys and limits apply.
    pub tenant: TenantId,
    /// Where it is counted.
    pub meter: Arc<Meter>,
}

impl Caller {
    /// A caller with a meter of its own, for what no step does.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            meter: Arc::default(),
        }
    }
}

#[derive(Debug, Default)]
struct Counted {
    uses: BTreeMap<(String, String, Option<String>), OutsideUse>,
    fallbacks: BTreeMap<(Purpose, String, String, String), Fallback>,
}

/// Counts what outside services are used for, and where one model stood in for another.
#[derive(Debug, Default)]
pub struct Meter {
    counted: Mutex<Counted>,
}

impl Meter {
    /// Adds a use to what is counted for the same service, operation and model.
    pub fn add(&self, more: &OutsideUse) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (
            more.service.clone(),
            more.operation.clone(),
            more.model.clone(),
        );
        if counted.uses.len() >= ENTRIES_MAX && !counted.uses.contains_key(&key) {
            return;
        }
        let sum = counted.uses.entry(key).or_insert_with(|| OutsideUse {
            service: more.service.clone(),
            operation: more.operation.clone(),
            model: more.model.clone(),
            ..OutsideUse::default()
        });
        sum.calls = sum.calls.saturating_add(more.calls);
        sum.failed = sum.failed.saturating_add(more.failed);
        sum.input_tokens = sum.input_tokens.saturating_add(more.input_tokens);
        sum.cached_tokens = sum.cached_tokens.saturating_add(more.cached_tokens);
        sum.output_tokens = sum.output_tokens.saturating_add(more.output_tokens);
        sum.cost = sum.cost.plus(more.cost);
    }

    /// Notes that `to` did what `from` could not.
    pub fn fell_back(&self, purpose: Purpose, from: &str, to: &str, code: ErrorCode, reason: &str) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (purpose, from.to_owned(), to.to_owned(), code.as_str());
        if counted.fallbacks.len() >= ENTRIES_MAX && !counted.fallbacks.contains_key(&key) {
            return;
        }
        let entry = counted.fallbacks.entry(key).or_insert_with(|| Fallback {
            purpose,
            from: from.to_owned(),
            to: to.to_owned(),
            error_code: code,
            reason: reason.chars().take(300).collect(),
            count: 0,
        });
        entry.count = entry.count.saturating_add(1);
    }

    /// What was used so far.
    #[must_use]
    pub fn uses(&self) -> Vec<OutsideUse> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.uses.values().cloned().collect()
    }

    /// The fallbacks so far.
    #[must_use]
    pub fn fallbacks(&self) -> Vec<Fallback> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.fallbacks.values().cloned().collect()
    }

    /// Requests sent so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.uses().iter().map(|used| used.calls).sum()
    }

    /// What all of it cost so far.
    #[must_use]
    pub fn cost(&self) -> Dollars {
        self.uses().iter().map(|used| used.cost).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_of_one_kind_add_up() {
        let meter = Meter::default();
        let once = OutsideUse {
            service: "hunter_io".into(),
            operation: "domain_search".into(),
            calls: 1,
            cost: Dollars::from_nanos(5),
            ..OutsideUse::default()
        };
        meter.add(&once);
        meter.add(&once);
        meter.add(&OutsideUse {
            operation: "email_finder".into(),
            ..once.clone()
        });
        assert_eq!((meter.uses().len(), meter.calls()), (2, 3));
        assert_eq!(meter.cost().nanos(), 15);
    }

    #[test]
    fn fallbacks_are_counted_by_cause() {
        let meter = Meter::default();
        for code in [
            ErrorCode::Timeout,
            ErrorCode::Timeout,
            ErrorCode::ApiBadResponse,
        ] {
            meter.fell_back(Purpose::Writing, "a", "rules-1", code, "slow");
        }
        let counts: Vec<u64> = meter.fallbacks().iter().map(|f| f.count).collect();
        assert_eq!(counts.iter().sum::<u64>(), 3);
        assert_eq!(counts.len(), 2);
    }
}
