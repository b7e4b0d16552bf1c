//! Recording and replay.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use hunter_contracts::{Dollars, ErrorCode, OutsideUse};
use hunter_providers::client::{Mode, Recorder, Shared};
use serde_json::Value;

use crate::{
    client::{call, client, healthy},
    harness::{KEY, caller, server, shared},
};

fn with_recorder(mut shared: Shared, folder: &Path, mode: Mode) -> Shared {
    shared.recorder = Some(Arc::new(Recorder::new(folder.to_path_buf(), mode)));
    shared
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("plain")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_played_back_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let server = server("healthy", healthy()).await;
    let recording = with_recorder(shared(), folder.path(), Mode::Record);
    let recorded = client(server.base_url(), recording);
    let recorded = recorded.call(&caller("acme"), &call(KEY)).await.unwrap();
    assert!(!recorded.replayed);

    let replaying = with_recorder(shared(), folder.path(), Mode::Replay);
    let client = client("http://127.0.0.1:9".into(), replaying);
    let acme = caller("acme");
    // Another key asks the same.
    let played = client.call(&acme, &call("another-key-0123")).await.unwrap();
    assert!(played.replayed);
    assert_eq!(
        (played.status, played.body),
        (recorded.status, recorded.body)
    );
    assert_eq!(played.headers["content-type"], "application/json");
    client.charge(
        &acme,
        OutsideUse {
            cost: Dollars::from_nanos(7),
            ..OutsideUse::default()
        },
    );
    assert_eq!((acme.meter.calls(), acme.meter.cost()), (0, Dollars::ZERO));

    let other = call(KEY).query("page", "2");
    let failure = client.call(&acme, &other).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NotFound);
    assert!(failure.message.contains("`/v1/find`"), "{failure}");
    assert_eq!(server.requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_hold_no_keys() {
    for shape in [
        "healthy",
        "401_that_echoes_the_request",
        "200_that_echoes_the_request",
        "garbage",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = server(shape, healthy()).await;
        let shared = with_recorder(shared(), folder.path(), Mode::Record);
        let answer = client(server.base_url(), shared)
            .call(&caller("acme"), &call(KEY))
            .await;
        let [file] = &files(folder.path())[..] else {
            panic!("{shape}: one file");
        };
        let text = std::fs::read_to_string(file).unwrap();
        for part in [KEY, "7Zq", "secret=", "x-api-key\""] {
            assert!(!text.contains(part), "{shape}: `{part}` in {text}");
        }
        let recording: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(recording["path"], "/v1/find");
        assert_eq!(recording["query"][0][1], "Leipzig");
        assert_eq!(recording["query"][1][1], "[redacted]");
        assert_eq!(recording["recorded_at"], "2026-11-22T12:00:00Z");
        // What is no text is kept too, and comes back as it was.
        let replaying = crate::harness::shared();
        let replaying = with_recorder(replaying, folder.path(), Mode::Replay);
        let played = client(server.base_url(), replaying)
            .call(&caller("acme"), &call(KEY))
            .await;
        match (answer, played) {
            (Ok(answer), Ok(played)) => assert_eq!(answer.body, played.body, "{shape}"),
            (Err(failed), Err(again)) => assert_eq!(failed, again, "{shape}"),
            (one, other) => panic!("{shape}: {one:?}, then {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_replaces_no_answer_and_an_answer_every_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let status = |folder: &Path| {
        let [file] = &files(folder)[..] else {
            panic!("one file, and none that is half written");
        };
        let recording: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        recording["status"].as_u64().unwrap()
    };
    for (shape, kept) in [("400", 400), ("healthy", 200), ("500", 200)] {
        let server = server(shape, healthy()).await;
        let shared = with_recorder(shared(), folder.path(), Mode::Record);
        // Its result is of no interest here.
        let _ = client(server.base_url(), shared)
            .call(&caller("acme"), &call(KEY))
            .await;
        assert_eq!(status(folder.path()), kept, "{shape}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_spoilt_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let server = server("healthy", healthy()).await;
    let recording = with_recorder(shared(), folder.path(), Mode::Record);
    client(server.base_url(), recording)
        .call(&caller("acme"), &call(KEY))
        .await
        .unwrap();
    std::fs::write(&files(folder.path())[0], "{").unwrap();
    let replaying = with_recorder(shared(), folder.path(), Mode::Replay);
    let client = client(server.base_url(), replaying);
    let failure = client.call(&caller("acme"), &call(KEY)).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::SourceUnreadable);
    assert_eq!(server.requests(), 1);
}
