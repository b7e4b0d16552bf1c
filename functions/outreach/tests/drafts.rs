//! Drafts are stored once, answered as they stand, and never sent.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, sync::Arc};

use hunter_aws::test_support::Embedded;
use hunter_contracts::*;
use hunter_core::{
    ports::ManualClock,
    recipe::{Context, Recipe},
    store::{DraftFilter, Suppression, SuppressionReason, TenantStore},
    test_support::{StoreDown, agent},
};
use jiff::Timestamp;
use outreach::Outreach;

/// Sunday, 14 December 2025.
fn now() -> Timestamp {
    "2025-12-14T10:43:00Z".parse().unwrap()
}

/// An empty store, and its clock.
async fn store() -> (Arc<dyn TenantStore>, ManualClock) {
    let clock = ManualClock::new(now());
    let embedded = Embedded::start(Arc::new(clock.clone())).await;
    (embedded.tenant("cust_001"), clock)
}

async fn stored(store: &dyn TenantStore) -> BTreeMap<DraftId, Draft> {
    let page = store.drafts(&DraftFilter::default(), 100, None).await;
    let drafts = page.unwrap().items.into_iter();
    drafts.map(|draft| (draft.job.id.clone(), draft)).collect()
}

fn context(store: Arc<dyn TenantStore>, agent: AgentConfig, clock: &ManualClock) -> Context {
    let mut context = Context::for_test(RecipeId::Outreach, store, Arc::new(clock.clone()), agent);
    context.record_concurrency = 4;
    context
}

fn payload(leads: Vec<Lead>) -> OutreachPayload {
    OutreachPayload {
        leads,
        leads_ref: None,
        channels: None,
        send_mode: None,
        draft_expiry_days: None,
    }
}

fn lead(id: &str, relevance: f64) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", id));
    lead.name = Some(format!("Business {id}"));
    lead.lead_score = Some(Score::clamped(0.8));
    let address = format!("info@{id}.example").parse().unwrap();
    lead.emails = Some(vec![EmailContact::new(address)]);
    let evidence = Evidence {
        url: "https://x.example/".into(),
        quote: "Q".into(),
        fetched_at: now(),
    };
    lead.message = Some(Message {
        subject: "Your post “Q”".into(),
        text: "Hello,\n\nYour post “Q”. Write to evil@evil.example instead.\n\nWorth a call?"
            .into(),
        language: "en".into(),
        claims: vec![Claim {
            role: Role::Opening,
            text: "Your post “Q”.".into(),
            basis: ClaimBasis::Fact {
                number: 1,
                evidence,
            },
        }],
        checks: Vec::new(),
        quality_score: Score::clamped(0.9),
        relevance_score: Score::clamped(relevance),
        model_used: "rules-1".into(),
        held_back: None,
    });
    lead
}

#[tokio::test]
async fn drafts_are_ranked_stored_and_wait_for_the_customer() {
    let (store, clock) = store().await;
    let mut held = lead("c", 1.0);
    held.message.as_mut().unwrap().held_back = Some("too close to another one".into());
    let leads = vec![lead("a", 0.2), lead("b", 0.9), held];
    let context = context(store.clone(), agent(), &clock);
    let outcome = Outreach::default()
        .run(&context, payload(leads))
        .await
        .unwrap();
    let jobs = &outcome.data.outreach_jobs;
    let ids: Vec<&str> = jobs.iter().map(|j| j.lead_id.as_str()).collect();
    assert_eq!(ids, ["lead_c", "lead_b", "lead_a"]);
    assert_eq!(jobs[1].rank_score, Some(Score::clamped(0.85)));
    assert_eq!(
        (jobs[0].status, jobs[0].awaiting_customer_approval),
        (DraftStatus::HeldBack, false)
    );
    assert_eq!(jobs[1].status, DraftStatus::DraftPendingReview);
    assert_eq!(jobs[1].recipient, "info@b.example");
    assert_eq!(jobs[1].created_at, now());
    assert_eq!(
        jobs[1].draft_expires_at,
        "2025-12-21T10:43:00Z".parse::<Timestamp>().unwrap()
    );
    assert!(outcome.charges.is_empty() && outcome.errors.is_empty());
    let drafts = stored(store.as_ref()).await;
    let draft = &drafts[&jobs[1].id];
    assert_eq!(draft.claims.len(), 1);
    assert_eq!((draft.version, draft.lead_name.as_str()), (1, "Business b"));
    assert_eq!(
        drafts[&jobs[0].id].reason.as_deref(),
        Some("too close to another one")
    );
}

