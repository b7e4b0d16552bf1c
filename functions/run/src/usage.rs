//! What the chunks of a stage used of outside services, summed up.

use hunter_contracts::{Metadata, StageTotals};

/// Adds what a step used to its stage's totals.
pub(crate) fn add(totals: &mut StageTotals, metadata: &Metadata) {
    for used in &metadata.outside_use {
        used.add_to(&mut totals.outside_use);
    }
    for fallback in &metadata.fallbacks {
        fallback.add_to(&mut totals.fallbacks);
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{Credits, Dollars, ErrorCode, Fallback, OutsideUse, Purpose};

    use super::*;

    fn step(model: &str, calls: u64) -> Metadata {
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        Metadata {
            started_at: at,
            completed_at: at,
            duration_ms: 0,
            records_processed: 0,
            records_succeeded: 0,
            records_failed: 0,
            credits_consumed: Credits::ZERO,
            api_calls: calls,
            outside_use: vec![OutsideUse {
                service: "anthropic".into(),
                operation: "writing".into(),
                model: Some(model.into()),
                calls,
                failed: 1,
                input_tokens: 100,
                cached_tokens: 10,
                output_tokens: 5,
                cost: Dollars::from_nanos(7),
            }],
            fallbacks: vec![Fallback {
                purpose: Purpose::Writing,
                from: model.into(),
                to: "rules-1".into(),
                error_code: ErrorCode::Timeout,
                reason: "slow".into(),
                count: calls,
            }],
        }
    }

    #[test]
    fn chunks_that_used_the_same_are_summed_up() {
        let mut totals = StageTotals::default();
        for (model, calls) in [("one", 2), ("other", 1), ("one", 3)] {
            add(&mut totals, &step(model, calls));
        }
        let [one, other] = &totals.outside_use[..] else {
            panic!("{totals:?}");
        };
        assert_eq!((one.calls, other.calls), (5, 1));
        let tokens = (one.input_tokens, one.cached_tokens, one.output_tokens);
        assert_eq!((one.failed, tokens), (2, (200, 20, 10)));
        assert_eq!(one.cost, Dollars::from_nanos(14));
        let counts: Vec<_> = totals.fallbacks.iter().map(|f| f.count).collect();
        assert_eq!(counts, [5, 1]);
    }
}
