//! Records for tests. Texts are half frequent words and half invented ones: they compress to about
//! 0.43 of their size, a little worse than the text of real pages (0.36), so that stored sizes are
//! like those of real records.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a sample may panic"
)]

use hunter_contracts::{
    AgentConfig, AlertRecord, BillingMonth, ChargeLine, Credits, Draft, Evidence, ExecutionId,
    FactKind, Lead, LeadId, Plan, RecipeId, RecipeOutput, RunRecord, TenantId,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    recipe::{lead_id, short_key},
    store::{Actor, AuditEntry, AuditEvent, Debit, Pack, audit_details},
};

/// When most of it happens.
pub const AT: &str = "2025-12-14T10:15:00Z";

/// [`AT`].
#[must_use]
pub fn at() -> Timestamp {
    AT.parse().unwrap()
}

/// The month of [`AT`].
#[must_use]
pub fn month() -> BillingMonth {
    BillingMonth::at(at())
}

/// The id of a run.
#[must_use]
pub fn run_id(name: &str) -> ExecutionId {
    ExecutionId::new(name).unwrap()
}

/// So many millionths of a credit.
#[must_use]
pub fn micros(n: i64) -> Credits {
    Credits::from_micros(n)
}

/// A small generator (PCG-like) for texts.
pub struct Words(u64);

impl Words {
    /// Begins a text.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as usize
    }

    fn word(&mut self) -> String {
        const FREQUENT: [&str; 40] = [
            "the", "and", "of", "to", "in", "for", "a", "with", "is", "our", "we", "your", "on",
            "at", "you", "are", "from", "by", "as", "it", "be", "or", "an", "all", "that", "more",
            "have", "can", "new", "this", "us", "since", "also", "please", "here", "team",
            "service", "today", "home", "quality",
        ];
        if self.next().is_multiple_of(2) {
            return FREQUENT[self.next() % FREQUENT.len()].to_owned();
        }
        const CONSONANTS: &[u8] = b"bcdfghklmnprstvwz";
        const VOWELS: &[u8] = b"aeiou";
        let syllables = 1 + self.next() % 3;
        let letter = |letters: &[u8], n: usize| char::from(letters[n % letters.len()]);
        let pairs = (0..syllables).map(|_| (self.next(), self.next()));
        pairs
            .flat_map(|(one, other)| [letter(CONSONANTS, one), letter(VOWELS, other)])
            .collect()
    }

    /// A text of so many words.
    pub fn text(&mut self, words: usize) -> String {
        let words: Vec<String> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }
}

/// Agent `agent_1`.
#[must_use]
pub fn agent(name: &str) -> AgentConfig {
    serde_json::from_value(json!({
        "agent_id": "agent_1", "name": name,
        "seller": {
            "company": "Acme", "offer": "help clinics win back lost patients",
            "ask": "Worth a short call next week?", "sender_name": "Ada"
        }
    }))
    .unwrap()
}

/// A plan of 100 credits a month.
#[must_use]
pub fn plan() -> Plan {
    serde_json::from_value(json!({
        "plan_id": "professional", "monthly_credits": 100, "api_calls_limit": 10000,
        "cycle_ends": "2025-12-31"
    }))
    .unwrap()
}

/// A running run.
#[must_use]
pub fn run(tenant: &str, id: &str) -> RunRecord {
    serde_json::from_value(json!({
        "execution_id": id, "customer_id": tenant, "agent": agent("one"),
        "target": {"keywords": ["dentist"], "location": "Berlin"}, "status": "running",
        "started_at": AT, "reserved": 16, "charged": 0
    }))
    .unwrap()
}

/// The alert of a failed run.
#[must_use]
pub fn alert(tenant: &str, id: &str, created_at: &str) -> AlertRecord {
    serde_json::from_value(json!({
        "id": id, "customer_id": tenant, "trigger_type": "recipe_failed", "severity": "error",
        "title": "Discovery failed", "message": "The source refused.", "context": {},
        "action_required": false, "created_at": created_at,
        "expires_at": "2026-01-14T10:15:00Z", "read": false
    }))
    .unwrap()
}

