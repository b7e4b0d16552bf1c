//! The API function: wiring only.
use futures::FutureExt;
use hunter_lambda::{Invocation, Measures};
use lambda_http::{Request, RequestExt, Service, service_fn};
use std::{process::ExitCode, sync::Arc};
use tracing::Instrument;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let aws = hunter_aws::Aws::from_env()?;
        let clock = Arc::new(hunter_core::ports::SystemClock);
        let (jwt, store) = (aws.jwt()?, aws.store(clock.clone())?);
        let tokens = api::JwtSettings::new(jwt.issuer, jwt.audience, jwt.tenant_claim);
        let verifier = api::JwtVerifier::remote(tokens, &jwt.jwks_url, clock.clone());
        let state = api::ApiState::new(store, aws.executions()?, aws.schedules()?, verifier, clock);
        let router = api::router(state);
        let serve = |request: Request| {
            let invocation = Invocation::begin(&request.lambda_context());
            let answer = router.clone().call(request).instrument(invocation.span());
            answer.inspect(|answer| invocation.end(&Measures::from(api::outcome(answer))))
        };
        lambda_http::run(service_fn(serve)).await
    })
    .await
}
