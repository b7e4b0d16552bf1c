//! What the town knows about a business: the truth that tests compare results with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::category::Category;

/// One listing of the town. Two listings may describe one business ([`Trap::DuplicatePlace`]).
#[derive(Debug, Clone, Serialize)]
pub struct Business {
    /// Google place id.
    pub place_id: String,
    /// OpenStreetMap object, when mappers know the business.
    pub osm: Option<OsmObject>,
    /// Name on the sign, in the local script.
    pub name: String,
    /// Name in Latin letters (equal to `name` where the script is Latin).
    pub name_latin: String,
    /// What it does.
    pub category: Category,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// English name of the city.
    pub city: &'static str,
    /// Name of the city in the local script.
    pub city_local: &'static str,
    /// District in the local script.
    pub district: String,
    /// ISO 639-1 code of the web site's and the name's language.
    pub language: &'static str,
    /// Postal address.
    pub address: Address,
    /// WGS 84 degrees.
    pub location: Location,
    /// Telephone numbers, the main one first; empty when none is published.
    pub phones: Vec<Phone>,
    /// Host of the web site, under `.example` or `.test`.
    pub website: Option<String>,
    /// The link to the site as listings give it: absolute, plain http.
    pub website_url: Option<String>,
    /// How the site is built and behaves.
    pub site: SiteKind,
    /// Addresses that a reader of the whole site can find and that belong to the business.
    pub emails: Vec<Email>,
    /// Posts of the site's news page, newest first, placeholders excluded.
    pub posts: Vec<Post>,
    /// How the news page writes the dates of posts.
    pub date_markup: DateMarkup,
    /// Feed of the news page.
    pub feed: Option<FeedKind>,
    /// Services listed on the site, in the site's language.
    pub services: Vec<String>,
    /// Whether the site has a page with open positions.
    pub hiring: bool,
    /// 1.0 to 5.0 stars; `None` without reviews.
    pub rating: Option<f64>,
    /// Number of reviews.
    pub review_count: u32,
    /// Whether the business still exists.
    pub status: BusinessStatus,
    /// The owner, named on the about page.
    pub owner: Person,
    /// Year of foundation.
    pub founded: i16,
    /// What the pages show of the technology, in the words of common detectors.
    pub tech_stack: Vec<&'static str>,
    /// Bytes and declarations of the pages.
    pub charset: Charset,
    /// Whether pages are compressed for clients that accept gzip.
    pub gzip: bool,
    /// What is wrong or misleading here on purpose.
    pub traps: Vec<Trap>,
    /// Place id of the listing that this one repeats.
    pub duplicate_of: Option<String>,
    /// Place id of the chain's first branch, on every further branch.
    pub chain_of: Option<String>,
    #[serde(skip)]
    pub(crate) seed: u64,
}

impl Business {
    /// Whether the trap is set here.
    #[must_use]
    pub fn has_trap(&self, trap: Trap) -> bool {
        self.traps.contains(&trap)
    }

    /// One sentence, as contact services have it.
    pub(crate) fn description(&self) -> String {
        let what = self.category.terms().description;
        format!("{} is a {what} in {}.", self.name_latin, self.city)
    }

    /// Day of the newest post that is not dated in the future.
    #[must_use]
    pub fn newest_post(&self, now: Timestamp) -> Option<&Post> {
        self.posts
            .iter()
            .filter(|post| post.published <= now)
            .max_by_key(|post| post.published)
    }

    /// Whether a polite crawler can read pages: there is a site, it answers, and neither
    /// robots.txt, a block nor an endless redirect keeps a crawler out.
    #[must_use]
    pub fn is_crawlable(&self) -> bool {
        let redirects = [
            Trap::RedirectLoop,
            Trap::RedirectLoopback,
            Trap::RedirectMetadata,
        ];
        self.website.is_some()
            && !matches!(
                self.site,
                SiteKind::None
                    | SiteKind::Dead(_)
                    | SiteKind::BlocksBots
                    | SiteKind::RobotsDisallow
            )
            && !redirects.iter().any(|trap| self.has_trap(*trap))
    }
}

/// Postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Address {
    /// Street without number, local script.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postal code.
    pub postal_code: String,
    /// One line as the country writes it, local script, with country.
    pub formatted: String,
    /// The same line in Latin letters.
    pub formatted_latin: String,
}

/// WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

impl Location {
    /// Great-circle distance in metres (haversine, mean earth radius 6,371,000 m).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let half_chord = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
        let chord = half_chord(self.latitude, other.latitude)
            + self.latitude.to_radians().cos()
                * other.latitude.to_radians().cos()
                * half_chord(self.longitude, other.longitude);
        2.0 * 6_371_000.0 * chord.sqrt().min(1.0).asin()
    }
}

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// As dialled inside the country.
    pub national: String,
    /// With country code, spaced as Google writes it.
    pub international: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Full name as the country orders it, local script.
    pub name: String,
    /// Given name in Latin letters.
    pub first_latin: String,
    /// Family name in Latin letters.
    pub last_latin: String,
    /// Family name, local script.
    pub last: String,
}

/// An object of OpenStreetMap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OsmObject {
    /// Point or building outline.
    pub kind: OsmKind,
    /// Id, unique per kind.
    pub id: i64,
}

/// Kinds of objects of OpenStreetMap that the sandbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OsmKind {
    /// A point.
    Node,
    /// An outline of untagged points.
    Way,
}

