//! What a lead costs at list prices, by what the customer can use.
//!
//! The shares are those of a run of the sandbox's town of 200 dentists (`hunter demo`), rounded: a
//! real run differs with its sites and its services.

use hunter_contracts::{Credits, Dollars, Purpose, RECIPES, RecipeFailure, RecipeId};
use hunter_core::ports::ContactTools;
use hunter_providers::{Kind, models::TokenPrice, service};
use serde::Serialize;

use super::Doctor;

/// What a recipe costs per lead.
#[derive(Debug, Clone, Serialize)]
pub struct RecipeCost {
    /// The recipe.
    pub recipe: RecipeId,
    /// What the customer is charged.
    pub credits: Credits,
    /// What outside services are asked for, and ask for.
    pub uses: Vec<UseCost>,
    /// Their sum.
    pub dollars: Dollars,
}

/// What one use costs per lead.
#[derive(Debug, Clone, Serialize)]
pub struct UseCost {
    /// The service.
    pub service: String,
    /// What is asked; a model's purpose.
    pub operation: String,
    /// The model, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Calls per lead.
    pub calls: f64,
    /// Tokens read per lead.
    pub input_tokens: u64,
    /// Of which from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens written per lead.
    pub output_tokens: u64,
    /// Dollars per lead.
    pub dollars: Dollars,
}

/// What a purpose takes per lead.
struct Tokens {
    calls: f64,
    input: u64,
    cached: u64,
    output: u64,
}

const fn tokens(purpose: Purpose) -> Tokens {
    let (calls, input, cached, output) = match purpose {
        // Many leads in one request.
        Purpose::Scoring => (0.05, 90, 10, 35),
        Purpose::Routing => (0.03, 45, 0, 20),
        Purpose::Writing => (1.05, 1_250, 0, 260),
        Purpose::Judging => (1.0, 830, 0, 30),
        // Only where what was written is no good as it is.
        Purpose::Polishing => (0.05, 60, 0, 15),
    };
    Tokens {
        calls,
        input,
        cached,
        output,
    }
}

/// Leads whose own site names nobody: the first contact service is asked about them.
const UNNAMED: f64 = 0.46;
/// Each further one is asked about those that the one before it left open.
const LEFT_OPEN: f64 = 0.3;
/// Leads of which a company's profile is wanted.
const PROFILES: f64 = 0.27;
/// Searches per screened lead at depth 3: a page holds 20 places, most of them known already.
const SEARCHES: f64 = 0.3;

impl Doctor<'_> {
    pub(super) async fn costs(
        &self,
        sources: &[(String, String)],
        tools: &ContactTools,
    ) -> Result<Vec<RecipeCost>, RecipeFailure> {
        let mut costs = Vec::new();
        for recipe in RECIPES.iter().map(|recipe| recipe.id) {
            let mut uses = match (recipe, sources.first()) {
                (RecipeId::Discovery, Some((name, _))) => {
                    vec![called(name, "search", SEARCHES)]
                }
                (RecipeId::Intelligence, _) => contacts(tools),
                _ => Vec::new(),
            };
            for &purpose in recipe.spec().purposes {
                uses.extend(self.model(purpose).await?);
            }
            let credits = self.rates.price(recipe);
            if credits > Credits::ZERO || !uses.is_empty() {
                costs.push(RecipeCost {
                    recipe,
                    credits,
                    dollars: uses.iter().map(|each| each.dollars).sum(),
                    uses,
                });
            }
        }
        Ok(costs)
    }

    /// What the first model of a purpose costs; nothing where the rules engine decides.
    async fn model(&self, purpose: Purpose) -> Result<Option<UseCost>, RecipeFailure> {
        let chain = self.models.chain(&self.tenant, purpose).await?;
        let Some(model) = chain.first() else {
            return Ok(None);
        };
        let Tokens {
            calls,
            input,
            cached,
            output,
        } = tokens(purpose);
        Ok(Some(UseCost {
            service: model.provider.id().to_owned(),
            operation: purpose.to_string(),
            model: Some(model.name.clone()),
            calls,
            input_tokens: input,
            cached_tokens: cached,
            output_tokens: output,
            dollars: price(&model.price, input, cached, output),
        }))
    }
}

fn price(price: &TokenPrice, input: u64, cached: u64, output: u64) -> Dollars {
    let read = price.input.per_million(input.saturating_sub(cached));
    let kept = price.cached.unwrap_or(price.input).per_million(cached);
    read.plus(kept).plus(price.output.per_million(output))
}

/// The contact services in their order, then the verifier.
fn contacts(tools: &ContactTools) -> Vec<UseCost> {
    let mut share = UNNAMED;
    let (mut uses, mut profiles) = (Vec::new(), None);
    for source in &tools.sources {
        let Some(Kind::Contacts(spec)) = service(source.name()).map(|known| known.kind) else {
            continue;
        };
        uses.push(called(source.name(), spec.lookup, share));
        share *= LEFT_OPEN;
        profiles = profiles.or_else(|| spec.has_profiles.then(|| source.name()));
    }
    uses.extend(profiles.map(|name| called(name, "company", PROFILES)));
    if let Some(verifier) = &tools.verifier {
        uses.push(called(verifier.name(), "email_verifier", 1.0));
    }
    if tools.mail_hosts.is_some() {
        uses.push(called("dns", "mail_host", 1.0));
    }
    uses
}

fn called(name: &str, operation: &str, calls: f64) -> UseCost {
    let price = service(name).map(|known| known.price(operation));
    let each = price.unwrap_or_default().to_decimal();
    UseCost {
        service: name.to_owned(),
        operation: operation.to_owned(),
        model: None,
        calls,
        input_tokens: 0,
        cached_tokens: 0,
        output_tokens: 0,
        dollars: Dollars::from_decimal(each * calls).unwrap_or_default(),
    }
}
