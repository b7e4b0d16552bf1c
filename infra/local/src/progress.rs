//! Progress bars: one per recipe, summed over its chunks. Drawn on standard error and only on a
//! terminal, so that pipes stay clean.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use hunter_contracts::{RECIPES, RecipeId, Turn};
use hunter_core::recipe::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// A recipe's chunk.
type Step = (RecipeId, Option<u32>);
/// Records done, of so many.
type Count = (u64, u64);

/// Draws how far each recipe is.
pub struct Bars {
    bars: BTreeMap<RecipeId, ProgressBar>,
    counts: Mutex<BTreeMap<Step, Count>>,
    group: MultiProgress,
}

impl Bars {
    /// A bar per recipe that takes long enough to watch.
    #[must_use]
    pub fn new() -> Self {
        let group = MultiProgress::new();
        let style = ProgressStyle::with_template("{prefix:>16} [{bar:32.cyan/blue}] {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("█▉▊▋▌▍▎▏ ");
        let bars = RECIPES
            .iter()
            .filter(|recipe| recipe.turn != Turn::Last)
            .map(|recipe| {
                let bar = group.add(ProgressBar::new(1).with_style(style.clone()));
                bar.set_message("waiting");
                bar.set_prefix(recipe.name);
                (recipe.id, bar)
            })
            .collect();
        Self {
            bars,
            counts: Mutex::default(),
            group,
        }
    }

    /// Leaves the bars as they stand.
    pub fn finish(&self) {
        for bar in self.bars.values() {
            bar.abandon();
        }
        let _ = self.group.clear();
    }
}

impl Default for Bars {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Bars {
    fn records(&self, recipe: RecipeId, chunk: Option<u32>, done: u64, total: u64) {
        let Some(bar) = self.bars.get(&recipe) else {
            return;
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.insert((recipe, chunk), (done, total));
        let (done, total) = counts
            .iter()
            .filter(|((r, _), _)| *r == recipe)
            .fold((0_u64, 0_u64), |(d, t), (_, (done, total))| {
                (d.saturating_add(*done), t.saturating_add(*total))
            });
        drop(counts);
        // A length of nothing would be drawn as done.
        bar.set_length(total.max(1));
        bar.set_position(done);
        bar.set_message(format!("{done} of {total}"));
    }
}
