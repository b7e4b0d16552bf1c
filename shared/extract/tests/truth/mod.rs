//! Where the real data lies, how it is read, and what it is known to hold.

use std::path::{Path, PathBuf};

use hunter_extract::{
    PageFacts, PageInput, PostFound, SiteFacts, SitemapFacts, assemble, extract_feed, extract_page,
    extract_sitemap,
};
use jiff::Timestamp;
use serde_json::Value;

/// The folder with real data, next to the project; nothing when it is not there.
pub(crate) fn realworld() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no folder with real data");
    None
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn input<'a>(url: &'a str, body: &'a [u8], fetched_at: Timestamp) -> PageInput<'a> {
    PageInput {
        url,
        content_type: None,
        last_modified: None,
        body,
        fetched_at,
    }
}

pub(crate) fn site(folder: &Path, host: &str, at: Timestamp) -> (SiteFacts, Vec<PageFacts>) {
    let mut pages = Vec::new();
    let mut feeds: Vec<Vec<PostFound>> = Vec::new();
    let mut sitemaps: Vec<SitemapFacts> = Vec::new();
    for file in files(folder) {
        let path = file
            .strip_prefix(folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let path = path.trim_end_matches("index.html").to_owned();
        let host = if host.contains('.') {
            host.to_owned()
        } else {
            format!("{host}.com")
        };
        let url = format!("https://{host}/{path}");
        let body = std::fs::read(&file).unwrap();
        let input = input(&url, &body, at);
        if path.contains("feed/") || path.ends_with(".atom") {
            feeds.push(extract_feed(&input));
        } else if path.ends_with(".xml") {
            sitemaps.push(extract_sitemap(&input));
        } else if !path.ends_with(".txt") {
            pages.push(extract_page(&input, None));
        }
    }
    (assemble(&pages, &feeds, &sitemaps, at), pages)
}

pub(crate) fn snapshot(truth: &Value) -> Timestamp {
    let day = truth["snapshot"].as_str().unwrap_or("2025-06-01");
    format!("{day}T12:00:00Z").parse().unwrap()
}

/// What a page's date should be: the change, or else the publication.
pub(crate) fn expected_date(expected: &Value) -> Option<Option<String>> {
    let tests = expected["htmldate_realworld_tests"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let by = |wanted: &dyn Fn(&Value) -> bool| {
        let test = tests.iter().find(|t| wanted(&t["args"]))?;
        Some(test["expected"].as_str().map(str::to_owned))
    };
    by(&|a| a["original_date"] == Value::Bool(false))
        .or_else(|| by(&|a| a.as_object().is_some_and(serde_json::Map::is_empty)))
        .or_else(|| Some(Some(expected["publication_date"].as_str()?.to_owned())))
}

/// A page whose date is known.
pub(crate) struct DatedPage {
    /// Below `pages/`.
    pub(crate) file: String,
    pub(crate) url: String,
    /// The change, or else the publication; nothing where no date must be found.
    pub(crate) expected: Option<String>,
    /// Whether nothing is known of a change.
    pub(crate) only_publication: bool,
}

pub(crate) fn dated_pages(folder: &Path) -> Vec<DatedPage> {
    let index = std::fs::read(folder.join("pages/index.json")).unwrap();
    let index: Vec<Value> = serde_json::from_slice(&index).unwrap();
    let dated = |entry: &Value| {
        let expected = expected_date(&entry["expected"])?;
        let tests = entry.pointer("/expected/htmldate_realworld_tests");
        let of_change =
            |test: &Value| test.pointer("/args/original_date") == Some(&Value::Bool(false));
        Some(DatedPage {
            file: entry["file"].as_str()?.to_owned(),
            url: entry["url"]
                .as_str()
                .unwrap_or("https://unknown.example/")
                .to_owned(),
            expected,
            only_publication: !tests
                .and_then(Value::as_array)
                .is_some_and(|tests| tests.iter().any(of_change)),
        })
    };
    index.iter().filter_map(dated).collect()
}
