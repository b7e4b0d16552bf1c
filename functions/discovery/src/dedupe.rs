//! Records of the same business become one.
//!
//! Two records are compared only when they share a key: source id, phone, registrable domain,
//! address, or name. A shared domain alone proves nothing: the branches of a chain have one site.
//! A shared phone does, unless it is a hotline of more than three places.

use std::collections::{BTreeMap, HashMap};

use hunter_contracts::{GeoPoint, RejectionKind};

use crate::{account::Account, candidate::Candidate, geo::distance_m, text::fold};

/// Within it, two records of the same name are one business drawn twice (as a point and as a
/// building).
const SAME_PLACE_M: f64 = 75.0;
/// Beyond it, two records are different branches whatever they share.
const ELSEWHERE_M: f64 = 1_000.0;
/// More places than this on one number make it a hotline.
const PHONE_PLACES_MAX: usize = 3;
/// Larger groups are compared only with their neighbours in order of latitude.
const PAIRWISE_MAX: usize = 400;
/// Neighbours that members of a larger group are compared with.
const NEIGHBOURS: usize = 12;
/// Similarity of names (Jaro–Winkler, `strsim`) from which they are the same, given the same address.
const SAME_NAME: f64 = 0.90;

/// Words of names that say nothing about which business it is: legal forms and titles.
const NAME_NOISE: [&str; 34] = [
    "gmbh", "kg", "og", "ohg", "ag", "eu", "gesbr", "mbh", "ug", "ltd", "limited", "llc", "inc",
    "corp", "co", "company", "plc", "pvt", "sarl", "sas", "srl", "spa", "sl", "sa", "bv", "doo",
    "dr", "med", "dent", "prof", "mag", "univ", "mudr", "the",
];

/// Which key brought two records together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    SourceId,
    Phone,
    Domain,
    Address,
    Name,
}

impl Key {
    const fn class(self) -> &'static str {
        match self {
            Self::SourceId => "same source id",
            Self::Phone => "same phone",
            Self::Domain => "same web site",
            Self::Address => "same name and address",
            Self::Name => "same name and place",
        }
    }
}

/// What a candidate is compared by.
struct Traits {
    name: String,
    address: Option<String>,
    phones: Vec<String>,
    domain: Option<String>,
    position: Option<GeoPoint>,
}

impl Traits {
    fn of(candidate: &Candidate) -> Self {
        let place = &candidate.place;
        let area = place.postcode.as_ref().or(place.city.as_ref());
        let street = place.street.as_deref().map(fold_street);
        // Without a house number a street is no address.
        let numbered = street.filter(|s| s.chars().any(|c| c.is_ascii_digit()));
        let whole = || {
            let line = fold_street(candidate.address.as_deref()?);
            (line.chars().any(|c| c.is_ascii_digit()) && line.contains(' ')).then_some(line)
        };
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let phones = candidate.phones.iter().map(|phone| digits(&phone.value));
        Self {
            name: core_name(&candidate.name),
            address: match numbered {
                Some(street) => Some(format!("{street}|{}", fold(area.map_or("", |a| a)))),
                None if place.street.is_none() => whole(),
                None => None,
            },
            phones: phones.filter(|number| number.len() >= 6).collect(),
            domain: candidate
                .website
                .as_ref()
                .and_then(|site| site.domain.clone()),
            position: place.position,
        }
    }

    fn distance_m(&self, other: &Self) -> Option<f64> {
        Some(distance_m(self.position?, other.position?))
    }

    /// Whether both say where they are and it is not the same place.
    fn differs_in_place(&self, other: &Self) -> bool {
        match (self.distance_m(other), &self.address, &other.address) {
            (Some(metres), _, _) if metres > ELSEWHERE_M => true,
            (_, Some(mine), Some(theirs)) => mine != theirs,
            (Some(metres), _, _) => metres > SAME_PLACE_M,
            (None, _, _) => false,
        }
    }

    fn same_address(&self, other: &Self) -> bool {
        self.address.is_some() && self.address == other.address
    }

    fn similar_name(&self, other: &Self) -> bool {
        self.name == other.name || strsim::jaro_winkler(&self.name, &other.name) >= SAME_NAME
    }

