//! Tokens, good and hostile.

use std::{sync::atomic::Ordering, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    fixture::{ADA, Fixture},
    issuer::{AUDIENCE, ISSUER, Pen, hmac_token, parts},
};

async fn call(fixture: &Fixture, authorization: &str) -> (u16, String, String) {
    let headers = [("authorization", authorization)];
    let answer = fixture.send("GET /v1/subscription", &headers, None).await;
    let detail = match answer.status {
        200 => String::new(),
        status => answer.problem(status),
    };
    (
        answer.status,
        detail,
        answer.header("www-authenticate").to_owned(),
    )
}

/// Claims with some of them replaced; `null` takes one out.
fn with(mut claims: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[tokio::test]
async fn good_tokens_are_taken() {
    let fixture = Fixture::start().await;
    let claims = fixture.claims(ADA);
    let now = claims["iat"].as_i64().unwrap();
    let (rsa, p256) = (&fixture.issuer.rsa, &fixture.issuer.p256);
    let header = |more: Value| with(json!({"alg": "ES256", "kid": "ec-1"}), more);
    let stranger = Pen::p256().jwk("ec-1");
    let tokens = [
        ("RS256", rsa.token("rsa-1", &claims)),
        ("ES256", p256.token("ec-1", &claims)),
        ("one of several audiences", p256.token("ec-1", &with(claims.clone(), json!({"aud": ["x", AUDIENCE]})))),
        ("an access token of Cognito", rsa.token("rsa-1", &with(claims.clone(), json!({"aud": null, "client_id": AUDIENCE, "token_use": "access"})))),
        ("just expired", p256.token("ec-1", &with(claims.clone(), json!({"exp": now - 59})))),
        ("good in a moment", p256.token("ec-1", &with(claims.clone(), json!({"nbf": now + 59})))),
        ("a fraction of a second", p256.token("ec-1", &with(claims.clone(), json!({"exp": now as f64 + 0.5})))),
        ("no type", p256.forge(&header(json!({})), &claims)),
        ("type of RFC 9068", p256.forge(&header(json!({"typ": "at+jwt"})), &claims)),
        // What a token says about keys is not looked at: neither believed nor fetched.
        ("keys of its own", p256.forge(&header(json!({"jwk": stranger, "jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/", "x5c": ["AA=="]})), &claims)),
    ];
    for (name, token) in tokens {
        let (status, detail, _) = call(&fixture, &format!("Bearer {token}")).await;
        assert_eq!(status, 200, "{name}: {detail}");
    }
    assert_eq!(fixture.issuer.asked.load(Ordering::Relaxed), 1);
}

/// Tokens that are signed by the issuer and say something wrong.
fn wrong_claims(fixture: &Fixture) -> Vec<(&'static str, String)> {
    let claims = fixture.claims(ADA);
    let now = claims["iat"].as_i64().unwrap();
    let table = [
        ("no exp", json!({"exp": null})),
        ("exp as a text", json!({"exp": (now + 3_600).to_string()})),
        ("exp as a list", json!({"exp": [now + 3_600]})),
        ("exp true", json!({"exp": true})),
        ("expired", json!({"exp": now - 61})),
        ("expired long ago", json!({"exp": 0})),
        ("exp below zero", json!({"exp": -1e300})),
        ("nbf to come", json!({"nbf": now + 120})),
        ("nbf as a text", json!({"nbf": "0"})),
        ("iat to come", json!({"iat": now + 120})),
        ("iat as a text", json!({"iat": "now"})),
        ("no iss", json!({"iss": null})),
        (
            "another iss",
            json!({"iss": "https://issuer.example/pool2"}),
        ),
        ("iss with a slash", json!({"iss": format!("{ISSUER}/")})),
        ("iss as a list", json!({"iss": [ISSUER]})),
        ("no aud", json!({"aud": null})),
        ("another aud", json!({"aud": "client-2"})),
        ("other audiences", json!({"aud": ["client-2", "client-3"]})),
        ("no audience of all", json!({"aud": []})),
        ("aud as an object", json!({"aud": {"client-1": true}})),
        ("an audience that is no text", json!({"aud": [AUDIENCE, 1]})),
        (
            "client_id without token_use",
            json!({"aud": null, "client_id": AUDIENCE}),
        ),
        (
            "client_id of an id token",
            json!({"aud": null, "client_id": AUDIENCE, "token_use": "id"}),
        ),
        (
            "aud and client_id differ",
            json!({"aud": "client-2", "client_id": AUDIENCE, "token_use": "access"}),
        ),
        ("no tenant", json!({"tenant_id": null})),
        ("tenant as a number", json!({"tenant_id": 7})),
        ("tenant as a list", json!({"tenant_id": [ADA]})),
        ("an empty tenant", json!({"tenant_id": ""})),
        (
            "a tenant with a key separator",
            json!({"tenant_id": "cust_ada#RUN"}),
        ),
        ("a long tenant", json!({"tenant_id": "t".repeat(97)})),
    ];
    table
        .into_iter()
        .map(|(name, changes)| {
            (
                name,
                fixture
                    .issuer
                    .p256
                    .token("ec-1", &with(claims.clone(), changes)),
            )
        })
        .collect()
}

/// Tokens whose form, header or signature is wrong.
fn wrong_forms(fixture: &Fixture) -> Vec<(&'static str, String)> {
    let claims = fixture.claims(ADA);
    let (rsa, p256) = (&fixture.issuer.rsa, &fixture.issuer.p256);
    let stranger = Pen::p256();
    let good = p256.token("ec-1", &claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let es = json!({"alg": "ES256", "kid": "ec-1"});
    let rs = json!({"alg": "RS256", "kid": "rsa-1"});
    let modulus = rsa.jwk("")["n"].as_str().unwrap().to_owned();
    let none = |alg: &str| {
        let header = json!({"alg": alg, "kid": "ec-1"});
        format!("{}.", parts(&header.to_string(), &claims.to_string()))
    };
    let hs = |kid: &str| json!({"alg": "HS256", "kid": kid});
    let doubled = format!(
        "{{\"tenant_id\":\"cust_bob\",{}",
        claims.to_string().trim_start_matches('{')
    );
    let doubled = parts(&es.to_string(), &doubled);
    let doubled = format!(
        "{doubled}.{}",
        URL_SAFE_NO_PAD.encode(p256.sign(doubled.as_bytes()))
    );
    let changed = parts(&es.to_string(), &fixture.claims("cust_bob").to_string());
    let mut flipped = p256.sign(message.as_bytes());
    flipped[10] ^= 1;
    let own_key = with(es.clone(), json!({"jwk": stranger.jwk("ec-1")}));
    let deep = parts(
        &es.to_string(),
        &format!("{{\"a\":{}{}}}", "[".repeat(50), "]".repeat(50)),
    );
    let deep = format!(
        "{deep}.{}",
        URL_SAFE_NO_PAD.encode(p256.sign(deep.as_bytes()))
    );
    vec![
        ("none", none("none")),
        ("None", none("None")),
        (
            "nOnE with the signature",
            format!("{}{signature}", none("nOnE")),
        ),
        (
            "an empty alg",
            p256.forge(&json!({"alg": "", "kid": "ec-1"}), &claims),
        ),
        ("no alg", p256.forge(&json!({"kid": "ec-1"}), &claims)),
        (
            "alg as a list",
            p256.forge(&json!({"alg": ["ES256"], "kid": "ec-1"}), &claims),
        ),
        (
            "HS256 with the published secret",
            hmac_token(&hs("oct-1"), &claims, b"secret"),
        ),
        (
            "HS256 with the modulus",
            hmac_token(&hs("rsa-1"), &claims, modulus.as_bytes()),
        ),
        (
            "HS256 with the key's bytes",
            hmac_token(
                &hs("rsa-1"),
                &claims,
                &URL_SAFE_NO_PAD.decode(&modulus).unwrap(),
            ),
        ),
        (
            "HMAC said to be RS256",
            hmac_token(&rs, &claims, modulus.as_bytes()),
        ),
        (
            "RS512",
            rsa.forge(&json!({"alg": "RS512", "kid": "rsa-1"}), &claims),
        ),
        (
            "PS256",
            rsa.forge(&json!({"alg": "PS256", "kid": "rsa-1"}), &claims),
        ),
        (
            "ES256 said of an RSA key",
            rsa.forge(&json!({"alg": "ES256", "kid": "rsa-1"}), &claims),
        ),
        (
            "RS256 said of a P-256 key",
            p256.forge(&json!({"alg": "RS256", "kid": "ec-1"}), &claims),
        ),
        ("another key's id", p256.token("older", &claims)),
        ("an unknown id", p256.token("newer", &claims)),
        ("no id", p256.forge(&json!({"alg": "ES256"}), &claims)),
        ("an empty id", p256.token("", &claims)),
        ("a huge id", p256.token(&"k".repeat(300), &claims)),
        (
            "id as a number",
            p256.forge(&json!({"alg": "ES256", "kid": 1}), &claims),
        ),
        ("a stranger's key", stranger.token("ec-1", &claims)),
        (
            "a stranger's key in the token",
            stranger.forge(&own_key, &claims),
        ),
        (
            "crit",
            p256.forge(&with(es.clone(), json!({"crit": ["exp"]})), &claims),
        ),
        (
            "b64 in crit",
            p256.forge(
                &with(es.clone(), json!({"crit": ["b64"], "b64": false})),
                &claims,
            ),
        ),
        (
            "another type",
            p256.forge(&with(es.clone(), json!({"typ": "secevent+jwt"})), &claims),
        ),
        (
            "type as a number",
            p256.forge(&with(es.clone(), json!({"typ": 1})), &claims),
        ),
        ("no signature", format!("{message}.")),
        (
            "half a signature",
            format!("{message}.{}", signature.split_at(43).0),
        ),
        (
            "a zero signature",
            format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
        ),
        (
            "a flipped bit",
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(flipped)),
        ),
        ("two signatures", format!("{good}.{signature}")),
        ("five parts", format!("{good}.{good}")),
        ("two parts", message.to_owned()),
        ("one part", header.to_owned()),
        ("padding", format!("{message}.{signature}=")),
        (
            "the standard alphabet",
            format!("{message}.{}", standard(signature)),
        ),
        ("claims of another", format!("{changed}.{signature}")),
        ("a claim twice", doubled),
        ("deep claims", deep),
        ("claims that are no object", {
            let message = parts(&es.to_string(), "[]");
            format!(
                "{message}.{}",
                URL_SAFE_NO_PAD.encode(p256.sign(message.as_bytes()))
            )
        }),
        (
            "a header that is no JSON",
            format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode("alg")),
        ),
        (
            "JSON instead of a token",
            json!({"payload": payload, "signatures": [signature]})
                .to_string()
                .replace(' ', ""),
        ),
        (
            "huge",
            format!("{header}.{}.{signature}", "A".repeat(9_000)),
        ),
        ("garbage", "%%%.%%%.%%%".into()),
        ("dots", "..".into()),
        ("a word", "null".into()),
    ]
}

