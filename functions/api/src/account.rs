//! What the customer has, and what the Hunter wants the customer to know.

use axum::{Json, extract::State};
use hunter_contracts::{AlertRecord, BillingMonth};

use crate::{
    ApiState, List, SubscriptionView,
    auth::Tenant,
    operation::operation,
    problem::Answer,
    query::{PageQuery, Parameters, list_failure},
};

operation! {
    /// Show plan, balance and what is used
    GetSubscription: GET "/v1/subscription" => subscription,
    |operation| operation.gives::<SubscriptionView>(200, "Where the customer stands.")
}

async fn subscription(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
) -> Answer<Json<SubscriptionView>> {
    let store = state.control.store.tenant(&tenant);
    let plan = store.plan().await?;
    let balance = store.balance().await?;
    let month = BillingMonth::at(state.control.clock.now());
    let used = store.api_calls(month).await?;
    let limit = plan.as_ref().map_or(0, |plan| plan.api_calls_limit);
    Ok(Json(SubscriptionView {
        plan,
        balance,
        cycle: month.to_string(),
        api_calls_used: used,
        api_calls_remaining: limit.saturating_sub(used),
    }))
}

operation! {
    /// List alerts, newest first
    ListAlerts: GET "/v1/alerts" => alerts,
    |operation| operation.page().gives::<List<AlertRecord>>(200, "The alerts.")
}

async fn alerts(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    Parameters(page): Parameters<PageQuery>,
) -> Answer<Json<List<AlertRecord>>> {
    let (limit, cursor) = page.checked()?;
    let store = state.control.store.tenant(&tenant);
    let page = store.alerts(limit, cursor).await.map_err(list_failure)?;
    Ok(Json(List {
        items: page.items,
        next_cursor: page.cursor,
    }))
}
