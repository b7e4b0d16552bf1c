//! How many calls a service allows, and how they are spaced.

use std::time::Duration;

/// So many calls in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub calls: u32,
    /// The time in which they may be made, in milliseconds; 0: no limit.
    pub per_ms: u64,
}

impl Rate {
    /// No limit of the service's own.
    pub const UNLIMITED: Self = Self {
        calls: 1,
        per_ms: 0,
    };

    /// Calls that may come at once after a rest: a fifth of the allowance.
    pub(super) const fn burst(self) -> u32 {
        let fifth = self.calls / 5;
        if fifth == 0 { 1 } else { fifth }
    }

    /// The time between calls after a burst. In any stretch of `per_ms` there are at most the burst
    /// and what the spacing lets through, together `calls`.
    pub(super) fn spacing(self) -> Duration {
        let spaced = self.calls.saturating_sub(self.burst()).saturating_add(1);
        Duration::from_millis(self.per_ms) / spaced.max(1)
    }

    /// How far ahead of an even spacing a burst may run.
    pub(super) fn ahead(self) -> Duration {
        self.spacing() * (self.burst() - 1)
    }
}
