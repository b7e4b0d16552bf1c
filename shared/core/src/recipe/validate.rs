//! The limits at the fields are held against what comes in, and the rules that join several fields are
//! checked here.

use hunter_contracts::{
    AgentConfig, DiscoveryPayload, EmailAddress, ErrorCode, ExecutionMode, LeadsPayload, RECIPES,
    RecipeFailure, RecipeId, Recipient, check_limits,
};

fn invalid(message: String) -> RecipeFailure {
    RecipeFailure::new(ErrorCode::InvalidConfiguration, message)
}

/// Checks whom to look for.
///
/// # Errors
/// `INVALID_INPUT` naming the field, the problem and what to do.
pub fn validate_target(target: &DiscoveryPayload) -> Result<(), RecipeFailure> {
    check_limits(target, "", ErrorCode::InvalidInput)
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
                let shown: String = text.chars().take(100).collect();
                return Err(invalid(format!(
                    "`alerts[{index}].recipients`: `{}` is neither `customer` nor `admin` nor an \
                     e-mail address",
                    shown.escape_debug()
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
    check_limits(agent, "", ErrorCode::InvalidConfiguration)?;
    validate_addresses(agent)?;
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
    let target = agent.target.as_ref();
    target.map_or(Ok(()), |t| {
        check_limits(t, "target", ErrorCode::InvalidInput)
    })
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{IntelligencePayload, Lead, LeadId, LeadsRef};
    use serde_json::{Value, json};

    use super::*;
    use crate::recipe::{parse, parse_text};

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
    fn what_is_beyond_a_limit_is_named_by_its_place_in_the_json() {
        let problem = |pointer: &str, value: Value| {
            let mut agent = serde_json::to_value(AgentConfig::unconfigured()).unwrap();
            agent["seller"] = json!({"company": "c", "offer": "o", "ask": "a", "sender_name": "s",
                "translations": {"de": {"offer": "o", "ask": "a", "proof_points": ["p"]}}});
            agent["target"] = json!({"keywords": ["dentists"]});
            agent["recipes"][1]["retry_policy"] = agent["retry_policy"].clone();
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            agent.pointer_mut(parent).unwrap()[field] = value;
            let answer = validate_agent(&parse(agent, "").unwrap());
            answer
                .map_err(|failure| (failure.code, failure.message))
                .err()
        };
        let configuration = ErrorCode::InvalidConfiguration;
        assert_eq!(problem("/chunk_size", json!(100)), None);
        let keywords = vec!["a"; 51];
        let longest = "x".repeat(300);
        assert_eq!(problem("/seller/offer", json!(longest)), None);
        for (pointer, value, code, told) in [
            (
                "/chunk_size",
                json!(0),
                configuration,
                "`chunk_size` is 0: use at least 1",
            ),
            (
                "/chunk_size",
                json!(101),
                configuration,
                "`chunk_size` is 101: use at most 100",
            ),
            (
                "/recipes/1/retry_policy",
                json!({"max_attempts": 11, "backoff_base_ms": 0, "backoff_max_ms": 0}),
                configuration,
                "`recipes[1].retry_policy.max_attempts` is 11: use at most 10",
            ),
            (
                "/retry_policy/backoff_max_ms",
                json!(999),
                configuration,
                "`retry_policy.backoff_max_ms` is 999: use at least `backoff_base_ms`, which is 1000",
            ),
            (
                "/seller/offer",
                json!(longest + "x"),
                configuration,
                "`seller.offer` is longer than 300 characters: shorten it",
            ),
            (
                "/seller/company",
                json!(""),
                configuration,
                "`seller.company` is empty: fill it in",
            ),
            (
                "/seller/translations/de/offer",
                json!(" "),
                configuration,
                "`seller.translations.de.offer` is empty: write a few words",
            ),
            (
                "/seller/translations/de/proof_points",
                json!([""]),
                configuration,
                "`seller.translations.de.proof_points[0]` is empty: fill it in",
            ),
            (
                "/seller/translations",
                json!({"deu": {"offer": "o", "ask": "a"}}),
                configuration,
                "`seller.translations` has `deu`, which is no ISO 639-1 code: use two lower-case \
                 letters, as in `de`",
            ),
            (
                "/outreach/channels",
                json!([]),
                configuration,
                "`outreach.channels` is empty: fill it in",
            ),
            (
                "/target/keywords",
                json!(keywords),
                ErrorCode::InvalidInput,
                "`target.keywords` holds 51 entries: give at most 50",
            ),
            (
                "/target/keywords",
                json!(["a", "b\u{0}"]),
                ErrorCode::InvalidInput,
                "`target.keywords[1]` holds line breaks, control characters or marks of direction: \
                 write a word or two on one line",
            ),
        ] {
            assert_eq!(problem(pointer, value), Some((code, told.to_owned())));
        }
    }
}