/// The entry of a step that was executed.
#[must_use]
pub fn audit(id: &str, timestamp: &str) -> AuditEntry {
    let mut entry = AuditEntry::new(
        id.into(),
        timestamp.parse().unwrap(),
        Actor::system("hunter"),
        AuditEvent::RecipeExecuted,
        "recipe_discovery",
        &TenantId::derived("cust", "001"),
    );
    entry.context.execution_id = Some(run_id("exec_1"));
    entry.result.details = audit_details([("records_processed", json!(25))]);
    entry
}

/// What was charged for a lead.
#[must_use]
pub fn line(lead: &LeadId, amount: i64) -> ChargeLine {
    ChargeLine {
        lead_id: lead.clone(),
        action: "lead_screened".into(),
        amount: micros(amount),
    }
}

/// A debit with a line per amount.
#[must_use]
pub fn debit(run: &str, recipe: RecipeId, chunk: Option<u32>, amounts: &[i64]) -> Debit {
    let lead = LeadId::new("lead_1").unwrap();
    Debit {
        execution_id: run_id(run),
        recipe,
        chunk,
        lines: amounts.iter().map(|&amount| line(&lead, amount)).collect(),
        rate_card: "list-2025-12".into(),
        at: at(),
    }
}

/// A draft with a message of 75 words that rests on two facts.
#[must_use]
pub fn draft(run: &str, n: u64, rank: f64) -> Draft {
    let mut words = Words::new(n);
    let evidence = |words: &mut Words| {
        json!({
            "url": format!("https://www.{}.de/{}", words.text(2).replace(' ', "-"), words.text(1)),
            "quote": words.text(15), "fetched_at": "2025-12-14T10:14:07.123456789Z"
        })
    };
    let sentences: Vec<String> = (0..5).map(|_| words.text(13)).collect();
    let fact = |number: u32, text: &str, words: &mut Words| json!({"text": text, "basis": {"fact": {"number": number, "evidence": evidence(words)}}});
    serde_json::from_value(json!({
        "job": {
            "id": format!("outreach_{}", short_key(&[run, &n.to_string()])),
            "lead_id": lead_id("file", &n.to_string()), "channel": "email",
            "draft_message": format!("Hello,\n\n{}\n\nAda\nAcme, 1 Main Street", sentences.join(" ")),
            "recipient": format!("info@{}.de", words.text(2).replace(' ', "-")),
            "status": "draft_pending_review", "created_at": AT,
            "draft_expires_at": "2025-12-21T10:15:00Z", "awaiting_customer_approval": true,
            "subject": words.text(5), "rank_score": rank
        },
        "execution_id": run, "lead_name": words.text(3), "lead_score": 0.8123,
        "quality_score": 0.91, "relevance_score": 0.77, "model_used": "rules-1",
        "claims": [
            fact(3, &sentences[0], &mut words), fact(7, &sentences[1], &mut words),
            {"text": sentences[2], "basis": {"seller": {"field": "offer"}}},
            {"text": sentences[3], "basis": {"seller": {"field": "proof_points"}}},
            {"text": sentences[4], "basis": "no_assertion"}
        ],
        "version": 1
    }))
    .unwrap()
}

