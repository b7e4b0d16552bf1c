//! A matching record on its way to becoming a lead: normalised, comparable, with what it was
//! merged from.

use std::collections::HashMap;

use hunter_contracts::{EmailAddress, LeadId};
use hunter_core::{ports::RawPlace, recipe::lead_id};

use crate::{
    gazetteer::Wanted,
    locations::stated_country,
    matching::Match,
    text::tidy,
    websites::{Address, Website, understand},
};

/// A value with the record that held it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sourced<T = String> {
    pub(crate) value: T,
    /// As it stood there, as in `phone=0662 870870`.
    pub(crate) quote: String,
    pub(crate) record_url: String,
    pub(crate) as_of: jiff::Timestamp,
}

/// A record that matches, normalised.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) id: LeadId,
    pub(crate) place: RawPlace,
    /// Records of the same business, as they came.
    pub(crate) merged: Vec<RawPlace>,
    pub(crate) matched: Match,
    pub(crate) name: String,
    /// E.164 where the number is valid for the country, else as written.
    pub(crate) phones: Vec<Sourced>,
    pub(crate) emails: Vec<Sourced<EmailAddress>>,
    pub(crate) website: Option<Website>,
    pub(crate) social: Vec<String>,
    pub(crate) address: Option<String>,
    pub(crate) country: Option<String>,
    /// What was dropped from the record and why.
    pub(crate) notes: Vec<String>,
}

/// The country of most records that state one: at least two of them, and four in five.
pub(crate) fn majority_country<'a>(places: impl Iterator<Item = &'a RawPlace>) -> Option<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut total = 0_usize;
    for country in places.filter_map(stated_country) {
        *counts.entry(country).or_default() += 1;
        total = total.saturating_add(1);
    }
    let (country, count) = counts
        .into_iter()
        .max_by_key(|(name, count)| (*count, name.clone()))?;
    (count >= 2 && count.saturating_mul(5) >= total.saturating_mul(4)).then_some(country)
}

/// The country in which records without one are taken to be: the customer's, else the majority's.
pub(crate) fn default_country<'a>(
    location: Option<&str>,
    places: impl Iterator<Item = &'a RawPlace>,
) -> Option<String> {
    let asked = location.and_then(|text| Wanted::of(text).country);
    asked.or_else(|| majority_country(places))
}

impl Candidate {
    /// Normalises a record. `country` is where it is taken to be when it does not say so.
    pub(crate) fn new(
        source: &str,
        place: RawPlace,
        matched: Match,
        country: Option<&str>,
    ) -> Self {
        let own_country = stated_country(&place);
        let country = own_country.or_else(|| country.map(str::to_owned));
        let mut candidate = Self {
            id: lead_id(source, &place.source_id),
            name: name_of(&place).unwrap_or_default(),
            merged: Vec::new(),
            matched,
            phones: Vec::new(),
            emails: Vec::new(),
            website: None,
            social: Vec::new(),
            address: address_of(&place),
            country,
            notes: Vec::new(),
            place,
        };
        candidate.read_addresses();
        candidate.read_contacts();
        candidate
    }

    fn sourced<T>(&self, value: T, key: &str, raw: &str) -> Sourced<T> {
        Sourced {
            value,
            quote: format!("{key}={raw}"),
            record_url: self.place.record_url.clone(),
            as_of: self.place.as_of,
        }
    }

    fn read_addresses(&mut self) {
        let website = self.place.website.clone();
        for (text, is_site) in website.iter().map(|text| (text, true)).chain(
            self.place
                .social_links
                .clone()
                .iter()
                .map(|text| (text, false)),
        ) {
            match understand(text) {
                Address::Site(site) if is_site => self.website = Some(site),
                Address::Social(link) => {
                    if !self.social.contains(&link) {
                        self.social.push(link);
                    }
                }
                Address::Email(email) => {
                    let email = self.sourced(email, "website", text);
                    self.emails.push(email);
                }
                Address::Invalid if is_site => {
                    self.notes
                        .push(format!("the web site `{text}` is not an address"));
                }
                Address::Site(_) | Address::Invalid => {}
            }
        }
    }

