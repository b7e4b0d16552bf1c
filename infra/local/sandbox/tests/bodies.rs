//! Answers that are right and whose bodies do not come as they should.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use hunter_sandbox::{BodyFault, Endpoint, Faults, Sandbox, Town, TownOptions};

async fn sandbox(faults: Faults) -> Sandbox {
    // Installed once per process; later ones change nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let town = Town::generate(TownOptions::new(1, now));
    Sandbox::start(town, faults).await.unwrap()
}

fn scripted(script: &[BodyFault]) -> Faults {
    let line = |(n, fault): (usize, &BodyFault)| (Endpoint::OVERPASS, n as u64 + 1, *fault);
    Faults {
        body_script: script.iter().enumerate().map(line).collect(),
        slow_body_ms: 400,
        silence_ms: 400,
        ..Faults::none()
    }
}

/// The body of a query's answer, as far as it came.
async fn ask(sandbox: &Sandbox) -> Result<Vec<u8>, Vec<u8>> {
    let url = format!("{}/api/interpreter", sandbox.base_url(Endpoint::OVERPASS));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(url)
        .header("user-agent", "test (+https://x.example)");
    let request = request.body("data=[out:json];node(50,10,52,14);out;");
    let mut response = request.send().await.map_err(|_| Vec::new())?;
    assert_eq!(response.status(), 200);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(_) => return Err(body),
        }
    }
}

#[tokio::test]
async fn every_kind_of_body_fault_is_what_it_says() {
    let script = [
        BodyFault::Truncated,
        BodyFault::Reset,
        BodyFault::Slow,
        BodyFault::Huge,
        BodyFault::SuccessThenTimeout,
    ];
    let sandbox = sandbox(scripted(&script)).await;
    let truncated = ask(&sandbox).await.unwrap();
    let reset = ask(&sandbox).await.unwrap_err();
    let start = Instant::now();
    let slow = ask(&sandbox).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(350));
    let huge = ask(&sandbox).await.unwrap();
    let start = Instant::now();
    assert_eq!(ask(&sandbox).await, Err(Vec::new()));
    assert!(start.elapsed() >= Duration::from_millis(350));
    let right = ask(&sandbox).await.unwrap();

    let text = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).ok();
    assert!(text(&right).is_some());
    assert_eq!(text(&truncated), None);
    assert_eq!(truncated, reset);
    assert!(right.starts_with(&truncated) && truncated.len() * 2 <= right.len());
    assert_eq!(slow, right);
    assert!(huge.starts_with(&right) && huge.len() >= 100 * 1024 * 1024);
    let counters = sandbox.counters();
    assert_eq!((counters.overpass, counters.faults), (6, 5));
    sandbox.stop().await;
}
