use hunter_core::ports::ManualClock;
use proptest::prelude::*;

use super::*;
use crate::client::{Pricing, Rate, by_status};

static SERVICE: Service = Service {
    id: "some",
    name: "Some",
    refusal: by_status,
    rate: Rate::UNLIMITED,
    prices: Pricing::Free,
};
const KEY: Option<u64> = Some(1);

fn breakers() -> (Breakers, ManualClock) {
    let clock = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
    (Breakers::new(Arc::new(clock.clone())), clock)
}

fn tenant(id: &str) -> TenantId {
    TenantId::new(id).unwrap()
}

fn failure(code: ErrorCode) -> RecipeFailure {
    RecipeFailure::new(code, "said so")
}

/// One call that meets with `code`, or with success.
fn meet(breakers: &Breakers, tenant: &TenantId, code: Option<ErrorCode>) -> Result<(), ErrorCode> {
    let permit = breakers.admit(&SERVICE, tenant, KEY);
    let permit = permit.map_err(|failure| failure.code)?;
    match code {
        Some(code) => permit.failed(&failure(code)),
        None => permit.succeeded(),
    }
    Ok(())
}

fn open(breakers: &Breakers, tenant: &TenantId) {
    for _ in 0..FAILURES_MAX {
        meet(breakers, tenant, Some(ErrorCode::Timeout)).unwrap();
    }
    let failure = breakers.check(&SERVICE, tenant, KEY).unwrap_err();
    assert_eq!(failure.code, ErrorCode::ApiUnavailable);
    assert_eq!(failure.retry_after_ms, Some(30_000));
}

#[test]
fn failures_in_a_row_open_it_and_others_do_not() {
    let (breakers, _) = breakers();
    let a = tenant("a");
    for code in [
        ErrorCode::InvalidInput,
        ErrorCode::NotFound,
        ErrorCode::EmailNotFound,
    ] {
        for _ in 0..20 {
            meet(&breakers, &a, Some(code)).unwrap();
        }
    }
    for _ in 0..20 {
        for _ in 1..FAILURES_MAX {
            meet(&breakers, &a, Some(ErrorCode::ApiUnavailable)).unwrap();
        }
        meet(&breakers, &a, None).unwrap();
    }
    // Who says how long to wait is not ill, as long as it answers now and then.
    for _ in 0..3 {
        for _ in 1..WAITS_MAX {
            sent_away(&breakers, &a);
        }
        meet(&breakers, &a, None).unwrap();
    }
    open(&breakers, &a);
    assert!(breakers.check(&SERVICE, &tenant("b"), KEY).is_ok());
}

fn sent_away(breakers: &Breakers, tenant: &TenantId) {
    let permit = breakers.admit(&SERVICE, tenant, KEY).unwrap();
    permit.failed(&failure(ErrorCode::ApiRateLimit).after(Some(1)));
}

#[test]
fn who_always_sends_us_away_is_not_asked_for_a_while() {
    let (breakers, _) = breakers();
    let a = tenant("a");
    for _ in 0..WAITS_MAX {
        sent_away(&breakers, &a);
    }
    assert!(breakers.check(&SERVICE, &a, KEY).is_err());
    // Nor does sending us away between failures make a service look well.
    let b = tenant("b");
    for _ in 0..FAILURES_MAX {
        sent_away(&breakers, &b);
        meet(&breakers, &b, Some(ErrorCode::ApiUnavailable)).unwrap();
    }
    assert!(breakers.check(&SERVICE, &b, KEY).is_err());
}

#[test]
fn each_try_that_fails_doubles_the_time() {
    let (breakers, clock) = breakers();
    let a = tenant("a");
    open(&breakers, &a);
    let mut open_for = OPEN_FOR;
    for try_number in 1..=8 {
        clock.advance(open_for - Duration::from_secs(1));
        assert!(breakers.check(&SERVICE, &a, KEY).is_err());
        clock.advance(Duration::from_secs(1));
        meet(&breakers, &a, Some(ErrorCode::Timeout)).unwrap();
        open_for = OPEN_FOR * 2_u32.pow(DOUBLINGS_MAX.min(try_number));
    }
    clock.advance(open_for);
    meet(&breakers, &a, None).unwrap();
    open(&breakers, &a);
}

#[test]
fn half_open_lets_one_call_through_at_a_time() {
    let (breakers, clock) = breakers();
    let a = tenant("a");
    open(&breakers, &a);
    clock.advance(OPEN_FOR);
    let trial = breakers.admit(&SERVICE, &a, KEY).unwrap();
    let other = breakers.admit(&SERVICE, &a, KEY).err().unwrap();
    assert_eq!(other.code, ErrorCode::ApiUnavailable);
    assert_eq!(other.retry_after_ms, Some(1_000));
    // Its caller goes away: the next one tries.
    drop(trial);
    let trial = breakers.admit(&SERVICE, &a, KEY).unwrap();
    assert!(breakers.admit(&SERVICE, &a, KEY).is_err());
    // One failure is enough to open it again.
    trial.failed(&failure(ErrorCode::Timeout));
    assert!(breakers.admit(&SERVICE, &a, KEY).is_err());
    clock.advance(OPEN_FOR * 2);
    let trial = breakers.admit(&SERVICE, &a, KEY).unwrap();
    trial.succeeded();
    for _ in 0..10 {
        meet(&breakers, &a, None).unwrap();
    }
}

