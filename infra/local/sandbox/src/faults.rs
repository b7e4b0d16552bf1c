//! Latency and faults: what happens to a request is a function of the seed, the request and how
//! often it was tried, so that a failing run can be repeated.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::dice::{Dice, mix};
use crate::endpoint::Endpoint;

/// What goes wrong, and how slow it all is. [`Faults::none`] is fast and healthy.
#[derive(Debug, Clone)]
pub struct Faults {
    /// Seed of delays and faults, apart from the town's seed.
    pub seed: u64,
    /// Median latency of Places and Overpass; single answers vary about log-normally between a
    /// third of it and ten times it. 0 answers at once.
    pub latency_p50_ms: u64,
    /// Median latency of web sites, likewise.
    pub crawl_latency_ms: u64,
    /// How many times slower the sites are whose kind is slow.
    pub slow_site_factor: u64,
    /// Share of API requests (0 to 1) whose first attempts fail.
    pub error_rate: f64,
    /// Median latency of models, likewise.
    pub model_latency_ms: u64,
    /// Share of requests to models (0 to 1) whose first attempts fail.
    pub model_error_rate: f64,
    /// How models behave whose key does not say otherwise.
    pub model_mode: ModelMode,
    /// Share of pages (0 to 1) whose first attempts fail.
    pub site_error_rate: f64,
    /// A failing request fails this many times at most, then succeeds. 0 means it never
    /// succeeds.
    pub error_burst_max: u64,
    /// After so many API calls to one endpoint the next ones are answered with 429; then the
    /// count starts again. Counted in order of arrival.
    pub rate_limit_after: Option<u64>,
    /// How many calls are turned away each time.
    pub rate_limit_rejections: u64,
    /// Share of Overpass queries (0 to 1) that time out in the server: HTTP 200 with a remark
    /// and no elements. They repeat like other failures.
    pub overpass_timeout_rate: f64,
    /// Share of requests (0 to 1) to `body_fault_servers` whose first answers are right, but whose
    /// bodies do not come as they should. They repeat like other failures.
    pub body_fault_rate: f64,
    /// The kinds of body faults to draw from.
    pub body_faults: Vec<BodyFault>,
    /// The servers whose bodies are at fault; absent: all.
    pub body_fault_servers: Option<Vec<Endpoint>>,
    /// Body faults by order of arrival: the how-many-eth request to a server, from 1, meets with
    /// which. A script goes before what is drawn.
    pub body_script: Vec<(Endpoint, u64, BodyFault)>,
    /// How long a slow body takes.
    pub slow_body_ms: u64,
    /// How long a server is silent that has done its work, before it closes the connection.
    pub silence_ms: u64,
}

/// How the models of a sandbox behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ModelMode {
    /// Says what the facts say, and judges as the rules do.
    #[default]
    Honest,
    /// Invents numbers, names, recency and links in some answers.
    Careless,
    /// Does whatever any text in the data tells it to: the worst case.
    Obedient,
}

/// What goes wrong with the body of an answer that is right otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub enum BodyFault {
    /// It comes in pieces, with a pause before each.
    Slow,
    /// It ends in the middle, with a length that fits.
    Truncated,
    /// 100 MB of blanks come after it.
    Huge,
    /// The connection breaks in the middle of it.
    Reset,
    /// The work is done and nothing is said.
    SuccessThenTimeout,
}

impl BodyFault {
    /// All kinds.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;
}

impl Faults {
    /// No delay and no fault.
    #[must_use]
    pub fn none() -> Self {
        Self {
            seed: 0,
            latency_p50_ms: 0,
            crawl_latency_ms: 0,
            slow_site_factor: 20,
            error_rate: 0.0,
            model_latency_ms: 0,
            model_error_rate: 0.0,
            model_mode: ModelMode::Honest,
            site_error_rate: 0.0,
            error_burst_max: 2,
            rate_limit_after: None,
            rate_limit_rejections: 3,
            overpass_timeout_rate: 0.0,
            body_fault_rate: 0.0,
            body_faults: BodyFault::ALL.to_vec(),
            body_fault_servers: None,
            body_script: Vec::new(),
            slow_body_ms: 5_000,
            silence_ms: 60_000,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::none()
    }
}

/// A fault that strikes one attempt of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Too many calls.
    RateLimited,
    /// The service fails: 500 or 503, 504 for Overpass.
    ServerError,
    /// Overpass gives up inside the query.
    QueryTimeout,
    /// The connection closes without an answer.
    ConnectionClosed,
}

/// What happens to one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
    /// What happens to the answer's body, where there is no fault.
    pub(crate) body: Option<BodyFault>,
    /// The how-many-eth time this is that the same is asked, from 1.
    pub(crate) attempt: u64,
}

