//! `cargo xtask bench extract`: how often the extractors are right about real pages and sites; for
//! dates beside htmldate, a Python program, on the same pages in the same run.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde::{Deserialize, Serialize};

use crate::report::{Error, Report, workspace};

/// The release of htmldate on PyPI that is compared with.
const HTMLDATE: &str = "htmldate==1.11.0";
const SCRIPT: &str = include_str!("../../data/reference_dates.py");

/// What is printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Prints the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Names the pages on which either is wrong.
    #[arg(long)]
    wrong: bool,
}

/// What `shared/extract/benches/extract.rs` prints.
#[derive(Debug, Deserialize)]
struct Found {
    folder: String,
    pages: Vec<Page>,
    sites: Vec<Site>,
}

#[derive(Debug, Deserialize)]
struct Page {
    file: String,
    url: String,
    expected: Option<String>,
    only_publication: bool,
    #[serde(flatten)]
    dates: Dates,
}

/// What a program says about a page.
#[derive(Debug, Default, Deserialize)]
struct Dates {
    found: Option<String>,
    published: Option<String>,
    ms: f64,
}

#[derive(Debug, Deserialize)]
struct Site {
    host: String,
    emails: Option<Counts>,
    posts: Option<Counts>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize)]
struct Counts {
    right: u32,
    wrong: u32,
    missed: u32,
    #[serde(default)]
    dates_right: u32,
    #[serde(default)]
    dates: u32,
}

impl Counts {
    fn add(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            wrong: self.wrong + other.wrong,
            missed: self.missed + other.missed,
            dates_right: self.dates_right + other.dates_right,
            dates: self.dates + other.dates,
        }
    }

    fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }
}

/// How often a program is right about dates.
#[derive(Debug, Default, Serialize)]
struct Score {
    pages: u32,
    /// The date is the expected one.
    exact: u32,
    /// That, or where only the publication is known, the publication is among the two dates.
    known: u32,
    exact_share: f64,
    known_share: f64,
    ms_per_page: f64,
}

#[derive(Debug, Serialize)]
struct Summary {
    reference: &'static str,
    dates: Score,
    dates_htmldate: Score,
    emails: Counts,
    email_precision: f64,
    email_recall: f64,
    posts: Counts,
    post_precision: f64,
    post_recall: f64,
}

fn share(part: u32, whole: u32) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

/// Runs both programs and compares.
///
/// # Errors
/// When one of them cannot be had.
pub(crate) fn run(options: &Options) -> Result<Report, Error> {
    let output = Command::new("cargo")
        .args(["run", "--release", "--quiet", "--package", "hunter-extract"])
        .args(["--example", "bench_extract"])
        .current_dir(workspace())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the extractors failed: {}", output.status).into());
    }
    // Where there is no data the example says so first.
    let text = String::from_utf8(output.stdout)?;
    let json = text
        .get(text.find('{').unwrap_or(text.len())..)
        .unwrap_or_default();
    if json.is_empty() {
        return Ok(Report::of("skipped: no folder with real data"));
    }
    let found: Found = serde_json::from_str(json)?;
    let reference = htmldate(&found)?;
    let summary = summary(&found, &reference);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        print(&summary, &found);
    }
    if options.wrong {
        name_wrong(&found, &reference);
    }
    Ok(Report::of(""))
}

/// Runs htmldate over the pages, in an environment of its own under the target folder.
fn htmldate(found: &Found) -> Result<Vec<Dates>, Error> {
    let environment: PathBuf = cargo_metadata::MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .exec()?
        .target_directory
        .join("bench")
        .join(HTMLDATE.replace("==", "-"))
        .into_std_path_buf();
    let python = environment.join("bin/python");
    if !environment.join("installed").is_file() {
        let checked = |command: &mut Command| -> Result<(), Error> {
            let output = command.output()?;
            if output.status.success() {
                return Ok(());
            }
            let problem = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(format!("{HTMLDATE} cannot be installed: {problem}").into())
        };
        checked(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?;
        checked(Command::new(&python).args(["-m", "pip", "install", "--quiet", HTMLDATE]))?;
        std::fs::write(environment.join("installed"), HTMLDATE)?;
    }
    let pages: Vec<serde_json::Value> = found
        .pages
        .iter()
        .map(|page| serde_json::json!({"file": page.file, "url": page.url}))
        .collect();
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT, &found.folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("htmldate has no input")?;
    input.write_all(&serde_json::to_vec(&pages)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("htmldate failed: {}", output.status).into());
    }
    let dates: Vec<Dates> = serde_json::from_slice(&output.stdout)?;
    if dates.len() != found.pages.len() {
        return Err(format!("htmldate read {} pages of {}", dates.len(), pages.len()).into());
    }
    Ok(dates)
}

fn is_exact(page: &Page, dates: &Dates) -> bool {
    dates.found == page.expected
}

