//! Whole jobs through the API.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Place, files};

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_from_agent_to_approved_draft() {
    let place = Place::open().await;
    let customer = place.customer("cust_a");
    customer.put_agent(|_| {}).await;
    let before = customer.balance().await;
    assert_eq!(before, json!({ "avail": 99.99, "held": 0, "spent": 0 }));

    let id = customer.run("first").await;
    let run = customer.ended(&id).await;
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let stages = run["progress"].as_array().unwrap();
    for stage in stages
        .iter()
        .filter(|stage| stage["recipe_id"] != "subscription")
    {
        assert_eq!(stage["chunks_done"], stage["chunks_total"], "{stage}");
        assert!(stage["leads"].as_u64().unwrap() > 0, "{stage}");
    }
    let leads = customer
        .get(&format!("/v1/runs/{id}/leads?limit=100"))
        .await;
    let leads = leads["items"].as_array().unwrap();
    assert!(leads.iter().any(|lead| lead["message"].is_object()));

    let drafts = customer.get("/v1/drafts?limit=100").await;
    let drafts = drafts["items"].as_array().unwrap();
    assert_eq!(
        drafts.len() as u64,
        run["stages"]["outreach"]["succeeded"].as_u64().unwrap()
    );
    let draft = drafts[0]["job"]["id"].as_str().unwrap();
    let path = format!("/v1/drafts/{draft}/approve");
    let approved = customer.call(Method::POST, &path, Some(json!({}))).await;
    assert_eq!(approved.status, 200, "{approved:?}");
    let draft = customer.get(&format!("/v1/drafts/{draft}")).await;
    assert_eq!(draft["job"]["status"], "approved", "{draft:#}");

    let after = customer.balance().await;
    assert_eq!(after["spent"], run["charged"]);
    assert_eq!(after["held"], 0);
    let alerts = customer.get("/v1/alerts").await;
    let triggers: Vec<_> = alerts["items"].as_array().unwrap().iter().collect();
    assert!(
        triggers
            .iter()
            .any(|alert| alert["trigger_type"] == "outreach_pending_review"),
        "{alerts:#}"
    );
    // The alert went through the queue and became an e-mail to the customer.
    let mails = files(&place.directory, "outbox/mail", 1).await;
    assert!(
        mails[0].contains("To: cust_a@localhost.localdomain"),
        "{}",
        mails[0]
    );
    assert!(
        mails[0].contains("drafts wait for your review"),
        "{}",
        mails[0]
    );
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stopped_half_way_charges_what_is_finished_and_releases_the_rest() {
    let place = Place::with_latency(20).await;
    let customer = place.customer("cust_a");
    customer.put_slow_agent().await;
    let id = customer.run("slow").await;
    customer.drafted(&id, 1).await;
    assert_ne!(customer.balance().await["held"], 0);
    let stopped = customer
        .call(Method::DELETE, &format!("/v1/runs/{id}"), None)
        .await;
    assert_eq!(stopped.status, 202, "{stopped:?}");

    let run = customer.ended(&id).await;
    assert_eq!(run["status"], "stopped", "{run:#}");
    assert_eq!(run["error_code"], "STOPPED");
    let charged = run["charged"].as_f64().unwrap();
    assert!(
        charged > 0.0 && charged < run["reserved"].as_f64().unwrap(),
        "{run:#}"
    );
    let stages = run["stages"].as_object().unwrap();
    let finished: f64 = stages
        .values()
        .map(|stage| stage["credits"].as_f64().unwrap())
        .sum();
    assert!((charged - finished).abs() < 1e-9, "{run:#}");
    let balance = customer.balance().await;
    assert_eq!(
        (&balance["held"], &balance["spent"]),
        (&json!(0), &run["charged"])
    );
    // Stopping again changes nothing.
    let again = customer
        .call(Method::DELETE, &format!("/v1/runs/{id}"), None)
        .await;
    assert_eq!(
        (again.status, &again.body["status"]),
        (202, &json!("stopped"))
    );
    assert_eq!(customer.balance().await, balance);
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_goes_on_with_the_runs_of_the_one_before() {
    let place = Place::with_latency(20).await;
    let id = {
        let customer = place.customer("cust_a");
        customer.put_slow_agent().await;
        let id = customer.run("slow").await;
        customer.drafted(&id, 1).await;
        id
    };
    let place = place.end_and_start().await;
    let customer = place.customer("cust_a");
    let run = customer.ended(&id).await;
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let balance = customer.balance().await;
    assert_eq!(
        (&balance["held"], &balance["spent"]),
        (&json!(0), &run["charged"])
    );
    let stages = run["stages"].as_object().unwrap();
    let finished: f64 = stages
        .values()
        .map(|stage| stage["credits"].as_f64().unwrap())
        .sum();
    let charged = run["charged"].as_f64().unwrap();
    assert!((charged - finished).abs() < 1e-9, "nothing twice: {run:#}");
    place.close().await;
}
