//! Map iterations: run together, results in order, one failure stops all.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;

use super::{Engine, Entered, INLINE_CONCURRENCY_MAX, Place};
use crate::context::Scope;
use crate::error::TaskError;
use crate::event::{EventKind, Iteration};
use crate::model::States;
use crate::path::Path;

impl Engine<'_> {
    /// Runs `processor` over the items that `items_path` selects.
    pub(super) async fn run_map(
        &self,
        entered: Entered<'_>,
        items_path: &Path,
        max_concurrency: Option<&Path>,
        processor: &States,
        scope: Scope<'_>,
    ) -> Result<Value, TaskError> {
        let Value::Array(items) = scope.select("ItemsPath", items_path)? else {
            let problem = format!("`ItemsPath` is `{items_path}`, which is no array");
            return Err(TaskError::runtime("the items are unusable", &problem));
        };
        let concurrency_max = concurrency(max_concurrency, scope)?;
        let kind = EventKind::MapStarted {
            state: entered.name,
            items: items.len(),
            concurrency_max,
        };
        self.emit(entered.place.within, kind);
        self.run_iterations(entered, &items, processor, concurrency_max)
            .await
    }

    async fn run_iterations(
        &self,
        entered: Entered<'_>,
        items: &[Value],
        processor: &States,
        concurrency_max: usize,
    ) -> Result<Value, TaskError> {
        let mut waiting = items.iter().enumerate();
        let mut running = FuturesUnordered::new();
        let mut open = BTreeMap::new();
        let mut results = BTreeMap::new();
        loop {
            while running.len() < concurrency_max
                && let Some((index, item)) = waiting.next()
            {
                let mut within = entered.place.within.to_vec();
                within.push(Iteration {
                    state: entered.name.to_owned(),
                    index,
                });
                open.insert(index, within.clone());
                running.push(async move {
                    let place = Place {
                        within: &within,
                        item: Some((index, item)),
                    };
                    self.emit_iteration(&within, |iteration| EventKind::IterationStarted {
                        iteration,
                    });
                    (index, self.run_states(processor, item.clone(), place).await)
                });
            }
            let Some((index, ended)) = running.next().await else {
                break;
            };
            let within = open.remove(&index).unwrap_or_default();
            match ended {
                Ok(output) => {
                    results.insert(index, output);
                    self.emit_iteration(&within, |iteration| EventKind::IterationSucceeded {
                        iteration,
                    });
                }
                Err(failure) => {
                    let (error, cause) = (failure.error.as_str(), failure.cause.as_str());
                    self.emit_iteration(&within, |iteration| EventKind::IterationFailed {
                        iteration,
                        error,
                        cause,
                    });
                    drop(running);
                    for within in open.values() {
                        self.emit_iteration(within, |iteration| EventKind::IterationAborted {
                            iteration,
                        });
                    }
                    return Err(failure);
                }
            }
        }
        Ok(results.into_values().collect())
    }

    fn emit_iteration<'e>(
        &self,
        within: &'e [Iteration],
        kind: impl FnOnce(&'e Iteration) -> EventKind<'e>,
    ) {
        if let Some((iteration, outer)) = within.split_last() {
            self.emit(outer, kind(iteration));
        }
    }
}

/// How many iterations may run at once; 0 in the input is no limit of its own.
fn concurrency(max: Option<&Path>, scope: Scope<'_>) -> Result<usize, TaskError> {
    let Some(path) = max else {
        return Ok(INLINE_CONCURRENCY_MAX);
    };
    let value = scope.select("MaxConcurrencyPath", path)?;
    let number = value.as_u64().ok_or_else(|| {
        let problem = format!("`{path}` is {value}, which is not a non-negative integer");
        TaskError::runtime("the concurrency is unusable", &problem)
    })?;
    Ok(match usize::try_from(number) {
        Ok(number @ 1..INLINE_CONCURRENCY_MAX) => number,
        _ => INLINE_CONCURRENCY_MAX,
    })
}
