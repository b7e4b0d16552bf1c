//! The outside services that are known.

/// An outside service.
pub(super) struct KnownService {
    /// As on meters and in price tables.
    pub(super) id: &'static str,
    /// For people.
    pub(super) name: &'static str,
    /// The secret with its key; absent where none is needed.
    pub(super) key: Option<&'static str>,
    /// What one has of it.
    pub(super) gives: &'static str,
}

const fn service(
    id: &'static str,
    name: &'static str,
    key: &'static str,
    gives: &'static str,
) -> KnownService {
    KnownService {
        id,
        name,
        key: Some(key),
        gives,
    }
}

const fn open(id: &'static str, name: &'static str, gives: &'static str) -> KnownService {
    KnownService {
        id,
        name,
        key: None,
        gives,
    }
}

/// All of them, in the order in which a run meets them.
pub(super) const SERVICES: [KnownService; 11] = [
    service(
        "google_places",
        "Google Places",
        "google_maps_api_key",
        "places with ratings",
    ),
    open("overpass", "Overpass", "places of OpenStreetMap"),
    service(
        "brave_search",
        "Brave Search",
        "brave_api_key",
        "places by web search",
    ),
    service(
        "hunter_io",
        "Hunter.io",
        "hunter_io_key",
        "people, addresses, verification",
    ),
    service(
        "rocketreach",
        "RocketReach",
        "rocketchat_key",
        "people, addresses, numbers",
    ),
    service(
        "clearbit",
        "Clearbit",
        "clearbit_key",
        "companies and people",
    ),
    open("dns", "DNS over HTTPS", "mail hosts"),
    service("anthropic", "Anthropic", "claude_api_key", "models"),
    service("openai", "OpenAI", "openai_api_key", "models"),
    service("groq", "Groq", "groq_api_key", "models"),
    service("deepseek", "DeepSeek", "deepseek_api_key", "models"),
];
