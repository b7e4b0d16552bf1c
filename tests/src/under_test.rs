//! What a scenario needs of an engine, so that the same scenario runs on each.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use hunter_contracts::{RecipeId, RunRequest};
use hunter_sandbox::Faults;

use crate::{Account, Terms};

/// Something that goes wrong apart from the outside services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// Nothing.
    None,
    /// The store takes the result of a recipe for one chunk never: it says that it is too large.
    Refused(RecipeId, u32),
    /// The process of a recipe's function dies once, in the middle of an invocation.
    Crash(RecipeId),
    /// A recipe's function takes longer than it may, every time.
    Timeout(RecipeId),
}

/// The circumstances of a scenario.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Of the outside services.
    pub faults: Faults,
    /// Of the cloud.
    pub disturbance: Disturbance,
}

impl Default for Setup {
    /// All is well.
    fn default() -> Self {
        Self {
            faults: Faults::none(),
            disturbance: Disturbance::None,
        }
    }
}

/// A recipe's step that came to its end: the recipe, and the chunk within the fan-out.
pub type Step = (RecipeId, Option<u32>);

/// How an execution ended.
#[derive(Debug)]
pub struct RunEnd {
    /// As `DescribeExecution` says, as in `SUCCEEDED`.
    pub status: String,
    /// The name of the error.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
    /// From its start to its end, in the engine's time.
    pub elapsed: Duration,
    /// The steps in the order in which they ended.
    pub steps: Vec<Step>,
}

/// A state machine's engine with everything that the machine needs: functions, a store, the
/// sandbox. It is in one scenario at a time.
#[async_trait]
pub trait EngineUnderTest: Send + Sync {
    /// Makes the circumstances.
    ///
    /// # Errors
    /// Why this engine cannot have them.
    async fn prepare(&self, setup: Setup) -> Result<(), String>;

    /// A new customer.
    async fn sign_up(&self, name: &str, terms: Terms) -> Account;

    /// Runs an execution to its end.
    async fn run(&self, request: &RunRequest) -> RunEnd;

    /// Where Places is.
    async fn places(&self) -> SocketAddr;
}
