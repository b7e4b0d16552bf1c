//! One lead: visit, merge, ask services, and say why what is missing is missing.

use hunter_contracts::{Cause, EnrichmentLevel, ErrorCode, Lead, RecipeFailure, RecordError};
use hunter_core::{ports::ContactQuery, recipe::Context, rules::route};
use hunter_extract::{apply, assemble};

use crate::{
    EnrichedLead, Intelligence,
    candidates::{Candidates, forget_numbers},
    levels::LevelDecision,
    merge::{add_company, add_contacts, people_of},
    notes::Notes,
    services::Services,
    visit::{Visit, visit},
    waterfall::Waterfall,
};

/// Most people that a service is asked about by name.
const PEOPLE_ASKED_MAX: usize = 5;

/// What became of a lead's addresses, where that is the reason why it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// Their owners asked not to be written to.
    OptedOut,
    /// A service that was to be asked failed.
    ServiceFailed,
}

impl Intelligence {
    pub(crate) async fn enrich(
        &self,
        context: &Context,
        services: &Services,
        mut lead: Lead,
        routed: LevelDecision,
    ) -> Result<EnrichedLead, RecipeFailure> {
        let level = routed.level;
        let mut notes = Notes::default();
        notes.extend(routed.reasons);
        lead.enrichment_level = Some(level);
        if level == EnrichmentLevel::Skip {
            lead.enrichment_notes = notes.into_vec();
            explain(&mut lead, Cause::SkippedByTier, None);
            return Ok(EnrichedLead {
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
        let lost = ask_services(context, services, &mut lead, level, notes).await?;
        explain(&mut lead, read.obstacle.unwrap_or(Cause::NotFound), lost);
        let error = unreachable_by(context, &lead, &read, lost);
        // What is charged is reading: a site that could not be read costs nothing, whoever else was
        // asked about the business.
        let charge = read.reached.then(|| context.charge(&lead.id));
        Ok(EnrichedLead {
            lead,
            error,
            charge,
            processed: true,
        })
    }
}

/// Takes the addresses down the waterfall and puts into the lead what it brought.
async fn ask_services(
    context: &Context,
    services: &Services,
    lead: &mut Lead,
    level: EnrichmentLevel,
    notes: Notes,
) -> Result<Option<Lost>, RecipeFailure> {
    let people = people_of(lead);
    let candidates = Candidates::of(lead, people.clone());
    let query = ContactQuery {
        domain: candidates.domain.clone().unwrap_or_default(),
        company: lead.name.clone(),
        people: people.into_iter().take(PEOPLE_ASKED_MAX).collect(),
        country: lead.country.clone(),
    };
    let mut fall = Waterfall::new(context, services, level, candidates, notes);
    fall.run(&query).await?;
    let usable = fall.candidates.any_usable();
    add_contacts(lead, &fall.contacts);
    for company in &fall.companies {
        add_company(lead, company);
    }
    forget_numbers(lead, |address| fall.is_suppressed(address));
    let lost = match (usable, fall.suppressed.is_empty(), fall.failed) {
        (true, _, _) => None,
        (false, false, _) => Some(Lost::OptedOut),
        (false, true, failed) => failed.then_some(Lost::ServiceFailed),
    };
    fall.candidates.put_back(lead);
    lead.enrichment_notes = fall.notes.into_vec();
    Ok(lost)
}

/// Notes the cause for every field that is still empty, and forgets it for those that are not.
fn explain(lead: &mut Lead, cause: Cause, lost: Option<Lost>) {
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
        let cause = match (field, lost) {
            ("website", _) => Cause::NoWebsite,
            ("emails", Some(Lost::OptedOut)) => Cause::OptedOut,
            ("emails", Some(Lost::ServiceFailed)) => Cause::ServiceFailed,
            _ => cause,
        };
        if found {
            lead.absent.remove(field);
        } else {
            lead.absent.insert(field.to_owned(), cause);
        }
    }
}

/// The error of a lead that cannot be reached on any channel that the agent uses. Nothing found and
/// not allowed to look are different errors.
fn unreachable_by(
    context: &Context,
    lead: &Lead,
    read: &Visit,
    lost: Option<Lost>,
) -> Option<RecordError> {
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
        Some(Cause::NotFound | Cause::SkippedByTier | Cause::OptedOut | Cause::ServiceFailed)
        | None => (
            ErrorCode::EmailNotFound,
            format!(
                "no way to reach the lead was found on {site} ({})",
                reasons.join("; ")
            ),
        ),
    };
    let mut message = message.trim_end_matches([' ', ':']).to_owned();
    message.push_str(match lost {
        Some(Lost::OptedOut) => "; what was found is on the suppression list",
        Some(Lost::ServiceFailed) => {
            "; a contact service failed: `enrichment_notes` of the lead says which"
        }
        None => "",
    });
    Some(RecordError {
        retryable: false,
        ..RecordError::new(lead.id.as_str(), code, message)
    })
}
