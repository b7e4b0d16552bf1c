//! Which records are what was asked for. Every record that is not gets its reason.

use hunter_contracts::{AgentConfig, DiscoveryPayload, RejectionKind};
use hunter_core::ports::RawPlace;

use crate::{
    account::Account,
    candidate::name_of,
    catalog::CATALOG,
    keywords::KeywordPlan,
    locations::locate,
    matching::{Directness, IndustryFit, KeywordFit, Match, RecordText},
};

/// Keeps what matches; the rest goes into the account with its reason.
pub(crate) fn matching(
    places: Vec<RawPlace>,
    source_filters: bool,
    plans: &[KeywordPlan],
    payload: &DiscoveryPayload,
    agent: &AgentConfig,
    account: &mut Account,
) -> Vec<(RawPlace, Match)> {
    let usable = usable(places, account);
    let located = locate(&usable, payload.location.as_deref(), source_filters);
    let wanted = payload
        .business_type
        .as_deref()
        .map(|t| CATALOG.industries_of(t));
    let mut kept = Vec::with_capacity(usable.len());
    for (place, location) in usable.into_iter().zip(located) {
        let text = RecordText::new(&place);
        let mut reject = |class: &str, reason: String| {
            account.reject(&place, RejectionKind::NotMatching, class, reason);
        };
        let keyword = match text.best_match(plans) {
            Some(fit) => fit,
            None if source_filters => KeywordFit {
                keyword: payload.keywords.first().cloned().unwrap_or_default(),
                directness: Directness::SourceSearch,
                seen: "the source's own search answered with it".to_owned(),
            },
            None => {
                reject(
                    "other kind of business",
                    format!("{} matches no keyword", text.describe()),
                );
                continue;
            }
        };
        if let Some(word) = text.excluded(&agent.ideal_customer.excluded_words) {
            reject(
                "excluded word",
                format!("its name or category holds the excluded word `{word}`"),
            );
            continue;
        }
        let industry = text.industry(wanted.as_ref());
        if industry == IndustryFit::Differs {
            let own: Vec<&str> = text.industries().into_iter().collect();
            let asked = payload.business_type.as_deref().unwrap_or_default();
            let what = text.describe();
            reject(
                "other industry",
                format!("{what} is {}, not {asked}", own.join(" or ")),
            );
            continue;
        }
        match location {
            Ok(location) => {
                let matched = Match {
                    keyword,
                    location,
                    industry,
                };
                kept.push((place, matched));
            }
            Err((class, reason)) => reject(class, reason),
        }
    }
    kept
}

fn usable(mut places: Vec<RawPlace>, account: &mut Account) -> Vec<RawPlace> {
    places.retain(|place| {
        let reason = match place {
            place if place.closed => "permanently closed",
            place if name_of(place).is_none() => "no name",
            _ => return true,
        };
        account.reject(place, RejectionKind::Unusable, reason, reason.to_owned());
        false
    });
    places
}
