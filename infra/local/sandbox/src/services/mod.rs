//! The look-alikes: for each outside service its module and its row.

mod clearbit;
mod dns;
mod hunter_io;
mod models;
mod overpass;
pub(crate) mod places;
mod rocketreach;
pub(crate) mod sites;
mod web_search;

use std::{io, sync::Arc};

use crate::{
    endpoint::Endpoint,
    faults::{Fault, Faults},
    server::{Sandbox, Service},
    town::Town,
    wire::{Answer, Request},
};
use models::Models;

/// How a server answers by the town, and what a fault of it looks like.
type OfTown = (fn(&Town, &Request) -> Answer, fn(Fault) -> Answer);

/// The servers; what is not answered by the town is a model.
const ROWS: [(Endpoint, Option<OfTown>); 12] = [
    (Endpoint::PLACES, Some((places::answer, places::faulty))),
    (
        Endpoint::OVERPASS,
        Some((overpass::answer, overpass::faulty)),
    ),
    (Endpoint::SITES, Some((sites::answer, sites::faulty))),
    (
        Endpoint::WEB_SEARCH,
        Some((web_search::answer, web_search::faulty)),
    ),
    (
        Endpoint::HUNTER_IO,
        Some((hunter_io::answer, hunter_io::faulty)),
    ),
    (
        Endpoint::ROCKETREACH,
        Some((rocketreach::answer, rocketreach::faulty)),
    ),
    (
        Endpoint::CLEARBIT,
        Some((clearbit::answer, clearbit::faulty)),
    ),
    (Endpoint::DNS, Some((dns::answer, dns::faulty))),
    (Endpoint::ANTHROPIC, None),
    (Endpoint::OPENAI, None),
    (Endpoint::GROQ, None),
    (Endpoint::DEEPSEEK, None),
];

impl Sandbox {
    /// All servers.
    pub fn endpoints() -> impl Iterator<Item = Endpoint> {
        ROWS.into_iter().map(|(endpoint, _)| endpoint)
    }

    /// Starts all servers on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(town: Town, faults: Faults) -> io::Result<Self> {
        let models = Arc::new(Models::new(faults.model_mode));
        let service = |(endpoint, of_town)| (endpoint, behind(endpoint, of_town, &models));
        let services = ROWS.into_iter().map(service).collect();
        Self::serve(town, faults, services).await
    }
}

fn behind(endpoint: Endpoint, of_town: Option<OfTown>, models: &Arc<Models>) -> Service {
    match of_town {
        Some((answer, faulty)) => Service {
            answer: Box::new(answer),
            faulty: Box::new(faulty),
        },
        None => {
            let models = Arc::clone(models);
            Service {
                answer: Box::new(move |_, request| models.answer(endpoint, request)),
                faulty: Box::new(move |fault| models::faulty(endpoint, fault)),
            }
        }
    }
}
