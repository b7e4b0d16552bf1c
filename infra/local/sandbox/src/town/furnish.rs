//! The web site of a generated business: host, addresses, feed, charset, technology and traps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, tz::TimeZone};

use super::TownOptions;
use super::business::{
    Business, BusinessStatus, Charset, DateMarkup, Email, EmailForm, FeedKind, Page, Post,
    SiteKind, Topic, Trap,
};
use super::names::slug;
use super::texts::Lexicon;
use crate::dice::Dice;

/// Numbers that must not repeat within a town.
#[derive(Default)]
pub(super) struct Register {
    pub(super) phones: BTreeMap<&'static str, usize>,
    hosts: BTreeSet<String>,
    /// Businesses with pages so far; traps go round by it.
    pages: u64,
}

/// Host, addresses, feed, charset and traps of a business with a site.
pub(super) fn furnish_site(
    business: &mut Business,
    words: &Lexicon,
    options: &TownOptions,
    register: &mut Register,
    dice: &mut Dice,
) {
    let host = free_host(&business.name_latin, business.city, register, dice);
    business.website_url = Some(match dice.between(0, 99) {
        0..10 => format!("http://{host}/?utm_source=google&utm_medium=organic&utm_campaign=gmb"),
        10..14 => format!("http://{host}"),
        _ => format!("http://{host}/"),
    });
    business.website = Some(host.clone());
    if matches!(business.site, SiteKind::Dead(_)) {
        return;
    }
    business.emails = emails(business, words, &host, dice);
    business.hiring = business
        .posts
        .iter()
        .any(|post| post.topic == Topic::Hiring)
        && !matches!(business.site, SiteKind::Stale | SiteKind::Static);
    business.date_markup = match business.site {
        SiteKind::Static => DateMarkup::Text,
        SiteKind::Squarespace | SiteKind::Wix => DateMarkup::JsonLd,
        _ if dice.chance(0.25) => DateMarkup::JsonLd,
        _ => DateMarkup::TimeElement,
    };
    business.feed = match business.site {
        SiteKind::OnePage | SiteKind::Static => None,
        SiteKind::Shopify => Some(FeedKind::Atom),
        _ => Some(FeedKind::Rss),
    };
    business.tech_stack = tech_stack(business.site, dice);
    business.charset = match business.language {
        "de" | "fr" | "es" if dice.chance(0.14) => Charset::Latin1DeclaredUtf8,
        "ja" if dice.chance(0.4) => Charset::ShiftJis,
        "sr" if dice.chance(0.4) => Charset::Windows1251,
        _ => Charset::Utf8,
    };
    if business.charset == Charset::Latin1DeclaredUtf8 {
        business.traps.push(Trap::WrongCharset);
    }
    if business.site == SiteKind::Stale {
        business.traps.push(Trap::CopyrightYear);
    }
    register.pages += 1;
    if let Some(trap) = trap_at(register.pages, options.seed) {
        set_trap(business, trap, words, options, dice);
    }
}

/// Sets a trap; one that needs a blog becomes the agency's address on sites without.
fn set_trap(
    business: &mut Business,
    trap: Trap,
    words: &Lexicon,
    options: &TownOptions,
    dice: &mut Dice,
) {
    let needs_blog = matches!(trap, Trap::PlaceholderPost | Trap::FutureDatedPost);
    let trap = if needs_blog && !business.site.is_wordpress() {
        Trap::AgencyEmail
    } else {
        trap
    };
    match trap {
        Trap::ClosedBusiness => business.status = BusinessStatus::ClosedPermanently,
        Trap::RedirectWww => {
            if let Some(host) = &business.website {
                business.website_url = Some(format!("http://www.{host}/"));
            }
        }
        Trap::FutureDatedPost => {
            let ahead = SignedDuration::from_hours(24 * dice.between(40, 400) as i64);
            let published = options.now + ahead;
            let title = format!(
                "{} {}",
                words.labels.news,
                published.to_zoned(TimeZone::UTC).year()
            );
            business.posts.insert(
                0,
                Post {
                    topic: Topic::Event,
                    slug: slug(&title),
                    title,
                    published,
                    body: words.labels.hours.to_owned(),
                },
            );
        }
        _ => {}
    }
    business.traps.push(trap);
}

