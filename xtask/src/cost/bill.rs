//! The bill: quantities times prices.

use serde::Serialize;

use super::{
    data::{Assumptions, Calls, Counts, Prices},
    template::Template,
};
use crate::report::Error;

/// How well a quantity is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Basis {
    /// Counted in the run.
    Counted,
    /// A duration of this machine.
    Measured,
    /// Taken for granted.
    Assumed,
}

impl Basis {
    /// As it is shown.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Measured => "measured",
            Self::Assumed => "assumed",
        }
    }
}

/// A quantity and what it costs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub(super) service: String,
    pub(super) what: String,
    pub(super) quantity: f64,
    pub(super) usd: f64,
    pub(super) basis: Basis,
    price: String,
}

/// What a service costs in a run.
pub(super) struct Service {
    pub(super) name: String,
    pub(super) usd: f64,
}

/// What a run costs, and what stands there by the month.
#[derive(Debug, Serialize)]
pub(super) struct Bill {
    pub(super) screened: u64,
    pub(super) qualified: u64,
    pub(super) drafts: u64,
    pub(super) architecture: String,
    pub(super) run: Vec<Line>,
    pub(super) run_usd: f64,
    /// Per 1,000 qualified leads.
    pub(super) per_1000_leads_usd: f64,
    pub(super) month: Vec<Line>,
    pub(super) month_usd: f64,
}

/// Adds lines up.
struct Lines<'a> {
    prices: &'a Prices,
    lines: Vec<Line>,
}

impl Lines<'_> {
    fn add(&mut self, price: &str, quantity: f64, basis: Basis, what: &str) -> Result<(), Error> {
        let price = self.prices.get(price)?;
        self.lines.push(Line {
            service: price.service.clone(),
            what: what.to_owned(),
            quantity,
            usd: price.of(quantity),
            basis,
            price: price.label(),
        });
        Ok(())
    }

    fn sum(&self) -> f64 {
        self.lines.iter().map(|line| line.usd).sum()
    }
}

/// What the functions use together.
#[derive(Debug, Default)]
struct Compute {
    calls: f64,
    gb_seconds: f64,
}

impl Bill {
    /// The bill of a counted run.
    ///
    /// # Errors
    /// When a price is missing or the architecture has none.
    pub(super) fn of(
        counts: &Counts,
        prices: &Prices,
        assumed: &Assumptions,
        template: Option<&Template>,
    ) -> Result<Self, Error> {
        let run = run_lines(counts, prices, assumed, template)?;
        let month = match template {
            Some(template) => month_lines(prices, assumed, template)?,
            None => Vec::new(),
        };
        let total = |lines: &[Line]| lines.iter().map(|line| line.usd).sum();
        let run_usd: f64 = total(&run);
        Ok(Self {
            screened: counts.screened,
            qualified: counts.qualified,
            drafts: counts.drafts,
            architecture: assumed.architecture.clone(),
            run_usd,
            per_1000_leads_usd: run_usd * 1_000.0 / counts.qualified as f64,
            month_usd: total(&month),
            run,
            month,
        })
    }

    /// Runs per 1,000 qualified leads.
    pub(super) fn per_thousand(&self) -> f64 {
        1_000.0 / self.qualified as f64
    }

    /// Sums by service, the dearest first.
    pub(super) fn services(&self) -> Vec<Service> {
        let mut found: Vec<Service> = Vec::new();
        for line in &self.run {
            match found
                .iter_mut()
                .find(|service| service.name == line.service)
            {
                Some(service) => service.usd += line.usd,
                None => found.push(Service {
                    name: line.service.clone(),
                    usd: line.usd,
                }),
            }
        }
        found.sort_by(|a, b| b.usd.total_cmp(&a.usd));
        found
    }
}

