//! Generates the businesses of a town.

use jiff::tz::TimeZone;

use super::business::{
    Business, BusinessStatus, Charset, DateMarkup, DeadHow, OsmKind, OsmObject, Person, SiteKind,
    Trap,
};
use super::category::Category;
use super::cities::{Bilingual, CITIES, City, city_of, latin, local};
use super::furnish::{Register, furnish_site};
use super::names::person;
use super::posts::{Voice, posts};
use super::texts::{Lexicon, fill, lexicon};
use super::{Focus, TownOptions};
use crate::dice::{Dice, mix};

/// Every 37th listing repeats an earlier one, every 41st is a further branch of a chain.
const DUPLICATE_EVERY: usize = 37;
const BRANCH_EVERY: usize = 41;

/// The businesses in the order of their numbers; the same options give the same businesses.
pub(super) fn generate(options: &TownOptions) -> Vec<Business> {
    let mut register = Register::default();
    let mut businesses: Vec<Business> = Vec::with_capacity(options.businesses);
    for index in 0..options.businesses {
        let mut dice = Dice::keyed(options.seed, &["business", &index.to_string()]);
        let (city, category) = place(options.focus, &mut dice);
        let repeats = index % DUPLICATE_EVERY == DUPLICATE_EVERY - 1;
        let branches = index % BRANCH_EVERY == BRANCH_EVERY - 1;
        let original = (repeats || branches).then(|| {
            businesses.iter().rev().find(|earlier| {
                earlier.city == city.name
                    && earlier.category == category
                    && earlier.duplicate_of.is_none()
                    && earlier.chain_of.is_none()
                    && earlier.is_crawlable()
                    && !earlier.phones.is_empty()
            })
        });
        let business = match original.flatten() {
            Some(original) if repeats => duplicate(original, &mut dice),
            Some(original) => branch(original, city, &mut register, &mut dice),
            None => invent(index, city, category, options, &mut register, &mut dice),
        };
        businesses.push(business);
    }
    businesses
}

/// Where and what: the focus, or the town's mix (dentists in Mumbai are most).
fn place(focus: Option<Focus>, dice: &mut Dice) -> (&'static City, Category) {
    let dental = |dice: &mut Dice| match dice.between(0, 99) {
        0..58 => Category::Dentist,
        58..80 => Category::DentalClinic,
        _ => Category::Orthodontist,
    };
    if let Some(focus) = focus {
        let city = focus.city.city();
        let whole_family = matches!(focus.category, Category::Dentist | Category::DentalClinic);
        let category = if whole_family {
            dental(dice)
        } else {
            focus.category
        };
        return (city, category);
    }
    let mut ticket = dice.between(0, 99);
    let city = CITIES
        .iter()
        .find(|city| {
            let hit = ticket < city.weight;
            ticket = ticket.saturating_sub(city.weight);
            hit
        })
        .unwrap_or_else(|| city_of("Mumbai"));
    let share = if city.name == "Mumbai" { 0.9 } else { 0.4 };
    let category = if dice.chance(share) {
        dental(dice)
    } else {
        let others: Vec<Category> = Category::ALL
            .iter()
            .copied()
            .filter(|category| !category.is_dental())
            .collect();
        dice.pick(&others).copied().unwrap_or(Category::Restaurant)
    };
    (city, category)
}

/// The site of the `index`-th business. A walk with a stride that is coprime to 100 gives every
/// hundred businesses exactly these shares.
fn site_at(index: usize, seed: u64) -> SiteKind {
    let slot = (index as u64 * 37 + seed % 100) % 100;
    match slot {
        0..12 => SiteKind::None,
        12..38 => SiteKind::WordPress,
        38..44 => SiteKind::WooCommerce,
        44..49 => SiteKind::Shopify,
        49..54 => SiteKind::Squarespace,
        54..58 => SiteKind::Wix,
        58..68 => SiteKind::Static,
        68..74 => SiteKind::OnePage,
        74..84 => SiteKind::Stale,
        84..86 => SiteKind::Dead(DeadHow::ConnectionClosed),
        86 => SiteKind::Dead(DeadHow::NotFound),
        87..89 => SiteKind::Dead(DeadHow::ServerError),
        89..91 => SiteKind::Dead(DeadHow::Parked),
        91..94 => SiteKind::Slow,
        94..97 => SiteKind::BlocksBots,
        _ => SiteKind::RobotsDisallow,
    }
}

fn place_id(dice: &mut Dice) -> String {
    let alphabet: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_'])
        .collect();
    format!("ChIJ{}", dice.characters(&alphabet, 23))
}

fn osm(dice: &mut Dice) -> Option<OsmObject> {
    let id = dice.between(1_000_000_000, 9_999_999_999) as i64;
    let kind = if dice.chance(0.7) {
        OsmKind::Node
    } else {
        OsmKind::Way
    };
    dice.chance(0.72).then_some(OsmObject { kind, id })
}

/// A second listing: other id, the name and the point slightly different.
fn duplicate(original: &Business, dice: &mut Dice) -> Business {
    let mut copy = original.clone();
    copy.duplicate_of = Some(original.place_id.clone());
    copy.place_id = place_id(dice);
    copy.osm = None;
    copy.name = match dice.between(0, 2) {
        0 => original.name.to_uppercase(),
        1 => format!("{} - {}", original.name, original.district),
        _ => format!("{} ({})", original.name, original.owner.name),
    };
    copy.name_latin = deunicode::deunicode(&copy.name);
    copy.location.latitude += 0.0002;
    copy.review_count = original.review_count / 7;
    copy.rating = original.rating.filter(|_| copy.review_count > 0);
    copy.traps.push(Trap::DuplicatePlace);
    copy
}

