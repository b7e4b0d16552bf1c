//! The first line of a commit, as CONTRIBUTING asks for it. Asked of the commits that have not gone
//! to `origin/main` yet: the others cannot be changed.

use std::{path::Path, process::Command};

use regex::Regex;

use crate::report::{Error, Report};

const CHARACTERS_MAX: usize = 72;

/// The hashes and first lines of what has not been handed over.
///
/// # Errors
/// When `git` cannot be run.
pub(super) fn subjects(root: &Path) -> Result<Vec<(String, String)>, Error> {
    let mut log = Command::new("git");
    log.args(["log", "--no-merges", "--format=%h %s", "origin/main..HEAD"]);
    // It fails where there is no `origin/main`, and then nothing is to be handed over.
    let output = log.current_dir(root).output()?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let split = |line: &str| {
        line.split_once(' ')
            .map(|(hash, line)| (hash.to_owned(), line.to_owned()))
    };
    Ok(lines.lines().filter_map(split).collect())
}

/// Reports every first line of another form.
pub(super) fn check(subjects: &[(String, String)], report: &mut Report) -> Result<(), Error> {
    let form = Regex::new(r"^[A-Za-z.][A-Za-z0-9_./, -]*: .*[^.\s]$")?;
    for (hash, line) in subjects {
        if !form.is_match(line) || line.chars().count() > CHARACTERS_MAX {
            report.add(
                format!("commit {hash}"),
                format!("its first line is `{line}`"),
                format!("write `where: what changes`, in {CHARACTERS_MAX} characters, without a full stop"),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_says_where_and_what() {
        for (line, fits) in [
            ("ledger: refuse a debit against a closed hold", true),
            ("CI, docs/adr: what takes longer is run by hand", true),
            ("Refuse a debit", false),
            ("ledger: refuse a debit.", false),
            ("ledger:", false),
            ("", false),
        ] {
            let mut report = Report::default();
            check(&[("abc".into(), line.into())], &mut report).unwrap();
            assert_eq!(report.violations().is_empty(), fits, "{line}");
        }
        let long = format!("ledger: {}", "x".repeat(65));
        let mut report = Report::default();
        check(&[("abc".into(), long)], &mut report).unwrap();
        assert_eq!(report.violations().len(), 1);
    }
}
