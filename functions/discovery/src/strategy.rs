//! Where and for what to search: the recipe's first AI component.

use async_trait::async_trait;
use hunter_contracts::{DiscoveryPayload, ErrorCode, MAX_RESULTS_DEFAULT, RecipeFailure};
use hunter_core::{
    ports::{PlaceQuery, RULES},
    recipe::{AiComponent, Decision},
};

use crate::keywords::{KeywordPlan, search_terms};

/// The depth of a search that does not say otherwise: synonyms, and every page of every query.
pub const DEPTH_DEFAULT: u8 = 3;

/// What the strategy is chosen from.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchContext {
    /// Whom the customer looks for.
    pub payload: DiscoveryPayload,
    /// Sources that can be opened now, best first, each with the reason in a few words.
    pub available: Vec<(String, String)>,
}

/// What to search where.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPlan {
    /// The source's name, as in `DiscoveryPayload::source`.
    pub source: String,
    /// What it is asked for.
    pub query: PlaceQuery,
    /// What each keyword was understood as.
    pub keywords: Vec<KeywordPlan>,
    /// Limits that the plan itself reached.
    pub limits_reached: Vec<String>,
}

/// The rules engine: the source that was named, else the best one that is configured and fits the
/// keywords; synonyms from the embedded catalogue.
#[derive(Debug, Clone, Copy, Default)]
pub struct RulesStrategist;

impl RulesStrategist {
    fn source(context: &SearchContext, known: bool) -> Result<(String, String), RecipeFailure> {
        if let Some(source) = &context.payload.source {
            let reason = format!("source `{source}`: it was asked for");
            return Ok((source.clone(), reason));
        }
        // OpenStreetMap is searched by tags; a keyword without tags finds more in a text search.
        let named = |wanted: &str| context.available.iter().find(|(name, _)| name == wanted);
        let text_search = named("google_places").or_else(|| named("web_search"));
        let best = context.available.first();
        let Some((name, why)) = text_search.filter(|_| !known).or(best) else {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                "no source of places is configured: set the secret `google_maps_api_key` or `brave_api_key`, or name one in `payload.source`",
            ));
        };
        let reason = match best {
            Some((first, _)) if first != name => format!(
                "source `{name}`: {why}, and a keyword without known tags needs a text search, which `{first}` has not"
            ),
            _ => format!("source `{name}`: {why}"),
        };
        Ok((name.clone(), reason))
    }
}

#[async_trait]
impl AiComponent<SearchContext, SearchPlan> for RulesStrategist {
    async fn decide(&self, context: &SearchContext) -> Result<Decision<SearchPlan>, RecipeFailure> {
        let payload = &context.payload;
        let depth = payload.depth.unwrap_or(DEPTH_DEFAULT);
        let mut keywords: Vec<KeywordPlan> = Vec::new();
        for keyword in &payload.keywords {
            let plan = KeywordPlan::of(keyword, depth);
            if !keywords.iter().any(|known| known.keyword == plan.keyword) {
                keywords.push(plan);
            }
        }
        let all_known = keywords.iter().all(KeywordPlan::is_known);
        let (source, reason) = Self::source(context, all_known)?;
        let (terms, cut) = search_terms(&keywords, depth);
        let mut reasons = vec![reason];
        reasons.extend(keywords.iter().map(KeywordPlan::explain));
        reasons.push(match depth {
            1 => "depth 1: only the keywords as given".to_owned(),
            _ => format!("depth {depth}: searched for {}", terms.join(", ")),
        });
        let limits_reached = (cut > 0).then(|| {
            format!(
                "{cut} synonyms were left out: a search uses {} terms",
                terms.len()
            )
        });
        let mut tags = Vec::new();
        for tag in keywords.iter().flat_map(KeywordPlan::query_tags) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        Ok(Decision {
            strategy: if tags.is_empty() {
                "search_by_text"
            } else {
                "search_by_tags"
            }
            .to_owned(),
            parameters: SearchPlan {
                source,
                query: PlaceQuery {
                    terms,
                    tags,
                    location: payload.location.clone(),
                    max_results: payload.max_results.unwrap_or(MAX_RESULTS_DEFAULT),
                    depth,
                },
                keywords,
                limits_reached: limits_reached.into_iter().collect(),
            },
            reasons,
            model: RULES.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(keywords: &[&str], available: &[&str]) -> SearchContext {
        let sources = available
            .iter()
            .map(|&name| (name.to_owned(), "it is there".to_owned()));
        SearchContext {
            payload: DiscoveryPayload {
                keywords: keywords.iter().map(|&k| k.to_owned()).collect(),
                location: None,
                business_type: None,
                depth: None,
                max_results: None,
                source: None,
            },
            available: sources.collect(),
        }
    }

    #[tokio::test]
    async fn the_best_source_is_taken_and_the_choice_explained() {
        let sources = ["overpass", "google_places"];
        let known = RulesStrategist
            .decide(&context(&["dentists"], &sources))
            .await
            .unwrap();
        assert_eq!(known.parameters.source, "overpass");
        assert_eq!(known.strategy, "search_by_tags");
        let unknown = RulesStrategist
            .decide(&context(&["basket weaving"], &sources))
            .await
            .unwrap();
        assert_eq!(unknown.parameters.source, "google_places");
        assert!(
            unknown.reasons[0].contains("text search"),
            "{:?}",
            unknown.reasons
        );
    }

    #[tokio::test]
    async fn a_named_source_wins_and_no_source_is_an_error() {
        let mut asked = context(&["dentists", " dentists"], &["overpass"]);
        asked.payload.source = Some("file:a.json".into());
        let plan = RulesStrategist.decide(&asked).await.unwrap().parameters;
        assert_eq!(plan.source, "file:a.json");
        assert_eq!(plan.keywords.len(), 1, "a keyword counts once");
        let failure = RulesStrategist
            .decide(&context(&["dentists"], &[]))
            .await
            .unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    }
}
