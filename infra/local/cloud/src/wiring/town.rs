//! The sandbox in place of the outside services: its addresses and its keys.

use std::collections::BTreeMap;

use hunter_contracts::{ErrorCode, RecipeFailure};
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
            RecipeFailure::new(
                ErrorCode::ConnectionError,
                format!("the sandbox cannot start: {error}"),
            )
        })
}

/// A service that the sandbox plays.
struct Played {
    service: &'static str,
    endpoint: Endpoint,
    kind: Kind,
    /// The secret and the value that the sandbox takes for it.
    key: Option<(&'static str, &'static str)>,
}

#[derive(PartialEq, Eq)]
enum Kind {
    Places,
    Contacts,
    Model,
}

const fn played(
    service: &'static str,
    endpoint: Endpoint,
    kind: Kind,
    key: Option<(&'static str, &'static str)>,
) -> Played {
    Played {
        service,
        endpoint,
        kind,
        key,
    }
}

const PLAYED: [Played; 11] = {
    use Kind::{Contacts, Model, Places};
    const PLACES: (&str, &str) = ("google_maps_api_key", Sandbox::PLACES_API_KEY);
    const BRAVE: (&str, &str) = ("brave_api_key", Sandbox::BRAVE_API_KEY);
    const HUNTER_IO: (&str, &str) = ("hunter_io_key", Sandbox::HUNTER_IO_KEY);
    const ROCKETREACH: (&str, &str) = ("rocketchat_key", Sandbox::ROCKETREACH_KEY);
    const CLEARBIT: (&str, &str) = ("clearbit_key", Sandbox::CLEARBIT_KEY);
    const ANTHROPIC: (&str, &str) = ("claude_api_key", Sandbox::ANTHROPIC_KEY);
    const OPENAI: (&str, &str) = ("openai_api_key", Sandbox::OPENAI_KEY);
    const GROQ: (&str, &str) = ("groq_api_key", Sandbox::GROQ_KEY);
    const DEEPSEEK: (&str, &str) = ("deepseek_api_key", Sandbox::DEEPSEEK_KEY);
    [
        played("google_places", Endpoint::Places, Places, Some(PLACES)),
        played("overpass", Endpoint::Overpass, Places, None),
        played("brave_search", Endpoint::WebSearch, Places, Some(BRAVE)),
        played("hunter_io", Endpoint::HunterIo, Contacts, Some(HUNTER_IO)),
        played(
            "rocketreach",
            Endpoint::RocketReach,
            Contacts,
            Some(ROCKETREACH),
        ),
        played("clearbit", Endpoint::Clearbit, Contacts, Some(CLEARBIT)),
        played("dns", Endpoint::Dns, Contacts, None),
        played("anthropic", Endpoint::Anthropic, Model, Some(ANTHROPIC)),
        played("openai", Endpoint::OpenAi, Model, Some(OPENAI)),
        played("groq", Endpoint::Groq, Model, Some(GROQ)),
        played("deepseek", Endpoint::DeepSeek, Model, Some(DEEPSEEK)),
    ]
};

fn plays(spec: &OutsideSpec) -> impl Iterator<Item = &'static Played> {
    let (contacts, models) = (spec.contacts, spec.models);
    PLAYED.iter().filter(move |played| match played.kind {
        Kind::Places => true,
        Kind::Contacts => contacts == ServiceMode::Sandbox,
        Kind::Model => models == ServiceMode::Sandbox,
    })
}

/// The sandbox's addresses for the services that it plays, by service.
pub(super) fn addresses(spec: &OutsideSpec, sandbox: &Sandbox) -> BTreeMap<&'static str, String> {
    plays(spec)
        .map(|played| (played.service, sandbox.base_url(played.endpoint)))
        .collect()
}

/// The keys of the services that the sandbox plays.
pub(super) fn keys(spec: &OutsideSpec) -> Vec<(&'static str, &'static str)> {
    plays(spec).filter_map(|played| played.key).collect()
}
