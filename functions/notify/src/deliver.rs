//! One alert to everybody whom it concerns.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use hunter_contracts::{
    ALERT_RECIPIENTS_MAX, AlertChannel, AlertConfig, AlertRecord, EmailAddress, ErrorCode,
    RecipeFailure, Recipient,
};
use hunter_core::{
    control_plane::Handled,
    recipe::short_key,
    store::{
        AccountStore, Actor, AuditEntry, AuditEvent, AuditStatus, DeliveryClaim, audit_details,
    },
};

use crate::{
    DeliveryChannel, Notice, Notify,
    rules::{Rules, email_of},
    template,
};

/// How long a delivery may take before another one may begin. The alert queue's visibility timeout
/// must be longer, or a message meets its own lease when it comes again.
pub const LEASE: Duration = Duration::from_secs(60);

/// What became of an alert, by recipients.
#[derive(Debug, Default)]
struct Tally {
    delivered: u32,
    /// Delivered before, or by a rule before this one.
    repeated: u32,
    /// Left where the app shows it.
    shown: u32,
    /// Kept back by a rule's switch or frequency.
    suppressed: u32,
    not_delivered: u32,
    /// Why the alert has to come again.
    again: Option<RecipeFailure>,
    /// Why it has to be buried.
    never: Option<RecipeFailure>,
}

impl Tally {
    fn fail(&mut self, failure: RecipeFailure) {
        let kept = if failure.code.retryable() {
            &mut self.again
        } else {
            &mut self.never
        };
        kept.get_or_insert(failure);
    }
}

/// One alert on its way.
struct Delivery<'a> {
    notify: &'a Notify,
    alert: &'a AlertRecord,
    account: Arc<dyn AccountStore>,
    tally: Tally,
    /// Channel and address of everybody who was served by now.
    served: BTreeSet<String>,
}

/// Delivers an alert.
pub(crate) async fn deliver(notify: &Notify, alert: &AlertRecord) -> Handled {
    let (tenant, alert_id) = (&alert.customer_id, &alert.id);
    if alert.expires_at <= notify.clock.now() {
        tracing::info!(%tenant, %alert_id, "alert has expired: not delivered");
        return Handled::Done;
    }
    let rules = match Rules::of(notify, alert).await {
        Ok(rules) => rules,
        Err(failure) => return Handled::failed(failure),
    };
    let mut delivery = Delivery {
        notify,
        alert,
        account: notify.accounts.account(tenant),
        tally: Tally::default(),
        served: BTreeSet::new(),
    };
    for rule in &rules.rules {
        if let Err(failure) = delivery.follow(&rules, rule).await {
            delivery.tally.fail(failure);
        }
    }
    let tally = delivery.tally;
    tracing::info!(
        %tenant, %alert_id, trigger = ?alert.trigger_type,
        delivered = tally.delivered, repeated = tally.repeated, shown = tally.shown,
        suppressed = tally.suppressed, not_delivered = tally.not_delivered,
        "alert"
    );
    // What can pass is tried before the rest is given up: a buried alert comes no more by itself.
    match (tally.again, tally.never) {
        (Some(failure), _) => Handled::Again(failure),
        (None, Some(failure)) => Handled::Never(failure),
        (None, None) => Handled::Done,
    }
}

