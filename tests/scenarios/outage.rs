//! Every outside service is down from the first call to the last: nothing is lost, nothing is
//! charged that was not done, and the services are hardly asked more often than on a good day.

use hunter_cloud::spec::ServiceMode;
use hunter_contracts::{DiscoveryPayload, RunStatus, Score};
use hunter_e2e::{Customer, RunResult, Terms, World, WorldOptions, target};
use hunter_sandbox::{Counters, Faults};

/// Calls under a total outage against those of a healthy run.
const CALLS_RATIO_MAX: f64 = 1.1;
const MODELS: [&str; 4] = ["anthropic", "openai", "groq", "deepseek"];
const CONTACTS: [&str; 4] = ["hunter_io", "rocketreach", "clearbit", "dns"];

/// A service that is down for good.
fn down() -> Faults {
    Faults {
        error_rate: 1.0,
        model_error_rate: 1.0,
        error_burst_max: 0,
        ..Faults::none()
    }
}

fn calls(counters: &Counters, servers: &[&str]) -> u64 {
    let asked = |server: &&str| counters.by_server.get(*server);
    servers.iter().filter_map(asked).sum()
}

async fn run(faults: Faults, request: DiscoveryPayload) -> (RunResult, Counters) {
    let world = World::open(WorldOptions {
        town: 80,
        faults: Some(faults),
        contacts: ServiceMode::Sandbox,
        models: ServiceMode::Sandbox,
        ..WorldOptions::default()
    })
    .await;
    let customer = Customer::sign_up(&world, "outage", Terms::default()).await;
    let mut request = customer.request("outage", request);
    request.request.threshold = Some(Score::ZERO);
    world.engine().run(&request, std::future::pending()).await;
    let result = customer.result(&request.execution_id).await;
    result.assert_sound();
    (result, world.sandbox().counters())
}

/// The town's businesses as a file, so that only what comes after discovery is down.
async fn town_file(folder: &std::path::Path) -> String {
    let world = World::open(WorldOptions {
        town: 80,
        ..WorldOptions::default()
    })
    .await;
    let mut table = String::from("name,website,category,phone\n");
    for business in world.sandbox().town().businesses() {
        if let Some(host) = &business.website {
            let phone = format!("{}", table.lines().count());
            let name = business.name.replace(',', " ");
            table.push_str(&format!("{name},{host},dentist,+4934155{phone:0>5}\n"));
        }
    }
    let file = folder.join("town.csv");
    std::fs::write(&file, table).unwrap();
    format!("file:{}", file.display())
}

#[tokio::test]
async fn without_models_and_contact_services_the_rules_engine_does_the_whole_job() {
    let folder = tempfile::tempdir().unwrap();
    let request = DiscoveryPayload {
        keywords: vec!["dentist".into()],
        location: None,
        business_type: None,
        depth: Some(1),
        max_results: Some(200),
        source: Some(town_file(folder.path()).await),
    };
    let (healthy, asked) = run(Faults::none(), request.clone()).await;
    let (outage, asked_down) = run(down(), request).await;
    for (result, how) in [(&healthy, "healthy"), (&outage, "outage")] {
        assert_eq!(
            result.run.status,
            RunStatus::Succeeded,
            "{how}: {:?}",
            result.run.reason
        );
    }
    assert_eq!(healthy.leads.len(), outage.leads.len(), "a lead was lost");
    assert!(!outage.drafts.is_empty(), "the rules engine wrote nothing");
    let by_model = |result: &RunResult, rules: bool| {
        let messages = result.leads.iter().filter_map(|lead| lead.message.as_ref());
        messages
            .filter(|m| (m.model_used == "rules-1") == rules)
            .count()
    };
    assert_eq!(by_model(&outage, false), 0, "no model could have written");
    assert!(
        by_model(&healthy, false) > 0,
        "no model was used in the healthy run"
    );
    for servers in [&MODELS[..], &CONTACTS[..]] {
        let (good, bad) = (calls(&asked, servers), calls(&asked_down, servers));
        println!("{servers:?}: {good} calls, {bad} under the outage");
        assert!(good > 20, "{servers:?} were asked {good} times");
        assert!(
            bad as f64 <= CALLS_RATIO_MAX * good as f64,
            "{bad} calls instead of {good}"
        );
    }
    // What the models cost is told, and that they could not.
    assert!(outage.run.charged <= healthy.run.charged);
}

#[tokio::test]
async fn without_places_nothing_is_found_and_nothing_is_charged() {
    let (healthy, asked) = run(Faults::none(), target(200)).await;
    assert_eq!(healthy.run.status, RunStatus::Succeeded);
    let (outage, asked_down) = run(down(), target(200)).await;
    assert_eq!(outage.run.status, RunStatus::Failed);
    assert!(outage.run.charged.micros() == 0, "{:?}", outage.run.charged);
    assert_eq!(outage.debits().count(), 0);
    println!(
        "places: {} calls, {} under the outage",
        asked.places, asked_down.places
    );
    // A search of a small town takes few calls; a failed one may take a handful.
    assert!(
        asked_down.places <= asked.places.max(12),
        "{} calls",
        asked_down.places
    );
}
