//! Runs that are stopped, killed, resumed.

use std::future::pending;
use std::sync::Arc;

use hunter_contracts::{Credits, ErrorCode, RecipeId, RunStatus};
use hunter_core::store::PackName;
use hunter_e2e::{Customer, Essence, Fault, RunResult, Script, target};
use tokio::sync::Notify;

use crate::crashes::{RESULTS, clean, lanes, small, small_world};
use crate::run_with;

/// Tells after the effect with this number.
fn told_at(number: u64) -> (Arc<Script>, Arc<Notify>) {
    let told = Arc::new(Notify::new());
    (Script::once(number, Fault::Tell(told.clone())), told)
}

/// Effects at which runs are interrupted: after the reservation, in and after discovery, in lanes.
fn points(effects: u64) -> impl Iterator<Item = u64> {
    (0..12).map(move |i| 2 + i * (effects - 12) / 11)
}

/// Every debit is that of a whole step: nothing is charged that is not there.
async fn assert_whole_steps(customer: &Customer<'_>, result: &RunResult) {
    for debit in result.debits() {
        let recipe = debit.recipe_id.unwrap();
        let id = &result.run.execution_id;
        let packs = customer.store.packs(id, recipe).await.unwrap();
        let is_its = |name: &PackName| match debit.chunk {
            Some(_) => name.result_of() == debit.chunk,
            None => *name == PackName::Head,
        };
        let (name, pack) = packs.iter().find(|(name, _)| is_its(name)).unwrap();
        assert_eq!(pack.charges, debit.lines, "{recipe} {name}");
    }
    // And nothing is kept that is not charged.
    let kept: Credits = result.run.stages.values().map(|stage| stage.credits).sum();
    assert_eq!(
        kept, result.run.charged,
        "what is kept and what is charged differ"
    );
}

/// Stops a run after an effect; answers its drafts.
async fn stop_at(customer: &Customer<'_>, number: u64, expected: &Essence) -> usize {
    let request = customer.request("exec_small", target(RESULTS));
    let (script, told) = told_at(number);
    let engine = customer.world.engine_with(&script);
    let ended = engine.run(&request, told.notified()).await;
    assert!(
        ended.stopped && ended.failure.is_none(),
        "at {number}: {ended:?}"
    );
    let result = customer.result(&request.execution_id).await;
    result.assert_sound();
    assert_eq!(result.run.status, RunStatus::Stopped, "at {number}");
    assert_eq!(result.run.error_code, Some(ErrorCode::Stopped));
    assert_eq!(result.books.balance.held, Credits::ZERO);
    assert_whole_steps(customer, &result).await;
    // The drafts that stand are those of the clean run.
    for (key, draft) in result.essence().drafts {
        assert_eq!(Some(&draft), expected.drafts.get(&key), "at {number}");
    }
    assert!(result.run.charged <= expected.charged);
    // It stays closed.
    let again = customer.world.engine().run(&request, pending()).await;
    assert_eq!(
        again.failure.unwrap().code,
        ErrorCode::Conflict,
        "at {number}"
    );
    assert_eq!(customer.result(&request.execution_id).await.run, result.run);
    result.drafts.len()
}

#[tokio::test]
async fn a_stopped_run_keeps_and_charges_what_is_finished() {
    let world = small_world().await;
    let (expected, effects) = clean(&world).await;
    for count in [1, 4] {
        let mut drafts = 0;
        for number in points(effects) {
            let name = format!("cust_stop_{count}_{number}");
            let customer = Customer::sign_up(&world, &name, lanes(count)).await;
            drafts += stop_at(&customer, number, &expected).await;
        }
        assert!(drafts > 0, "no run was stopped late enough");
    }
}

#[tokio::test]
async fn a_killed_run_goes_on_when_it_is_run_again() {
    let world = small_world().await;
    let (expected, effects) = clean(&world).await;
    for number in points(effects) {
        let (customer, request) = small(&world, &format!("cust_kill_{number}")).await;
        let (script, told) = told_at(number);
        let engine = world.engine_with(&script);
        tokio::select! {
            biased;
            () = told.notified() => {}
            ended = engine.run(&request, pending()) => panic!("at {number}: {ended:?}"),
        }
        drop(engine);
        let hold = customer.store.hold(&request.execution_id).await.unwrap();
        assert!(hold.is_none_or(|hold| hold.open), "at {number}: {hold:?}");
        let result = run_with(&customer, &request, &Script::none()).await;
        result.assert_sound();
        assert_eq!(result.essence(), expected, "at {number}");
        result.assert_adds_up();
    }
}

#[tokio::test]
async fn a_killed_run_that_is_closed_releases_its_credits() {
    let world = small_world().await;
    let (_, effects) = clean(&world).await;
    for number in points(effects).step_by(3) {
        let (customer, request) = small(&world, &format!("cust_close_{number}")).await;
        let (script, told) = told_at(number);
        let engine = world.engine_with(&script);
        tokio::select! {
            biased;
            () = told.notified() => {}
            ended = engine.run(&request, pending()) => panic!("at {number}: {ended:?}"),
        }
        drop(engine);
        for _ in 0..2 {
            world.engine().close(&request).await.unwrap();
            let result = customer.result(&request.execution_id).await;
            result.assert_sound();
            assert_eq!(result.run.status, RunStatus::Stopped, "at {number}");
            assert_eq!(result.books.balance.held, Credits::ZERO);
            let spent = result.books.balance.spent;
            assert_eq!(spent, result.run.charged, "at {number}");
        }
        let status = customer
            .store
            .packs(&request.execution_id, RecipeId::Subscription)
            .await;
        assert_eq!(status.unwrap().len(), 1, "subscription ran");
    }
}
