//! The sandbox by itself: `cargo run -p hunter-sandbox --example serve`.
//!
//! Prints, one per line, the variables that point a function or a program of one's own at it, and
//! serves until its standard input is closed.

#![expect(clippy::print_stdout, reason = "it prints where it listens")]

use std::io::Read;

use hunter_sandbox::{Faults, Sandbox, Town, TownOptions};
use jiff::Timestamp;

/// Businesses of the town.
const BUSINESSES: usize = 60;
/// The same town every time, as in the scenarios.
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The age of web sites is counted from a day that stands still, so that the town does, too.
    let day: Timestamp = "2025-12-15T12:00:00Z".parse()?;
    let mut options = TownOptions::new(SEED, day);
    options.businesses = BUSINESSES;
    let runtime = tokio::runtime::Runtime::new()?;
    let sandbox = runtime.block_on(Sandbox::start(Town::generate(options), Faults::default()))?;
    let without_slash = |url: url::Url| url.as_str().trim_end_matches('/').to_owned();
    println!(
        "HUNTER_GOOGLE_PLACES_URL={}",
        without_slash(sandbox.places_url())
    );
    println!(
        "HUNTER_OVERPASS_URL={}",
        without_slash(sandbox.overpass_url())
    );
    println!("HUNTER_SITES_GATEWAY={}", sandbox.site_gateway());
    println!(
        "HUNTER_SECRET_GOOGLE_MAPS_API_KEY={}",
        Sandbox::PLACES_API_KEY
    );
    std::io::stdin().read_to_end(&mut Vec::new())?;
    runtime.block_on(sandbox.stop());
    Ok(())
}
