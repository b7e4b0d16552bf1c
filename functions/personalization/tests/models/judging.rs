//! Another model judges and smooths.

use hunter_contracts::*;
use serde_json::{Value, json};

use crate::{doubles::*, support::*};

fn judgement(score: f64, natural: f64) -> Value {
    json!({"specific": score, "truthful": score, "clear": score, "natural": natural, "reason": ""})
}

#[tokio::test]
async fn another_model_judges_within_its_bound() {
    let writer = Scripted::new("writer", |input, _| Ok(honest(input)));
    let mut scores = Vec::new();
    for said in [0.0, 0.5, 1.0] {
        let judge = Scripted::new("judge", move |_, _| Ok(judgement(said, said.max(0.5))));
        let shelf = Shelf::of(&[
            (Purpose::Writing, &writer),
            // It does not judge itself.
            (Purpose::Judging, &writer),
            (Purpose::Judging, &judge),
        ]);
        let done = run_with(shelf, agent(), vec![apollo()]).await;
        let message = done.message();
        let weights: f64 = message.checks.iter().map(|c| c.weight.get()).sum();
        assert!((weights - 1.0).abs() < 1e-9, "{weights}");
        let natural = message
            .checks
            .iter()
            .find(|c| c.name == "judge_natural")
            .unwrap();
        assert!(natural.note.contains("judge"), "{}", natural.note);
        assert_eq!(judge.asked()[0].schema_name, "judgement");
        scores.push(message.quality_score.get());
        assert!(done.fallbacks.is_empty());
    }
    let spread =
        scores.iter().copied().fold(0.0, f64::max) - scores.iter().copied().fold(1.0, f64::min);
    assert!(spread > 0.0 && spread <= 0.0481, "{scores:?}");
}

#[tokio::test]
async fn a_judge_that_cannot_leaves_the_gates_alone() {
    let writer = Scripted::new("writer", |input, _| Ok(honest(input)));
    let alone = run_with(
        Shelf::of(&[(Purpose::Writing, &writer)]),
        agent(),
        vec![apollo()],
    )
    .await;
    for bad in [
        Ok(judgement(7.0, 0.5)),
        Ok(json!("fine")),
        Err(ErrorCode::Timeout),
    ] {
        let judge = Scripted::new("judge", move |_, _| bad.clone());
        let shelf = Shelf::of(&[(Purpose::Writing, &writer), (Purpose::Judging, &judge)]);
        let done = run_with(shelf, agent(), vec![apollo()]).await;
        assert_eq!(done.message().quality_score, alone.message().quality_score);
        assert_eq!(done.steps(), [("judge", "rules-1")]);
    }
}

/// The draft with its opening said more smoothly.
fn smooth(input: &Value, opening: &str) -> Value {
    let mut answer = input["draft"].clone();
    for sentence in answer["sentences"].as_array_mut().unwrap() {
        if sentence["role"] == "opening" {
            sentence["text"] = json!(opening);
        }
    }
    answer
}

#[tokio::test]
async fn what_the_rules_wrote_is_smoothed_by_a_model_and_checked_again() {
    const GOOD: &str = "I came across your post “Five myths about braces” and it stayed with me.";
    for (opening, model_used) in [
        (GOOD, "rules-1 + smooth"),
        (
            "I loved your brilliant post “Five myths about braces”.",
            "rules-1",
        ),
        ("Your site runs on WordPress.", "rules-1"),
    ] {
        let model = Scripted::new("smooth", move |input, _| Ok(smooth(input, opening)));
        let done = run_with(
            Shelf::of(&[(Purpose::Polishing, &model)]),
            agent(),
            vec![apollo()],
        )
        .await;
        assert_eq!(done.message().model_used, model_used, "{opening}");
        assert_eq!(done.message().text.contains(opening), opening == GOOD);
        assert_eq!(done.fallbacks.is_empty(), opening == GOOD);
        assert_eq!(model.asked()[0].purpose, Purpose::Polishing);
    }
}

#[tokio::test]
async fn what_reads_stiffly_is_smoothed_and_judged_again() {
    const GOOD: &str = "I came across your post “Five myths about braces” and it stayed with me.";
    let writer = Scripted::new("writer", |input, _| Ok(honest(input)));
    let smoother = Scripted::new("smooth", |input, _| Ok(smooth(input, GOOD)));
    for (second, model_used) in [(0.9, "writer + smooth"), (0.1, "writer")] {
        let judge = Scripted::new("judge", move |_, n| {
            Ok(judgement(0.9, if n == 0 { 0.2 } else { second }))
        });
        let shelf = Shelf::of(&[
            (Purpose::Writing, &writer),
            (Purpose::Polishing, &smoother),
            (Purpose::Judging, &judge),
        ]);
        let done = run_with(shelf, agent(), vec![apollo()]).await;
        assert_eq!(done.message().model_used, model_used);
        assert_eq!(judge.asked().len(), 2);
    }
}

#[tokio::test]
async fn what_was_smoothed_says_all_that_was_said_and_nothing_else() {
    for change in ["drops the proof", "another fact"] {
        let model = Scripted::new("smooth", move |input, _| {
            let mut answer = input["draft"].clone();
            let sentences = answer["sentences"].as_array_mut().unwrap();
            match change {
                "drops the proof" => sentences.retain(|s| s["role"] != "proof"),
                _ => {
                    let opening = sentences.iter_mut().find(|s| s["role"] == "opening");
                    let opening = opening.unwrap();
                    opening["text"] = json!("Your site runs on WordPress.");
                    opening["facts"] = json!([2]);
                    opening["quotes"] = json!([]);
                }
            }
            Ok(answer)
        });
        let shelf = Shelf::of(&[(Purpose::Polishing, &model)]);
        let done = run_with(shelf, agent(), vec![apollo()]).await;
        assert_eq!(done.message().model_used, "rules-1", "{change}");
        assert_eq!(done.fallbacks.len(), 1, "{change}");
    }
}
