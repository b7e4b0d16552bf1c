//! The sandbox in place of the outside services: its addresses and its keys.

use std::collections::BTreeMap;

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_providers::{Kind, ServiceSpec};
use hunter_sandbox::{Category, Endpoint, Faults, Focus, Sandbox, Town, TownCity, TownOptions};
use jiff::Timestamp;

use crate::spec::{OutsideSpec, SandboxSpec, ServiceMode};

/// Up to this many businesses the town is a mix of many cities and kinds.
const TOWN_MIXED_MAX: usize = 1_000;

/// Starts the generated town as of a day.
///
/// # Errors
/// When a port cannot be had.
pub async fn start(spec: &SandboxSpec, now: Timestamp) -> Result<Sandbox, RecipeFailure> {
    let mut options = TownOptions::new(spec.seed, now);
    options.businesses = spec.town;
    if spec.town > TOWN_MIXED_MAX {
        // A large town is one city's dentists, so that a search can find them all.
        options.focus = TownCity::named("Mumbai").map(|city| Focus {
            category: Category::Dentist,
            city,
        });
    }
    let mut faults = Faults::none();
    faults.seed = spec.seed;
    faults.latency_p50_ms = spec.latency_ms;
    faults.crawl_latency_ms = spec.crawl_latency_ms;
    faults.model_latency_ms = spec.model_latency_ms;
    faults.model_error_rate = spec.model_error_rate;
    Sandbox::start(Town::generate(options), faults)
        .await
        .map_err(|error| {
            let failure =
                RecipeFailure::new(ErrorCode::ConnectionError, "the sandbox cannot start");
            failure.caused_by(error)
        })
}

/// The services that the sandbox plays: each with its server, and the key that it takes.
pub fn played() -> impl Iterator<Item = (&'static ServiceSpec, Endpoint, Option<&'static str>)> {
    let row = |endpoint: Endpoint| {
        let service = hunter_providers::service(endpoint.service?)?;
        Some((service, endpoint, endpoint.key))
    };
    Sandbox::endpoints().filter_map(row)
}

/// Those of them that are wanted.
fn plays(
    spec: &OutsideSpec,
) -> impl Iterator<Item = (&'static ServiceSpec, Endpoint, Option<&'static str>)> {
    let (contacts, models) = (spec.contacts, spec.models);
    played().filter(move |(service, ..)| match service.kind {
        Kind::Places => true,
        Kind::Contacts(_) | Kind::MailHosts => contacts == ServiceMode::Sandbox,
        Kind::Models => models == ServiceMode::Sandbox,
    })
}

/// The sandbox's addresses for the services that it plays, by service.
pub(super) fn addresses(spec: &OutsideSpec, sandbox: &Sandbox) -> BTreeMap<&'static str, String> {
    plays(spec)
        .map(|(service, endpoint, _)| (service.id, sandbox.base_url(endpoint)))
        .collect()
}

/// The keys of the services that the sandbox plays, by secret.
pub(super) fn keys(spec: &OutsideSpec) -> Vec<(&'static str, &'static str)> {
    plays(spec)
        .filter_map(|(service, _, key)| service.key.zip(key))
        .collect()
}
