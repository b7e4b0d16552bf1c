//! `hunter leads export`.

use std::{io::Write, path::Path};

use hunter_cloud::LocalCloud;
use hunter_contracts::{Lead, RecipeFailure, RejectedRecord};
use hunter_core::control_plane::{run_leads, run_rejected};

use super::lookup;
use crate::{args::LeadsCommand, exit::Exit, report::note, sheet};

const COLUMNS: [&str; 19] = [
    "id",
    "rank",
    "score",
    "tier",
    "name",
    "category",
    "phone",
    "email",
    "email_confidence",
    "website",
    "address",
    "city",
    "country",
    "last_updated",
    "blog_posts",
    "tech_stack",
    "language",
    "source",
    "why",
];

/// Runs the command.
///
/// # Errors
/// `NOT_FOUND` for a run that does not exist, `INVALID_INPUT` for a file that cannot be written.
pub(super) async fn run(
    cloud: &LocalCloud,
    command: &LeadsCommand,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    let LeadsCommand::Export {
        csv: _,
        run,
        output,
        rejected,
    } = command;
    let store = cloud.tenant_store();
    let run = lookup::run(store.as_ref(), run).await?;
    let leads = run_leads(store.as_ref(), &run.execution_id).await?;
    let lost = if *rejected {
        run_rejected(store.as_ref(), &run.execution_id).await?
    } else {
        Vec::new()
    };
    if json {
        let all = serde_json::json!({ "leads": leads, "rejected": lost });
        write(output, format!("{all:#}\n").as_bytes())?;
    } else {
        let bytes = to_csv(&leads, &lost).map_err(RecipeFailure::defect)?;
        write(output, &bytes)?;
    }
    if output.as_os_str() != "-" {
        note(&format!(
            "{} leads written to {}",
            leads.len(),
            output.display()
        ));
    }
    Ok(Exit::Success)
}

fn write(output: &Path, bytes: &[u8]) -> Result<(), RecipeFailure> {
    let result = if output.as_os_str() == "-" {
        match std::io::stdout().lock().write_all(bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    } else {
        std::fs::write(output, bytes)
    };
    result.map_err(|error| {
        let message = format!("cannot write `{}`", output.display());
        RecipeFailure::invalid_input(message).caused_by(error)
    })
}

fn to_csv(leads: &[Lead], rejected: &[RejectedRecord]) -> Result<Vec<u8>, csv::Error> {
    let leads = leads.iter().map(row);
    sheet::to_csv(COLUMNS, leads.chain(rejected.iter().map(rejected_row)))
}

fn rejected_row(record: &RejectedRecord) -> [String; 19] {
    COLUMNS.map(|column| match column {
        "id" => record.source_id.clone(),
        "tier" => record.kind.to_string(),
        "name" => record.name.clone().unwrap_or_default(),
        "why" => record.reason.clone(),
        _ => String::new(),
    })
}

fn row(lead: &Lead) -> [String; 19] {
    let email = lead.emails.iter().flatten().next();
    let site = lead.website_metadata.clone().unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        lead.id.to_string(),
        lead.rank
            .map(|r| r.position.to_string())
            .unwrap_or_default(),
        lead.lead_score.map(|s| s.to_string()).unwrap_or_default(),
        lead.quality_tier.map_or("", Into::into).to_owned(),
        text(&lead.name),
        lead.categories.join("; "),
        text(&lead.phone),
        email.map(|e| e.email.to_string()).unwrap_or_default(),
        email
            .and_then(|e| e.confidence)
            .map(|c| c.to_string())
            .unwrap_or_default(),
        text(&lead.website),
        text(&lead.address),
        text(&lead.city),
        text(&lead.country),
        site.last_updated.map(|d| d.to_string()).unwrap_or_default(),
        site.blog_posts_count
            .map(|n| n.to_string())
            .unwrap_or_default(),
        site.tech_stack.unwrap_or_default().join("; "),
        site.language.unwrap_or_default(),
        text(&lead.source),
        lead.score_reasons.join("; "),
    ]
}

#[cfg(test)]
mod tests {
    use hunter_contracts::LeadId;

    use super::*;

    #[test]
    fn cells_from_strangers_are_never_formulas() {
        let mut lead = Lead::new(LeadId::new("lead_1").unwrap());
        lead.name = Some("=HYPERLINK(\"http://evil.example\")".into());
        lead.phone = Some("+49 341 12345".into());
        let text = String::from_utf8(to_csv(&[lead], &[]).unwrap()).unwrap();
        assert!(text.contains("'=HYPERLINK"), "{text}");
        assert!(text.contains(",+49 341 12345,"), "{text}");
    }
}
