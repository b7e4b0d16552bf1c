//! Calls outside a run: their leads are inline, and they reserve, settle and close by themselves.

use hunter_contracts::{Control, Credits, LeadsPayload, RecipeFailure, RecipeOutput, StepResult};
use serde_json::Value;

use super::Step;
use crate::{
    recipe::Recipe,
    store::{Pack, PackKey},
};

impl<R: Recipe> Step<'_, R> {
    /// Runs the call to its answer.
    pub(super) async fn direct(&self) -> StepResult {
        let started_at = self.platform.clock.now();
        match self.try_direct().await {
            Ok(output) => StepResult {
                output,
                control: Control::done(None),
            },
            Err(failure) => StepResult {
                output: self.failed_output(&failure, started_at),
                control: self.after_failure(&failure),
            },
        }
    }

    /// A call outside a run: its leads are inline, and it reserves, settles and closes by itself.
    async fn try_direct(&self) -> Result<RecipeOutput<Value>, RecipeFailure> {
        let payload = self.payload()?;
        if payload.leads_ref().is_some() {
            return Err(RecipeFailure::invalid_input(
                "`payload.leads_ref` is for steps of a run: send the leads in `payload.leads`",
            ));
        }
        let key = PackKey::head(&self.ledger_id(), R::ID);
        if let Some(pack) = self.store.pack(&key).await?
            && let Some(output) = pack.output.clone()
        {
            self.settle_and_close(&pack).await?;
            return Ok(output);
        }
        let units = self.recipe.units_max(&payload);
        let cost_max = self.rates.price(R::ID).checked_mul(units);
        let cost_max = cost_max.unwrap_or(Credits::from_micros(i64::MAX));
        if cost_max > Credits::ZERO {
            self.store
                .reserve(&self.ledger_id(), cost_max, self.platform.clock.now())
                .await?;
        }
        match self.work_direct(&key, payload).await {
            Ok(pack) => {
                self.settle_and_close(&pack).await?;
                let output = pack
                    .output
                    .ok_or_else(|| RecipeFailure::internal("no output stored"))?;
                self.audit(&output).await?;
                Ok(output)
            }
            Err(failure) => {
                self.store
                    .close(&self.ledger_id(), self.platform.clock.now())
                    .await?;
                Err(failure)
            }
        }
    }

    async fn work_direct(&self, key: &PackKey, payload: R::Payload) -> Result<Pack, RecipeFailure> {
        let work = self.work(payload).await?;
        self.store_pack(key, Pack::default(), work).await
    }

    async fn settle_and_close(&self, pack: &Pack) -> Result<(), RecipeFailure> {
        if !pack.charges.is_empty() {
            self.settle(pack).await?;
        }
        self.store
            .close(&self.ledger_id(), self.platform.clock.now())
            .await?;
        Ok(())
    }
}
