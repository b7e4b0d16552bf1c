//! The servers of the sandbox.

/// A server of the sandbox: one outside service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// Google Places API (New).
    Places,
    /// Overpass.
    Overpass,
    /// Every web site of the town, by host.
    Sites,
    /// Brave Search.
    WebSearch,
    /// Hunter.io v2.
    HunterIo,
    /// RocketReach v2.
    RocketReach,
    /// Clearbit's person and company API v2.
    Clearbit,
    /// DNS over HTTPS, JSON form.
    Dns,
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI chat completions.
    OpenAi,
    /// Groq chat completions.
    Groq,
    /// DeepSeek chat completions.
    DeepSeek,
}

impl Endpoint {
    /// All servers.
    pub const ALL: [Self; 12] = [
        Self::Places,
        Self::Overpass,
        Self::Sites,
        Self::WebSearch,
        Self::HunterIo,
        Self::RocketReach,
        Self::Clearbit,
        Self::Dns,
        Self::Anthropic,
        Self::OpenAi,
        Self::Groq,
        Self::DeepSeek,
    ];

    /// The name in logs and counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Places => "places",
            Self::Overpass => "overpass",
            Self::Sites => "sites",
            Self::WebSearch => "web_search",
            Self::HunterIo => "hunter_io",
            Self::RocketReach => "rocketreach",
            Self::Clearbit => "clearbit",
            Self::Dns => "dns",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Groq => "groq",
            Self::DeepSeek => "deepseek",
        }
    }

    /// Whether it is a language model.
    #[must_use]
    pub const fn is_model(self) -> bool {
        matches!(
            self,
            Self::Anthropic | Self::OpenAi | Self::Groq | Self::DeepSeek
        )
    }
}
