//! The engine of this process: the interpreter over the embedded cloud, in time that stands still.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hunter_asl::Status;
use hunter_contracts::{RecipeId, RunRequest};
use hunter_core::{ports::Clock as _, store::StoreError};
use tokio::sync::RwLock;

use crate::{
    Account, Disturbance, Effect, EngineUnderTest, Fault, RunEnd, Script, Setup, Step, Terms,
    World, WorldOptions,
};

/// The embedded interpreter under test.
#[derive(Default)]
pub struct Embedded(RwLock<Option<(World, Arc<Script>)>>);

impl Embedded {
    /// Calls that Places turned away with 429.
    pub async fn turned_away(&self) -> u64 {
        let place = self.0.read().await;
        let (world, _) = place.as_ref().unwrap();
        let counters = world.sandbox().counters();
        let places = counters.by_status.get("places");
        places.and_then(|by| by.get(&429)).copied().unwrap_or(0)
    }
}

/// What the store does in the circumstances.
fn script(disturbance: Disturbance) -> Result<Arc<Script>, String> {
    match disturbance {
        Disturbance::None => Ok(Script::none()),
        Disturbance::Refused(recipe, chunk) => {
            let about = format!("{recipe}/c{chunk:04}");
            Ok(Script::new(move |effect| {
                let hit = effect.operation == "put_pack" && effect.about == about;
                hit.then(|| Fault::Refuse(StoreError::TooLarge("Item size".into())))
            }))
        }
        Disturbance::Crash(recipe) => {
            let about = format!("{recipe}/");
            let crashed = std::sync::atomic::AtomicBool::new(false);
            Ok(Script::new(move |effect| {
                let hit = effect.operation == "put_pack" && effect.about.starts_with(&about);
                let first = hit && !crashed.swap(true, std::sync::atomic::Ordering::SeqCst);
                first.then_some(Fault::CrashBefore)
            }))
        }
        Disturbance::Timeout(_) => {
            Err("functions in this process have no time limit of their own".into())
        }
    }
}

/// A step as the effect shows it by which it ends: its pack, or discovery's head.
fn step(effect: &Effect) -> Option<Step> {
    if effect.operation != "put_pack" {
        return None;
    }
    let (recipe, name) = effect.about.split_once('/')?;
    let recipe: RecipeId = serde_json::from_value(recipe.into()).unwrap();
    match name.strip_prefix('c') {
        Some(chunk) => Some((recipe, Some(chunk.parse().unwrap()))),
        None => (name == "head").then_some((recipe, None)),
    }
}

#[async_trait]
impl EngineUnderTest for Embedded {
    async fn prepare(&self, setup: Setup) -> Result<(), String> {
        let script = script(setup.disturbance)?;
        // Answers take no time here, and time stands still.
        let faults = hunter_sandbox::Faults {
            latency_p50_ms: 0,
            crawl_latency_ms: 0,
            ..setup.faults
        };
        let world = World::open(WorldOptions {
            faults: Some(faults),
            ..WorldOptions::default()
        });
        *self.0.write().await = Some((world.await, script));
        Ok(())
    }

    async fn sign_up(&self, name: &str, terms: Terms) -> Account {
        let place = self.0.read().await;
        let (world, _) = place.as_ref().unwrap();
        let store = world.cloud.store.as_ref();
        Account::sign_up(store, world.clock.now(), name, terms).await
    }

    async fn run(&self, request: &RunRequest) -> RunEnd {
        let place = self.0.read().await;
        let (world, script) = place.as_ref().unwrap();
        let engine = world.engine_with(script);
        let (waited, stored) = (world.timer.waits().len(), script.effects().len());
        let ended = engine.run(request, std::future::pending()).await;
        let (status, error, cause) = match ended.outcome.status {
            Status::Succeeded { .. } => ("SUCCEEDED", None, None),
            Status::Failed { error, cause } => ("FAILED", Some(error), Some(cause)),
            Status::TimedOut => ("TIMED_OUT", None, None),
            Status::Aborted => ("ABORTED", None, None),
        };
        let effects = script.effects();
        RunEnd {
            status: status.to_owned(),
            error,
            cause,
            elapsed: world.timer.waits().iter().skip(waited).sum::<Duration>(),
            steps: effects.iter().skip(stored).filter_map(step).collect(),
        }
    }

    async fn places(&self) -> SocketAddr {
        let place = self.0.read().await;
        let (world, _) = place.as_ref().unwrap();
        world.sandbox().address(hunter_sandbox::Endpoint::PLACES)
    }
}
