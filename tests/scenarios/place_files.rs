//! Real place files, where they are at hand: every element of a file is accounted for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hunter_contracts::{Credits, DiscoveryPayload, RejectionKind, RunStatus};
use hunter_e2e::{Customer, RunResult, Terms, World, WorldOptions};
use serde_json::Value;

struct Case {
    file: &'static str,
    keyword: &'static str,
    location: Option<&'static str>,
    max_results: u32,
}

const fn case(
    file: &'static str,
    keyword: &'static str,
    location: Option<&'static str>,
    max_results: u32,
) -> Case {
    Case {
        file,
        keyword,
        location,
        max_results,
    }
}

const CASES: [Case; 12] = [
    case(
        "at-salzburg-dentists.geojson",
        "dentists",
        Some("Salzburg"),
        200,
    ),
    case(
        "at-salzburg-pharmacies.geojson",
        "pharmacies",
        Some("Salzburg"),
        200,
    ),
    case(
        "ch-farmshops.geojson",
        "farm shops",
        Some("Switzerland"),
        200,
    ),
    case(
        "de-leipzig-vegan.overpass.json",
        "vegan restaurants",
        None,
        300,
    ),
    case(
        "in-hyderabad-hospitals.geojson",
        "hospitals",
        Some("Hyderabad"),
        300,
    ),
    case("jp-matsuya-chain.geojson", "fast food", None, 400),
    case(
        "mk-skopje-fastfood.overpass.json",
        "fast food",
        Some("Skopje"),
        200,
    ),
    case(
        "us-berkeley-shops.overpass.json",
        "shops",
        Some("Berkeley"),
        200,
    ),
    case("us-miami-shops.overpass.json", "shops", None, 400),
    case(
        "us-newyork-offices.geojson",
        "lawyers",
        Some("New York"),
        100,
    ),
    case("us-newyork-shops.geojson", "shops", Some("New York"), 300),
    case(
        "vn-hanoi-hospitals.overpass.json",
        "hospitals",
        Some("Hanoi"),
        200,
    ),
];

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/realworld/overpass");
    folder.is_dir().then_some(folder)
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An element's id as OpenStreetMap writes it, read by other means than the product's.
fn id_of(element: &Value) -> Option<String> {
    let properties = element.get("properties").unwrap_or(element);
    let whole = text(properties.get("@id")).or_else(|| text(element.get("id")));
    if let Some(whole) = whole.filter(|id| id.contains('/')) {
        return Some(whole);
    }
    let kind = text(properties.get("type")).or_else(|| text(properties.get("element")))?;
    Some(format!("{kind}/{}", text(properties.get("id"))?))
}

/// How often each id stands in a file, and how many elements it has.
fn ids_in(path: &Path) -> (BTreeMap<String, u64>, u64) {
    let content: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let elements = content.get("elements").or_else(|| content.get("features"));
    let mut ids = BTreeMap::new();
    let elements = elements.unwrap().as_array().unwrap();
    for element in elements {
        *ids.entry(id_of(element).unwrap()).or_default() += 1;
    }
    (ids, u64::try_from(elements.len()).unwrap())
}

/// The same ids in what the run made of them.
fn ids_out(result: &RunResult) -> BTreeMap<String, u64> {
    let leads = result
        .leads
        .iter()
        .map(|lead| lead.source_id.clone().unwrap());
    let rejected = result
        .rejected
        .iter()
        .map(|record| record.source_id.clone());
    let mut ids = BTreeMap::new();
    for id in leads.chain(rejected) {
        // The same id again with other content carries a number.
        let id = id.split('#').next().unwrap().to_owned();
        *ids.entry(id).or_default() += 1;
    }
    ids
}

/// Differences between two counts, at most ten.
fn differences(a: &BTreeMap<String, u64>, b: &BTreeMap<String, u64>) -> Vec<String> {
    let keys = a.keys().chain(b.keys());
    let mut found: Vec<String> = keys
        .filter(|key| a.get(*key) != b.get(*key))
        .map(|key| format!("{key}: in {:?}, out {:?}", a.get(key), b.get(key)))
        .collect();
    found.dedup();
    found.truncate(10);
    found
}

