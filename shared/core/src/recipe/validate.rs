//! The limits of an agent's configuration, of a target and of lists of leads, checked in one place.

use hunter_contracts::{
    AgentConfig, DiscoveryPayload, EmailAddress, ErrorCode, ExecutionMode, KEYWORDS_LIMIT,
    LeadsPayload, MAX_RESULTS_LIMIT, RECIPES, RecipeFailure, RecipeId, Recipient, RetryPolicy,
};

fn invalid(message: String) -> RecipeFailure {
    RecipeFailure::new(ErrorCode::InvalidConfiguration, message)
}

/// Checks whom to look for.
///
/// # Errors
/// `INVALID_INPUT` for no keyword, an empty or overlong one, too many of them, a depth outside 1–5,
/// a `max_results` outside 1–10,000, an empty location or business type.
pub fn validate_target(target: &DiscoveryPayload) -> Result<(), RecipeFailure> {
    let fail = |text: String| Err(RecipeFailure::invalid_input(text));
    if target.keywords.is_empty() {
        return fail("`keywords` is empty: name at least one, as in `dentists`".into());
    }
    if target.keywords.len() > KEYWORDS_LIMIT {
        let count = target.keywords.len();
        return fail(format!(
            "`keywords` holds {count} entries: at most {KEYWORDS_LIMIT} are allowed"
        ));
    }
    for (index, keyword) in target.keywords.iter().enumerate() {
        let length = keyword.chars().count();
        if keyword.trim().is_empty() || length > 100 || keyword.chars().any(char::is_control) {
            return fail(format!(
                "`keywords[{index}]` is empty, longer than 100 characters or holds control characters: write a word or two"
            ));
        }
    }
    for (field, value) in [
        ("location", &target.location),
        ("business_type", &target.business_type),
    ] {
        if value
            .as_ref()
            .is_some_and(|v| v.trim().is_empty() || v.chars().count() > 200)
        {
            return fail(format!(
                "`{field}` is empty or longer than 200 characters: name it or leave it out"
            ));
        }
    }
    if let Some(depth) = target.depth.filter(|d| !(1..=5).contains(d)) {
        return fail(format!("`depth` is {depth}: use 1 to 5"));
    }
    if let Some(max) = target
        .max_results
        .filter(|m| !(1..=MAX_RESULTS_LIMIT).contains(m))
    {
        return fail(format!(
            "`max_results` is {max}: use 1 to {MAX_RESULTS_LIMIT}"
        ));
    }
    Ok(())
}

/// Checks the leads that a payload names, of which `most` may be inline. An empty list is as good as
/// any; a recipe that needs a lead asks [`require_leads`] too.
///
/// # Errors
/// `INVALID_INPUT` for both inline and stored leads, or too many inline ones.
pub fn validate_leads(payload: &impl LeadsPayload, most: usize) -> Result<(), RecipeFailure> {
    let count = payload.leads().len();
    if count > 0 && payload.leads_ref().is_some() {
        return Err(RecipeFailure::invalid_input(
            "`leads` and `leads_ref` are both given: give one of them",
        ));
    }
    if count > most {
        return Err(RecipeFailure::invalid_input(format!(
            "`leads` holds {count} leads: give at most {most}"
        )));
    }
    Ok(())
}

/// Checks that a payload names leads, inline or stored.
///
/// # Errors
/// `INVALID_INPUT` when it names none.
pub fn require_leads(payload: &impl LeadsPayload) -> Result<(), RecipeFailure> {
    if payload.leads().is_empty() && payload.leads_ref().is_none() {
        return Err(RecipeFailure::invalid_input(
            "`leads` is empty: give at least one lead, or `leads_ref`",
        ));
    }
    Ok(())
}

fn validate_retry(field: &str, policy: &RetryPolicy) -> Result<(), RecipeFailure> {
    if !(1..=10).contains(&policy.max_attempts) {
        return Err(invalid(format!(
            "`{field}.max_attempts` is {}: use 1 to 10",
            policy.max_attempts
        )));
    }
    if policy.backoff_base_ms > 3_600_000 {
        return Err(invalid(format!(
            "`{field}.backoff_base_ms` is {}: use at most 3600000",
            policy.backoff_base_ms
        )));
    }
    if policy.backoff_max_ms < policy.backoff_base_ms || policy.backoff_max_ms > 86_400_000 {
        return Err(invalid(format!(
            "`{field}.backoff_max_ms` is {}: use at least `backoff_base_ms` and at most 86400000",
            policy.backoff_max_ms
        )));
    }
    Ok(())
}

