//! A look-alike of Clearbit.

use crate::faults::Fault;
use crate::server::{Answer, Request, reply};
use crate::town::Town;

pub(crate) fn answer(_: &Town, _: &Request) -> Answer {
    reply(501, "text/plain", "not built yet")
}

pub(crate) fn faulty(_: Fault) -> Answer {
    reply(503, "text/plain", "unavailable")
}
