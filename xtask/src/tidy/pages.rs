//! Documents that follow the code: a page per error code, decision records without gaps.

use std::collections::{BTreeMap, BTreeSet};

use hunter_contracts::ErrorCode;
use regex::Regex;
use serde_json::Value;

use super::File;
use crate::report::{Error, Report};

const ERRORS: &str = "docs/errors/";
const DECISIONS: &str = "docs/adr/";

/// Every error code. The schema of the type lists them, so that no second list has to be kept.
fn error_codes() -> Result<BTreeSet<ErrorCode>, Error> {
    let schema = schemars::schema_for!(ErrorCode).to_value();
    let mut names = Vec::new();
    collect_names(&schema, &mut names);
    let codes: Result<_, _> = names.into_iter().map(serde_json::from_value).collect();
    Ok(codes?)
}

fn collect_names(schema: &Value, into: &mut Vec<Value>) {
    if let Some(name) = schema.get("const") {
        into.push(name.clone());
    }
    for list in ["enum", "oneOf"] {
        for entry in schema
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            match entry {
                Value::String(_) => into.push(entry.clone()),
                nested => collect_names(nested, into),
            }
        }
    }
}

/// The documents of a folder by file name, without deeper folders.
fn documents<'a>(files: &'a [File], folder: &str) -> BTreeMap<&'a str, &'a File> {
    files
        .iter()
        .filter_map(|file| Some((file.path.strip_prefix(folder)?, file)))
        .filter(|(name, _)| !name.contains('/'))
        .collect()
}

/// Every code has a page that says the truth about retries and stands in the index.
pub(super) fn check_errors(files: &[File], report: &mut Report) -> Result<(), Error> {
    let mut pages = documents(files, ERRORS);
    let index = pages.remove("README.md").map_or("", File::text);
    for code in error_codes()? {
        let name = format!("{code}.md");
        let retried = if code.retryable() { "yes" } else { "no" };
        let at = format!("{ERRORS}{name}");
        match pages.remove(name.as_str()) {
            None => report.add(
                &at,
                format!("`{code}` has no page"),
                "write one like its neighbours",
            ),
            Some(page) => check_error_page(page.text(), &at, code, retried, report),
        }
        let row = format!("| [{code}]({name}) | {retried} |");
        if !index.contains(&row) {
            report.add(
                format!("{ERRORS}README.md"),
                format!("has no row for `{code}`"),
                format!("add one that begins with `{row}`"),
            );
        }
    }
    for stale in pages.keys() {
        report.add(
            format!("{ERRORS}{stale}"),
            "belongs to no error code",
            "delete it, or add the code to `ErrorCode`",
        );
    }
    Ok(())
}

fn check_error_page(text: &str, at: &str, code: ErrorCode, retried: &str, report: &mut Report) {
    for line in [
        format!("# {code}"),
        format!("**Retried by default:** {retried}"),
    ] {
        let found = text
            .lines()
            .any(|l| l == line || l.starts_with(&format!("{line},")));
        if !found {
            report.add(
                at,
                format!("lacks the line `{line}`"),
                "the page says what `ErrorCode` says: write it so",
            );
        }
    }
}

/// Records are numbered from 0001 without gaps, say what they should, and stand in the index.
pub(super) fn check_decisions(files: &[File], report: &mut Report) -> Result<(), Error> {
    let pattern = Regex::new(r"^([0-9]{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md$")?;
    let mut records = documents(files, DECISIONS);
    let index = records.remove("README.md").map_or("", File::text);
    let mut expected = 1_u32;
    for (name, record) in records {
        let Some(number) = pattern.captures(name).and_then(|c| c.get(1)) else {
            report.add(
                &record.path,
                "is not named like a decision record",
                "name it `NNNN-title-in-lower-case.md`",
            );
            continue;
        };
        let number = number.as_str();
        if number != format!("{expected:04}") {
            report.add(
                &record.path,
                format!("has number {number} where {expected:04} is due"),
                "number the records without gaps and without doubles",
            );
        }
        expected = number.parse::<u32>()?.saturating_add(1);
        let title = format!("# {number}. ");
        if !record.text().starts_with(&title) {
            report.add(
                &record.path,
                "its title does not carry its number",
                format!("begin with `{title}`"),
            );
        }
        for heading in ["## Context", "## Decision", "## Consequence"] {
            if !record.text().lines().any(|line| line == heading) {
                report.add(&record.path, format!("lacks `{heading}`"), "write it");
            }
        }
        if !index.contains(&format!("({name})")) {
            report.add(
                format!("{DECISIONS}README.md"),
                format!("does not list `{name}`"),
                "add a line that links it",
            );
        }
    }
    Ok(())
}

/// Documents that lead a person through the house by the names of files.
const GUIDES: [&str; 4] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "docs/glossary.md",
];