    fn phones_disagree(&self, other: &Self) -> bool {
        let both = !self.phones.is_empty() && !other.phones.is_empty();
        both && !self.phones.iter().any(|phone| other.phones.contains(phone))
    }
}

fn fold_street(street: &str) -> String {
    let mut folded = fold(street);
    for (long, short) in [
        ("strasse", "str"),
        ("street", "st"),
        ("avenue", "ave"),
        ("road", "rd"),
    ] {
        folded = folded.replace(long, short);
    }
    folded
}

/// A folded name without legal forms and titles; a name of nothing else stays.
fn core_name(name: &str) -> String {
    let folded = fold(name);
    let telling = |word: &&str| !NAME_NOISE.contains(word);
    let words: Vec<&str> = folded.split(' ').filter(telling).collect();
    if words.is_empty() {
        folded
    } else {
        words.join(" ")
    }
}

/// Disjoint sets with path halving.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut i: usize) -> usize {
        loop {
            let parent = self.0.get(i).copied().unwrap_or(i);
            if parent == i {
                return i;
            }
            let above = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(i) {
                *slot = above;
            }
            i = above;
        }
    }

    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return false;
        }
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
        true
    }
}

/// Merges records of the same business; every record that went into another is accounted for.
pub(crate) fn merge(candidates: Vec<Candidate>, account: &mut Account) -> Vec<Candidate> {
    let traits: Vec<Traits> = candidates.iter().map(Traits::of).collect();
    let mut sets = Sets((0..candidates.len()).collect());
    let mut links: Vec<(usize, usize, Key)> = Vec::new();
    for ((key, _), members) in groups(&candidates, &traits) {
        let hotline = key == Key::Phone && places(&members, &traits) > PHONE_PLACES_MAX;
        for (a, b) in pairs(&members, &traits) {
            let (Some(mine), Some(theirs)) = (traits.get(a), traits.get(b)) else {
                continue;
            };
            if is_same(key, hotline, mine, theirs) && sets.join(a, b) {
                links.push((a, b, key));
            }
        }
    }
    unite(candidates, &mut sets, &links, account)
}

fn groups(candidates: &[Candidate], traits: &[Traits]) -> BTreeMap<(Key, String), Vec<usize>> {
    let mut groups: BTreeMap<(Key, String), Vec<usize>> = BTreeMap::new();
    for (index, (candidate, own)) in candidates.iter().zip(traits).enumerate() {
        let mut add = |key: Key, value: &str| {
            if !value.is_empty() {
                let members = groups.entry((key, value.to_owned())).or_default();
                members.push(index);
            }
        };
        add(Key::SourceId, &candidate.place.source_id);
        for phone in &own.phones {
            add(Key::Phone, phone);
        }
        add(Key::Domain, own.domain.as_deref().unwrap_or_default());
        add(Key::Address, own.address.as_deref().unwrap_or_default());
        add(Key::Name, &own.name);
    }
    groups.retain(|_, members| members.len() > 1);
    groups
}

/// How many different places a group has, counted up to what matters.
fn places(members: &[usize], traits: &[Traits]) -> usize {
    let mut distinct: Vec<&Traits> = Vec::new();
    for own in members.iter().filter_map(|&i| traits.get(i)) {
        if distinct.len() > PHONE_PLACES_MAX {
            break;
        }
        if distinct.iter().all(|other| own.differs_in_place(other)) {
            distinct.push(own);
        }
    }
    distinct.len()
}

/// The pairs of a group that are compared: all, or only neighbours where it is large.
fn pairs(members: &[usize], traits: &[Traits]) -> Vec<(usize, usize)> {
    let mut ordered = members.to_vec();
    let reach = if members.len() <= PAIRWISE_MAX {
        members.len()
    } else {
        NEIGHBOURS
    };
    let latitude = |i: usize| {
        traits
            .get(i)
            .and_then(|t| t.position)
            .map_or(f64::MAX, |p| p.lat)
    };
    if reach == NEIGHBOURS {
        ordered.sort_by(|&a, &b| latitude(a).total_cmp(&latitude(b)));
    }
    let mut pairs = Vec::new();
    for (at, &a) in ordered.iter().enumerate() {
        let next = ordered.iter().skip(at.saturating_add(1)).take(reach);
        pairs.extend(next.map(|&b| (a.min(b), a.max(b))));
    }
    pairs
}

