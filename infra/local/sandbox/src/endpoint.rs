//! The servers of the sandbox.

use strum::{IntoStaticStr, VariantArray};

/// A server of the sandbox: one outside service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
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
    #[strum(serialize = "rocketreach")]
    RocketReach,
    /// Clearbit's person and company API v2.
    Clearbit,
    /// DNS over HTTPS, JSON form.
    Dns,
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI chat completions.
    #[strum(serialize = "openai")]
    OpenAi,
    /// Groq chat completions.
    Groq,
    /// DeepSeek chat completions.
    #[strum(serialize = "deepseek")]
    DeepSeek,
}

impl Endpoint {
    /// All servers.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The name in logs and counters.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
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
