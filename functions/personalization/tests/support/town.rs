//! Leads of the sandbox's town with what is true of them, and models behind real sockets.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{FactKind::*, *};
use hunter_core::{
    ports::{Clock, Models},
    recipe::SecretsManager,
};
use hunter_providers::{
    client::Shared,
    models::{ConfiguredModels, ModelsConfig, Provider},
};
use hunter_sandbox::{Business, Endpoint, Faults, ModelMode, Sandbox, Town, TownOptions};
use jiff::{Timestamp, tz::TimeZone};

/// A sandbox with a town of so many listings, whose models behave in one way.
pub async fn sandbox(now: Timestamp, businesses: usize, mode: ModelMode) -> Sandbox {
    let mut options = TownOptions::new(4, now);
    options.businesses = businesses;
    let mut faults = Faults::none();
    faults.seed = 4;
    faults.model_mode = mode;
    Sandbox::start(Town::generate(options), faults)
        .await
        .unwrap()
}

struct Keys;

#[async_trait]
impl SecretsManager for Keys {
    async fn get_secret(&self, _: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let key = match key {
            "claude_api_key" => Sandbox::ANTHROPIC_KEY,
            "openai_api_key" => Sandbox::OPENAI_KEY,
            "groq_api_key" => Sandbox::GROQ_KEY,
            "deepseek_api_key" => Sandbox::DEEPSEEK_KEY,
            _ => return Err(RecipeFailure::new(ErrorCode::SecretMissing, "no key")),
        };
        Ok(key.to_owned())
    }
}

/// The models of the list, at the sandbox's addresses, with the keys of all providers.
pub fn models(sandbox: &Sandbox, clock: Arc<dyn Clock>) -> Arc<dyn Models> {
    let mut config = ModelsConfig::list();
    for (provider, endpoint) in [
        (Provider::Anthropic, Endpoint::ANTHROPIC),
        (Provider::OpenAi, Endpoint::OPENAI),
        (Provider::Groq, Endpoint::GROQ),
        (Provider::DeepSeek, Endpoint::DEEPSEEK),
    ] {
        config = config.with_base_url(provider.id(), sandbox.base_url(endpoint));
    }
    Arc::new(ConfiguredModels::new(config, Arc::new(Keys), Shared::new(clock)).unwrap())
}

/// The seller of the tests, with texts in three more languages.
pub fn seller(mut agent: AgentConfig) -> AgentConfig {
    for (language, offer, ask) in [
        (
            "de",
            "Wir helfen Betrieben vor Ort, aus verpassten Anrufen Termine zu machen.",
            "Haben Sie nächste Woche Zeit für ein kurzes Gespräch?",
        ),
        (
            "fr",
            "Nous aidons les entreprises locales à transformer les appels manqués en rendez-vous.",
            "Auriez-vous un moment pour en parler la semaine prochaine ?",
        ),
        (
            "es",
            "Ayudamos a los negocios locales a convertir las llamadas perdidas en citas.",
            "¿Tendría un momento para hablar la próxima semana?",
        ),
    ] {
        let texts = SellerTexts {
            offer: offer.into(),
            ask: ask.into(),
            proof_points: vec![],
        };
        agent.seller.translations.insert(language.into(), texts);
    }
    agent
}

/// A listing as a lead that discovery and enrichment have done with.
pub fn lead(business: &Business, index: usize, now: Timestamp) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", &format!("{index}")));
    let site = format!(
        "https://{}/",
        business.website.as_deref().unwrap_or("maps.example")
    );
    lead.name = Some(business.name.clone());
    lead.city = Some(business.city.to_owned());
    let address = business.emails.first().map(|email| email.address.clone());
    let address = address.unwrap_or_else(|| format!("info@lead-{index}.example"));
    lead.emails = Some(vec![super::email(&address)]);
    lead.website_metadata = Some(WebsiteMetadata {
        language: Some(business.language.to_owned()),
        ..WebsiteMetadata::default()
    });
    let mut add = |kind, value: String, day: Option<jiff::civil::Date>| {
        let evidence = Evidence {
            url: site.clone(),
            quote: value.chars().take(300).collect(),
            fetched_at: now,
        };
        lead.add_fact(kind, value, day, evidence);
    };
    if business.is_crawlable() {
        for post in business.posts.iter().take(3) {
            let day = post.published.to_zoned(TimeZone::UTC).date();
            add(BlogPost, post.title.clone(), Some(day));
        }
        for service in business.services.iter().take(3) {
            add(Service, service.clone(), None);
        }
        for technology in business.tech_stack.iter().take(2) {
            add(Technology, (*technology).to_owned(), None);
        }
        add(Founded, business.founded.to_string(), None);
        add(Person, business.owner.name.clone(), None);
    }
    if let Some(stars) = business.rating {
        add(
            Rating,
            format!("{stars} from {} reviews", business.review_count),
            None,
        );
    }
    add(Category, business.category.english().to_owned(), None);
    add(Locality, business.city.to_owned(), None);
    lead
}

