//! How a message comes about: models are asked one after the other, what they write is checked,
//! objections go back to them, what still does not hold is cut, and at the end stands the rules
//! engine. Then a model may smooth it, and another one judges it.

use hunter_contracts::{Claim, ClaimBasis, ErrorCode, Purpose, RecipeFailure, Role};
use hunter_core::{
    ports::{Model, ModelChain, Models, RULES},
    recipe::Caller,
};

use crate::{
    check::{
        review::{Review, review},
        whole::{Whole, whole},
    },
    facts::material::{Material, WriteRequest},
    score::judge::{NATURAL_MIN, Verdict, judge},
    words::language::candidates,
    write::{answer::Answer, message::Composition, request::message_request, rules},
};

/// How often objections go back to a model: a second time only where nothing whole is at hand.
const REWRITES_MAX: u32 = 2;
/// Most objections that go back at once.
const PROBLEMS_MAX: usize = 12;
/// From this wording on only the rules engine is asked: another wording of a model costs a call.
const MODEL_VARIANTS: u32 = 2;

/// Wordings of the rules engine that are tried until one holds.
const RULES_WORDINGS: u32 = 4;

/// A message that holds, with who wrote it and what somebody else thinks of it.
pub(crate) struct Authored {
    pub(crate) composition: Composition,
    /// Sentences that did not hold.
    pub(crate) cut: usize,
    /// Who wrote it; who smoothed it follows after ` + `.
    pub(crate) model: String,
    pub(crate) judged: Option<Verdict>,
}

/// Who writes in a step.
pub(crate) struct Author {
    writing: ModelChain,
    polishing: ModelChain,
    judging: ModelChain,
}

impl Author {
    /// Opens the customer's models.
    pub(crate) async fn open(models: &dyn Models, caller: &Caller) -> Self {
        let open = |purpose| ModelChain::open_or_rules(models, caller, purpose);
        Self {
            writing: open(Purpose::Writing).await,
            polishing: open(Purpose::Polishing).await,
            judging: open(Purpose::Judging).await,
        }
    }

    /// Writes a message in the best language that there are texts and facts for.
    ///
    /// # Errors
    /// As the rules engine: models only ever help.
    pub(crate) async fn write(
        &self,
        request: &WriteRequest<'_>,
    ) -> Result<Authored, RecipeFailure> {
        if !self.writing.is_empty() && request.variant < MODEL_VARIANTS {
            let mut languages = candidates(request.lead, request.seller).into_iter();
            let material = languages.find_map(|language| Material::of(request, language));
            if let Some(material) = material
                && let Some(authored) = self.by_models(&material).await
            {
                return Ok(self.finished(&material, authored, false).await);
            }
        }
        let (material, mut authored) = by_rules(request)?;
        let mut smoothed = false;
        if request.variant == 0
            && let Some(better) = self.polished(&material, &authored).await
        {
            (authored, smoothed) = (better, true);
        }
        Ok(self.finished(&material, authored, smoothed).await)
    }

    async fn by_models(&self, material: &Material<'_>) -> Option<Authored> {
        for (position, model) in self.writing.models().iter().enumerate() {
            match attempt(model.as_ref(), material).await {
                Ok(authored) => return Some(authored),
                Err(failure) => self.writing.note(position, &failure),
            }
        }
        None
    }

    /// Has the message judged; what does not read naturally is smoothed, where that makes it better
    /// and it was not smoothed before.
    async fn finished(
        &self,
        material: &Material<'_>,
        authored: Authored,
        smoothed: bool,
    ) -> Authored {
        let judged = self.judged(material, &authored).await;
        let natural = judged.as_ref().map(|judged| judged.scores.natural.get());
        let authored = Authored { judged, ..authored };
        let Some(natural) = natural.filter(|natural| !smoothed && *natural < NATURAL_MIN) else {
            return authored;
        };
        let Some(better) = self.polished(material, &authored).await else {
            return authored;
        };
        let again = self.judged(material, &better).await;
        match again.as_ref().map(|judged| judged.scores.natural.get()) {
            Some(now) if now > natural => Authored {
                judged: again,
                ..better
            },
            _ => authored,
        }
    }

    async fn judged(&self, material: &Material<'_>, authored: &Authored) -> Option<Verdict> {
        judge(
            &self.judging,
            material,
            &authored.composition,
            &authored.model,
        )
        .await
    }

    /// The message as a model smoothed it, where all of it holds and it says the same.
    async fn polished(&self, material: &Material<'_>, authored: &Authored) -> Option<Authored> {
        let draft = Answer::of(&authored.composition);
        let request = message_request(Purpose::Polishing, material, Some(&draft), &[]);
        for (position, model) in self.polishing.models().iter().enumerate() {
            let answer = request.ask(model.as_ref()).await;
            if answer.as_ref().is_ok_and(|answer| answer.says_what(&draft)) {
                return None;
            }
            let better = answer.and_then(|answer| {
                let review = review(material, &answer);
                let whole = whole(material, &review).map_err(|e| refused(&e));
                let objections = review.objections.first().cloned();
                objections.map_or(whole, |objection| Err(refused(&[objection])))
            });
            let same = better.and_then(|better| same_claims(authored, better));
            match same {
                Ok(composition) => {
                    return Some(Authored {
                        composition,
                        cut: authored.cut,
                        model: format!("{} + {}", authored.model, model.name()),
                        judged: None,
                    });
                }
                Err(failure) => self.polishing.note(position, &failure),
            }
        }
        None
    }
}

