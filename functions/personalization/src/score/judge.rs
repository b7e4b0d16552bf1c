//! A second opinion: another model than the writer judges the message.
//!
//! `message_quality_score` = 0.7 × the gates' mean G + 0.3 × the judge's mean J, where each of the
//! judge's four scores is held within 0.08 of G before it counts; without a judge it is G. So a
//! judge moves the score by at most 0.3 × 0.08 = 0.024 in either direction, and a page that got a
//! judge to say whatever it wants moves it by at most 0.048. A judge never makes up for a hard gate:
//! a message that fails one is not made (`gates.rs`).

use hunter_contracts::{QualityCheck, Score};
use hunter_core::ports::ModelChain;

use super::quality::weighted_mean;
use crate::{
    facts::material::Material,
    write::{
        message::Composition,
        request::{Judgement, judgement_request},
    },
};

/// The judge's share of the score.
const JUDGE_SHARE: f64 = 0.3;
/// How far from the gates' mean a judge's score counts.
const JUDGE_REACH: f64 = 0.08;
/// Below this a message is smoothed, where there is a model for it.
pub(crate) const NATURAL_MIN: f64 = 0.5;

/// What a judge said of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) scores: Judgement,
    pub(crate) model: String,
}

/// Asks the first judge that is not the writer; `None` where there is none, or none answers with
/// numbers from 0 to 1. A model does not judge what it wrote itself.
pub(crate) async fn judge(
    chain: &ModelChain,
    material: &Material<'_>,
    composition: &Composition,
    writers: &str,
) -> Option<Verdict> {
    let request = judgement_request(material, composition);
    for (position, model) in chain.models().iter().enumerate() {
        if writers.split(" + ").any(|writer| writer == model.name()) {
            continue;
        }
        match request.ask(model.as_ref()).await {
            Ok(scores) => {
                return Some(Verdict {
                    scores,
                    model: model.name().to_owned(),
                });
            }
            Err(failure) => chain.note(position, &failure),
        }
    }
    None
}

/// The checks with the judge's among them: the weights still sum to 1.
pub(crate) fn with_judgement(
    checks: Vec<QualityCheck>,
    judged: Option<&Verdict>,
) -> Vec<QualityCheck> {
    let Some(judged) = judged else { return checks };
    let mean = weighted_mean(&checks).get();
    let scores = &judged.scores;
    let each = [
        ("judge_specific", scores.specific.get()),
        ("judge_truthful", scores.truthful.get()),
        ("judge_clear", scores.clear.get()),
        ("judge_natural", scores.natural.get()),
    ];
    let held = each.map(|(name, score)| QualityCheck {
        name: name.to_owned(),
        score: Score::clamped(score.clamp(mean - JUDGE_REACH, mean + JUDGE_REACH)),
        weight: Score::clamped(JUDGE_SHARE / 4.0),
        note: format!("`{}` says {score:.2}", judged.model),
    });
    let gates = checks.into_iter().map(|check| QualityCheck {
        weight: Score::clamped(check.weight.get() * (1.0 - JUDGE_SHARE)),
        ..check
    });
    gates.chain(held).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(scores: &[(f64, f64)]) -> Vec<QualityCheck> {
        let check = |(score, weight): &(f64, f64)| QualityCheck {
            name: "x".into(),
            score: Score::clamped(*score),
            weight: Score::clamped(*weight),
            note: String::new(),
        };
        scores.iter().map(check).collect()
    }

    fn judged(score: f64) -> Verdict {
        Verdict {
            scores: Judgement {
                specific: Score::clamped(score),
                truthful: Score::clamped(score),
                clear: Score::clamped(score),
                natural: Score::clamped(score),
                reason: String::new(),
            },
            model: "judge".into(),
        }
    }

    #[test]
    fn weights_sum_to_one_and_the_judge_stays_within_reach() {
        for gates in [0.0, 0.03, 0.4, 0.85, 0.97, 1.0] {
            let alone = checks(&[(gates, 0.6), (gates, 0.4), (1.0, 0.0)]);
            let g = weighted_mean(&alone).get();
            let score = |said: f64| {
                let all = with_judgement(alone.clone(), Some(&judged(said)));
                let weights: f64 = all.iter().map(|c| c.weight.get()).sum();
                assert!((weights - 1.0).abs() < 1e-9, "{weights}");
                weighted_mean(&all).get()
            };
            let (low, high) = (score(0.0), score(1.0));
            assert!(high - low <= 0.0481, "{low} {high}");
            assert!(g - low <= 0.0241 && high - g <= 0.0241, "{low} {g} {high}");
            // Without a judge the gates stand alone.
            assert_eq!(weighted_mean(&with_judgement(alone.clone(), None)).get(), g);
        }
    }
}