fn validate_recipes(agent: &AgentConfig) -> Result<(), RecipeFailure> {
    let ids: Vec<RecipeId> = agent.recipes.iter().map(|r| r.id).collect();
    let (first, last) = (RecipeId::FIRST, RecipeId::LAST);
    if !ids.contains(&last) {
        return Err(invalid(format!(
            "`recipes` lacks `{last}`, which every agent must include: add it at the end"
        )));
    }
    if ids.last() != Some(&last) {
        return Err(invalid(format!(
            "`recipes` must end with `{last}`: move it to the end"
        )));
    }
    if ids.first() != Some(&first) {
        return Err(invalid(format!(
            "`recipes` must begin with `{first}`: nothing else finds leads"
        )));
    }
    if !ids.is_sorted_by(|a, b| a < b) {
        let order = RECIPES
            .each_ref()
            .map(|recipe| <&str>::from(recipe.id))
            .join(", ");
        return Err(invalid(format!(
            "`recipes` must name each recipe once, in the order {order}"
        )));
    }
    for id in &ids {
        if let Some((needed, what)) = id.spec().needs
            && !ids.contains(&needed)
        {
            return Err(invalid(format!(
                "`recipes` has `{id}` without `{needed}`: there is nothing to {what}"
            )));
        }
    }
    for recipe in &agent.recipes {
        if let Some(policy) = &recipe.retry_policy {
            validate_retry(&format!("recipes.{}.retry_policy", recipe.id), policy)?;
        }
    }
    Ok(())
}

fn validate_translations(agent: &AgentConfig) -> Result<(), RecipeFailure> {
    for (language, texts) in &agent.seller.translations {
        let field = format!("seller.translations.{language}");
        if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(invalid(format!(
                "`{field}` is not named by an ISO 639-1 code: use two lower-case letters, as in `de`"
            )));
        }
        let proofs = texts.proof_points.iter().map(|text| ("proof_points", text));
        for (name, text) in [("offer", &texts.offer), ("ask", &texts.ask)]
            .into_iter()
            .chain(proofs)
        {
            if text.trim().is_empty() || text.chars().count() > 300 {
                return Err(invalid(format!(
                    "`{field}.{name}` is empty or longer than 300 characters: messages in this \
                     language need it"
                )));
            }
        }
    }
    Ok(())
}

/// Addresses are checked here and not where the configuration is read: one that was stored before
/// they were checked is refused by its field when it is used, and stays readable until then.
fn validate_addresses(agent: &AgentConfig) -> Result<(), RecipeFailure> {
    if let Some(text) = &agent.seller.sender_email {
        let address = text.parse::<EmailAddress>();
        address.map_err(|error| invalid(format!("`seller.sender_email`: {error}")))?;
    }
    for (index, rule) in agent.alerts.iter().enumerate() {
        for recipient in &rule.recipients {
            if let Recipient::Nobody(text) = recipient {
                return Err(invalid(format!(
                    "`alerts[{index}].recipients`: `{}` is neither `customer` nor `admin` nor an \
                     e-mail address",
                    text.escape_debug()
                )));
            }
        }
    }
    Ok(())
}