#[test]
fn many_threads_get_one_trial_between_them() {
    let (breakers, clock) = breakers();
    let a = tenant("a");
    for _ in 0..50 {
        open(&breakers, &a);
        clock.advance(OPEN_FOR);
        let permits: Vec<_> = std::thread::scope(|scope| {
            let admit = || breakers.admit(&SERVICE, &a, KEY).ok();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(admit)).collect();
            let permits = threads.into_iter().map(|thread| thread.join().unwrap());
            permits.collect()
        });
        let mut trials = permits.into_iter().flatten();
        let trial = trials.next().unwrap();
        assert!(trials.next().is_none());
        trial.succeeded();
    }
}

#[test]
fn what_was_sent_before_it_opened_changes_nothing() {
    let (breakers, clock) = breakers();
    let a = tenant("a");
    let early: Vec<_> = (0..4)
        .map(|_| breakers.admit(&SERVICE, &a, KEY).unwrap())
        .collect();
    open(&breakers, &a);
    let mut early = early.into_iter();
    early.next().unwrap().succeeded();
    early
        .next()
        .unwrap()
        .failed(&failure(ErrorCode::AuthenticationFailed));
    assert!(breakers.check(&SERVICE, &a, KEY).is_err());
    clock.advance(OPEN_FOR);
    let trial = breakers.admit(&SERVICE, &a, KEY).unwrap();
    early.next().unwrap().failed(&failure(ErrorCode::Timeout));
    drop(early.next());
    assert!(
        breakers.admit(&SERVICE, &a, KEY).is_err(),
        "the trial is still on"
    );
    trial.succeeded();
    assert!(breakers.check(&SERVICE, &a, KEY).is_ok());
}

#[test]
fn a_refused_key_is_not_asked_with_again_but_another_one_is() {
    for code in [ErrorCode::AuthenticationFailed, ErrorCode::ApiQuotaExceeded] {
        let (breakers, clock) = breakers();
        let a = tenant("a");
        let mut sent = 0;
        for _ in 0..200 {
            match meet(&breakers, &a, Some(code)) {
                Ok(()) => sent += 1,
                Err(refused) => assert_eq!(refused, code),
            }
        }
        assert_eq!(sent, REFUSALS_MAX);
        let again = breakers.check(&SERVICE, &a, KEY).unwrap_err();
        assert!(again.message.contains("said so"), "{again}");
        assert_eq!(again.retry_after_ms, None);
        // Neither another customer nor another key is stopped by it.
        assert!(breakers.check(&SERVICE, &tenant("b"), KEY).is_ok());
        assert!(breakers.check(&SERVICE, &a, Some(2)).is_ok());
        for _ in 0..REFUSALS_MAX {
            meet(&breakers, &a, Some(code)).unwrap();
        }
        // When the time is over, one call asks.
        clock.advance(REFUSED_FOR);
        meet(&breakers, &a, Some(code)).unwrap();
        assert_eq!(meet(&breakers, &a, None), Err(code));
        clock.advance(REFUSED_FOR);
        meet(&breakers, &a, None).unwrap();
        meet(&breakers, &a, None).unwrap();
    }
}

#[test]
fn one_odd_refusal_stops_nothing() {
    let (breakers, _) = breakers();
    let a = tenant("a");
    for _ in 0..50 {
        meet(&breakers, &a, Some(ErrorCode::AuthenticationFailed)).unwrap();
        meet(&breakers, &a, None).unwrap();
    }
}

/// A run of calls as the client makes them: each is repeated up to twice within the budget.
fn run(outcomes: &[Option<ErrorCode>], pause_ms: u64) -> usize {
    let (breakers, clock) = breakers();
    let a = tenant("a");
    let (mut sent, mut outcomes) = (0, outcomes.iter().cycle());
    for _ in 0..200 {
        clock.advance(Duration::from_millis(pause_ms));
        for attempt in 0..3 {
            let code = *outcomes.next().unwrap();
            if meet(&breakers, &a, code).is_err() {
                break;
            }
            sent += 1;
            let again = code.is_some_and(ErrorCode::retryable);
            if !again || attempt == 2 || !breakers.may_repeat(&SERVICE, &a) {
                break;
            }
        }
    }
    sent
}

#[test]
fn a_total_outage_costs_less_than_a_healthy_run() {
    assert_eq!(run(&[None], 10), 200);
    for code in [
        ErrorCode::Timeout,
        ErrorCode::ConnectionError,
        ErrorCode::ApiUnavailable,
        ErrorCode::ApiRateLimit,
    ] {
        // However slow the run is: 200 calls within 2 s, or one every minute.
        assert!(run(&[Some(code)], 10) <= 7);
        assert!(run(&[Some(code)], 60_000) <= 220);
    }
}

proptest! {
    #[test]
    fn no_run_of_200_calls_is_sent_more_than_220_times(
        outcomes in prop::collection::vec(
            prop::option::weighted(0.5, prop::sample::select(vec![
                ErrorCode::Timeout,
                ErrorCode::ApiUnavailable,
                ErrorCode::ApiBadResponse,
                ErrorCode::AuthenticationFailed,
                ErrorCode::InvalidInput,
            ])),
            1..60,
        ),
        pause_ms in 0_u64..120_000,
    ) {
        let sent = run(&outcomes, pause_ms);
        prop_assert!(sent <= 220, "{sent}");
    }
}

#[test]
fn many_customers_take_bounded_memory() {
    let (breakers, _) = breakers();
    for n in 0..ENTRIES_MAX + 100 {
        meet(&breakers, &tenant(&format!("t{n}")), None).unwrap();
    }
    assert!(breakers.circuits.lock().unwrap().len() <= ENTRIES_MAX);
}
