//! Place files: real extracts where they are present, and files that are broken on purpose.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and says when it is skipped"
)]

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::PlaceBatch;
use hunter_providers::{ColumnMap, FileOptions, FileSpec, read_places_file};

fn options() -> FileOptions {
    FileOptions::new("2026-01-02T03:04:05Z".parse().unwrap())
}

fn read(name: &str, content: &[u8]) -> Result<PlaceBatch, RecipeFailure> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    read_places_file(&path, &options())
}

fn refused(name: &str, content: &[u8], code: ErrorCode, says: &[&str]) {
    let failure = read(name, content).expect_err(name);
    assert_eq!(failure.code, code, "{failure}");
    for text in says.iter().chain(&[name]) {
        assert!(
            failure.message.contains(text),
            "{text:?} missing in: {failure}"
        );
    }
}

fn realworld() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld");
    if root.join("SOURCES.md").exists() {
        return Some(root);
    }
    eprintln!("skipped: the real-world data is not here");
    None
}

/// The table of section A: file, elements, elements with a name.
fn expected(root: &Path) -> Vec<(String, usize, usize)> {
    let table = fs::read_to_string(root.join("SOURCES.md")).unwrap();
    table
        .lines()
        .filter(|line| line.starts_with("| overpass/"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (
                cells[1].to_owned(),
                cells[6].parse().unwrap(),
                cells[8].parse().unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_real_extract_is_accounted_for_element_by_element() {
    let Some(root) = realworld() else { return };
    let files = expected(&root);
    assert_eq!(files.len(), 20);
    for (file, elements, named) in files {
        let batch = read_places_file(&root.join(&file), &options()).unwrap();
        assert_eq!(
            batch.places.len() + batch.unusable.len(),
            elements,
            "{file}"
        );
        let with_name = batch.places.iter().filter(|p| p.name.is_some()).count();
        assert_eq!(with_name, named, "{file}");
        let osm = batch
            .places
            .iter()
            .filter(|p| p.record_url.starts_with("https://www.openstreetmap.org/"))
            .count();
        assert_eq!(osm, batch.places.len(), "{file}: every record has its page");
        let placed = batch.places.iter().filter(|p| p.position.is_some()).count();
        eprintln!("{file}: {placed} of {} placed", batch.places.len());
        // Skopje's extract names nodes that it does not hold, Berkeley has relations without one.
        assert!(
            placed * 100 >= batch.places.len() * 80,
            "{file}: {placed} placed"
        );
        assert!(
            batch.attribution.unwrap().contains("OpenStreetMap"),
            "{file}"
        );
    }
}

#[test]
fn a_real_record_is_read_in_full() {
    let Some(root) = realworld() else { return };
    let path = root.join("overpass/at-salzburg-dentists.geojson");
    let batch = read_places_file(&path, &options()).unwrap();
    let place = batch
        .places
        .iter()
        .find(|p| p.source_id == "node/457567524")
        .unwrap();
    assert_eq!(place.street.as_deref(), Some("Faistauergasse 3"));
    assert_eq!(
        place.address.as_deref(),
        Some("Faistauergasse 3, 5020 Salzburg")
    );
    assert_eq!(place.categories, ["dentist"]);
    assert_eq!(place.emails.len(), 1);
    assert_eq!(place.as_of.to_string(), "2025-07-10T21:51:26Z");
    assert_eq!(
        place.record_url,
        "https://www.openstreetmap.org/node/457567524"
    );
    let hyderabad = root.join("overpass/in-hyderabad-hospitals.geojson");
    let batch = read_places_file(&hyderabad, &options()).unwrap();
    let place = &batch.places[0];
    assert_eq!(place.source_id, "node/349267517");
    assert!(
        place.phones.is_empty() && place.website.is_none(),
        "null is no value"
    );
    assert!(place.address.as_ref().unwrap().starts_with("1-98/90/26"));
}

#[test]
fn overpass_elements_of_every_kind() {
    let json = br#"{"version":0.6,"osm3s":{"timestamp_osm_base":"2024-05-06T07:08:09Z"},"elements":[
        {"type":"node","id":1,"lat":51.0,"lon":12.0,"tags":{"name":"A","shop":"bakery"}},
        {"type":"way","id":2,"center":{"lat":51.5,"lon":12.5},"tags":{"name":"B"}},
        {"type":"way","id":3,"nodes":[10,11],"tags":{"name":"C"}},
        {"type":"node","id":10,"lat":50.0,"lon":10.0},
        {"type":"node","id":11,"lat":52.0,"lon":12.0},
        {"type":"relation","id":4,"bounds":{"minlat":1,"minlon":2,"maxlat":3,"maxlon":4},"tags":{"name":"D"}},
        {"type":"node","id":5,"lat":"NaN","lon":12.0,"tags":{"name":"E"}},
        {"type":"node","id":6,"lat":951.0,"lon":12.0,"tags":{"name":"F"},"timestamp":"2020-01-01T00:00:00Z"},
        {"type":"node","id":1,"lat":51.0,"lon":12.0,"tags":{"name":"A","shop":"bakery"}},
        {"type":"node","id":1,"lat":51.0,"lon":12.0,"tags":{"name":"A2","shop":"bakery"}},
        null, [1,[2]], "text"]}"#;
    let batch = read("a.json", json).unwrap();
    assert_eq!(batch.places.len() + batch.unusable.len(), 13);
    let position = |id: &str| {
        let place = batch.places.iter().find(|p| p.source_id == id).unwrap();
        place.position.map(|p| (p.lat, p.lon))
    };
    assert_eq!(position("way/2"), Some((51.5, 12.5)));
    assert_eq!(position("way/3"), Some((51.0, 11.0)), "from its nodes");
    assert_eq!(position("relation/4"), Some((2.0, 3.0)));
    assert_eq!((position("node/5"), position("node/6")), (None, None));
    assert_eq!(position("node/1#2"), Some((51.0, 12.0)));
    assert!(
        batch.limits_reached[0].starts_with("2 records"),
        "{:?}",
        batch.limits_reached
    );
    let reasons: Vec<&str> = batch.unusable.iter().map(|u| u.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "no tags",
            "no tags",
            "duplicate id, same content",
            "not an object",
            "not an object",
            "not an object"
        ]
    );
    let times: Vec<String> = batch.places.iter().map(|p| p.as_of.to_string()).collect();
    assert_eq!(times[0], "2024-05-06T07:08:09Z");
    assert!(times.contains(&"2020-01-01T00:00:00Z".to_owned()));
}

#[test]
fn geojson_flat_nested_and_null() {
    let json = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"type":"node","id":7,"tags":{"name":"Hof Käch","shop":"farm"}},
         "geometry":{"type":"Point","coordinates":[8.3,47.0]}},
        {"type":"Feature","id":"way/8","properties":{"@id":"way/8","type":"multipolygon","name":"B","phone":null},
         "geometry":{"type":"Polygon","coordinates":[[[0.5,0.5],[1.5,0.5],[1.5,2.5],[0.5,0.5]]]}},
        {"type":"Feature","properties":{"@id":"node/9"},"geometry":null},
        {"type":"Feature","properties":{"name":"No id"},"geometry":null}],
        "timestamp":"2023-01-01T00:00:00Z"}"#;
    let batch = read("b.geojson", json.as_bytes()).unwrap();
    let ids: Vec<&str> = batch.places.iter().map(|p| p.source_id.as_str()).collect();
    assert_eq!(ids, ["node/7", "way/8", "#4"]);
    assert_eq!(batch.unusable[0].source_id, "node/9");
    assert!(
        batch.places[1]
            .tags
            .contains(&("type".into(), "multipolygon".into()))
    );
    assert_eq!(batch.places[1].position.unwrap().lat, 1.5);
    assert_eq!(batch.places[2].record_url, "file:b.geojson#4");
    assert_eq!(batch.places[2].as_of.to_string(), "2023-01-01T00:00:00Z");
}

