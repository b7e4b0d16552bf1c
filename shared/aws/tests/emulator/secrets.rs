//! Secrets in Secrets Manager.

use std::{sync::Arc, time::Duration};

use aws_sdk_secretsmanager::{Client, primitives::Blob};
use hunter_contracts::{ErrorCode, TenantId};
use hunter_core::{
    ports::ManualClock,
    recipe::SecretsManager,
    test_support::suites::{self, tenant},
};

use crate::emulator::{Emulator, clock};

#[tokio::test]
async fn secrets_manager_passes_the_secrets_suite() {
    let mut emulator = Emulator::get();
    let prefix = emulator.name("hunter");
    emulator.set("HUNTER_SECRETS_PREFIX", &prefix);
    let client = Client::new(&emulator.sdk());
    let put = async |tenant: &TenantId, key: &str, value: &str| {
        let id = format!("{prefix}/{tenant}/{key}");
        let create = client.create_secret().name(&id).secret_string(value);
        if create.send().await.is_err() {
            let change = client
                .put_secret_value()
                .secret_id(&id)
                .secret_string(value);
            change.send().await.unwrap();
        }
    };
    let clock = ManualClock::new("2026-03-01T10:00:00Z".parse().unwrap());
    let secrets = emulator.aws().secrets(Arc::new(clock.clone())).unwrap();
    suites::secrets(&secrets, put, async |duration| clock.advance(duration)).await;

    // Until it is too old, what was read is used without asking again.
    let got = async || {
        secrets
            .get_secret(&tenant(), "hunter_io_key")
            .await
            .unwrap()
    };
    put(&tenant(), "hunter_io_key", "value-newest").await;
    assert_eq!(got().await, "value-changed");
    clock.advance(Duration::from_secs(299));
    assert_eq!(got().await, "value-changed");
    clock.advance(Duration::from_secs(1));
    assert_eq!(got().await, "value-newest");
}

#[tokio::test]
async fn what_is_no_text_or_is_about_to_go_is_no_key() {
    let mut emulator = Emulator::get();
    let prefix = emulator.name("hunter");
    emulator.set("HUNTER_SECRETS_PREFIX", &prefix);
    let client = Client::new(&emulator.sdk());
    let id = |key: &str| format!("{prefix}/{}/{key}", tenant());
    let create = client.create_secret().name(id("binary_key"));
    let create = create.secret_binary(Blob::new([1, 2, 3]));
    create.send().await.unwrap();
    let create = client.create_secret().name(id("going_key"));
    create.secret_string("value").send().await.unwrap();
    let delete = client.delete_secret().secret_id(id("going_key"));
    delete.recovery_window_in_days(7).send().await.unwrap();

    let secrets = emulator.aws().secrets(clock()).unwrap();
    for (key, expected) in [
        ("binary_key", ErrorCode::InvalidConfiguration),
        ("going_key", ErrorCode::SecretMissing),
    ] {
        let failure = secrets.get_secret(&tenant(), key).await.unwrap_err();
        assert_eq!(failure.code, expected, "{failure}");
        assert!(failure.message.contains(key), "{failure}");
    }
}
