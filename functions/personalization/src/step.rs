//! One step: write, check, compare, accept or hold back.

use hunter_contracts::{
    Channel, ErrorCode, FactKind, Lead, LeadsData, Message, PersonalizationPayload, RecipeFailure,
    RecordError, Seller, Tone,
};
use hunter_core::{
    ports::Models,
    recipe::{Context, Outcome},
    rules::{NEAR_DUPLICATE_THRESHOLD, WordGrams, mask_names, route},
};
use jiff::{civil::Date, tz::TimeZone};

use crate::{
    author::Author,
    check::gates::Gates,
    facts::{material::WriteRequest, supplied::number_supplied_fields, usable::business_name},
    score::{
        judge::{Verdict, with_judgement},
        quality::{QualityInput, weighted_mean},
    },
    write::message::{Composition, assemble},
};

/// Wordings that are tried before a message is held back as too close to another one.
const VARIANTS_MAX: u32 = 8;

/// A message that holds.
struct Written {
    composition: Composition,
    text: String,
    model: String,
    judged: Option<Verdict>,
    cut: usize,
    /// The text without names, for comparing.
    masked: WordGrams,
}

/// Where a lead's message stands while the step runs.
enum Slot {
    /// No channel reaches the lead: passed over.
    Unreachable,
    /// Written.
    Written(Box<Written>),
    /// Not written.
    Failed(RecordError),
}

pub(crate) async fn run(
    models: &dyn Models,
    context: &Context,
    payload: PersonalizationPayload,
) -> Result<Outcome<LeadsData>, RecipeFailure> {
    require_seller(&context.agent.seller)?;
    let settings = Settings::new(context, &payload);
    let mut leads = payload.leads;
    if context.step.is_none() {
        for lead in &mut leads {
            number_supplied_fields(lead, context.clock.now());
        }
    }
    let author = Author::open(models, &context.caller()).await;
    let work = leads
        .iter()
        .map(|lead| settings.slot(&author, context, lead));
    let slots = context.in_order(work).await?;
    settings.finish(&author, context, leads, slots).await
}

/// Nothing is written in the name of nobody: a direct call without an agent has no seller.
fn require_seller(seller: &Seller) -> Result<(), RecipeFailure> {
    for (field, value) in [
        ("company", &seller.company),
        ("offer", &seller.offer),
        ("ask", &seller.ask),
        ("sender_name", &seller.sender_name),
    ] {
        if value.trim().is_empty() {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!("`seller.{field}` is empty: set it in the agent's configuration"),
            ));
        }
    }
    Ok(())
}

/// What holds for the whole step.
struct Settings<'a> {
    seller: &'a Seller,
    channels: &'a [Channel],
    tone: Tone,
    words_max: usize,
    template_context: String,
    today: Date,
}

impl<'a> Settings<'a> {
    fn new(context: &'a Context, payload: &PersonalizationPayload) -> Self {
        let agent = &context.agent;
        let writing = &agent.writing;
        let words = payload.max_length.unwrap_or(writing.max_length);
        let purpose = payload.template_context.clone();
        Self {
            seller: &agent.seller,
            channels: &agent.outreach.channels,
            tone: payload.tone.clone().unwrap_or_else(|| writing.tone.clone()),
            words_max: usize::try_from(words.clamp(20, 200)).unwrap_or(75),
            template_context: purpose.unwrap_or_else(|| writing.template_context.clone()),
            today: context.clock.now().to_zoned(TimeZone::UTC).date(),
        }
    }

    async fn slot(
        &self,
        writer: &Author,
        context: &Context,
        lead: &Lead,
    ) -> Result<Slot, RecipeFailure> {
        if route(lead, self.channels, &context.agent.outreach.consents).is_err() {
            return Ok(Slot::Unreachable);
        }
        match self.write(writer, lead, 0).await {
            Ok(written) => Ok(Slot::Written(Box::new(written))),
            Err(failure) => record_or_step(lead, failure).map(Slot::Failed),
        }
    }

    /// Writes and checks one message; sentences that do not hold are gone from it.
    async fn write(
        &self,
        writer: &Author,
        lead: &Lead,
        variant: u32,
    ) -> Result<Written, RecipeFailure> {
        let email = lead.emails.iter().flatten().next();
        let request = WriteRequest {
            lead,
            seller: self.seller,
            tone: &self.tone,
            words_max: self.words_max,
            template_context: &self.template_context,
            recipient: email.map_or("", |e| e.email.as_str()),
            today: self.today,
            variant,
        };
        let authored = writer.write(&request).await?;
        let text = assemble(&authored.composition.sentences);
        Ok(Written {
            masked: WordGrams::of(&masked(lead, &text)),
            text,
            composition: authored.composition,
            model: authored.model,
            judged: authored.judged,
            cut: authored.cut,
        })
    }

