//! The sandbox by itself: `cargo run -p hunter-sandbox --example serve`.
//!
//! Prints, one per line, the variables that point a function or a program of one's own at it, and
//! serves until its standard input is closed.

#![expect(clippy::print_stdout, reason = "it prints where it listens")]

use std::io::Read;

use hunter_sandbox::{Endpoint, Faults, Sandbox, Town, TownOptions};
use jiff::Timestamp;

/// Businesses of the town.
const BUSINESSES: usize = 60;
/// The same town every time, as in the scenarios.
const SEED: u64 = 7;

/// The variables that name the services' addresses.
const SERVICES: [(Endpoint, &str); 11] = [
    (Endpoint::Places, "HUNTER_GOOGLE_PLACES_URL"),
    (Endpoint::Overpass, "HUNTER_OVERPASS_URL"),
    (Endpoint::WebSearch, "HUNTER_BRAVE_URL"),
    (Endpoint::HunterIo, "HUNTER_HUNTER_IO_URL"),
    (Endpoint::RocketReach, "HUNTER_ROCKETREACH_URL"),
    (Endpoint::Clearbit, "HUNTER_CLEARBIT_URL"),
    (Endpoint::Dns, "HUNTER_DNS_URL"),
    (Endpoint::Anthropic, "HUNTER_ANTHROPIC_URL"),
    (Endpoint::OpenAi, "HUNTER_OPENAI_URL"),
    (Endpoint::Groq, "HUNTER_GROQ_URL"),
    (Endpoint::DeepSeek, "HUNTER_DEEPSEEK_URL"),
];
/// The variables that hold the keys that it takes.
const KEYS: [(&str, &str); 9] = [
    ("HUNTER_SECRET_GOOGLE_MAPS_API_KEY", Sandbox::PLACES_API_KEY),
    ("HUNTER_SECRET_BRAVE_API_KEY", Sandbox::BRAVE_API_KEY),
    ("HUNTER_SECRET_HUNTER_IO_KEY", Sandbox::HUNTER_IO_KEY),
    ("HUNTER_SECRET_ROCKETCHAT_KEY", Sandbox::ROCKETREACH_KEY),
    ("HUNTER_SECRET_CLEARBIT_KEY", Sandbox::CLEARBIT_KEY),
    ("HUNTER_SECRET_CLAUDE_API_KEY", Sandbox::ANTHROPIC_KEY),
    ("HUNTER_SECRET_OPENAI_API_KEY", Sandbox::OPENAI_KEY),
    ("HUNTER_SECRET_GROQ_API_KEY", Sandbox::GROQ_KEY),
    ("HUNTER_SECRET_DEEPSEEK_API_KEY", Sandbox::DEEPSEEK_KEY),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The age of web sites is counted from a day that stands still, so that the town does, too.
    let day: Timestamp = "2025-12-15T12:00:00Z".parse()?;
    let mut options = TownOptions::new(SEED, day);
    options.businesses = BUSINESSES;
    let runtime = tokio::runtime::Runtime::new()?;
    let sandbox = runtime.block_on(Sandbox::start(Town::generate(options), Faults::default()))?;
    for (endpoint, variable) in SERVICES {
        println!("{variable}={}", sandbox.base_url(endpoint));
    }
    println!("HUNTER_SITES_GATEWAY={}", sandbox.site_gateway());
    for (variable, key) in KEYS {
        println!("{variable}={key}");
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    runtime.block_on(sandbox.stop());
    Ok(())
}
