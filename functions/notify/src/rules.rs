//! Whom an alert concerns, how, and how often.

use hunter_contracts::{
    AgentConfig, AgentId, AlertChannel, AlertConfig, AlertRecord, ErrorCode, RecipeFailure,
};
use hunter_core::{recipe::short_key, store::AccountStore};

use crate::Notify;

/// Most recipients of a rule.
pub(crate) const RECIPIENTS_MAX: usize = 10;

/// The rules of one agent that an alert falls under.
pub(crate) struct Rules {
    agent: Option<AgentId>,
    pub(crate) rules: Vec<AlertConfig>,
}

impl Rules {
    /// The rules for the alert's trigger of the agent whose run raised it, as they are now; as they
    /// were when the run began where the agent is gone. Without any the customer gets an e-mail.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn of(notify: &Notify, alert: &AlertRecord) -> Result<Self, RecipeFailure> {
        let agent = agent(notify, alert).await?;
        let id = agent.as_ref().map(|agent| agent.agent_id.clone());
        let mut rules = agent.map(|agent| agent.alerts).unwrap_or_default();
        rules.retain(|rule| rule.trigger == alert.trigger_type);
        if rules.is_empty() {
            rules.push(AlertConfig {
                id: "default".into(),
                trigger: alert.trigger_type,
                severity: alert.severity,
                channels: vec![AlertChannel::Email],
                recipients: vec!["customer".into()],
                template: None,
                enabled: true,
                max_frequency_hours: None,
                threshold_percentage: None,
            });
        }
        Ok(Self { agent: id, rules })
    }

    /// The name of a rule's window: rules of different agents may have the same id.
    pub(crate) fn window(&self, rule: &AlertConfig) -> String {
        let agent = self.agent.as_ref().map_or("", AgentId::as_str);
        short_key(&[agent, &format!("{:?}", rule.trigger), &rule.id])
    }
}

async fn agent(notify: &Notify, alert: &AlertRecord) -> Result<Option<AgentConfig>, RecipeFailure> {
    let Some(id) = &alert.context.execution_id else {
        return Ok(None);
    };
    let store = notify.store.tenant(&alert.customer_id);
    let Some(run) = store.run(id).await? else {
        return Ok(None);
    };
    let current = store.agent(&run.agent.agent_id).await?;
    Ok(Some(current.unwrap_or(run.agent)))
}

/// The e-mail address that a rule's recipient stands for.
///
/// # Errors
/// `NOT_FOUND` or `INVALID_INPUT` where it stands for none: never with what the rule says, which
/// may be a person's address. The store's errors.
pub(crate) async fn email_of(
    notify: &Notify,
    account: &dyn AccountStore,
    recipient: &str,
) -> Result<String, RecipeFailure> {
    let none = |message: &str| RecipeFailure::new(ErrorCode::NotFound, message);
    let address = match recipient {
        "customer" => {
            let profile = account.profile().await?;
            let profile = profile
                .ok_or_else(|| none("the customer has no profile with an e-mail address"))?;
            profile.email
        }
        "admin" => {
            let admin = notify.admin_email.clone();
            admin.ok_or_else(|| none("no e-mail address of an admin is configured"))?
        }
        address => address.to_owned(),
    };
    let address = address.trim();
    if is_address(address) {
        return Ok(address.to_owned());
    }
    Err(RecipeFailure::invalid_input(
        "a recipient is neither `customer` nor `admin` nor one plain e-mail address",
    ))
}

/// Whether a text is one address and nothing else, so that it cannot become two or a header. What
/// else an address must be is the mail service's business.
fn is_address(text: &str) -> bool {
    let strange = |c: char| c.is_whitespace() || c.is_control() || ",;:<>()[]\\\"".contains(c);
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && text.len() <= 254
        && !text.contains(strange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_plain_addresses_are_addresses() {
        for good in [
            "a@b",
            "ana.silva+x@mail.example",
            "o'brien@example.com",
            "ü@bücher.example",
        ] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("{}@example.com", "x".repeat(250));
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "ana",
            "a@b@c",
            "a@b,c@d",
            "a@b;c@d",
            "Ana <a@b>",
            "a b@c",
            "a@b\r\nBcc: c@d",
            "a@b\u{0}",
            "\"a\"@b",
            "group:a@b",
            &long,
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
