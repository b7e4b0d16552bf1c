//! What every command means: a table with one row per case, and what holds in any sequence.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;

use hunter_contracts::{
    Balance, ChargeLine, Credits, EntryKind, ExecutionId, LeadId, LedgerEntry, RecipeId,
};
use hunter_ledger::{AMOUNT_MAX, Account, Command, DebitKey, Effect, LedgerError, audit, check};
use jiff::Timestamp;
use proptest::prelude::*;

const fn micros(n: i64) -> Credits {
    Credits::from_micros(n)
}

fn run(n: u8) -> ExecutionId {
    ExecutionId::new(format!("run-{n}")).unwrap()
}

fn grant(key: &str, amount: i64) -> Command {
    Command::Grant {
        key: key.into(),
        amount: micros(amount),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn reserve(n: u8, amount: i64) -> Command {
    Command::Reserve {
        execution_id: run(n),
        amount: micros(amount),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn settle_lines(n: u8, chunk: u32, amounts: &[i64]) -> Command {
    let line = |&amount| ChargeLine {
        lead_id: LeadId::new("lead").unwrap(),
        action: "lead_screened".into(),
        amount: micros(amount),
    };
    Command::Settle {
        key: DebitKey {
            execution_id: run(n),
            recipe: RecipeId::Discovery,
            chunk: Some(chunk),
        },
        lines: amounts.iter().map(line).collect(),
        rate_card: "list".into(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn settle(n: u8, chunk: u32, amount: i64) -> Command {
    settle_lines(n, chunk, &[amount])
}

fn close(n: u8) -> Command {
    Command::Close {
        execution_id: run(n),
        at: Timestamp::UNIX_EPOCH,
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    Done(EntryKind, i64),
    Replayed,
    Nothing,
    Refused(LedgerError),
}
use Answer::{Done, Nothing, Refused, Replayed};

fn answer(account: &mut Account, command: &Command) -> Answer {
    match account.apply(command) {
        Ok(Effect::Done(entry)) => Done(entry.kind, entry.amount.micros()),
        Ok(Effect::Replayed) => Replayed,
        Ok(Effect::Nothing) => Nothing,
        Err(error) => Refused(error),
    }
}

const fn insufficient(needed: i64, available: i64) -> Answer {
    Refused(LedgerError::Insufficient {
        needed: micros(needed),
        available: micros(available),
    })
}

const fn different(stored: i64, given: i64) -> Answer {
    Refused(LedgerError::Different {
        stored: micros(stored),
        given: micros(given),
    })
}

/// What stands, what is done, what is answered, and avail, held, spent afterwards.
type Row = (&'static str, Vec<Command>, Command, Answer, [i64; 3]);

#[rustfmt::skip] // a row per case
fn grants_and_reservations() -> Vec<Row> {
    let g = || grant("g", 100);
    vec![
        ("first grant", vec![], g(), Done(EntryKind::Grant, 100), [100, 0, 0]),
        ("same grant again", vec![g()], g(), Replayed, [100, 0, 0]),
        ("grant under another key", vec![g()], grant("h", 1), Done(EntryKind::Grant, 1), [101, 0, 0]),
        ("key of a grant with another amount", vec![g()], grant("g", 99), different(100, 99), [100, 0, 0]),
        ("grant of nothing", vec![], grant("g", 0), Done(EntryKind::Grant, 0), [0, 0, 0]),
        ("grant below 0", vec![], grant("g", -1), Refused(LedgerError::OutOfRange(micros(-1))), [0, 0, 0]),
        ("grant beyond the limit", vec![], grant("g", AMOUNT_MAX.micros() + 1), Refused(LedgerError::OutOfRange(micros(AMOUNT_MAX.micros() + 1))), [0, 0, 0]),
        ("reserve a part", vec![g()], reserve(1, 30), Done(EntryKind::Reserve, 30), [70, 30, 0]),
        ("reserve all", vec![g()], reserve(1, 100), Done(EntryKind::Reserve, 100), [0, 100, 0]),
        ("reserve one more", vec![g()], reserve(1, 101), insufficient(101, 100), [100, 0, 0]),
        ("reserve without a grant", vec![], reserve(1, 1), insufficient(1, 0), [0, 0, 0]),
        ("reserve nothing without a grant", vec![], reserve(1, 0), Done(EntryKind::Reserve, 0), [0, 0, 0]),
        ("reserve below 0", vec![g()], reserve(1, -5), Refused(LedgerError::OutOfRange(micros(-5))), [100, 0, 0]),
        ("same reservation again", vec![g(), reserve(1, 30)], reserve(1, 30), Replayed, [70, 30, 0]),
        ("other amount for the run", vec![g(), reserve(1, 30)], reserve(1, 31), different(30, 31), [70, 30, 0]),
        ("replay wins over an empty balance", vec![g(), reserve(1, 100)], reserve(1, 100), Replayed, [0, 100, 0]),
        ("reserve after the close", vec![g(), reserve(1, 30), close(1)], reserve(1, 30), Replayed, [100, 0, 0]),
        ("second run", vec![g(), reserve(1, 30)], reserve(2, 70), Done(EntryKind::Reserve, 70), [0, 100, 0]),
        ("second run beyond the rest", vec![g(), reserve(1, 30)], reserve(2, 71), insufficient(71, 70), [70, 30, 0]),
    ]
}

#[rustfmt::skip] // a row per case
fn settlements_and_closes() -> Vec<Row> {
    let held = || vec![grant("g", 100), reserve(1, 30)];
    let after = |more: Vec<Command>| [held(), more].concat();
    vec![
        ("settle a part", held(), settle(1, 0, 10), Done(EntryKind::Debit, 10), [70, 30, 0]),
        ("settle all", held(), settle(1, 0, 30), Done(EntryKind::Debit, 30), [70, 30, 0]),
        ("settle one more", held(), settle(1, 0, 31), insufficient(31, 30), [70, 30, 0]),
        ("settle beyond what is left", after(vec![settle(1, 0, 20)]), settle(1, 1, 11), insufficient(11, 10), [70, 30, 0]),
        ("settle nothing", held(), settle_lines(1, 0, &[]), Done(EntryKind::Debit, 0), [70, 30, 0]),
        ("settle the same again", after(vec![settle(1, 0, 10)]), settle(1, 0, 10), Replayed, [70, 30, 0]),
        ("settle the chunk differently", after(vec![settle(1, 0, 10)]), settle(1, 0, 9), different(10, 9), [70, 30, 0]),
        ("same sum, other lines", after(vec![settle(1, 0, 10)]), settle_lines(1, 0, &[4, 6]), different(10, 10), [70, 30, 0]),
        ("a line below 0", held(), settle_lines(1, 0, &[10, -1]), Refused(LedgerError::OutOfRange(micros(-1))), [70, 30, 0]),
        ("settle without a hold", vec![grant("g", 100)], settle(1, 0, 1), Refused(LedgerError::NoHold), [100, 0, 0]),
        ("settle after the close", after(vec![close(1)]), settle(1, 0, 1), Refused(LedgerError::HoldClosed), [100, 0, 0]),
        ("repeat after the close", after(vec![settle(1, 0, 10), close(1)]), settle(1, 0, 10), Replayed, [90, 0, 10]),
        ("close unused", held(), close(1), Done(EntryKind::Close, 30), [100, 0, 0]),
        ("close half used", after(vec![settle(1, 0, 10)]), close(1), Done(EntryKind::Close, 20), [90, 0, 10]),
        ("close used up", after(vec![settle(1, 0, 30)]), close(1), Done(EntryKind::Close, 0), [70, 0, 30]),
        ("close again", after(vec![settle(1, 0, 10), close(1)]), close(1), Replayed, [90, 0, 10]),
        ("close without a hold", vec![grant("g", 100)], close(1), Nothing, [100, 0, 0]),
        ("close leaves other runs alone", after(vec![reserve(2, 5)]), close(1), Done(EntryKind::Close, 30), [95, 5, 0]),
    ]
}

#[test]
fn row_by_row() {
    for (name, before, command, expected, [avail, held, spent]) in grants_and_reservations()
        .into_iter()
        .chain(settlements_and_closes())
    {
        let mut account = Account::default();
        for earlier in &before {
            account.apply(earlier).unwrap();
        }
        assert_eq!(answer(&mut account, &command), expected, "{name}");
        let balance = Balance {
            avail: micros(avail),
            held: micros(held),
            spent: micros(spent),
        };
        assert_eq!(account.balance(), balance, "{name}");
    }
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => (0..4_u8, 0..200_i64).prop_map(|(key, amount)| grant(&format!("g{key}"), amount)),
        3 => (0..4_u8, 0..80_i64).prop_map(|(n, amount)| reserve(n, amount)),
        5 => (0..4_u8, 0..4_u32, 0..30_i64).prop_map(|(n, chunk, c)| settle(n, chunk, c)),
        2 => (0..4_u8).prop_map(close),
    ]
}

/// Commands of which some come again later, in another order.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    (
        proptest::collection::vec(command(), 1..40),
        proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            0..20,
        ),
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

fn holds_always(account: &Account) {
    let Balance { avail, held, spent } = account.balance();
    assert!(!avail.is_negative() && !held.is_negative() && !spent.is_negative());
    let granted: Credits = sum(account.entries(), EntryKind::Grant);
    assert_eq!([avail, held, spent].into_iter().sum::<Credits>(), granted);
    let open: Credits = account
        .holds()
        .values()
        .filter(|hold| hold.open)
        .map(|hold| hold.amount)
        .sum();
    assert_eq!(held, open);
    let ids: BTreeSet<_> = account.entries().iter().map(|entry| &entry.id).collect();
    assert_eq!(ids.len(), account.entries().len());
    let rebuilt = check(account.balance(), account.entries()).unwrap();
    assert_eq!(&rebuilt.holds, account.holds());
}

fn sum(entries: &[LedgerEntry], kind: EntryKind) -> Credits {
    entries
        .iter()
        .filter(|entry| entry.kind == kind)
        .map(|entry| entry.amount)
        .sum()
}

proptest! {
    #[test]
    fn any_sequence_conserves_credits(commands in commands()) {
        let mut account = Account::default();
        for command in &commands {
            let before = account.clone();
            let first = account.apply(command);
            holds_always(&account);
            if !matches!(first, Ok(Effect::Done(_))) {
                prop_assert_eq!(&account, &before);
            }
            // Once more changes nothing and is no error where the first was none.
            let after = account.clone();
            let second = account.apply(command);
            prop_assert_eq!(&account, &after);
            match first {
                Ok(Effect::Done(_)) => prop_assert_eq!(second, Ok(Effect::Replayed)),
                other => prop_assert_eq!(second, other),
            }
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter_to_the_audit(
        commands in commands(),
        swaps in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..40),
    ) {
        let mut account = Account::default();
        for command in &commands {
            let _ = account.apply(command);
        }
        let mut entries = account.entries().to_vec();
        if !entries.is_empty() {
            for (one, other) in swaps {
                let (one, other) = (one.index(entries.len()), other.index(entries.len()));
                entries.swap(one, other);
            }
        }
        prop_assert_eq!(audit(&entries).unwrap().balance, account.balance());
    }

    #[test]
    fn an_entry_lost_or_doubled_is_noticed(commands in commands(), which in any::<prop::sample::Index>()) {
        let mut account = Account::default();
        for command in &commands {
            let _ = account.apply(command);
        }
        let entries = account.entries();
        prop_assume!(!entries.is_empty());
        let place = which.index(entries.len());
        let mut doubled = entries.to_vec();
        doubled.push(entries[place].clone());
        prop_assert!(audit(&doubled).is_err());
        // A lost debit on an open hold changes the hold, everything else the balance.
        let mut lost = entries.to_vec();
        let gone = lost.remove(place);
        prop_assume!(gone.amount != Credits::ZERO || gone.kind != EntryKind::Grant);
        let noticed = match check(account.balance(), &lost) {
            Ok(rebuilt) => &rebuilt.holds != account.holds() || gone.amount == Credits::ZERO,
            Err(_) => true,
        };
        prop_assert!(noticed, "{gone:?}");
    }
}
