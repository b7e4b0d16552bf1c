//! Opening and closing on the store that runs are kept in.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod support;

use hunter_contracts::{
    BillingMonth, Control, Credits, EntryKind, ErrorCode, NextStep, OnInsufficientCredits,
    RecipeId, RunEnd, RunRecord, RunStatus, Status,
};
use hunter_core::store::{Debit, Pack, PackKey};
use serde_json::json;
use support::{Bench, LEADS, abort, exec, micros, opened};

#[tokio::test(flavor = "multi_thread")]
async fn opening_reserves_and_answers_the_first_step_however_often() {
    let bench = Bench::start().await;
    let first = bench.open("exec_1").await;
    let Control::Next { step, chunk: None } = &first else {
        panic!("{first:?}");
    };
    assert_eq!(step.function, "discovery");
    assert_eq!(step.input.payload["max_results"], LEADS);
    assert_eq!(bench.open("exec_1").await, first);
    let balance = bench.store.balance().await.unwrap();
    assert_eq!(balance.held, micros(80_000 * LEADS));
    let run = bench.run("exec_1").await;
    assert_eq!(
        (run.status, run.rates.id.as_str()),
        (RunStatus::Running, "list-2025-12")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_is_refused_and_leaves_nothing() {
    let bench = Bench::start().await;
    let nobody = json!({"customer_id": "cust_1", "execution_id": "e", "agent_id": "nobody"});
    for (input, code, told) in [
        (json!({}), ErrorCode::InvalidInput, "customer_id"),
        (json!([1]), ErrorCode::InvalidInput, "`input`"),
        (nobody, ErrorCode::NotFound, "nobody"),
    ] {
        let event = json!({"action": "open", "input": input});
        let (refused, reason) = abort(opened(bench.handle(event).await.unwrap()));
        assert_eq!(refused, code);
        assert!(reason.contains(told), "{reason}");
    }
    assert!(bench.store.runs(10, None).await.unwrap().items.is_empty());
    assert_eq!(bench.store.balance().await.unwrap().held, Credits::ZERO);
    // A command that is none is no refusal: nobody's run is meant.
    let failure = bench.handle(json!({"action": "pause"})).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_valid_no_longer_is_refused_before_anything_is_reserved() {
    let bench = Bench::start().await;
    let mut agent = bench.agent().await;
    agent.on_insufficient_credits = OnInsufficientCredits::Queue;
    bench.store.put_agent(&agent).await.unwrap();
    // One run waits for credits.
    let all = bench.store.balance().await.unwrap().avail;
    let other = "other".parse().unwrap();
    bench.store.reserve(&other, all, bench.now()).await.unwrap();
    let waits = bench.open("exec_queued").await;
    assert!(matches!(waits, Control::Wait { .. }), "{waits:?}");
    bench.store.close(&other, bench.now()).await.unwrap();
    // Both the agent and the run that waits were stored before there was the limit.
    agent.writing.template_context = "x".repeat(100_000);
    bench.store.put_agent(&agent).await.unwrap();
    let mut queued = bench.run("exec_queued").await;
    queued.agent = agent;
    bench.store.update_run(&queued).await.unwrap();
    let (code, reason) = abort(bench.open("exec_new").await);
    assert_eq!(code, ErrorCode::InvalidConfiguration);
    let told = "`writing.template_context` is longer than 200 characters: shorten it";
    assert_eq!(reason, told);
    // What waited waits no longer, and says why.
    let done = bench.open("exec_queued").await;
    assert!(matches!(done, Control::Done { .. }), "{done:?}");
    assert_eq!(bench.store.balance().await.unwrap().held, Credits::ZERO);
    bench.close("exec_queued", json!({ "control": done })).await;
    let ended = bench.run("exec_queued").await;
    assert_eq!(
        (ended.status, ended.error_code),
        (RunStatus::Failed, Some(code))
    );
    assert_eq!(ended.reason.as_deref(), Some(told));
    assert_eq!(bench.store.runs(10, None).await.unwrap().items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_midnight_is_checked_against_the_month_that_it_counts_in() {
    let mut bench = Bench::start().await;
    bench.at("2026-01-01T00:05:00Z");
    let (before, after) = ("2025-12-31T23:59:50Z", "2026-01-01T00:00:10Z");
    let december = BillingMonth::at(before.parse().unwrap());
    let other = "other".parse().unwrap();
    let used = bench.store.add_api_calls(december, &other, 1_000).await;
    used.unwrap();
    let (code, _) = abort(bench.open(&exec(before)).await);
    assert_eq!(code, ErrorCode::QuotaExceeded);
    let new = bench.open(&exec(after)).await;
    assert!(matches!(new, Control::Next { .. }), "{new:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_twice_releases_once_and_answers_the_same() {
    let bench = Bench::start().await;
    bench.open("exec_1").await;
    let pack = bench.discovered("exec_1").await;
    let first = bench.close("exec_1", json!({})).await;
    let RunEnd::Next {
        step: NextStep { function, .. },
        status,
        ..
    } = &first;
    assert_eq!(
        (function.as_str(), *status),
        ("subscription", Status::Success)
    );
    assert_eq!(bench.close("exec_1", json!({})).await, first);
    let run = bench.run("exec_1").await;
    let charged: Credits = pack.charges.iter().map(|line| line.amount).sum();
    assert_eq!((run.charged, run.status), (charged, RunStatus::Succeeded));
    let hold = bench.hold("exec_1").await;
    assert!(!hold.open);
    assert_eq!(hold.settled, charged);
    assert_eq!(bench.store.balance().await.unwrap().held, Credits::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_hold_is_closed_is_closed_again_after_a_trouble() {
    let bench = Bench::start().await;
    bench.open("exec_1").await;
    // Kept and not settled: with the hold closed nothing can be charged any more.
    bench.stored("exec_1").await;
    let id = "exec_1".parse().unwrap();
    bench.store.close(&id, bench.now()).await.unwrap();
    let stopped = bench.close("exec_1", json!({"stopped": true})).await;
    let RunEnd::Next {
        status, error_code, ..
    } = stopped;
    assert_eq!(
        (status, error_code),
        (Status::Partial, Some(ErrorCode::Stopped))
    );
    assert!(bench.debits().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_charged_as_it_is_kept_is_told_at_the_close() {
    let bench = Bench::start().await;
    let recipe = RecipeId::Discovery;
    // Something else was charged than what is kept.
    bench.open("exec_1").await;
    let pack = bench.stored("exec_1").await;
    let id = "exec_1".parse().unwrap();
    let mut other = Debit::of(&pack, &id, recipe, None, bench.now());
    other.lines.pop();
    bench.store.settle(&other).await.unwrap();
    // What is kept costs more than anything can.
    bench.open("exec_2").await;
    let mut dear = pack;
    dear.charges[0].amount = micros(2_000_000_000_000_000);
    let key = PackKey::head(&"exec_2".parse().unwrap(), recipe);
    bench.store.put_pack(&key, &dear).await.unwrap();
    for (id, told) in [
        ("exec_1", "stands for something else"),
        ("exec_2", "out of range"),
    ] {
        let closed = bench.closing(id, json!({"stopped": true})).await;
        let failure = closed.unwrap_err();
        assert_eq!(failure.code, ErrorCode::Conflict, "{failure}");
        assert!(failure.message.contains(told), "{failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_never_opened_ends_as_failed() {
    let bench = Bench::start().await;
    let error = json!({"error": {"Error": "States.Timeout", "Cause": "too slow"}});
    let RunEnd::Next {
        status,
        error_code,
        reason,
        ..
    } = bench.close("exec_9", error).await;
    assert_eq!(
        (status, error_code),
        (Status::Failed, Some(ErrorCode::Timeout))
    );
    assert!(reason.unwrap().contains("too slow"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_keeps_its_prices_from_its_first_step_to_its_close() {
    let mut bench = Bench::start().await;
    bench.open("exec_1").await;
    let held = bench.hold("exec_1").await.amount;
    // Died between storing and settling; the price list changes before it is tried again, and a
    // step that was settled is tried again, too.
    let pack = bench.stored("exec_1").await;
    bench.dearer();
    for _ in 0..2 {
        bench.discovered("exec_1").await;
    }
    let debits = bench.debits().await;
    let [debit] = &debits[..] else {
        panic!("{debits:?}");
    };
    assert_eq!(debit.rate_card.as_deref(), Some("list-2025-12"));
    assert_eq!(debit.lines, pack.charges);
    // Later steps are covered by the hold: their prices are those that it was sized by.
    let later = bench.enriched("exec_1").await;
    assert_eq!(later.charges[0].amount, micros(20_000));
    bench.close("exec_1", json!({"stopped": true})).await;
    let run = bench.run("exec_1").await;
    assert_eq!(run.charged, micros(2 * 20_000 * LEADS));
    assert!(run.charged <= held);
    assert!(!bench.hold("exec_1").await.open);
    let debits = bench.debits().await.into_iter();
    let cards: Vec<_> = debits.filter_map(|debit| debit.rate_card).collect();
    assert_eq!(cards, ["list-2025-12", "list-2025-12"]);
    // The next run is dearer.
    bench.open("exec_2").await;
    assert_eq!(bench.hold("exec_2").await.amount, micros(800_000 * LEADS));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_settled_yet_is_closed_at_the_runs_prices() {
    let mut bench = Bench::start().await;
    bench.open("exec_1").await;
    bench.stored("exec_1").await;
    bench.dearer();
    bench.close("exec_1", json!({"stopped": true})).await;
    assert_eq!(bench.run("exec_1").await.charged, micros(20_000 * LEADS));
    let debits = bench.debits().await;
    assert_eq!(debits[0].rate_card.as_deref(), Some("list-2025-12"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_before_cards_were_kept_goes_on_at_the_first_one() {
    let bench = Bench::start().await;
    bench.open("exec_1").await;
    let (id, recipe) = ("exec_1".parse().unwrap(), RecipeId::Discovery);
    let stored = bench.stored("exec_1").await;
    let old = Pack {
        rate_card: None,
        ..stored.clone()
    };
    let debit = |pack: &Pack| Debit::of(pack, &id, recipe, None, bench.now());
    assert_eq!(debit(&old), debit(&stored));
    let mut run = serde_json::to_value(bench.run("exec_1").await).unwrap();
    run.as_object_mut().unwrap().remove("rates");
    let run: RunRecord = serde_json::from_value(run).unwrap();
    assert_eq!(run.rates.id, "list-2025-12");
    let entries = bench.store.ledger(10, None).await.unwrap().items;
    assert!(entries.iter().all(|entry| entry.kind != EntryKind::Debit));
}
