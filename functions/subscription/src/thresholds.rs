//! The thresholds that are watched, and the alerts that they raise.

use hunter_contracts::{
    AlertContext, AlertId, AlertRecord, AlertTrigger, BillingMonth, Plan, RecipeId, Severity,
    SubscriptionStatus, ThresholdAlert, ThresholdKind,
};
use hunter_core::recipe::{Context, short_key};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// The percentage used from which the limit is near, unless the agent's alerts say otherwise.
pub const APPROACHING_PERCENT_DEFAULT: u32 = 80;
/// Days before a trial's end from which it is announced.
pub const TRIAL_DAYS: u32 = 7;

/// What the thresholds look at.
pub(crate) struct Watch<'a> {
    pub(crate) context: &'a Context,
    pub(crate) plan: &'a Plan,
    pub(crate) status: &'a SubscriptionStatus,
    pub(crate) month: BillingMonth,
    pub(crate) today: Date,
}

/// How much of something is used, in its own whole units.
#[derive(Clone, Copy)]
struct Share {
    name: &'static str,
    used: u128,
    total: u128,
}

impl Share {
    /// Whole percent, rounded down; nothing of nothing is 0, something of nothing is 100.
    fn percent(self) -> u128 {
        match (self.used, self.total) {
            (0, 0) => 0,
            (_, 0) => 100,
            (used, total) => used * 100 / total,
        }
    }

    fn reaches(self, percent: u32) -> bool {
        if self.total == 0 {
            self.used > 0
        } else {
            self.used * 100 >= self.total * u128::from(percent)
        }
    }
}

fn micros(credits: hunter_contracts::Credits) -> u128 {
    u128::try_from(credits.micros()).unwrap_or(0)
}

