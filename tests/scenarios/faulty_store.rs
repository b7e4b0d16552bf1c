//! Without a fault, the store that can fail is the store.

use std::{collections::BTreeSet, sync::Arc};

use hunter_aws::test_support::Embedded;
use hunter_core::{
    store::Store,
    test_support::suites::{tenant, tenant_store},
};
use hunter_e2e::{FaultyStore, Script, StandingClock};

#[tokio::test]
async fn it_passes_the_suites_of_the_store() {
    let script = Script::none();
    let embedded = Embedded::start(Arc::new(StandingClock::at_noon())).await;
    let store = FaultyStore::new(embedded.store.clone(), script.clone());
    tenant_store(store.tenant(&tenant()).as_ref()).await;
    let effects = script.effects();
    let writes: BTreeSet<_> = effects.iter().map(|effect| effect.operation).collect();
    assert!(
        writes.contains("settle") && writes.contains("audit"),
        "{writes:?}"
    );
}
