//! Whom an alert concerns, how, and how often.

use hunter_contracts::{
    AgentConfig, AgentId, AlertChannel, AlertConfig, AlertRecord, EmailAddress, ErrorCode,
    RecipeFailure, Recipient,
};
use hunter_core::{recipe::short_key, store::AccountStore};

use crate::Notify;

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
                recipients: vec![Recipient::Customer],
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
    recipient: &Recipient,
) -> Result<EmailAddress, RecipeFailure> {
    let none = |message: &str| RecipeFailure::new(ErrorCode::NotFound, message);
    match recipient {
        Recipient::Customer => {
            let profile = account.profile().await?;
            profile
                .map(|profile| profile.email)
                .ok_or_else(|| none("the customer has no profile with an e-mail address"))
        }
        Recipient::Admin => {
            let admin = notify.admin_email.clone();
            admin.ok_or_else(|| none("no e-mail address of an admin is configured"))
        }
        Recipient::Address(address) => Ok(address.clone()),
        Recipient::Nobody(_) => Err(RecipeFailure::invalid_input(
            "a recipient is neither `customer` nor `admin` nor one plain e-mail address",
        )),
    }
}
