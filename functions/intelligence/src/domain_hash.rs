//! The hash of the table of throw-away mailbox providers; the build script uses it too.

/// FNV-1a of 64 bits, folded to 32. With 50,000 domains in the table, one of 80,000 other domains is
/// taken for one of them.
pub(crate) const fn domain_hash(domain: &str) -> u32 {
    let bytes = domain.as_bytes();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        hash ^= byte as u64;
        hash = hash.wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    (hash ^ (hash >> 32)) as u32
}
