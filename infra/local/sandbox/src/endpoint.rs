//! The servers of the sandbox. Each look-alike names its own beside its protocol.

/// The one key that the Places server accepts.
pub(crate) const PLACES_KEY: &str = "sandbox-places-key";

/// A server of the sandbox: one outside service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    name: &'static str,
    service: Option<&'static str>,
    key: Option<&'static str>,
    is_model: bool,
}

impl Endpoint {
    /// Google Places API (New).
    pub const PLACES: Self = Self::of("google_places")
        .named("places")
        .with_key(PLACES_KEY);
    /// Overpass.
    pub const OVERPASS: Self = Self::of("overpass");
    /// Every web site of the town, by host.
    pub const SITES: Self = Self {
        name: "sites",
        service: None,
        key: None,
        is_model: false,
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

    /// With another name in logs and counters.
    pub(crate) const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// With the key that it takes.
    pub(crate) const fn with_key(self, key: &'static str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// The name in logs and counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The service that it looks like, as in `google_places`; absent for the web sites.
    #[must_use]
    pub const fn service(self) -> Option<&'static str> {
        self.service
    }

    /// The key that it takes, where it wants one.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        self.key
    }

    /// Whether it is a language model.
    #[must_use]
    pub const fn is_model(self) -> bool {
        self.is_model
    }
}
