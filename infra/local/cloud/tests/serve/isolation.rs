//! Who may see what.

use reqwest::Method;
use serde_json::json;

use crate::harness::Place;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_cannot_see_or_touch_anothers() {
    let place = Place::open().await;
    let (one, two) = (place.customer("cust_a"), place.customer("cust_b"));
    one.put_agent(|_| {}).await;
    let id = one.run("mine").await;
    one.ended(&id).await;
    let drafts = one.get("/v1/drafts").await;
    let draft = drafts["items"][0]["job"]["id"].as_str().unwrap();
    for (method, path) in [
        (Method::GET, format!("/v1/runs/{id}")),
        (Method::DELETE, format!("/v1/runs/{id}")),
        (Method::GET, format!("/v1/runs/{id}/leads")),
        (Method::GET, format!("/v1/drafts/{draft}")),
        (Method::POST, format!("/v1/drafts/{draft}/approve")),
        (Method::GET, "/v1/agents/agent_example".to_owned()),
    ] {
        let answered = two.call(method, &path, None).await;
        assert_eq!(answered.status, 404, "{path}: {answered:?}");
    }
    for path in ["/v1/runs", "/v1/drafts", "/v1/alerts"] {
        assert_eq!(two.get(path).await["items"], json!([]), "{path}");
    }
    // The same key of another customer is another run.
    two.put_agent(|_| {}).await;
    assert_ne!(two.run("mine").await, id);
    assert_eq!(
        two.balance().await["avail"].as_f64().map(|a| a > 90.0),
        Some(true)
    );
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_token_lets_in() {
    let place = Place::open().await;
    let missing = place.call(Method::GET, "/v1/runs", &[], None).await;
    assert_eq!(missing.status, 401);
    let forged = [("authorization", "Bearer e30.e30.e30")];
    assert_eq!(
        place
            .call(Method::GET, "/v1/runs", &forged, None)
            .await
            .status,
        401
    );
    let keys = place
        .call(Method::GET, "/.well-known/jwks.json", &[], None)
        .await;
    assert_eq!(
        (keys.status, &keys.body["keys"][0]["kty"]),
        (200, &json!("EC"))
    );
    assert!(keys.body["keys"][0].get("d").is_none());

    // A token is good for the server that it names.
    let elsewhere = place.customer("cust_a").token;
    let place = place.end_and_start().await;
    let bearer = format!("Bearer {elsewhere}");
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(
        place
            .call(Method::GET, "/v1/runs", &headers, None)
            .await
            .status,
        401
    );
    // And only for as long as it says.
    let customer = place.customer("cust_a");
    customer.get("/v1/runs").await;
    place.clock.advance(std::time::Duration::from_hours(49));
    assert_eq!(
        customer.call(Method::GET, "/v1/runs", None).await.status,
        401
    );
    place.close().await;
}