fn run_lines(
    counts: &Counts,
    prices: &Prices,
    assumed: &Assumptions,
    template: Option<&Template>,
) -> Result<Vec<Line>, Error> {
    use Basis::{Assumed, Counted, Measured};
    let memory = |name: &str| {
        let known = template.and_then(|template| template.memory_mb(name));
        f64::from(known.unwrap_or(assumed.memory_mb)) / 1024.0
    };
    let used = |name: &str, calls: f64, ms: f64| Compute {
        calls,
        gb_seconds: memory(name) * (ms + calls * assumed.start_ms) / 1e3,
    };
    let mut recipes = Compute::default();
    for (name, &Calls { calls, ms }) in &counts.functions {
        let one = used(name, calls as f64, ms);
        recipes.calls += one.calls;
        recipes.gb_seconds += one.gb_seconds;
    }
    let (drafts, alerts) = (counts.drafts as f64, counts.alerts as f64);
    let requests =
        f64::from(assumed.api_requests) + f64::from(assumed.api_requests_per_draft) * drafts;
    let triggers = f64::from(assumed.trigger_calls);
    let around = [
        used("trigger", triggers, triggers * assumed.trigger_ms),
        used("api", requests, requests * assumed.api_ms),
        used("notify", alerts, alerts * assumed.notify_ms),
    ];
    let around = around.iter().fold(Compute::default(), |sum, one| Compute {
        calls: sum.calls + one.calls,
        gb_seconds: sum.gb_seconds + one.gb_seconds,
    });
    let gb_second = format!("lambda_gb_second_{}", assumed.architecture);
    let transitions = counts.transitions as f64;
    let log_bytes = (recipes.calls + around.calls) * f64::from(assumed.log_bytes_per_call)
        + transitions * f64::from(assumed.log_bytes_per_transition);
    let queued =
        f64::from(assumed.queue_requests) + f64::from(assumed.alert_queue_requests) * alerts;
    let sent = counts.requests as f64 * f64::from(assumed.sent_bytes_per_request);

    let mut bill = Lines {
        prices,
        lines: Vec::new(),
    };
    bill.add(
        "state_transition",
        transitions,
        Counted,
        "state transitions",
    )?;
    bill.add(
        "lambda_request",
        recipes.calls,
        Counted,
        "calls of the run and its recipes",
    )?;
    bill.add(
        &gb_second,
        recipes.gb_seconds,
        Measured,
        "GB-seconds of the same",
    )?;
    bill.add(
        "lambda_request",
        around.calls,
        Assumed,
        "calls of trigger, api, notify",
    )?;
    bill.add(
        &gb_second,
        around.gb_seconds,
        Assumed,
        "GB-seconds of the same",
    )?;
    bill.add(
        "dynamodb_write",
        counts.write_units,
        Counted,
        "write units of the run",
    )?;
    bill.add(
        "dynamodb_read",
        counts.read_units,
        Counted,
        "read units of the run",
    )?;
    let written = assumed.api_write_units_per_draft * drafts + assumed.notify_write_units * alerts;
    bill.add(
        "dynamodb_write",
        written,
        Assumed,
        "write units of review and alerts",
    )?;
    let read = assumed.api_read_units_per_request * requests + assumed.notify_read_units * alerts;
    bill.add(
        "dynamodb_read",
        read,
        Assumed,
        "read units of review and alerts",
    )?;
    bill.add("api_request", requests, Assumed, "requests to the API")?;
    bill.add("sqs_request", queued, Assumed, "requests to queues")?;
    bill.add("sns_publish", alerts, Counted, "alerts published")?;
    bill.add("ses_message", alerts, Counted, "alerts mailed")?;
    bill.add("log_gb", log_bytes / 1e9, Assumed, "GB of logs and metrics")?;
    bill.add(
        "secret_request",
        f64::from(assumed.secret_requests),
        Assumed,
        "secrets read",
    )?;
    let scheduled = f64::from(assumed.schedule_invocations);
    bill.add("schedule_invocation", scheduled, Assumed, "schedules fired")?;
    bill.add(
        "kms_request",
        f64::from(assumed.kms_requests),
        Assumed,
        "requests for keys",
    )?;
    bill.add(
        "transfer_gb",
        sent / 1e9,
        Assumed,
        "GB sent to sites and services",
    )?;
    debug_assert!(bill.sum().is_finite());
    Ok(bill.lines)
}

