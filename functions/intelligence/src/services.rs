//! The contact services of one step: every question is asked once, and a service that says that it
//! will not answer any more is not asked again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{ContactAnswer, ContactQuery, ContactServices, ContactTools, MailHost, Verdict},
    recipe::Context,
    store::{Suppression, SuppressionReason, suppression_hash},
};

use crate::once::Once;

/// What became of a question.
#[derive(Debug, Clone)]
pub(crate) enum Asked<T> {
    /// The answer.
    Answer(T),
    /// It could not be answered.
    Failed(RecipeFailure),
    /// It was not asked: the service has said in this step that it will not answer.
    Off,
}

/// What a customer can use, for the length of a step.
#[derive(Default)]
pub(crate) struct Services {
    tools: ContactTools,
    /// By source: whether it is not asked any more.
    sources_off: Vec<AtomicBool>,
    verifier_off: AtomicBool,
    /// Why there are none, where the customer's keys could not be read.
    pub(crate) problem: Option<RecipeFailure>,
    answers: Once<(usize, String), Asked<Arc<ContactAnswer>>>,
    verdicts: Once<String, Asked<Verdict>>,
    hosts: Once<String, Option<MailHost>>,
    suppressions: Once<String, Result<Suppression, RecipeFailure>>,
}

impl Services {
    /// Opens what the customer holds keys for. Where the keys cannot be read, the leads are
    /// enriched without, and say so.
    pub(crate) async fn open(services: &dyn ContactServices, context: &Context) -> Self {
        match services.open(&context.caller()).await {
            Ok(tools) => Self {
                sources_off: tools
                    .sources
                    .iter()
                    .map(|_| AtomicBool::default())
                    .collect(),
                tools,
                ..Self::default()
            },
            Err(failure) => {
                tracing::warn!(code = %failure.code, "no contact services: {}", failure.message);
                Self {
                    problem: Some(failure),
                    ..Self::default()
                }
            }
        }
    }

    /// The names of the sources, cheapest first.
    pub(crate) fn sources(&self) -> Vec<String> {
        let names = self.tools.sources.iter().map(|source| source.name());
        names.map(str::to_owned).collect()
    }

    /// Asks a source about a domain; the branches of a chain share the answer to the first one's
    /// question.
    pub(crate) async fn find(
        &self,
        source: usize,
        query: &ContactQuery,
    ) -> Asked<Arc<ContactAnswer>> {
        let (Some(tool), Some(off)) =
            (self.tools.sources.get(source), self.sources_off.get(source))
        else {
            return Asked::Off;
        };
        let ask = async {
            if off.load(Ordering::Relaxed) {
                return Asked::Off;
            }
            match tool.find(query).await {
                Ok(answer) => Asked::Answer(Arc::new(answer)),
                Err(failure) => given_up(failure, off),
            }
        };
        self.answers.get((source, query.domain.clone()), ask).await
    }

    /// The verifier's name; nothing where there is none.
    pub(crate) fn verifier(&self) -> Option<&str> {
        self.tools.verifier.as_ref().map(|verifier| verifier.name())
    }

    /// Asks the verifier about an address.
    pub(crate) async fn verify(&self, address: &str) -> Asked<Verdict> {
        let Some(verifier) = &self.tools.verifier else {
            return Asked::Off;
        };
        let ask = async {
            if self.verifier_off.load(Ordering::Relaxed) {
                return Asked::Off;
            }
            match verifier.verify(address).await {
                Ok(verdict) => Asked::Answer(verdict),
                Err(failure) => given_up(failure, &self.verifier_off),
            }
        };
        self.verdicts.get(address.to_lowercase(), ask).await
    }

    /// Whether a domain takes mail; nothing where nobody could tell.
    pub(crate) async fn mail_host(&self, domain: &str) -> Option<MailHost> {
        let hosts = self.tools.mail_hosts.as_ref()?;
        let ask = async {
            let found = hosts.mail_host(domain).await;
            found
                .inspect_err(|failure| tracing::debug!(domain, "no mail host: {}", failure.message))
                .ok()
        };
        self.hosts.get(domain.to_owned(), ask).await
    }

    /// Puts an address on the suppression list because its owner opted out.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn suppress(
        &self,
        context: &Context,
        address: &str,
        source: &str,
    ) -> Result<Suppression, RecipeFailure> {
        let key = suppression_hash(&context.tenant, address);
        let write = context.suppress(address, SuppressionReason::OptedOut, source);
        self.suppressions.get(key, write).await
    }
}

/// A failure, and whether the service is to be left alone for the rest of the step: a plan that is
/// used up or a key that is refused does not change between two leads.
fn given_up<T>(failure: RecipeFailure, off: &AtomicBool) -> Asked<T> {
    let for_good = matches!(
        failure.code,
        ErrorCode::ApiQuotaExceeded
            | ErrorCode::QuotaExceeded
            | ErrorCode::AuthenticationFailed
            | ErrorCode::SecretMissing
            | ErrorCode::InvalidConfiguration
    );
    if for_good {
        off.store(true, Ordering::Relaxed);
    }
    Asked::Failed(failure)
}
