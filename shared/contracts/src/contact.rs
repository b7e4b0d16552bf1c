//! How a lead is reached: addresses and numbers, with what is known of them.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{EmailAddress, Evidence, Score};

/// An e-mail address of a lead, and the message written to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EmailContact")]
pub struct EmailContact<A = EmailAddress> {
    /// The address.
    pub email: A,
    /// How sure we are that it reaches this business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Score>,
    /// Who found it: `website`, `source_record`, `hunter_io`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What is known of whether it can receive mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// What kind of mailbox it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<EmailClass>,
    /// The message, filled by personalization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personalized_message: Option<String>,
    /// How good the message is, from named checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_quality_score: Option<Score>,
    /// What wrote it: `rules-1` or a model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_used: Option<String>,
}

impl<A> EmailContact<A> {
    /// An address of which nothing else is known.
    pub const fn new(email: A) -> Self {
        Self {
            email,
            confidence: None,
            source: None,
            evidence: None,
            verification: None,
            class: None,
            personalized_message: None,
            message_quality_score: None,
            model_used: None,
        }
    }
}

/// A text that is an address or not. What an older version found must not make the lead, and the
/// pack that it is stored in, unreadable: what is no address is left out when a lead is read.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Readable(Option<EmailAddress>);

impl From<String> for Readable {
    fn from(text: String) -> Self {
        Self(text.parse().ok())
    }
}

/// Reads contacts, without those that have no address.
pub(crate) fn contacts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<EmailContact>>, D::Error> {
    let read = Option::<Vec<EmailContact<Readable>>>::deserialize(deserializer)?;
    let contact = |read: EmailContact<Readable>| {
        Some(EmailContact {
            email: read.email.0?,
            confidence: read.confidence,
            source: read.source,
            evidence: read.evidence,
            verification: read.verification,
            class: read.class,
            personalized_message: read.personalized_message,
            message_quality_score: read.message_quality_score,
            model_used: read.model_used,
        })
    };
    Ok(read.map(|all| all.into_iter().filter_map(contact).collect()))
}

/// Reads an address; none where the text is no address.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<EmailAddress>, D::Error> {
    Ok(Option::<Readable>::deserialize(deserializer)?.and_then(|read| read.0))
}

/// What a verifier, or the mail host's records, say of an address. `Unknown` is never `Valid`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// The mail host takes mail for it.
    Valid,
    /// It cannot receive mail.
    Invalid,
    /// The mail host takes mail for every name, so nothing is known of this one.
    AcceptAll,
    /// A mailbox at a free-mail provider that could not be checked further.
    Webmail,
    /// A throw-away mailbox.
    Disposable,
    /// Nothing is known.
    Unknown,
}

/// What kind of mailbox an address names.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EmailClass {
    /// A person's mailbox at the business.
    Personal,
    /// A function's mailbox, as in `info@`, `praxis@`.
    Role,
    /// A mailbox at a free-mail provider.
    FreeMail,
    /// A throw-away mailbox; never written to.
    Disposable,
}

/// A phone number of a lead, with the person where one is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneContact {
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The person's address.
    #[serde(
        default,
        deserialize_with = "address",
        skip_serializing_if = "Option::is_none"
    )]
    pub email: Option<EmailAddress>,
    /// The number: E.164 where the country is known, else as found.
    pub phone: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lead;

    /// As an older version stored it: addresses were texts of any kind.
    const STORED: &str = r#"{"id": "lead_1", "name": "Apollo",
        "emails": [
            {"email": "office", "source": "website", "confidence": 0.9},
            {"email": "Info@Zahnarzt-Müller.de", "source": "source_record", "confidence": 0.85,
                "verification": "valid", "class": "role", "personalized_message": "Hi",
                "message_quality_score": 0.7, "model_used": "rules-1"},
            {"email": "a@b.de\r\nBcc: c@d.de"}
        ],
        "phone_contacts": [
            {"name": "Ana", "email": "ana@localhost", "phone": "+491"},
            {"name": "Bo", "email": "bo@b.de", "phone": "+492"}
        ]}"#;

    #[test]
    fn a_stored_contact_without_an_address_is_left_out_and_the_lead_is_read() {
        let lead: Lead = serde_json::from_str(STORED).unwrap();
        let [kept] = lead.emails.as_deref().unwrap() else {
            panic!("{:?}", lead.emails);
        };
        assert_eq!(kept.email.as_str(), "Info@xn--zahnarzt-mller-psb.de");
        let json = serde_json::to_value(kept).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "email": "Info@xn--zahnarzt-mller-psb.de", "source": "source_record",
                "confidence": 0.85, "verification": "valid", "class": "role",
                "personalized_message": "Hi", "message_quality_score": 0.7, "model_used": "rules-1"
            })
        );
        let theirs = |contact: &PhoneContact| contact.email.clone().map(String::from);
        let phones: Vec<_> = lead.phone_contacts.iter().flatten().map(theirs).collect();
        assert_eq!(phones, [None, Some("bo@b.de".to_owned())]);
        let again: Lead = serde_json::from_value(serde_json::to_value(&lead).unwrap()).unwrap();
        assert_eq!(again, lead);
    }

    #[test]
    fn what_is_wrong_elsewhere_in_a_contact_is_refused() {
        for (contact, told) in [
            (r#"{"email": "a@b.de", "x": 1}"#, "unknown field `x`"),
            (r#"{"email": "office", "x": 1}"#, "unknown field `x`"),
            (r#"{"email": 5}"#, "invalid type"),
            ("{}", "missing field `email`"),
            (r#"{"email": "a@b.de", "confidence": 2}"#, "not a score"),
        ] {
            let lead = format!(r#"{{"id": "lead_1", "emails": [{contact}]}}"#);
            let error = serde_json::from_str::<Lead>(&lead).unwrap_err();
            assert!(error.to_string().contains(told), "{contact}: {error}");
        }
    }

    #[test]
    fn a_stored_profile_without_an_address_is_refused_by_what_is_wrong_with_it() {
        let stored = r#"{"name": "Bright Smile Ltd", "email": "ana@localhost"}"#;
        let error = serde_json::from_str::<crate::CustomerProfile>(stored).unwrap_err();
        let told = "`ana@localhost` is no e-mail address: its domain has no dot";
        assert!(error.to_string().starts_with(told), "{error}");
    }
}
