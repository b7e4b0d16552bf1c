//! The clients against real servers on this machine.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and says when it is skipped"
)]

mod google;
mod google_grid;
mod overpass;
mod sandbox;
mod server;
mod sites;
mod sources;
mod web_search;

use std::{path::PathBuf, sync::Arc};

use hunter_contracts::TenantId;
use hunter_core::{
    ports::{ManualClock, PlaceQuery},
    recipe::Caller,
};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-01-02T03:04:05Z".parse().unwrap()))
}

/// Somebody with a meter of their own.
fn caller() -> Caller {
    Caller::new(TenantId::new("cust_1").unwrap())
}

fn query(terms: &[&str], location: &str, max_results: u32, depth: u8) -> PlaceQuery {
    PlaceQuery {
        terms: terms.iter().map(|t| (*t).to_owned()).collect(),
        tags: Vec::new(),
        location: Some(location.to_owned()),
        max_results,
        depth,
    }
}

/// A file of the real-world data, where it is present.
fn recorded(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld");
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: `{path}` of the real-world data is not here");
    None
}
