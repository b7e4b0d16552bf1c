//! The recipe over a web of a few pages: what is read, what is charged, and why something is
//! missing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::{
    Cause, EnrichmentLevel, ErrorCode, HomeLook, IntelligencePayload, Lead, LeadId, LeadRank,
    LeadsData, RecipeId, Score,
};
use hunter_core::{
    ports::{FetchFailure, FetchedPage, ManualClock, SiteFetcher},
    recipe::{Context, Outcome, Recipe},
    test_support::agent,
};
use intelligence::Intelligence;
use jiff::Timestamp;

fn now() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

/// Pages by address; everything else answers with a cause.
struct Web {
    pages: BTreeMap<&'static str, &'static str>,
    otherwise: Cause,
    asked: Mutex<Vec<String>>,
}

impl Web {
    fn new(otherwise: Cause, pages: &[(&'static str, &'static str)]) -> Arc<Self> {
        let pages = pages.iter().copied().collect();
        Arc::new(Self {
            pages,
            otherwise,
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }
}

#[async_trait]
impl SiteFetcher for Web {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        self.asked.lock().unwrap().push(url.to_owned());
        let Some(body) = self.pages.get(url) else {
            return Err(FetchFailure {
                cause: self.otherwise,
                message: format!("nothing at {url}"),
                retryable: false,
            });
        };
        Ok(FetchedPage {
            url: url.to_owned(),
            status: 200,
            content_type: Some("text/html; charset=utf-8".into()),
            last_modified: None,
            body: body.as_bytes().to_vec(),
            fetched_at: now(),
        })
    }

    async fn sitemaps(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn requests(&self) -> u64 {
        self.asked.lock().unwrap().len() as u64
    }
}

fn lead(website: Option<&str>, score: f64, position: u32) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", "1"));
    lead.name = Some("Praxis am Park".into());
    lead.website = website.map(str::to_owned);
    lead.lead_score = Some(Score::clamped(score));
    lead.rank = Some(LeadRank { position, of: 10 });
    lead
}

async fn run(web: &Arc<Web>, leads: Vec<Lead>) -> Outcome<LeadsData> {
    let recipe = Intelligence::new(web.clone());
    let clock = Arc::new(ManualClock::new(now()));
    let store = Embedded::start(clock.clone()).await.tenant("cust_001");
    let context = Context::for_test(RecipeId::Intelligence, store, clock, agent());
    let payload = IntelligencePayload {
        leads,
        leads_ref: None,
        enrichment_level: None,
    };
    recipe.run(&context, payload).await.unwrap()
}

const HOME: &str = "<html lang=de><title>Praxis</title><a href=\"/kontakt/\">Kontakt</a></html>";
const CONTACT: &str =
    "<html lang=de><a href=\"mailto:info@praxis-park.de\">Schreiben Sie uns</a></html>";

#[tokio::test]
async fn an_address_on_the_contact_page_is_found_with_its_evidence_and_charged() {
    let web = Web::new(
        Cause::NotFound,
        &[
            ("praxis-park.de", HOME),
            ("https://praxis-park.de/", HOME),
            ("https://praxis-park.de/kontakt/", CONTACT),
        ],
    );
    let mut asked = lead(None, 0.7, 9);
    asked.website = Some("https://praxis-park.de/".into());
    let outcome = run(&web, vec![asked]).await;
    let found = &outcome.data.leads[0];
    let email = &found.emails.as_ref().unwrap()[0];
    assert_eq!(email.email.as_str(), "info@praxis-park.de");
    assert_eq!(
        email.evidence.as_ref().unwrap().url,
        "https://praxis-park.de/kontakt/"
    );
    assert_eq!(found.enrichment_level, Some(EnrichmentLevel::Standard));
    assert_eq!((outcome.records_failed, outcome.charges.len()), (0, 1));
    assert!(!found.absent.contains_key("emails"));
}

#[tokio::test]
async fn a_home_page_that_discovery_read_is_not_read_again() {
    let web = Web::new(
        Cause::NotFound,
        &[("https://praxis-park.de/kontakt/", CONTACT)],
    );
    let mut known = lead(Some("praxis-park.de"), 0.7, 9);
    known.home = Some(HomeLook {
        url: "https://praxis-park.de/".into(),
        fetched_at: now(),
        cause: None,
        contact_links: vec!["https://praxis-park.de/kontakt/".into()],
        feed_links: vec![],
        blog_links: vec![],
    });
    let outcome = run(&web, vec![known]).await;
    assert_eq!(web.asked(), ["https://praxis-park.de/kontakt/"]);
    assert_eq!(outcome.charges.len(), 1);
}

#[tokio::test]
async fn what_keeps_us_out_is_a_cause_of_its_own_and_costs_nothing() {
    for (cause, code) in [
        (Cause::Robots, ErrorCode::RobotsDisallowed),
        (Cause::Blocked, ErrorCode::SiteBlocked),
        (Cause::Unreachable, ErrorCode::SiteUnreachable),
        (Cause::Offline, ErrorCode::EmailNotFound),
    ] {
        let web = Web::new(cause, &[]);
        let outcome = run(&web, vec![lead(Some("praxis-park.de"), 0.9, 1)]).await;
        assert_eq!(outcome.errors[0].error_code, code, "{cause:?}");
        assert_eq!(outcome.data.leads[0].absent["emails"], cause);
        assert_eq!(
            (outcome.records_failed, outcome.charges.len()),
            (1, 0),
            "{cause:?}"
        );
    }
}

#[tokio::test]
async fn below_the_threshold_nothing_is_looked_at_and_nothing_is_charged() {
    let web = Web::new(Cause::NotFound, &[]);
    let outcome = run(&web, vec![lead(Some("praxis-park.de"), 0.4, 10)]).await;
    assert!(web.asked().is_empty());
    assert_eq!(outcome.data.leads[0].absent["emails"], Cause::SkippedByTier);
    assert_eq!((outcome.records_processed, outcome.charges.len()), (0, 0));
}

#[tokio::test]
async fn without_a_site_the_lead_says_so() {
    let web = Web::new(Cause::NotFound, &[]);
    let outcome = run(&web, vec![lead(None, 0.7, 9)]).await;
    assert_eq!(outcome.data.leads[0].absent["website"], Cause::NoWebsite);
    assert_eq!(outcome.errors[0].error_code, ErrorCode::EmailNotFound);
    assert!(outcome.charges.is_empty());
}
