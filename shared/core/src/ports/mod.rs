//! The ports to the outside: time, models, contact services, sources of places, web sites, queues,
//! mail, alerts, and whoever runs the state machine.

mod answer;
mod clock;
mod contacts;
mod delivery;
mod executions;
mod models;
mod places;
mod sites;

pub use clock::{Clock, Ids, ManualClock, SequentialIds, SystemClock, SystemIds};
pub use contacts::{
    CompanyProfile, ContactAnswer, ContactQuery, ContactServices, ContactSource, ContactTools,
    EmailVerifier, FoundContact, MailHost, MailHosts, NoContactServices, Verdict,
};
pub use delivery::{
    AlertPublisher, DeadLetter, Email, Mailer, Queue, Received, StoredOnly, raise_alert,
};
pub use executions::{
    BadEnd, ExecutionState, Executions, NoSchedules, Schedules, Started, execution_name,
};
pub use models::{Model, ModelChain, ModelRequest, Models, NoModels, Question, RULES};
pub use places::{FetchFailure, PlaceBatch, PlaceQuery, PlaceSource, PlaceSources, RawPlace};
pub use sites::{FetchedPage, SiteFetcher};