fn month_lines(
    prices: &Prices,
    assumed: &Assumptions,
    template: &Template,
) -> Result<Vec<Line>, Error> {
    use Basis::{Assumed, Counted};
    let mut bill = Lines {
        prices,
        lines: Vec::new(),
    };
    let count = |kind| f64::from(template.count(kind));
    bill.add("kms_key_month", count("AWS::KMS::Key"), Counted, "keys")?;
    bill.add(
        "alarm_month",
        count("AWS::CloudWatch::Alarm"),
        Counted,
        "alarms",
    )?;
    bill.add(
        "metric_month",
        f64::from(assumed.metrics),
        Assumed,
        "metrics",
    )?;
    bill.add(
        "secret_month",
        f64::from(assumed.secrets),
        Assumed,
        "secrets of one customer",
    )?;
    let seconds = 30.0 * 24.0 * 3_600.0;
    let polls = f64::from(template.polled_queues) * f64::from(assumed.queue_pollers) * seconds
        / f64::from(assumed.queue_poll_seconds);
    bill.add("sqs_request", polls, Assumed, "receives of idle queues")?;
    Ok(bill.lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Counts {
        Counts::parse(
            r#"{"screened":200,"qualified":100,"drafts":0,"requests":0,"write_units":1000000.0,
                "read_units":0.0,"transitions":1000,"alerts":0,
                "functions":{"run":{"calls":2,"ms":800.0}}}"#,
        )
        .unwrap()
    }

    fn bill(counts: &Counts) -> Bill {
        let (prices, mut assumed) = (Prices::load().unwrap(), Assumptions::load().unwrap());
        assumed.memory_mb = 1024;
        assumed.start_ms = 100.0;
        Bill::of(counts, &prices, &assumed, None).unwrap()
    }

    fn line<'a>(bill: &'a Bill, what: &str) -> &'a Line {
        bill.run.iter().find(|line| line.what == what).unwrap()
    }

    #[test]
    fn a_line_is_a_quantity_times_a_price() {
        let bill = bill(&counts());
        assert!((line(&bill, "state transitions").usd - 0.025).abs() < 1e-12);
        assert!((line(&bill, "write units of the run").usd - 0.625).abs() < 1e-12);
        // 2 calls of 400 ms and a start of 100 ms each, at 1 GB.
        assert!((line(&bill, "GB-seconds of the same").quantity - 1.0).abs() < 1e-12);
    }

    #[test]
    fn sums_are_those_of_the_lines_and_leads_are_the_qualified_ones() {
        let bill = bill(&counts());
        let lines: f64 = bill.run.iter().map(|line| line.usd).sum();
        let services: f64 = bill.services().iter().map(|service| service.usd).sum();
        assert!((bill.run_usd - lines).abs() < 1e-12 && (services - lines).abs() < 1e-12);
        assert!((bill.per_1000_leads_usd - 10.0 * bill.run_usd).abs() < 1e-9);
        assert_eq!(bill.services()[0].name, "DynamoDB");
        assert!(bill.month.is_empty());
    }

    #[test]
    fn every_count_moves_the_sum() {
        let base = bill(&counts()).run_usd;
        type Change = fn(&mut Counts);
        let changes: [Change; 6] = [
            |c| c.drafts += 1,
            |c| c.requests += 1_000,
            |c| c.write_units += 1.0,
            |c| c.read_units += 1.0,
            |c| c.transitions += 1,
            |c| c.alerts += 1,
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut counts = counts();
            change(&mut counts);
            assert!(bill(&counts).run_usd > base, "change {index}");
        }
    }
}
