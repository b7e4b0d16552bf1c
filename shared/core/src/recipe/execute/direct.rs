//! Calls outside a run: their leads are inline, and they reserve, settle and close by themselves.

use hunter_contracts::{Action, Control, Credits, RecipeFailure, RecipeOutput, StepResult};
use serde_json::Value;

use super::Step;
use crate::{
    recipe::Recipe,
    store::{Pack, PackKey, Put},
};

impl<R: Recipe> Step<'_, R> {
    /// Runs the call to its answer.
    pub(super) async fn direct(&self) -> StepResult {
        let started_at = self.platform.clock.now();
        match self.try_direct().await {
            Ok(output) => StepResult {
                output,
                control: Control::new(Action::Done),
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
        if R::leads_ref(&payload).is_some() {
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
        let cost_max = self.recipe.cost_max(&payload, &self.platform.rates);
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
        let data = serde_json::to_value(&work.outcome.data)
            .map_err(|error| RecipeFailure::internal(format!("result is not JSON: {error}")))?;
        let pack = Pack {
            output: Some(self.output(&work, data)),
            charges: work.outcome.charges,
            ..Pack::default()
        };
        match self.store.put_pack(key, &pack).await? {
            Put::New => Ok(pack),
            Put::Existing(standing) => Ok(standing),
        }
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
