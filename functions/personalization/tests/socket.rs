//! Models behind real sockets: the customer's models of the list against the sandbox's look-alikes,
//! which are honest or careless.
#![expect(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a test may panic, and its helpers are shared"
)]

mod support;
#[path = "support/town.rs"]
mod town;

use hunter_core::recipe::Recipe;
use std::sync::Arc;

use hunter_contracts::*;
use hunter_core::ports::{RULES, SystemClock};
use hunter_sandbox::{Business, ModelMode};
use personalization::Personalization;
use support::email;

struct Written {
    leads: Vec<Lead>,
    businesses: Vec<Business>,
    outcome_failed: u64,
    charges: usize,
    uses: Vec<OutsideUse>,
    fallbacks: Vec<Fallback>,
}

async fn written(mode: ModelMode, businesses: usize) -> Written {
    let now = support::now();
    let sandbox = town::sandbox(now, businesses, mode).await;
    let all: Vec<Business> = sandbox.town().businesses().to_vec();
    let leads = all
        .iter()
        .enumerate()
        .map(|(n, b)| town::lead(b, n, now))
        .collect();
    let mut context = support::context(town::seller(support::agent()));
    context.record_concurrency = 8;
    let recipe = Personalization::new(town::models(&sandbox, Arc::new(SystemClock)));
    let outcome = recipe.run(&context, support::payload(leads)).await.unwrap();
    sandbox.stop().await;
    let meter = context.caller().meter;
    Written {
        leads: outcome.data.leads,
        businesses: all,
        outcome_failed: outcome.records_failed,
        charges: outcome.charges.len(),
        uses: meter.uses(),
        fallbacks: meter.fallbacks(),
    }
}

impl Written {
    /// Every claim of every message is true, and every lead has a message or a reason.
    fn check(&self) {
        let seller = town::seller(support::agent()).seller;
        let mut messages = 0;
        for (lead, business) in self.leads.iter().zip(&self.businesses) {
            let Some(message) = &lead.message else {
                continue;
            };
            messages += usize::from(message.held_back.is_none());
            for claim in &message.claims {
                assert!(
                    town::is_true(claim, business, &seller),
                    "{claim:?} of {}",
                    business.name
                );
            }
            let weights: f64 = message.checks.iter().map(|c| c.weight.get()).sum();
            assert!((weights - 1.0).abs() < 1e-9);
        }
        assert_eq!(messages, self.charges);
        assert_eq!(
            messages as u64 + self.outcome_failed,
            self.leads.len() as u64
        );
    }

    fn by_models(&self) -> usize {
        let messages = self.leads.iter().filter_map(|lead| lead.message.as_ref());
        messages
            .filter(|message| !message.model_used.starts_with(RULES))
            .count()
    }
}

#[tokio::test]
async fn honest_models_write_nearly_all_and_in_the_leads_language() {
    let written = written(ModelMode::Honest, 120).await;
    written.check();
    assert!(
        written.by_models() * 10 >= written.leads.len() * 9,
        "{}",
        written.by_models()
    );
    let languages: std::collections::BTreeSet<&str> = written
        .leads
        .iter()
        .filter_map(|lead| Some(lead.message.as_ref()?.language.as_str()))
        .collect();
    assert!(languages.len() >= 3, "{languages:?}");
    let judged = |lead: &Lead| {
        let message = lead.message.as_ref();
        message.is_some_and(|m| m.checks.iter().any(|c| c.name == "judge_truthful"))
    };
    assert!(written.leads.iter().any(judged));
    let dollars: Dollars = written.uses.iter().map(|used| used.cost).sum();
    assert!(dollars > Dollars::ZERO && written.uses.iter().any(|used| used.cached_tokens > 0));
}

#[tokio::test]
async fn careless_models_get_no_lie_through() {
    let written = written(ModelMode::Careless, 120).await;
    written.check();
    assert!(written.by_models() > 0);
    let refused = |f: &Fallback| f.error_code == ErrorCode::ApiBadResponse;
    assert!(
        written.fallbacks.iter().any(refused),
        "{:?}",
        written.fallbacks
    );
}
