//! One step: choose the channel, format, store the draft.

use hunter_contracts::{
    Channel, Claim, Credits, Draft, DraftStatus, ErrorCode, Lead, Message, OutreachData,
    OutreachJob, OutreachPayload, RecipeFailure, RecordError, Score,
};
use hunter_core::{
    recipe::{Context, CorrespondenceComponent, Outcome, draft_id},
    rules::route,
    store::Put,
};
use jiff::{SignedDuration, Timestamp};

use crate::suppressed::Suppressed;

/// What became of a lead.
enum DraftOutcome {
    Draft(Box<Draft>),
    Failed(RecordError),
}

pub(crate) async fn run(
    formatter: &dyn CorrespondenceComponent,
    context: &Context,
    payload: OutreachPayload,
) -> Result<Outcome<OutreachData>, RecipeFailure> {
    let channels = payload
        .channels
        .as_ref()
        .unwrap_or(&context.agent.outreach.channels);
    let days = payload
        .draft_expiry_days
        .unwrap_or(context.agent.outreach.draft_expiry_days);
    let now = context.clock.now();
    let expires = expiry(now, days)?;
    // Inside a run, the recipe that could not reach a lead or write to it has said so already: the
    // lead is lost once, not at every further step.
    let in_run = context.step.is_some();
    let leads: Vec<&Lead> = payload
        .leads
        .iter()
        .filter(|lead| !in_run || message_of(lead).is_some())
        .collect();
    let suppressed = &Suppressed::among(context, &leads, channels).await?;
    let work = leads.into_iter().map(|lead| async move {
        let outcome = match propose(
            formatter,
            context,
            (lead, suppressed),
            channels,
            (now, expires),
        ) {
            Ok(draft) => DraftOutcome::Draft(Box::new(stored(context, draft).await?)),
            Err(error) => DraftOutcome::Failed(error),
        };
        Ok(outcome)
    });
    let outcomes = context.in_order(work).await?;
    Ok(outcome(context, outcomes))
}

fn expiry(now: Timestamp, days: u32) -> Result<Timestamp, RecipeFailure> {
    now.checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|_| {
            RecipeFailure::invalid_input(format!(
                "`draft_expiry_days` of {days} ends beyond all time"
            ))
        })
}

fn outcome(context: &Context, outcomes: Vec<DraftOutcome>) -> Outcome<OutreachData> {
    let records_processed = outcomes.len() as u64;
    let (mut drafts, mut errors, mut charges) = (Vec::new(), Vec::new(), Vec::new());
    for one in outcomes {
        match one {
            DraftOutcome::Draft(draft) => drafts.push(draft),
            DraftOutcome::Failed(error) => errors.push(error),
        }
    }
    // A price of nothing makes no entry in the ledger.
    let priced = context.rates.price(context.recipe) > Credits::ZERO;
    for draft in drafts
        .iter()
        .filter(|d| priced && d.job.status != DraftStatus::HeldBack)
    {
        charges.push(context.charge(&draft.job.lead_id));
    }
    let mut outreach_jobs: Vec<OutreachJob> = drafts.into_iter().map(|d| d.job).collect();
    let rank = |job: &OutreachJob| job.rank_score.unwrap_or_default().get();
    outreach_jobs.sort_by(|a, b| {
        rank(b)
            .total_cmp(&rank(a))
            .then_with(|| a.lead_id.cmp(&b.lead_id))
    });
    Outcome {
        data: OutreachData { outreach_jobs },
        records_processed,
        records_failed: errors.len() as u64,
        errors,
        charges,
    }
}

/// Stores a draft; the one that stands already is answered as it stands.
async fn stored(context: &Context, draft: Draft) -> Result<Draft, RecipeFailure> {
    Ok(match context.store.create_draft(&draft).await? {
        Put::New => draft,
        Put::Existing(standing) => standing,
    })
}

