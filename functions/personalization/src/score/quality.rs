//! How good a message is: named checks, their weights, and what was seen.
//!
//! | Check | Weight | 1 means |
//! |---|---|---|
//! | `refers_to_specific_fact` | 0.20 | it is written for something that only this business has |
//! | `claims_grounded` | 0.15 | no sentence had to be cut |
//! | `within_length` | 0.10 | it keeps to the most words allowed |
//! | `no_generic_greeting` | 0.10 | nobody is addressed as "Sir/Madam" |
//! | `fact_is_recent` | 0.10 | the fact's day lies within 90 days |
//! | `clear_single_ask` | 0.10 | it asks one question |
//! | `names_the_business` | 0.08 | the business is named |
//! | `readable` | 0.07 | at most 18 words per sentence on average |
//! | `no_spam_words` | 0.05 | none of the words that filters dislike |
//! | `distinct_in_run` | 0.05 | no other message of the step is half as similar or more |
//!
//! Their mean by these weights, which sum to 1, is `message_quality_score` where nobody judges; with
//! a judge it counts 0.7 (`judge.rs`). Hard gates (`gates.rs`) carry no weight. The
//! relevance score is 0.6 × how much the fact says about this business alone + 0.2 × how recent it
//! is + 0.2 × how well the lead fits (`fit_match`, else the lead score, else 0.5).

use hunter_contracts::{Claim, ClaimBasis, FactKind, Lead, QualityCheck, Role, Score};
use hunter_core::rules::NEAR_DUPLICATE_THRESHOLD;
use jiff::civil::Date;

use crate::{
    facts::usable::{business_name, is_recent},
    words::{grammar::english, text::word_count},
};

/// What the checks look at.
pub(crate) struct QualityInput<'a> {
    pub(crate) lead: &'a Lead,
    pub(crate) sentences: &'a [Claim],
    pub(crate) text: &'a str,
    pub(crate) words_max: usize,
    pub(crate) fact_rank: f64,
    /// Sentences that did not hold.
    pub(crate) cut: usize,
    /// The greatest similarity to another message of the step.
    pub(crate) similarity: f64,
    pub(crate) today: Date,
}

/// The score of recency: 1 within 90 days, falling to 0 at two years; 0 without a day.
fn recency(date: Option<Date>, today: Date) -> f64 {
    let Some(date) = date else { return 0.0 };
    if is_recent(date, today) {
        return 1.0;
    }
    let days = date.until(today).map_or(i32::MAX, |span| span.get_days());
    if days < 0 {
        0.0
    } else {
        (1.0 - f64::from(days - 90) / 640.0).clamp(0.0, 1.0)
    }
}

