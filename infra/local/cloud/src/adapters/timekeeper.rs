//! The timekeeper, in place of EventBridge Scheduler: schedules in `schedules.json`, and a ticker
//! that says when one is due.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use hunter_contracts::{AgentId, AgentSchedule, RecipeFailure, ScheduleTick, TenantId, chain};
use hunter_core::{
    ports::{Clock, Schedules},
    rules::ScheduleExpression,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify};

use crate::files::{read_json, write_json};

/// How late a tick may be sent. Times that passed longer ago, while this machine was off or asleep,
/// are not made up for.
const LATE_MAX: SignedDuration = SignedDuration::from_secs(60);
/// How often the clock is looked at: it may be set, and the machine may have slept.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Keeps schedules and says when they are due. Clones share their schedules.
#[derive(Clone)]
pub struct Timekeeper {
    file: PathBuf,
    clock: Arc<dyn Clock>,
    schedules: Arc<Mutex<BTreeMap<Key, Kept>>>,
    changed: Arc<Notify>,
}

type Key = (TenantId, AgentId);

/// A schedule as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    customer_id: TenantId,
    agent_id: AgentId,
    schedule: AgentSchedule,
    /// When it was due last, or else when it was set: a rate counts from here.
    due_last: Timestamp,
}

impl Kept {
    fn key(&self) -> Key {
        (self.customer_id.clone(), self.agent_id.clone())
    }

    /// The latest time up to now that was not sent yet.
    fn due(&self, now: Timestamp) -> Result<Option<Timestamp>, RecipeFailure> {
        let AgentSchedule {
            expression,
            timezone,
            enabled,
        } = &self.schedule;
        if !enabled {
            return Ok(None);
        }
        let parsed = ScheduleExpression::parse(expression, timezone)?;
        // A rate keeps its beat however long nobody looked; a cron expression has none to keep.
        let mut from = self.due_last;
        if !expression.starts_with("rate")
            && let Ok(earliest) = now.checked_sub(LATE_MAX)
        {
            from = from.max(earliest);
        }
        let mut latest = None;
        while let Some(next) = parsed.next_after(from).filter(|&next| next <= now) {
            latest = Some(next);
            from = next;
        }
        Ok(latest)
    }
}

/// A time that was due.
#[derive(Debug, Clone, PartialEq)]
struct Due {
    tick: ScheduleTick,
    is_late: bool,
}

impl Timekeeper {
    /// The timekeeper of a directory.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` when its file cannot be read.
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self, RecipeFailure> {
        let file = directory.join("schedules.json");
        let kept: Option<Vec<Kept>> = read_json(&file)?;
        let schedules = kept
            .unwrap_or_default()
            .into_iter()
            .map(|kept| (kept.key(), kept))
            .collect();
        Ok(Self {
            file,
            clock,
            schedules: Arc::new(Mutex::new(schedules)),
            changed: Arc::default(),
        })
    }

    /// Calls `send` with each tick when it is due, for as long as it is polled. A tick whose sending
    /// this process did not live to see is sent again within a minute; it starts the same run.
    pub async fn keep<F, Fut>(&self, send: F)
    where
        F: Fn(ScheduleTick) -> Fut,
        Fut: Future<Output = ()>,
    {
        loop {
            for Due { tick, is_late } in self.due().await {
                let (tenant, agent, time) =
                    (&tick.customer_id, &tick.agent_id, tick.scheduled_time);
                if is_late {
                    tracing::warn!(%tenant, %agent, %time, "this time of a schedule was missed");
                } else {
                    tracing::info!(%tenant, %agent, %time, "a schedule is due");
                    send(tick.clone()).await;
                }
                if let Err(failure) = self.sent(&tick).await {
                    tracing::error!(failure = chain(&failure), "schedules cannot be kept");
                }
            }
            let changed = self.changed.notified();
            let _ = tokio::time::timeout(LOOK_INTERVAL, changed).await;
        }
    }

    async fn due(&self) -> Vec<Due> {
        let now = self.clock.now();
        let mut all = Vec::new();
        for kept in self.schedules.lock().await.values() {
            match kept.due(now) {
                Ok(None) => {}
                Ok(Some(time)) => all.push(Due {
                    tick: ScheduleTick {
                        customer_id: kept.customer_id.clone(),
                        agent_id: kept.agent_id.clone(),
                        scheduled_time: time,
                    },
                    is_late: now.duration_since(time) > LATE_MAX,
                }),
                Err(failure) => {
                    tracing::warn!(agent = %kept.agent_id, failure = chain(&failure), "no schedule")
                }
            }
        }
        all
    }

