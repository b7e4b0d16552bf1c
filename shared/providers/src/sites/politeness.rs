//! What is remembered per host: its robots rules, how many requests run, and when the next may.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hunter_core::ports::Clock;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use tokio::sync::{OnceCell, Semaphore};

use super::robots::Robots;
use crate::http;

/// Hosts that are remembered at once; the ones not in use make room.
const HOSTS_MAX: usize = 4_096;
/// RFC 9309 §2.4: rules are kept for a day at most.
const ROBOTS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// A robots.txt that could not be had is asked for again after this.
const FAILURE_KEPT: Duration = Duration::from_secs(5 * 60);
/// How long a host is left alone that answers 429 without saying for how long.
const REST: Duration = Duration::from_secs(30);
/// A longer `Retry-After` counts as this.
const REST_MAX: Duration = Duration::from_secs(60 * 60);

/// A host.
pub(crate) struct Host {
    pub(crate) robots: OnceCell<Robots>,
    pub(crate) gate: Semaphore,
    next_at: Mutex<Option<Timestamp>>,
    resting: Mutex<Option<Timestamp>>,
    since: Timestamp,
}

impl Host {
    fn new(per_host_max: usize, since: Timestamp) -> Self {
        Self {
            robots: OnceCell::new(),
            gate: Semaphore::new(per_host_max.max(1)),
            next_at: Mutex::new(None),
            resting: Mutex::new(None),
            since,
        }
    }

    fn expired(&self, now: Timestamp) -> bool {
        let kept = match self.robots.get() {
            Some(Robots::Unknown(_)) => FAILURE_KEPT,
            Some(_) => ROBOTS_KEPT,
            None => return false,
        };
        self.since.checked_add(kept).is_ok_and(|end| end <= now)
    }

    /// Takes an answer's wish to be left alone: 429, or 503 with `Retry-After` (RFC 6585 §4, RFC
    /// 9110 §15.6.4).
    pub(crate) fn heed(&self, status: u16, headers: &HeaderMap, now: Timestamp) {
        let asked = http::retry_after_ms(headers, now).map(Duration::from_millis);
        let rest = match (status, asked) {
            (429, asked) => asked.unwrap_or(REST),
            (503, Some(asked)) => asked,
            _ => return,
        };
        let until = now.checked_add(rest.min(REST_MAX)).ok();
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        *resting = (*resting).max(until);
    }

    /// Until when the host is left alone, where it is.
    pub(crate) fn resting_until(&self, now: Timestamp) -> Option<Timestamp> {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.filter(|until| *until > now)
    }

    /// What a host is known by when its rules are asked for again.
    fn anew(&self, per_host_max: usize, now: Timestamp) -> Self {
        let anew = Self::new(per_host_max, now);
        for (old, new) in [
            (&self.next_at, &anew.next_at),
            (&self.resting, &anew.resting),
        ] {
            let known = *old.lock().unwrap_or_else(PoisonError::into_inner);
            *new.lock().unwrap_or_else(PoisonError::into_inner) = known;
        }
        anew
    }

    /// Books the next moment at which the host may be asked, and how long to wait for it.
    pub(crate) fn book(&self, delay: Duration, now: Timestamp) -> Duration {
        if delay.is_zero() {
            return Duration::ZERO;
        }
        let mut next_at = self.next_at.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next_at.map_or(now, |next| next.max(now));
        *next_at = at.checked_add(delay).ok();
        Duration::try_from(at.duration_since(now)).unwrap_or_default()
    }
}

/// All hosts.
pub(crate) struct Hosts {
    hosts: Mutex<HashMap<String, Arc<Host>>>,
    per_host_max: usize,
    clock: Arc<dyn Clock>,
}

impl Hosts {
    pub(crate) fn new(per_host_max: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            hosts: Mutex::new(HashMap::new()),
            per_host_max,
            clock,
        }
    }

    /// The host of an address: scheme, name and port, as robots.txt is per all three.
    pub(crate) fn get(&self, url: &url::Url) -> Arc<Host> {
        let key = url.origin().ascii_serialization();
        let now = self.clock.now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host = hosts
            .entry(key)
            .or_insert_with(|| Arc::new(Host::new(self.per_host_max, now)));
        if host.expired(now) {
            *host = Arc::new(host.anew(self.per_host_max, now));
        }
        Arc::clone(host)
    }
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::ManualClock;

    use super::*;

    #[test]
    fn waits_add_up_and_run_out() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let host = Host::new(2, now);
        let second = Duration::from_secs(1);
        assert_eq!(host.book(second, now), Duration::ZERO);
        assert_eq!(host.book(second, now), second);
        assert_eq!(host.book(second, now), second * 2);
        let later = now.checked_add(second * 10).unwrap();
        assert_eq!(host.book(second, later), Duration::ZERO);
    }

    #[test]
    fn a_host_is_left_alone_as_long_as_it_asks() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let rest = |status: u16, value: Option<&'static str>| {
            let host = Host::new(2, now);
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(reqwest::header::RETRY_AFTER, value.parse().unwrap());
            }
            host.heed(status, &headers, now);
            let until = host.anew(2, now).resting_until(now)?;
            Some(until.duration_since(now).as_secs())
        };
        assert_eq!(rest(429, None), Some(30));
        assert_eq!(rest(429, Some("soon")), Some(30));
        assert_eq!(rest(429, Some("7")), Some(7));
        assert_eq!(rest(429, Some("99999999999999999999")), Some(3_600));
        assert_eq!(rest(503, Some("Thu, 01 Jan 2026 00:10:00 GMT")), Some(600));
        assert_eq!(rest(429, Some("0")), None);
        assert_eq!(rest(503, None), None);
        assert_eq!(rest(200, Some("7")), None);
    }

    #[test]
    fn rules_are_forgotten_after_a_day() {
        let clock = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
        let hosts = Hosts::new(2, Arc::new(clock.clone()));
        let url = url::Url::parse("https://a.de/x").unwrap();
        let first = hosts.get(&url);
        assert!(first.robots.set(Robots::AllowAll).is_ok());
        clock.advance(Duration::from_secs(23 * 60 * 60));
        let other = url::Url::parse("https://a.de/y").unwrap();
        assert!(Arc::ptr_eq(&first, &hosts.get(&other)));
        clock.advance(Duration::from_secs(2 * 60 * 60));
        assert!(!Arc::ptr_eq(&first, &hosts.get(&url)));
    }
}
