//! Who calls an outside service, and the meter that every such call runs on.

use std::sync::{Arc, Mutex, PoisonError};

use hunter_contracts::{Dollars, ErrorCode, Fallback, OutsideUse, Purpose, TenantId};

/// Kinds of use and of fallback that one step tells apart; services and models are few.
const ENTRIES_MAX: usize = 200;
/// What all further kinds are counted as.
const OTHER: &str = "other";

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
        let known = counted.uses.iter().any(|sum| sum.is_like(more));
        if known || counted.uses.len() < ENTRIES_MAX - 1 {
            more.add_to(&mut counted.uses);
            return;
        }
        // Nothing that costs is dropped.
        let other = OutsideUse {
            service: OTHER.into(),
            operation: OTHER.into(),
            model: None,
            ..more.clone()
        };
        other.add_to(&mut counted.uses);
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
        let known = counted.fallbacks.iter().any(|sum| sum.is_like(&fallback));
        if known || counted.fallbacks.len() < ENTRIES_MAX - 1 {
            fallback.add_to(&mut counted.fallbacks);
            return;
        }
        let other = Fallback {
            from: OTHER.into(),
            to: OTHER.into(),
            ..fallback
        };
        other.add_to(&mut counted.fallbacks);
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
                <&str>::from(f.error_code),
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
    fn no_cost_is_lost_however_many_kinds_there_are() {
        let meter = Meter::default();
        for index in 0..1_000_u64 {
            let used = OutsideUse {
                service: format!("service-{}", index % 10),
                operation: format!("operation-{}", index / 10 % 10),
                model: Some(format!("model-{}", index / 100)),
                calls: 1,
                failed: 1,
                input_tokens: 2,
                cached_tokens: 1,
                output_tokens: 3,
                cost: Dollars::from_nanos(index),
            };
            meter.add(&used);
        }
        assert_eq!(meter.calls(), 1_000);
        assert_eq!(meter.cost().nanos(), 999 * 1_000 / 2);
        let uses = meter.uses();
        assert_eq!(uses.len(), ENTRIES_MAX);
        let sums = uses.iter().fold((0, 0), |(failed, tokens), u| {
            (
                failed + u.failed,
                tokens + u.input_tokens + u.cached_tokens + u.output_tokens,
            )
        });
        assert_eq!(sums, (1_000, 6_000));
        for index in 0..1_000 {
            let code = ErrorCode::Timeout;
            meter.fell_back(
                Purpose::Writing,
                &format!("model-{index}"),
                "rules-1",
                code,
                "",
            );
        }
        assert_eq!(
            meter.fallbacks().iter().map(|f| f.count).sum::<u64>(),
            1_000
        );
        assert_eq!(meter.fallbacks().len(), ENTRIES_MAX);
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