fn free_host(name: &str, city: &str, register: &mut Register, dice: &mut Dice) -> String {
    let top = if dice.chance(0.85) { "example" } else { "test" };
    let base: String = slug(name).chars().take(48).collect();
    let compact = base.replace('-', "");
    let base = if dice.chance(0.5) && !compact.is_empty() {
        compact
    } else {
        base
    };
    let base = base.trim_end_matches('-');
    let city = slug(city);
    let numbered = (2..2_000).map(|number| format!("{base}{number}.{top}"));
    let free = [format!("{base}.{top}"), format!("{base}-{city}.{top}")]
        .into_iter()
        .chain(numbered)
        .find(|host| !register.hosts.contains(host));
    let host = free.unwrap_or_else(|| format!("{base}-{:x}.{top}", dice.next()));
    register.hosts.insert(host.clone());
    host
}

fn emails(business: &Business, words: &Lexicon, host: &str, dice: &mut Dice) -> Vec<Email> {
    const FORMS: [EmailForm; 7] = [
        EmailForm::Mailto,
        EmailForm::Plain,
        EmailForm::JsonLd,
        EmailForm::AtDot,
        EmailForm::ParenthesisedAt,
        EmailForm::CloudflareLink,
        EmailForm::CloudflareSpan,
    ];
    let desk = dice.word(&words.desks);
    let first = slug(&business.owner.first_latin);
    let own = match dice.between(0, 2) {
        0 => first,
        1 => format!("{first}.{}", slug(&business.owner.last_latin)),
        _ => format!("dr.{}", slug(&business.owner.last_latin)),
    };
    let count = match dice.between(0, 99) {
        0..15 => 0,
        15..75 => 1,
        _ => 2,
    };
    let mut found = Vec::new();
    for (number, local_part) in [desk.to_owned(), own].into_iter().take(count).enumerate() {
        let one_page = business.site == SiteKind::OnePage;
        let page = match (number, one_page) {
            (_, true) => Page::Home,
            (0, _) if words.slugs.imprint.is_some() && dice.chance(0.4) => Page::Imprint,
            (0, _) => Page::Contact,
            _ => Page::About,
        };
        let form = dice.pick(&FORMS).copied().unwrap_or(EmailForm::Mailto);
        found.push(Email {
            address: format!("{local_part}@{host}"),
            form,
            page,
        });
    }
    found
}

fn tech_stack(site: SiteKind, dice: &mut Dice) -> Vec<&'static str> {
    let mut stack = match site {
        SiteKind::WooCommerce => vec!["WordPress", "WooCommerce", "jQuery"],
        SiteKind::Shopify => vec!["Shopify"],
        SiteKind::Squarespace => vec!["Squarespace"],
        SiteKind::Wix => vec!["Wix"],
        SiteKind::Static | SiteKind::OnePage => vec![dice.word(&["Bootstrap", "jQuery", "nginx"])],
        _ => vec![
            "WordPress",
            dice.word(&["Elementor", "Divi", "Astra", "Yoast SEO"]),
        ],
    };
    if dice.chance(0.4) {
        stack.push("Google Analytics");
    }
    if dice.chance(0.12) {
        stack.push("Meta Pixel");
    }
    stack
}

/// The trap of the `number`-th site with pages: about half of the sites have one.
fn trap_at(number: u64, seed: u64) -> Option<Trap> {
    Some(match (number * 19 + seed % 50) % 50 {
        0..3 => Trap::ThemeDemoEmail,
        3 => Trap::SentryHashEmail,
        4..7 => Trap::PlaceholderPost,
        7..9 => Trap::LoremIpsum,
        9..13 => Trap::AgencyEmail,
        13..15 => Trap::ImageNameEmail,
        15..17 => Trap::PromptInjection,
        17..19 => Trap::FutureDatedPost,
        19 => Trap::LargePage,
        20 => Trap::RedirectWww,
        21 => Trap::RedirectLoop,
        22 => Trap::RedirectLoopback,
        23 => Trap::RedirectMetadata,
        24 => Trap::ClosedBusiness,
        _ => return None,
    })
}
