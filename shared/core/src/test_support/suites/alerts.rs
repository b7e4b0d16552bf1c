//! The suite of [`AlertPublisher`].

use hunter_contracts::{
    AlertContext, AlertId, AlertRecord, AlertTrigger, ErrorCode, ExecutionId, RecipeId, Severity,
};

use super::tenant;
use crate::ports::AlertPublisher;

/// An alert of [`tenant`].
#[must_use]
pub fn alert(id: &str, trigger: AlertTrigger, severity: Severity) -> AlertRecord {
    AlertRecord {
        id: AlertId::derived("alert", id),
        customer_id: tenant(),
        trigger_type: trigger,
        severity,
        title: "Discovery failed — Straße".into(),
        message: "The source said \"no\" <twice>\nand then & again".into(),
        context: AlertContext {
            recipe_id: Some(RecipeId::Discovery),
            execution_id: Some(ExecutionId::derived("exec", "1")),
            error_code: Some(ErrorCode::ApiRateLimit),
        },
        action_required: true,
        suggested_action: Some("try again tomorrow".into()),
        created_at: "2026-03-01T10:00:00Z".parse().unwrap(),
        expires_at: "2026-03-08T10:00:00Z".parse().unwrap(),
        read: false,
    }
}

/// Everything. `delivered` answers the copies of an alert that arrived.
pub async fn alerts(
    publisher: &dyn AlertPublisher,
    delivered: impl AsyncFn(&AlertId) -> Vec<AlertRecord>,
) {
    let failed = alert("1", AlertTrigger::RecipeFailed, Severity::Error);
    let waiting = alert("2", AlertTrigger::OutreachPendingReview, Severity::Info);
    // At least once: the same alert may be published again.
    publisher.publish(&failed).await.unwrap();
    publisher.publish(&failed).await.unwrap();
    publisher.publish(&waiting).await.unwrap();
    for alert in [&failed, &waiting] {
        let copies = delivered(&alert.id).await;
        assert!(!copies.is_empty(), "`{}` did not arrive", alert.id);
        assert!(copies.iter().all(|copy| copy == alert), "{copies:?}");
    }
}
