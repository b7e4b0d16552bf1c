//! Serves the API on a free port of 127.0.0.1, on an embedded DynamoDB with one customer in it, for
//! `fuzz.sh`. Prints its address; takes one token.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a tool for tests"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;

use api::{ApiState, TokenError, TokenVerifier};
use async_trait::async_trait;
use hunter_contracts::TenantId;
use hunter_core::ports::ManualClock;
use support::{Cloud, NOW};

/// The one token.
const TOKEN: &str = "fuzz-token";

struct OneToken;

#[async_trait]
impl TokenVerifier for OneToken {
    async fn verify(&self, token: &str) -> Result<TenantId, TokenError> {
        if token == TOKEN {
            return Ok(TenantId::derived("cust", "fuzz"));
        }
        Err(TokenError::Refused("the token is not the one"))
    }
}

#[tokio::main]
async fn main() {
    let cloud = Cloud::start(Arc::new(ManualClock::new(NOW.parse().unwrap()))).await;
    cloud.seed("cust_fuzz").await;
    let router = api::router(ApiState {
        control: cloud.control.clone(),
        verifier: Arc::new(OneToken),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{} {TOKEN}", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
    println!(
        "{} executions",
        cloud.engine.executions.lock().unwrap().len()
    );
    cloud.server.stop();
}