#[test]
fn geojson_of_other_origin_has_columns_too() {
    let json = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,
        "properties":{"Company":"A","Kunde":"B","Telefon":"1; 2","Web":"a.example","PLZ":4109}}]}"#;
    let place = read("q.geojson", json.as_bytes()).unwrap().places.remove(0);
    assert_eq!(place.name.as_deref(), Some("A"));
    assert_eq!(place.phones, ["1", "2"]);
    assert_eq!(place.website.as_deref(), Some("a.example"));
    assert_eq!(place.postcode.as_deref(), Some("4109"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("q.geojson");
    fs::write(&path, json).unwrap();
    let mut options = options();
    options.columns = ColumnMap::parse("name=Kunde").unwrap();
    let batch = read_places_file(&path, &options).unwrap();
    assert_eq!(batch.places[0].name.as_deref(), Some("B"));
    options.columns = ColumnMap::parse("name=Firma").unwrap();
    let failure = read_places_file(&path, &options).unwrap_err();
    assert!(failure.message.contains("`Firma`"), "{failure}");
}

#[test]
fn tables_in_the_encodings_and_delimiters_of_real_offices() {
    let csv = "Firma;Tel.;Straße;PLZ;Ort;Breitengrad;Längengrad\r\n\
               Bäckerei Müller;0341 1;Große Straße 5;04109;Leipzig;51,3;12,4\r\n\
               ;;;;;;\r\n\
               \"Käse; Wein\";\"1, 2\";;;Köln;nix;12\r\n\
               zu;viele;Felder;in;dieser;Zeile;hier;ja\r\n";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(csv);
    let utf16: Vec<u8> = std::iter::once(0xFEFF_u16)
        .chain(csv.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let bom = [b"\xEF\xBB\xBF".as_slice(), csv.as_bytes()].concat();
    let tabs = csv.replace(';', "\t").replace("Käse\t", "Käse;");
    let sep = format!("sep=;\n{csv}");
    let variants: [(&str, &[u8]); 6] = [
        ("utf8.csv", csv.as_bytes()),
        ("bom.csv", &bom),
        ("latin.csv", &latin),
        ("utf16.csv", &utf16),
        ("tabs.tsv", tabs.as_bytes()),
        ("sep.csv", sep.as_bytes()),
    ];
    for (name, content) in variants {
        let batch = read(name, content).unwrap();
        assert_eq!((batch.places.len(), batch.unusable.len()), (2, 2), "{name}");
        let place = &batch.places[0];
        assert_eq!(place.name.as_deref(), Some("Bäckerei Müller"), "{name}");
        assert_eq!(
            place.address.as_deref(),
            Some("Große Straße 5, 04109 Leipzig"),
            "{name}"
        );
        assert_eq!(place.position.unwrap().lat, 51.3, "{name}");
        assert_eq!(place.source_id, "row/2");
        assert_eq!(place.record_url, format!("file:{name}#row2"));
        assert_eq!(place.as_of.to_string(), "2026-01-02T03:04:05Z");
        let second = &batch.places[1];
        assert_eq!(second.name.as_deref(), Some("Käse; Wein"), "{name}");
        assert_eq!(second.phones, ["1", "2"]);
        assert!(second.position.is_none());
        assert_eq!(batch.limits_reached.len(), 1, "{name}");
        assert_eq!(batch.unusable[0].reason, "empty row");
        assert!(batch.unusable[1].reason.starts_with("8 fields"), "{name}");
    }
}

#[test]
fn a_file_specification_names_columns() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l.csv");
    fs::write(&path, "Kunde,Ruf Nr\nA,1\n").unwrap();
    let text = format!("file:{}?name=Kunde&phone=Ruf%20Nr", path.display());
    let spec = FileSpec::parse(&text).unwrap();
    assert_eq!(spec.path, path);
    let mut options = options();
    options.columns = spec.columns;
    let batch = read_places_file(&path, &options).unwrap();
    assert_eq!(batch.places[0].phones, ["1"]);
    options.columns = ColumnMap::default();
    let failure = read_places_file(&path, &options).unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput);
    assert!(failure.message.contains("`Ruf Nr`"), "{failure}");
}