/// The draft for a lead.
///
/// # Errors
/// `NO_CHANNEL` where the lead may not be reached, also because all its addresses are on the
/// suppression list; `NO_USABLE_FACTS` where no message was written,
/// `LIMIT_EXCEEDED` where it does not fit the channel.
fn propose(
    formatter: &dyn CorrespondenceComponent,
    context: &Context,
    (lead, suppressed): (&Lead, &Suppressed),
    channels: &[Channel],
    (now, expires): (Timestamp, Timestamp),
) -> Result<Draft, RecordError> {
    let (lead, taken_out) = suppressed.taken_out_of(lead);
    let lead = lead.as_ref();
    let failed = |code, text: String| RecordError::new(lead.id.as_str(), code, text);
    let on_the_list = format!("on the suppression list: {}", taken_out.join(", "));
    let route =
        route(lead, channels, &context.agent.outreach.consents).map_err(|mut reasons| {
            if !taken_out.is_empty() {
                reasons.push(on_the_list.clone());
            }
            let text = format!("no channel may be used ({})", reasons.join("; "));
            failed(ErrorCode::NoChannel, text)
        })?;
    let message = message_of(lead).ok_or_else(|| {
        let text = "no message was written for this lead: see the errors of personalization";
        failed(ErrorCode::NoUsableFacts, text.to_owned())
    })?;
    let formatted = formatter
        .format(&message, route.channel, &context.agent.seller)
        .map_err(|failure| failure.of_record(lead.id.as_str()))?;
    let lead_score = lead.lead_score.unwrap_or_default();
    let rank = f64::midpoint(message.relevance_score.get(), lead_score.get());
    let held_back = message.held_back.is_some();
    let mut notes = formatted.notes;
    if route.channel == Channel::Linkedin {
        notes.push(format!("profile: {}", route.recipient));
    }
    if !taken_out.is_empty() {
        notes.push(format!("{on_the_list}; the draft goes to another address"));
    }
    if message.claims.is_empty() {
        notes.push("the text came with the call: its sentences were not checked".to_owned());
    }
    let job = OutreachJob {
        id: draft_id(
            &context.tenant,
            &context.execution_id,
            &lead.id,
            route.channel.into(),
        ),
        lead_id: lead.id.clone(),
        channel: route.channel,
        recipient: route.recipient,
        status: if held_back {
            DraftStatus::HeldBack
        } else {
            DraftStatus::DraftPendingReview
        },
        created_at: now,
        draft_expires_at: expires,
        awaiting_customer_approval: !held_back,
        subject: formatted.subject,
        rank_score: Some(Score::clamped(rank)),
        draft_message: formatted.body,
    };
    Ok(Draft {
        claims: kept_claims(message.claims, &job),
        job,
        execution_id: context.execution_id.clone(),
        lead_name: lead.name.clone().unwrap_or_else(|| lead.id.to_string()),
        lead_score,
        quality_score: message.quality_score,
        relevance_score: message.relevance_score,
        model_used: message.model_used,
        version: 1,
        original_message: None,
        reason: message.held_back,
        decided_at: None,
        notes,
    })
}

/// The claims whose sentences the draft still holds: a LinkedIn note leaves some out.
fn kept_claims(claims: Vec<Claim>, job: &OutreachJob) -> Vec<Claim> {
    let kept = |claim: &Claim| {
        job.channel != Channel::Linkedin
            || job.draft_message.contains(&claim.text.replace('\n', " "))
    };
    claims.into_iter().filter(kept).collect()
}

/// The lead's message; on a direct call the text that the specification's fields carry.
fn message_of(lead: &Lead) -> Option<Message> {
    if let Some(message) = &lead.message {
        return Some(message.clone());
    }
    let email = lead.emails.iter().flatten().next()?;
    let text = email
        .personalized_message
        .clone()
        .filter(|text| !text.trim().is_empty())?;
    let score = email.message_quality_score.unwrap_or_default();
    Some(Message {
        subject: match &lead.name {
            Some(name) => format!("A question for {name}"),
            None => "A short question".to_owned(),
        },
        text,
        language: "en".to_owned(),
        claims: Vec::new(),
        checks: Vec::new(),
        quality_score: score,
        relevance_score: score,
        model_used: email
            .model_used
            .clone()
            .unwrap_or_else(|| "unknown".to_owned()),
        held_back: None,
    })
}
