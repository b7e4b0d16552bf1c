//! The contact services of one step: every question is asked once, and a service that says that it
//! will not answer any more is not asked again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hunter_contracts::{EmailAddress, ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{
        ContactAnswer, ContactQuery, ContactServices, ContactSource, EmailVerifier, MailHost,
        MailHosts, Verdict,
    },
    recipe::Context,
    store::{Suppression, SuppressionReason, suppression_hash},
};

use crate::once::Once;

/// What became of a question.
#[derive(Debug, Clone)]
pub(crate) enum LookupResult<T> {
    /// The answer.
    Answer(T),
    /// It could not be answered.
    Failed(RecipeFailure),
    /// It was not asked: the service has said in this step that it will not answer.
    Off,
}

/// A contact service, and whether it is not asked any more.
pub(crate) struct Source {
    tool: Arc<dyn ContactSource>,
    off: AtomicBool,
    /// By domain.
    answers: Once<String, LookupResult<Arc<ContactAnswer>>>,
}

impl Source {
    pub(crate) fn name(&self) -> &str {
        self.tool.name()
    }

    /// Asks about a domain; the branches of a chain share the answer to the first one's question.
    pub(crate) async fn find(&self, query: &ContactQuery) -> LookupResult<Arc<ContactAnswer>> {
        let question = async { self.tool.find(query).await.map(Arc::new) };
        let ask = ask(&self.off, question);
        self.answers.get(query.domain.clone(), ask).await
    }
}

/// What a customer can use, for the length of a step.
#[derive(Default)]
pub(crate) struct Services {
    /// Cheapest first.
    pub(crate) sources: Vec<Source>,
    verifier: Option<Arc<dyn EmailVerifier>>,
    verifier_off: AtomicBool,
    mail_hosts: Option<Arc<dyn MailHosts>>,
    /// Why there are none, where the customer's keys could not be read.
    pub(crate) problem: Option<RecipeFailure>,
    verdicts: Once<String, LookupResult<Verdict>>,
    hosts: Once<String, Option<MailHost>>,
    suppressions: Once<String, Result<Suppression, RecipeFailure>>,
}

impl Services {
    /// Opens what the customer holds keys for. Where the keys cannot be read, the leads are
    /// enriched without, and say so.
    pub(crate) async fn open(services: &dyn ContactServices, context: &Context) -> Self {
        let source = |tool| Source {
            tool,
            off: AtomicBool::default(),
            answers: Once::default(),
        };
        match services.open(&context.caller()).await {
            Ok(tools) => Self {
                sources: tools.sources.into_iter().map(source).collect(),
                verifier: tools.verifier,
                mail_hosts: tools.mail_hosts,
                ..Self::default()
            },
            Err(failure) => {
                tracing::warn!(code = %failure.code, "no contact services: {}", failure.told());
                Self {
                    problem: Some(failure),
                    ..Self::default()
                }
            }
        }
    }

    /// The verifier's name; nothing where there is none.
    pub(crate) fn verifier(&self) -> Option<&str> {
        self.verifier.as_ref().map(|verifier| verifier.name())
    }

    /// Asks the verifier about an address.
    pub(crate) async fn verify(&self, address: &EmailAddress) -> LookupResult<Verdict> {
        let Some(verifier) = &self.verifier else {
            return LookupResult::Off;
        };
        let ask = ask(&self.verifier_off, verifier.verify(address));
        self.verdicts.get(address.key(), ask).await
    }

    /// Whether a domain takes mail; nothing where nobody could tell.
    pub(crate) async fn mail_host(&self, domain: &str) -> Option<MailHost> {
        let hosts = self.mail_hosts.as_ref()?;
        let ask = async {
            let found = hosts.mail_host(domain).await;
            found
                .inspect_err(|failure| tracing::debug!(domain, "no mail host: {}", failure.told()))
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

/// Asks a service that has not been given up: a plan that is used up or a key that is refused does
/// not change between two leads.
async fn ask<T>(
    off: &AtomicBool,
    question: impl Future<Output = Result<T, RecipeFailure>>,
) -> LookupResult<T> {
    if off.load(Ordering::Relaxed) {
        return LookupResult::Off;
    }
    let failure = match question.await {
        Ok(answer) => return LookupResult::Answer(answer),
        Err(failure) => failure,
    };
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
    LookupResult::Failed(failure)
}
