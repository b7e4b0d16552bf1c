//! Executions of the state machine in this process, in place of Step Functions: each in a task of
//! its own, its name and input in the journal before it begins, its ending there afterwards.
//!
//! A process that ends leaves its executions in the journal; the next one goes on with them
//! ([`LocalExecutions::recover`]), as Step Functions goes on when a worker dies.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hunter_asl::{Event, EventKind, Observer};
use hunter_contracts::{
    ErrorCode, ExecutionId, RecipeFailure, RunRequest, RunStatus, TenantId, chain,
};
use hunter_core::{
    ports::{BadEnd, Clock, ExecutionState, Executions, Started, execution_name},
    store::Store,
};
use jiff::Timestamp;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::AbortHandle,
};

use crate::{
    cloud::LocalCloud,
    engine::{Engine, is_long},
    journal::{Ending, Entry, Journal},
    spec::OutsideSpec,
};

/// How long the ending of an execution is remembered, as
/// [Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html) does.
const REMEMBERED: Duration = Duration::from_hours(90 * 24);
/// How long the end of the process waits for executions to let go.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);

/// The embedded engine behind the port. Clones share their executions.
///
/// Only so many executions are under way at once; further ones wait in line, in the order in which
/// they came. One that waits for credits gives its place up and, when it goes on, takes one again
/// only if one is free. Executions that close a run need none.
#[derive(Clone)]
pub struct LocalExecutions(Arc<Shared>);

struct Shared {
    engine: Engine,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    journal: Journal,
    outside: OutsideSpec,
    places: Arc<Semaphore>,
    running: Mutex<BTreeMap<String, Running>>,
    /// Held while the journal is asked and written: of two starts one is first.
    start: tokio::sync::Mutex<()>,
}

/// An execution under way or in line.
struct Running {
    stop: watch::Sender<bool>,
    /// Closed when the execution has ended.
    ended: watch::Receiver<()>,
    task: AbortHandle,
}

/// What became of an execution that an earlier process left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovered {
    /// It goes on.
    Resumed,
    /// It was begun with another outside than this one: its run was closed.
    Closed,
    /// Its run had ended; that was all there was to note.
    Ended,
}

impl LocalExecutions {
    /// Executions on an engine that works with an outside, `runs_max` at once (at least 1).
    #[must_use]
    pub fn new(cloud: &LocalCloud, engine: Engine, outside: OutsideSpec, runs_max: usize) -> Self {
        Self(Arc::new(Shared {
            engine,
            store: cloud.store.clone(),
            clock: cloud.clock.clone(),
            journal: cloud.journal.clone(),
            outside,
            places: Arc::new(Semaphore::new(runs_max.max(1))),
            running: Mutex::default(),
            start: tokio::sync::Mutex::default(),
        }))
    }

    /// Goes on with the executions that an earlier process left. One that was begun with another
    /// outside is closed instead: it would not find there what it began with.
    ///
    /// # Errors
    /// When the store fails or a run cannot be closed; what is left then stays in the journal.
    pub async fn recover(&self) -> Result<Vec<(Entry, Recovered)>, RecipeFailure> {
        let shared = &self.0;
        if let Ok(before) = shared.clock.now().checked_sub(REMEMBERED) {
            shared.journal.forget(before);
        }
        let mut all = Vec::new();
        for entry in shared.journal.unfinished()? {
            let recovered = shared.recover(&entry).await?;
            all.push((entry, recovered));
        }
        Ok(all)
    }

