//! How good a lead is: the recipe's second AI component.
//!
//! Three parts, each 0–1 with its reasons. Missing information counts as a neutral prior, never as
//! zero: a business without a known date of its last post is not one that never posts. The figures
//! are set so that, with the default weights and threshold and without a look at any site, a
//! directly matching record in the right town passes when it can be called, visited on the web, or
//! has opening hours besides its address, and a mere name does not.

mod fit;
mod intent;
mod maturity;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{AgentConfig, Lead, RecipeFailure, Score, ScoreBreakdown, Scoring};
use hunter_core::{
    ports::RULES,
    recipe::{AiComponent, Decision},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::matching::Match;

/// What a lead is scored from.
#[derive(Debug, Clone)]
pub struct Screening {
    /// The lead with everything that is known by now.
    pub lead: Lead,
    /// Why its record matches.
    pub matched: Match,
    /// The ideal customer and the weights.
    pub agent: Arc<AgentConfig>,
    /// Today.
    pub now: Timestamp,
}

/// A part of a score while it is put together.
struct Part {
    value: f64,
    reasons: Vec<String>,
}

/// The rules engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RulesScorer;

#[async_trait]
impl AiComponent<Screening, ScoreBreakdown> for RulesScorer {
    async fn decide(
        &self,
        screening: &Screening,
    ) -> Result<Decision<ScoreBreakdown>, RecipeFailure> {
        Ok(assess(screening))
    }
}

/// Scores by rules; never fails.
pub(crate) fn assess(screening: &Screening) -> Decision<ScoreBreakdown> {
    let today = screening.now.to_zoned(TimeZone::UTC).date();
    let maturity = maturity::part(&screening.lead, today);
    let intent = intent::part(&screening.lead, today);
    let fit = fit::part(screening);
    let breakdown = ScoreBreakdown {
        business_maturity: Score::clamped(maturity.value),
        intent_signals: Score::clamped(intent.value),
        fit_match: Score::clamped(fit.value),
    };
    let mut reasons = Vec::new();
    for (name, part) in [
        ("business maturity", maturity),
        ("intent signals", intent),
        ("fit match", fit),
    ] {
        let value = Score::clamped(part.value);
        reasons.extend(
            part.reasons
                .iter()
                .map(|reason| format!("{name} {value}: {reason}")),
        );
    }
    Decision {
        strategy: "score_by_rules".to_owned(),
        parameters: breakdown,
        reasons,
        model: RULES.to_owned(),
    }
}

/// The mean of the parts by the agent's weights; equal weights where all are 0.
pub(crate) fn weighted(breakdown: &ScoreBreakdown, scoring: &Scoring) -> Score {
    let parts = [
        (
            breakdown.business_maturity,
            scoring.weight_business_maturity,
        ),
        (breakdown.intent_signals, scoring.weight_intent_signals),
        (breakdown.fit_match, scoring.weight_fit_match),
    ];
    let total: f64 = parts.iter().map(|(_, weight)| weight.get()).sum();
    if total <= 0.0 {
        let sum: f64 = parts.iter().map(|(part, _)| part.get()).sum();
        return Score::clamped(sum / 3.0);
    }
    let sum: f64 = parts
        .iter()
        .map(|(part, weight)| part.get() * weight.get())
        .sum();
    Score::clamped(sum / total)
}

/// Days from `date` to `today`; a date that lies more than a day ahead says nothing.
fn age_days(date: Date, today: Date) -> Option<i32> {
    let days = (today - date).get_days();
    (days >= -1).then_some(days.max(0))
}

/// 1 for up to 30 days, then halved every year.
fn recency(age_days: i32) -> f64 {
    let beyond = f64::from((age_days - 30).max(0));
    0.5_f64.powf(beyond / 365.0)
}

#[cfg(test)]
mod tests;
