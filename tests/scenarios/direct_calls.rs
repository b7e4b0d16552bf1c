//! The recipes called by themselves, with the sample events.

use std::sync::Arc;

use hunter_cloud::{InProcessFunctions, agent_file};
use hunter_contracts::{
    Credits, EntryKind, ErrorCode, ExecutionId, RECIPES, RecipeId, Status, StepResult,
};
use hunter_core::ports::Clock;
use hunter_e2e::{Customer, Fault, FaultyStore, Script, Terms, World, WorldOptions};
use hunter_sandbox::Town;
use serde_json::{Value, json};

/// The sample event of a recipe.
fn event(recipe: RecipeId) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
    let text = std::fs::read_to_string(format!("{folder}/{recipe}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn world() -> World {
    World::open(WorldOptions {
        town: 60,
        ..WorldOptions::default()
    })
    .await
}

fn functions(world: &World, script: &Arc<Script>) -> InProcessFunctions {
    let store = FaultyStore::new(world.cloud.store.clone(), script.clone());
    world.functions(store, agent_file::example().unwrap(), 4)
}

async fn call(functions: &InProcessFunctions, recipe: RecipeId, event: &Value) -> StepResult {
    let answer = functions.invoke(recipe.into(), event).await.unwrap();
    serde_json::from_value(answer).unwrap()
}

/// What the customer was charged for a direct call of a recipe.
async fn charged(customer: &Customer<'_>, recipe: RecipeId) -> Credits {
    let books = customer.books().await;
    let debits = books.entries.iter();
    let debits = debits.filter(|e| e.kind == EntryKind::Debit && e.recipe_id == Some(recipe));
    let debits: Vec<_> = debits.collect();
    assert!(
        debits.len() <= 1,
        "{recipe} was charged {} times",
        debits.len()
    );
    debits.iter().map(|entry| entry.amount).sum()
}

#[tokio::test]
async fn the_sample_events_work_are_charged_once_and_leave_a_runs_hold_alone() {
    let world = world().await;
    let customer = Customer::sign_up(&world, "cust_001", Terms::default()).await;
    // A run with the same id as the events is open meanwhile.
    let id = ExecutionId::new("exec_abc123").unwrap();
    let five = Credits::from_micros(5_000_000);
    customer
        .store
        .reserve(&id, five, world.clock.now())
        .await
        .unwrap();
    let hold = customer.store.hold(&id).await.unwrap();
    let functions = functions(&world, &Script::none());
    for recipe in RECIPES.each_ref().map(|recipe| recipe.id) {
        let event = event(recipe);
        let first = call(&functions, recipe, &event).await;
        let output = &first.output;
        assert_eq!(output.recipe_id, recipe);
        assert_ne!(
            (recipe, output.status),
            (RecipeId::Discovery, Status::Failed),
            "{output:?}"
        );
        println!(
            "{recipe}: {:?}, {} credits, {:?}",
            output.status, output.metadata.credits_consumed, output.errors
        );
        let consumed = output.metadata.credits_consumed;
        assert_eq!(charged(&customer, recipe).await, consumed, "{recipe}");
        let second = call(&functions, recipe, &event).await;
        assert_eq!(second.output.data, first.output.data, "{recipe}");
        assert_eq!(
            charged(&customer, recipe).await,
            consumed,
            "{recipe}, again"
        );
        assert_eq!(customer.store.hold(&id).await.unwrap(), hold, "{recipe}");
        assert_eq!(customer.books().await.balance.held, five, "{recipe}");
    }
    let discovery = charged(&customer, RecipeId::Discovery).await;
    assert!(discovery > Credits::ZERO);
    assert_eq!(
        customer.drafts(None).await.len(),
        1,
        "the sample event of outreach"
    );
}

/// A business of the town with a web site that can be read.
fn readable(town: &Town) -> Value {
    let business = town
        .businesses()
        .iter()
        .find(|b| b.is_crawlable() && !b.emails.is_empty());
    let business = business.unwrap();
    json!({
        "id": "lead_direct",
        "name": business.name,
        "website": business.website_url,
        "country": business.country,
        "source": "google_maps",
    })
}

#[tokio::test]
async fn recipes_called_one_after_the_other_pass_leads_on_and_charge_each_once() {
    let world = world().await;
    let customer = Customer::sign_up(&world, "cust_chain", Terms::default()).await;
    let functions = functions(&world, &Script::none());
    let mut leads = json!([readable(world.sandbox().town())]);
    for (recipe, price) in [
        (RecipeId::Intelligence, 20_000),
        (RecipeId::Personalization, 40_000),
        (RecipeId::Outreach, 0),
    ] {
        let event = json!({
            "recipe_id": recipe, "execution_id": "exec_chain", "customer_id": "cust_chain",
            "payload": {"leads": leads},
        });
        let answer = call(&functions, recipe, &event).await;
        assert_eq!(
            answer.output.status,
            Status::Success,
            "{:?}",
            answer.output.errors
        );
        call(&functions, recipe, &event).await;
        assert_eq!(
            charged(&customer, recipe).await,
            Credits::from_micros(price),
            "{recipe}"
        );
        if let Some(found) = answer.output.data.get("leads") {
            leads = found.clone();
        }
    }
    let drafts = customer.drafts(None).await;
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].job.lead_id.as_str(), "lead_direct");
    assert_eq!(customer.books().await.balance.held, Credits::ZERO);
}

#[tokio::test]
async fn a_direct_call_that_crashes_anywhere_is_charged_once_when_it_is_repeated() {
    let world = world().await;
    let lead = readable(world.sandbox().town());
    let run = async |name: String, script: Arc<Script>| {
        let customer = Customer::sign_up(&world, &name, Terms::default()).await;
        let event = json!({
            "recipe_id": "intelligence", "execution_id": "exec_crash", "customer_id": name,
            "payload": {"leads": [lead]},
        });
        let functions = functions(&world, &script);
        for _ in 0..2 {
            let (functions, event) = (functions.clone(), event.clone());
            // A crash ends the call's task, as it ends a Lambda.
            let call = async move { functions.invoke("intelligence", &event).await };
            let _ = tokio::spawn(call).await;
        }
        let books = customer.books().await;
        assert_eq!(books.balance.held, Credits::ZERO, "{name}");
        assert_eq!(
            charged(&customer, RecipeId::Intelligence).await,
            Credits::from_micros(20_000),
            "{name}"
        );
    };
    let script = Script::none();
    run("cust_whole".into(), script.clone()).await;
    let once = script.effects().len().div_ceil(2) + 1;
    for number in 1..=u64::try_from(once).unwrap() {
        for (kind, fault) in [("before", Fault::CrashBefore), ("after", Fault::CrashAfter)] {
            run(format!("cust_{kind}_{number}"), Script::once(number, fault)).await;
        }
    }
}

#[tokio::test]
async fn a_direct_call_beyond_the_balance_is_refused() {
    let world = world().await;
    let terms = Terms {
        credits: Credits::from_micros(10_000),
        ..Terms::default()
    };
    let customer = Customer::sign_up(&world, "cust_001", terms).await;
    let functions = functions(&world, &Script::none());
    let answer = call(&functions, RecipeId::Discovery, &event(RecipeId::Discovery)).await;
    assert_eq!(answer.output.status, Status::Failed);
    assert_eq!(
        answer.output.errors[0].error_code,
        ErrorCode::InsufficientCredits
    );
    customer.assert_untouched().await;
}
