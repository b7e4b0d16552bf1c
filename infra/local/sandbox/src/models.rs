//! Look-alikes of the model providers.

use crate::faults::Fault;
use crate::server::{Answer, Endpoint, Request, reply};
use crate::town::Town;

pub(crate) fn answer(_: Endpoint, _: &Town, _: &Request) -> Answer {
    reply(501, "text/plain", "not built yet")
}

pub(crate) fn faulty(_: Endpoint, _: Fault) -> Answer {
    reply(503, "text/plain", "unavailable")
}
