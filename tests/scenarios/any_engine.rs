//! The scenarios of any engine, on the embedded interpreter.

use hunter_e2e::{Disturbance, Embedded, EngineUnderTest as _, Setup, scenarios};

/// A test for each scenario.
macro_rules! on_the_embedded_interpreter {
    ($($scenario:ident),+ $(,)?) => {$(
        #[tokio::test]
        async fn $scenario() {
            scenarios::$scenario(&Embedded::default()).await;
        }
    )+};
}

on_the_embedded_interpreter!(
    success,
    partial,
    continue_on_failure,
    retry_by_policy,
    required_recipe_fails,
    crash,
    no_credits,
    five_chunks,
);

/// The one scenario that needs Lambda: `hunter-discovery-times-out` shows here what the machine does.
#[tokio::test]
async fn a_function_here_has_no_time_limit_of_its_own() {
    let disturbance = Disturbance::Timeout(hunter_contracts::RecipeId::Discovery);
    let setup = Setup {
        disturbance,
        ..Setup::default()
    };
    assert!(Embedded::default().prepare(setup).await.is_err());
}
