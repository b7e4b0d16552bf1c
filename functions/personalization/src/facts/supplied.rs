//! Facts that a direct call supplies as fields of its leads (specification §2: `last_updated`,
//! `rating`, …) instead of as numbered facts.

use hunter_contracts::{Evidence, FactKind, Lead};
use jiff::{Timestamp, civil::Date};

/// Numbers what the lead's fields say as facts, with the input as evidence. A lead that has facts
/// is left alone.
pub(crate) fn number_supplied_fields(lead: &mut Lead, now: Timestamp) {
    if !lead.facts.is_empty() {
        return;
    }
    let mut facts = Lead::new(lead.id.clone());
    let mut add = |kind, value: String, date: Option<Date>, url: Option<String>, field: &str| {
        let quote: String = format!("{field}: {value}").chars().take(300).collect();
        let url = url.unwrap_or_else(|| format!("input:{field}"));
        let evidence = Evidence {
            url,
            quote,
            fetched_at: now,
        };
        facts.add_fact(kind, value, date, evidence);
    };
    if let Some(site) = &lead.website_metadata {
        for post in &site.recent_posts {
            let (title, url) = (post.title.clone(), post.url.clone());
            add(
                FactKind::BlogPost,
                title,
                post.date,
                Some(url),
                "recent_posts",
            );
        }
        if let Some(date) = site.last_updated {
            add(
                FactKind::LastUpdated,
                date.to_string(),
                Some(date),
                None,
                "last_updated",
            );
        }
        for technology in site.tech_stack.iter().flatten() {
            add(
                FactKind::Technology,
                technology.clone(),
                None,
                None,
                "tech_stack",
            );
        }
    }
    if let (Some(rating), Some(reviews)) = (lead.rating, lead.review_count) {
        add(
            FactKind::Rating,
            format!("{rating} from {reviews} reviews"),
            None,
            None,
            "rating",
        );
    }
    for category in &lead.categories {
        add(
            FactKind::Category,
            category.clone(),
            None,
            None,
            "categories",
        );
    }
    if let Some(city) = &lead.city {
        add(FactKind::Locality, city.clone(), None, None, "city");
    }
    lead.facts = facts.facts;
}
