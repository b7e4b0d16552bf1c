//! The operations of the API: the one table that routes and the OpenAPI document come from.

use axum::{
    Router,
    routing::{MethodFilter, on},
};

use crate::{ApiState, account, agents, drafts, pages, runs};

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $method:ident $path:literal => $handler:path,)*) => {
        /// An operation of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The method, as in `POST`.
            #[must_use]
            pub const fn method(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($method),)*
                }
            }

            /// The path, as in `/v1/runs/{id}`.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }
        }

        /// Adds the route of every operation.
        pub(crate) fn mount(router: Router<ApiState>) -> Router<ApiState> {
            router$(.route($path, on(MethodFilter::$method, $handler)))*
        }
    };
}

operations! {
    /// Starts a run.
    StartRun: POST "/v1/runs" => runs::start,
    /// Lists runs, newest first.
    ListRuns: GET "/v1/runs" => runs::list,
    /// Shows a run and how far it is.
    GetRun: GET "/v1/runs/{id}" => runs::show,
    /// Stops a run.
    StopRun: DELETE "/v1/runs/{id}" => runs::stop,
    /// Lists the leads of a run, best first.
    ListLeads: GET "/v1/runs/{id}/leads" => runs::leads,
    /// Lists drafts, newest run first.
    ListDrafts: GET "/v1/drafts" => drafts::list,
    /// Shows a draft.
    GetDraft: GET "/v1/drafts/{id}" => drafts::show,
    /// Changes a draft's text or subject.
    EditDraft: PATCH "/v1/drafts/{id}" => drafts::edit,
    /// Approves a draft. Nothing is sent.
    ApproveDraft: POST "/v1/drafts/{id}/approve" => drafts::approve,
    /// Rejects a draft.
    RejectDraft: POST "/v1/drafts/{id}/reject" => drafts::reject,
    /// Puts a draft off.
    DeferDraft: POST "/v1/drafts/{id}/defer" => drafts::defer,
    /// Shows an agent's configuration.
    GetAgent: GET "/v1/agents/{id}" => agents::show,
    /// Sets an agent's configuration.
    PutAgent: PUT "/v1/agents/{id}" => agents::put,
    /// Shows when an agent runs by itself.
    GetSchedule: GET "/v1/agents/{id}/schedule" => agents::schedule,
    /// Sets when an agent runs by itself.
    PutSchedule: PUT "/v1/agents/{id}/schedule" => agents::put_schedule,
    /// Shows plan, balance and what is used.
    GetSubscription: GET "/v1/subscription" => account::subscription,
    /// Lists alerts, newest first.
    ListAlerts: GET "/v1/alerts" => account::alerts,
    /// Says that the API answers.
    Health: GET "/healthz" => pages::health,
    /// The OpenAPI document.
    GetOpenApi: GET "/v1/openapi.json" => pages::openapi,
    /// What an error code means.
    GetErrorPage: GET "/v1/errors/{code}" => pages::error_page,
}

impl Operation {
    /// The name in the OpenAPI document, as in `StartRun`.
    #[must_use]
    pub fn id(self) -> String {
        format!("{self:?}")
    }

    /// Whether anybody may call it, without a token.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Health | Self::GetOpenApi | Self::GetErrorPage)
    }
}
