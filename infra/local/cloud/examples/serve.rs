//! The sandbox by itself: `cargo run -p hunter-cloud --example serve`.
//!
//! Prints, one per line, the variables that point a function or a program of one's own at it, and
//! serves until its standard input is closed.

#![expect(clippy::print_stdout, reason = "it prints where it listens")]

use std::io::Read;

use hunter_aws::secrets::secret_variable;
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
    for (service, endpoint, key) in hunter_cloud::wiring::played() {
        println!("{}={}", service.variable, sandbox.base_url(endpoint));
        if let (Some(secret), Some(key)) = (service.key, key) {
            println!("{}={key}", secret_variable(secret));
        }
    }
    println!("HUNTER_SITES_GATEWAY={}", sandbox.site_gateway());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    runtime.block_on(sandbox.stop());
    Ok(())
}
