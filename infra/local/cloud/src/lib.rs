//! The cloud of one machine: the same handlers, the same state machine and the same store as on
//! AWS, on an embedded DynamoDB and an embedded engine. It knows no command line and no terminal.

pub mod adapters;
pub mod agent_file;
mod cloud;
mod dynamo;
mod engine;
mod executions;
mod files;
mod functions;
pub mod journal;
mod plans;
pub mod serve;
pub mod spec;
pub mod wiring;

pub use cloud::LocalCloud;
pub use dynamo::EmbeddedDynamo;
pub use engine::{DEFINITION, Ended, Engine, is_long};
pub use executions::{LocalExecutions, Recovered};
pub use functions::{InProcessFunctions, Recipes};
pub use plans::LocalPlans;
