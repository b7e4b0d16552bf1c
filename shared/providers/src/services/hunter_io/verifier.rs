//! `GET /v2/email-verifier?email=…`.

use std::time::Duration;

use async_trait::async_trait;
use hunter_contracts::{EmailAddress, RecipeFailure, Score, Verification};
use hunter_core::ports::{EmailVerifier, Verdict};

use super::{HunterIo, ID, LookupResult, wire};
use crate::{client::Call, contacts::answer};

pub(super) const OPERATION: &str = "email_verifier";
/// Between two tries of an unfinished verification, and for all of them.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
const POLL_TOTAL: Duration = Duration::from_secs(20);

#[async_trait]
impl EmailVerifier for HunterIo {
    fn name(&self) -> &str {
        ID
    }

    /// A verification that does not finish in 20 s, or that the mail host breaks off, is unknown.
    /// Half a credit is counted for what was verified; nothing is where the verifier learnt
    /// nothing, or for free-mail and throw-away mailboxes.
    async fn verify(&self, email: &EmailAddress) -> Result<Verdict, RecipeFailure> {
        let polling = answer::Polling::new(
            self.0.client.shared().clock.as_ref(),
            POLL_INTERVAL,
            POLL_TOTAL,
        );
        let unknown = Verdict {
            verification: Verification::Unknown,
            confidence: Score::ZERO,
            opted_out: false,
        };
        loop {
            let call = Call::get(OPERATION, "/v2/email-verifier").query("email", email.key());
            match self.ask::<wire::Verifier>(call).await? {
                LookupResult::Found(verified) => return self.verdict(&verified),
                LookupResult::OptedOut => {
                    return Ok(Verdict {
                        opted_out: true,
                        ..unknown
                    });
                }
                LookupResult::Undecided | LookupResult::NotFound => return Ok(unknown),
                LookupResult::Pending => {
                    if !polling.again().await {
                        return Ok(unknown);
                    }
                }
            }
        }
    }
}

impl HunterIo {
    fn verdict(&self, verified: &wire::Verifier) -> Result<Verdict, RecipeFailure> {
        let Some(verification) = verified.verification() else {
            return Err(self.unlike(OPERATION, "neither `status` nor `result`"));
        };
        let counted = matches!(
            verification,
            Verification::Valid | Verification::Invalid | Verification::AcceptAll
        );
        self.charge(OPERATION, u64::from(counted));
        Ok(Verdict {
            verification,
            confidence: wire::percent(verified.score),
            opted_out: false,
        })
    }
}
