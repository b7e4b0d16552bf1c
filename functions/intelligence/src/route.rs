//! How much to spend on a lead, by rules: premium for gold and for the upper half of the list, standard for
//! the other silver leads, nothing below the threshold.

use async_trait::async_trait;
use hunter_contracts::{EnrichmentLevel, LeadRank, QualityTier, RecipeFailure, Score};
use hunter_core::recipe::{AiComponent, Decision};

/// What the decision rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RouteContext {
    /// The lead's score; absent on a direct call that brings none.
    pub lead_score: Option<Score>,
    /// Its place in the run's list.
    pub rank: Option<LeadRank>,
    /// The agent's threshold.
    pub threshold: Score,
    /// The most that the caller wants to spend.
    pub asked: Option<EnrichmentLevel>,
}

/// Routes by rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct RulesRouter;

#[async_trait]
impl AiComponent<RouteContext, EnrichmentLevel> for RulesRouter {
    async fn decide(
        &self,
        context: &RouteContext,
    ) -> Result<Decision<EnrichmentLevel>, RecipeFailure> {
        let (level, reason) = level(context);
        let capped = context.asked.map_or(level, |asked| asked.min(level));
        Ok(Decision {
            strategy: format!("{capped:?}").to_lowercase(),
            parameters: capped,
            reasons: vec![reason.to_owned()],
            model: hunter_core::ports::RULES.to_owned(),
        })
    }
}

fn level(context: &RouteContext) -> (EnrichmentLevel, &'static str) {
    let Some(score) = context.lead_score else {
        let level = context.asked.unwrap_or(EnrichmentLevel::Standard);
        return (level, "the lead has no score: as asked, else standard");
    };
    if score < context.threshold {
        return (EnrichmentLevel::Skip, "below the threshold");
    }
    if QualityTier::of(score) == QualityTier::Gold {
        return (EnrichmentLevel::Premium, "gold");
    }
    let upper_half = |rank: LeadRank| u64::from(rank.position) * 2 <= u64::from(rank.of) + 1;
    if context.rank.is_some_and(upper_half) {
        return (EnrichmentLevel::Premium, "upper half of the list");
    }
    (EnrichmentLevel::Standard, "lower half of the list")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(score: f64, position: u32) -> RouteContext {
        RouteContext {
            lead_score: Some(Score::clamped(score)),
            rank: Some(LeadRank { position, of: 10 }),
            threshold: Score::clamped(0.6),
            asked: None,
        }
    }

    #[test]
    fn spending_follows_score_and_place() {
        for (score, position, expected) in [
            (0.91, 10, EnrichmentLevel::Premium),
            (0.70, 5, EnrichmentLevel::Premium),
            (0.70, 6, EnrichmentLevel::Standard),
            (0.59, 1, EnrichmentLevel::Skip),
        ] {
            assert_eq!(
                level(&context(score, position)).0,
                expected,
                "{score} at {position}"
            );
        }
    }

    #[tokio::test]
    async fn the_caller_may_ask_for_less_but_not_for_more() {
        let mut less = context(0.91, 1);
        less.asked = Some(EnrichmentLevel::Basic);
        assert_eq!(
            RulesRouter.decide(&less).await.unwrap().parameters,
            EnrichmentLevel::Basic
        );
        let mut more = context(0.30, 9);
        more.asked = Some(EnrichmentLevel::Premium);
        assert_eq!(
            RulesRouter.decide(&more).await.unwrap().parameters,
            EnrichmentLevel::Skip
        );
    }
}