impl QualityInput<'_> {
    fn fact_date(&self) -> Option<Date> {
        self.sentences.iter().find_map(|s| match &s.basis {
            ClaimBasis::Fact { number, .. } if s.role == Role::Opening => {
                self.lead.facts.iter().find(|f| f.number == *number)?.date
            }
            _ => None,
        })
    }

    /// The relevance score.
    pub(crate) fn relevance(&self) -> Score {
        let fit = self.lead.score_breakdown.map(|parts| parts.fit_match.get());
        let fit = fit.or(self.lead.lead_score.map(Score::get)).unwrap_or(0.5);
        let recent = recency(self.fact_date(), self.today);
        Score::clamped(0.6 * self.fact_rank + 0.2 * recent + 0.2 * fit)
    }

    /// The checks in order of weight.
    pub(crate) fn checks(&self) -> Vec<QualityCheck> {
        let grammar = english();
        let lower = self.text.to_lowercase();
        let words = word_count(self.text);
        let generic = grammar
            .generic_greetings
            .iter()
            .find(|g| lower.contains(*g));
        let spam = grammar.spam_words.iter().find(|w| has_words(&lower, w));
        let recent = recency(self.fact_date(), self.today);
        let per_sentence = words as f64 / self.sentence_count() as f64;
        let check = |name: &str, weight: f64, score: f64, note: String| QualityCheck {
            name: name.to_owned(),
            score: Score::clamped(score),
            weight: Score::clamped(weight),
            note,
        };
        let kept = self.sentences.len();
        let grounded = kept as f64 / (kept + self.cut).max(1) as f64;
        let distinct = ((NEAR_DUPLICATE_THRESHOLD - self.similarity) / 0.3).clamp(0.0, 1.0);
        let fact = self.opening_kind().map_or("no fact".to_owned(), |kind| {
            format!("a fact of kind {kind:?}")
        });
        let flag = |fine: bool| if fine { 1.0 } else { 0.0 };
        vec![
            check("refers_to_specific_fact", 0.20, self.fact_rank, fact),
            check(
                "claims_grounded",
                0.15,
                grounded,
                format!("{} sentences cut", self.cut),
            ),
            check(
                "within_length",
                0.10,
                flag(words <= self.words_max),
                format!("{words} of {} words", self.words_max),
            ),
            check(
                "no_generic_greeting",
                0.10,
                flag(generic.is_none()),
                generic.map_or("greets by name".into(), |g| format!("holds `{g}`")),
            ),
            check(
                "fact_is_recent",
                0.10,
                recent,
                self.fact_date()
                    .map_or("no day is known".into(), |d| format!("of {d}")),
            ),
            self.ask_check(),
            self.name_check(),
            check(
                "readable",
                0.07,
                1.0 - (per_sentence - 18.0) / 17.0,
                format!("{per_sentence:.1} words per sentence"),
            ),
            check(
                "no_spam_words",
                0.05,
                flag(spam.is_none()),
                spam.map_or("none".into(), |w| format!("holds `{w}`")),
            ),
            check(
                "distinct_in_run",
                0.05,
                distinct,
                format!("similarity {:.2} to the nearest message", self.similarity),
            ),
        ]
    }

    fn opening_kind(&self) -> Option<FactKind> {
        self.sentences.iter().find_map(|s| match &s.basis {
            ClaimBasis::Fact { number, .. } if s.role == Role::Opening => self
                .lead
                .facts
                .iter()
                .find(|f| f.number == *number)
                .map(|f| f.kind),
            _ => None,
        })
    }

    fn sentence_count(&self) -> usize {
        let spoken = |s: &&Claim| !matches!(s.role, Role::Greeting | Role::SignOff);
        self.sentences.iter().filter(spoken).count().max(1)
    }

    fn ask_check(&self) -> QualityCheck {
        let asks = self
            .sentences
            .iter()
            .filter(|s| s.role == Role::Ask)
            .count();
        let own = self
            .sentences
            .iter()
            .filter(|s| !matches!(s.basis, ClaimBasis::Fact { .. }));
        let questions: usize = own.map(|s| s.text.matches('?').count()).sum();
        let (score, note) = match (asks, questions) {
            (1, 1) => (1.0, "one question".to_owned()),
            (1, 0) => (0.8, "one ask, not put as a question".to_owned()),
            (0, _) => (0.0, "nothing is asked".to_owned()),
            (_, n) => (0.4, format!("{n} questions")),
        };
        QualityCheck {
            name: "clear_single_ask".to_owned(),
            score: Score::clamped(score),
            weight: Score::clamped(0.10),
            note,
        }
    }

    fn name_check(&self) -> QualityCheck {
        let named = business_name(self.lead).is_some_and(|name| self.text.contains(&name));
        let person = self
            .sentences
            .iter()
            .any(|s| s.role == Role::Greeting && matches!(s.basis, ClaimBasis::Fact { .. }));
        let (score, note) = match (named, person) {
            (true, _) => (1.0, "the business is named"),
            (false, true) => (0.7, "a person is named"),
            (false, false) => (0.0, "nobody is named"),
        };
        QualityCheck {
            name: "names_the_business".to_owned(),
            score: Score::clamped(score),
            weight: Score::clamped(0.08),
            note: note.to_owned(),
        }
    }
}

/// Whether the phrase stands in the text as words of its own.
fn has_words(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !inside(before) && !inside(after)
    })
}

/// The mean of the scores by their weights.
pub(crate) fn weighted_mean(checks: &[QualityCheck]) -> Score {
    let total: f64 = checks.iter().map(|c| c.weight.get()).sum();
    let sum: f64 = checks.iter().map(|c| c.weight.get() * c.score.get()).sum();
    Score::clamped(sum / total)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn recency_falls_to_zero_at_two_years() {
        let today = date(2025, 12, 14);
        assert!((recency(Some(date(2025, 12, 1)), today) - 1.0).abs() < 1e-9);
        assert!(recency(Some(date(2025, 6, 1)), today) < 1.0);
        assert!(recency(Some(date(2023, 12, 1)), today).abs() < 1e-9);
        assert!(recency(None, today).abs() < 1e-9);
    }

    #[test]
    fn spam_words_are_words_of_their_own() {
        assert!(has_words("act now to win", "act now"));
        assert!(!has_words("a cashier", "cash"));
        assert!(!has_words("contact nowhere", "act now"));
    }
}
