//! The servers of the sandbox. Each look-alike names its own beside its protocol.

/// The one key that the Places server accepts.
pub(crate) const PLACES_KEY: &str = "sandbox-places-key";

/// A server of the sandbox: one outside service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The name in logs and counters.
    pub name: &'static str,
    /// The service that it looks like, as in `google_places`; absent for the web sites.
    pub service: Option<&'static str>,
    /// The key that it takes, where it wants one.
    pub key: Option<&'static str>,
    /// Whether it is a language model.
    pub is_model: bool,
}

impl Endpoint {
    /// Google Places API (New).
    pub const PLACES: Self = Self {
        name: "places",
        ..Self::of("google_places").with_key(PLACES_KEY)
    };
    /// Overpass.
    pub const OVERPASS: Self = Self::of("overpass");
    /// Every web site of the town, by host.
    pub const SITES: Self = Self {
        service: None,
        ..Self::of("sites")
    };

    /// A server that looks like the service of an id.
    pub(crate) const fn of(service: &'static str) -> Self {
        Self {
            name: service,
            service: Some(service),
            key: None,
            is_model: false,
        }
    }

    /// A language model, and the key that it takes.
    pub(crate) const fn model(service: &'static str, key: &'static str) -> Self {
        Self {
            is_model: true,
            ..Self::of(service).with_key(key)
        }
    }

    /// With the key that it takes.
    pub(crate) const fn with_key(self, key: &'static str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }
}
