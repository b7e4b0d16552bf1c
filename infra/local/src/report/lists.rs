//! Lists of leads, drafts, runs and ledger entries: what tells one from the others on its first
//! line, the rest below.

use hunter_contracts::{
    ChargeLine, Draft, EntryKind, ExecutionId, Lead, LedgerEntry, RecipeId, RunRecord,
};
use jiff::Timestamp;

use super::{
    draft::{short_id, status_word},
    text::{one_line, wrapped},
};

/// Characters of a run's id that tell it from all others: the millisecond it began in.
const SHORT_RUN_CHARS: usize = 15;

/// Leads with score, name, contact and what tells most about them.
#[must_use]
pub(super) fn leads_text(leads: &[Lead]) -> String {
    let mut out = String::new();
    for (position, lead) in (1..).zip(leads) {
        let position = lead.rank.map_or(position, |rank| rank.position);
        let score = lead.lead_score.map(|s| s.to_string()).unwrap_or_default();
        let tier = lead.quality_tier.map_or("", Into::into);
        let place = lead.city.as_deref().or(lead.address.as_deref());
        let name = lead.name.as_deref().unwrap_or_default();
        let named: Vec<&str> = [name].into_iter().chain(place).collect();
        let head = format!("  {position:>4}  {score:<4}  {tier:<6}  ");
        let indent = " ".repeat(head.len());
        out.push_str(&wrapped(&head, &indent, &one_line(&named.join(", "))));
        let email = lead.emails.iter().flatten().next();
        let contact = email.map(|email| email.email.as_str());
        let contact = contact.or(lead.phone.as_deref());
        let reason = Some(telling_reason(&lead.score_reasons)).filter(|text| !text.is_empty());
        let about: Vec<&str> = contact.into_iter().chain(reason).collect();
        out.push_str(&wrapped(&indent, &indent, &one_line(&about.join(" · "))));
    }
    out
}

/// The reason that tells a person most, without the part of the score that it belongs to: a sign
/// of intent, else the first one. Reasons read `intent signals 0.74: it looks for staff`.
fn telling_reason(reasons: &[String]) -> &str {
    let reason = reasons
        .iter()
        .find(|reason| reason.starts_with("intent signals") && !reason.contains(": no information"))
        .or(reasons.first())
        .map_or("", String::as_str);
    reason.split_once(": ").map_or(reason, |(_, text)| text)
}

/// Drafts with their recipient, lead and subject.
#[must_use]
pub fn drafts_text(drafts: &[Draft], now: Timestamp) -> String {
    let mut out = String::new();
    for draft in drafts {
        let job = &draft.job;
        let rank = job.rank_score.map(|s| s.to_string()).unwrap_or_default();
        let head = format!("{}  {rank:<4}  ", short_id(&job.id));
        let status = status_word(draft.status_at(now));
        out.push_str(&wrapped(
            &head,
            "    ",
            &format!("{status}  {}", job.recipient),
        ));
        let subject = job
            .subject
            .as_deref()
            .map_or(String::new(), |s| format!(": {s}"));
        let about = one_line(&format!("{}{subject}", draft.lead_name));
        out.push_str(&wrapped(
            "    ",
            "    ",
            &format!("{about} (message {})", draft.quality_score),
        ));
    }
    out
}

/// Runs, newest first.
#[must_use]
pub fn runs_text(runs: &[RunRecord]) -> String {
    let mut out = String::new();
    for run in runs {
        let started = run.started_at.strftime("%Y-%m-%d %H:%M");
        let status = format!("{:?}", run.status).to_lowercase();
        out.push_str(&format!("{}  {started}  {status}\n", run.execution_id));
        let qualified = run.summary.as_ref().map_or(0, |s| s.qualified_leads);
        let drafts = run
            .stages
            .get(&RecipeId::Outreach)
            .map_or(0, |s| s.succeeded);
        let about = format!(
            "{}: {qualified} qualified, {drafts} drafts, {} credits",
            looked_for(run),
            run.charged
        );
        out.push_str(&wrapped("    ", "    ", &about));
    }
    out
}

/// The beginning of a run's id, which names it.
pub(super) fn short_run(id: &ExecutionId) -> &str {
    let id = id.as_str();
    id.get(..SHORT_RUN_CHARS).unwrap_or(id)
}

/// What a run looked for, and where.
pub(super) fn looked_for(run: &RunRecord) -> String {
    let place = run.target.location.as_ref();
    let place = place
        .map(|place| format!(" in {place}"))
        .unwrap_or_default();
    format!("{}{place}", run.target.keywords.join(", "))
}

/// Ledger entries, oldest first.
#[must_use]
pub fn ledger_text(entries: &[LedgerEntry]) -> String {
    let mut out = String::new();
    for entry in entries {
        let at = entry.at.strftime("%m-%d %H:%M:%S");
        let amount = entry.amount.to_string();
        let run = entry.execution_id.as_ref().map_or("", short_run);
        let head = format!(
            "{at}  {:<8} {amount:>8}  {run:<SHORT_RUN_CHARS$}  ",
            entry_word(entry.kind)
        );
        let recipe = entry.recipe_id.map(|recipe| recipe.to_string());
        let chunk = entry.chunk.map(|chunk| chunk.to_string());
        let what = Some(charged_for(&entry.lines)).filter(|text| !text.is_empty());
        let about: Vec<String> = recipe.into_iter().chain(chunk).chain(what).collect();
        out.push_str(&wrapped(&head, &" ".repeat(head.len()), &about.join(" ")));
    }
    out
}

const fn entry_word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Grant => "granted",
        EntryKind::Reserve => "reserved",
        EntryKind::Debit => "charged",
        EntryKind::Close => "released",
    }
}

fn charged_for(lines: &[ChargeLine]) -> String {
    match lines.first() {
        Some(first) => format!(
            "{} × {}",
            lines.len(),
            first.action.to_string().replace('_', " ")
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_shown_is_a_sign_of_intent_where_there_is_one() {
        let reasons = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (given, expected) in [
            (
                vec![
                    "business maturity 0.86: 4.7 stars",
                    "intent signals 0.7: it announces: `x`",
                ],
                "it announces: `x`",
            ),
            (
                vec![
                    "business maturity 0.86: 4.7 stars",
                    "intent signals 0.5: no information",
                ],
                "4.7 stars",
            ),
            (vec!["anything"], "anything"),
            (vec![], ""),
        ] {
            assert_eq!(telling_reason(&reasons(&given)), expected);
        }
    }
}
