//! The outside services: the clients of those that speak a protocol of their own, and the table of
//! all.

#[cfg(feature = "contacts")]
mod clearbit;
#[cfg(feature = "contacts")]
pub(crate) mod dns;
#[cfg(feature = "places")]
pub(crate) mod google_places;
#[cfg(feature = "contacts")]
mod hunter_io;
#[cfg(feature = "places")]
pub(crate) mod overpass;
#[cfg(feature = "contacts")]
mod rocketreach;

use crate::spec::ServiceSpec;

/// The outside services that are linked, in the order in which a run meets them: the contact
/// services by what an address costs. Hunter.io asks for cents and only where something was found,
/// RocketReach for some ten times as much, likewise; Clearbit counts calls that found nothing, too,
/// and verifies no address.
pub static SERVICES: &[&ServiceSpec] = &[
    #[cfg(feature = "places")]
    &google_places::SERVICE,
    #[cfg(feature = "places")]
    &overpass::SERVICE,
    #[cfg(feature = "places")]
    &crate::web_search::brave::SERVICE,
    #[cfg(feature = "contacts")]
    &hunter_io::SERVICE,
    #[cfg(feature = "contacts")]
    &rocketreach::SERVICE,
    #[cfg(feature = "contacts")]
    &clearbit::SERVICE,
    #[cfg(feature = "contacts")]
    &dns::SERVICE,
    #[cfg(feature = "models")]
    &crate::models::anthropic::SERVICE,
    #[cfg(feature = "models")]
    &crate::models::refusals::OPENAI,
    #[cfg(feature = "models")]
    &crate::models::refusals::GROQ,
    #[cfg(feature = "models")]
    &crate::models::refusals::DEEPSEEK,
];

/// A service by its id, as in `hunter_io`.
#[must_use]
pub fn service(id: &str) -> Option<&'static ServiceSpec> {
    SERVICES.iter().copied().find(|service| service.id == id)
}

/// The ids of [`SERVICES`], each with the variable that names another address for it.
pub fn address_variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    SERVICES
        .iter()
        .map(|service| (service.id, service.variable))
}