    async fn sent(&self, tick: &ScheduleTick) -> Result<(), RecipeFailure> {
        let mut schedules = self.schedules.lock().await;
        let key = (tick.customer_id.clone(), tick.agent_id.clone());
        if let Some(kept) = schedules.get_mut(&key) {
            kept.due_last = kept.due_last.max(tick.scheduled_time);
        }
        self.write(&schedules).await
    }

    async fn write(&self, schedules: &BTreeMap<Key, Kept>) -> Result<(), RecipeFailure> {
        let all: Vec<&Kept> = schedules.values().collect();
        write_json(&self.file, &all).await
    }
}

#[async_trait]
impl Schedules for Timekeeper {
    async fn put(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        schedule: &AgentSchedule,
    ) -> Result<(), RecipeFailure> {
        ScheduleExpression::parse(&schedule.expression, &schedule.timezone)?;
        let mut schedules = self.schedules.lock().await;
        let before = schedules.get(&(tenant.clone(), agent.clone()));
        if before.is_some_and(|kept| kept.schedule == *schedule) {
            return Ok(());
        }
        let kept = Kept {
            customer_id: tenant.clone(),
            agent_id: agent.clone(),
            schedule: schedule.clone(),
            due_last: self.clock.now(),
        };
        let mut changed = schedules.clone();
        changed.insert(kept.key(), kept);
        // The file first: what is not kept is not promised.
        self.write(&changed).await?;
        *schedules = changed;
        drop(schedules);
        self.changed.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::ManualClock;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn schedule(expression: &str, timezone: &str) -> AgentSchedule {
        AgentSchedule {
            expression: expression.into(),
            timezone: timezone.into(),
            enabled: true,
        }
    }

    /// The times that are due, each with whether it is too late; they count as sent.
    async fn due(keeper: &Timekeeper) -> Vec<(String, bool)> {
        let due = keeper.due().await;
        for one in &due {
            keeper.sent(&one.tick).await.unwrap();
        }
        due.into_iter()
            .map(|due| (due.tick.scheduled_time.to_string(), due.is_late))
            .collect()
    }

    async fn put(keeper: &Timekeeper, schedule: &AgentSchedule) -> Result<(), RecipeFailure> {
        let (tenant, agent) = (TenantId::derived("t", "1"), AgentId::derived("a", "1"));
        keeper.put(&tenant, &agent, schedule).await
    }

    #[tokio::test]
    async fn a_rate_keeps_its_beat_over_a_restart_and_makes_nothing_up() {
        let directory = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(at("2026-03-01T10:00:00Z"));
        let open = || Timekeeper::open(directory.path(), Arc::new(clock.clone())).unwrap();
        let keeper = open();
        let hourly = schedule("rate(1 hour)", "UTC");
        put(&keeper, &hourly).await.unwrap();
        assert_eq!(due(&keeper).await, []);
        clock.advance(Duration::from_secs(3_605));
        assert_eq!(
            due(&keeper).await,
            [("2026-03-01T11:00:00Z".to_owned(), false)]
        );
        assert_eq!(due(&keeper).await, [], "sent once");

        // Set again with nothing new, it goes on; three times pass while nobody looks.
        put(&keeper, &hourly).await.unwrap();
        clock.advance(Duration::from_secs(3 * 3_600 + 600));
        let keeper = open();
        assert_eq!(
            due(&keeper).await,
            [("2026-03-01T14:00:00Z".to_owned(), true)]
        );
        clock.advance(Duration::from_secs(3_000));
        assert_eq!(
            due(&keeper).await,
            [("2026-03-01T15:00:00Z".to_owned(), false)]
        );
    }

    #[tokio::test]
    async fn a_cron_time_is_read_in_its_zone() {
        let directory = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(at("2026-07-01T05:59:30Z"));
        let keeper = Timekeeper::open(directory.path(), Arc::new(clock.clone())).unwrap();
        let morning = schedule("cron(0 8 ? * MON-FRI *)", "Europe/Vienna");
        put(&keeper, &morning).await.unwrap();
        assert_eq!(due(&keeper).await, []);
        clock.advance(Duration::from_secs(40));
        assert_eq!(
            due(&keeper).await,
            [("2026-07-01T06:00:00Z".to_owned(), false)]
        );
        clock.advance(Duration::from_hours(24 * 400 + 2));
        assert_eq!(
            due(&keeper).await,
            [],
            "times long past are not even looked for"
        );
        let off = AgentSchedule {
            enabled: false,
            ..schedule("rate(1 minute)", "UTC")
        };
        put(&keeper, &off).await.unwrap();
        clock.advance(Duration::from_secs(120));
        assert_eq!(due(&keeper).await, [], "switched off");
    }
}
