//! One lead: route, visit, merge, and say why what is missing is missing.

use hunter_contracts::{Cause, EnrichmentLevel, ErrorCode, Lead, RecipeFailure, RecordError};
use hunter_core::{Context, route};
use hunter_extract::{apply, assemble};

use crate::{
    Enriched, Intelligence, RouteContext,
    visit::{Visit, visit},
};

impl Intelligence {
    pub(crate) async fn enrich(
        &self,
        context: &Context,
        mut lead: Lead,
        asked: Option<EnrichmentLevel>,
    ) -> Result<Enriched, RecipeFailure> {
        let decision = self
            .router
            .decide(&RouteContext {
                lead_score: lead.lead_score,
                rank: lead.rank,
                threshold: context.agent.scoring.threshold,
                asked,
            })
            .await?;
        let level = decision.parameters;
        lead.enrichment_level = Some(level);
        if level == EnrichmentLevel::Skip {
            explain(&mut lead, Cause::SkippedByTier);
            return Ok(Enriched {
                lead,
                error: None,
                charge: None,
                processed: false,
            });
        }
        let read = match lead.website.clone() {
            Some(website) => visit(self.sites.as_ref(), &lead, &website, level).await,
            None => Visit {
                obstacle: Some(Cause::NoWebsite),
                ..Visit::default()
            },
        };
        let site = assemble(
            &read.pages,
            &read.feeds,
            &read.sitemaps,
            context.clock.now(),
        );
        apply(&mut lead, site);
        explain(&mut lead, read.obstacle.unwrap_or(Cause::NotFound));
        let error = unreachable_by(context, &lead, &read);
        // What is charged is reading: a site that could not be read costs nothing.
        let charge = read
            .reached
            .then(|| context.charge(&lead.id, "lead_enriched"));
        Ok(Enriched {
            lead,
            error,
            charge,
            processed: true,
        })
    }
}

/// Notes the cause for every field that is still empty, and forgets it for those that are not.
fn explain(lead: &mut Lead, cause: Cause) {
    let site = lead.website_metadata.clone().unwrap_or_default();
    let fields = [
        (
            "emails",
            lead.emails.as_ref().is_some_and(|e| !e.is_empty()),
        ),
        (
            "phone_contacts",
            lead.phone.is_some() || lead.phone_contacts.as_ref().is_some_and(|p| !p.is_empty()),
        ),
        ("website", lead.website.is_some()),
        ("last_updated", site.last_updated.is_some()),
        (
            "blog_posts_count",
            site.blog_posts_count.is_some_and(|count| count > 0),
        ),
        (
            "tech_stack",
            site.tech_stack.is_some_and(|stack| !stack.is_empty()),
        ),
        ("social_links", !site.social_links.is_empty()),
    ];
    for (field, found) in fields {
        if found {
            lead.absent.remove(field);
        } else {
            lead.absent.insert(
                field.to_owned(),
                if field == "website" {
                    Cause::NoWebsite
                } else {
                    cause
                },
            );
        }
    }
}

/// The error of a lead that cannot be reached on any channel that the agent uses. Nothing found and
/// not allowed to look are different errors.
fn unreachable_by(context: &Context, lead: &Lead, read: &Visit) -> Option<RecordError> {
    let outreach = &context.agent.outreach;
    let reasons = route(lead, &outreach.channels, &outreach.consents).err()?;
    let site = lead.website.as_deref().unwrap_or("the site");
    let detail = read.obstacle_message.clone().unwrap_or_default();
    let (code, message) = match read.obstacle {
        Some(Cause::Robots) => (
            ErrorCode::RobotsDisallowed,
            format!("the robots rules of {site} forbid reading it, or could not be read: {detail}"),
        ),
        Some(Cause::Blocked) => (
            ErrorCode::SiteBlocked,
            format!("{site} refuses automated visitors"),
        ),
        Some(Cause::Unreachable) => (
            ErrorCode::SiteUnreachable,
            format!("{site} could not be reached: {detail}"),
        ),
        Some(Cause::Offline) => (
            ErrorCode::EmailNotFound,
            format!(
                "{site} was not read because fetching sites is switched off, and the source names no address"
            ),
        ),
        Some(Cause::NoWebsite) => (
            ErrorCode::EmailNotFound,
            "no web site and no address at the source".to_owned(),
        ),
        Some(Cause::NotFound | Cause::SkippedByTier) | None => (
            ErrorCode::EmailNotFound,
            format!(
                "no way to reach the lead was found on {site} ({})",
                reasons.join("; ")
            ),
        ),
    };
    let message = message.trim_end_matches([' ', ':']).to_owned();
    Some(RecordError {
        retryable: false,
        ..RecordError::new(lead.id.as_str(), code, message)
    })
}
