//! The whole recipe on a source of hand-made records.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod doubles;
mod home_page;
mod models;
mod scores;
mod town;

use hunter_core::recipe::Recipe;
use std::sync::Arc;

use discovery::{Discovery, Screening};
use doubles::{FixedPlaces, Sites, now};
use hunter_contracts::*;
use hunter_core::{
    ports::{ManualClock, PlaceBatch, RawPlace},
    recipe::{AiComponent, Context, Decision, Outcome},
    test_support::StoreDown,
};
use proptest::prelude::*;
use serde_json::json;
use town::small_town;

fn agent() -> AgentConfig {
    serde_json::from_value(json!({
        "agent_id": "agent_1",
        "name": "Test",
        "seller": {
            "company": "Seller", "offer": "help clinics", "ask": "Worth a call?",
            "sender_name": "Ann",
        },
        "ideal_customer": { "excluded_words": ["closed club"] },
    }))
    .unwrap()
}

fn payload(keyword: &str, location: Option<&str>) -> DiscoveryPayload {
    DiscoveryPayload {
        keywords: vec![keyword.into()],
        location: location.map(str::to_owned),
        business_type: None,
        depth: None,
        max_results: None,
        source: None,
    }
}

fn held(places: Vec<RawPlace>) -> FixedPlaces {
    FixedPlaces {
        batch: PlaceBatch {
            places,
            unusable: vec![RejectedRecord {
                source_id: "#11".into(),
                name: None,
                kind: RejectionKind::Unusable,
                reason: "untagged geometry node".into(),
            }],
            limits_reached: Vec::new(),
            attribution: Some("© OpenStreetMap contributors".into()),
            ..PlaceBatch::default()
        },
        ..FixedPlaces::default()
    }
}

fn context(agent: AgentConfig) -> Context {
    // Discovery does not touch the store: whatever it asked, it would be refused.
    let store = Arc::new(StoreDown::default());
    let clock = Arc::new(ManualClock::new(now()));
    Context::for_test(RecipeId::Discovery, store, clock, agent)
}

async fn run_with(
    source: FixedPlaces,
    sites: Sites,
    agent: AgentConfig,
    payload: DiscoveryPayload,
) -> Outcome<DiscoveryData> {
    let recipe = Discovery::new(Arc::new(source), Arc::new(sites));
    let outcome = recipe.run(&context(agent), payload).await.unwrap();
    check_account(&outcome);
    outcome
}

async fn run(places: Vec<RawPlace>, payload: DiscoveryPayload) -> Outcome<DiscoveryData> {
    let mut agent = agent();
    agent.scoring.look_at_home_page = false;
    run_with(held(places), Sites::default(), agent, payload).await
}

/// What holds for every outcome.
fn check_account(outcome: &Outcome<DiscoveryData>) {
    let summary = &outcome.data.summary;
    let parts = summary.unusable
        + summary.not_matching
        + summary.duplicates
        + summary.over_limit
        + summary.filtered_out
        + summary.qualified_leads;
    assert_eq!(summary.total_discovered, parts);
    assert_eq!(summary.qualified_leads, outcome.data.leads.len() as u64);
    let screened = summary.qualified_leads + summary.filtered_out;
    assert_eq!(outcome.records_processed, screened);
    assert_eq!(outcome.charges.len() as u64, screened);
    let counted: u64 = summary.reasons.values().sum();
    assert_eq!(
        counted,
        summary.unusable + summary.not_matching + summary.duplicates
    );
    assert!(outcome.data.rejected.iter().all(|r| !r.reason.is_empty()));
    for pair in outcome.data.leads.windows(2) {
        assert!(pair[0].lead_score >= pair[1].lead_score, "best first");
    }
    for lead in &outcome.data.leads {
        for part in ["business maturity", "intent signals", "fit match"] {
            assert!(lead.score_reasons.iter().any(|r| r.starts_with(part)));
        }
    }
}