/// All that is true of a business and its facts, as texts.
fn truths(business: &Business) -> Vec<String> {
    let posts = business.posts.iter().map(|post| post.title.clone());
    posts
        .chain(business.services.iter().cloned())
        .chain(business.tech_stack.iter().map(|t| (*t).to_owned()))
        .chain([
            business.name.clone(),
            business.category.english().to_owned(),
        ])
        .collect()
}

/// Figures that are true of a business: parts of days, the rating, the year, the name's.
fn figures(business: &Business) -> Vec<String> {
    let mut found = vec![
        business.founded.to_string(),
        business.review_count.to_string(),
    ];
    found.extend(business.rating.map(|stars| stars.to_string()));
    for post in &business.posts {
        let day = post.published.to_zoned(TimeZone::UTC).date();
        found.extend([day.day().to_string(), day.year().to_string()]);
    }
    let words = truths(business).join(" ");
    let numbers = words
        .split(|c: char| !c.is_ascii_digit())
        .map(str::to_owned);
    found.extend(numbers.filter(|number| !number.is_empty()));
    found
}

/// What the careless models are known to make up.
const INVENTED: [&str; 8] = [
    "1,250",
    "Maria Keller",
    "last week",
    "example.com/offer",
    "Golden Apple",
    "best in the whole country",
    "people saw",
    "More at",
];

/// Whether a claim is true of its business, by the town's own truth and without the checker: its
/// quotations stand in the business's texts, its figures are the business's, and it holds none of
/// what the careless models make up. Of the seller, whether it holds the seller's own words.
pub fn is_true(claim: &Claim, business: &Business, seller: &Seller) -> bool {
    let text = claim.text.as_str();
    if INVENTED.iter().any(|lie| text.contains(lie)) {
        return false;
    }
    match &claim.basis {
        ClaimBasis::NoAssertion => {
            text.contains(&business.name) || text.split_whitespace().count() <= 12
        }
        ClaimBasis::Seller { .. } => {
            let clause = |offer: &str| offer.trim().trim_end_matches('.').to_owned();
            let own = [&seller.offer, &seller.ask, &seller.sender_name]
                .into_iter()
                .cloned();
            let translated = seller
                .translations
                .values()
                .flat_map(|t| [clause(&t.offer), t.ask.clone()]);
            let industries = seller.offers_by_industry.values().cloned();
            let mut texts = own
                .chain(seller.proof_points.iter().cloned())
                .chain(translated)
                .chain(industries);
            texts.any(|own| text.contains(&own))
        }
        ClaimBasis::Fact { evidence, .. } => {
            let truths = truths(business);
            let mut rest = text.to_owned();
            for (open, close) in [('“', '”'), ('„', '“'), ('«', '»')] {
                while let Some((before, after)) = rest.clone().split_once(open) {
                    let Some((quote, tail)) = after.split_once(close) else {
                        break;
                    };
                    let quote = quote.trim().trim_end_matches('…').trim();
                    let known = truths.iter().any(|truth| truth.contains(quote));
                    if !known && !evidence.quote.contains(quote) {
                        return false;
                    }
                    rest = format!("{before} {tail}");
                }
            }
            let figures = figures(business);
            let rest = rest.replace(&business.name, " ");
            let numbers = rest.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
            let mut numbers = numbers
                .map(|n| n.trim_matches(['.', ',']))
                .filter(|n| !n.is_empty());
            numbers.all(|number| figures.iter().any(|own| own == number))
        }
    }
}
