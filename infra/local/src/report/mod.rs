//! What people see: the best leads, the funnel, the cost, three drafts with their evidence, and
//! what to do next.

mod doctor;
mod draft;
mod funnel;
mod lists;
mod outside;
pub(crate) mod text;

use std::{fmt::Write, io::Write as _, time::Duration};

use hunter_contracts::{Draft, Lead, RunRecord, RunStatus};
use jiff::Timestamp;

use crate::called::command;

pub use doctor::doctor_text;
use draft::short_id;
pub use draft::{draft_text, how_text};
use funnel::funnel;
pub use lists::{drafts_text, ledger_text, runs_text};
use lists::{leads_text, looked_for, short_run};

/// Drafts that a run's report shows, whole where all is to be told, else the first one.
const DRAFTS_SHOWN: usize = 3;
/// Leads in a run's report, where all is to be told and else.
const LEADS_SHOWN: (usize, usize) = (10, 5);

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
    /// Whether strategy, coverage, services and drafts are told whole.
    pub verbose: bool,
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
            let most = if self.verbose {
                LEADS_SHOWN.0
            } else {
                LEADS_SHOWN.1
            };
            let shown = self.leads.len().min(most);
            let _ = writeln!(
                out,
                "\nBest {shown} of {} qualified leads\n",
                self.leads.len()
            );
            let best = self.leads.get(..shown).unwrap_or(self.leads);
            out.push_str(&leads_text(best));
        }
        let _ = write!(out, "\nFrom records to drafts\n\n{}", funnel(self.run));
        out.push_str(&outside::coverage_text(self.run, self.verbose));
        self.cost(&mut out);
        self.outside(&mut out);
        self.problems(&mut out);
        let whole = if self.verbose { DRAFTS_SHOWN } else { 1 };
        for draft in self.drafts.iter().take(whole) {
            let _ = write!(out, "\n{}", draft_text(draft, self.now));
        }
        self.next(&mut out);
        out
    }

    fn head(&self, out: &mut String) {
        let run = self.run;
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
        let head = format!(
            "Run {} — {} — {ended}{took}",
            run.execution_id,
            looked_for(run)
        );
        out.push_str(&text::wrapped("", "  ", &head));
        if let Some(reason) = &run.reason {
            let code = run
                .error_code
                .map(|c| format!(" [{c}]"))
                .unwrap_or_default();
            out.push_str(&text::wrapped(
                "  why: ",
                "    ",
                &format!("{reason}{code}"),
            ));
        }
        let strategy = run.summary.iter().flat_map(|s| s.strategy.iter());
        for line in strategy.filter(|_| self.verbose) {
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
        let total = format!("  {:<16} {:>9}  ", "total", run.charged.to_string());
        let of = format!(
            "credits of {} reserved, the rest is free again; {} per qualified lead, {} per draft",
            run.reserved,
            per(qualified),
            per(drafts),
        );
        out.push_str(&text::wrapped(&total, &" ".repeat(total.len()), &of));
        if let (true, Some(transitions), Some(units)) =
            (self.verbose, self.transitions, self.write_units)
        {
            let each = if qualified > 0 {
                format!(" ({:.1} per qualified lead)", units / qualified as f64)
            } else {
                String::new()
            };
            let on_aws = format!(
                "on AWS: {transitions} state transitions, {units:.0} DynamoDB write units{each}"
            );
            out.push_str(&text::wrapped("  ", "    ", &on_aws));
        }
    }

    fn outside(&self, out: &mut String) {
        let qualified = self.run.summary.as_ref().map_or(0, |s| s.qualified_leads);
        let drafts = self.run.drafts();
        out.push_str(&outside::outside_text(
            self.run,
            qualified,
            drafts,
            self.verbose,
        ));
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
        if !self.verbose {
            let all = "the strategy, what was not seen, each service, three drafts whole";
            let run = short_run(&self.run.execution_id);
            steps.push((format!("runs show {run} --verbose"), all));
        }
        out.push_str("\nNext\n");
        for (step, what) in steps {
            let _ = writeln!(out, "  {} {step}", command());
            out.push_str(&text::wrapped("      ", "      ", what));
        }
    }
}
