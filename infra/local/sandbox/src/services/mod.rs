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

/// By what a server answers.
enum Answers {
    /// By the town, and what a fault of it looks like.
    Town(fn(&Town, &Request) -> Answer, fn(Fault) -> Answer),
    /// By a model.
    Model,
}

const ROWS: [(Endpoint, Answers); 12] = [
    (
        Endpoint::PLACES,
        Answers::Town(places::answer, places::faulty),
    ),
    (
        Endpoint::OVERPASS,
        Answers::Town(overpass::answer, overpass::faulty),
    ),
    (Endpoint::SITES, Answers::Town(sites::answer, sites::faulty)),
    (
        Endpoint::WEB_SEARCH,
        Answers::Town(web_search::answer, web_search::faulty),
    ),
    (
        Endpoint::HUNTER_IO,
        Answers::Town(hunter_io::answer, hunter_io::faulty),
    ),
    (
        Endpoint::ROCKETREACH,
        Answers::Town(rocketreach::answer, rocketreach::faulty),
    ),
    (
        Endpoint::CLEARBIT,
        Answers::Town(clearbit::answer, clearbit::faulty),
    ),
    (Endpoint::DNS, Answers::Town(dns::answer, dns::faulty)),
    (Endpoint::ANTHROPIC, Answers::Model),
    (Endpoint::OPENAI, Answers::Model),
    (Endpoint::GROQ, Answers::Model),
    (Endpoint::DEEPSEEK, Answers::Model),
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
        let service = |(endpoint, answers)| (endpoint, behind(endpoint, answers, &models));
        let services = ROWS.into_iter().map(service).collect();
        Self::serve(town, faults, services).await
    }
}

fn behind(endpoint: Endpoint, answers: Answers, models: &Arc<Models>) -> Service {
    match answers {
        Answers::Town(answer, faulty) => Service {
            answer: Box::new(answer),
            faulty: Box::new(faulty),
        },
        Answers::Model => {
            let models = Arc::clone(models);
            Service {
                answer: Box::new(move |_, request| models.answer(endpoint, request)),
                faulty: Box::new(move |fault| models::faulty(endpoint, fault)),
            }
        }
    }
}