fn check_drafts(result: &RunResult, path: &Path) {
    // Read and written again: a file may write `ä` as an escape.
    let content: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let source = content.to_string().to_lowercase();
    for draft in &result.drafts {
        let job = &draft.job;
        let lead = result.leads.iter().find(|l| l.id == job.lead_id).unwrap();
        let contacts = lead.emails.iter().flatten();
        let mut recorded = contacts.filter(|c| c.source.as_deref() == Some("source_record"));
        let contact = recorded.find(|c| c.email.as_str() == job.recipient);
        let evidence = contact.and_then(|c| c.evidence.as_ref());
        let (_, written) = evidence.unwrap().quote.split_once('=').unwrap();
        assert!(source.contains(&written.to_lowercase()), "{job:?}");
    }
    for lead in &result.leads {
        for merged in &lead.merged_from {
            let record = result.rejected.iter().find(|r| r.source_id == *merged);
            let kind = record.map(|record| record.kind);
            assert_eq!(kind, Some(RejectionKind::Duplicate), "{merged}");
        }
    }
}

async fn check(world: &World, number: usize, case: &Case, folder: &Path) -> RunResult {
    let path = folder.join(case.file);
    let (ids, elements) = ids_in(&path);
    let terms = Terms {
        credits: Credits::from_micros(1_000_000_000),
        ..Terms::default()
    };
    let customer = Customer::sign_up(world, &format!("cust_file_{number}"), terms).await;
    let target = DiscoveryPayload {
        keywords: vec![case.keyword.into()],
        location: case.location.map(str::to_owned),
        business_type: None,
        depth: None,
        max_results: Some(case.max_results),
        source: Some(format!("file:{}", path.display())),
    };
    let request = customer.request(&format!("exec_file_{number}"), target);
    let ended = world.engine().run(&request, std::future::pending()).await;
    assert!(ended.failure.is_none(), "{}: {ended:?}", case.file);
    let result = customer.result(&request.execution_id).await;
    assert_eq!(
        result.run.status,
        RunStatus::Succeeded,
        "{}: {:?}",
        case.file,
        result.run.reason
    );
    result.assert_sound();
    result.assert_adds_up();
    let s = result.run.summary.clone().unwrap();
    println!(
        "{}: {elements} elements = {} qualified + {} filtered + {} not matching + {} duplicates + {} over the limit + {} unusable; {} drafts, {} credits",
        case.file,
        s.qualified_leads,
        s.filtered_out,
        s.not_matching,
        s.duplicates,
        s.over_limit,
        s.unusable,
        result.drafts.len(),
        result.run.charged,
    );
    assert_eq!(s.total_discovered, elements, "{}", case.file);
    let out = ids_out(&result);
    assert_eq!(
        differences(&ids, &out),
        Vec::<String>::new(),
        "{}",
        case.file
    );
    check_drafts(&result, &path);
    result
}

#[tokio::test]
async fn every_element_of_a_real_file_is_accounted_for_once() {
    let Some(folder) = folder() else {
        println!("skipped: the folder of real place files is not there");
        return;
    };
    let world = World::open(WorldOptions {
        town: 0,
        ..WorldOptions::default()
    })
    .await;
    for (number, case) in CASES.iter().enumerate() {
        let result = check(&world, number, case, &folder).await;
        let summary = result.run.summary.unwrap();
        match case.file {
            // Branches of one brand with one web site are businesses of their own.
            "jp-matsuya-chain.geojson" => {
                assert_eq!(summary.not_matching, 0, "{summary:?}");
                assert!(summary.duplicates <= 5, "{summary:?}");
            }
            // 578 nodes that only draw the outlines of buildings.
            "us-miami-shops.overpass.json" => assert_eq!(summary.reasons["no tags"], 578),
            "us-newyork-shops.geojson" => {
                assert_eq!(summary.qualified_leads + summary.filtered_out, 300);
            }
            "at-salzburg-dentists.geojson" => {
                assert!(!result.drafts.is_empty(), "{summary:?}");
                assert_eq!(summary.unusable, 0, "{summary:?}");
            }
            _ => {}
        }
    }
}