/// In the alphabet of plain Base64; the first character too, since one signature in fifteen holds
/// none of `-` and `_`.
fn standard(signature: &str) -> String {
    let rest: String = signature.chars().skip(1).collect();
    format!("+{}", rest.replace(['-', '_'], "+"))
}

#[tokio::test]
async fn hostile_tokens_are_refused() {
    let fixture = Fixture::start().await;
    let mut tokens = wrong_claims(&fixture);
    tokens.extend(wrong_forms(&fixture));
    assert!(tokens.len() > 70, "{}", tokens.len());
    for (name, token) in tokens {
        let (status, detail, challenge) = call(&fixture, &format!("Bearer {token}")).await;
        assert_eq!(
            (status, challenge.as_str()),
            (401, "Bearer error=\"invalid_token\""),
            "{name}"
        );
        assert!(!detail.contains("cust_"), "{name}: {detail}");
    }
    // Of all of them only one has caused a fetch besides the first: none has waited long enough.
    assert_eq!(fixture.issuer.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_request_says_who_it_is_of_once() {
    let fixture = Fixture::start().await;
    let answer = fixture.send("GET /v1/runs", &[], None).await;
    answer.problem(401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let token = fixture.token(ADA);
    for header in [
        format!("Basic {token}"),
        token.clone(),
        "Bearer".into(),
        format!("Bearer {token} {token}"),
    ] {
        assert_eq!(call(&fixture, &header).await.0, 401, "{header}");
    }
    let good = format!("Bearer {token}");
    let twice = [
        ("authorization", good.as_str()),
        ("authorization", good.as_str()),
    ];
    fixture
        .send("GET /v1/runs", &twice, None)
        .await
        .problem(401);
    let path = format!("GET /v1/runs?access_token={token}");
    fixture.send(&path, &[], None).await.problem(401);
}

#[tokio::test]
async fn tokens_end_while_the_api_runs() {
    let fixture = Fixture::start().await;
    let token = format!("Bearer {}", fixture.token(ADA));
    assert_eq!(call(&fixture, &token).await.0, 200);
    fixture.clock.advance(Duration::from_secs(3_660));
    assert_eq!(call(&fixture, &token).await.0, 401);
}

#[tokio::test]
async fn without_the_issuers_keys_tokens_cannot_be_checked() {
    use std::sync::Arc;
    let mut fixture = Fixture::start().await;
    let settings = api::JwtSettings::new(ISSUER, AUDIENCE, "tenant_id");
    // Nobody listens there; a page that is no key set.
    for url in [
        "http://127.0.0.1:1/jwks.json".to_owned(),
        format!("{}/healthz", fixture.url),
    ] {
        let clock = Arc::new(fixture.clock.clone());
        let verifier = api::JwtVerifier::remote(settings.clone(), &url, clock);
        let router = api::router(api::ApiState {
            control: fixture.cloud.control.clone(),
            verifier: Arc::new(verifier),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await });
        let before = std::mem::replace(&mut fixture.url, own);
        let answer = fixture.ask(ADA, "GET /v1/runs", None).await;
        answer.problem(503);
        assert_eq!(answer.header("retry-after"), "1");
        fixture.url = before;
    }
}

#[tokio::test]
async fn an_issuer_that_fails_once_shuts_nobody_out_for_long() {
    let fixture = Fixture::start().await;
    let token = format!("Bearer {}", fixture.token(ADA));
    fixture.issuer.is_down.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(call(&fixture, &token).await.0, 503);
    }
    assert_eq!(fixture.issuer.asked.load(Ordering::Relaxed), 1);
    fixture.issuer.is_down.store(false, Ordering::Relaxed);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(call(&fixture, &token).await.0, 200);
    // What was fetched serves on while the issuer is down, also after a token with a key of nobody.
    fixture.issuer.is_down.store(true, Ordering::Relaxed);
    for wait in [599, 1, 600] {
        fixture.clock.advance(Duration::from_secs(wait));
        let unknown = fixture.issuer.p256.token("ec-9", &fixture.claims(ADA));
        assert_eq!(call(&fixture, &format!("Bearer {unknown}")).await.0, 401);
        assert_eq!(call(&fixture, &token).await.0, 200, "{wait}");
    }
}
