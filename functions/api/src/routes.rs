//! The operations of the API: the one list that routes and the OpenAPI document come from.

use axum::Router;
use serde_json::Value;

use crate::{ApiState, account, agents, drafts, operation::Document, pages, runs};

macro_rules! operations {
    ($($module:ident::$name:ident,)*) => {
        /// Adds the route of every operation.
        pub(crate) fn mount(router: Router<ApiState>) -> Router<ApiState> {
            $(let router = $module::$name::mount(router);)*
            router
        }

        /// The OpenAPI document, for whoever writes the file that is served.
        #[must_use]
        pub fn openapi() -> Value {
            let mut document = Document::new();
            $($module::$name::describe(&mut document);)*
            document.end()
        }
    };
}

operations! {
    runs::StartRun,
    runs::ListRuns,
    runs::GetRun,
    runs::StopRun,
    runs::ListLeads,
    drafts::ListDrafts,
    drafts::GetDraft,
    drafts::EditDraft,
    drafts::ApproveDraft,
    drafts::RejectDraft,
    drafts::DeferDraft,
    agents::GetAgent,
    agents::PutAgent,
    agents::GetSchedule,
    agents::PutSchedule,
    account::GetSubscription,
    account::ListAlerts,
    pages::Health,
    pages::GetOpenApi,
    pages::GetErrorPage,
}