/// Remembers attempts and calls; decides about each.
pub(crate) struct Judge {
    faults: Faults,
    attempts: Mutex<HashMap<u64, u64>>,
    calls: Mutex<HashMap<Endpoint, u64>>,
    arrivals: Mutex<HashMap<Endpoint, u64>>,
}

impl Judge {
    pub(crate) fn new(faults: Faults) -> Self {
        Self {
            faults,
            attempts: Mutex::default(),
            calls: Mutex::default(),
            arrivals: Mutex::default(),
        }
    }

    /// Decides about the next attempt of the request that `key` names.
    pub(crate) fn decide(&self, endpoint: Endpoint, key: &str, slow: bool) -> Verdict {
        let id = mix(self.faults.seed, &[endpoint.name, key]);
        let attempt = {
            let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            let attempt = attempts.entry(id).or_default();
            *attempt += 1;
            *attempt
        };
        let factor = if slow {
            self.faults.slow_site_factor
        } else {
            1
        };
        let delay = self
            .faults
            .delay(endpoint, id, attempt)
            .saturating_mul(factor as u32);
        let fault = if self.over_limit(endpoint) {
            Some(Fault::RateLimited)
        } else {
            self.faults.fault(endpoint, id, attempt)
        };
        let scripted = self.scripted(endpoint);
        let body = scripted.or_else(|| self.faults.body_fault(endpoint, id, attempt));
        Verdict {
            delay,
            fault,
            body,
            attempt,
        }
    }

    fn scripted(&self, endpoint: Endpoint) -> Option<BodyFault> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let arrived = arrivals.entry(endpoint).or_default();
        *arrived += 1;
        let script = &self.faults.body_script;
        let line = script
            .iter()
            .find(|(server, nth, _)| (*server, nth) == (endpoint, arrived));
        line.map(|(_, _, fault)| *fault)
    }

    fn over_limit(&self, endpoint: Endpoint) -> bool {
        let (Some(limit), false) = (self.faults.rate_limit_after, endpoint == Endpoint::SITES)
        else {
            return false;
        };
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = calls.entry(endpoint).or_default();
        *calls += 1;
        if *calls > limit + self.faults.rate_limit_rejections {
            *calls = 1;
        }
        *calls > limit
    }
}

impl Faults {
    fn body_fault(&self, endpoint: Endpoint, id: u64, attempt: u64) -> Option<BodyFault> {
        let spared = |servers: &Vec<Endpoint>| !servers.contains(&endpoint);
        if self.body_faults.is_empty() || self.body_fault_servers.as_ref().is_some_and(spared) {
            return None;
        }
        let mut dice = Dice::keyed(self.seed, &["body", &id.to_string()]);
        let (drawn, length, kind) = (dice.unit(), dice.next(), dice.next());
        if drawn >= self.body_fault_rate || attempt > self.burst(length) {
            return None;
        }
        let kinds = self.body_faults.len() as u64;
        let kind = usize::try_from(kind % kinds).unwrap_or(0);
        self.body_faults.get(kind).copied()
    }

    /// How often a request fails before it succeeds.
    fn burst(&self, drawn: u64) -> u64 {
        match self.error_burst_max {
            0 => u64::MAX,
            most => 1 + drawn % most,
        }
    }

    fn delay(&self, endpoint: Endpoint, id: u64, attempt: u64) -> Duration {
        let median = match endpoint {
            Endpoint::SITES => self.crawl_latency_ms,
            model if model.is_model => self.model_latency_ms,
            _ => self.latency_p50_ms,
        };
        if median == 0 {
            return Duration::ZERO;
        }
        let mut dice = Dice::keyed(self.seed, &["delay", &id.to_string(), &attempt.to_string()]);
        // The sum of twelve uniform numbers less six is close to a standard normal number.
        let normal: f64 = (0..12).map(|_| dice.unit()).sum::<f64>() - 6.0;
        let factor = (0.5 * normal).exp().clamp(1.0 / 3.0, 10.0);
        Duration::from_secs_f64(median as f64 * factor / 1_000.0)
    }

