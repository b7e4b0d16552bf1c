//! What no tracked file may hold: somebody's home folder, unfinished work, a megabyte.

use regex::Regex;

use super::File;
use crate::report::{Error, Report};

const SIZE_BYTES_MAX: u64 = 1_000_000;

/// What must not stand in a text, and what to do about it.
struct Rule {
    pattern: Regex,
    /// How the names of the files end that it holds for; empty for all.
    suffix: &'static str,
    problem: &'static str,
    remedy: &'static str,
}

fn rules() -> Result<[Rule; 3], Error> {
    // The marker is put together so that this file does not hold it.
    let marker = concat!(r"\bFIX", r"ME\b");
    Ok([
        Rule {
            // A folder of a person or of root: at the start of a path, not inside of a URL.
            pattern: Regex::new(
                r#"(?m)(?:^|[\s"'`(=:,\[>])(?:file://)?(?:/(?:home|root|Users)/|[A-Z]:\\+Users\\+)[A-Za-z0-9._-]"#,
            )?,
            suffix: "",
            problem: "holds a path of one machine",
            remedy: "write it relative to the workspace or to `CARGO_MANIFEST_DIR`",
        },
        Rule {
            pattern: Regex::new(marker)?,
            suffix: "",
            problem: "is marked as unfinished",
            remedy: "finish it, or say in an issue what is missing",
        },
        Rule {
            pattern: Regex::new(r"\btodo!\s*[(\[{]")?,
            suffix: ".rs",
            problem: "is not implemented",
            remedy: "implement it, or leave it out",
        },
    ])
}

/// Checks every tracked file.
pub(super) fn check(files: &[File], report: &mut Report) -> Result<(), Error> {
    let rules = rules()?;
    for file in files {
        if file.size_bytes > SIZE_BYTES_MAX {
            report.add(
                &file.path,
                format!(
                    "has {} bytes, {SIZE_BYTES_MAX} are allowed",
                    file.size_bytes
                ),
                "generate it, or fetch it when it is needed",
            );
        }
        for rule in rules.iter().filter(|rule| file.path.ends_with(rule.suffix)) {
            for (number, line) in (1..).zip(file.text().lines()) {
                if rule.pattern.is_match(line) {
                    report.add(format!("{}:{number}", file.path), rule.problem, rule.remedy);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, problems};

    fn violations(name: &str, text: &str) -> Vec<String> {
        let mut report = Report::default();
        check(&[file(name, text)], &mut report).unwrap();
        problems(&report)
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        let home = format!("/{}/", "home");
        let users = format!("C:{0}{1}{0}", '\\', "Users");
        for text in [
            format!("see {home}ada/hunter"),
            format!("\"{home}ada\""),
            format!("{home}ada"),
            format!("path={home}ada"),
            format!("file://{home}ada"),
            format!("[x]({home}ada)"),
            format!("`/{}/.cargo`", "root"),
            format!("{users}ada"),
        ] {
            assert_eq!(
                violations("a.md", &format!("\n{text}")),
                ["a.md:2: holds a path of one machine"],
                "{text}"
            );
        }
        for text in [
            "https://example.com/home/page".to_owned(),
            format!("GET {home}"),
            "`.hunter/home/x`".to_owned(),
            "/homepage/x".to_owned(),
        ] {
            assert_eq!(violations("a.md", &text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn unfinished_work_and_large_files_are_found() {
        let marker = format!("// {}{}: later", "FIX", "ME");
        assert_eq!(
            violations("a.toml", &marker),
            ["a.toml:1: is marked as unfinished"]
        );
        let open = format!("fn f() {{ {}!() }}", "todo");
        assert_eq!(violations("a.rs", &open), ["a.rs:1: is not implemented"]);
        assert_eq!(violations("a.md", &open), Vec::<String>::new());
        let found = violations("a.txt", &"x".repeat(1_000_001));
        assert_eq!(found, ["a.txt: has 1000001 bytes, 1000000 are allowed"]);
    }
}
