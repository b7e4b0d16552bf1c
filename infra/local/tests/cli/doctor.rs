//! `hunter doctor`.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use hunter_providers::SERVICES;
use serde_json::Value;

use crate::harness::User;

/// A key that must never be shown.
const SECRET: &str = "s3cret-value-of-a-key";

fn find<'a>(list: &'a Value, field: &str, name: &str) -> &'a Value {
    let mut all = list.as_array().unwrap().iter();
    all.find(|one| one[field] == name)
        .unwrap_or_else(|| panic!("no `{name}` in {list}"))
}

fn uses(found: &Value, recipe: &str, what: &str) -> Vec<String> {
    let recipes = found["recipes"].as_array().unwrap();
    let line = recipes
        .iter()
        .find(|line| line["recipe"] == recipe && line["what"] == what)
        .unwrap();
    serde_json::from_value(line["uses"].clone()).unwrap()
}

/// A service that answers every request alike, on a port of its own, until the process ends.
fn service_that_answers(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn without_keys_it_tells_what_still_works_and_how_to_set_keys() {
    let user = User::new();
    let answer = user.hunter(&["doctor"]);
    assert_eq!(answer.code, 0, "{answer:#?}");
    assert_eq!(answer.stderr, "");
    for expected in [
        "HUNTER_SECRET_CLAUDE_API_KEY",
        "HUNTER_SECRET_ROCKETCHAT_KEY",
        "overpass",
        "rules-1",
        "a lead that becomes a draft: 0.08 credits charged",
    ] {
        assert!(answer.stdout.contains(expected), "{expected}: {answer:#?}");
    }
    assert!(!user.data().exists(), "looking leaves nothing behind");

    let found = user.json(&["doctor"]);
    let keys = found["keys"].as_array().unwrap();
    let taken = SERVICES.iter().filter_map(|service| service.key);
    assert!(keys.iter().map(|key| &key["key"]).eq(taken), "{found}");
    assert!(keys.iter().all(|key| key["set_in"].is_null()), "{found}");
    assert_eq!(uses(&found, "personalization", "writing"), ["rules-1"]);
    assert_eq!(found.get("probes"), None);
}

#[test]
fn keys_are_found_where_they_are_set_and_never_shown() {
    let user = User::new();
    std::fs::create_dir(user.data()).unwrap();
    let tenant = format!("anthropic = 1\nclaude_api_key = \"{SECRET}\"\n");
    std::fs::write(user.data().join("secrets.toml"), tenant).unwrap();
    let variables = [
        ("HUNTER_SECRET_ROCKETREACH_KEY", SECRET),
        ("HUNTER_SECRET_HUNTER_IO_KEY", SECRET),
    ];
    for args in [&["doctor"][..], &["doctor", "--json"]] {
        let answer = user.hunter_with(&variables, args);
        assert_eq!(answer.code, 0, "{answer:#?}");
        assert!(!answer.stdout.contains(SECRET), "{answer:#?}");
    }
    let found = user.hunter_with(&variables, &["doctor", "--json"]).json();
    let set_in = |key| find(&found["keys"], "key", key)["set_in"].clone();
    assert_eq!(set_in("rocketchat_key"), "HUNTER_SECRET_ROCKETREACH_KEY");
    assert_eq!(set_in("hunter_io_key"), "HUNTER_SECRET_HUNTER_IO_KEY");
    let file = set_in("claude_api_key");
    assert!(file.as_str().unwrap().ends_with("secrets.toml"), "{file}");
    assert_eq!(set_in("openai_api_key"), Value::Null);

    let contacts = uses(&found, "intelligence", "contacts");
    assert_eq!(
        contacts,
        ["the lead's own site", "hunter_io", "rocketreach"]
    );
    let writing = uses(&found, "personalization", "writing");
    assert_eq!(writing.len(), 2, "{writing:?}");
    assert_eq!(writing[1], "rules-1");
    let costs = find(&found["costs"], "recipe", "personalization");
    assert!(costs["dollars"].as_f64().unwrap() > 0.0, "{costs}");
    assert_eq!(costs["credits"], 0.04);
}

#[test]
fn other_addresses_and_lists_of_models_are_told_and_checked() {
    let user = User::new();
    let variables = [
        ("HUNTER_GROQ_URL", "http://127.0.0.1:9/groq"),
        ("HUNTER_SITES_GATEWAY", "127.0.0.1:9"),
    ];
    let found = user.hunter_with(&variables, &["doctor", "--json"]).json();
    let addresses = &found["addresses"];
    assert_eq!(find(addresses, "service", "groq")["url"], variables[0].1);
    assert_eq!(find(addresses, "service", "sites")["url"], variables[1].1);

    for (variables, args, text) in [
        (
            &[("HUNTER_DNS_URL", "localhost")][..],
            &["doctor"][..],
            "HUNTER_DNS_URL",
        ),
        (
            &[("HUNTER_MODELS_FILE", "nothing.toml")],
            &["doctor"],
            "HUNTER_MODELS_FILE",
        ),
        (&[], &["doctor", "--models", "nothing.toml"], "nothing.toml"),
    ] {
        let answer = user.hunter_with(variables, args);
        assert_eq!(answer.code, 2, "{answer:#?}");
        assert!(answer.stderr.contains(text), "{answer:#?}");
    }
    let none = user.file("models.toml", "as_of = \"2026-01-02\"\n");
    let found = user.json(&["doctor", "--source", "sandbox", "--models", &none]);
    assert_eq!(found["models"]["as_of"], "2026-01-02");
    assert_eq!(uses(&found, "personalization", "writing"), ["rules-1"]);
}

#[test]
fn every_service_of_the_sandbox_answers_when_asked() {
    let user = User::new();
    let answer = user.hunter(&["doctor", "--live", "--source", "sandbox", "--json"]);
    assert_eq!(answer.code, 0, "{answer:#?}");
    let found = answer.json();
    let probes = found["probes"].as_array().unwrap();
    let asked = probes.iter().map(|probe| &probe["service"]);
    assert!(asked.eq(SERVICES.iter().map(|service| service.id)));
    for probe in probes {
        let expected = match probe["service"].as_str().unwrap() {
            "clearbit" => "not_asked",
            _ => "ok",
        };
        assert_eq!(probe["answer"], expected, "{probe}");
    }
    // The search for ids is free; a search of the web is not.
    assert_eq!(
        find(&found["probes"], "service", "google_places")["cost"],
        0
    );
    assert_eq!(
        find(&found["probes"], "service", "brave_search")["cost"],
        0.005
    );
    assert_eq!(uses(&found, "discovery", "search")[0], "google_places");

    let told = user.hunter(&["doctor", "--live", "--source", "sandbox"]);
    assert!(told.stderr.contains("Hunter.io: ok"), "{told:#?}");
    assert!(told.stdout.contains("Asked just now"), "{told:#?}");
}

#[test]
fn a_refused_key_and_a_dead_service_are_told_apart_and_fail() {
    let user = User::new();
    let refuses = service_that_answers(
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    );
    let dead = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (refuses, dead) = (format!("http://{refuses}"), format!("http://{dead}"));
    let variables = [
        ("HUNTER_SECRET_GROQ_API_KEY", SECRET),
        ("HUNTER_GROQ_URL", &refuses),
        ("HUNTER_OVERPASS_URL", &dead),
        ("HUNTER_DNS_URL", &dead),
    ];
    let answer = user.hunter_with(&variables, &["doctor", "--live", "--json"]);
    assert_eq!(answer.code, 1, "{answer:#?}");
    assert!(!answer.stdout.contains(SECRET), "{answer:#?}");
    let found = answer.json();
    let groq = find(&found["probes"], "service", "groq");
    assert_eq!(groq["answer"], "refused", "{groq}");
    assert_eq!(groq["error_code"], "AUTHENTICATION_FAILED");
    let overpass = find(&found["probes"], "service", "overpass");
    assert_eq!(overpass["answer"], "unreachable", "{overpass}");
    let openai = find(&found["probes"], "service", "openai");
    assert_eq!(openai["answer"], "no_key", "{openai}");
}
