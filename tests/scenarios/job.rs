//! The main job.

use std::collections::BTreeMap;

use hunter_contracts::{Claim, ClaimBasis, Draft, DraftStatus, RecipeId, RunStatus};
use hunter_core::ports::Clock;
use hunter_e2e::{Customer, PageText, RunResult, Terms, World, WorldOptions, target};
use jiff::{SignedDuration, civil::Date};

/// Checks every draft against the rules of the house.
fn check_drafts(result: &RunResult, world: &World) {
    let now = world.clock.now();
    assert!(!result.drafts.is_empty(), "no drafts: {:?}", result.run);
    for draft in &result.drafts {
        let job = &draft.job;
        assert_eq!(job.status, DraftStatus::DraftPendingReview, "{job:?}");
        assert!(job.awaiting_customer_approval);
        let expiry = now.checked_add(SignedDuration::from_hours(7 * 24)).unwrap();
        assert_eq!(job.draft_expires_at, expiry);
        let lead = result.leads.iter().find(|l| l.id == job.lead_id).unwrap();
        let message = lead.message.as_ref().unwrap();
        let words = message.text.split_whitespace().count();
        assert!(words <= 75, "{words} words: {}", message.text);
        assert!(job.draft_message.contains(&message.text), "{job:?}");
        let emails = lead.emails.iter().flatten();
        let known: Vec<_> = emails.map(|e| e.email.as_str()).collect();
        assert!(known.contains(&job.recipient.as_str()), "{job:?} {known:?}");
    }
    let mut texts: Vec<_> = result.drafts.iter().map(|d| &d.job.draft_message).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), result.drafts.len(), "two drafts are the same");
}

/// Whether a quote of the form `title — 2026-11-17` stands on a page: the title as it is, the day
/// in one of the forms that feeds write.
fn holds_dated_title(page: &PageText, quote: &str) -> bool {
    let Some((title, day)) = quote.rsplit_once(" — ") else {
        return false;
    };
    let Ok(day) = day.parse::<Date>() else {
        return false;
    };
    let forms = ["%Y-%m-%d", "%d %b %Y", "%-d %b %Y"];
    let dated = forms
        .iter()
        .any(|form| page.holds(&day.strftime(form).to_string()));
    dated && page.holds(title)
}

/// Fetches what a claim names once more and looks for its quote there.
async fn check_claim(
    draft: &Draft,
    claim: &Claim,
    result: &RunResult,
    world: &World,
    pages: &mut BTreeMap<String, PageText>,
) -> bool {
    let ClaimBasis::Fact { number, evidence } = &claim.basis else {
        return false;
    };
    let lead = result
        .leads
        .iter()
        .find(|l| l.id == draft.job.lead_id)
        .unwrap();
    let fact = lead
        .facts
        .iter()
        .find(|fact| fact.number == *number)
        .unwrap();
    assert_eq!(&fact.evidence, evidence, "{claim:?}");
    let source_id = lead.source_id.as_deref().unwrap();
    let town = world.sandbox().town();
    let business = town.by_place_id(source_id).unwrap();
    if evidence.url.contains(source_id) || evidence.url.contains("maps.google") {
        // The source's own record: the town knows what it says.
        let truth = serde_json::to_string(business).unwrap();
        let (key, value) = evidence.quote.split_once('=').unwrap();
        match key {
            "rating" => {
                let truth = format!(
                    "{}, reviews={}",
                    business.rating.unwrap(),
                    business.review_count
                );
                assert_eq!(value, truth);
            }
            "city" | "addr:city" => assert!(truth.contains(value), "{value} {truth}"),
            "type" | "category" | "opening_hours" => assert!(!value.is_empty()),
            _ => panic!("unknown quote of a record: {evidence:?}"),
        }
        return true;
    }
    if !pages.contains_key(&evidence.url) {
        let page = world.outside.sites().fetch(&evidence.url).await.unwrap();
        pages.insert(evidence.url.clone(), PageText::of(&page));
    }
    let page = &pages[&evidence.url];
    assert!(
        page.holds(&evidence.quote) || holds_dated_title(page, &evidence.quote),
        "the quote is not on the page: {claim:?}"
    );
    true
}

#[tokio::test]
async fn a_run_finds_leads_and_drafts_a_message_for_each_with_evidence_for_every_claim() {
    let world = World::usual().await;
    let customer = Customer::sign_up(&world, "cust_job", Terms::default()).await;
    let request = customer.request("exec_job", target(40));
    let before = world.cloud.store.units();
    let ended = world.engine().run(&request, std::future::pending()).await;
    let units = world.cloud.store.units().since(&before);
    assert!(ended.failure.is_none(), "{ended:?}");
    let result = customer.result(&request.execution_id).await;
    assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
    result.assert_sound();
    result.assert_adds_up();

    let stage = |recipe| result.run.stages[&recipe].clone();
    let summary = result.run.summary.clone().unwrap();
    let screened = summary.qualified_leads + summary.filtered_out;
    assert_eq!(stage(RecipeId::Discovery).processed, screened);
    assert_eq!(
        stage(RecipeId::Intelligence).processed,
        summary.qualified_leads
    );
    let drafts = u64::try_from(result.drafts.len()).unwrap();
    assert_eq!(stage(RecipeId::Outreach).succeeded, drafts);
    // Every lead is drafted or its failure is named.
    for lead in &result.leads {
        let drafted = result.drafts.iter().any(|d| d.job.lead_id == lead.id);
        let named = result
            .run
            .errors
            .iter()
            .any(|e| e.record_id == lead.id.as_str());
        assert!(
            drafted != named,
            "{} drafted: {drafted}, failed: {named}",
            lead.id
        );
    }

    check_drafts(&result, &world);
    let mut pages = BTreeMap::new();
    let mut facts = 0;
    for draft in &result.drafts {
        let mut rests_on_fact = false;
        for claim in &draft.claims {
            let is_fact = check_claim(draft, claim, &result, &world, &mut pages).await;
            rests_on_fact |= is_fact;
            facts += usize::from(is_fact);
        }
        assert!(rests_on_fact, "nothing in it is about the lead: {draft:?}");
    }
    assert!(
        ended.outcome.transitions <= 40,
        "{}",
        ended.outcome.transitions
    );
    let leads = f64::from(u32::try_from(result.leads.len()).unwrap());
    let per_lead = units.write / leads;
    assert!(
        per_lead <= 8.0,
        "{per_lead} write units per lead: {units:?}"
    );
    let counters = world.sandbox().counters();
    assert_eq!(counters.forbidden_by_robots, 0, "{counters:?}");
    println!(
        "{} leads, {} drafts, {facts} claims on {} pages, {} transitions, {per_lead:.2} write units per lead",
        result.leads.len(),
        result.drafts.len(),
        pages.len(),
        ended.outcome.transitions,
    );
}

#[tokio::test]
async fn the_same_town_gives_the_same_messages() {
    let mut results = Vec::new();
    for execution in ["exec_first", "exec_second"] {
        let world = World::open(WorldOptions {
            town: 60,
            seed: 11,
            faults: None,
            ..WorldOptions::default()
        })
        .await;
        let customer = Customer::sign_up(&world, "cust_same", Terms::default()).await;
        let request = customer.request(execution, target(25));
        let ended = world.engine().run(&request, std::future::pending()).await;
        assert!(ended.failure.is_none(), "{ended:?}");
        results.push(customer.result(&request.execution_id).await.essence());
    }
    assert!(!results[0].drafts.is_empty());
    assert_eq!(results[0], results[1]);
}