impl Watch<'_> {
    /// Every threshold with its state; that of the trial only where there is one.
    pub(crate) fn alerts(&self) -> Vec<ThresholdAlert> {
        let mut alerts = vec![self.approaching(), self.exceeded()];
        alerts.extend(self.trial());
        alerts
    }

    /// Credits of the cycle. Credits bought or carried over on top of the plan's count as well: a
    /// customer who has them is not at the limit.
    fn credits(&self) -> Share {
        let used = micros(self.status.credits_used_this_month);
        let capacity = used + micros(self.status.credits_remaining);
        let total = capacity.max(micros(self.status.monthly_credits_total));
        Share {
            name: "credits",
            used,
            total,
        }
    }

    fn calls(&self) -> Share {
        Share {
            name: "API calls",
            used: u128::from(self.status.api_calls_used_this_month),
            total: u128::from(self.status.api_calls_limit),
        }
    }

    /// The one that is closer to its limit; credits where they are level.
    fn nearer(&self) -> Share {
        let (credits, calls) = (self.credits(), self.calls());
        if calls.percent() > credits.percent() {
            calls
        } else {
            credits
        }
    }

    fn approaching(&self) -> ThresholdAlert {
        let percent = self.approaching_percent();
        let triggered = self.credits().reaches(percent) || self.calls().reaches(percent);
        let share = self.nearer();
        // The message speaks of what raised it.
        let share = if triggered { share } else { self.credits() };
        ThresholdAlert {
            id: self.id(ThresholdKind::ApproachingLimit, &self.month.to_string()),
            kind: ThresholdKind::ApproachingLimit,
            threshold_type: "percentage".to_owned(),
            threshold_value: 100_u32.saturating_sub(percent),
            triggered,
            message: format!(
                "You are using {}% of your monthly {}",
                share.percent(),
                share.name
            ),
        }
    }

    fn exceeded(&self) -> ThresholdAlert {
        let no_credits = self.status.credits_remaining.micros() <= 0;
        let no_calls = self.status.api_calls_remaining == 0;
        let ends = self.status.billing_cycle_ends;
        let message = match (no_credits, no_calls) {
            (true, true) => format!("All credits and API calls are used until {ends}"),
            (true, false) => format!("All credits are used until {ends}"),
            (false, true) => format!("All API calls are used until {ends}"),
            (false, false) => format!(
                "{} credits are left until {ends}",
                self.status.credits_remaining
            ),
        };
        ThresholdAlert {
            id: self.id(ThresholdKind::LimitExceeded, &self.month.to_string()),
            kind: ThresholdKind::LimitExceeded,
            threshold_type: "percentage".to_owned(),
            threshold_value: 0,
            triggered: no_credits || no_calls,
            message,
        }
    }

    fn trial(&self) -> Option<ThresholdAlert> {
        let ends = self.plan.trial_ends?;
        let days = self.today.until(ends).ok()?.get_days();
        let message = match days {
            0 => "Your trial ends today".to_owned(),
            1 => "Your trial ends tomorrow".to_owned(),
            d if d > 1 => format!("Your trial ends in {d} days, on {ends}"),
            _ => format!("Your trial ended on {ends}"),
        };
        Some(ThresholdAlert {
            id: self.id(ThresholdKind::TrialEnding, &ends.to_string()),
            kind: ThresholdKind::TrialEnding,
            threshold_type: "days".to_owned(),
            threshold_value: TRIAL_DAYS,
            triggered: u32::try_from(days).is_ok_and(|d| d <= TRIAL_DAYS),
            message,
        })
    }

    /// The same for the same customer, period and threshold: a repeat stores nothing new.
    fn id(&self, kind: ThresholdKind, period: &str) -> AlertId {
        let name = match kind {
            ThresholdKind::ApproachingLimit => "approaching_limit",
            ThresholdKind::LimitExceeded => "limit_exceeded",
            ThresholdKind::TrialEnding => "trial_ending",
        };
        AlertId::derived(
            "alert",
            &short_key(&[self.context.tenant.as_str(), period, name]),
        )
    }

    /// The lowest percentage that an enabled rule of the agent names.
    fn approaching_percent(&self) -> u32 {
        let rules = self.context.agent.alerts.iter();
        rules
            .filter(|r| r.enabled && r.trigger == AlertTrigger::SubscriptionApproachingLimit)
            .filter_map(|r| r.threshold_percentage)
            .filter(|percent| (1..=100).contains(percent))
            .min()
            .unwrap_or(APPROACHING_PERCENT_DEFAULT)
    }

    /// Whether the agent switched alerts of a trigger off: it has rules for it and none is enabled.
    fn is_off(&self, trigger: AlertTrigger) -> bool {
        let rules: Vec<bool> = self
            .context
            .agent
            .alerts
            .iter()
            .filter(|rule| rule.trigger == trigger)
            .map(|rule| rule.enabled)
            .collect();
        !rules.is_empty() && rules.iter().all(|enabled| !enabled)
    }

    /// The alerts to store for the thresholds that are reached.
    pub(crate) fn records(&self, alerts: &[ThresholdAlert]) -> Vec<AlertRecord> {
        alerts
            .iter()
            .filter(|alert| alert.triggered)
            .map(|alert| self.record(alert))
            .filter(|record| !self.is_off(record.trigger_type))
            .collect()
    }

    fn record(&self, alert: &ThresholdAlert) -> AlertRecord {
        let (trigger, severity, title, action, until) = match alert.kind {
            ThresholdKind::ApproachingLimit => (
                AlertTrigger::SubscriptionApproachingLimit,
                Severity::Warning,
                "The monthly limit is near",
                "Check whether the remaining runs of the cycle fit, or move to a larger plan",
                self.plan.cycle_ends,
            ),
            ThresholdKind::LimitExceeded => (
                AlertTrigger::SubscriptionExceeded,
                Severity::Error,
                "The monthly limit is reached",
                "Move to a larger plan or buy credits; otherwise runs wait for the next cycle",
                self.plan.cycle_ends,
            ),
            ThresholdKind::TrialEnding => (
                AlertTrigger::SubscriptionTrialEnding,
                Severity::Warning,
                "The trial ends soon",
                "Choose a plan before the trial ends so that runs go on",
                self.plan.trial_ends.unwrap_or(self.plan.cycle_ends),
            ),
        };
        let now = self.context.clock.now();
        AlertRecord {
            id: alert.id.clone(),
            customer_id: self.context.tenant.clone(),
            trigger_type: trigger,
            severity: self.severity_of(trigger).unwrap_or(severity),
            title: title.to_owned(),
            message: alert.message.clone(),
            context: AlertContext {
                recipe_id: Some(RecipeId::Subscription),
                execution_id: Some(self.context.execution_id.clone()),
                error_code: None,
            },
            action_required: alert.kind != ThresholdKind::ApproachingLimit,
            suggested_action: Some(action.to_owned()),
            created_at: now,
            expires_at: after(until, now),
            read: false,
        }
    }

    /// The severity that the agent's enabled rule gives the trigger.
    fn severity_of(&self, trigger: AlertTrigger) -> Option<Severity> {
        let rules = self.context.agent.alerts.iter();
        rules
            .filter(|r| r.enabled && r.trigger == trigger)
            .map(|r| r.severity)
            .max()
    }
}

/// The end of the day, or a week from now where that is past.
fn after(day: Date, now: Timestamp) -> Timestamp {
    let end = day
        .tomorrow()
        .ok()
        .and_then(|next| next.to_zoned(TimeZone::UTC).ok());
    let week = now
        .checked_add(SignedDuration::from_hours(7 * 24))
        .unwrap_or(now);
    end.map(|end| end.timestamp())
        .filter(|end| *end > now)
        .unwrap_or(week)
}
