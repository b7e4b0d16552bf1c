//! The account of every record: where it went and why.

use std::collections::{BTreeMap, HashSet};

use hunter_contracts::{DiscoverySummary, Lead, RejectedRecord, RejectionKind};
use hunter_core::ports::RawPlace;

use crate::{candidate::name_of, text::cut};

/// Most rejected records that are listed one by one; all are counted.
const REJECTED_MAX: usize = 10_000;
/// Most classes of reasons that are told apart; the others are counted together.
const CLASSES_MAX: usize = 50;

/// Collects what did not become a lead.
#[derive(Debug, Default)]
pub(crate) struct Account {
    rejected: Vec<RejectedRecord>,
    unlisted: u64,
    counts: BTreeMap<RejectionKind, u64>,
    reasons: BTreeMap<String, u64>,
}

impl Account {
    /// Records that the source itself found unusable.
    pub(crate) fn unusable(&mut self, records: Vec<RejectedRecord>) {
        for record in records {
            let class = record.reason.clone();
            self.add(
                &class,
                RejectedRecord {
                    kind: RejectionKind::Unusable,
                    ..record
                },
            );
        }
    }

    /// A record that is rejected: `class` is what `reason` is counted under.
    pub(crate) fn reject(
        &mut self,
        place: &RawPlace,
        kind: RejectionKind,
        class: &str,
        reason: String,
    ) {
        let record = RejectedRecord {
            source_id: place.source_id.clone(),
            name: name_of(place).map(|name| cut(&name, 200)),
            kind,
            reason: cut(&reason, 300),
        };
        self.add(class, record);
    }

    /// A lead that was screened and not kept.
    pub(crate) fn reject_lead(&mut self, lead: &Lead, kind: RejectionKind, reason: String) {
        let record = RejectedRecord {
            source_id: lead
                .source_id
                .clone()
                .unwrap_or_else(|| lead.id.to_string()),
            name: lead.name.as_deref().map(|name| cut(name, 200)),
            kind,
            reason: cut(&reason, 300),
        };
        self.add("", record);
    }

    /// A reason that stands for no record.
    pub(crate) fn note(&mut self, reason: &str) {
        self.reasons.insert(reason.to_owned(), 0);
    }

    fn add(&mut self, class: &str, record: RejectedRecord) {
        let count = self.counts.entry(record.kind).or_default();
        *count = count.saturating_add(1);
        let counted = matches!(
            record.kind,
            RejectionKind::Unusable | RejectionKind::NotMatching | RejectionKind::Duplicate
        );
        if counted {
            let known = self.reasons.contains_key(class) || self.reasons.len() < CLASSES_MAX;
            let class = if known {
                cut(class, 120)
            } else {
                "other reasons".to_owned()
            };
            let count = self.reasons.entry(class).or_default();
            *count = count.saturating_add(1);
        }
        if self.rejected.len() < REJECTED_MAX {
            self.rejected.push(record);
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }

    fn count(&self, kind: RejectionKind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// Closes the account: the summary's numbers and the list.
    pub(crate) fn close(
        self,
        qualified_leads: u64,
        strategy: Vec<String>,
        mut limits_reached: Vec<String>,
    ) -> (DiscoverySummary, Vec<RejectedRecord>) {
        if self.unlisted > 0 {
            limits_reached.push(format!(
                "{REJECTED_MAX} rejected records are listed one by one; {} more are only counted",
                self.unlisted
            ));
        }
        let mut seen = HashSet::new();
        limits_reached.retain(|limit| seen.insert(limit.clone()));
        let total = self
            .counts
            .values()
            .sum::<u64>()
            .saturating_add(qualified_leads);
        let summary = DiscoverySummary {
            total_discovered: total,
            qualified_leads,
            filtered_out: self.count(RejectionKind::FilteredOut),
            unusable: self.count(RejectionKind::Unusable),
            not_matching: self.count(RejectionKind::NotMatching),
            duplicates: self.count(RejectionKind::Duplicate),
            over_limit: self.count(RejectionKind::OverLimit),
            reasons: self.reasons,
            strategy,
            limits_reached,
            coverage: Vec::new(),
        };
        (summary, self.rejected)
    }
}