/// A file or folder that a guide names is there, up to the first part that stands for any name.
pub(super) fn check_paths(files: &[File], report: &mut Report) -> Result<(), Error> {
    let path = Regex::new(
        r"[`(]((?:functions|shared|statemachine|infra|events|tests|xtask|docs|\.ci)/[A-Za-z0-9_./-]*)[`)#]",
    )?;
    let any_name = Regex::new(r"^[A-Z]{3,}(?:\W|$)")?;
    for guide in files
        .iter()
        .filter(|file| GUIDES.contains(&file.path.as_str()))
    {
        for (number, line) in (1..).zip(guide.text().lines()) {
            for named in path.captures_iter(line).filter_map(|found| found.get(1)) {
                let parts = named.as_str().trim_end_matches('/').split('/');
                let given = |part: &&str| *part == "README.md" || !any_name.is_match(part);
                let known = parts.take_while(given).collect::<Vec<_>>().join("/");
                let below = format!("{known}/");
                let is_there = |file: &File| file.path == known || file.path.starts_with(&below);
                if !files.iter().any(is_there) {
                    report.add(
                        format!("{}:{number}", guide.path),
                        format!("names `{known}`, which is not there"),
                        "say where it is now",
                    );
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_names_what_is_there() {
        let text = "See `events/x.json`, `events/`, [e](docs/errors/README.md#top), `docs/errors/CODE.md`,\n\
                    `events/NAME.json`, [y](events/y.json) and `shared/NAME/src`.";
        let files = [
            file("CONTRIBUTING.md", text),
            file("docs/engines.md", "`events/y.json`"),
            file("docs/errors/README.md", ""),
            file("events/x.json", ""),
        ];
        let mut report = Report::default();
        check_paths(&files, &mut report).unwrap();
        assert_eq!(
            problems(&report),
            [
                "CONTRIBUTING.md:2: names `events/y.json`, which is not there",
                "CONTRIBUTING.md:2: names `shared`, which is not there",
            ]
        );
    }
    use crate::tidy::{file, problems};

    #[test]
    fn the_schema_tells_every_code() {
        let codes = error_codes().unwrap();
        assert!(codes.len() >= 27, "{codes:?}");
        assert!(codes.contains(&ErrorCode::ApiRateLimit) && codes.contains(&ErrorCode::Internal));
    }

    fn error_docs() -> Vec<File> {
        let codes = error_codes().unwrap();
        let retried = |code: &ErrorCode| if code.retryable() { "yes" } else { "no" };
        let rows: String = codes
            .iter()
            .map(|code| format!("| [{code}]({code}.md) | {} | x |\n", retried(code)))
            .collect();
        codes
            .iter()
            .map(|code| {
                let retried = retried(code);
                let text = format!("# {code}\n\n**Retried by default:** {retried}, always\n");
                file(&format!("docs/errors/{code}.md"), &text)
            })
            .chain([file("docs/errors/README.md", &rows)])
            .collect()
    }

    #[test]
    fn a_page_per_code_passes() {
        let mut report = Report::default();
        check_errors(&error_docs(), &mut report).unwrap();
        assert_eq!(problems(&report), Vec::<String>::new());
    }

    #[test]
    fn a_missing_a_stale_and_a_lying_page_are_named() {
        let mut files = error_docs();
        files.retain(|file| file.path != "docs/errors/TIMEOUT.md");
        files.push(file("docs/errors/GONE.md", "# GONE"));
        for file in &mut files {
            if file.path == "docs/errors/INTERNAL.md" {
                file.text = Some("# INTERNAL\n\n**Retried by default:** yes\n".into());
            }
            if file.path == "docs/errors/README.md" {
                file.text = Some(file.text().replace("[CONFLICT]", "[CONFLICTS]"));
            }
        }
        let mut report = Report::default();
        check_errors(&files, &mut report).unwrap();
        assert_eq!(
            problems(&report),
            [
                "docs/errors/GONE.md: belongs to no error code",
                "docs/errors/INTERNAL.md: lacks the line `**Retried by default:** no`",
                "docs/errors/README.md: has no row for `CONFLICT`",
                "docs/errors/TIMEOUT.md: `TIMEOUT` has no page",
            ]
        );
    }

    const RECORD: &str = "## Context\nx\n## Decision\nx\n## Consequence\nx\n";

    #[test]
    fn decisions_are_numbered_without_gaps_and_doubles() {
        let record = |number: &str, name: &str| {
            file(
                &format!("docs/adr/{name}"),
                &format!("# {number}. Title\n\n{RECORD}"),
            )
        };
        let index = file(
            "docs/adr/README.md",
            "(0001-one.md) (0002-two.md) (0002-again.md) (0004-four.md)",
        );
        let good = [
            index.clone(),
            record("0001", "0001-one.md"),
            record("0002", "0002-two.md"),
        ];
        let mut report = Report::default();
        check_decisions(&good, &mut report).unwrap();
        assert_eq!(problems(&report), Vec::<String>::new());

        let bad = [
            index,
            record("0001", "0001-one.md"),
            record("0002", "0002-again.md"),
            record("0002", "0002-two.md"),
            record("0005", "0004-four.md"),
            file("docs/adr/notes.md", RECORD),
        ];
        let mut report = Report::default();
        check_decisions(&bad, &mut report).unwrap();
        assert_eq!(
            problems(&report),
            [
                "docs/adr/0002-two.md: has number 0002 where 0003 is due",
                "docs/adr/0004-four.md: has number 0004 where 0003 is due",
                "docs/adr/0004-four.md: its title does not carry its number",
                "docs/adr/notes.md: is not named like a decision record",
            ]
        );
    }

    #[test]
    fn a_record_without_its_parts_or_its_line_in_the_index_is_named() {
        let files = [file(
            "docs/adr/0001-one.md",
            "# 0001. One\n\n## Context\n## Decision\n",
        )];
        let mut report = Report::default();
        check_decisions(&files, &mut report).unwrap();
        assert_eq!(
            problems(&report),
            [
                "docs/adr/0001-one.md: lacks `## Consequence`",
                "docs/adr/README.md: does not list `0001-one.md`",
            ]
        );
    }
}