    fn read_contacts(&mut self) {
        let parts = |texts: &[String], ends: &[char]| -> Vec<String> {
            let all = texts.iter().flat_map(|text| text.split(ends));
            all.map(tidy).filter(|text| !text.is_empty()).collect()
        };
        for raw in parts(&self.place.phones, &[';', ',']) {
            let value = phone(&raw, self.country.as_deref());
            let phone = self.sourced(value, "phone", &raw);
            if !self.phones.iter().any(|known| known.value == phone.value) {
                self.phones.push(phone);
            }
        }
        for raw in parts(&self.place.emails, &[';', ',', ' ']) {
            let lower = raw.to_lowercase();
            let Ok(email) = lower.strip_prefix("mailto:").unwrap_or(&lower).parse() else {
                self.notes
                    .push(format!("the e-mail `{raw}` is not an address"));
                continue;
            };
            if !self.emails.iter().any(|known| known.value == email) {
                let email = self.sourced(email, "email", &raw);
                self.emails.push(email);
            }
        }
    }

    /// The record and those merged into it, each with its own evidence.
    pub(crate) fn records(&self) -> impl Iterator<Item = &RawPlace> {
        std::iter::once(&self.place).chain(&self.merged)
    }

    /// How well the business can be reached and described, for choosing among records: contact
    /// ways count most.
    pub(crate) fn richness(&self) -> u32 {
        let place = &self.place;
        let mut points = 0_u32;
        let mut add = |present: bool, value: u32| {
            if present {
                points = points.saturating_add(value);
            }
        };
        add(!self.emails.is_empty(), 40);
        add(self.website.is_some(), 40);
        add(!self.phones.is_empty(), 30);
        add(self.address.is_some(), 12);
        add(!self.social.is_empty(), 10);
        add(place.opening_hours.is_some(), 10);
        add(place.rating.is_some() || place.review_count.is_some(), 6);
        add(place.city.is_some() || place.postcode.is_some(), 4);
        points.saturating_add(u32::try_from(place.tags.len().min(30)).unwrap_or(30) / 10)
    }

    /// Takes over what another record of the same business knows and this one does not.
    pub(crate) fn absorb(&mut self, other: Self) {
        for phone in other.phones {
            if !self.phones.iter().any(|known| known.value == phone.value) {
                self.phones.push(phone);
            }
        }
        for email in other.emails {
            if !self.emails.iter().any(|known| known.value == email.value) {
                self.emails.push(email);
            }
        }
        for link in other.social {
            if !self.social.contains(&link) {
                self.social.push(link);
            }
        }
        self.website = self.website.take().or(other.website);
        self.address = self.address.take().or(other.address);
        self.country = self.country.take().or(other.country);
        self.matched.prefer(other.matched);
        let (mine, theirs) = (&mut self.place, &other.place);
        mine.city = mine.city.take().or_else(|| theirs.city.clone());
        mine.street = mine.street.take().or_else(|| theirs.street.clone());
        mine.postcode = mine.postcode.take().or_else(|| theirs.postcode.clone());
        mine.position = mine.position.or(theirs.position);
        if mine.rating.is_none() && mine.review_count.is_none() {
            mine.rating = theirs.rating;
            mine.review_count = theirs.review_count;
        }
        for category in &theirs.categories {
            if !mine.categories.contains(category) {
                mine.categories.push(category.clone());
            }
        }
        self.notes.extend(other.notes);
        self.merged.push(other.place);
        self.merged.extend(other.merged);
    }
}

/// A record's name: its own, else one in another language, else its brand.
pub(crate) fn name_of(place: &RawPlace) -> Option<String> {
    let candidates = place
        .name
        .iter()
        .chain(&place.other_names)
        .chain(&place.brand);
    candidates
        .map(|name| tidy(name))
        .find(|name| !name.is_empty())
}

fn address_of(place: &RawPlace) -> Option<String> {
    let line = place
        .address
        .as_deref()
        .map(tidy)
        .filter(|line| !line.is_empty());
    line.or_else(|| {
        let street = place.street.as_deref().map(tidy);
        let town: Vec<String> = [&place.postcode, &place.city]
            .into_iter()
            .flatten()
            .map(|t| tidy(t))
            .collect();
        let parts: Vec<String> = street.into_iter().chain([town.join(" ")]).collect();
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    })
}

