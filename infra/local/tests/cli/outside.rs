//! Runs with contact services and models, recorded and played back.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::harness::{SMALL_RUN, User};

/// What was used, by service.
fn services(run: &Value) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for stage in run["stages"].as_object().unwrap().values() {
        for used in stage["outside_use"].as_array().into_iter().flatten() {
            let service = used["service"].as_str().unwrap().to_owned();
            *calls.entry(service).or_default() += used["calls"].as_u64().unwrap();
        }
    }
    calls
}

/// Text and writer of every draft, by lead.
fn drafts(user: &User) -> BTreeMap<String, (String, String)> {
    let all = user.json(&["drafts", "list", "--status", "all", "--limit", "1000"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |draft: &Value| {
        let message = text(&draft["job"]["draft_message"]);
        (
            text(&draft["lead_name"]),
            (message, text(&draft["model_used"])),
        )
    };
    all.as_array().unwrap().iter().map(of).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for service in std::fs::read_dir(folder).unwrap().flatten() {
        for file in std::fs::read_dir(service.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            found.push(std::fs::read_to_string(file.path()).unwrap());
        }
    }
    found
}

#[test]
fn the_demo_uses_models_and_contact_services_and_says_what_they_cost() {
    let user = User::new();
    let answer = user.hunter(&["demo", "--town", "80", "--max-results", "30", "--verbose"]);
    assert_eq!(answer.code, 0, "{answer:#?}");
    for expected in [
        "Outside services",
        "google_places",
        "hunter_io",
        "claude-sonnet-5-5",
        "gpt-6-luna",
        "at list prices: $",
        "per draft",
        "written by claude-sonnet-5-5",
    ] {
        assert!(
            answer.stdout.contains(expected),
            "{expected}: {}",
            answer.stdout
        );
    }
    let run = user.json(&["runs", "show", "last"]);
    let used = services(&run);
    for service in [
        "google_places",
        "hunter_io",
        "dns",
        "anthropic",
        "openai",
        "groq",
    ] {
        assert!(used[service] > 0, "{used:?}");
    }
    let cost: f64 = run["stages"]["personalization"]["outside_use"]
        .as_array()
        .unwrap()
        .iter()
        .map(|used| used["cost"].as_f64().unwrap())
        .sum();
    assert!(cost > 0.0 && cost < 1.0, "{cost}");
    let shown = user.hunter(&["runs", "show", "last"]);
    assert!(shown.stdout.contains("Outside services"), "{shown:#?}");

    // A draft says who wrote it, who judged it, and what it rests on.
    let listed = user.json(&["drafts", "list", "--limit", "1000"]);
    let mut all = listed.as_array().unwrap().iter();
    let of_a_model = all.find(|draft| draft["model_used"] != "rules-1").unwrap();
    let id = of_a_model["job"]["id"].as_str().unwrap();
    let shown = user.hunter(&["drafts", "show", id]);
    for expected in [
        "written by ",
        "How good it is",
        "judge truthful",
        "       fact ",
    ] {
        assert!(shown.stdout.contains(expected), "{expected}: {shown:#?}");
    }
    let draft = user.json(&["drafts", "show", id]);
    assert_eq!(draft["job"]["id"], id);
    let checks = draft["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["name"] == "judge_clear"));
    assert!(draft["fallbacks"].is_array());
}

#[test]
fn without_models_the_rules_engine_does_everything() {
    let user = User::new();
    let run = user.json(&[&SMALL_RUN[..], &["--models", "off", "--contacts", "off"]].concat());
    let used = services(&run["run"]);
    assert_eq!(used.keys().collect::<Vec<_>>(), ["google_places"]);
    let written = drafts(&user);
    assert!(!written.is_empty());
    assert!(
        written.values().all(|(_, model)| model == "rules-1"),
        "{written:?}"
    );
}

#[test]
fn models_that_fail_are_stood_in_for_and_that_is_told() {
    let user = User::new();
    let failing = ["--contacts", "off", "--model-error-rate", "1"];
    let answer = user.hunter(&[&SMALL_RUN[..], &failing].concat());
    assert!([0, 6].contains(&answer.code), "{answer:#?}");
    assert!(answer.stdout.contains("stood in for"), "{}", answer.stdout);
    let run = user.json(&["runs", "show", "last"]);
    let stages = run["stages"].as_object().unwrap();
    let fallbacks: Vec<_> = stages
        .values()
        .flat_map(|stage| stage["fallbacks"].as_array().into_iter().flatten())
        .collect();
    assert!(!fallbacks.is_empty(), "{run}");
}

#[test]
fn a_recorded_run_plays_back_without_asking_anybody() {
    let (first, second) = (User::new(), User::new());
    let folder = first.path("answers");
    let folder = folder.to_str().unwrap();
    let recorded = first.json(&[&SMALL_RUN[..], &["--record", folder]].concat());
    let kept = files(Path::new(folder));
    let asked: u64 = services(&recorded["run"]).values().sum();
    assert!(asked > 50, "{asked}");
    assert!(kept.len() > 30, "{} answers", kept.len());
    for answer in &kept {
        assert!(!answer.contains("sandbox-"), "a key was kept: {answer}");
    }

    let replayed = second.json(&[&SMALL_RUN[..], &["--replay", folder]].concat());
    let calls: u64 = services(&replayed["run"]).values().sum();
    assert_eq!(
        calls,
        0,
        "nothing is sent: {:?}",
        services(&replayed["run"])
    );
    let written = drafts(&first);
    assert!(written.len() > 5, "{written:?}");
    assert_eq!(written, drafts(&second));
    let summary = |run: &Value| run["run"]["summary"]["qualified_leads"].clone();
    assert_eq!(summary(&recorded), summary(&replayed));
}

#[test]
fn a_key_alone_makes_nobody_ask_and_that_is_said() {
    let user = User::new();
    let places = user.file("places.csv", "name,email\nApollo Dental,a@apollo.example\n");
    let source = format!("file:{places}");
    let args = [
        "run",
        "--source",
        &source,
        "--keywords",
        "dental",
        "--threshold",
        "0",
    ];
    // Nobody answers there: a call would be seen as a failure.
    let variables = [
        ("HUNTER_SECRET_CLAUDE_API_KEY", "no-key-at-all"),
        ("HUNTER_ANTHROPIC_URL", "http://127.0.0.1:9"),
        ("HUNTER_DNS_URL", "http://127.0.0.1:9"),
    ];
    let answer = user.hunter_with(&variables, &args);
    assert!(answer.stderr.contains("`--live` uses them"), "{answer:#?}");
    let run = user.json(&["runs", "show", "last"]);
    assert_eq!(services(&run), BTreeMap::new());

    // Asked for, it is asked.
    let live = [&args[..], &["--models", "live", "--contacts", "live"]].concat();
    let answer = user.hunter_with(&variables, &live);
    assert!(!answer.stderr.contains("`--live` uses them"), "{answer:#?}");
    let run = user.json(&["runs", "show", "last"]);
    assert!(services(&run).contains_key("anthropic"), "{run}");
}

#[test]
fn bad_modes_are_refused_before_anything_is_stored() {
    let user = User::new();
    for (args, text) in [
        (["--models", "no/such/file.toml"], "--models"),
        (["--contacts", "maybe"], "--contacts"),
        (["--replay", "no/such/folder"], "--replay"),
    ] {
        user.assert_refused(&[&SMALL_RUN[..], &args].concat(), 2, "INVALID_INPUT", text);
    }
    let both = user.hunter(&[&SMALL_RUN[..], &["--record", "a", "--replay", "b"]].concat());
    assert_eq!(both.code, 2, "{both:#?}");
}
