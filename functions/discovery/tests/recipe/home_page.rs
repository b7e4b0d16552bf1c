//! What a look at a lead's home page changes.

use hunter_core::ports::SiteFetcher;
use hunter_core::recipe::Recipe;
use std::sync::Arc;

use discovery::Discovery;
use hunter_contracts::*;
use hunter_core::{ports::RawPlace, recipe::Outcome};

use crate::{
    agent, context,
    doubles::Sites,
    held, payload, run, run_with,
    town::{DENTIST, TOWN, record, small_town},
};

const ACTIVE_HOME: &str = r#"<!doctype html><html lang="en"><head><title>Adler Dental</title>
<meta property="article:modified_time" content="2026-02-20T09:00:00+00:00">
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>
<nav><a href="/contact">Contact</a> <a href="/blog">Blog</a></nav>
<main><h1>Adler Dental</h1><p>We are a family practice in the old town of Musterstadt.</p>
<article><h2><a href="/blog/laser">Laser treatment without pain</a></h2>
<time datetime="2026-02-18">18 February 2026</time></article>
<article><h2><a href="/blog/hours">New evening hours for families</a></h2>
<time datetime="2026-01-05">5 January 2026</time></article>
<p>Write to <a href="mailto:hello@adler.example.at">hello@adler.example.at</a></p></main>
</body></html>"#;

#[tokio::test]
async fn a_look_at_the_home_page_raises_an_active_business_and_stays_with_the_lead() {
    let asked = payload("dentists", Some("Musterstadt"));
    let blind = run(small_town(), asked.clone()).await;
    let mut sites = Sites::default();
    sites
        .pages
        .insert("www.adler.example.at".into(), ACTIVE_HOME.into());
    let outcome = run_with(held(small_town()), sites, agent(), asked).await;
    let find = |outcome: &Outcome<DiscoveryData>, id: &str| {
        let mut leads = outcome.data.leads.iter();
        leads
            .find(|l| l.source_id.as_deref() == Some(id))
            .unwrap()
            .clone()
    };
    let adler = find(&outcome, "node/1");
    assert!(adler.lead_score > find(&blind, "node/1").lead_score);
    assert_eq!(
        adler.quality_tier,
        Some(QualityTier::Gold),
        "{:#?}",
        adler.score_reasons
    );
    let home = adler.home.as_ref().unwrap();
    assert_eq!(
        (home.url.as_str(), home.cause),
        ("https://www.adler.example.at/", None)
    );
    assert!(
        home.contact_links.iter().any(|l| l.ends_with("/contact")),
        "{home:?}"
    );
    assert!(home.feed_links.iter().any(|l| l.ends_with("/feed.xml")));
    let emails: Vec<&str> = adler
        .emails
        .iter()
        .flatten()
        .map(|e| e.email.as_str())
        .collect();
    assert!(emails.contains(&"hello@adler.example.at"), "{emails:?}");
    assert!(emails.contains(&"praxis@adler.example.at"));
    // A site that is down costs its lead a little, never the step.
    let dorn = find(&outcome, "node/5");
    assert_eq!(dorn.home.unwrap().cause, Some(Cause::Unreachable));
    assert_eq!(dorn.absent["website_metadata"], Cause::Unreachable);
    let berger = find(&outcome, "node/3");
    assert_eq!(berger.absent["website_metadata"], Cause::NoWebsite);
    assert_eq!(berger.home, None);
}

#[tokio::test]
async fn a_shared_site_is_fetched_once() {
    let branches: Vec<RawPlace> = (0..20)
        .map(|i| {
            let street = format!("Gasse {i}");
            let phone = format!("+43 662 87{:04}", 100 + i);
            record(
                &format!("node/{i}"),
                "Chain",
                (47.8 + f64::from(i) * 0.02, 13.0),
                &[
                    DENTIST,
                    TOWN,
                    ("addr:street", &street),
                    ("website", "chain.example.at"),
                    ("phone", &phone),
                ],
            )
        })
        .collect();
    let sites = Arc::new(Sites::default());
    let recipe = Discovery::new(Arc::new(held(branches)), sites.clone());
    let outcome = recipe
        .run(&context(agent()), payload("dentists", None))
        .await
        .unwrap();
    assert_eq!(outcome.data.summary.qualified_leads, 20);
    assert_eq!(sites.requests(), 1);
}
