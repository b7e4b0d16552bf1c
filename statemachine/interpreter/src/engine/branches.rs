//! Map iterations and Parallel branches: run together, results in order, one failure stops all.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;

use super::{Engine, Entered, INLINE_CONCURRENCY_MAX, Place};
use crate::context::Scope;
use crate::error::TaskError;
use crate::event::{EventKind, Iteration};
use crate::model::{MapAction, MaxConcurrency, States};

/// One iteration or branch that is to run.
struct Branch<'a> {
    states: &'a States,
    input: Value,
    item: Option<(usize, &'a Value)>,
}

impl Engine<'_> {
    /// Runs a Map on its effective input, the `$` of `scope`.
    pub(super) async fn run_map(
        &self,
        entered: Entered<'_>,
        map: &MapAction,
        scope: Scope<'_>,
    ) -> Result<Value, TaskError> {
        let items = match scope.select("ItemsPath", &map.items_path)? {
            Value::Array(items) => items,
            _ => {
                let problem = format!("`ItemsPath` is `{}`, which is no array", map.items_path);
                return Err(TaskError::runtime("the items are unusable", &problem));
            }
        };
        let concurrency_max = concurrency(&map.max_concurrency, scope)?;
        let kind = EventKind::MapStarted {
            state: entered.name,
            items: items.len(),
            concurrency_max,
        };
        self.emit(entered.place.within, kind);
        let mut branches = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let input = match &map.item_selector {
                None => item.clone(),
                Some(template) => {
                    let mut scope = scope;
                    scope.context.item = Some((index, item));
                    template.evaluate(scope)?
                }
            };
            branches.push(Branch {
                states: &map.processor,
                input,
                item: Some((index, item)),
            });
        }
        self.run_branches(entered, branches, concurrency_max).await
    }

    pub(super) async fn run_parallel(
        &self,
        entered: Entered<'_>,
        branches: &[States],
        input: &Value,
    ) -> Result<Value, TaskError> {
        let item = entered.place.item;
        let branches: Vec<_> = branches
            .iter()
            .map(|states| Branch {
                states,
                input: input.clone(),
                item,
            })
            .collect();
        let count = branches.len();
        self.run_branches(entered, branches, count).await
    }

    async fn run_branches(
        &self,
        entered: Entered<'_>,
        branches: Vec<Branch<'_>>,
        concurrency_max: usize,
    ) -> Result<Value, TaskError> {
        let mut waiting = branches.into_iter().enumerate();
        let mut running = FuturesUnordered::new();
        let mut open = BTreeMap::new();
        let mut results = BTreeMap::new();
        loop {
            while running.len() < concurrency_max
                && let Some((index, branch)) = waiting.next()
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
                        item: branch.item,
                    };
                    self.emit_iteration(&within, |iteration| EventKind::IterationStarted {
                        iteration,
                    });
                    (
                        index,
                        self.run_states(branch.states, branch.input, place).await,
                    )
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

/// How many iterations may run at once; 0 in the definition is no limit of its own.
fn concurrency(max: &MaxConcurrency, scope: Scope<'_>) -> Result<usize, TaskError> {
    let number = match max {
        MaxConcurrency::Number(number) => *number,
        MaxConcurrency::Path(path) => {
            let value = scope.select("MaxConcurrencyPath", path)?;
            value.as_u64().ok_or_else(|| {
                let problem = format!("`{path}` is {value}, which is not a non-negative integer");
                TaskError::runtime("the concurrency is unusable", &problem)
            })?
        }
    };
    let number = usize::try_from(number).unwrap_or(INLINE_CONCURRENCY_MAX);
    Ok(if number == 0 {
        INLINE_CONCURRENCY_MAX
    } else {
        number.min(INLINE_CONCURRENCY_MAX)
    })
}
