//! An issuer's keys, fetched when they are first needed and kept for a while.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use hunter_core::ports::Clock;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{KeySet, TokenError, token::KeySets};

/// After this, keys are fetched again.
const AGE_MAX: Duration = Duration::from_mins(10);
/// Where they cannot be fetched, they are good until they are so old.
const STALE_AGE_MAX: Duration = Duration::from_mins(70);
/// The time between two fetches: tokens with made-up key ids cause no more of them.
const INTERVAL: Duration = Duration::from_secs(30);
/// The time after a fetch that failed; it doubles with each further one, up to [`INTERVAL`].
const RETRY_MIN: Duration = Duration::from_secs(1);

/// Fetches an issuer's key set.
#[async_trait]
pub(super) trait KeySetFetcher: Send + Sync {
    /// The keys as they are published now, or for the operator why they cannot be had.
    async fn fetch(&self) -> Result<KeySet, String>;
}

#[derive(Clone)]
struct Fetched {
    keys: Arc<KeySet>,
    at: Timestamp,
}

/// A fetch, and how many in a row had failed by then.
#[derive(Clone, Copy)]
struct Asked {
    at: Timestamp,
    failures: u32,
}

impl Asked {
    /// How long nobody fetches yet.
    fn wait(&self, now: Timestamp) -> Duration {
        let interval = match self.failures.checked_sub(1) {
            None => INTERVAL,
            Some(further) => RETRY_MIN
                .saturating_mul(2_u32.saturating_pow(further))
                .min(INTERVAL),
        };
        interval.saturating_sub(now.duration_since(self.at).unsigned_abs())
    }
}

/// Keys from an issuer's address.
pub(super) struct RemoteKeySets {
    fetcher: Arc<dyn KeySetFetcher>,
    clock: Arc<dyn Clock>,
    fetched: RwLock<Option<Fetched>>,
    /// When they were asked for last. Who holds it fetches; others wait for that.
    asked: Mutex<Option<Asked>>,
}

impl RemoteKeySets {
    /// Nothing is fetched before the first token comes.
    pub(super) fn new(fetcher: Arc<dyn KeySetFetcher>, clock: Arc<dyn Clock>) -> Self {
        Self {
            fetcher,
            clock,
            fetched: RwLock::new(None),
            asked: Mutex::new(None),
        }
    }

    fn standing(&self) -> Option<Fetched> {
        let fetched = self.fetched.read().unwrap_or_else(PoisonError::into_inner);
        fetched.clone()
    }

    fn is_fresh(&self, fetched: &Fetched) -> bool {
        self.clock.now().duration_since(fetched.at).unsigned_abs() < AGE_MAX
    }

    /// Keys that need not be asked for again because of a token with this key id.
    fn good_for(&self, key_id: &str) -> Option<Arc<KeySet>> {
        let fetched = self.standing()?;
        let good = self.is_fresh(&fetched) && fetched.keys.has(key_id);
        good.then_some(fetched.keys)
    }

    /// Fetches unless that was done just now; answers how long nobody does.
    async fn fetch(&self, asked: &mut Option<Asked>) -> Duration {
        let now = self.clock.now();
        let wait = asked.map_or(Duration::ZERO, |asked| asked.wait(now));
        if !wait.is_zero() {
            return wait;
        }
        let failures = asked.map_or(0, |asked| asked.failures).saturating_add(1);
        let asked = asked.insert(Asked { at: now, failures });
        // Whoever asked may leave meanwhile: then it has failed.
        let answer = self.fetcher.fetch().await;
        asked.at = self.clock.now();
        match answer {
            Ok(keys) => {
                asked.failures = 0;
                let fetched = Fetched {
                    keys: Arc::new(keys),
                    at: now,
                };
                *self.fetched.write().unwrap_or_else(PoisonError::into_inner) = Some(fetched);
            }
            Err(reason) => tracing::warn!(reason, "the issuer's keys could not be fetched"),
        }
        asked.wait(asked.at)
    }
}