#[test]
fn broken_json_says_where_and_what_to_do() {
    let bad = ErrorCode::SourceUnreadable;
    let node = r#"{"type":"node","id":1,"lat":51.0,"lon":12.0,"tags":{"name":"A"}}"#;
    refused("empty.json", b"", bad, &["empty"]);
    refused("blank.json", b" \n\t ", bad, &["empty"]);
    let cut = format!("{{\"elements\":[\n{node},\n{{\"type\":\"no");
    refused("cut.json", cut.as_bytes(), bad, &["cut off", "line 3"]);
    let nan = node.replace("51.0", "NaN");
    let nan = format!("{{\"elements\":[{nan}]}}");
    refused(
        "nan.json",
        nan.as_bytes(),
        bad,
        &["not valid JSON", "line 1"],
    );
    refused(
        "list.json",
        format!("[{node}]").as_bytes(),
        bad,
        &["list", "elements"],
    );
    refused(
        "other.json",
        br#"{"rows":[],"total":3}"#,
        bad,
        &["rows, total"],
    );
    refused(
        "odd.json",
        br#"{"elements":{"a":1}}"#,
        bad,
        &["expected a list"],
    );
    let twice = format!("{{\"elements\":[{node}]}}\n{{\"elements\":[]}}");
    refused("lines.json", twice.as_bytes(), bad, &["line 2"]);
    refused(
        "page.json",
        b"<html><body>rate_limited</body></html>",
        bad,
        &["HTML"],
    );
    let legacy = format!("{{\"elements\":[{}]}}", node.replace('A', "B\u{fc}ro"));
    let (legacy, _, _) = encoding_rs::WINDOWS_1252.encode(&legacy);
    refused("latin.json", &legacy, bad, &["byte 74", "UTF-8"]);
    let remark = br#"{"elements":[],"remark":"runtime error: Query timed out"}"#;
    refused(
        "remark.json",
        remark,
        bad,
        &["Query timed out", "not whole"],
    );
    let deep = format!("{{\"elements\":[{{\"tags\":{}", "[".repeat(100_000));
    refused("deep.json", deep.as_bytes(), bad, &["recursion limit"]);
    let deep = format!(
        "{{\"features\":[{{\"geometry\":{{\"coordinates\":{}",
        "[".repeat(100_000)
    );
    refused("deep.geojson", deep.as_bytes(), bad, &["recursion limit"]);
}

