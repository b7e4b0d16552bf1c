//! A recipe that fails for good in one chunk.

use std::collections::BTreeSet;
use std::sync::Arc;

use hunter_contracts::{AlertTrigger, ErrorCode, Lead, RecipeId, RunStatus};
use hunter_core::store::StoreError;
use hunter_e2e::{Customer, Fault, RunResult, Script, Terms, World, target};

use crate::run_with;

/// Two chunks or more; `goes_on` after a failure of `recipe` or not.
fn terms(recipe: RecipeId, goes_on: bool) -> Terms {
    let mut terms = Terms::default();
    terms.agent.chunk_size = 4;
    terms.agent.max_concurrency = 2;
    for config in &mut terms.agent.recipes {
        if config.id == recipe {
            config.continue_on_failure = goes_on;
        }
    }
    terms
}

/// The result of `recipe` for the second chunk cannot be stored, ever.
fn damaged(recipe: RecipeId) -> Arc<Script> {
    let about = format!("{recipe}/c0001");
    Script::new(move |effect| {
        let hit = effect.operation == "put_pack" && effect.about == about;
        hit.then(|| Fault::Refuse(StoreError::damaged("simulated")))
    })
}

async fn run(
    world: &World,
    name: &str,
    recipe: RecipeId,
    goes_on: bool,
) -> (RunResult, Arc<Script>) {
    let customer = Customer::sign_up(world, name, terms(recipe, goes_on)).await;
    let request = customer.request(&format!("exec_{name}"), target(20));
    let script = damaged(recipe);
    let result = run_with(&customer, &request, &script).await;
    result.assert_sound();
    // Subscription is always last.
    let effects = script.effects();
    let packs: Vec<_> = effects
        .iter()
        .filter(|e| e.operation == "put_pack")
        .collect();
    assert_eq!(packs.last().unwrap().about, "subscription/head");
    assert!(result.leads.len() > 4, "more than one chunk is needed");
    (result, script)
}

/// Leads of the second chunk.
fn second_chunk(script: &Script, result: &RunResult) -> BTreeSet<String> {
    let effects = script.effects();
    let chunks = effects.iter().filter(|e| {
        e.operation == "put_pack" && e.about.starts_with("discovery/g") && e.about.contains("#c")
    });
    let chunks = chunks.count();
    let (each, more) = (result.leads.len() / chunks, result.leads.len() % chunks);
    let first = each + usize::from(more > 0);
    let second = each + usize::from(more > 1);
    let leads = result.leads.iter().skip(first).take(second);
    leads.map(|lead| lead.id.to_string()).collect()
}

#[tokio::test]
async fn a_chunk_that_fails_loses_its_own_drafts_and_no_others() {
    let world = World::usual().await;
    let (result, script) = run(&world, "cust_abort", RecipeId::Intelligence, false).await;
    assert_eq!(result.run.status, RunStatus::Partial, "{:?}", result.run);
    assert_eq!(result.run.error_code, Some(ErrorCode::Internal));
    let lost = second_chunk(&script, &result);
    assert!(!result.drafts.is_empty());
    for draft in &result.drafts {
        assert!(!lost.contains(draft.job.lead_id.as_str()), "{draft:?}");
    }
    assert!(result.run.errors.iter().any(|e| e.record_id == "chunk 1"));
    let charged: BTreeSet<_> = result
        .debits()
        .map(|d| (d.recipe_id.unwrap(), d.chunk))
        .collect();
    assert!(
        !charged.contains(&(RecipeId::Intelligence, Some(1))),
        "{charged:?}"
    );
    assert!(
        charged.contains(&(RecipeId::Intelligence, Some(0))),
        "{charged:?}"
    );
    let raised: Vec<_> = result.alerts.iter().map(|a| a.trigger_type).collect();
    assert!(raised.contains(&AlertTrigger::RecipeFailed), "{raised:?}");
}

#[tokio::test]
async fn with_continue_on_failure_the_chunk_goes_on_without_the_recipe() {
    let world = World::usual().await;
    let (result, script) = run(&world, "cust_skip", RecipeId::Intelligence, true).await;
    let charged: BTreeSet<_> = result
        .debits()
        .map(|d| (d.recipe_id.unwrap(), d.chunk))
        .collect();
    assert!(
        !charged.contains(&(RecipeId::Intelligence, Some(1))),
        "{charged:?}"
    );
    let effects = script.effects();
    let wrote = |about: &str| {
        effects
            .iter()
            .any(|e| e.operation == "put_pack" && e.about == about)
    };
    assert!(wrote("personalization/c0001"), "the lane went no further");
    assert!(wrote("outreach/c0001"), "the lane went no further");
    // What was left out must be told: the run is not whole.
    assert_eq!(result.run.status, RunStatus::Partial, "{:?}", result.run);
    let errors = &result.run.errors;
    let told = errors.iter().find(|error| error.record_id == "chunk 1");
    let told = told.unwrap_or_else(|| panic!("nobody is told: {errors:?}"));
    assert!(told.error_message.contains("intelligence"), "{told:?}");
}

#[tokio::test]
async fn outreach_that_fails_in_a_chunk_is_told_although_the_run_goes_on_without_it() {
    let world = World::usual().await;
    // As the specification has it: outreach is not required and goes on after a failure.
    let (result, script) = run(&world, "cust_outreach", RecipeId::Outreach, true).await;
    assert_eq!(result.run.status, RunStatus::Partial, "{:?}", result.run);
    assert_eq!(result.run.error_code, Some(ErrorCode::Internal));
    let errors = &result.run.errors;
    let told = errors.iter().find(|error| error.record_id == "chunk 1");
    assert!(told.is_some(), "{errors:?}");
    // The messages were written and stay charged.
    let lost = second_chunk(&script, &result);
    let written = |lead: &&Lead| lost.contains(lead.id.as_str()) && lead.message.is_some();
    assert!(result.leads.iter().any(|lead| written(&lead)));
    result.assert_adds_up();
}

#[tokio::test]
async fn when_the_last_recipe_fails_everywhere_the_run_says_so() {
    let world = World::usual().await;
    let customer =
        Customer::sign_up(&world, "cust_all", terms(RecipeId::Personalization, false)).await;
    let request = customer.request("exec_all", target(20));
    let script = Script::new(|effect| {
        let hit = effect.operation == "put_pack" && effect.about.starts_with("personalization/");
        hit.then(|| Fault::Refuse(StoreError::damaged("simulated")))
    });
    let result = run_with(&customer, &request, &script).await;
    result.assert_sound();
    assert_eq!(result.run.status, RunStatus::Failed, "{:?}", result.run);
    assert!(result.drafts.is_empty());
    let charged: BTreeSet<_> = result.debits().map(|d| d.recipe_id.unwrap()).collect();
    assert!(!charged.contains(&RecipeId::Personalization), "{charged:?}");
    let last = script.effects();
    let last = last.iter().rfind(|e| e.operation == "put_pack").unwrap();
    assert_eq!(last.about, "subscription/head");
}
