//! Business maturity: completeness of the record, freshness of the site, reviews.

use hunter_contracts::{Cause, FactKind, Lead};
use jiff::civil::Date;

use super::{Part, age_days, intent::newest_post, recency};

const WEIGHT_COMPLETENESS: f64 = 0.6;
const WEIGHT_FRESHNESS: f64 = 0.2;
const WEIGHT_REVIEWS: f64 = 0.2;
/// What freshness and reviews count when nothing is known about them.
const PRIOR: f64 = 0.4;
/// What is left of the score of a business that cannot be reached: it is no lead yet.
const OUT_OF_REACH: f64 = 0.3;
/// Stars of an average business, weighing as much as this many reviews: a Bayesian average, so
/// that one five-star review does not beat a hundred of 4.8.
const AVERAGE_STARS: f64 = 3.8;
const AVERAGE_WEIGHT: f64 = 10.0;
/// Reviews from which more of them say nothing more.
const REVIEWS_ENOUGH: f64 = 500.0;

pub(super) fn part(lead: &Lead, today: Date) -> Part {
    let (completeness, complete_reason) = completeness(lead);
    let (freshness, fresh_reason) = freshness(lead, today);
    let (reviews, review_reason) = reviews(lead);
    let value = WEIGHT_COMPLETENESS * completeness
        + WEIGHT_FRESHNESS * freshness.unwrap_or(PRIOR)
        + WEIGHT_REVIEWS * reviews.unwrap_or(PRIOR);
    let mut stated = vec![complete_reason, fresh_reason, review_reason];
    let value = if is_out_of_reach(lead) {
        stated.push("no way to reach it is known".to_owned());
        value * OUT_OF_REACH
    } else {
        value
    };
    Part {
        value,
        reasons: stated,
    }
}

/// Whether its site was looked for and is not there.
fn is_dead(lead: &Lead) -> bool {
    let cause = lead.home.as_ref().and_then(|home| home.cause);
    matches!(cause, Some(Cause::NotFound | Cause::Unreachable))
}

/// Whether nobody could write to it or call it, as far as is known.
fn is_out_of_reach(lead: &Lead) -> bool {
    (lead.website.is_none() || is_dead(lead))
        && lead.phone.is_none()
        && lead.phone_contacts.as_ref().is_none_or(Vec::is_empty)
        && lead.emails.as_ref().is_none_or(Vec::is_empty)
}

fn completeness(lead: &Lead) -> (f64, String) {
    let metadata = lead.website_metadata.as_ref();
    let phone = lead.phone.is_some() || lead.phone_contacts.as_ref().is_some_and(|p| !p.is_empty());
    let fields = [
        ("a web site", lead.website.is_some(), 0.28),
        ("a phone number", phone, 0.27),
        (
            "opening hours",
            lead.facts.iter().any(|f| f.kind == FactKind::OpeningHours),
            0.15,
        ),
        ("an address", lead.address.is_some(), 0.13),
        (
            "an e-mail address",
            lead.emails.as_ref().is_some_and(|e| !e.is_empty()),
            0.12,
        ),
        (
            "social profiles",
            metadata.is_some_and(|m| !m.social_links.is_empty()),
            0.05,
        ),
    ];
    let value = fields
        .iter()
        .filter(|(_, there, _)| *there)
        .map(|(_, _, weight)| weight)
        .sum();
    let name = |there: bool| -> Vec<&str> {
        let wanted = fields.iter().filter(|(_, has, _)| *has == there);
        wanted.map(|(name, _, _)| *name).collect()
    };
    let (has, lacks) = (name(true), name(false));
    let reason = match (has.is_empty(), lacks.is_empty()) {
        (true, _) => "nothing is known but its name".to_owned(),
        (_, true) => format!("the record is complete: {}", has.join(", ")),
        _ => format!(
            "known are {} ({} of {}); missing {}",
            has.join(", "),
            has.len(),
            fields.len(),
            lacks.join(", ")
        ),
    };
    (value, reason)
}

fn freshness(lead: &Lead, today: Date) -> (Option<f64>, String) {
    let changed = lead.website_metadata.as_ref().and_then(|m| m.last_updated);
    let by_fact = lead
        .facts
        .iter()
        .filter(|f| f.kind == FactKind::LastUpdated);
    let changed = by_fact.filter_map(|f| f.date).chain(changed);
    let changed = changed.filter_map(|date| age_days(date, today)).min();
    let posted = newest_post(lead, today).map(|(_, age)| age);
    let Some(age) = changed.into_iter().chain(posted).min() else {
        let cause = lead.home.as_ref().and_then(|home| home.cause);
        return match (cause, lead.website.is_some()) {
            (Some(Cause::NotFound), _) => (
                Some(0.15),
                "its web site has no home page any more".to_owned(),
            ),
            (Some(Cause::Unreachable), _) => {
                (Some(0.3), "its web site could not be reached".to_owned())
            }
            (_, false) => (
                None,
                "no information about how fresh its web site is: it has none that is known"
                    .to_owned(),
            ),
            _ => (
                None,
                "no information about when its web site last changed".to_owned(),
            ),
        };
    };
    let value = recency(age);
    // A post alone never speaks against a business: without it there would be nothing to say.
    let value = if changed.is_some() {
        value
    } else {
        value.max(PRIOR)
    };
    (
        Some(value),
        format!("its web site last changed {age} days ago"),
    )
}

fn reviews(lead: &Lead) -> (Option<f64>, String) {
    let count = lead.review_count;
    let Some(stars) = lead.rating.filter(|stars| stars.is_finite()) else {
        return match count {
            Some(count) if count > 0 => (
                Some(volume(count)),
                format!("{count} reviews, without a rating"),
            ),
            _ => (None, "no information about reviews".to_owned()),
        };
    };
    let n = f64::from(u32::try_from(count.unwrap_or(1)).unwrap_or(u32::MAX));
    let average = n.mul_add(stars, AVERAGE_WEIGHT * AVERAGE_STARS) / (n + AVERAGE_WEIGHT);
    let quality = ((average - 1.0) / 4.0).clamp(0.0, 1.0);
    let value = 0.5_f64.mul_add(quality, 0.5 * volume(count.unwrap_or(1)));
    let text = match count {
        Some(count) => format!("{stars} stars from {count} reviews"),
        None => format!("{stars} stars"),
    };
    (Some(value), text)
}

/// The number of reviews on a logarithmic scale: 0 for none, 1 from [`REVIEWS_ENOUGH`].
fn volume(count: u64) -> f64 {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (count.ln_1p() / REVIEWS_ENOUGH.ln_1p()).clamp(0.0, 1.0)
}
