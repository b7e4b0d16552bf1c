//! What `cargo xtask bench extract` compares: what the extractors find on real pages and sites, as
//! JSON, beside what is known of them. Prints `null` where the folder with real data is not there.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark prints and may stop"
)]

#[path = "../tests/truth/mod.rs"]
mod truth;

use std::{collections::BTreeSet, path::Path, time::Instant};

use hunter_extract::{SiteFacts, extract_page};
use serde_json::{Value, json};
use truth::{dated_pages, input, realworld, site, snapshot};

fn main() {
    println!(
        "{:#}",
        realworld().map_or(Value::Null, |folder| report(&folder))
    );
}

fn report(folder: &Path) -> Value {
    let text = std::fs::read(folder.join("pages/sites_truth.json")).expect("the sites' truth");
    let text: Value = serde_json::from_slice(&text).expect("JSON");
    let mut sites = Vec::new();
    for (host, truth) in text.get("sites").and_then(Value::as_object).expect("sites") {
        let saved = folder.join("pages/sites").join(host);
        let (facts, pages) = site(&saved, host, snapshot(truth));
        let mut addresses: BTreeSet<String> = BTreeSet::new();
        for page in &pages {
            addresses.extend(page.emails.kept.iter().map(|e| e.address.to_string()));
        }
        sites.push(json!({
            "host": host,
            "emails": emails(truth, &addresses),
            "posts": posts(truth, &facts),
        }));
    }
    json!({
        "folder": folder.canonicalize().expect("a path").join("pages"),
        "pages": pages(folder),
        "sites": sites,
    })
}

/// The dated pages, with what is found; the time is that of reading the page for everything.
fn pages(folder: &Path) -> Vec<Value> {
    let at = "2026-06-01T12:00:00Z".parse().expect("a time");
    let read = |page: truth::DatedPage| {
        let body = std::fs::read(folder.join("pages").join(&page.file)).expect("a saved page");
        let begun = Instant::now();
        let facts = extract_page(&input(&page.url, &body, at), None);
        let elapsed = begun.elapsed();
        let day = |d: Option<&hunter_extract::DateFound>| d.map(|d| d.date.to_string());
        json!({
            "file": page.file,
            "url": page.url,
            "expected": page.expected,
            "only_publication": page.only_publication,
            "found": day(facts.dates.last_updated()),
            "published": day(facts.dates.published.as_ref()),
            "ms": elapsed.as_secs_f64() * 1e3,
        })
    };
    dated_pages(folder).into_iter().map(read).collect()
}

/// Addresses right, wrong and missed; nothing where the truth says nothing.
fn emails(truth: &Value, found: &BTreeSet<String>) -> Value {
    let counts = |right: usize, all: usize| json!({"right": right, "wrong": found.len() - right, "missed": all.saturating_sub(right)});
    match &truth["email"] {
        Value::Array(lines) => {
            let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
            let mut wanted: BTreeSet<&str> = BTreeSet::new();
            for line in &lines {
                wanted.extend(line.split(' ').filter(|word| word.contains('@')));
                // "… and a gmail address": whichever it is.
                if line.contains("a gmail address") {
                    let gmail = found.iter().find(|a| a.ends_with("@gmail.com"));
                    wanted.insert(gmail.map_or("@gmail.com", String::as_str));
                }
            }
            let right = wanted.iter().filter(|w| found.contains(**w)).count();
            counts(right, wanted.len())
        }
        // "17 role addresses": a count is all that is known.
        Value::String(text) => {
            let all: usize = text
                .split(' ')
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0);
            counts(found.len().min(all), all)
        }
        _ => Value::Null,
    }
}

/// Posts right, wrong and missed, by their number; and dates of posts that are known.
fn posts(truth: &Value, facts: &SiteFacts) -> Value {
    let known = truth["blog_posts"]
        .as_u64()
        .or(truth["real_posts"].as_u64());
    let Some(all) = known else {
        return Value::Null;
    };
    let found = u64::from(facts.metadata.blog_posts_count.unwrap_or(0));
    let recent = &facts.metadata.recent_posts;
    let latest = recent.first().and_then(|p| p.date).map(|d| d.to_string());
    let mut dates = Vec::new();
    if let Some(wanted) = truth["latest_post"].as_str() {
        dates.push(latest.as_deref() == Some(wanted));
    }
    for (path, wanted) in truth["posts"].as_object().into_iter().flatten() {
        let post = recent.iter().find(|p| p.url.contains(path.as_str()));
        let date = post.and_then(|p| p.date).map(|d| d.to_string());
        dates.push(date.as_deref() == wanted.as_str());
    }
    json!({
        "right": found.min(all),
        "wrong": found.saturating_sub(all),
        "missed": all.saturating_sub(found),
        "dates_right": dates.iter().filter(|right| **right).count(),
        "dates": dates.len(),
    })
}