fn reason<'a>(outcome: &'a Outcome<DiscoveryData>, id: &str) -> &'a RejectedRecord {
    outcome
        .data
        .rejected
        .iter()
        .find(|r| r.source_id == id)
        .unwrap()
}

#[tokio::test]
async fn a_small_town() {
    let outcome = run(small_town(), payload("dentists", Some("Musterstadt"))).await;
    insta::assert_json_snapshot!(outcome.data);
}

#[tokio::test]
async fn every_record_that_is_left_out_has_its_reason() {
    let outcome = run(small_town(), payload("dentists", Some("Musterstadt"))).await;
    for (id, kind, text) in [
        ("#11", RejectionKind::Unusable, "untagged"),
        ("node/8", RejectionKind::Unusable, "no name"),
        ("node/7", RejectionKind::NotMatching, "shop=shoes"),
        ("node/6", RejectionKind::NotMatching, "Wien"),
        ("node/9", RejectionKind::NotMatching, "closed club"),
        ("way/2", RejectionKind::Duplicate, "node/1"),
        ("node/4", RejectionKind::FilteredOut, "below 0.60"),
    ] {
        let record = reason(&outcome, id);
        assert_eq!(record.kind, kind, "{id}");
        assert!(record.reason.contains(text), "{id}: {}", record.reason);
    }
    let ids: Vec<&str> = outcome
        .data
        .leads
        .iter()
        .filter_map(|l| l.source_id.as_deref())
        .collect();
    assert_eq!(ids, ["node/1", "node/3", "node/5", "node/10"]);
    let berger = &outcome.data.leads[1];
    assert_eq!(
        berger.phone.as_deref(),
        Some("+43662870871"),
        "the country is the majority's"
    );
    assert_eq!(berger.website, None);
}

#[tokio::test]
async fn leads_beyond_the_limit_are_neither_screened_nor_charged() {
    let mut asked = payload("dentists", Some("Musterstadt"));
    asked.max_results = Some(2);
    let outcome = run(small_town(), asked.clone()).await;
    assert_eq!(outcome.data.summary.over_limit, 3);
    assert_eq!(outcome.charges.len(), 2);
    let recipe = Discovery::new(Arc::new(held(vec![])), Arc::new(Sites::default()));
    assert_eq!(recipe.units_max(&asked), 2);
    assert_eq!(recipe.units_max(&payload("x", None)), 200);
}

#[tokio::test]
async fn an_empty_source_is_a_success_with_a_reason() {
    let mut source = held(Vec::new());
    source.batch.unusable.clear();
    let outcome = run_with(source, Sites::default(), agent(), payload("dentists", None)).await;
    assert_eq!(outcome.data.summary.total_discovered, 0);
    assert!(
        outcome
            .data
            .summary
            .reasons
            .contains_key("the source answered with no records")
    );
}

#[tokio::test]
async fn a_source_that_fails_fails_the_step() {
    let failure = RecipeFailure::new(ErrorCode::ApiRateLimit, "slow down");
    let source = FixedPlaces {
        failure: Some(failure.clone()),
        ..FixedPlaces::default()
    };
    let recipe = Discovery::new(Arc::new(source), Arc::new(Sites::default()));
    let answer = recipe
        .run(&context(agent()), payload("dentists", None))
        .await;
    assert_eq!(answer.unwrap_err(), failure);
}

#[tokio::test]
async fn the_business_type_narrows_and_an_unknown_one_is_said() {
    let mut asked = payload("shops", Some("Musterstadt"));
    asked.business_type = Some("Healthcare".into());
    let outcome = run(small_town(), asked).await;
    assert!(reason(&outcome, "node/7").reason.contains("Retail"));
    let mut asked = payload("dentists", Some("Musterstadt"));
    asked.business_type = Some("Zeppelins".into());
    let outcome = run(small_town(), asked).await;
    assert!(
        outcome
            .data
            .summary
            .strategy
            .iter()
            .any(|s| s.contains("Zeppelins"))
    );
    assert!(!outcome.data.leads.is_empty());
}

