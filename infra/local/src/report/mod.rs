//! What people see: the best leads, the funnel, the cost, three drafts with their evidence, and
//! what to do next.

mod doctor;
mod draft;
mod funnel;
mod outside;
mod tables;
mod text;

use std::{fmt::Write, io::Write as _, time::Duration};

use hunter_contracts::{Draft, Lead, RunRecord, RunStatus};
use jiff::Timestamp;

pub use doctor::doctor_text;
pub use draft::{draft_text, drafts_table, how_text, short_id, status_word};
pub use funnel::funnel;
pub use outside::{outside_cost, outside_use};
pub use tables::{leads_table, ledger_table, runs_table};

/// Drafts that a run's report shows whole.
const DRAFTS_SHOWN: usize = 3;
/// Leads in a run's table.
const LEADS_SHOWN: usize = 10;

/// Writes to standard output; a reader that went away is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes to standard error.
pub fn note(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "{text}");
}

/// Prints a value as JSON.
pub fn print_json<T: serde::Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => note(&format!("error: the result is not JSON: {error}")),
    }
}

/// Everything that a run's report shows.
#[derive(Debug)]
pub struct RunReport<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// Its leads, best first.
    pub leads: &'a [Lead],
    /// Its drafts, best first.
    pub drafts: &'a [Draft],
    /// How long it took; absent for a run of an earlier command.
    pub elapsed: Option<Duration>,
    /// State transitions, as Step Functions bills them.
    pub transitions: Option<u64>,
    /// DynamoDB write units.
    pub write_units: Option<f64>,
    /// How the command is called for this directory, as in `hunter --dir demo`.
    pub command: &'a str,
    /// For relative times and expiry.
    pub now: Timestamp,
}

impl RunReport<'_> {
    /// The report as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.head(&mut out);
        if !self.leads.is_empty() {
            let shown = self.leads.len().min(LEADS_SHOWN);
            let _ = writeln!(
                out,
                "\nBest {shown} of {} qualified leads\n",
                self.leads.len()
            );
            let best = self.leads.get(..shown).unwrap_or(self.leads);
            let _ = writeln!(out, "{}", leads_table(best));
        }
        let _ = write!(out, "\nFrom records to drafts\n\n{}", funnel(self.run));
        out.push_str(&outside::coverage_text(self.run));
        self.cost(&mut out);
        self.outside(&mut out);
        self.problems(&mut out);
        for draft in self.drafts.iter().take(DRAFTS_SHOWN) {
            let _ = write!(out, "\n{}", draft_text(draft, self.now));
        }
        self.next(&mut out);
        out
    }

    fn head(&self, out: &mut String) {
        let run = self.run;
        let target = &run.target;
        let place = target
            .location
            .as_ref()
            .map(|l| format!(" in {l}"))
            .unwrap_or_default();
        let ended = match run.status {
            RunStatus::Succeeded => "completed",
            RunStatus::Partial => "completed in part",
            RunStatus::Failed => "FAILED",
            RunStatus::Stopped => "stopped",
            RunStatus::Running => "under way",
            RunStatus::Queued => "queued",
        };
        let took = self
            .elapsed
            .map(|t| format!(" in {:.1} s", t.as_secs_f64()))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "Run {} — {}{place} — {ended}{took}",
            run.execution_id,
            target.keywords.join(", ")
        );
        if let Some(reason) = &run.reason {
            let code = run
                .error_code
                .map(|c| format!(" [{c}]"))
                .unwrap_or_default();
            let _ = writeln!(out, "  why: {reason}{code}");
        }
        for line in run.summary.iter().flat_map(|s| s.strategy.iter()) {
            out.push_str(&text::wrapped("  · ", "    ", line));
        }
        for line in run.summary.iter().flat_map(|s| s.limits_reached.iter()) {
            out.push_str(&text::wrapped("  ! ", "    ", line));
        }
    }

    fn cost(&self, out: &mut String) {
        let run = self.run;
        let _ = writeln!(out, "\nCost");
        for (recipe, totals) in &run.stages {
            if totals.credits > hunter_contracts::Credits::ZERO {
                let _ = writeln!(
                    out,
                    "  {recipe:<16} {:>9}  ({} records)",
                    totals.credits.to_string(),
                    totals.processed
                );
            }
        }
        let drafts = run.drafts();
        let per = |count: u64| {
            if count == 0 {
                return "—".to_owned();
            }
            format!("{:.4}", run.charged.to_decimal() / count as f64)
        };
        let qualified = run.summary.as_ref().map_or(0, |s| s.qualified_leads);
        let _ = writeln!(
            out,
            "  {:<16} {:>9}  credits of {} reserved, the rest is free again; {} per qualified lead, {} per draft",
            "total",
            run.charged.to_string(),
            run.reserved,
            per(qualified),
            per(drafts),
        );
        if let (Some(transitions), Some(units)) = (self.transitions, self.write_units) {
            let each = if qualified > 0 {
                format!(" ({:.1} per qualified lead)", units / qualified as f64)
            } else {
                String::new()
            };
            let _ = writeln!(
                out,
                "  on AWS: {transitions} state transitions, {units:.0} DynamoDB write units{each}"
            );
        }
    }

    fn outside(&self, out: &mut String) {
        let qualified = self.run.summary.as_ref().map_or(0, |s| s.qualified_leads);
        let drafts = self.run.drafts();
        out.push_str(&outside::outside_text(self.run, qualified, drafts));
    }

    fn problems(&self, out: &mut String) {
        if self.run.errors_total == 0 {
            return;
        }
        let mut counts = std::collections::BTreeMap::new();
        for error in &self.run.errors {
            let entry: &mut (u64, &str) = counts
                .entry(error.error_code)
                .or_insert((0, &error.error_message));
            entry.0 = entry.0.saturating_add(1);
        }
        let _ = writeln!(
            out,
            "\nWhat did not work ({} in all)",
            self.run.errors_total
        );
        for (code, (count, example)) in counts {
            out.push_str(&text::wrapped(
                &format!("  {count:>4} × "),
                "         ",
                &format!("{code}: {}", text::one_line(example)),
            ));
        }
    }

    fn next(&self, out: &mut String) {
        let mut steps: Vec<(String, &str)> = Vec::new();
        if let Some(draft) = self.drafts.first() {
            let id = short_id(&draft.job.id);
            steps.push(("drafts list".into(), "review the drafts, best first"));
            steps.push((
                format!("drafts show {id}"),
                "see the evidence for every sentence",
            ));
            steps.push((
                format!("drafts approve {id}"),
                "or edit, reject; nothing is sent",
            ));
        }
        if self.leads.is_empty() {
            steps.push((
                "run --help".into(),
                "other keywords, another place or source may find more",
            ));
        } else {
            steps.push(("leads export --csv".into(), "take the leads elsewhere"));
        }
        steps.push(("credits".into(), "where the credits went"));
        let width = steps
            .iter()
            .map(|(step, _)| step.chars().count())
            .max()
            .unwrap_or_default();
        out.push_str("\nNext\n");
        for (step, what) in steps {
            let _ = writeln!(out, "  {} {step:<width$}  {what}", self.command);
        }
    }
}
