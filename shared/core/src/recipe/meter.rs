//! Who calls an outside service, and the meter that every such call runs on.

use std::sync::{Arc, Mutex, PoisonError};

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
    uses: Vec<OutsideUse>,
    fallbacks: Vec<Fallback>,
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
        more.add_to(&mut counted.uses);
        counted.uses.truncate(ENTRIES_MAX);
    }

    /// Notes that `to` did what `from` could not.
    pub fn fell_back(&self, purpose: Purpose, from: &str, to: &str, code: ErrorCode, reason: &str) {
        let fallback = Fallback {
            purpose,
            from: from.to_owned(),
            to: to.to_owned(),
            error_code: code,
            reason: reason.chars().take(300).collect(),
            count: 1,
        };
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        fallback.add_to(&mut counted.fallbacks);
        counted.fallbacks.truncate(ENTRIES_MAX);
    }

    /// What was used so far, by service, operation and model.
    #[must_use]
    pub fn uses(&self) -> Vec<OutsideUse> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut uses = counted.uses.clone();
        uses.sort_by(|a, b| {
            (&a.service, &a.operation, &a.model).cmp(&(&b.service, &b.operation, &b.model))
        });
        uses
    }

    /// The fallbacks so far, by purpose and models.
    #[must_use]
    pub fn fallbacks(&self) -> Vec<Fallback> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fallbacks = counted.fallbacks.clone();
        fallbacks.sort_by_key(|f| {
            (
                f.purpose,
                f.from.clone(),
                f.to.clone(),
                f.error_code.as_str(),
            )
        });
        fallbacks
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
