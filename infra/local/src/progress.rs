//! How far a run is, on standard error, so that pipes stay clean: a bar per recipe on a terminal,
//! else a line when a recipe begins and every few seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hunter_contracts::{RECIPES, RecipeId, Turn};
use hunter_core::recipe::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::AbortHandle;

use crate::report::text::wrapped;

/// Time between two lines.
pub(crate) const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Records done, of so many, by recipe and chunk.
type CountsByStep = BTreeMap<(RecipeId, Option<u32>), (u64, u64)>;

#[derive(Default)]
struct Counts(Mutex<CountsByStep>);

impl Counts {
    fn lock(&self) -> MutexGuard<'_, CountsByStep> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A recipe's records, summed over its chunks; absent before it begins.
    fn of(&self, recipe: RecipeId) -> Option<(u64, u64)> {
        let counts = self.lock();
        let chunks = counts.iter().filter(|((of, _), _)| *of == recipe);
        chunks.fold(None, |sum, (_, (done, total))| {
            let (d, t) = sum.unwrap_or_default();
            Some((d.saturating_add(*done), t.saturating_add(*total)))
        })
    }
}

/// The recipes that take long enough to watch.
fn watched() -> impl Iterator<Item = RecipeId> {
    let rows = RECIPES.iter().filter(|recipe| recipe.turn != Turn::Last);
    rows.map(|recipe| recipe.id)
}

/// Draws how far each recipe is.
pub struct Bars {
    bars: BTreeMap<RecipeId, ProgressBar>,
    counts: Counts,
    group: MultiProgress,
}

impl Bars {
    /// A bar per recipe.
    #[must_use]
    pub fn new() -> Self {
        let group = MultiProgress::new();
        let style = ProgressStyle::with_template("{prefix:>16} [{bar:32.cyan/blue}] {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("█▉▊▋▌▍▎▏ ");
        let bar = |recipe: RecipeId| {
            let bar = group.add(ProgressBar::new(1).with_style(style.clone()));
            bar.set_message("waiting");
            bar.set_prefix(<&str>::from(recipe));
            (recipe, bar)
        };
        Self {
            bars: watched().map(bar).collect(),
            counts: Counts::default(),
            group,
        }
    }
}

impl Default for Bars {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        for bar in self.bars.values() {
            bar.abandon();
        }
        let _ = self.group.clear();
    }
}

impl Progress for Bars {
    fn records(&self, recipe: RecipeId, chunk: Option<u32>, done: u64, total: u64) {
        let Some(bar) = self.bars.get(&recipe) else {
            return;
        };
        self.counts.lock().insert((recipe, chunk), (done, total));
        let (done, total) = self.counts.of(recipe).unwrap_or_default();
        // A length of nothing would be drawn as done.
        bar.set_length(total.max(1));
        bar.set_position(done);
        bar.set_message(format!("{done} of {total}"));
    }
}

/// Tells how far each recipe is in lines.
pub struct Lines {
    told: Arc<Told>,
    ticker: AbortHandle,
}

struct Told {
    begun: Instant,
    counts: Counts,
    write: fn(&str),
}

impl Lines {
    /// Lines at every interval, and when a recipe begins.
    #[must_use]
    pub fn new(interval: Duration, write: fn(&str)) -> Self {
        let told = Arc::new(Told {
            begun: Instant::now(),
            counts: Counts::default(),
            write,
        });
        let teller = told.clone();
        let ticker = tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                teller.tell();
            }
        });
        Self {
            told,
            ticker: ticker.abort_handle(),
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.ticker.abort();
    }
}

impl Told {
    fn tell(&self) {
        let far = |recipe| {
            let (done, total) = self.counts.of(recipe)?;
            Some(format!("{recipe} {done} of {total}"))
        };
        let far: Vec<String> = watched().filter_map(far).collect();
        let far = match far.as_slice() {
            [] => "looking for businesses".to_owned(),
            _ => far.join(", "),
        };
        let head = format!("{:>4} s  ", self.begun.elapsed().as_secs());
        (self.write)(wrapped(&head, "        ", &far).trim_end());
    }
}

impl Progress for Lines {
    fn records(&self, recipe: RecipeId, chunk: Option<u32>, done: u64, total: u64) {
        let begins = self.told.counts.of(recipe).is_none();
        let counts = &self.told.counts;
        counts.lock().insert((recipe, chunk), (done, total));
        if begins && recipe != RecipeId::Subscription {
            self.told.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn lines() -> Vec<String> {
        LINES.lock().unwrap().clone()
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_comes_when_a_recipe_begins_and_every_few_seconds() {
        let seconds = Duration::from_secs;
        let progress = Lines::new(seconds(5), |line| LINES.lock().unwrap().push(line.into()));
        tokio::time::sleep(seconds(6)).await;
        assert_eq!(lines().len(), 1);
        assert!(
            lines()[0].ends_with("s  looking for businesses"),
            "{lines:?}",
            lines = lines()
        );

        progress.records(RecipeId::Discovery, None, 1, 4);
        assert!(lines()[1].ends_with("s  discovery 1 of 4"));
        progress.records(RecipeId::Discovery, None, 4, 4);
        assert_eq!(lines().len(), 2, "no line per record");
        progress.records(RecipeId::Intelligence, Some(0), 1, 2);
        progress.records(RecipeId::Intelligence, Some(1), 0, 2);
        tokio::time::sleep(seconds(5)).await;
        assert!(lines()[3].ends_with("s  discovery 4 of 4, intelligence 1 of 4"));
        progress.records(RecipeId::Subscription, None, 1, 1);
        drop(progress);
        tokio::time::sleep(seconds(60)).await;
        assert_eq!(lines().len(), 4);
    }
}