    fn fault(&self, endpoint: Endpoint, id: u64, attempt: u64) -> Option<Fault> {
        let mut dice = Dice::keyed(self.seed, &["fault", &id.to_string()]);
        let (timeout, error, length, kind) = (dice.unit(), dice.unit(), dice.next(), dice.unit());
        if attempt > self.burst(length) {
            return None;
        }
        if endpoint == Endpoint::OVERPASS && timeout < self.overpass_timeout_rate {
            return Some(Fault::QueryTimeout);
        }
        let rate = match endpoint {
            Endpoint::SITES => self.site_error_rate,
            model if model.is_model => self.model_error_rate,
            _ => self.error_rate,
        };
        if error >= rate {
            return None;
        }
        Some(match (endpoint, kind < 0.5) {
            (Endpoint::SITES, true) => Fault::ConnectionClosed,
            (_, true) => Fault::RateLimited,
            (_, false) => Fault::ServerError,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaky() -> Faults {
        Faults {
            seed: 3,
            latency_p50_ms: 100,
            error_rate: 0.5,
            error_burst_max: 2,
            ..Faults::none()
        }
    }

    #[test]
    fn the_same_attempt_of_the_same_request_always_fares_alike() {
        let (one, other) = (Judge::new(flaky()), Judge::new(flaky()));
        // Another order of arrival changes nothing.
        let keys: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let forwards: Vec<Verdict> = keys
            .iter()
            .map(|key| one.decide(Endpoint::PLACES, key, false))
            .collect();
        let mut backwards: Vec<Verdict> = keys
            .iter()
            .rev()
            .map(|key| other.decide(Endpoint::PLACES, key, false))
            .collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        assert!(forwards.iter().any(|verdict| verdict.fault.is_some()));
        assert!(forwards.iter().any(|verdict| verdict.fault.is_none()));
    }

    #[test]
    fn bursts_end() {
        let judge = Judge::new(flaky());
        for key in 0..50 {
            let faults = (0..3)
                .filter(|_| {
                    judge
                        .decide(Endpoint::PLACES, &key.to_string(), false)
                        .fault
                        .is_some()
                })
                .count();
            assert!(faults <= 2, "request {key} failed {faults} times");
        }
    }

    #[test]
    fn a_rate_limit_turns_away_and_lets_in_again() {
        let faults = Faults {
            rate_limit_after: Some(2),
            rate_limit_rejections: 1,
            ..Faults::none()
        };
        let judge = Judge::new(faults);
        let limited: Vec<bool> = (0..6)
            .map(|_| judge.decide(Endpoint::PLACES, "q", false).fault == Some(Fault::RateLimited))
            .collect();
        assert_eq!(limited, [false, false, true, false, false, true]);
        assert_eq!(judge.decide(Endpoint::SITES, "q", false).fault, None);
    }

    #[test]
    fn body_faults_are_drawn_by_the_seed_and_end() {
        let faults = Faults {
            seed: 5,
            body_fault_rate: 0.5,
            body_fault_servers: Some(vec![Endpoint::HUNTER_IO]),
            ..Faults::none()
        };
        let (one, other) = (Judge::new(faults.clone()), Judge::new(faults));
        let mut kinds = Vec::new();
        for key in 0..100 {
            let ask =
                |judge: &Judge, endpoint| judge.decide(endpoint, &key.to_string(), false).body;
            let drawn: Vec<_> = (0..3).map(|_| ask(&one, Endpoint::HUNTER_IO)).collect();
            assert_eq!(drawn[0], ask(&other, Endpoint::HUNTER_IO));
            assert_eq!(drawn[2], None);
            assert_eq!(ask(&one, Endpoint::DNS), None);
            kinds.extend(drawn[0]);
        }
        assert!((35..=65).contains(&kinds.len()), "{}", kinds.len());
        assert!(BodyFault::ALL.iter().all(|kind| kinds.contains(kind)));
    }

    #[test]
    fn a_script_strikes_by_order_of_arrival() {
        let judge = Judge::new(Faults {
            body_script: vec![
                (Endpoint::PLACES, 2, BodyFault::Reset),
                (Endpoint::SITES, 1, BodyFault::Slow),
            ],
            ..Faults::none()
        });
        let ask = |endpoint, key| judge.decide(endpoint, key, false).body;
        assert_eq!(ask(Endpoint::PLACES, "a"), None);
        assert_eq!(ask(Endpoint::SITES, "a"), Some(BodyFault::Slow));
        assert_eq!(ask(Endpoint::PLACES, "b"), Some(BodyFault::Reset));
        assert_eq!(ask(Endpoint::PLACES, "b"), None);
    }

    #[test]
    fn slow_sites_take_many_times_as_long() {
        let faults = Faults {
            crawl_latency_ms: 10,
            slow_site_factor: 20,
            ..Faults::none()
        };
        let usual = Judge::new(faults.clone())
            .decide(Endpoint::SITES, "a.example/", false)
            .delay;
        let slow = Judge::new(faults)
            .decide(Endpoint::SITES, "a.example/", true)
            .delay;
        assert_eq!(slow, usual * 20);
    }

    #[test]
    fn the_median_delay_is_near_the_one_asked_for() {
        let judge = Judge::new(flaky());
        let mut delays: Vec<u128> = (0..401)
            .map(|n| {
                judge
                    .decide(Endpoint::PLACES, &n.to_string(), false)
                    .delay
                    .as_millis()
            })
            .collect();
        delays.sort_unstable();
        assert!((85..=115).contains(&delays[200]), "median {}", delays[200]);
        assert!(delays[400] > 200, "longest {}", delays[400]);
    }
}
