//! What a site says, put into its lead.

use hunter_contracts::{EmailContact, FactKind, Lead, WebsiteMetadata};

use crate::site::{FACTS_MAX, RECENT_POSTS_MAX, SiteFacts};

/// Kinds of facts that a site gives; other sources give the others.
const SITE_KINDS: [FactKind; 9] = [
    FactKind::BlogPost,
    FactKind::Announcement,
    FactKind::AboutSentence,
    FactKind::Service,
    FactKind::Technology,
    FactKind::Hiring,
    FactKind::LastUpdated,
    FactKind::Founded,
    FactKind::Person,
];

/// Merges what a site says into its lead. Nothing that the lead has is removed, nothing is added
/// twice, facts keep their numbers; applying the same twice changes nothing the second time. What
/// is present afterwards is no longer listed as absent.
pub fn apply(lead: &mut Lead, site: SiteFacts) {
    merge_emails(lead, site.emails);
    let contacts = lead.phone_contacts.get_or_insert_default();
    for phone in site.phone_contacts {
        if !contacts
            .iter()
            .any(|c| digits(&c.phone) == digits(&phone.phone))
        {
            contacts.push(phone);
        }
    }
    if lead.phone.is_none() {
        lead.phone = contacts.first().map(|c| c.phone.clone());
    }
    if contacts.is_empty() {
        lead.phone_contacts = None;
    }
    merge_metadata(lead.website_metadata.get_or_insert_default(), site.metadata);
    for fact in site.facts {
        if fact.kind == FactKind::LastUpdated
            && let Some(old) = lead.facts.iter_mut().find(|f| f.kind == fact.kind)
        {
            if fact.date > old.date {
                (old.value, old.date, old.evidence) = (fact.value, fact.date, fact.evidence);
            }
            continue;
        }
        let known = lead
            .facts
            .iter()
            .any(|f| f.kind == fact.kind && f.value.to_lowercase() == fact.value.to_lowercase());
        let count = lead
            .facts
            .iter()
            .filter(|f| SITE_KINDS.contains(&f.kind))
            .count();
        if !known && count < FACTS_MAX {
            lead.add_fact(fact.kind, fact.value, fact.date, fact.evidence);
        }
    }
    for (field, cause) in site.absent {
        lead.absent.entry(field).or_insert(cause);
    }
    let present = present_fields(lead);
    lead.absent
        .retain(|field, _| !present.contains(&field.as_str()));
}

fn present_fields(lead: &Lead) -> Vec<&'static str> {
    let site = lead.website_metadata.as_ref();
    let all = [
        (
            "emails",
            lead.emails.as_ref().is_some_and(|e| !e.is_empty()),
        ),
        (
            "phone_contacts",
            lead.phone_contacts.as_ref().is_some_and(|p| !p.is_empty()),
        ),
        ("phone", lead.phone.is_some()),
        (
            "website_metadata",
            site.is_some_and(|m| *m != WebsiteMetadata::default()),
        ),
        (
            "last_updated",
            site.is_some_and(|m| m.last_updated.is_some()),
        ),
        (
            "blog_posts_count",
            site.is_some_and(|m| m.blog_posts_count.is_some()),
        ),
        ("tech_stack", site.is_some_and(|m| m.tech_stack.is_some())),
    ];
    all.into_iter()
        .filter(|(_, present)| *present)
        .map(|(field, _)| field)
        .collect()
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn merge_emails(lead: &mut Lead, found: Vec<EmailContact>) {
    if found.is_empty() {
        return;
    }
    let emails = lead.emails.get_or_insert_default();
    for email in found {
        match emails
            .iter_mut()
            .find(|e| e.email.key() == email.email.key())
        {
            Some(known) => {
                known.confidence = [known.confidence, email.confidence]
                    .into_iter()
                    .flatten()
                    .reduce(|a, b| if b > a { b } else { a });
                known.source = known.source.take().or(email.source);
                known.evidence = known.evidence.take().or(email.evidence);
            }
            None => emails.push(email),
        }
    }
    let confidence = |e: &EmailContact| e.confidence.map_or(0.0, hunter_contracts::Score::get);
    emails.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)));
}

fn merge_metadata(old: &mut WebsiteMetadata, new: WebsiteMetadata) {
    let newer = new.last_updated > old.last_updated;
    if newer || old.content_freshness.is_none() {
        old.content_freshness = new.content_freshness.or(old.content_freshness);
    }
    old.last_updated = old.last_updated.max(new.last_updated);
    let more = new.blog_posts_count > old.blog_posts_count;
    old.blog_posts_count = old.blog_posts_count.max(new.blog_posts_count);
    if let Some(found) = new.tech_stack {
        let tech = old.tech_stack.get_or_insert_default();
        for name in found {
            if !tech.contains(&name) {
                tech.push(name);
            }
        }
    }
    for post in new.recent_posts {
        if !old.recent_posts.iter().any(|p| p.url == post.url) {
            old.recent_posts.push(post);
        }
    }
    old.recent_posts.sort_by_key(|p| std::cmp::Reverse(p.date));
    old.recent_posts.truncate(RECENT_POSTS_MAX);
    old.language = old.language.take().or(new.language);
    for (to, from) in [
        (&mut old.social_links, new.social_links),
        (&mut old.pages, new.pages),
    ] {
        for link in from {
            if !to.contains(&link) {
                to.push(link);
            }
        }
    }
    for (field, evidence) in new.evidence {
        let replaces = field == "last_updated" && newer || field == "blog_posts_count" && more;
        if replaces || !old.evidence.contains_key(&field) {
            old.evidence.insert(field, evidence);
        }
    }
}