#[async_trait]
impl KeySets for RemoteKeySets {
    async fn keys(&self, key_id: &str) -> Result<Arc<KeySet>, TokenError> {
        if let Some(keys) = self.good_for(key_id) {
            return Ok(keys);
        }
        let mut asked = self.asked.lock().await;
        if let Some(keys) = self.good_for(key_id) {
            return Ok(keys);
        }
        let wait = self.fetch(&mut asked).await;
        drop(asked);
        let now = self.clock.now();
        let usable =
            |fetched: &Fetched| now.duration_since(fetched.at).unsigned_abs() < STALE_AGE_MAX;
        match self.standing().filter(usable) {
            Some(fetched) => Ok(fetched.keys),
            None => Err(TokenError::Unavailable {
                reason: "no keys of the issuer".into(),
                retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use hunter_core::ports::ManualClock;
    use serde_json::json;

    use super::*;

    #[derive(Default)]
    struct Issuer {
        down: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait]
    impl KeySetFetcher for Issuer {
        async fn fetch(&self) -> Result<KeySet, String> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if self.down.load(Ordering::Relaxed) {
                return Err("down".into());
            }
            let x = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
            let set = json!({"keys": [{"kty": "EC", "kid": "1", "crv": "P-256", "x": x, "y": x}]});
            KeySet::parse(set.to_string().as_bytes())
        }
    }

    fn remote() -> (Arc<Issuer>, ManualClock, RemoteKeySets) {
        let issuer = Arc::new(Issuer::default());
        let clock = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
        let keys = RemoteKeySets::new(issuer.clone(), Arc::new(clock.clone()));
        (issuer, clock, keys)
    }

    #[tokio::test]
    async fn keys_are_fetched_once_and_again_when_they_are_old() {
        let (issuer, clock, remote) = remote();
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 0);
        let all = futures::future::join_all((0..50).map(|_| remote.keys("1"))).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
        clock.advance(Duration::from_secs(599));
        assert!(remote.keys("1").await.is_ok());
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
        clock.advance(Duration::from_secs(1));
        assert!(remote.keys("1").await.is_ok());
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn unknown_key_ids_cause_few_fetches() {
        let (issuer, clock, remote) = remote();
        for id in 0..100 {
            assert!(!remote.keys(&format!("no {id}")).await.unwrap().has("no"));
        }
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
        clock.advance(Duration::from_secs(30));
        for _ in 0..100 {
            let _ = remote.keys("no").await;
        }
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn old_keys_serve_for_a_while_when_the_issuer_is_down() {
        let (issuer, clock, remote) = remote();
        assert!(remote.keys("1").await.is_ok());
        issuer.down.store(true, Ordering::Relaxed);
        clock.advance(Duration::from_mins(69));
        assert!(remote.keys("1").await.unwrap().has("1"));
        clock.advance(Duration::from_mins(1));
        let refused = remote.keys("1").await.unwrap_err();
        assert!(matches!(
            refused,
            TokenError::Unavailable {
                retry_after_ms: 2_000,
                ..
            }
        ));
        issuer.down.store(false, Ordering::Relaxed);
        clock.advance(Duration::from_secs(30));
        assert!(remote.keys("1").await.is_ok());
    }

    #[tokio::test]
    async fn an_issuer_that_is_down_is_asked_less_and_less() {
        let (issuer, clock, remote) = remote();
        for _ in 0..2 {
            issuer.down.store(true, Ordering::Relaxed);
            for wait_ms in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
                let asked = issuer.asked.load(Ordering::Relaxed);
                let answers = futures::future::join_all((0..10).map(|_| remote.keys("1"))).await;
                for answer in answers {
                    let Err(TokenError::Unavailable { retry_after_ms, .. }) = answer else {
                        panic!("keys of an issuer that is down");
                    };
                    assert_eq!(retry_after_ms, wait_ms);
                }
                clock.advance(Duration::from_millis(wait_ms - 1));
                assert!(remote.keys("1").await.is_err());
                assert_eq!(issuer.asked.load(Ordering::Relaxed), asked + 1);
                clock.advance(Duration::from_millis(1));
            }
            issuer.down.store(false, Ordering::Relaxed);
            assert!(remote.keys("1").await.is_ok());
            // What it fetched is of no use any more.
            clock.advance(STALE_AGE_MAX);
        }
    }

    #[tokio::test]
    async fn a_caller_who_leaves_causes_no_further_fetch() {
        let (issuer, _, remote) = remote();
        for _ in 0..5 {
            // Polled once: the issuer is asked and has not answered.
            let _ = futures::FutureExt::now_or_never(remote.keys("1"));
        }
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
    }
}
