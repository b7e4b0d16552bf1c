//! How a message comes about: models are asked one after the other, what they write is checked,
//! objections go back to them, what still does not hold is cut, and at the end stands the rules
//! engine. Then a model may smooth it, and another one judges it.

use hunter_contracts::{ClaimBasis, ErrorCode, Purpose, RecipeFailure, Seller};
use hunter_core::{
    ports::{Model, ModelChain, Models, NoModels, RULES},
    recipe::{AiComponent, Caller},
};

use crate::{
    gates::Gated,
    grammar::english,
    judge::{Judged, NATURAL_MIN, judge},
    language::{candidates, language, own_language},
    material::Material,
    message::{Composition, Role, Sentence, WriteRequest, words},
    prose::{Review, review},
    verify::Checker,
    whole::{Whole, whole},
    wire::{Answer, message_request},
};

/// How often objections go back to a model: a second time only where nothing whole is at hand.
const REWRITES_MAX: u32 = 2;
/// Most objections that go back at once.
const PROBLEMS_MAX: usize = 12;
/// From this wording on only the rules engine is asked: another wording of a model costs a call.
const MODEL_VARIANTS: u32 = 2;

/// The rules engine, or what stands in for it.
pub(crate) type Rules = dyn AiComponent<WriteRequest, Composition>;

/// A message that holds, with who wrote it and what somebody else thinks of it.
pub(crate) struct Authored {
    pub(crate) composition: Composition,
    /// Sentences that did not hold.
    pub(crate) cut: usize,
    /// Who wrote it; who smoothed it follows after ` + `.
    pub(crate) model: String,
    pub(crate) judged: Option<Judged>,
}

/// Who writes in a step.
pub(crate) struct Author<'a> {
    writing: ModelChain,
    polishing: ModelChain,
    judging: ModelChain,
    rules: &'a Rules,
}

impl<'a> Author<'a> {
    /// Opens the customer's models. Keys that cannot be read are noted and cost the models, not
    /// the step.
    pub(crate) async fn open(
        models: &dyn Models,
        caller: &Caller,
        rules: &'a Rules,
    ) -> Result<Self, RecipeFailure> {
        let open = async |purpose: Purpose| match ModelChain::open(models, caller, purpose).await {
            Ok(chain) => Ok(chain),
            Err(failure) => {
                let meter = &caller.meter;
                meter.fell_back(purpose, "models", RULES, failure.code, &failure.message);
                ModelChain::open(&NoModels, caller, purpose).await
            }
        };
        Ok(Self {
            writing: open(Purpose::Writing).await?,
            polishing: open(Purpose::Polishing).await?,
            judging: open(Purpose::Judging).await?,
            rules,
        })
    }

    /// Writes a message in the best language that there are texts and facts for.
    ///
    /// # Errors
    /// As the rules engine: models only ever help.
    pub(crate) async fn write(&self, request: &WriteRequest) -> Result<Authored, RecipeFailure> {
        let grammar = english()?;
        if !self.writing.is_empty() && request.variant < MODEL_VARIANTS {
            let mut languages = candidates(&request.lead, &request.seller).into_iter();
            let material = languages.find_map(|l| Material::of(request, grammar, l));
            if let Some(material) = material
                && let Some(authored) = self.by_models(&material).await
            {
                return Ok(self.finished(&material, authored, false).await);
            }
        }
        let mut authored = by_rules(self.rules, request).await?;
        let english = language("en").and_then(|l| Material::of(request, grammar, l));
        let Some(material) = english.filter(|_| authored.composition.language == "en") else {
            return Ok(authored);
        };
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
        let natural = judged.as_ref().map(|judged| judged.scores.natural);
        let authored = Authored { judged, ..authored };
        let Some(natural) = natural.filter(|natural| !smoothed && *natural < NATURAL_MIN) else {
            return authored;
        };
        let Some(better) = self.polished(material, &authored).await else {
            return authored;
        };
        let again = self.judged(material, &better).await;
        match again.as_ref().map(|judged| judged.scores.natural) {
            Some(now) if now > natural => Authored {
                judged: again,
                ..better
            },
            _ => authored,
        }
    }

