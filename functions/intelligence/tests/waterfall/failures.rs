//! Services that fail: no lead is lost, the next service is asked, and the lead says so.

use hunter_contracts::{Cause, EnrichmentLevel, ErrorCode, Verification};

use crate::doubles::*;

const EVERY: [ErrorCode; 27] = [
    ErrorCode::ApiRateLimit,
    ErrorCode::ApiQuotaExceeded,
    ErrorCode::ApiBadResponse,
    ErrorCode::ApiUnavailable,
    ErrorCode::Timeout,
    ErrorCode::ConnectionError,
    ErrorCode::EmailNotFound,
    ErrorCode::InvalidInput,
    ErrorCode::AuthenticationFailed,
    ErrorCode::SecretMissing,
    ErrorCode::InsufficientCredits,
    ErrorCode::QuotaExceeded,
    ErrorCode::InvalidConfiguration,
    ErrorCode::NotFound,
    ErrorCode::Conflict,
    ErrorCode::SourceUnreadable,
    ErrorCode::RobotsDisallowed,
    ErrorCode::SiteBlocked,
    ErrorCode::SiteUnreachable,
    ErrorCode::NoUsableFacts,
    ErrorCode::DuplicateMessage,
    ErrorCode::NoChannel,
    ErrorCode::LimitExceeded,
    ErrorCode::FunctionFailed,
    ErrorCode::Stopped,
    ErrorCode::StoreUnavailable,
    ErrorCode::Internal,
];

/// Codes that do not change between two leads of a step.
const FOR_GOOD: [ErrorCode; 5] = [
    ErrorCode::ApiQuotaExceeded,
    ErrorCode::AuthenticationFailed,
    ErrorCode::SecretMissing,
    ErrorCode::QuotaExceeded,
    ErrorCode::InvalidConfiguration,
];

#[tokio::test]
async fn the_next_service_is_asked_whatever_the_code() {
    for code in EVERY {
        let world = World::default()
            .source("cheap", move |_| Err(code))
            .source("dear", |query| {
                let email = format!("rajesh@{}", query.domain);
                Ok(answer(vec![contact(
                    Some("Rajesh Kumar"),
                    &email,
                    Verification::Valid,
                )]))
            });
        let hosts = ["a-praxis.de", "b-praxis.de", "c-praxis.de"];
        let leads = hosts.map(|host| lead(host, EnrichmentLevel::Premium));
        let ran = world.run(leads.into()).await;
        assert_eq!(ran.outcome.data.leads.len(), 3, "{code}");
        assert!(
            ran.outcome.errors.is_empty(),
            "{code}: {:?}",
            ran.outcome.errors
        );
        for lead in &ran.outcome.data.leads {
            assert_eq!(emails(lead).len(), 1, "{code}");
            assert!(!lead.absent.contains_key("emails"), "{code}");
        }
        let notes = |at: usize| ran.outcome.data.leads[at].enrichment_notes.join("\n");
        assert!(
            notes(0).contains(&format!("cheap: as scripted ({code})")),
            "{}",
            notes(0)
        );
        let asked = ran.paid().iter().filter(|a| a.starts_with("cheap")).count();
        let expected = if FOR_GOOD.contains(&code) { 1 } else { 3 };
        assert_eq!(asked, expected, "{code}");
        let told = notes(2).contains("cheap: not asked again in this step");
        assert_eq!(told, expected == 1, "{code}: {}", notes(2));
    }
}

#[tokio::test]
async fn a_lead_without_any_address_says_that_a_service_failed() {
    let world = World::default()
        .site("apollo-dental.com", "")
        .source("cheap", |_| Err(ErrorCode::ApiUnavailable))
        .source("dear", |_| Ok(answer(Vec::new())));
    let ran = world
        .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
        .await;
    assert_eq!(ran.lead().absent["emails"], Cause::ServiceFailed);
    assert_eq!(ran.lead().absent["tech_stack"], Cause::NotFound);
    let error = &ran.outcome.errors[0];
    assert_eq!(error.error_code, ErrorCode::EmailNotFound);
    assert!(
        error.error_message.contains("a contact service failed"),
        "{}",
        error.error_message
    );
    // The site was read.
    assert_eq!(ran.outcome.charges.len(), 1);

    let world = World::default()
        .site("apollo-dental.com", "")
        .source("dear", |_| Ok(answer(Vec::new())));
    let ran = world
        .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
        .await;
    assert_eq!(ran.lead().absent["emails"], Cause::NotFound);
}

#[tokio::test]
async fn keys_that_cannot_be_read_lose_no_lead() {
    let mut world = World::default()
        .site(
            "apollo-dental.com",
            "<a href='mailto:info@apollo-dental.com'>x</a>",
        )
        .source("cheap", |_| Ok(answer(Vec::new())));
    world.keys_unreadable = true;
    let leads =
        ["apollo-dental.com", "b-praxis.de"].map(|host| lead(host, EnrichmentLevel::Premium));
    let ran = world.run(leads.into()).await;
    assert_eq!(ran.emails(), ["info@apollo-dental.com"]);
    assert_eq!(ran.paid(), Vec::<String>::new());
    let notes = ran.lead().enrichment_notes.join("\n");
    assert!(
        notes.contains("no contact service could be asked: no secrets (STORE_UNAVAILABLE)"),
        "{notes}"
    );
    assert_eq!(
        ran.outcome.data.leads[1].absent["emails"],
        Cause::ServiceFailed
    );
}

#[tokio::test]
async fn a_verifier_that_fails_verifies_nothing() {
    for code in EVERY {
        let hosts = ["a-praxis.de", "b-praxis.de"];
        let mut world = World::default().verifier(&[
            ("info@a-praxis.de", Err(code)),
            ("info@b-praxis.de", Err(code)),
        ]);
        for host in hosts {
            world = world.site(host, &format!("<a href='mailto:info@{host}'>x</a>"));
        }
        let leads = hosts.map(|host| lead(host, EnrichmentLevel::Standard));
        let ran = world.run(leads.into()).await;
        for lead in &ran.outcome.data.leads {
            let email = &lead.emails.as_ref().unwrap()[0];
            assert_eq!(email.verification, Some(Verification::Unknown), "{code}");
        }
        let expected = if FOR_GOOD.contains(&code) { 1 } else { 2 };
        assert_eq!(ran.paid().len(), expected, "{code}");
        let notes = ran.lead().enrichment_notes.join("\n");
        assert!(
            notes.contains("i…@a-praxis.de could not be verified"),
            "{notes}"
        );
    }
}