/// What a smoothed message says must be what it said before: the same facts, all of them.
fn same_claims(before: &Authored, after: Whole) -> Result<Composition, RecipeFailure> {
    let claims = |sentences: &[Claim]| -> Vec<(Role, ClaimBasis)> {
        let own = sentences.iter().filter(|s| s.role != Role::Greeting);
        own.map(|s| (s.role, s.basis.clone())).collect()
    };
    let same = claims(&before.composition.sentences) == claims(&after.composition.sentences);
    if same && after.too_long.is_none() {
        return Ok(after.composition);
    }
    Err(refused(&[
        "what it smoothed no longer says the same".to_owned()
    ]))
}

fn refused(objections: &[String]) -> RecipeFailure {
    let why = format!("what it wrote does not hold: {}", objections.join("; "));
    RecipeFailure::new(ErrorCode::ApiBadResponse, why)
}

/// Asks one model, and again with what was objected to; at last takes what holds, if that is whole.
async fn attempt(model: &dyn Model, material: &Material<'_>) -> Result<Authored, RecipeFailure> {
    let (mut draft, mut problems): (Option<Answer>, Vec<String>) = (None, Vec::new());
    let mut best: Option<Authored> = None;
    for round in 0..=REWRITES_MAX {
        let request = message_request(Purpose::Writing, material, draft.as_ref(), &problems);
        let answer = match request.ask(model).await {
            Ok(answer) => answer,
            Err(failure) => return best.ok_or(failure),
        };
        let review = review(material, &answer);
        problems.clone_from(&review.objections);
        match whole(material, &review) {
            Ok(whole) => {
                problems.extend(whole.too_long.clone());
                let done = problems.is_empty() || !needs_rewriting(&review, &whole);
                let authored = Authored {
                    composition: whole.composition,
                    cut: review.objections.len(),
                    model: model.name().to_owned(),
                    judged: None,
                };
                if best.as_ref().is_none_or(|best| authored.cut < best.cut) {
                    best = Some(authored);
                }
                if done || round > 0 {
                    break;
                }
            }
            Err(reasons) => problems.extend(reasons),
        }
        problems.truncate(PROBLEMS_MAX);
        draft = Some(bounded(answer));
    }
    best.ok_or_else(|| refused(&problems))
}

/// Greetings and closings that do not hold are replaced by ours at no loss.
fn needs_rewriting(review: &Review, whole: &Whole) -> bool {
    whole.too_long.is_some() || review.serious > 0
}

/// What goes back to the model is no longer than what could stand.
fn bounded(mut answer: Answer) -> Answer {
    let short = |text: &mut String| *text = text.chars().take(400).collect();
    short(&mut answer.subject);
    answer.sentences.truncate(PROBLEMS_MAX);
    for sentence in &mut answer.sentences {
        short(&mut sentence.text);
        sentence.facts.truncate(PROBLEMS_MAX);
        sentence.quotes.truncate(PROBLEMS_MAX);
        sentence.quotes.iter_mut().for_each(short);
        sentence.seller_field.iter_mut().for_each(short);
    }
    answer
}

/// Writes by rules and cuts what does not hold. What a page says may spoil one wording and not
/// another, so further ones are tried before none is whole.
fn by_rules<'a>(request: &'a WriteRequest<'a>) -> Result<(Material<'a>, Authored), RecipeFailure> {
    let material = Material::in_english(request)?;
    let mut failure = None;
    for wording in 0..RULES_WORDINGS {
        let answer = rules::write(&material, request.variant.saturating_add(wording))?;
        let review = review(&material, &answer);
        match whole(&material, &review) {
            Ok(whole) => {
                let authored = Authored {
                    composition: whole.composition,
                    cut: review.objections.len(),
                    model: RULES.to_owned(),
                    judged: None,
                };
                return Ok((material, authored));
            }
            Err(reasons) => {
                failure.get_or_insert_with(|| unwritten(&reasons, &review.objections));
            }
        }
    }
    Err(failure.unwrap_or_else(|| RecipeFailure::internal("no wording was tried")))
}

fn unwritten(reasons: &[String], objections: &[String]) -> RecipeFailure {
    // What the rules engine writes of its own has none of these: they stand in the seller's texts.
    let configured = ["gate_placeholder", "gate_language"];
    let of_seller = |reason: &String| configured.iter().any(|gate| reason.starts_with(gate));
    let code = if reasons.first().is_some_and(of_seller) {
        ErrorCode::InvalidConfiguration
    } else {
        ErrorCode::NoUsableFacts
    };
    let all: Vec<&str> = reasons
        .iter()
        .chain(objections)
        .map(String::as_str)
        .collect();
    let why = format!("the message may not be made: {}", all.join("; "));
    RecipeFailure::new(code, why)
}