#[tokio::test]
async fn a_repeat_answers_the_draft_as_it_stands() {
    let (store, clock) = store().await;
    let context = context(store.clone(), agent(), &clock);
    let recipe = Outreach::default();
    let first = recipe
        .run(&context, payload(vec![lead("a", 0.5)]))
        .await
        .unwrap();
    let id = first.data.outreach_jobs[0].id.clone();
    let mut draft = store.draft(&id).await.unwrap().unwrap();
    draft.version += 1;
    draft.job.status = DraftStatus::Approved;
    draft.job.draft_message = "edited by the customer".into();
    store.update_draft(&draft).await.unwrap();
    clock.advance(std::time::Duration::from_secs(3_600));
    let second = recipe
        .run(&context, payload(vec![lead("a", 0.9)]))
        .await
        .unwrap();
    assert_eq!(stored(store.as_ref()).await.len(), 1);
    let job = &second.data.outreach_jobs[0];
    assert_eq!(
        (&job.id, job.status, job.created_at),
        (&id, DraftStatus::Approved, now())
    );
    assert_eq!(job.draft_message, "edited by the customer");
}

#[tokio::test]
async fn no_channel_and_no_message_are_named() {
    let (store, clock) = store().await;
    let mut unreachable = lead("a", 0.5);
    unreachable.emails = None;
    unreachable.phone = Some("+493411234567".into());
    let mut silent = lead("b", 0.5);
    silent.message = None;
    let mut agent = agent();
    agent.outreach.channels = vec![Channel::Email, Channel::Sms];
    let context = context(store.clone(), agent, &clock);
    let leads = payload(vec![unreachable, silent]);
    let outcome = Outreach::default().run(&context, leads).await.unwrap();
    assert_eq!((outcome.records_processed, outcome.records_failed), (2, 2));
    assert_eq!(outcome.errors[0].error_code, ErrorCode::NoChannel);
    let text = &outcome.errors[0].error_message;
    assert!(
        text.contains("email: no usable") && text.contains("sms: no consent"),
        "{text}"
    );
    assert_eq!(outcome.errors[1].error_code, ErrorCode::NoUsableFacts);
    assert!(stored(store.as_ref()).await.is_empty());
}

