//! Leads that are taken elsewhere.

use std::collections::BTreeMap;

use crate::harness::{SMALL_RUN, User};

type Row = BTreeMap<String, String>;

fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn export(user: &User, more: &[&str]) -> Vec<Row> {
    let answer = user.hunter(&[&["leads", "export", "--csv"], more].concat());
    assert_eq!(answer.code, 0, "{answer:#?}");
    assert_eq!(answer.stderr, "");
    rows(&answer.stdout)
}

#[test]
fn csv_holds_every_qualified_lead_and_on_demand_the_others() {
    let user = User::new();
    // A threshold that some pass and some do not.
    let run = user.json(&[&SMALL_RUN[..], &["--threshold", "0.75"]].concat());
    let summary = &run["run"]["summary"];
    let leads = export(&user, &[]);
    assert_eq!(leads.len(), summary["qualified_leads"]);
    let lost = summary["total_discovered"].as_u64().unwrap() - leads.len() as u64;
    assert!(lost > 0 && !leads.is_empty(), "{summary:#}");
    let ranks: Vec<_> = leads.iter().map(|row| row["rank"].clone()).collect();
    let expected: Vec<_> = (1..=leads.len()).map(|rank| rank.to_string()).collect();
    assert_eq!(ranks, expected, "best first");

    let all = export(&user, &["--rejected"]);
    assert_eq!(all[..leads.len()], leads);
    assert_eq!(all.len() - leads.len(), usize::try_from(lost).unwrap());
    for row in &all[leads.len()..] {
        assert!(!row["why"].is_empty() && !row["tier"].is_empty(), "{row:?}");
    }

    // The same as JSON, and into files.
    let json = user.json(&["leads", "export", "--rejected"]);
    let ids: Vec<_> = json["leads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["id"].clone())
        .collect();
    assert_eq!(
        ids,
        leads
            .iter()
            .map(|row| row["id"].clone())
            .collect::<Vec<_>>()
    );
    assert_eq!(json["rejected"].as_array().unwrap().len() as u64, lost);
    for (name, flag) in [("leads.csv", "--csv"), ("leads.json", "--json")] {
        let path = user.path(name);
        let answer = user.hunter(&["leads", "export", flag, "--output", path.to_str().unwrap()]);
        assert_eq!(
            (answer.code, answer.stdout.as_str()),
            (0, ""),
            "{answer:#?}"
        );
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&leads[0]["id"]), "{name}");
    }
    user.assert_refused(
        &["leads", "export", "--output", "/nowhere/leads.csv"],
        2,
        "INVALID_INPUT",
        "/nowhere/leads.csv",
    );
}

#[test]
fn cells_from_strangers_never_become_formulas() {
    let user = User::new();
    let names = [
        "=HYPERLINK(\"http://evil.example\";\"x\")",
        "@SUM(A1)",
        "-2+3 Dental",
        "+Dental",
        "Foo;=cmd|' /C calc'!A0;x",
        "＝1+1",
    ];
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["name", "phone", "category"]).unwrap();
    for (line, name) in names.iter().enumerate() {
        file.write_record([name, &*format!("+43 662 1234{line}0"), "dentist"])
            .unwrap();
    }
    let source = format!("file:{}", user.file("evil.csv", file.into_inner().unwrap()));
    let args = [
        "run",
        "--source",
        &source,
        "--keywords",
        "dentists",
        "--threshold",
        "0",
    ];
    user.json(&args);
    let rows = export(&user, &["--rejected"]);
    assert_eq!(rows.len(), names.len());
    for row in &rows {
        for (column, cell) in row {
            for part in cell.split([',', ';', '|', '\t']) {
                let formula = part.trim().starts_with(['=', '+', '-', '@', '＝']);
                assert!(!formula || column == "phone", "{column}: {cell}");
            }
        }
        assert!(row["phone"].starts_with("+43"), "{row:?}");
    }
}
