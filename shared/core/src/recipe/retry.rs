//! The ErrorHandler of specification §4: what a failed step does next.

use std::time::Duration;

use hunter_contracts::{AgentConfig, BackoffStrategy, RecipeFailure, RecipeId, RetryPolicy};
use jiff::Timestamp;

/// The longest that an outside service may make us wait, whatever it asks for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// Try again, not before this time.
    Retry(Timestamp),
    /// Go on with the next recipe.
    Skip,
    /// Go no further.
    Abort,
}

/// The policy of a recipe: its own, else the agent's.
#[must_use]
pub fn retry_policy(agent: &AgentConfig, recipe: RecipeId) -> &RetryPolicy {
    let own = agent
        .recipes
        .iter()
        .find(|r| r.id == recipe)
        .and_then(|r| r.retry_policy.as_ref());
    own.unwrap_or(&agent.retry_policy)
}

/// The wait before attempt `attempt + 1`: `base · 2^(attempt−1)`, `base · attempt` or `base`, at
/// most `backoff_max_ms`.
#[must_use]
pub fn backoff(policy: &RetryPolicy, attempt: u32) -> Duration {
    let base = policy.backoff_base_ms;
    let factor = match policy.backoff_strategy {
        BackoffStrategy::Exponential => 1_u64
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u64::MAX),
        BackoffStrategy::Linear => u64::from(attempt.max(1)),
        BackoffStrategy::Fixed => 1,
    };
    Duration::from_millis(base.saturating_mul(factor).min(policy.backoff_max_ms))
}

/// Whether the policy tries again after this failure: `non_retryable_errors` wins, then
/// `retryable_errors`, then the code's own nature.
#[must_use]
pub fn is_retryable(policy: &RetryPolicy, failure: &RecipeFailure) -> bool {
    !policy.non_retryable_errors.contains(&failure.code)
        && (policy.retryable_errors.contains(&failure.code) || failure.code.retryable())
}

/// Decides from the customer's policy, the recipe's place in the cookbook and the attempts made.
#[must_use]
pub fn handle_failure(
    agent: &AgentConfig,
    recipe: RecipeId,
    failure: &RecipeFailure,
    attempt: u32,
    now: Timestamp,
) -> Handling {
    let policy = retry_policy(agent, recipe);
    if is_retryable(policy, failure) && attempt < policy.max_attempts {
        let asked = Duration::from_millis(failure.retry_after_ms.unwrap_or(0)).min(RETRY_AFTER_MAX);
        let wait = backoff(policy, attempt).max(asked);
        return Handling::Retry(whole_second(
            now.checked_add(wait).unwrap_or(Timestamp::MAX),
        ));
    }
    let goes_on = agent
        .recipes
        .iter()
        .find(|r| r.id == recipe)
        .is_some_and(|r| r.continue_on_failure);
    if goes_on {
        Handling::Skip
    } else {
        Handling::Abort
    }
}

/// The next whole second: Step Functions drops the fraction of a Wait's timestamp, and would end
/// the wait too early.
#[must_use]
pub fn whole_second(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second().saturating_add(up)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use hunter_contracts::ErrorCode;

    use super::*;

    fn policy(strategy: BackoffStrategy) -> RetryPolicy {
        RetryPolicy {
            backoff_strategy: strategy,
            ..RetryPolicy::default()
        }
    }

    #[test]
    fn waits_follow_the_strategy_and_its_cap() {
        for (strategy, attempt, wait_ms) in [
            (BackoffStrategy::Exponential, 1, 1_000),
            (BackoffStrategy::Exponential, 2, 2_000),
            (BackoffStrategy::Exponential, 3, 4_000),
            (BackoffStrategy::Exponential, 6, 30_000),
            (BackoffStrategy::Exponential, 200, 30_000),
            (BackoffStrategy::Linear, 3, 3_000),
            (BackoffStrategy::Fixed, 9, 1_000),
        ] {
            let wait = backoff(&policy(strategy), attempt);
            assert_eq!(
                wait,
                Duration::from_millis(wait_ms),
                "{strategy:?} after {attempt}"
            );
        }
    }

    #[test]
    fn the_customers_lists_come_before_the_codes_nature() {
        let mut policy = RetryPolicy::default();
        let failure = RecipeFailure::new(ErrorCode::ApiBadResponse, "x");
        assert!(!is_retryable(&policy, &failure));
        policy.retryable_errors.push(ErrorCode::ApiBadResponse);
        assert!(is_retryable(&policy, &failure));
        policy.non_retryable_errors.push(ErrorCode::ApiBadResponse);
        assert!(!is_retryable(&policy, &failure));
    }
}
