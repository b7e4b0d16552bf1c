//! Fault simulation: at every effect of a run, once, something goes wrong.

use hunter_contracts::RunRequest;
use hunter_core::store::StoreError;
use hunter_e2e::{Customer, Essence, Fault, Script, Terms, World, WorldOptions, target};

use crate::{clean_run, run_with};

/// Every effect is tried up to so many, else as many of them, evenly spread. `.ci/deep` tries all.
const ALL_UP_TO: u64 = 60;
const SAMPLES: u64 = 40;
/// Leads that the small run screens.
pub(crate) const RESULTS: u32 = 10;

/// Several chunks, in so many lanes. In one lane effects come in the same order every time.
pub(crate) fn lanes(count: u32) -> Terms {
    let mut terms = Terms::default();
    terms.agent.chunk_size = 2;
    terms.agent.max_concurrency = count;
    terms
}

pub(crate) async fn small_world() -> World {
    World::open(WorldOptions {
        town: 60,
        ..WorldOptions::default()
    })
    .await
}

/// The same small run for a customer of its own.
pub(crate) async fn small<'a>(world: &'a World, name: &str) -> (Customer<'a>, RunRequest) {
    let customer = Customer::sign_up(world, name, lanes(1)).await;
    let request = customer.request("exec_small", target(RESULTS));
    (customer, request)
}

/// The clean run, and how many effects it has.
pub(crate) async fn clean(world: &World) -> (Essence, u64) {
    let (customer, request) = small(world, "cust_clean").await;
    let script = Script::none();
    let result = run_with(&customer, &request, &script).await;
    let again = Customer::sign_up(world, "cust_clean_again", lanes(1)).await;
    let again = clean_run(&again, &again.request("exec_small", target(RESULTS))).await;
    let essence = result.essence();
    assert_eq!(
        essence,
        again.essence(),
        "the clean run is not deterministic"
    );
    assert!(essence.drafts.len() >= 3, "too small to show anything");
    assert!(
        essence.audited.len() > 5 && essence.api_calls > 0,
        "{essence:?}"
    );
    assert!(
        !world.timer.waits().iter().any(|w| !w.is_zero()),
        "a clean run waits"
    );
    (essence, u64::try_from(script.effects().len()).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
fn sampled(effects: u64) -> Vec<u64> {
    let every = std::env::var("HUNTER_EVERY_EFFECT").is_ok();
    if every || effects <= ALL_UP_TO {
        return (1..=effects).collect();
    }
    let mut points: Vec<u64> = (0..SAMPLES)
        .map(|i| 1 + i * (effects - 1) / (SAMPLES - 1))
        .collect();
    points.dedup();
    points
}

/// Which faults strike at an effect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coverage {
    /// Each of them, one run each.
    Each,
    /// One of them, in turn.
    InTurn,
}

/// Runs the small run with faults at each sampled effect; it must end as the clean one.
async fn simulate(name: &str, faults: &[(&str, Fault)], coverage: Coverage) {
    let world = small_world().await;
    let (expected, effects) = clean(&world).await;
    let mut simulated = 0;
    let mut failures = Vec::new();
    for number in sampled(effects) {
        for (turn, (kind, fault)) in (0..).zip(faults) {
            let of = u64::try_from(faults.len()).unwrap();
            if coverage == Coverage::InTurn && number % of != turn {
                continue;
            }
            let (customer, request) = small(&world, &format!("cust_{kind}_{number}")).await;
            let script = Script::once(number, fault.clone());
            let result = run_with(&customer, &request, &script).await;
            result.assert_sound();
            simulated += 1;
            let struck = script.effects();
            let struck = struck.iter().find(|effect| effect.number == number);
            assert!(struck.is_some(), "{kind} never struck at {number}");
            let essence = result.essence();
            if essence != expected {
                failures.push(format!(
                    "{kind} at {struck:?}: {:?} {:?}\n{}",
                    result.run.status,
                    result.run.reason,
                    difference(&expected, &essence)
                ));
                continue;
            }
            result.assert_adds_up();
        }
    }
    println!("{name}: {simulated} runs over {effects} effects");
    assert!(
        failures.is_empty(),
        "{} of {simulated} runs ended differently:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn difference(expected: &Essence, found: &Essence) -> String {
    let mut text = String::new();
    let mut note = |field: &str, same: bool, expected: String, found: String| {
        if !same {
            text.push_str(&format!(
                "  {field}: expected {expected}\n    found {found}\n"
            ));
        }
    };
    macro_rules! compare {
        ($($field:ident),*) => {$(
            note(
                stringify!($field),
                expected.$field == found.$field,
                format!("{:?}", expected.$field),
                format!("{:?}", found.$field),
            );
        )*};
    }
    compare!(
        status, charged, summary, stages, drafts, leads, alerts, audited, api_calls
    );
    text
}

#[tokio::test]
async fn a_function_that_crashes_at_any_effect_changes_nothing_in_the_end() {
    let faults = [("before", Fault::CrashBefore), ("after", Fault::CrashAfter)];
    simulate("crashes", &faults, Coverage::Each).await;
}

#[tokio::test]
async fn a_store_that_is_away_for_a_moment_changes_nothing_in_the_end() {
    let away = || StoreError::unavailable("simulated");
    let faults = [
        ("away", Fault::Refuse(away())),
        ("lost", Fault::LoseAnswer(away())),
    ];
    simulate("store away", &faults, Coverage::InTurn).await;
}

#[tokio::test]
async fn an_effect_that_happens_twice_at_once_counts_once() {
    simulate(
        "doubled effects",
        &[("twice", Fault::Twice)],
        Coverage::Each,
    )
    .await;
}
