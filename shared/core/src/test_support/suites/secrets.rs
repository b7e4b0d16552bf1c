//! The suite of [`SecretsManager`].

use std::time::Duration;

use hunter_contracts::{ErrorCode, TenantId};

use super::{other_tenant, tenant};
use crate::recipe::SecretsManager;

/// The longest that a changed secret may still be served as it was.
pub const SECRET_AGE_MAX: Duration = Duration::from_secs(300);

/// Everything. `put` sets a tenant's secret, also one that stands already; `pass` lets a time pass
/// on the adapter's clock.
pub async fn secrets(
    secrets: &dyn SecretsManager,
    put: impl AsyncFn(&TenantId, &str, &str),
    pass: impl AsyncFn(Duration),
) {
    let (one, two) = (tenant(), other_tenant());
    put(&one, "hunter_io_key", "value-of-one").await;
    put(&two, "hunter_io_key", "value-of-two").await;
    put(&one, "rocketchat_key", "value-rr").await;
    let got = async |tenant: &TenantId, key: &str| secrets.get_secret(tenant, key).await;

    assert_eq!(got(&one, "hunter_io_key").await.unwrap(), "value-of-one");
    assert_eq!(got(&two, "hunter_io_key").await.unwrap(), "value-of-two");
    // The specification's name for RocketReach's key is an alias.
    for name in ["rocketreach_key", "rocketchat_key"] {
        assert_eq!(got(&one, name).await.unwrap(), "value-rr");
    }

    for (tenant, key) in [(&one, "claude_api_key"), (&two, "rocketreach_key")] {
        let failure = got(tenant, key).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::SecretMissing, "{failure}");
        assert!(failure.message.contains(key), "{failure}");
    }
    // A key is a key, not a way to somebody else's.
    for key in [
        "",
        "../cust_001/hunter_io_key",
        "/hunter_io_key",
        "a b",
        "*",
    ] {
        let failure = got(&two, key).await.unwrap_err();
        let refused = matches!(
            failure.code,
            ErrorCode::SecretMissing | ErrorCode::InvalidInput
        );
        assert!(refused, "{key}: {failure}");
        assert!(!failure.message.contains("value-"), "{failure}");
    }

    put(&one, "hunter_io_key", "value-changed").await;
    pass(SECRET_AGE_MAX).await;
    assert_eq!(got(&one, "hunter_io_key").await.unwrap(), "value-changed");
    assert_eq!(got(&two, "hunter_io_key").await.unwrap(), "value-of-two");
}