    /// Ends the work of this process and leaves its executions in the journal.
    pub async fn leave(&self) {
        let running = std::mem::take(&mut *self.0.running());
        for one in running.values() {
            one.task.abort();
        }
        let all_ended = async {
            for mut one in running.into_values() {
                while one.ended.changed().await.is_ok() {}
            }
        };
        if tokio::time::timeout(LEAVE_TIMEOUT, all_ended)
            .await
            .is_err()
        {
            tracing::warn!("executions are still at work");
        }
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(self: &Arc<Self>, entry: Entry) {
        let mut running = self.running();
        let name = entry.name();
        let (stop, stopped) = watch::channel(false);
        let (alive, ended) = watch::channel(());
        let shared = self.clone();
        let task = tokio::spawn(async move {
            shared.carry_out(&entry, stopped).await;
            drop(alive);
        });
        let task = task.abort_handle();
        running.insert(name, Running { stop, ended, task });
    }

    async fn carry_out(&self, entry: &Entry, mut stopped: watch::Receiver<bool>) {
        let (name, request) = (entry.name(), &entry.request);
        let stop = async move {
            if stopped.wait_for(|&stop| stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::pin!(stop);
        let place = tokio::select! {
            biased;
            () = &mut stop => None,
            place = self.place(request) => Some(place),
        };
        let ending = match place {
            None => Ending::Aborted,
            Some(place) => {
                tracing::info!(tenant = %request.customer_id, execution = %entry.id, "begins");
                let watcher = Watcher {
                    entry,
                    clock: &*self.clock,
                    places: &self.places,
                    place: Mutex::new(place),
                };
                let ended = self
                    .engine
                    .run_as(name.clone(), request, &watcher, stop)
                    .await;
                let ending = Ending::of(&ended.outcome.status);
                if let Err(failure) = self.close_left_open(request, &ending).await {
                    tracing::error!(execution = %entry.id, failure = chain(&failure), "the run stays open");
                }
                ending
            }
        };
        tracing::info!(tenant = %request.customer_id, execution = %entry.id, ?ending, "ended");
        let noted = self.journal.end(entry, ending, self.clock.now()).await;
        if let Err(failure) = noted {
            tracing::error!(execution = %entry.id, failure = chain(&failure), "the ending is not noted");
        }
        self.running().remove(&name);
    }

    /// A place among the executions under way.
    async fn place(&self, request: &RunRequest) -> Option<OwnedSemaphorePermit> {
        if request.close_only.is_some() {
            return None;
        }
        self.places.clone().acquire_owned().await.ok()
    }

    /// Closes the run of an execution that failed without doing so. (One that was stopped has been
    /// closed by the engine.)
    async fn close_left_open(
        &self,
        request: &RunRequest,
        ending: &Ending,
    ) -> Result<(), RecipeFailure> {
        if !matches!(ending, Ending::Failed { .. }) {
            return Ok(());
        }
        let store = self.store.tenant(&request.customer_id);
        match store.run(&request.execution_id).await? {
            Some(run) if run.completed_at.is_none() => self.close(request).await,
            _ => Ok(()),
        }
    }

    async fn close(&self, request: &RunRequest) -> Result<(), RecipeFailure> {
        self.engine.close(request).await.map_err(|error| {
            let id = &request.execution_id;
            let message = format!("closing `{id}`: {}: {}", error.error, error.cause);
            RecipeFailure::new(ErrorCode::FunctionFailed, message)
        })
    }

    async fn recover(self: &Arc<Self>, entry: &Entry) -> Result<Recovered, RecipeFailure> {
        let request = &entry.request;
        let store = self.store.tenant(&request.customer_id);
        let run = store.run(&request.execution_id).await?;
        let over = run.filter(|run| run.completed_at.is_some());
        if request.close_only.is_some() || (over.is_none() && entry.outside == self.outside) {
            self.spawn(entry.clone());
            return Ok(Recovered::Resumed);
        }
        // Also where the run has ended: what comes after its end may be missing.
        self.close(request).await?;
        let (ending, recovered) = match over.map(|run| run.status) {
            None => (Ending::Aborted, Recovered::Closed),
            Some(RunStatus::Stopped) => (Ending::Aborted, Recovered::Ended),
            Some(RunStatus::Failed) => {
                let error = "RunFailed".to_owned();
                let cause = "the run failed; its record holds the error".to_owned();
                (Ending::Failed { error, cause }, Recovered::Ended)
            }
            Some(_) => (Ending::Succeeded, Recovered::Ended),
        };
        self.journal.end(entry, ending, self.clock.now()).await?;
        Ok(recovered)
    }
}

/// Logs how far an execution is, and gives its place up while it waits for long.
struct Watcher<'a> {
    entry: &'a Entry,
    clock: &'a dyn Clock,
    places: &'a Arc<Semaphore>,
    place: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Observer for Watcher<'_> {
    fn event(&self, event: &Event<'_>) {
        // Chunks wait and work within the run.
        if !event.within.is_empty() {
            return;
        }
        let execution = &self.entry.id;
        let place = || self.place.lock().unwrap_or_else(PoisonError::into_inner);
        match &event.kind {
            EventKind::StateEntered {
                state, state_type, ..
            } if *state_type == "Task" || *state_type == "Map" => {
                tracing::info!(%execution, state, "enters");
            }
            EventKind::WaitStarted { state, until } if is_long(*until, self.clock.now()) => {
                tracing::info!(%execution, state, %until, "waits");
                *place() = None;
            }
            EventKind::StateExited { .. } if self.entry.request.close_only.is_none() => {
                let mut place = place();
                if place.is_none() {
                    *place = self.places.clone().try_acquire_owned().ok();
                }
            }
            _ => {}
        }
    }
}

#[async_trait]
impl Executions for LocalExecutions {
    async fn start_as(
        &self,
        id: &ExecutionId,
        request: &RunRequest,
    ) -> Result<Started, RecipeFailure> {
        let shared = &self.0;
        let _first = shared.start.lock().await;
        if let Some(found) = shared.journal.find(&request.customer_id, id)? {
            if found.request == *request {
                return Ok(Started::Existing);
            }
            return Err(RecipeFailure::new(
                ErrorCode::Conflict,
                format!("execution `{id}` was begun with another input: use another id"),
            ));
        }
        let entry = Entry {
            id: id.clone(),
            request: request.clone(),
            outside: shared.outside.clone(),
        };
        shared.journal.begin(&entry).await?;
        shared.spawn(entry);
        Ok(Started::New)
    }

    /// As Ctrl-C does for `hunter run`: also closes the run. Answers when that is done.
    async fn stop(&self, tenant: &TenantId, id: &ExecutionId) -> Result<(), RecipeFailure> {
        let shared = &self.0;
        let ended = shared
            .running()
            .get(&execution_name(tenant, id))
            .map(|one| {
                one.stop.send_replace(true);
                one.ended.clone()
            });
        if let Some(mut ended) = ended {
            while ended.changed().await.is_ok() {}
            return Ok(());
        }
        match shared.journal.find(tenant, id)? {
            Some(_) => Ok(()),
            None => Err(RecipeFailure::new(
                ErrorCode::NotFound,
                format!("`{id}` names no execution"),
            )),
        }
    }

    async fn describe(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionState>, RecipeFailure> {
        let found = self.0.journal.find(tenant, id)?;
        let state = |ending: Option<Ending>| ending.map_or(ExecutionState::Running, Into::into);
        Ok(found.map(|found| state(found.ending)))
    }

    async fn bad_ends(&self, since: Timestamp) -> Result<Vec<BadEnd>, RecipeFailure> {
        self.0.journal.bad_ends(since)
    }
}