fn is_same(key: Key, hotline: bool, a: &Traits, b: &Traits) -> bool {
    match key {
        Key::SourceId => true,
        Key::Phone => !hotline || (!a.differs_in_place(b) && a.similar_name(b)),
        Key::Domain => !a.differs_in_place(b) && (a.similar_name(b) || a.same_address(b)),
        Key::Address => a.similar_name(b) && !far(a, b),
        Key::Name => {
            let near = a.distance_m(b).is_some_and(|metres| metres <= SAME_PLACE_M);
            let addresses = a.address.is_some() && b.address.is_some();
            let two_branches = addresses && !a.same_address(b) && a.phones_disagree(b);
            near && !two_branches
        }
    }
}

/// The same street and number without a town may be in two towns.
fn far(a: &Traits, b: &Traits) -> bool {
    a.distance_m(b).is_some_and(|metres| metres > ELSEWHERE_M)
}

fn unite(
    candidates: Vec<Candidate>,
    sets: &mut Sets,
    links: &[(usize, usize, Key)],
    account: &mut Account,
) -> Vec<Candidate> {
    let ids: Vec<String> = candidates
        .iter()
        .map(|c| c.place.source_id.clone())
        .collect();
    let mut members: BTreeMap<usize, Vec<(usize, Candidate)>> = BTreeMap::new();
    for (index, candidate) in candidates.into_iter().enumerate() {
        members
            .entry(sets.root(index))
            .or_default()
            .push((index, candidate));
    }
    let mut reasons: HashMap<usize, Vec<(usize, Key)>> = HashMap::new();
    for &(a, b, key) in links {
        reasons.entry(a).or_default().push((b, key));
        reasons.entry(b).or_default().push((a, key));
    }
    let mut united = Vec::with_capacity(members.len());
    for mut group in members.into_values() {
        // The richest stays; among equals the one that came first.
        group.sort_by_key(|(index, c)| (std::cmp::Reverse(c.richness()), *index));
        let mut group = group.into_iter();
        let Some((kept_index, mut kept)) = group.next() else {
            continue;
        };
        for (index, other) in group {
            let known = reasons.get(&index).map(Vec::as_slice).unwrap_or_default();
            let direct = known.iter().find(|(with, _)| *with == kept_index);
            let link = direct.or_else(|| known.first());
            let (with, key) = link.copied().unwrap_or((kept_index, Key::SourceId));
            let with = ids.get(with).map_or("", String::as_str);
            let reason = format!("{} as {with}", key.class());
            account.reject(&other.place, RejectionKind::Duplicate, key.class(), reason);
            kept.absorb(other);
        }
        united.push((kept_index, kept));
    }
    united.sort_by_key(|(index, _)| *index);
    united.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::RawPlace;

    use super::*;
    use crate::{matching::Match, testing::raw};

    fn merged(places: Vec<RawPlace>) -> (Vec<Candidate>, Vec<String>) {
        let mut account = Account::default();
        let new = |place| Candidate::new("file", place, Match::for_test(), Some("AT"));
        let kept = merge(places.into_iter().map(new).collect(), &mut account);
        let (_, rejected) = account.close(kept.len() as u64, Vec::new(), Vec::new());
        let reasons = rejected.into_iter().map(|r| r.reason).collect();
        (kept, reasons)
    }

    fn at(id: &str, name: &str, lat: f64) -> RawPlace {
        RawPlace {
            position: Some(GeoPoint { lat, lon: 13.0 }),
            ..raw(id, name)
        }
    }

    fn street(place: RawPlace, street: &str, city: &str) -> RawPlace {
        RawPlace {
            street: Some(street.into()),
            city: Some(city.into()),
            ..place
        }
    }

    #[test]
    fn a_point_and_a_building_are_one_business() {
        let mut building = at("way/2", "Hotel Post GmbH", 47.8003);
        building.website = Some("hotelpost.at".into());
        building.opening_hours = Some("24/7".into());
        let mut point = at("node/1", "Hotel Post", 47.8);
        point.phones = vec!["+43 662 870870".into()];
        let (kept, reasons) = merged(vec![point, building]);
        assert_eq!(reasons, ["same name and place as way/2"]);
        assert_eq!(kept[0].place.source_id, "way/2", "the richer one stays");
        assert_eq!(
            kept[0].phones[0].value, "+43662870870",
            "and takes over the phone"
        );
        assert_eq!(kept[0].merged[0].source_id, "node/1");
    }

    #[test]
    fn branches_of_a_chain_stay() {
        let mut places: Vec<RawPlace> = (0..336_u32)
            .map(|i| {
                let mut place = at(&format!("node/{i}"), "松屋", 33.0 + f64::from(i) * 0.02);
                place.website = Some("https://www.matsuyafoods.co.jp/shop".into());
                place.phones = vec![format!("+81 80-5928-{:04}", 100 + i)];
                place
            })
            .collect();
        assert_eq!(merged(places.clone()).0.len(), 336);
        places[7].phones = places[8].phones.clone();
        assert_eq!(
            merged(places.clone()).0.len(),
            335,
            "the same phone is the same place"
        );
        for place in &mut places {
            place.phones = vec!["+81 80-5928-0100".into()];
        }
        assert_eq!(
            merged(places).0.len(),
            336,
            "a hotline is nobody's own number"
        );
    }

    #[test]
    fn addresses_and_names_agree_despite_spelling() {
        let a = street(
            raw("row/1", "Zahnarztpraxis Dr. Huber"),
            "Mozartstraße 3",
            "Salzburg",
        );
        let b = street(
            raw("row/2", "ZAHNARZTPRAXIS HUBER"),
            "Mozartstrasse 3",
            "Salzburg",
        );
        let c = street(raw("row/3", "Café Mozart"), "Mozartstraße 3", "Salzburg");
        let d = street(
            raw("row/4", "Zahnarztpraxis Dr. Huber"),
            "Mozartstraße 3",
            "Linz",
        );
        let (kept, reasons) = merged(vec![a, b, c, d]);
        assert_eq!(reasons, ["same name and address as row/1"]);
        assert_eq!(kept.len(), 3);
    }

    #[test]
    fn one_domain_is_one_business_only_at_one_place() {
        let site = |place: RawPlace| RawPlace {
            website: Some("https://x.at/a".into()),
            ..place
        };
        let a = site(street(raw("row/1", "X Praxis"), "Gasse 1", "Salzburg"));
        let b = site(street(raw("row/2", "X Praxis"), "Platz 2", "Salzburg"));
        let c = site(raw("row/3", "X Praxis"));
        let (kept, reasons) = merged(vec![a.clone(), b]);
        assert_eq!((kept.len(), reasons.len()), (2, 0));
        assert_eq!(merged(vec![a, c]).1, ["same web site as row/1"]);
        let fb = |id: &str| RawPlace {
            website: Some("facebook.com/x".into()),
            ..raw(id, "X")
        };
        assert_eq!(merged(vec![fb("row/1"), fb("row/2")]).0.len(), 2);
    }

    #[test]
    fn two_shops_of_a_chain_in_one_street_stay() {
        let mut a = street(at("node/1", "Subway", 47.8), "Hauptstr. 1", "Linz");
        let mut b = street(at("node/2", "Subway", 47.8005), "Hauptstr. 9", "Linz");
        a.phones = vec!["+43 662 870870".into()];
        b.phones = vec!["+43 662 870871".into()];
        assert_eq!(merged(vec![a, b]).0.len(), 2);
    }

    #[test]
    fn the_same_id_twice_is_one_record() {
        assert_eq!(
            merged(vec![raw("node/1", "A"), raw("node/1", "B")]).0.len(),
            1
        );
    }

    #[test]
    fn many_records_of_one_name_are_compared_with_their_neighbours() {
        let places: Vec<RawPlace> = (0..2_000_u32)
            .map(|i| at(&format!("n/{i}"), "Kiosk", 40.0 + f64::from(i / 2) * 0.01))
            .collect();
        assert_eq!(merged(places).0.len(), 1_000);
    }
}
