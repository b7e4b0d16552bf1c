//! Deterministic keys: the same effect has the same key, so any step may run twice.

use hunter_contracts::{DraftId, ExecutionId, LeadId, TenantId};
use sha2::{Digest, Sha256};

/// SHA-256 over length-prefixed parts, in hex. Prefixes keep `("ab","c")` and `("a","bc")` apart.
#[must_use]
pub fn derived_key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The first 20 hex digits (80 bits) of [`derived_key`]: enough for ids within one tenant.
#[must_use]
pub fn short_key(parts: &[&str]) -> String {
    let key = derived_key(parts);
    key.get(..20).unwrap_or(&key).to_owned()
}

/// The id of a lead: the same for the same record of the same source.
#[must_use]
pub fn lead_id(source: &str, source_id: &str) -> LeadId {
    LeadId::derived("lead", &short_key(&[source, source_id]))
}

/// The id of a draft: one per run, lead and channel.
#[must_use]
pub fn draft_id(
    tenant: &TenantId,
    execution: &ExecutionId,
    lead: &LeadId,
    channel: &str,
) -> DraftId {
    let parts = [tenant.as_str(), execution.as_str(), lead.as_str(), channel];
    DraftId::derived("outreach", &short_key(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_of_parts_matters() {
        assert_ne!(derived_key(&["ab", "c"]), derived_key(&["a", "bc"]));
        assert_eq!(derived_key(&["ab", "c"]), derived_key(&["ab", "c"]));
    }
}