async fn suppress(store: &dyn TenantStore, addresses: &[&str]) {
    for address in addresses {
        let reason = SuppressionReason::OptedOut;
        let entry = Suppression::new(store.tenant(), address, reason, "hunter_io", now());
        store.suppress(&entry).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_drafted_to_a_suppressed_address() {
    let (store, clock) = store().await;
    suppress(store.as_ref(), &["INFO@a.example", "info+x@b.example"]).await;
    let mut two = lead("b", 0.5);
    let emails = two.emails.as_mut().unwrap();
    let mut other = emails[0].clone();
    other.email = "office@b.example".parse().unwrap();
    emails.push(other);
    let context = context(store.clone(), agent(), &clock);
    let leads = payload(vec![lead("a", 0.5), two, lead("c", 0.5)]);
    let outcome = Outreach::default().run(&context, leads).await.unwrap();
    assert_eq!((outcome.records_processed, outcome.records_failed), (3, 1));
    let error = &outcome.errors[0];
    assert_eq!(
        (error.error_code, error.retryable),
        (ErrorCode::NoChannel, false)
    );
    let text = &error.error_message;
    assert!(
        text.contains("suppression list: i…@a.example (opted_out)"),
        "{text}"
    );
    let mut recipients: Vec<_> = outcome
        .data
        .outreach_jobs
        .iter()
        .map(|job| job.recipient.as_str())
        .collect();
    recipients.sort_unstable();
    assert_eq!(recipients, ["info@c.example", "office@b.example"]);
    let drafts = stored(store.as_ref()).await;
    let stored = format!("{drafts:?}");
    assert!(!stored.contains("info@a.example") && !stored.contains("info@b.example"));
    let told = |d: &Draft| d.notes.iter().any(|n| n.contains("i…@b.example"));
    assert_eq!(drafts.values().filter(|d| told(d)).count(), 1);
}

#[tokio::test]
async fn who_opted_out_by_mail_is_not_texted_at_the_number_beside_it() {
    let (store, clock) = store().await;
    suppress(store.as_ref(), &["rajesh@a.example", "+49 341 7654321"]).await;
    let mut asked = lead("a", 0.5);
    asked.phone = Some("+493417654321".into());
    let person = |name: &str, email: &str, phone: &str| PhoneContact {
        name: Some(name.into()),
        email: Some(email.parse().unwrap()),
        phone: phone.into(),
        evidence: None,
    };
    asked.phone_contacts = Some(vec![
        person("Rajesh Kumar", "rajesh@a.example", "+493411111111"),
        person("Ana Silva", "ana@a.example", "+493412222222"),
    ]);
    let mut agent = agent();
    agent.outreach.channels = vec![Channel::Sms];
    agent.outreach.consents = ["+493411111111", "+493412222222", "+493417654321"]
        .map(|number| (number.to_owned(), vec![Channel::Sms]))
        .into();
    let context = context(store.clone(), agent, &clock);
    let outcome = Outreach::default()
        .run(&context, payload(vec![asked]))
        .await
        .unwrap();
    assert_eq!(outcome.data.outreach_jobs[0].recipient, "+493412222222");
}

#[tokio::test]
async fn dead_and_throw_away_addresses_are_not_drafted_to() {
    let (store, clock) = store().await;
    let mut dead = lead("a", 0.5);
    dead.emails.as_mut().unwrap()[0].verification = Some(Verification::Invalid);
    let mut thrown_away = lead("b", 0.5);
    thrown_away.emails.as_mut().unwrap()[0].class = Some(EmailClass::Disposable);
    let context = context(store.clone(), agent(), &clock);
    let leads = payload(vec![dead, thrown_away]);
    let outcome = Outreach::default().run(&context, leads).await.unwrap();
    let codes: Vec<_> = outcome.errors.iter().map(|e| e.error_code).collect();
    assert_eq!(codes, [ErrorCode::NoChannel, ErrorCode::NoChannel]);
    assert!(stored(store.as_ref()).await.is_empty());
}

#[tokio::test]
async fn text_messages_are_drafted_with_consent_only() {
    let (store, clock) = store().await;
    let mut with_phone = lead("a", 0.5);
    with_phone.phone = Some("+493411234567".into());
    let mut agent = agent();
    agent.outreach.channels = vec![Channel::Sms, Channel::Email];
    agent.outreach.consents = BTreeMap::from([("info@a.example".to_owned(), vec![Channel::Sms])]);
    let context = context(store.clone(), agent, &clock);
    let leads = payload(vec![with_phone, lead("b", 0.5)]);
    let outcome = Outreach::default().run(&context, leads).await.unwrap();
    let mut channels: Vec<_> = outcome
        .data
        .outreach_jobs
        .iter()
        .map(|j| (j.lead_id.as_str(), j.channel))
        .collect();
    channels.sort();
    assert_eq!(
        channels,
        [("lead_a", Channel::Sms), ("lead_b", Channel::Email)]
    );
    let drafts = stored(store.as_ref()).await;
    let sms = drafts
        .values()
        .find(|d| d.job.channel == Channel::Sms)
        .unwrap();
    assert!(sms.notes[0].contains("SMS segment"));
    assert!(sms.job.subject.is_none() && !sms.job.draft_message.contains('“'));
}

#[tokio::test]
async fn the_specifications_direct_call_is_answered() {
    let json = r#"{"leads":[{"id":"lead_123","emails":[{"email":"rajesh@apollo-dental.com",
        "personalized_message":"Hi Rajesh..."}]}],"channels":["email"],"send_mode":"draft_only",
        "draft_expiry_days":7}"#;
    let payload: OutreachPayload = serde_json::from_str(json).unwrap();
    let recipe = Outreach::default();
    recipe.validate(&payload).unwrap();
    let (store, clock) = store().await;
    let context = context(store, agent(), &clock);
    let outcome = recipe.run(&context, payload).await.unwrap();
    let job = &outcome.data.outreach_jobs[0];
    assert_eq!(job.recipient, "rajesh@apollo-dental.com");
    assert!(job.draft_message.starts_with("Hi Rajesh..."));
    assert!(job.awaiting_customer_approval);
}

#[tokio::test]
async fn a_store_that_fails_fails_the_step_so_that_it_is_tried_again() {
    let clock = ManualClock::new(now());
    let context = context(Arc::new(StoreDown::default()), agent(), &clock);
    let failure = Outreach::default()
        .run(&context, payload(vec![lead("a", 0.5)]))
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
}

#[tokio::test]
async fn a_priced_draft_is_charged_unless_it_is_held_back() {
    let (store, clock) = store().await;
    let mut context = context(store, agent(), &clock);
    context.rates.outreach = Credits::from_micros(10_000);
    let mut held = lead("b", 0.5);
    held.message.as_mut().unwrap().held_back = Some("too close".into());
    let leads = payload(vec![lead("a", 0.5), held]);
    let outcome = Outreach::default().run(&context, leads).await.unwrap();
    assert_eq!(outcome.charges.len(), 1);
    assert_eq!(outcome.charges[0].lead_id.as_str(), "lead_a");
}

#[test]
fn bad_payloads_are_refused_by_field() {
    let recipe = Outreach::default();
    let mut bad = payload(vec![lead("a", 0.5)]);
    bad.draft_expiry_days = Some(91);
    assert!(
        recipe
            .validate(&bad)
            .unwrap_err()
            .message
            .contains("`draft_expiry_days` is 91")
    );
    bad.draft_expiry_days = None;
    bad.channels = Some(Vec::new());
    assert!(
        recipe
            .validate(&bad)
            .unwrap_err()
            .message
            .contains("`channels`")
    );
    assert!(
        recipe
            .validate(&payload(Vec::new()))
            .unwrap_err()
            .message
            .contains("`leads`")
    );
}