/// A further branch: other district, address and telephone, the same site.
fn branch(
    original: &Business,
    city: &'static City,
    register: &mut Register,
    dice: &mut Dice,
) -> Business {
    let mut copy = original.clone();
    let elsewhere: Vec<Bilingual> = city
        .districts
        .iter()
        .copied()
        .filter(|district| local(district) != original.district)
        .collect();
    let district = dice.word(&elsewhere);
    copy.chain_of = Some(original.place_id.clone());
    copy.place_id = place_id(dice);
    copy.osm = osm(dice);
    copy.district = local(district).to_owned();
    copy.name = format!("{} {}", original.name, copy.district);
    copy.name_latin = format!("{} {}", original.name_latin, latin(district));
    copy.address = city.address(district, dice);
    copy.location = city.locate(district, dice);
    let count = register.phones.entry(city.name).or_default();
    copy.phones = city.phone(*count).into_iter().collect();
    *count += 1;
    copy.review_count = dice.between(4, 300) as u32;
    copy.traps.push(Trap::ChainBranch);
    copy
}

/// A business of its own.
fn invent(
    index: usize,
    city: &'static City,
    category: Category,
    options: &TownOptions,
    register: &mut Register,
    dice: &mut Dice,
) -> Business {
    let words = lexicon(city.language);
    let district = dice.word(&city.districts);
    let owner = person(city, dice);
    let (name, name_latin) = business_name(city, category, words, district, &owner, dice);
    let address = city.address(district, dice);
    let location = city.locate(district, dice);
    let trade = words.trade(category);
    let count = dice.between(4, 6) as usize;
    let services: Vec<String> = dice
        .sample(&trade.services, count)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let year = options.now.to_zoned(TimeZone::UTC).year();
    let founded = year - dice.between(1, 38) as i16;
    let site = site_at(index, options.seed);
    let voice = Voice {
        lexicon: words,
        trade,
        city,
        name: &name,
        owner: &owner.name,
        district: local(district),
        street: &address.street,
        services: &services,
        founded,
    };
    let posts = posts(&voice, site, options.now, dice);
    let review_count = if dice.chance(0.07) { 0 } else { reviews(dice) };
    let rating = (review_count > 0).then(|| 5.0 - (dice.unit().powi(2) * 19.0).round() / 10.0);
    let phone_index = register.phones.entry(city.name).or_default();
    let phones = if dice.chance(0.95) {
        *phone_index += 1;
        city.phone(*phone_index - 1).into_iter().collect()
    } else {
        Vec::new()
    };
    let mut business = Business {
        place_id: place_id(dice),
        osm: osm(dice),
        name,
        name_latin,
        category,
        country: city.country,
        city: city.name,
        city_local: city.local,
        district: local(district).to_owned(),
        language: city.language,
        address,
        location,
        phones,
        website: None,
        website_url: None,
        site,
        emails: Vec::new(),
        posts,
        date_markup: DateMarkup::TimeElement,
        feed: None,
        services,
        hiring: false,
        rating,
        review_count,
        status: BusinessStatus::Operational,
        owner,
        founded,
        tech_stack: Vec::new(),
        charset: Charset::Utf8,
        gzip: dice.chance(0.3),
        traps: Vec::new(),
        duplicate_of: None,
        chain_of: None,
        seed: mix(options.seed, &["site", &index.to_string()]),
    };
    if site != SiteKind::None {
        furnish_site(&mut business, words, options, register, dice);
    }
    if business.status == BusinessStatus::Operational && dice.chance(0.01) {
        business.status = BusinessStatus::ClosedTemporarily;
    }
    business
}

/// Review counts spread over orders of magnitude, as they do in listings.
fn reviews(dice: &mut Dice) -> u32 {
    (dice.unit() * 7.3).exp().round() as u32
}

fn business_name(
    city: &City,
    category: Category,
    words: &Lexicon,
    district: Bilingual,
    owner: &Person,
    dice: &mut Dice,
) -> (String, String) {
    const DEVANAGARI: [(&str, &str); 6] = [
        ("देशपांडे", "Deshpande"),
        ("कुलकर्णी", "Kulkarni"),
        ("जोशी", "Joshi"),
        ("पाटील", "Patil"),
        ("मेहता", "Mehta"),
        ("सावंत", "Sawant"),
    ];
    if city.country == "IN" && category.is_dental() && dice.chance(0.06) {
        let (last, last_latin) = dice.pick(&DEVANAGARI).copied().unwrap_or_default();
        return (
            format!("{last} दंत चिकित्सालय"),
            format!("{last_latin} Dant Chikitsalaya"),
        );
    }
    let pattern = dice.word(&words.names);
    let word = dice.word(&words.words);
    let noun = dice.word(words.nouns(category));
    let partner = person(city, dice);
    let name = fill(
        pattern,
        &[
            ("last", &owner.last),
            ("last2", &partner.last),
            ("district", local(district)),
            ("word", local(word)),
            ("noun", local(noun)),
        ],
    );
    // Latin names of languages without spaces need one before the noun.
    let spaced = pattern.replace("}{", "} {");
    let name_latin = fill(
        &spaced,
        &[
            ("last", &owner.last_latin),
            ("last2", &partner.last_latin),
            ("district", &latin(district)),
            ("word", &latin(word)),
            ("noun", &latin(noun)),
        ],
    );
    (name, name_latin)
}
