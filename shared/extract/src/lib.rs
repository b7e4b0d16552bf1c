//! Facts out of web pages: pure functions over bytes.
//!
//! [`extract_page`], [`extract_feed`] and [`extract_sitemap`] read one document each,
//! [`assemble`] joins what they found on one site, [`apply`] puts it into a lead. Nothing here
//! does I/O, reads a clock, or trusts its input: size, depth and counts are bounded, text that
//! people do not see is not used, and every value carries the place where it stands.

mod apply;
mod dates;
mod decode;
mod dom;
mod domains;
mod element;
mod emails;
mod facts;
mod feed;
mod guard;
mod jsonld;
mod language;
mod links;
mod list;
mod page;
mod pattern;
mod people;
mod phones;
mod posts;
mod quote;
mod site;
mod sitemap;
mod social;
mod source;
mod tech;
mod walk;

pub use apply::apply;
pub use dates::{DateFound, DateSource, PageDates};
pub use decode::{Decoded, decode};
pub use emails::{
    EmailFound, EmailMethod, EmailRejected, EmailRole, Emails, Rejection, business_domain,
    email_class,
};
pub use facts::FactFound;
pub use feed::{Refusal, extract_feed, read_feed};
pub use links::PageLinks;
pub use page::{PageFacts, extract_page};
pub use people::PersonFound;
pub use phones::{PhoneFound, PhoneMethod, international_phone};
pub use posts::PostFound;
pub use site::{SiteFacts, assemble};
pub use sitemap::{SitemapFacts, SitemapUrl, extract_sitemap, read_sitemap};
pub use source::PageInput;
pub use tech::TechFound;