#[test]
fn files_that_are_no_place_files_are_refused() {
    let bad = ErrorCode::SourceUnreadable;
    refused("book.xlsx", b"PK\x03\x04rest", bad, &["Excel", "CSV"]);
    refused("packed.gz", b"\x1f\x8b\x08\0rest", bad, &["gzip"]);
    refused("noise.bin", b"abc\0\0\0\x01def", bad, &["binary", "byte 3"]);
    refused(
        "script.js",
        b"var x = 1",
        ErrorCode::InvalidInput,
        &["`var x = 1`"],
    );
    let open = format!("name,phone\n\"A,{}\n", "x".repeat(2_000_000));
    refused("quote.csv", open.as_bytes(), bad, &["quote", "line 2"]);
    let dir = tempfile::tempdir().unwrap();
    for (path, says) in [
        (dir.path().join("gone.json"), "no file"),
        (dir.path().to_path_buf(), "not a file"),
    ] {
        let failure = read_places_file(&path, &options()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput);
        assert!(failure.message.contains(says), "{failure}");
    }
}

#[test]
fn json_in_utf16_is_read() {
    let json = r#"{"elements":[{"type":"node","id":1,"lat":1,"lon":2,"tags":{"name":"Ünal 松"}}]}"#;
    let bare: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = std::iter::once(0xFEFF_u16)
        .chain(json.encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    for content in [bare, marked] {
        let batch = read("u.json", &content).unwrap();
        assert_eq!(batch.places[0].name.as_deref(), Some("Ünal 松"));
    }
}

/// A file over the limit is refused by its size alone: this one is sparse and would be a gigabyte.
#[test]
fn a_huge_file_is_refused_unread() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.json");
    fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let failure = read_places_file(&path, &options()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput);
    assert!(failure.message.contains("1073741824"), "{failure}");
}

/// One line of 50 MB, nearly all of it a polygon: its coordinates stream by.
#[test]
fn a_line_of_fifty_megabytes_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("line.geojson");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    let mut chunk = String::new();
    for i in 0..50_000 {
        write!(chunk, "[{}.5,{}.25],", i % 90 + 1, i % 80 + 1).unwrap();
    }
    file.write_all(br#"{"features":[{"properties":{"name":"A"},"geometry":{"coordinates":[["#)
        .unwrap();
    for _ in 0..(50_000_000 / chunk.len() + 1) {
        file.write_all(chunk.as_bytes()).unwrap();
    }
    file.write_all(br#"[1.5,1.25]]]}}]}"#).unwrap();
    drop(file);
    assert!(fs::metadata(&path).unwrap().len() >= 50_000_000);
    let batch = read_places_file(&path, &options()).unwrap();
    let position = batch.places[0].position.unwrap();
    assert_eq!((position.lat, position.lon), (40.75, 46.0));
}
