//! A look-alike of Hunter.io's API v2: `domain-search`, `email-finder`, `email-verifier`,
//! `companies/find`, `combined/find`, `account`.
//!
//! Its documented quirks: 403 is the rate limit and 429 the used-up plan; a verification that is
//! still running answers 202, one that the mail host left hanging 222; 451 means that the person
//! asked not to be processed.

mod answers;
mod profiles;
mod search;
mod verifier;

use answers::{data, error};
use serde_json::json;

use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::server::Sandbox;
use crate::town::Town;
use crate::wire::{Answer, Request};

impl Endpoint {
    /// Hunter.io v2.
    pub const HUNTER_IO: Self = Self::of("hunter_io").with_key(Sandbox::HUNTER_IO_KEY);
}

impl Sandbox {
    /// The API key that the look-alike of Hunter.io accepts.
    pub const HUNTER_IO_KEY: &'static str = "sandbox-hunter-io-key";
    /// A key whose plan is used up: 429 for all that costs credits.
    pub const HUNTER_IO_USED_UP_KEY: &'static str = "sandbox-hunter-io-used-up-key";
    /// A key of the free plan: no more than the first ten addresses of a domain.
    pub const HUNTER_IO_FREE_KEY: &'static str = "sandbox-hunter-io-free-key";
}

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    if request.method != hyper::Method::GET {
        return error(404, "not_found", "There is no such resource.");
    }
    let key = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .or_else(|| request.header("x-api-key"))
        .map(str::to_owned)
        .or_else(|| request.parameter("api_key"));
    let free = match key.as_deref() {
        Some(Sandbox::HUNTER_IO_KEY) => false,
        Some(Sandbox::HUNTER_IO_FREE_KEY) => true,
        Some(Sandbox::HUNTER_IO_USED_UP_KEY) if request.uri.path() != "/v2/account" => {
            return error(
                429,
                "too_many_requests",
                "You've reached the limit for the number of searches per billing period included \
                 in your plan.",
            );
        }
        Some(Sandbox::HUNTER_IO_USED_UP_KEY) => true,
        _ => {
            return error(
                401,
                "authentication_failed",
                "No user found for the API key supplied",
            );
        }
    };
    match request.uri.path() {
        "/v2/account" => account(free),
        "/v2/domain-search" => search::domain(town, request, free),
        "/v2/email-finder" => search::person(town, request),
        "/v2/email-verifier" => verifier::verify(town, request),
        "/v2/companies/find" => profiles::company(town, request),
        "/v2/combined/find" => profiles::combined(town, request),
        _ => error(404, "not_found", "There is no such resource."),
    }
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    match fault {
        Fault::RateLimited => error(
            403,
            "too_many_requests",
            "You have reached the rate limit. Please slow down.",
        ),
        _ => error(500, "server_error", "Something went wrong on our end."),
    }
}

fn account(free: bool) -> Answer {
    let (plan, available) = if free {
        ("Free", 50)
    } else {
        ("Starter", 2_000)
    };
    data(
        &json!({
            "first_name": "Sand", "last_name": "Box", "email": "owner@sandbox.example",
            "plan_name": plan, "plan_level": i32::from(!free), "reset_date": "2026-12-01",
            "team_id": 1,
            "calls": {"used": 12, "available": available},
            "requests": {
                "searches": {"used": 10, "available": available},
                "verifications": {"used": 4, "available": available * 2},
                "credits": {"used": 12.0, "available": available},
            },
        }),
        &json!({}),
    )
}
