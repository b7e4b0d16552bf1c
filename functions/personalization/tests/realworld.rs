//! Messages for real businesses and real titles; runs where `../shared/realworld` is at hand.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test may panic and says when it is skipped; its helpers are shared"
)]

mod support;

use std::path::{Path, PathBuf};

use hunter_contracts::{FactKind::*, *};
use support::*;

fn realworld(part: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld");
    let path = root.join(part);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no real data at {part}");
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// Businesses of an OpenStreetMap extract: properties or tags.
fn businesses() -> Vec<Lead> {
    let Some(folder) = realworld("overpass") else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut leads = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        let list = json.get("features").or(json.get("elements"));
        for item in list.and_then(|l| l.as_array()).into_iter().flatten() {
            let Some(tags) = item.get("properties").or(item.get("tags")) else {
                continue;
            };
            let tag = |key: &str| tags.get(key).and_then(|v| v.as_str());
            let Some(name) = tag("name") else { continue };
            let category = ["amenity", "shop", "office", "tourism", "healthcare"];
            let facts: Vec<(FactKind, &str, Option<&str>)> = category
                .iter()
                .find_map(|key| tag(key))
                .map(|v| (Category, v, None))
                .into_iter()
                .chain(tag("addr:city").map(|v| (Locality, v, None)))
                .chain(tag("opening_hours").map(|v| (OpeningHours, v, None)))
                .chain(tag("cuisine").map(|v| (Speciality, v, None)))
                .collect();
            leads.push(lead(&leads.len().to_string(), name, &facts));
        }
    }
    leads
}

#[tokio::test]
async fn real_businesses_are_greeted_by_name() {
    let leads = businesses();
    let (mut written, mut nameless, mut held, mut failed) = (0, Vec::new(), 0, 0);
    // Every twentieth chunk is enough.
    for chunk in leads.chunks(25).step_by(20) {
        let outcome = run(agent(), chunk.to_vec()).await;
        for lead in &outcome.data.leads {
            let Some(message) = &lead.message else {
                failed += 1;
                continue;
            };
            written += 1;
            held += usize::from(message.held_back.is_some());
            assert!(
                message.text.split_whitespace().count() <= 75,
                "{}",
                message.text
            );
            if message.text.starts_with("Hello,") {
                nameless.push(lead.name.clone().unwrap());
            }
        }
    }
    println!("{written} written, {held} held back, {failed} without facts, nameless: {nameless:?}");
    assert!(nameless.len() * 50 <= written, "{nameless:?}");
    assert!(held * 10 <= written, "{held} of {written} held back");
}

#[tokio::test]
async fn real_titles_are_quoted_as_they_stand() {
    let Some(folder) = realworld("feeds") else {
        return;
    };
    let title = regex::Regex::new(r"(?s)<title[^>]*>(?:<!\[CDATA\[)?([^<\]]{3,200})").unwrap();
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut titles = std::collections::BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for found in title.captures_iter(&text) {
            let value = found.get(1).unwrap().as_str().trim().to_owned();
            if !value.contains('&') && value.len() > 3 {
                titles.insert(value);
            }
        }
    }
    let mut refused = Vec::new();
    for value in &titles {
        let facts = [(BlogPost, value.as_str(), Some("2025-12-01"))];
        let outcome = run(agent(), vec![lead("t", "Apollo Dental", &facts)]).await;
        let message = outcome.data.leads.first().unwrap().message.clone();
        match message {
            None => refused.push(value),
            Some(message) => {
                let (_, quote) = message.text.split_once('“').unwrap();
                let (quote, _) = quote.split_once('”').unwrap();
                let plain = value.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(
                    plain.contains(quote.trim_end_matches('…')),
                    "{value}: {quote}"
                );
            }
        }
    }
    println!("{} titles, refused: {refused:#?}", titles.len());
    assert!(refused.len() * 5 <= titles.len(), "{refused:#?}");
}
