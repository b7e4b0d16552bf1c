//! People who asked not to be processed: they go to the suppression list and out of the lead.

use std::sync::Arc;

use hunter_contracts::{Cause, EnrichmentLevel, ErrorCode, PhoneContact, Verification, utc_date};
use hunter_core::{
    ports::{ContactAnswer, Verdict},
    store::{AuditEvent, Suppression, SuppressionReason, TenantStore},
    test_support::StoreDown,
};

use crate::doubles::*;

const SITE: &str = "<a href='mailto:rajesh@apollo-dental.com'>Rajesh</a>";

fn opted_out() -> Verdict {
    Verdict {
        opted_out: true,
        ..verdict_of(Verification::Unknown)
    }
}

/// The entry of Rajesh's address.
async fn listed(store: &dyn TenantStore) -> Option<Suppression> {
    let address = "rajesh@apollo-dental.com".to_owned();
    let mut found = store
        .suppressed(std::slice::from_ref(&address))
        .await
        .unwrap();
    found.remove(&address)
}

#[tokio::test]
async fn who_a_service_says_opted_out_is_suppressed_and_left_out() {
    let world = World::default()
        .site("apollo-dental.com", "<p>info@apollo-dental.com</p>")
        .source("cheap", |_| {
            let mut rajesh = contact(
                Some("Rajesh Kumar"),
                "Rajesh@apollo-dental.com",
                Verification::Valid,
            );
            rajesh.phone = Some("+91 98765 43210".into());
            let priya = contact(
                Some("Priya Rao"),
                "priya@apollo-dental.com",
                Verification::Valid,
            );
            Ok(ContactAnswer {
                opted_out: vec!["rajesh@apollo-dental.com".parse().unwrap()],
                ..answer(vec![rajesh, priya])
            })
        });
    let mut asked = lead("apollo-dental.com", EnrichmentLevel::Premium);
    asked.phone_contacts = Some(vec![PhoneContact {
        name: Some("Rajesh Kumar".into()),
        email: Some("rajesh@apollo-dental.com".parse().unwrap()),
        phone: "+911111111112".into(),
        evidence: None,
    }]);
    let ran = world.run(vec![asked]).await;
    assert_eq!(
        ran.emails(),
        ["priya@apollo-dental.com", "info@apollo-dental.com"]
    );
    assert_eq!(ran.lead().phone_contacts, None);
    let all = serde_json::to_string(ran.lead()).unwrap();
    assert!(!all.contains("9876543210"), "{all}");
    let entry = listed(ran.store.as_ref()).await.unwrap();
    assert_eq!(entry.reason, SuppressionReason::OptedOut);
    assert_eq!((entry.source.as_str(), entry.at), ("cheap", now()));
    let audit = ran.store.audit_log(utc_date(now())).await.unwrap();
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0].action.event, AuditEvent::AddressSuppressed);
    assert!(!serde_json::to_string(&audit).unwrap().contains("rajesh"));
    let notes = ran.lead().enrichment_notes.join("\n");
    assert!(
        notes.contains("r…@apollo-dental.com is on the suppression list (opted_out, cheap)"),
        "{notes}"
    );
}

#[tokio::test]
async fn who_the_verifier_says_opted_out_is_suppressed() {
    let world = World::default()
        .site("apollo-dental.com", SITE)
        .verifier(&[("rajesh@apollo-dental.com", Ok(opted_out()))]);
    let ran = world
        .run(vec![lead("apollo-dental.com", EnrichmentLevel::Standard)])
        .await;
    assert!(ran.emails().is_empty());
    assert_eq!(ran.lead().absent["emails"], Cause::OptedOut);
    let error = &ran.outcome.errors[0];
    assert_eq!(error.error_code, ErrorCode::EmailNotFound);
    assert!(
        error.error_message.contains("suppression list"),
        "{}",
        error.error_message
    );
    let entry = listed(ran.store.as_ref()).await.unwrap();
    assert_eq!(entry.source, "verifier");
}

#[tokio::test]
async fn a_step_that_is_repeated_suppresses_nothing_twice() {
    let store = store().await;
    for expected in [["verify rajesh@apollo-dental.com"].as_slice(), &[]] {
        let mut world = World::default()
            .site("apollo-dental.com", SITE)
            .verifier(&[("rajesh@apollo-dental.com", Ok(opted_out()))]);
        world.store = Some(store.clone());
        let ran = world
            .run(vec![lead("apollo-dental.com", EnrichmentLevel::Standard)])
            .await;
        // Who is on the list is not asked about again.
        assert_eq!(ran.paid(), expected);
        assert!(ran.emails().is_empty());
    }
    assert!(listed(store.as_ref()).await.is_some());
    let audit = store.audit_log(utc_date(now())).await.unwrap();
    assert_eq!(audit.len(), 1);
}

#[tokio::test]
async fn listed_addresses_are_left_out_at_every_level_before_anybody_is_asked() {
    for level in [
        EnrichmentLevel::Basic,
        EnrichmentLevel::Standard,
        EnrichmentLevel::Premium,
    ] {
        let store = store().await;
        let reason = SuppressionReason::Unsubscribed;
        let entry = Suppression::new(
            store.tenant(),
            "rajesh@apollo-dental.com",
            reason,
            "customer",
            now(),
        );
        store.suppress(&entry).await.unwrap();
        let mut world = World::default()
            .site("apollo-dental.com", SITE)
            .verifier(&[])
            .source("cheap", |_| {
                let found = contact(
                    Some("Rajesh Kumar"),
                    "rajesh@apollo-dental.com",
                    Verification::Valid,
                );
                Ok(answer(vec![found]))
            });
        world.store = Some(store.clone());
        world.asked = Some(level);
        let ran = world
            .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
            .await;
        assert!(ran.emails().is_empty(), "{level:?}");
        assert!(
            !ran.paid()
                .contains(&"verify rajesh@apollo-dental.com".to_owned())
        );
        assert_eq!(listed(store.as_ref()).await, Some(entry));
        let notes = ran.lead().enrichment_notes.join("\n");
        assert!(
            notes.contains("(unsubscribed, customer): left out"),
            "{notes}"
        );
    }
}

#[tokio::test]
async fn without_the_list_nothing_is_decided() {
    let store = Arc::new(StoreDown::default());
    let clock = Arc::new(hunter_core::ports::ManualClock::new(now()));
    let agent = hunter_core::test_support::agent();
    let recipe = hunter_contracts::RecipeId::Intelligence;
    let context = hunter_core::recipe::Context::for_test(recipe, store, clock, agent);
    let mut known = lead("", EnrichmentLevel::Basic);
    known.emails = Some(vec![hunter_contracts::EmailContact::new(
        "info@apollo-dental.com".parse().unwrap(),
    )]);
    let payload = hunter_contracts::IntelligencePayload {
        leads: vec![known],
        leads_ref: None,
        enrichment_level: None,
    };
    let recipe = intelligence::Intelligence::new(Arc::new(Web::default()));
    let failure = hunter_core::recipe::Recipe::run(&recipe, &context, payload)
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
}