fn score<'a>(pages: &'a [Page], dates: impl Iterator<Item = &'a Dates>) -> Score {
    let mut score = Score::default();
    for (page, dates) in pages.iter().zip(dates) {
        let exact = is_exact(page, dates);
        let published = page.only_publication && dates.published == page.expected;
        score.pages += 1;
        score.exact += u32::from(exact);
        score.known += u32::from(exact || published);
        score.ms_per_page += dates.ms;
    }
    score.exact_share = share(score.exact, score.pages);
    score.known_share = share(score.known, score.pages);
    score.ms_per_page /= f64::from(score.pages.max(1));
    score
}

fn summary(found: &Found, reference: &[Dates]) -> Summary {
    let total = |of: fn(&Site) -> Option<Counts>| {
        found
            .sites
            .iter()
            .filter_map(of)
            .fold(Counts::default(), Counts::add)
    };
    let (emails, posts) = (total(|site| site.emails), total(|site| site.posts));
    Summary {
        reference: HTMLDATE,
        dates: score(&found.pages, found.pages.iter().map(|page| &page.dates)),
        dates_htmldate: score(&found.pages, reference.iter()),
        emails,
        email_precision: emails.precision(),
        email_recall: emails.recall(),
        posts,
        post_precision: posts.precision(),
        post_recall: posts.recall(),
    }
}

fn print(summary: &Summary, found: &Found) {
    println!("last_updated on {} dated pages", summary.dates.pages);
    println!(
        "{:<18} {:>12} {:>24} {:>9}",
        "", "right", "or publication known", "ms/page"
    );
    for (name, score) in [
        ("hunter-extract", &summary.dates),
        (summary.reference, &summary.dates_htmldate),
    ] {
        println!(
            "{name:<18} {:>4} {:>5.1} % {:>14} {:>7.1} % {:>9.1}",
            score.exact,
            score.exact_share * 100.0,
            score.known,
            score.known_share * 100.0,
            score.ms_per_page
        );
    }
    println!("\n{} sites", found.sites.len());
    println!(
        "{:<28} {:>6} {:>6} {:>7} {:>10} {:>7}",
        "", "right", "wrong", "missed", "precision", "recall"
    );
    let line = |name: &str, counts: Counts| {
        println!(
            "{name:<28} {:>6} {:>6} {:>7} {:>10.2} {:>7.2}",
            counts.right,
            counts.wrong,
            counts.missed,
            counts.precision(),
            counts.recall()
        );
    };
    for site in &found.sites {
        for (kind, counts) in [("e-mails", site.emails), ("posts", site.posts)] {
            let Some(counts) = counts else { continue };
            if counts.wrong + counts.missed > 0 {
                line(&format!("  {} {kind}", site.host), counts);
            }
        }
    }
    line("e-mails, all", summary.emails);
    line("posts, all", summary.posts);
    let posts = summary.posts;
    println!(
        "dates of posts: {} of {} right",
        posts.dates_right, posts.dates
    );
}

fn name_wrong(found: &Found, reference: &[Dates]) {
    for (page, other) in found.pages.iter().zip(reference) {
        let (ours, theirs) = (is_exact(page, &page.dates), is_exact(page, other));
        if ours && theirs {
            continue;
        }
        let shown = |date: &Option<String>| date.clone().unwrap_or_else(|| "none".to_owned());
        let mark = |right: bool| if right { "right" } else { "wrong" };
        println!(
            "{}\n  {}\n  expected {}, found {} ({}, published {}), htmldate {} ({}, published {})",
            page.file,
            page.url,
            shown(&page.expected),
            shown(&page.dates.found),
            mark(ours),
            shown(&page.dates.published),
            shown(&other.found),
            mark(theirs),
            shown(&other.published),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(expected: &str, only_publication: bool, found: &str, published: &str) -> Page {
        Page {
            file: String::new(),
            url: String::new(),
            expected: Some(expected.to_owned()),
            only_publication,
            dates: Dates {
                found: Some(found.to_owned()),
                published: Some(published.to_owned()),
                ms: 2.0,
            },
        }
    }

    #[test]
    fn scores_and_counts() {
        let pages = [
            page("2024-01-01", true, "2024-01-01", "2023-01-01"),
            page("2024-01-01", true, "2024-02-02", "2024-01-01"),
            page("2024-01-01", false, "2024-02-02", "2024-01-01"),
        ];
        let score = score(&pages, pages.iter().map(|page| &page.dates));
        assert_eq!((score.pages, score.exact, score.known), (3, 1, 2));
        assert!((score.ms_per_page - 2.0).abs() < 1e-9);
        let counts = Counts {
            right: 3,
            wrong: 1,
            ..Counts::default()
        };
        let all = counts.add(Counts {
            missed: 3,
            ..Counts::default()
        });
        assert!((all.precision() - 0.75).abs() < 1e-9 && (all.recall() - 0.5).abs() < 1e-9);
    }
}
