//! A town of generated businesses: the truth behind every server of the sandbox.

mod addresses;
mod business;
mod category;
mod cities;
mod furnish;
mod generate;
mod names;
mod posts;
mod staff;
mod texts;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use business::{
    Address, Business, BusinessStatus, Charset, DateMarkup, DeadHow, Email, EmailForm, FeedKind,
    Location, OsmKind, OsmObject, Page, Person, Phone, Post, SiteKind, Topic, Trap,
};
pub use category::Category;
pub use staff::{Colleague, MailDomain, Mailbox};

pub(crate) use cities::{CITIES, City, city_of};
pub(crate) use posts::Voice;
pub(crate) use texts::{Lexicon, day, lexicon};

/// Which town to generate.
#[derive(Debug, Clone, Copy)]
pub struct TownOptions {
    /// Names the town: the same options give the same businesses and the same pages.
    pub seed: u64,
    /// Number of listings, repeated ones included.
    pub businesses: usize,
    /// Dates of posts are counted back from it.
    pub now: Timestamp,
    /// All listings in one city and of one kind, in place of the mix of many cities.
    pub focus: Option<Focus>,
}

impl TownOptions {
    /// Two hundred listings in many cities, about half of them dentists in Mumbai.
    #[must_use]
    pub fn new(seed: u64, now: Timestamp) -> Self {
        Self {
            seed,
            businesses: 200,
            now,
            focus: None,
        }
    }
}

/// One kind of business in one city. For dentists and dental clinics the whole dental family is
/// generated, orthodontists included.
#[derive(Debug, Clone, Copy)]
pub struct Focus {
    /// What they do.
    pub category: Category,
    /// Where they are.
    pub city: TownCity,
}

/// A city that the sandbox knows.
#[derive(Clone, Copy)]
pub struct TownCity(&'static City);

impl TownCity {
    /// The city with this name, in English or in the local script; `None` for unknown cities.
    /// [`TownCity::names`] lists the known ones.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        cities::city_named(name).map(Self)
    }

    /// English names of the known cities.
    pub fn names() -> impl Iterator<Item = &'static str> {
        CITIES.iter().map(|city| city.name)
    }

    pub(crate) fn city(self) -> &'static City {
        self.0
    }
}

impl std::fmt::Debug for TownCity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("TownCity")
            .field(&self.0.name)
            .finish()
    }
}

/// A generated town.
#[derive(Debug)]
pub struct Town {
    options: TownOptions,
    businesses: Vec<Business>,
    by_host: BTreeMap<String, usize>,
    by_place: BTreeMap<String, usize>,
}

impl Town {
    /// Generates the town. Pages are written when they are asked for.
    #[must_use]
    pub fn generate(options: TownOptions) -> Self {
        let businesses = generate::generate(&options);
        let mut by_host = BTreeMap::new();
        let mut by_place = BTreeMap::new();
        for (index, business) in businesses.iter().enumerate() {
            by_place.insert(business.place_id.clone(), index);
            if let Some(host) = &business.website {
                // Repeated listings and branches share the first one's site.
                by_host.entry(host.clone()).or_insert(index);
            }
        }
        Self {
            options,
            businesses,
            by_host,
            by_place,
        }
    }

    /// Every listing.
    #[must_use]
    pub fn businesses(&self) -> &[Business] {
        &self.businesses
    }

    /// What the town was generated from.
    #[must_use]
    pub fn options(&self) -> &TownOptions {
        &self.options
    }

    /// The listing with this place id.
    #[must_use]
    pub fn by_place_id(&self, place_id: &str) -> Option<&Business> {
        self.businesses.get(*self.by_place.get(place_id)?)
    }

    /// The business whose site has this host; `www.` and letter case do not matter. Of listings
    /// that share a site, the first.
    #[must_use]
    pub fn by_host(&self, host: &str) -> Option<&Business> {
        let host = host.to_ascii_lowercase();
        let bare = host.strip_prefix("www.").unwrap_or(&host);
        self.businesses.get(*self.by_host.get(bare)?)
    }
}
