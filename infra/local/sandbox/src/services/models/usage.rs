//! Tokens, counted from the length of texts, and the memory of prefixes that were seen before.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::dice::mix;
use crate::endpoint::Endpoint;

/// About four characters are a token.
pub(super) fn tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}

/// What a prompt costs in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prompt {
    /// All of it.
    pub(super) total: u64,
    /// Read from the cache.
    pub(super) cached: u64,
    /// Written to the cache.
    pub(super) written: u64,
}

/// Prefixes that were seen.
#[derive(Default)]
pub(super) struct Cache {
    seen: Mutex<BTreeSet<u64>>,
}

impl Cache {
    /// Counts a prompt. Prefixes below the provider's least length are never cached; OpenAI, Groq
    /// and DeepSeek cache whole blocks.
    pub(super) fn count(&self, endpoint: Endpoint, prefix: &str, record: &str) -> Prompt {
        let own = tokens(prefix);
        let total = own + tokens(record);
        let (least, block) = match endpoint {
            Endpoint::ANTHROPIC => (1_024, 1),
            Endpoint::OPENAI => (1_024, 128),
            Endpoint::GROQ => (256, 128),
            _ => (64, 64),
        };
        let cacheable = if own < least { 0 } else { own - own % block };
        let id = mix(0, &[endpoint.name, prefix]);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = !seen.insert(id);
        Prompt {
            total,
            cached: if known { cacheable } else { 0 },
            written: if known { 0 } else { cacheable },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_prefix_is_cached_from_the_second_time_on() {
        let cache = Cache::default();
        let prefix = "a".repeat(8_000);
        let first = cache.count(Endpoint::OPENAI, &prefix, "record");
        assert_eq!(
            (first.total, first.cached, first.written),
            (2_002, 0, 1_920)
        );
        let second = cache.count(Endpoint::OPENAI, &prefix, "another");
        assert_eq!((second.cached, second.written), (1_920, 0));
        assert_eq!(cache.count(Endpoint::ANTHROPIC, "short", "x").written, 0);
    }
}