/// E.164 where the number is valid in its country, else as written.
fn phone(raw: &str, country: Option<&str>) -> String {
    let country = country.and_then(|code| code.parse().ok());
    let digits = raw.trim_start_matches("tel:");
    match phonenumber::parse(country, digits) {
        Ok(number) if phonenumber::is_valid(&number) => {
            number.format().mode(phonenumber::Mode::E164).to_string()
        }
        _ => raw.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::raw;

    fn candidate(place: RawPlace, country: Option<&str>) -> Candidate {
        Candidate::new("file", place, Match::for_test(), country)
    }

    #[test]
    fn phones_become_e164_where_the_country_is_known() {
        let place = RawPlace {
            phones: vec!["0662 870870; +43 662/87 08 70".into(), "12".into()],
            ..raw("node/1", "A")
        };
        let known = candidate(place.clone(), Some("AT"));
        let values: Vec<&str> = known.phones.iter().map(|p| p.value.as_str()).collect();
        assert_eq!(values, ["+43662870870", "12"]);
        let place = RawPlace {
            phones: vec!["0662 870870".into()],
            ..place
        };
        assert_eq!(candidate(place, None).phones[0].value, "0662 870870");
    }

    #[test]
    fn emails_are_lower_case_and_checked() {
        let place = RawPlace {
            emails: vec!["Info@X.at; broken@; mailto:b@y.co.uk".into()],
            website: Some("office@z.at".into()),
            ..raw("node/1", "A")
        };
        let read = candidate(place, None);
        let values: Vec<&str> = read.emails.iter().map(|e| e.value.as_str()).collect();
        assert_eq!(values, ["office@z.at", "info@x.at", "b@y.co.uk"]);
        assert_eq!(read.notes.len(), 1);
    }

    #[test]
    fn a_mailbox_at_a_domain_in_its_own_script_is_found_once() {
        let place = RawPlace {
            emails: vec!["info@zahnarzt-müller.de; info@xn--zahnarzt-mller-psb.de".into()],
            website: Some("https://www.zahnarzt-müller.de".into()),
            ..raw("node/1", "A")
        };
        let lead = crate::leads::lead("file", &candidate(place, None));
        let [email] = lead.emails.as_deref().unwrap() else {
            panic!("{:?}", lead.emails);
        };
        assert_eq!(email.email.as_str(), "info@xn--zahnarzt-mller-psb.de");
        assert_eq!(
            email.confidence.unwrap().get(),
            0.95,
            "it is the site's own"
        );
        let quote = &email.evidence.as_ref().unwrap().quote;
        assert_eq!(quote, "email=info@zahnarzt-müller.de");
    }

    #[test]
    fn profiles_are_not_sites() {
        let place = RawPlace {
            website: Some("https://facebook.com/cafe".into()),
            social_links: vec!["https://facebook.com/cafe/".into(), "cafe_x".into()],
            ..raw("node/1", "Café")
        };
        let read = candidate(place, None);
        assert_eq!(read.website, None);
        assert_eq!(read.social, ["https://facebook.com/cafe"]);
        assert!(read.notes.is_empty());
    }

    #[test]
    fn the_majority_decides_the_country_only_when_it_is_clear() {
        let with = |code: &str| RawPlace {
            country: Some(code.into()),
            ..raw("n", "A")
        };
        let clear = [
            with("AT"),
            with("AT"),
            with("AT"),
            with("AT"),
            with("DE"),
            raw("n", "B"),
        ];
        assert_eq!(majority_country(clear.iter()).as_deref(), Some("AT"));
        let split = [with("AT"), with("AT"), with("AT"), with("DE"), with("DE")];
        assert_eq!(majority_country(split.iter()), None);
        assert_eq!(majority_country([with("AT")].iter()), None);
    }

    #[test]
    fn a_brand_stands_in_for_a_name() {
        let place = RawPlace {
            name: None,
            brand: Some(" 松屋 ".into()),
            ..raw("n", "A")
        };
        assert_eq!(name_of(&place).as_deref(), Some("松屋"));
    }
}