#[tokio::test]
async fn a_searching_source_is_believed_but_scored() {
    let mut source = held(small_town());
    source.filters = true;
    let mut agent = agent();
    agent.scoring.look_at_home_page = false;
    let outcome = run_with(
        source,
        Sites::default(),
        agent,
        payload("basket weaving", Some("Atlantis")),
    )
    .await;
    let summary = &outcome.data.summary;
    assert_eq!(
        summary.not_matching, 1,
        "only the excluded word: {:?}",
        summary.reasons
    );
}

#[tokio::test]
async fn a_repeat_gives_the_same() {
    let asked = payload("dentists", Some("Musterstadt"));
    let mut turned = small_town();
    turned.reverse();
    let (a, b) = (
        run(small_town(), asked.clone()).await,
        run(turned, asked).await,
    );
    assert_eq!(a.data.leads, b.data.leads);
    assert_eq!(a.data.summary.reasons, b.data.summary.reasons);
}

/// A scorer that always fails.
struct Broken;

#[async_trait::async_trait]
impl AiComponent<Screening, ScoreBreakdown> for Broken {
    async fn decide(&self, _: &Screening) -> Result<Decision<ScoreBreakdown>, RecipeFailure> {
        Err(RecipeFailure::new(
            ErrorCode::ApiUnavailable,
            "model is down",
        ))
    }
}

#[tokio::test]
async fn the_rules_stand_in_for_a_broken_model_and_say_so() {
    let recipe = Discovery::new(Arc::new(held(small_town())), Arc::new(Sites::default()))
        .with_scorer(Arc::new(Broken));
    let outcome = recipe
        .run(&context(agent()), payload("dentists", None))
        .await
        .unwrap();
    check_account(&outcome);
    let strategy = outcome.data.summary.strategy.join("\n");
    assert!(
        strategy.contains("scored by rules-1") && strategy.contains("model is down"),
        "{strategy}"
    );
}

#[tokio::test]
async fn the_payload_is_checked() {
    let recipe = Discovery::new(Arc::new(held(vec![])), Arc::new(Sites::default()));
    let mut empty = payload("x", None);
    empty.keywords.clear();
    assert_eq!(
        recipe.validate(&empty).unwrap_err().code,
        ErrorCode::InvalidInput
    );
    assert!(recipe.validate(&payload("dentists", None)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_record_is_accounted_for(
        picks in proptest::collection::vec((0_usize..10, 0_u8..6, any::<bool>()), 0..60),
        limit in 1_u32..30,
        keyword in prop_oneof![Just("dentists"), Just("shops"), Just("zeppelins"), Just("Praxis")],
        location in prop_oneof![Just(None), Just(Some("Musterstadt")), Just(Some("Wien, Austria"))],
        filters in any::<bool>(),
    ) {
        let town = small_town();
        let places: Vec<RawPlace> = picks.iter().enumerate().map(|(i, (which, shift, closed))| {
            let mut place = town[*which].clone();
            place.source_id = format!("n/{}", i / 2);
            place.closed = *closed && *shift == 0;
            if let Some(position) = &mut place.position {
                position.lat += f64::from(*shift) * 0.01;
            }
            if shift % 2 == 0 {
                place.phones.clear();
            }
            place
        }).collect();
        let total = places.len() as u64 + 1;
        let mut source = held(places);
        source.filters = filters;
        let mut asked = payload(keyword, location);
        asked.max_results = Some(limit);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(run_with(source, Sites::default(), agent(), asked));
        prop_assert_eq!(outcome.data.summary.total_discovered, total);
        prop_assert!(outcome.records_processed <= u64::from(limit));
        let mut ids: Vec<&LeadId> = outcome.charges.iter().map(|line| &line.lead_id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), outcome.charges.len(), "a lead is charged once");
    }
}
