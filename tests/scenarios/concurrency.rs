//! The same execution, twice at once.

use hunter_contracts::{ErrorCode, RunStatus};
use hunter_e2e::{Customer, Script, target};

use crate::crashes::{RESULTS, clean, lanes, small_world};

#[tokio::test]
async fn two_engines_on_one_execution_make_one_run() {
    let world = small_world().await;
    let (expected, _) = clean(&world).await;
    for round in 0..4 {
        let terms = lanes(1 + round);
        let customer = Customer::sign_up(&world, &format!("cust_twin_{round}"), terms).await;
        let request = customer.request("exec_small", target(RESULTS));
        let (one, other) = (world.engine(), world.engine_with(&Script::none()));
        let (first, second) = tokio::join!(
            one.run(&request, std::future::pending()),
            other.run(&request, std::future::pending()),
        );
        let failures: Vec<_> = [first.failure, second.failure]
            .into_iter()
            .flatten()
            .collect();
        // Whoever comes when the other has ended is told so.
        assert!(failures.len() < 2, "{failures:?}");
        assert!(
            failures.iter().all(|f| f.code == ErrorCode::Conflict),
            "{failures:?}"
        );
        let result = customer.result(&request.execution_id).await;
        assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
        result.assert_sound();
        result.assert_adds_up();
        assert_eq!(result.essence(), expected, "round {round}");
        let runs = customer.store.runs(10, None).await.unwrap().items;
        assert_eq!(runs.len(), 1);
    }
}
