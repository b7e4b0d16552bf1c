//! A generated town behind real provider protocols.
//!
//! [`Town::generate`] makes businesses from a seed: dentists, restaurants, law firms and others
//! in several countries and scripts, with web sites of every quality. [`Sandbox::start`] serves
//! the town on the loopback address over real HTTP: a look-alike of Google's Places API (New), a
//! look-alike of Overpass, and every web site by its host name. [`Faults`] makes the servers slow
//! and faulty in a way that can be repeated.
//!
//! Nothing here exists: hosts are under `.example` and `.test`, persons are invented, telephone
//! numbers are from ranges kept for fiction where a country has one.

mod body;
mod data;
mod dice;
mod endpoint;
mod faults;
mod server;
mod services;
#[cfg(test)]
mod tests;
mod town;
mod wire;

pub use endpoint::Endpoint;
pub use faults::{BodyFault, Faults, ModelMode};
pub use server::{Counters, Sandbox, Served};
pub use town::{
    Address, Business, BusinessStatus, Category, Charset, Colleague, DateMarkup, DeadHow, Email,
    EmailForm, FeedKind, Focus, Location, MailDomain, Mailbox, OsmKind, OsmObject, Page, Person,
    Phone, Post, SiteKind, Topic, Town, TownCity, TownOptions, Trap,
};