/// Checks an agent's configuration.
///
/// # Errors
/// `INVALID_CONFIGURATION` naming the field, the problem and what to do; a bad target is
/// `INVALID_INPUT`.
pub fn validate_agent(agent: &AgentConfig) -> Result<(), RecipeFailure> {
    if agent.execution_mode == ExecutionMode::Parallel {
        return Err(invalid(
            "`execution_mode` is `parallel`, which is not available yet: use `sequential`".into(),
        ));
    }
    validate_recipes(agent)?;
    validate_retry("retry_policy", &agent.retry_policy)?;
    for (field, value) in [
        ("seller.company", &agent.seller.company),
        ("seller.offer", &agent.seller.offer),
        ("seller.ask", &agent.seller.ask),
        ("seller.sender_name", &agent.seller.sender_name),
    ] {
        if value.trim().is_empty() || value.chars().count() > 300 {
            return Err(invalid(format!(
                "`{field}` is empty or longer than 300 characters: messages need it"
            )));
        }
    }
    validate_translations(agent)?;
    validate_addresses(agent)?;
    let range = |field: &str, value: u32, from: u32, to: u32| {
        if (from..=to).contains(&value) {
            return Ok(());
        }
        Err(invalid(format!("`{field}` is {value}: use {from} to {to}")))
    };
    range("chunk_size", agent.chunk_size, 1, 100)?;
    range("max_concurrency", agent.max_concurrency, 1, 40)?;
    range("writing.max_length", agent.writing.max_length, 20, 200)?;
    range(
        "outreach.draft_expiry_days",
        agent.outreach.draft_expiry_days,
        1,
        90,
    )?;
    if agent.outreach.channels.is_empty() {
        return Err(invalid(
            "`outreach.channels` is empty: name at least `email`".into(),
        ));
    }
    let scoring = &agent.scoring;
    let weights = [
        scoring.weight_business_maturity,
        scoring.weight_intent_signals,
        scoring.weight_fit_match,
    ];
    if weights.iter().all(|w| w.get() <= 0.0) {
        return Err(invalid(
            "`scoring` has only weights of 0: set at least one above 0".into(),
        ));
    }
    agent.target.as_ref().map_or(Ok(()), validate_target)
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{IntelligencePayload, Lead, LeadId, LeadsRef};

    use super::*;

    fn payload(count: usize, leads_ref: Option<LeadsRef>) -> IntelligencePayload {
        IntelligencePayload {
            leads: vec![Lead::new(LeadId::derived("lead", "a")); count],
            leads_ref,
            enrichment_level: None,
        }
    }

    fn stored() -> Option<LeadsRef> {
        Some(LeadsRef {
            stage: RecipeId::Discovery,
            chunk: 0,
            generation: None,
        })
    }

    #[test]
    fn leads_are_inline_or_stored_and_not_too_many() {
        for (count, leads_ref, problem) in [
            (0, None, None),
            (2, None, None),
            (0, stored(), None),
            (1, stored(), Some("`leads` and `leads_ref` are both given")),
            (3, None, Some("`leads` holds 3 leads: give at most 2")),
        ] {
            let answer = validate_leads(&payload(count, leads_ref), 2);
            match (answer, problem) {
                (Ok(()), None) => {}
                (Err(failure), Some(text)) => {
                    assert_eq!(failure.code, ErrorCode::InvalidInput);
                    assert!(failure.message.starts_with(text), "{}", failure.message);
                }
                (answer, _) => panic!("{count} leads: {answer:?}"),
            }
        }
    }

    #[test]
    fn a_stored_lead_is_a_lead() {
        assert!(require_leads(&payload(1, None)).is_ok());
        assert!(require_leads(&payload(0, stored())).is_ok());
        let failure = require_leads(&payload(0, None)).unwrap_err();
        assert!(
            failure.message.starts_with("`leads` is empty"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn a_stored_address_that_is_none_is_refused_by_its_field_when_it_is_used() {
        for (field, stored) in [
            (
                "seller.sender_email",
                r#""sender_email": "Ana <ana@x.de>"}"#,
            ),
            ("seller.sender_email", r#""sender_email": "ana@localhost"}"#),
            ("alerts[1].recipients", r#""sender_email": "ana@x.de"}"#),
        ] {
            let alert = |recipient: &str| {
                format!(
                    r#"{{"id": "a", "trigger": "outreach_failed", "severity": "info",
                    "channels": ["email"], "enabled": true, "recipients": ["customer", "{recipient}"]}}"#
                )
            };
            let (good, bad) = (alert("ops@müller.de"), alert("a@b.de,c@d.de"));
            let alerts = if field.starts_with("alerts") {
                [good, bad]
            } else {
                [good.clone(), good]
            };
            let agent = format!(
                r#"{{"agent_id": "a", "name": "a", "alerts": [{}], "seller": {{"company": "A",
                "offer": "help", "ask": "Ok?", "sender_name": "Ana", {stored}}}"#,
                alerts.join(",")
            );
            let agent = parse_text::<AgentConfig>(&agent, "agent").unwrap();
            let failure = validate_agent(&agent).unwrap_err();
            assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
            assert!(
                failure.message.starts_with(&format!("`{field}`: ")),
                "{failure}"
            );
        }
    }

    #[test]
    fn texts_in_other_languages_are_whole_and_named_by_code() {
        let with = |language: &str, offer: &str| {
            let mut agent = AgentConfig::unconfigured();
            let texts = hunter_contracts::SellerTexts {
                offer: offer.to_owned(),
                ask: "Haben Sie Zeit?".to_owned(),
                proof_points: vec!["23 Praxen nutzen es.".to_owned()],
            };
            agent.seller.translations.insert(language.to_owned(), texts);
            validate_translations(&agent)
        };
        assert!(with("de", "Wir helfen Praxen.").is_ok());
        for (language, offer, told) in [
            ("DE", "Wir helfen.", "ISO 639-1"),
            ("deu", "Wir helfen.", "ISO 639-1"),
            ("de", " ", "`seller.translations.de.offer` is empty"),
        ] {
            let failure = with(language, offer).unwrap_err();
            assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
            assert!(failure.message.contains(told), "{failure}");
        }
    }
}