/// How a web site is built and behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// No web site.
    None,
    /// WordPress with a blog that is kept up.
    WordPress,
    /// WordPress with a WooCommerce shop.
    WooCommerce,
    /// A Shopify shop.
    Shopify,
    /// Built with Squarespace.
    Squarespace,
    /// Built with Wix.
    Wix,
    /// Hand-written pages.
    Static,
    /// Everything on one page.
    OnePage,
    /// A site whose newest post is years old.
    Stale,
    /// No usable answer.
    Dead(DeadHow),
    /// Answers, but takes many times the usual time.
    Slow,
    /// 403 for everything that is not a browser.
    BlocksBots,
    /// robots.txt forbids everything; pages answer, and reading one is the crawler's fault.
    RobotsDisallow,
}

impl SiteKind {
    /// Whether the site is built with WordPress.
    #[must_use]
    pub fn is_wordpress(self) -> bool {
        matches!(
            self,
            Self::WordPress
                | Self::WooCommerce
                | Self::Stale
                | Self::Slow
                | Self::BlocksBots
                | Self::RobotsDisallow
        )
    }
}

/// How a dead site fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadHow {
    /// The connection is closed without an answer.
    ConnectionClosed,
    /// 404 for every page.
    NotFound,
    /// 500 for every page.
    ServerError,
    /// 200 with a page of a domain dealer.
    Parked,
}

/// An e-mail address of the business on its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Email {
    /// The address, lower case.
    pub address: String,
    /// How the page writes it.
    pub form: EmailForm,
    /// The page that has it.
    pub page: Page,
}

/// How a page writes an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailForm {
    /// `<a href="mailto:…">`
    Mailto,
    /// Plain text.
    Plain,
    /// `email` of a JSON-LD LocalBusiness.
    JsonLd,
    /// `name [at] host [dot] example`
    AtDot,
    /// `name(at)host.example`
    ParenthesisedAt,
    /// `href="/cdn-cgi/l/email-protection#hex"`
    CloudflareLink,
    /// `data-cfemail="hex"`
    CloudflareSpan,
}

/// Pages of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// `/`
    Home,
    /// About the business.
    About,
    /// How to reach it.
    Contact,
    /// What it offers.
    Services,
    /// Index of posts.
    News,
    /// Open positions.
    Careers,
    /// The legal notice of German-speaking and French sites.
    Imprint,
    /// The feed.
    Feed,
}

/// A post on the news page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Post {
    /// What it is about.
    pub topic: Topic,
    /// Title as shown.
    pub title: String,
    /// Last part of its path.
    pub slug: String,
    /// When it was published.
    pub published: Timestamp,
    /// Plain text, paragraphs separated by blank lines.
    pub body: String,
}

/// What a post is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Advice to customers.
    Advice,
    /// A second location, or a move.
    NewLocation,
    /// New equipment or a new technique.
    Equipment,
    /// Open positions or a new colleague.
    Hiring,
    /// A prize or a certificate.
    Award,
    /// An event or a charity.
    Event,
}

/// How the news page writes dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateMarkup {
    /// `<time datetime="…">`
    TimeElement,
    /// JSON-LD BlogPosting with datePublished; nothing to see for a reader.
    JsonLd,
    /// Words in the local language.
    Text,
}

/// Kinds of feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// RSS 2.0
    Rss,
    /// Atom 1.0
    Atom,
}

/// `businessStatus` of Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BusinessStatus {
    /// Open for business.
    Operational,
    /// Closed for now.
    ClosedTemporarily,
    /// Gone.
    ClosedPermanently,
}

impl BusinessStatus {
    /// The word in the Places API.
    #[must_use]
    pub fn as_google(self) -> &'static str {
        match self {
            Self::Operational => "OPERATIONAL",
            Self::ClosedTemporarily => "CLOSED_TEMPORARILY",
            Self::ClosedPermanently => "CLOSED_PERMANENTLY",
        }
    }
}

/// Bytes of the pages and what is declared about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// UTF-8, declared in the header and in the page.
    Utf8,
    /// Latin-1 bytes, declared as UTF-8 in the page; nothing in the header.
    Latin1DeclaredUtf8,
    /// Shift_JIS, declared in the page only.
    ShiftJis,
    /// windows-1251, declared in the header only.
    Windows1251,
}

/// Something misleading that a good crawler sees through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trap {
    /// `info@example.com`, `yourname@domain.com` and the theme maker's address are on the page.
    ThemeDemoEmail,
    /// Addresses in a script that are error-tracker keys.
    SentryHashEmail,
    /// A post "Hello world!" of the installer, newer than the real ones.
    PlaceholderPost,
    /// A block of Lorem ipsum.
    LoremIpsum,
    /// The web agency's address in the footer.
    AgencyEmail,
    /// Image names that look like addresses: `logo@2x.png`.
    ImageNameEmail,
    /// Latin-1 bytes that claim to be UTF-8.
    WrongCharset,
    /// A current copyright year on a page whose content is old.
    CopyrightYear,
    /// `/` and `/home` redirect to each other.
    RedirectLoop,
    /// Only `www.` is listed; it redirects to the bare host.
    RedirectWww,
    /// `/` redirects to 127.0.0.1.
    RedirectLoopback,
    /// `/` redirects to the metadata address of clouds.
    RedirectMetadata,
    /// A home page of several megabytes.
    LargePage,
    /// Text that readers cannot see gives orders to a language model.
    PromptInjection,
    /// A second listing of a business: same telephone, same site, other place id.
    DuplicatePlace,
    /// A branch of a chain with one site for all.
    ChainBranch,
    /// Closed for good, still listed.
    ClosedBusiness,
    /// A post dated in the future.
    FutureDatedPost,
}
