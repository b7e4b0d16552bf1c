//! Posts and texts of one business, filled from its language's templates.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::business::{Post, SiteKind, Topic};
use super::cities::{City, local};
use super::names::slug;
use super::texts::{Lexicon, Trade, fill};
use crate::dice::Dice;

/// Words about a business that templates use.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    pub(crate) lexicon: &'static Lexicon,
    pub(crate) trade: &'a Trade,
    pub(crate) city: &'static City,
    pub(crate) name: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) district: &'a str,
    pub(crate) street: &'a str,
    pub(crate) services: &'a [String],
    pub(crate) founded: i16,
}

impl Voice<'_> {
    /// One sentence or title; numbers and services are drawn anew.
    pub(crate) fn say(&self, template: &str, on: Timestamp, dice: &mut Dice) -> String {
        let services = dice.sample(self.services, 2);
        let service = services.first().map_or("", String::as_str);
        let service2 = services.get(1).map_or(service, String::as_str);
        // Announcements look a little ahead.
        let ahead = SignedDuration::from_hours(24 * dice.between(5, 60) as i64);
        let date = on
            .checked_add(ahead)
            .unwrap_or(on)
            .to_zoned(TimeZone::UTC)
            .date();
        let month = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
        let month = self.lexicon.months.get(month).copied().unwrap_or_default();
        let n = dice.between(3, 19).to_string();
        let other_district = local(dice.word(&self.city.districts)).to_owned();
        let district = if dice.chance(0.75) {
            self.district
        } else {
            other_district.as_str()
        };
        let text = fill(
            template,
            &[
                ("service", service),
                ("service2", service2),
                ("district", district),
                ("city", self.city.local),
                ("name", self.name),
                ("owner", self.owner),
                ("street", self.street),
                ("label", self.trade.label),
                ("founded", &self.founded.to_string()),
                ("n", &n),
                ("year", &date.year().to_string()),
                ("month", month),
                ("day", &date.day().to_string()),
                ("equipment", dice.word(&self.trade.equipment)),
                ("role", dice.word(&self.trade.roles)),
            ],
        );
        capitalise(&text)
    }

    /// Sentences, each from another template.
    pub(crate) fn paragraph(
        &self,
        templates: &[&'static str],
        sentences: usize,
        on: Timestamp,
        dice: &mut Dice,
    ) -> String {
        let chosen = dice.sample(templates, sentences);
        let separator = if self.city.language == "ja" { "" } else { " " };
        let said: Vec<String> = chosen
            .iter()
            .map(|template| self.say(template, on, dice))
            .collect();
        said.join(separator)
    }

    /// A post on the given day whose title is not in `taken`.
    fn post(&self, published: Timestamp, taken: &mut BTreeSet<String>, dice: &mut Dice) -> Post {
        let mut post = self.draft(published, dice);
        for _ in 0..5 {
            if !taken.contains(&post.title) {
                break;
            }
            post = self.draft(published, dice);
        }
        taken.insert(post.title.clone());
        post
    }

    fn draft(&self, published: Timestamp, dice: &mut Dice) -> Post {
        let topic = match dice.between(0, 99) {
            0..45 => Topic::Advice,
            45..57 => Topic::Equipment,
            57..69 => Topic::Hiring,
            69..79 => Topic::NewLocation,
            79..88 => Topic::Award,
            _ => Topic::Event,
        };
        if topic == Topic::NewLocation {
            // Nobody announces to open where they are.
            let districts = self.city.districts.iter().map(|district| local(district));
            let others: Vec<&str> = districts.filter(|other| *other != self.district).collect();
            let district = dice.pick(&others).copied().unwrap_or(self.district);
            return Voice { district, ..*self }.compose(topic, published, dice);
        }
        self.compose(topic, published, dice)
    }

    fn compose(&self, topic: Topic, published: Timestamp, dice: &mut Dice) -> Post {
        let texts = self.lexicon.topic(topic);
        let own = topic == Topic::Advice && !self.trade.advice.is_empty() && dice.chance(0.8);
        let titles = if own {
            &self.trade.advice
        } else {
            &texts.titles
        };
        let title = self.say(dice.word(titles), published, dice);
        let first = self.paragraph(&texts.sentences, 2, published, dice);
        let second = self.paragraph(&self.lexicon.about, 1, published, dice);
        let third = self.paragraph(&texts.sentences, 1, published, dice);
        let latin: String = slug(&title).chars().take(60).collect();
        Post {
            topic,
            slug: latin.trim_end_matches('-').to_owned(),
            title,
            published,
            body: format!("{first}\n\n{second}\n\n{third}"),
        }
    }
}

/// Posts of a site, newest first; days are counted back from `now`.
pub(crate) fn posts(
    voice: &Voice<'_>,
    site: SiteKind,
    now: Timestamp,
    dice: &mut Dice,
) -> Vec<Post> {
    let (count, newest_days, gap_days) = match site {
        SiteKind::None | SiteKind::Dead(_) | SiteKind::OnePage => (0, 0, 0),
        SiteKind::Stale => (dice.between(2, 5), dice.between(900, 2_600), 60),
        SiteKind::Static => (dice.between(0, 3), dice.between(40, 700), 120),
        SiteKind::WooCommerce | SiteKind::Shopify => (dice.between(2, 4), dice.between(6, 90), 45),
        SiteKind::Squarespace | SiteKind::Wix => (dice.between(2, 5), dice.between(10, 240), 50),
        _ => (dice.between(4, 9), dice.between(2, 42), 24),
    };
    let mut taken = BTreeSet::new();
    let mut slugs = BTreeSet::new();
    let mut days = newest_days;
    let mut posts = Vec::new();
    for _ in 0..count {
        let minutes = days * 24 * 60 + dice.between(0, 600);
        let published = now - SignedDuration::from_mins(minutes as i64);
        let mut post = voice.post(published, &mut taken, dice);
        if !slugs.insert(post.slug.clone()) {
            post.slug = format!("{}-{}", post.slug, posts.len() + 1);
            slugs.insert(post.slug.clone());
        }
        posts.push(post);
        days += dice.between(gap_days / 2, gap_days * 2).max(1);
    }
    posts
}

fn capitalise(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