impl Delivery<'_> {
    /// Does what a rule says.
    async fn follow(&mut self, rules: &Rules, rule: &AlertConfig) -> Result<(), RecipeFailure> {
        if !rule.enabled {
            self.tally.suppressed += 1;
            return Ok(());
        }
        let mut routes: Vec<(Arc<dyn DeliveryChannel>, EmailAddress)> = Vec::new();
        let channels: BTreeSet<AlertChannel> = rule.channels.iter().copied().collect();
        for channel in channels {
            if channel == AlertChannel::AppNotification {
                // The stored alert is what the app shows; whoever raised it has stored it.
                self.tally.shown += 1;
                continue;
            }
            let standing = self.notify.channels.iter().find(|c| c.channel() == channel);
            let Some(standing) = standing.cloned() else {
                self.undelivered(channel, "", "channel not available yet")
                    .await?;
                continue;
            };
            for address in self.addresses(rule, channel).await? {
                routes.push((standing.clone(), address));
            }
        }
        if routes.is_empty() {
            return Ok(());
        }
        if !self.takes_window(rules, rule).await? {
            self.tally.suppressed += 1;
            return Ok(());
        }
        let (text, notes) = rule
            .template
            .as_deref()
            .map_or_else(Default::default, |template| {
                template::render(template, self.alert)
            });
        let notice = Notice {
            alert: self.alert.clone(),
            text,
            notes,
        };
        for (channel, address) in routes {
            if let Err(failure) = self.hand_over(channel.as_ref(), &notice, &address).await {
                self.tally.fail(failure);
            }
        }
        Ok(())
    }

    /// The addresses of a rule's recipients; those that have none are told about.
    async fn addresses(
        &mut self,
        rule: &AlertConfig,
        channel: AlertChannel,
    ) -> Result<Vec<EmailAddress>, RecipeFailure> {
        let mut addresses = Vec::new();
        let recipients: BTreeSet<&Recipient> = rule.recipients.iter().collect();
        for recipient in recipients.iter().take(ALERT_RECIPIENTS_MAX) {
            match email_of(self.notify, self.account.as_ref(), recipient).await {
                Ok(address) => addresses.push(address),
                Err(failure) if is_the_recipients(&failure) => {
                    let recipient = String::from((*recipient).clone());
                    self.undelivered(channel, &recipient, &failure.told())
                        .await?;
                }
                Err(failure) => return Err(failure),
            }
        }
        if recipients.len() > ALERT_RECIPIENTS_MAX {
            let problem = format!(
                "a rule has more than {ALERT_RECIPIENTS_MAX} recipients: the rest is left out"
            );
            self.undelivered(channel, "the rest", &problem).await?;
        }
        Ok(addresses)
    }

    async fn takes_window(&self, rules: &Rules, rule: &AlertConfig) -> Result<bool, RecipeFailure> {
        let Some(hours) = rule.max_frequency_hours.filter(|&hours| hours > 0) else {
            return Ok(true);
        };
        let now = self.notify.clock.now();
        let window = Duration::from_hours(hours.into());
        let until = now.checked_add(window).unwrap_or(jiff::Timestamp::MAX);
        let name = rules.window(rule);
        Ok(self
            .account
            .claim_alert_window(&name, &self.alert.id, now, until)
            .await?)
    }

    /// Delivers to one address, once.
    async fn hand_over(
        &mut self,
        channel: &dyn DeliveryChannel,
        notice: &Notice,
        address: &EmailAddress,
    ) -> Result<(), RecipeFailure> {
        let kind = name(channel.channel());
        let to = format!("{kind}:{}", address.key());
        if !self.served.insert(to.clone()) {
            self.tally.repeated += 1;
            return Ok(());
        }
        let id = &self.alert.id;
        let now = self.notify.clock.now();
        let lease_until = now.checked_add(LEASE).unwrap_or(now);
        match self
            .account
            .begin_delivery(id, &to, now, lease_until)
            .await?
        {
            DeliveryClaim::Mine => {}
            DeliveryClaim::Delivered => {
                self.tally.repeated += 1;
                return Ok(());
            }
            DeliveryClaim::Busy { until } => {
                self.tally.again.get_or_insert(RecipeFailure::new(
                    ErrorCode::Conflict,
                    format!("another delivery is under way until {until}"),
                ));
                return Ok(());
            }
        }
        match channel.deliver(notice, address).await {
            Ok(message_id) => {
                self.tally.delivered += 1;
                let at = self.notify.clock.now();
                self.account.end_delivery(id, &to, &message_id, at).await?;
                Ok(())
            }
            Err(failure) if is_the_recipients(&failure) => {
                self.undelivered(
                    channel.channel(),
                    address.as_str(),
                    "the provider refuses the message or its recipient",
                )
                .await
            }
            Err(failure) => Err(failure),
        }
    }

    /// Notes for the customer that somebody was not told. Never an address, in no log.
    async fn undelivered(
        &mut self,
        channel: AlertChannel,
        recipient: &str,
        problem: &str,
    ) -> Result<(), RecipeFailure> {
        self.tally.not_delivered += 1;
        let (tenant, alert) = (&self.alert.customer_id, self.alert);
        let channel = name(channel);
        tracing::warn!(%tenant, alert_id = %alert.id, channel, problem, "alert is not delivered");
        let key = short_key(&[alert.id.as_str(), channel, recipient, problem]);
        let (id, at) = (format!("audit_{key}"), self.notify.clock.now());
        let (actor, event) = (Actor::system("notify"), AuditEvent::AlertNotDelivered);
        let mut entry = AuditEntry::new(id, at, actor, event, &alert.id, tenant);
        entry.context.execution_id = alert.context.execution_id.clone();
        entry.result.status = AuditStatus::Failed;
        entry.result.details =
            audit_details([("channel", channel.into()), ("reason", problem.into())]);
        Ok(self.notify.store.tenant(tenant).audit(&entry).await?)
    }
}

/// Whether a failure is about the recipient alone: nobody can mend it but who wrote the rule.
fn is_the_recipients(failure: &RecipeFailure) -> bool {
    matches!(failure.code, ErrorCode::InvalidInput | ErrorCode::NotFound)
}

/// The channel's name in a rule.
const fn name(channel: AlertChannel) -> &'static str {
    match channel {
        AlertChannel::Email => "email",
        AlertChannel::AppNotification => "app_notification",
        AlertChannel::Sms => "sms",
        AlertChannel::Whatsapp => "whatsapp",
    }
}
