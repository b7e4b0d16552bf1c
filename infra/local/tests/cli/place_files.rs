//! Place files, good and bad. One that cannot be read is refused before the run is opened.

use std::{fs::File, path::Path};

use serde_json::{Value, json};

use crate::harness::{Answer, User};

fn feature(id: u64, name: &str) -> Value {
    json!({
        "type": "Feature",
        "id": format!("node/{id}"),
        "properties": { "name": name, "amenity": "dentist", "phone": format!("+4366212{id:05}") },
        "geometry": { "type": "Point", "coordinates": [13.04, 47.8] },
    })
}

fn collection(features: &[Value]) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn run(user: &User, file: &str) -> Answer {
    let source = format!("file:{file}");
    user.hunter(&[
        "run",
        "--json",
        "--source",
        &source,
        "--keywords",
        "dentists",
        "--threshold",
        "0",
    ])
}

/// Content, error code, and what the message says.
fn malformed() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let good = collection(&[feature(1, "Zahnarzt Müller")]);
    let cut = good.as_bytes()[..good.len() - 20].to_vec();
    let latin: Vec<u8> = good.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let utf16: Vec<u8> = "not json at all"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let nested = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":{}",
        "[".repeat(100_000)
    );
    let nan = good.replace("13.04", "NaN");
    let unreadable = "SOURCE_UNREADABLE";
    vec![
        ("empty.json", vec![], unreadable, "is empty"),
        ("blank.json", b" \n ".to_vec(), unreadable, "is empty"),
        ("cut.geojson", cut, unreadable, "cut off"),
        ("latin.json", latin, unreadable, "must be UTF-8"),
        ("utf16.csv", utf16, "INVALID_INPUT", "utf16.csv"),
        (
            "nested.json",
            nested.into_bytes(),
            unreadable,
            "nested.json",
        ),
        (
            "nan.geojson",
            nan.into_bytes(),
            unreadable,
            "not valid JSON",
        ),
        (
            "list.json",
            b"[1, 2]".to_vec(),
            unreadable,
            "top level is a list",
        ),
        (
            "other.json",
            b"{\"a\": 1}".to_vec(),
            unreadable,
            "Overpass JSON",
        ),
        (
            "page.html",
            b"<html></html>".to_vec(),
            unreadable,
            "XML or HTML",
        ),
        (
            "phones.csv",
            b"phone,town\n1,Salzburg\n".to_vec(),
            "INVALID_INPUT",
            "name",
        ),
        (
            "book.xlsx",
            b"PK\x03\x04rest".to_vec(),
            unreadable,
            "save it as CSV",
        ),
        (
            "noise.bin",
            b"\x01\x02\x00\x00\xFF\xFE".to_vec(),
            unreadable,
            "binary",
        ),
    ]
}

#[test]
fn a_file_that_cannot_be_read_stores_and_charges_nothing() {
    let user = User::new();
    for (name, content, code, text) in malformed() {
        let source = format!("file:{}", user.file(name, content));
        let args = ["run", "--source", &source, "--keywords", "dentists"];
        user.assert_refused(&args, 2, code, text);
    }
    user.assert_untouched();
}

#[test]
fn a_file_that_is_none_is_refused() {
    let user = User::new();
    let huge = user.path("huge.json");
    // Sparse: it takes no room on the disk.
    File::create(&huge).unwrap().set_len(600 << 20).unwrap();
    let directory = user.path("");
    for (path, text) in [
        ("nowhere.json", "`source`: there is no file `nowhere.json`"),
        (directory.to_str().unwrap(), "is not a file"),
        (huge.to_str().unwrap(), "the limit is 536870912; split it"),
    ] {
        let source = format!("file:{path}");
        let args = ["run", "--source", &source, "--keywords", "dentists"];
        user.assert_refused(&args, 2, "INVALID_INPUT", text);
    }
    user.assert_untouched();
}

#[test]
fn odd_records_in_a_sound_file_are_counted_not_fatal() {
    let user = User::new();
    let mut nowhere = feature(3, "Nowhere Dental");
    nowhere["geometry"]["coordinates"] = json!([1e9, "x"]);
    let mut nameless = feature(4, "");
    nameless["properties"]["name"] = Value::Null;
    let file = user.file(
        "odd.geojson",
        collection(&[
            feature(1, "First Dental"),
            feature(1, "First Dental"),
            feature(2, "Second Dental"),
            nowhere,
            nameless,
        ]),
    );
    let answer = run(&user, &file);
    assert_eq!(answer.code, 0, "{answer:#?}");
    let summary = &answer.json()["run"]["summary"];
    assert_eq!(summary["total_discovered"], 5, "{summary:#}");
    assert_eq!(summary["qualified_leads"], 3, "{summary:#}");
    assert_eq!(
        summary["unusable"], 2,
        "the repeat and the nameless: {summary:#}"
    );
    user.json(&["credits", "--check"]);
}

#[test]
fn sixty_megabytes_on_one_line_are_read() {
    let user = User::new();
    let features: Vec<Value> = (0..600)
        .map(|id| {
            let mut feature = feature(id, &format!("Dental {id}"));
            feature["properties"]["description"] = "x".repeat(100_000).into();
            feature
        })
        .collect();
    let file = user.file("large.geojson", collection(&features));
    assert!(std::fs::metadata(&file).unwrap().len() >= 60_000_000);
    let answer = run(&user, &file);
    assert_eq!(answer.code, 0, "{answer:#?}");
    assert_eq!(answer.json()["run"]["summary"]["total_discovered"], 600);
}

#[test]
fn a_real_extract_becomes_leads_with_evidence() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/realworld/overpass/at-salzburg-dentists.geojson");
    if !file.exists() {
        println!("skipped: {} is not there", file.display());
        return;
    }
    let user = User::new();
    let answer = run(&user, file.to_str().unwrap());
    assert_eq!(answer.code, 0, "{answer:#?}");
    let run = &answer.json()["run"];
    assert!(
        run["summary"]["qualified_leads"].as_u64() > Some(100),
        "{run:#}"
    );
    let drafts = user.json(&["drafts", "list"]);
    let first = &drafts[0]["claims"];
    assert!(
        first.to_string().contains("https://www.openstreetmap.org/"),
        "{first:#}"
    );
}
