//! What holds for every Lambda: logic in the library, wiring in a short main, a sample event.
//!
//! Cargo cannot give a library and a binary of one package different dependencies, so that a
//! recipe's library keeps away from adapters is read from its source.

use std::collections::BTreeSet;

use regex::Regex;

use super::File;
use crate::report::{Error, Report};

const MAIN_LINES_MAX: usize = 30;

/// Checks every folder of `functions/`.
pub(super) fn check(files: &[File], report: &mut Report) -> Result<(), Error> {
    let adapter = Regex::new(r"^(?:[^/]|/[^/])*\b(hunter_(?:aws|providers|lambda))\b")?;
    let mut names = BTreeSet::new();
    for file in files {
        let inside = file.path.strip_prefix("functions/");
        let Some((name, inside)) = inside.and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        names.insert(name);
        let lines = file.text().lines();
        if inside == "src/main.rs" {
            let count = lines.count();
            if count > MAIN_LINES_MAX {
                report.add(
                    &file.path,
                    format!("has {count} lines, {MAIN_LINES_MAX} are allowed"),
                    "a main only wires: move the rest into the library or into `hunter-lambda`",
                );
            }
        } else if inside.starts_with("src/") {
            for (number, line) in (1..).zip(lines) {
                if let Some(found) = adapter.captures(line).and_then(|found| found.get(1)) {
                    report.add(
                        format!("{}:{number}", file.path),
                        format!("uses `{}`", found.as_str()),
                        "a function's library sees ports only: wire the adapter in `main.rs`",
                    );
                }
            }
        }
    }
    for name in names {
        let event = format!("events/{name}.json");
        if !files.iter().any(|file| file.path == event) {
            report.add(
                event,
                format!("`functions/{name}` has no sample event"),
                "write one and name its schema in `xtask/src/events.rs`",
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, problems};

    fn violations(files: &[File]) -> Vec<String> {
        let mut report = Report::default();
        check(files, &mut report).unwrap();
        problems(&report)
    }

    #[test]
    fn a_good_function_passes() {
        let files = [
            file("events/scout.json", "{}"),
            file("functions/scout/Cargo.toml", "hunter-aws.workspace = true"),
            file(
                "functions/scout/src/main.rs",
                &"use hunter_aws::X;\n".repeat(30),
            ),
            file(
                "functions/scout/src/lib.rs",
                "// hunter_aws implements it\nuse hunter_core::X;",
            ),
        ];
        assert_eq!(violations(&files), Vec::<String>::new());
    }

    #[test]
    fn every_rule_can_be_broken() {
        let files = [
            file("functions/scout/src/main.rs", &"//\n".repeat(31)),
            file(
                "functions/scout/src/deep/er.rs",
                "\nuse hunter_providers::places;",
            ),
        ];
        assert_eq!(
            violations(&files),
            [
                "events/scout.json: `functions/scout` has no sample event",
                "functions/scout/src/deep/er.rs:2: uses `hunter_providers`",
                "functions/scout/src/main.rs: has 31 lines, 30 are allowed",
            ]
        );
    }
}
