//! The world is the same, byte for byte, for the same seed: towns, their people, pages and
//! addresses, and what models say. A hash that changes here changes runs that people compare.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use crate::services::{places, sites};
use crate::town::{Business, Category, Focus, Page, Town, TownCity, TownOptions};
use crate::wire::{Answer, Request};

/// Of a page that is too large on purpose, this much is hashed.
const PAGE_MAX: usize = 50_000;

fn town(seed: u64, businesses: usize, focus: Option<Focus>) -> Town {
    Town::generate(TownOptions {
        seed,
        businesses,
        now: "2026-03-01T09:00:00Z".parse().unwrap(),
        focus,
    })
}

async fn page(town: &Town, host: &str, path: &str) -> (u16, Bytes) {
    let request = Request {
        method: Method::GET,
        uri: format!("http://{host}{path}").parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        attempt: 1,
    };
    match sites::answer(town, &request) {
        Answer::Reply(response) => {
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, body.slice(..body.len().min(PAGE_MAX)))
        }
        Answer::Close => (0, Bytes::new()),
    }
}

fn paths(business: &Business) -> Vec<String> {
    const PAGES: [Page; 8] = [
        Page::Home,
        Page::About,
        Page::Contact,
        Page::Services,
        Page::News,
        Page::Careers,
        Page::Imprint,
        Page::Feed,
    ];
    let own = PAGES.iter().filter_map(|page| business.page_path(*page));
    let posts = business.posts.iter().filter_map(|p| business.post_path(p));
    let machines = ["/robots.txt", "/sitemap.xml", "/page-sitemap.xml", "/none"];
    own.chain(posts)
        .chain(machines.map(str::to_owned))
        .collect()
}

/// What the town knows, what its sites show and how the search finds its businesses.
async fn hashes(town: &Town) -> String {
    let mut known = Sha256::new();
    let mut shown = Sha256::new();
    for business in town.businesses() {
        known.update(serde_json::to_string(business).unwrap());
        known.update(serde_json::to_string(&business.colleagues()).unwrap());
        known.update(format!("{:?}", business.mail_domain()));
        for path in paths(business) {
            let host = business.website.as_deref().unwrap_or("none.example");
            let (status, body) = page(town, host, &path).await;
            shown.update(format!("{path} {status}\n"));
            shown.update(body);
        }
    }
    format!("{} {}", short(known), short(shown))
}

fn short(hash: Sha256) -> String {
    let bytes = hash.finalize();
    bytes.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[tokio::test]
async fn towns_are_the_same_byte_for_byte() {
    let mut lines = Vec::new();
    for (seed, businesses) in [(1, 200), (7, 300), (42, 120)] {
        let town = town(seed, businesses, None);
        lines.push(format!("seed {seed}: {}", hashes(&town).await));
    }
    for name in TownCity::names() {
        for (seed, &category) in Category::ALL.iter().enumerate() {
            let city = TownCity::named(name).unwrap();
            let focus = Focus { category, city };
            let town = town(seed as u64, 12, Some(focus));
            let hash = hashes(&town).await;
            lines.push(format!("{name}, {}: {hash}", category.english()));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn kinds_are_called_the_same() {
    let mut hash = Sha256::new();
    for kind in Category::ALL {
        hash.update(format!("{:?}", kind.terms().google_types));
        hash.update(format!("{:?}", kind.terms().osm_tags));
        hash.update(format!("{:?}", kind.terms().synonyms));
    }
    let town = town(3, 250, None);
    let searches = [
        "dentist in Mumbai",
        "Zahnarzt München",
        "大阪の歯科医院",
        "hotels",
        "Lyon",
    ];
    for search in searches {
        for found in places::matching(&town, search) {
            hash.update(&found.place_id);
            hash.update(format!("{:?}", found.description()));
            hash.update(format!("{:?}", found.category.terms().industry));
        }
    }
    assert_eq!(short(hash), "489102da0bcafdd9");
}
