//! Asks each service for the least that it charges for.

use std::time::Instant;

use futures::{StreamExt, stream};
use hunter_contracts::{Dollars, ErrorCode, RecipeFailure};
use hunter_providers::{SERVICES, ServiceSpec};
use serde::Serialize;

use super::Doctor;

/// Services that are asked at once.
const AT_ONCE: usize = 4;

/// How a service answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum Answer {
    /// It answered as it should.
    Ok,
    /// It refused the key, or the account has nothing left.
    Refused,
    /// It did not answer, or not now.
    Unreachable,
    /// It was not asked: no key is set.
    #[strum(serialize = "no key")]
    NoKey,
    /// It was not asked, since it counts every question.
    #[strum(serialize = "not asked")]
    NotAsked,
}

impl Answer {
    /// What a failure means: a service that answers is there.
    const fn of(code: ErrorCode) -> Self {
        match code {
            ErrorCode::Timeout
            | ErrorCode::ConnectionError
            | ErrorCode::ApiUnavailable
            | ErrorCode::ApiRateLimit
            | ErrorCode::ApiBadResponse => Self::Unreachable,
            _ => Self::Refused,
        }
    }
}

/// A service that was asked.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    /// The service.
    pub service: &'static str,
    /// For people.
    pub name: &'static str,
    /// How it answered.
    pub answer: Answer,
    /// What it said, or why not.
    pub said: String,
    /// The code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// How long it took; absent where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// What the question cost.
    pub cost: Dollars,
}

/// Asks all services that `has_key` lets be asked; tells of each as it answers. In the order of a
/// run.
pub(super) async fn all(
    doctor: &Doctor<'_>,
    has_key: &dyn Fn(Option<&str>) -> bool,
    told: &(dyn Fn(&Probe) + Sync),
) -> Result<Vec<Probe>, RecipeFailure> {
    let asked = SERVICES.iter().map(|service| {
        let held = has_key(service.key);
        async move {
            let probe = match held {
                true => ask(doctor, service).await,
                false => not_asked(service),
            };
            told(&probe);
            probe
        }
    });
    let pending: Vec<_> = asked.collect();
    Ok(stream::iter(pending).buffered(AT_ONCE).collect().await)
}

fn not_asked(service: &ServiceSpec) -> Probe {
    Probe {
        service: service.id,
        name: service.name,
        answer: Answer::NoKey,
        said: format!("`{}` is not set", service.key.unwrap_or_default()),
        error_code: None,
        latency_ms: None,
        cost: Dollars::ZERO,
    }
}

async fn ask(doctor: &Doctor<'_>, service: &ServiceSpec) -> Probe {
    let caller = doctor.caller();
    let begun = Instant::now();
    let file = doctor.services.settings.models_file.as_deref();
    let answered = doctor
        .services
        .providers()
        .probe(&caller, service.id, file)
        .await;
    let latency_ms = u64::try_from(begun.elapsed().as_millis()).ok();
    let (answer, said, error_code) = match answered {
        // The adapter sends nothing: there is no question that is free.
        Ok(said) if caller.meter.calls() == 0 => (Answer::NotAsked, said, None),
        Ok(said) => (Answer::Ok, said, None),
        Err(failure) => (Answer::of(failure.code), failure.told(), Some(failure.code)),
    };
    Probe {
        service: service.id,
        name: service.name,
        answer,
        said,
        error_code,
        latency_ms,
        cost: caller.meter.cost(),
    }
}
