//! The generated town: the same for the same seed, and as mixed as it claims.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use hunter_sandbox::{Category, Charset, Focus, SiteKind, Town, TownCity, TownOptions, Trap};
use jiff::Timestamp;

fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

fn town(seed: u64, businesses: usize) -> Town {
    Town::generate(TownOptions {
        businesses,
        ..TownOptions::new(seed, now())
    })
}

#[test]
fn a_small_town_reads_like_this() {
    let town = town(7, 12);
    let lines: Vec<String> = town
        .businesses()
        .iter()
        .map(|b| {
            format!(
                "{} | {:?} | {}, {} | {:?} | {} | {} e-mails | {} posts: {} | {:?}",
                b.name,
                b.category,
                b.district,
                b.city,
                b.site,
                b.website_url.as_deref().unwrap_or("-"),
                b.emails.len(),
                b.posts.len(),
                b.posts.first().map_or("-", |post| post.title.as_str()),
                b.traps,
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_town_and_another_seed_another() {
    let summary = |town: &Town| serde_json::to_string(town.businesses()).unwrap();
    assert_eq!(summary(&town(3, 150)), summary(&town(3, 150)));
    assert_ne!(summary(&town(3, 150)), summary(&town(4, 150)));
}

#[test]
fn four_hundred_businesses_have_every_kind_of_site_trap_and_charset() {
    let town = town(5, 400);
    let sites: BTreeSet<SiteKind> = town.businesses().iter().map(|b| b.site).collect();
    assert_eq!(sites.len(), 16, "{sites:?}");
    let traps: BTreeSet<Trap> = town
        .businesses()
        .iter()
        .flat_map(|b| b.traps.iter().copied())
        .collect();
    assert_eq!(traps.len(), 18, "{traps:?}");
    let charsets: BTreeSet<Charset> = town.businesses().iter().map(|b| b.charset).collect();
    assert_eq!(charsets.len(), 4, "{charsets:?}");
    let countries: BTreeSet<&str> = town.businesses().iter().map(|b| b.country).collect();
    assert!(countries.len() >= 10, "{countries:?}");
}

#[test]
fn hosts_and_addresses_are_under_reserved_names() {
    for business in town(9, 400).businesses() {
        if let Some(host) = &business.website {
            assert!(
                host.ends_with(".example") || host.ends_with(".test"),
                "{host}"
            );
            assert!(host.is_ascii(), "{host}");
        }
        for email in &business.emails {
            let host = email.address.split_once('@').unwrap().1;
            assert_eq!(Some(host), business.website.as_deref());
        }
    }
}

#[test]
fn repeated_listings_share_telephone_and_site() {
    let town = town(2, 400);
    let copies: Vec<_> = town
        .businesses()
        .iter()
        .filter(|b| b.duplicate_of.is_some())
        .collect();
    assert!(copies.len() >= 5, "{}", copies.len());
    for copy in copies {
        let original = town
            .by_place_id(copy.duplicate_of.as_deref().unwrap())
            .unwrap();
        assert_eq!(copy.phones, original.phones);
        assert_eq!(copy.website, original.website);
        assert_ne!(copy.place_id, original.place_id);
        assert_ne!(copy.name, original.name);
    }
    // Nobody else shares a telephone.
    let mut by_phone: BTreeMap<&str, usize> = BTreeMap::new();
    for business in town
        .businesses()
        .iter()
        .filter(|b| b.duplicate_of.is_none())
    {
        for phone in &business.phones {
            *by_phone.entry(&phone.international).or_default() += 1;
        }
    }
    assert!(by_phone.values().all(|count| *count == 1));
}

#[test]
fn posts_are_specific_and_differ_between_businesses() {
    let focus = Focus {
        category: Category::Dentist,
        city: TownCity::named("Mumbai").unwrap(),
    };
    let options = TownOptions {
        businesses: 200,
        focus: Some(focus),
        ..TownOptions::new(8, now())
    };
    let town = Town::generate(options);
    let own = town
        .businesses()
        .iter()
        .filter(|b| b.duplicate_of.is_none() && b.chain_of.is_none());
    let titles: Vec<&str> = own
        .filter_map(|b| b.newest_post(now()))
        .map(|post| post.title.as_str())
        .collect();
    let different: BTreeSet<&str> = titles.iter().copied().collect();
    assert!(titles.len() > 100);
    assert!(
        different.len() * 100 >= titles.len() * 90,
        "{} of {}",
        different.len(),
        titles.len()
    );
    for business in town.businesses() {
        for post in &business.posts {
            assert!(
                !post.title.contains('{') && !post.body.contains('{'),
                "{post:?}"
            );
            assert!(!post.slug.is_empty());
        }
    }
}

#[test]
fn five_thousand_businesses_have_their_own_hosts_and_ids() {
    let focus = Focus {
        category: Category::Dentist,
        city: TownCity::named("Mumbai").unwrap(),
    };
    let options = TownOptions {
        businesses: 5_000,
        focus: Some(focus),
        ..TownOptions::new(1, now())
    };
    let town = Town::generate(options);
    assert_eq!(town.businesses().len(), 5_000);
    let ids: BTreeSet<&str> = town
        .businesses()
        .iter()
        .map(|b| b.place_id.as_str())
        .collect();
    assert_eq!(ids.len(), 5_000);
    let own = town
        .businesses()
        .iter()
        .filter(|b| b.duplicate_of.is_none() && b.chain_of.is_none());
    let hosts: Vec<&String> = own.filter_map(|b| b.website.as_ref()).collect();
    assert_eq!(hosts.iter().collect::<BTreeSet<_>>().len(), hosts.len());
}
