//! Intent signals: posts and how recent they are, announcements, hiring, changed content.

use hunter_contracts::{FactKind, Lead};
use jiff::civil::Date;

use super::{Part, age_days, recency};

/// When nobody looked, or the look was not possible.
const PRIOR: f64 = 0.35;
/// When the home page was read and showed none of it.
const NOTHING_SEEN: f64 = 0.15;
const WEIGHT_RECENCY: f64 = 0.40;
const WEIGHT_COUNT: f64 = 0.10;
const WEIGHT_ANNOUNCEMENT: f64 = 0.15;
const WEIGHT_HIRING: f64 = 0.15;
const WEIGHT_CHANGE: f64 = 0.15;
/// Posts from which more of them say nothing more.
const POSTS_ENOUGH: u32 = 10;

/// The newest dated post: its title and its age in days.
pub(super) fn newest_post(lead: &Lead, today: Date) -> Option<(String, i32)> {
    let posts = lead.website_metadata.iter().flat_map(|m| &m.recent_posts);
    let posts = posts.filter_map(|post| Some((post.title.clone(), post.date?)));
    let facts = lead.facts.iter().filter(|f| f.kind == FactKind::BlogPost);
    let facts = facts.filter_map(|fact| Some((fact.value.clone(), fact.date?)));
    posts
        .chain(facts)
        .filter_map(|(title, date)| Some((title, age_days(date, today)?)))
        .min_by_key(|(_, age)| *age)
}

fn post_count(lead: &Lead) -> u32 {
    let metadata = lead.website_metadata.as_ref();
    let counted = metadata.and_then(|m| m.blog_posts_count).unwrap_or(0);
    let listed = metadata.map_or(0, |m| m.recent_posts.len());
    let facts = lead
        .facts
        .iter()
        .filter(|f| f.kind == FactKind::BlogPost)
        .count();
    counted.max(u32::try_from(listed.max(facts)).unwrap_or(u32::MAX))
}

pub(super) fn part(lead: &Lead, today: Date) -> Part {
    let mut sum = 0.0;
    let mut reasons = Vec::new();
    let count = post_count(lead);
    if count > 0 {
        sum += WEIGHT_COUNT * f64::from(count.min(POSTS_ENOUGH)) / f64::from(POSTS_ENOUGH);
        match newest_post(lead, today) {
            Some((title, age)) => {
                sum += WEIGHT_RECENCY * recency(age);
                reasons.push(format!(
                    "{count} posts, the newest {age} days ago: `{title}`"
                ));
            }
            None => reasons.push(format!("{count} posts, none of them dated")),
        }
    }
    for (kind, weight, what) in [
        (FactKind::Announcement, WEIGHT_ANNOUNCEMENT, "it announces"),
        (FactKind::Hiring, WEIGHT_HIRING, "it looks for staff"),
    ] {
        // A dated one counts by its age; the newest decides.
        let facts = lead.facts.iter().filter(|f| f.kind == kind);
        let best = facts
            .map(|fact| {
                let age = fact.date.and_then(|date| age_days(date, today));
                (age.map_or(0.7, recency), &fact.value)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((share, value)) = best {
            sum += weight * share;
            reasons.push(format!("{what}: `{value}`"));
        }
    }
    let changed = lead.website_metadata.as_ref().and_then(|m| m.last_updated);
    if let Some(age) = changed.and_then(|date| age_days(date, today)) {
        sum += WEIGHT_CHANGE * recency(age);
        if recency(age) > 0.5 {
            reasons.push(format!("its content changed {age} days ago"));
        }
    }
    finish(lead, sum, reasons)
}

fn finish(lead: &Lead, sum: f64, mut reasons: Vec<String>) -> Part {
    let looked = lead.home.as_ref().is_some_and(|home| home.cause.is_none());
    let seen = sum > 0.0;
    if reasons.is_empty() {
        reasons.push(match (looked, lead.website.is_some()) {
            (true, _) if seen => {
                "no posts, announcements or openings on its home page; its content is old"
                    .to_owned()
            }
            (true, _) => "no posts, announcements or openings on its home page".to_owned(),
            (false, true) => "no information about posts: its home page was not read".to_owned(),
            (false, false) => "no information about posts: it has no known web site".to_owned(),
        });
    }
    let base = if looked && !seen { NOTHING_SEEN } else { PRIOR };
    Part {
        value: base + sum,
        reasons,
    }
}