/// A lead as discovery leaves it.
#[must_use]
pub fn lead(n: u64) -> Lead {
    let mut words = Words::new(1_000 + n);
    let host = words.text(2).replace(' ', "-");
    let mut lead: Lead = serde_json::from_value(json!({
        "id": lead_id("file", &n.to_string()), "name": words.text(3),
        "phone": format!("+4930{}", 1_000_000 + words.next() % 9_000_000),
        "address": words.text(6), "website": format!("www.{host}.de"), "rating": 4.6,
        "source": "file", "lead_score": 0.8123,
        "score_breakdown": {"business_maturity": 0.7, "intent_signals": 0.55, "fit_match": 0.9},
        "quality_tier": "silver", "score_reasons": [words.text(6), words.text(7), words.text(5)],
        "source_id": format!("node/{}", words.next()), "country": "DE", "city": words.text(1),
        "position": {"lat": 52.5 + n as f64 / 7_919.0, "lon": 13.4 + n as f64 / 6_007.0},
        "categories": [words.text(1)], "review_count": 212,
        "home": {
            "url": format!("https://www.{host}.de/"), "fetched_at": AT,
            "contact_links": [format!("https://www.{host}.de/kontakt"), format!("https://www.{host}.de/impressum")],
            "blog_links": [format!("https://www.{host}.de/aktuelles")]
        }
    }))
    .unwrap();
    for kind in [
        FactKind::Category,
        FactKind::Locality,
        FactKind::OpeningHours,
        FactKind::AboutSentence,
    ] {
        add_fact(&mut lead, kind, &host, &mut words);
    }
    lead
}

/// What intelligence adds.
pub fn enrich(lead: &mut Lead, n: u64) {
    let mut words = Words::new(2_000 + n);
    let host = lead.website.clone().unwrap();
    for kind in [
        FactKind::Service,
        FactKind::Service,
        FactKind::Service,
        FactKind::BlogPost,
        FactKind::Announcement,
        FactKind::Technology,
        FactKind::Person,
        FactKind::Founded,
    ] {
        add_fact(lead, kind, &host, &mut words);
    }
    lead.emails = serde_json::from_value(json!([{
        "email": format!("info@{host}"), "confidence": 0.9, "source": "website",
        "evidence": {"url": format!("https://{host}/impressum"), "quote": words.text(12), "fetched_at": AT}
    }]))
    .unwrap();
}

/// What personalization adds.
pub fn write_to(lead: &mut Lead, n: u64) {
    let draft = draft("exec", n, 0.8);
    lead.message = serde_json::from_value(json!({
        "subject": draft.job.subject, "text": draft.job.draft_message, "language": "en",
        "claims": draft.claims, "quality_score": 0.91, "relevance_score": 0.77,
        "model_used": "rules-1",
        "checks": (0..5).map(|k| json!({
            "name": "refers_to_recent_fact", "score": 1.0, "weight": 0.2,
            "note": Words::new(n * 10 + k).text(8)
        })).collect::<Vec<Value>>()
    }))
    .unwrap();
}

fn add_fact(lead: &mut Lead, kind: FactKind, host: &str, words: &mut Words) {
    let value = words.text(8);
    let evidence = Evidence {
        url: format!("https://{host}/{}", words.text(1)),
        quote: format!("{value} {}", words.text(12)),
        fetched_at: at(),
    };
    lead.add_fact(kind, value, None, evidence);
}

/// A recipe's answer.
#[must_use]
pub fn output(run: &str, recipe: RecipeId) -> RecipeOutput<Value> {
    serde_json::from_value(json!({
        "recipe_id": recipe, "execution_id": run, "customer_id": "cust", "status": "success",
        "data": {"leads": []}, "errors": [],
        "metadata": {
            "started_at": AT, "completed_at": AT, "duration_ms": 1234, "records_processed": 25,
            "records_succeeded": 25, "records_failed": 0, "credits_consumed": 0.5
        }
    }))
    .unwrap()
}

/// A pack in which every lead is charged.
#[must_use]
pub fn pack(run: &str, recipe: RecipeId, leads: Vec<Lead>) -> Pack {
    let charges = leads.iter().map(|lead| line(&lead.id, 20_000)).collect();
    Pack {
        output: Some(output(run, recipe)),
        leads,
        charges,
        ..Pack::default()
    }
}
