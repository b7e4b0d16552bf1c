//! Which look-alike stands behind which endpoint.

use std::io;
use std::sync::Arc;

use crate::endpoint::Endpoint;
use crate::faults::{Fault, Faults};
use crate::models::{self, Models};
use crate::server::{Sandbox, Service};
use crate::town::Town;
use crate::wire::{Answer, Request};
use crate::{clearbit, dns, hunter_io, overpass, places, rocketreach, sites, web_search};

impl Sandbox {
    /// Starts all servers on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(town: Town, faults: Faults) -> io::Result<Self> {
        let models = Arc::new(Models::new(faults.model_mode));
        let service = |&endpoint| (endpoint, behind(endpoint, &models));
        let services = Endpoint::ALL.iter().map(service).collect();
        Self::serve(town, faults, services).await
    }
}

fn behind(endpoint: Endpoint, models: &Arc<Models>) -> Service {
    match endpoint {
        Endpoint::Places => service(places::answer, places::faulty),
        Endpoint::Overpass => service(overpass::answer, overpass::faulty),
        Endpoint::Sites => service(sites::answer, sites::faulty),
        Endpoint::WebSearch => service(web_search::answer, web_search::faulty),
        Endpoint::HunterIo => service(hunter_io::answer, hunter_io::faulty),
        Endpoint::RocketReach => service(rocketreach::answer, rocketreach::faulty),
        Endpoint::Clearbit => service(clearbit::answer, clearbit::faulty),
        Endpoint::Dns => service(dns::answer, dns::faulty),
        Endpoint::Anthropic | Endpoint::OpenAi | Endpoint::Groq | Endpoint::DeepSeek => {
            let models = Arc::clone(models);
            Service {
                answer: Box::new(move |_, request| models.answer(endpoint, request)),
                faulty: Box::new(move |fault| models::faulty(endpoint, fault)),
            }
        }
    }
}

fn service(answer: fn(&Town, &Request) -> Answer, faulty: fn(Fault) -> Answer) -> Service {
    Service {
        answer: Box::new(answer),
        faulty: Box::new(faulty),
    }
}