    /// Compares in order of the leads, rewrites what is too close, and books the rest.
    async fn finish(
        &self,
        writer: &Author,
        context: &Context,
        mut leads: Vec<Lead>,
        slots: Vec<Slot>,
    ) -> Result<Outcome<LeadsData>, RecipeFailure> {
        let mut accepted: Vec<(String, WordGrams)> = Vec::new();
        let (mut errors, mut charges) = (Vec::new(), Vec::new());
        let (mut processed, mut failed) = (0, 0);
        for (lead, slot) in leads.iter_mut().zip(slots) {
            let written = match slot {
                Slot::Unreachable => continue,
                Slot::Failed(error) => {
                    errors.push(error);
                    processed += 1;
                    failed += 1;
                    continue;
                }
                Slot::Written(written) => *written,
            };
            processed += 1;
            let (written, nearest) = self.distinct(writer, lead, written, &accepted).await?;
            let near = nearest.as_ref().map_or(0.0, |(near, _)| *near);
            let mut message = self.scored(lead, &written, near);
            match nearest.filter(|(near, _)| *near >= NEAR_DUPLICATE_THRESHOLD) {
                Some((near, other)) => {
                    let reason = format!(
                        "the message is too close to the one for `{other}` (similarity {near:.2}) \
                         in every wording: there are too few facts to tell the two apart"
                    );
                    let code = ErrorCode::DuplicateMessage;
                    errors.push(RecordError::new(lead.id.as_str(), code, &reason));
                    message.held_back = Some(reason);
                    failed += 1;
                }
                None => {
                    charges.push(context.charge(&lead.id));
                    accepted.push((lead.id.to_string(), written.masked));
                }
            }
            attach(lead, message);
        }
        Ok(Outcome {
            data: LeadsData { leads },
            records_processed: processed,
            records_failed: failed,
            errors,
            charges,
        })
    }

    /// The first wording that is no near-duplicate of an accepted message, else the least similar
    /// one; with the nearest accepted message.
    async fn distinct(
        &self,
        writer: &Author,
        lead: &Lead,
        first: Written,
        accepted: &[(String, WordGrams)],
    ) -> Result<(Written, Option<(f64, String)>), RecipeFailure> {
        let near = |nearest: &Option<(f64, String)>| nearest.as_ref().map_or(0.0, |(n, _)| *n);
        let mut nearest = nearest_of(&first.masked, accepted);
        let mut best = first;
        for variant in 1..VARIANTS_MAX {
            if near(&nearest) < NEAR_DUPLICATE_THRESHOLD {
                break;
            }
            let other = match self.write(writer, lead, variant).await {
                Ok(other) => other,
                // The message at hand stands; another wording that fails is none.
                Err(failure) => {
                    record_or_step(lead, failure)?;
                    continue;
                }
            };
            let other_nearest = nearest_of(&other.masked, accepted);
            if near(&other_nearest) < near(&nearest) {
                (best, nearest) = (other, other_nearest);
            }
        }
        Ok((best, nearest))
    }

    fn scored(&self, lead: &Lead, written: &Written, near: f64) -> Message {
        let composition = &written.composition;
        let reviewed = QualityInput {
            lead,
            sentences: &composition.sentences,
            text: &written.text,
            words_max: self.words_max,
            fact_rank: composition.fact_rank,
            cut: written.cut,
            similarity: near,
            today: self.today,
        };
        let gated = Gates {
            lead,
            seller: self.seller,
            composition,
            words_max: self.words_max,
        };
        let mut checks = with_judgement(reviewed.checks(), written.judged.as_ref());
        checks.extend(gated.checks());
        Message {
            subject: composition.subject.clone(),
            text: written.text.clone(),
            language: composition.language.clone(),
            claims: composition.sentences.clone(),
            quality_score: weighted_mean(&checks),
            relevance_score: reviewed.relevance(),
            checks,
            model_used: written.model.clone(),
            held_back: None,
        }
    }
}

/// A failure of one record, or the whole step's: what a record cannot be blamed for stops the step,
/// so that the retry policy sees it.
fn record_or_step(lead: &Lead, failure: RecipeFailure) -> Result<RecordError, RecipeFailure> {
    match failure.code {
        ErrorCode::NoUsableFacts | ErrorCode::InvalidConfiguration => {
            Ok(failure.of_record(lead.id.as_str()))
        }
        _ => Err(failure),
    }
}

fn nearest_of(masked: &WordGrams, accepted: &[(String, WordGrams)]) -> Option<(f64, String)> {
    accepted
        .iter()
        .map(|(id, text)| (masked.similarity(text), id))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(near, id)| (near, id.clone()))
}

/// The text without the lead's own names: two messages that differ in nothing else are the same.
fn masked(lead: &Lead, text: &str) -> String {
    let short = business_name(lead);
    let people = lead.facts.iter().filter(|f| f.kind == FactKind::Person);
    let mut names: Vec<&str> = people.map(|f| f.value.as_str()).collect();
    names.extend(lead.name.as_deref());
    names.extend(short.as_deref());
    mask_names(text, &names)
}

/// Puts the message into the lead: whole, and in the specification's fields of the best address
/// where it was accepted.
fn attach(lead: &mut Lead, message: Message) {
    let accepted = message.held_back.is_none();
    if let Some(email) = lead.emails.iter_mut().flatten().next().filter(|_| accepted) {
        email.personalized_message = Some(message.text.clone());
        email.message_quality_score = Some(message.quality_score);
        email.model_used = Some(message.model_used.clone());
    }
    lead.message = Some(message);
}
