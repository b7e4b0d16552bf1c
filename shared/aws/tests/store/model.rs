//! The adapter against the pure model: the same commands, the same answers, balance and ledger.

use std::sync::atomic::{AtomicU64, Ordering};

use hunter_contracts::{ExecutionId, LedgerEntry, RecipeId};
use hunter_core::{
    store::{Debit, Put, StoreError, TenantStore},
    test_support::samples::{at, debit, micros, run_id},
};
use hunter_ledger::{Account, Command, DebitKey, Effect, LedgerError, check};
use jiff::{SignedDuration, Timestamp};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::support::{Embedded, Fault};

fn later(minutes: i64) -> Timestamp {
    at() + SignedDuration::from_mins(minutes)
}

fn command() -> impl Strategy<Value = Command> {
    let minutes = 0..100_000_i64;
    prop_oneof![
        2 => (0..3_u8, -1..150_i64, minutes.clone()).prop_map(|(key, amount, m)| Command::Grant {
            key: format!("grant {key}"), amount: micros(amount), at: later(m),
        }),
        3 => (0..3_u8, -1..80_i64, minutes.clone()).prop_map(|(n, amount, m)| Command::Reserve {
            execution_id: run_id(&format!("x{n}")), amount: micros(amount), at: later(m),
        }),
        5 => (0..3_u8, 0..4_u32, proptest::collection::vec(-1..25_i64, 0..3), minutes.clone())
            .prop_map(|(n, chunk, amounts, m)| settle(n, chunk, &amounts, later(m))),
        2 => (0..3_u8, minutes).prop_map(|(n, m)| Command::Close {
            execution_id: run_id(&format!("x{n}")), at: later(m),
        }),
    ]
}

fn settle(n: u8, chunk: u32, amounts: &[i64], at: Timestamp) -> Command {
    let recipe = if chunk == 0 {
        RecipeId::Discovery
    } else {
        RecipeId::Intelligence
    };
    let debit = debit(
        &format!("x{n}"),
        recipe,
        (chunk > 0).then_some(chunk),
        amounts,
    );
    Command::Settle {
        key: DebitKey {
            execution_id: debit.execution_id,
            recipe,
            chunk: debit.chunk,
        },
        lines: debit.lines,
        rate_card: debit.rate_card,
        at,
    }
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let repeats = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (
        proptest::collection::vec(command(), 1..22),
        proptest::collection::vec(repeats, 0..8),
    )
        .prop_map(|(mut commands, repeats)| {
            for (from, to) in repeats {
                let repeated = commands[from.index(commands.len())].clone();
                let place = to.index(commands.len() + 1);
                commands.insert(place, repeated);
            }
            commands
        })
}

#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Done,
    Replayed,
    Nothing,
    Refused(StoreError),
}

fn of_model(answer: Result<Effect, LedgerError>) -> Answer {
    match answer {
        Ok(Effect::Done(_)) => Answer::Done,
        Ok(Effect::Replayed) => Answer::Replayed,
        Ok(Effect::Nothing) => Answer::Nothing,
        Err(error) => Answer::Refused(match error {
            LedgerError::Insufficient { needed, available } => {
                StoreError::Insufficient { needed, available }
            }
            LedgerError::NoHold => StoreError::NotFound(error.to_string()),
            LedgerError::HoldClosed => StoreError::HoldClosed,
            LedgerError::Different { stored, given } => StoreError::Different { stored, given },
            LedgerError::OutOfRange(amount) => StoreError::OutOfRange(amount),
        }),
    }
}

fn put<T>(put: Put<T>) -> Answer {
    match put {
        Put::New => Answer::Done,
        Put::Existing(_) => Answer::Replayed,
    }
}

/// Gives a command to the store. A grant and a close do not tell a repeat from the first time.
async fn give(store: &dyn TenantStore, command: &Command, expected: &Answer) -> Answer {
    let was_there = match expected {
        Answer::Replayed => Answer::Replayed,
        _ => Answer::Done,
    };
    let answer = match command {
        Command::Grant { key, amount, at } => {
            store.grant(key, *amount, *at).await.map(|()| was_there)
        }
        Command::Reserve {
            execution_id,
            amount,
            at,
        } => store.reserve(execution_id, *amount, *at).await.map(put),
        Command::Settle {
            key,
            lines,
            rate_card,
            at,
        } => {
            let debit = Debit {
                execution_id: key.execution_id.clone(),
                recipe: key.recipe,
                chunk: key.chunk,
                lines: lines.clone(),
                rate_card: rate_card.clone(),
                at: *at,
            };
            store.settle(&debit).await.map(put)
        }
        Command::Close { execution_id, at } => {
            let closed = store.close(execution_id, *at).await;
            closed.map(|hold| hold.map_or(Answer::Nothing, |_| was_there))
        }
    };
    answer.unwrap_or_else(Answer::Refused)
}

async fn same_state(store: &dyn TenantStore, model: &Account) {
    assert_eq!(store.balance().await.unwrap(), model.balance());
    for n in 0..3 {
        let id: ExecutionId = run_id(&format!("x{n}"));
        assert_eq!(store.hold(&id).await.unwrap(), model.hold(&id));
    }
    let stored = store.ledger(1_000, None).await.unwrap().items;
    check(model.balance(), &stored).unwrap();
    let sorted = |mut entries: Vec<LedgerEntry>| {
        entries.sort_by(|one, other| one.id.cmp(&other.id));
        entries
    };
    assert_eq!(sorted(stored), sorted(model.entries().to_vec()));
}

/// Runs random sequences, each as a tenant of its own.
fn run_cases(cases: u32, lossy: bool) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let embedded = runtime.block_on(Embedded::start());
    // Every third answer is lost, every fifth request does not arrive, every seventh conflicts.
    let store = embedded.with_faults(move |n| match n {
        n if lossy && n % 3 == 0 => Fault::AnswerLost,
        n if lossy && n % 5 == 0 => Fault::NotSent,
        n if lossy && n % 7 == 0 => Fault::Cancelled("TransactionConflict"),
        _ => Fault::None,
    });
    let tenants = AtomicU64::new(0);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&commands(), |commands| {
        let tenant = format!("t{}", tenants.fetch_add(1, Ordering::Relaxed));
        runtime.block_on(async {
            let tenant = tenant.parse().unwrap();
            let store = hunter_core::store::Store::tenant(&store, &tenant);
            let mut model = Account::default();
            for command in &commands {
                let expected = of_model(model.apply(command));
                let mut found = give(store.as_ref(), command, &expected).await;
                // A command whose answer was lost is done by the time it is sent again.
                if lossy && expected == Answer::Done && found == Answer::Replayed {
                    found = Answer::Done;
                }
                assert_eq!(found, expected, "{command:?}");
            }
            same_state(store.as_ref(), &model).await;
        });
        Ok(())
    });
    result.unwrap();
}

#[test]
fn the_adapter_answers_like_the_model() {
    run_cases(48, false);
}

#[test]
fn the_adapter_answers_like_the_model_when_requests_fail() {
    run_cases(24, true);
}
