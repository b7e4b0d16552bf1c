//! Makes the table of throw-away mailbox providers: the list of the crate `mailchecker` as sorted
//! hashes of 4 bytes. As text it would be five times as much of the deployed function.

use std::{env, error::Error, fs, path::Path};

#[path = "src/domain_hash.rs"]
mod domain_hash;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/domain_hash.rs");
    // The list has lines that are no domains (`404: not found`).
    let is_domain = |domain: &&str| {
        domain.contains('.')
            && domain
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
    };
    let mut hashes: Vec<u32> = mailchecker::blacklist()
        .into_iter()
        .filter(is_domain)
        .map(|domain| domain_hash::domain_hash(&domain.to_ascii_lowercase()))
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    let table: Vec<u8> = hashes.into_iter().flat_map(u32::to_be_bytes).collect();
    #[expect(
        clippy::disallowed_methods,
        reason = "how cargo tells a build script where to write"
    )]
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("disposable.bin"), table)?;
    Ok(())
}