    async fn judged(&self, material: &Material<'_>, authored: &Authored) -> Option<Judged> {
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
            let answer = model.answer(&request).await.and_then(read);
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
    let claims = |sentences: &[Sentence]| -> Vec<(Role, ClaimBasis)> {
        let own = sentences.iter().filter(|s| s.role != Role::Greeting);
        own.map(|s| (s.role, s.claim.basis.clone())).collect()
    };
    let same = claims(&before.composition.sentences) == claims(&after.composition.sentences);
    if same && after.too_long.is_none() {
        return Ok(after.composition);
    }
    Err(refused(&[
        "what it smoothed no longer says the same".to_owned()
    ]))
}

fn read(answer: serde_json::Value) -> Result<Answer, RecipeFailure> {
    serde_json::from_value(answer).map_err(|error| {
        let why = format!("its answer does not fit the schema `message`: {error}");
        RecipeFailure::new(ErrorCode::ApiBadResponse, why)
    })
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
        let answer = match model.answer(&request).await.and_then(read) {
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

/// Writes by rules and cuts what does not hold. The rules engine writes English: a seller of
/// another language is quoted from `translations.en`, where that is set.
async fn by_rules(rules: &Rules, request: &WriteRequest) -> Result<Authored, RecipeFailure> {
    let grammar = english()?;
    let translated = english_seller(&request.seller);
    let request = WriteRequest {
        seller: translated.clone().unwrap_or_else(|| request.seller.clone()),
        ..request.clone()
    };
    let decision = rules.decide(&request).await?;
    let proposed = decision.parameters;
    let checker = Checker {
        lead: &request.lead,
        seller: &request.seller,
        grammar,
        today: request.today,
    };
    let (sentences, cut) = checker.split(proposed.sentences);
    let rests_on_fact = |s: &&Sentence| {
        matches!(s.role, Role::Opening | Role::Second)
            && matches!(s.claim.basis, ClaimBasis::Fact { .. })
    };
    let has = |role: Role| sentences.iter().any(|s| s.role == role);
    let whole = sentences.iter().find(rests_on_fact).is_some() && has(Role::Offer);
    if !whole || !has(Role::Ask) || words(&sentences) > request.words_max {
        let reasons: Vec<&str> = cut.iter().map(|c| c.reason.as_str()).collect();
        return Err(RecipeFailure::new(
            ErrorCode::NoUsableFacts,
            format!(
                "what was written did not hold and was cut: {}",
                reasons.join("; ")
            ),
        ));
    }
    let nobody = || grammar.subjects("nobody").first().cloned();
    let subject = Some(proposed.subject).filter(|s| checker.subject_holds(s, &sentences));
    let mut composition = Composition {
        subject: subject.or_else(nobody).unwrap_or_default(),
        sentences,
        ..proposed
    };
    gate(&request, &composition)?;
    if translated.is_some() {
        name_translation(&mut composition);
    }
    Ok(Authored {
        composition,
        cut: cut.len(),
        model: decision.model,
        judged: None,
    })
}

fn gate(request: &WriteRequest, composition: &Composition) -> Result<(), RecipeFailure> {
    let gated = Gated {
        lead: &request.lead,
        seller: &request.seller,
        composition,
        words_max: request.words_max,
    };
    let failures = gated.failures();
    let Some(first) = failures.first() else {
        return Ok(());
    };
    // What the rules engine writes of its own has none of these: they stand in the seller's texts.
    let configured = ["gate_placeholder", "gate_language"];
    let code = if configured.iter().any(|gate| first.starts_with(gate)) {
        ErrorCode::InvalidConfiguration
    } else {
        ErrorCode::NoUsableFacts
    };
    let why = format!("the message may not be made: {}", failures.join("; "));
    Err(RecipeFailure::new(code, why))
}

/// The seller in English, where its own texts are in another language and `translations.en` is set.
fn english_seller(seller: &Seller) -> Option<Seller> {
    let texts = seller.translations.get("en")?;
    if own_language(seller).is_some_and(|own| own.code == "en") {
        return None;
    }
    Some(Seller {
        offer: texts.offer.clone(),
        ask: texts.ask.clone(),
        proof_points: texts.proof_points.clone(),
        offers_by_industry: std::collections::BTreeMap::new(),
        ..seller.clone()
    })
}

fn name_translation(composition: &mut Composition) {
    for sentence in &mut composition.sentences {
        if let ClaimBasis::Seller { field } = &mut sentence.claim.basis
            && field != "sender_name"
        {
            *field = format!("translations.en.{field}");
        }
    }
}
