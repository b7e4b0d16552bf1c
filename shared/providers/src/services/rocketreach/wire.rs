//! RocketReach's answers, and what they mean.

use hunter_contracts::{Score, Verification};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Profile {
    pub(super) id: u64,
    pub(super) status: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) current_title: Option<String>,
    #[serde(default)]
    pub(super) current_employer: Option<String>,
    #[serde(default)]
    pub(super) linkedin_url: Option<String>,
    #[serde(default)]
    pub(super) emails: Option<Vec<Email>>,
    #[serde(default)]
    pub(super) phones: Option<Vec<Phone>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Email {
    #[serde(default)]
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) smtp_valid: Option<String>,
    /// `professional` or `personal`.
    #[serde(rename = "type", default)]
    pub(super) kind: Option<String>,
    /// `A`, `A-`, `B` … `F`.
    #[serde(default)]
    pub(super) grade: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Phone {
    #[serde(default)]
    pub(super) number: Option<String>,
    #[serde(default)]
    pub(super) e164: Option<String>,
    #[serde(default)]
    pub(super) validity: Option<String>,
    #[serde(default)]
    pub(super) recommended: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(default)]
    pub(super) lookup_credit_balance: Option<f64>,
    #[serde(default)]
    pub(super) plan: Option<Plan>,
    pub(super) id: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    #[serde(default)]
    pub(super) name: Option<String>,
}

/// Where a lookup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Running,
    Complete,
    Failed,
}

impl Profile {
    /// `None` for a word that is not documented.
    pub(super) fn stage(&self) -> Option<Stage> {
        Some(match self.status.as_str() {
            "complete" => Stage::Complete,
            "failed" => Stage::Failed,
            "queued" | "waiting" | "pending" | "searching" | "progress" => Stage::Running,
            _ => return None,
        })
    }

    /// A verified address of grade A or A-, or a valid number: what a credit is charged for.
    pub(super) fn is_charged(&self) -> bool {
        let mut emails = self.emails.iter().flatten();
        let mut phones = self.phones.iter().flatten();
        let graded = |email: &Email| match email.grade.as_deref() {
            Some(grade) => matches!(grade, "A" | "A-"),
            None => email.verification() == Verification::Valid,
        };
        let valid = |phone: &Phone| phone.validity.as_deref() == Some("valid");
        emails.any(graded) || phones.any(valid)
    }
}

impl Email {
    pub(super) fn verification(&self) -> Verification {
        match self.smtp_valid.as_deref() {
            Some("valid" | "true") => Verification::Valid,
            Some("invalid" | "false") => Verification::Invalid,
            _ => Verification::Unknown,
        }
    }

    pub(super) fn words(&self) -> String {
        let said = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
        format!(
            "grade {} smtp_valid {}",
            said(&self.grade),
            said(&self.smtp_valid)
        )
    }

    /// How sure RocketReach is, by its grade.
    pub(super) fn confidence(&self) -> Score {
        Score::clamped(match self.grade.as_deref() {
            Some("A") => 0.95,
            Some("A-") => 0.9,
            Some("B") => 0.75,
            Some("B-") => 0.65,
            Some("C" | "C-") => 0.4,
            Some(_) => 0.1,
            None if self.verification() == Verification::Valid => 0.9,
            None => 0.5,
        })
    }
}
