//! The least time that a run's injected latencies allow, from the sandbox's log.

use std::collections::BTreeMap;

use hunter_sandbox::Served;
use serde_json::Value;

/// Requests that the crawler has under way at most (`HttpSitesConfig::concurrency_max`).
const CRAWL_CONCURRENCY: u64 = 32;
/// Requests to one host at once (`HttpSitesConfig::per_host_max`).
const PER_HOST: u64 = 2;
/// What a request may take (`HttpSitesConfig::total_timeout`).
const REQUEST_MS_MAX: u64 = 15_000;
/// What a site's pages after the home page may take.
const SITE_MS_MAX: f64 = 20_000.0;
/// Searches at once.
const SEARCH_CONCURRENCY: u64 = 4;

/// Servers that are searched for places.
const SEARCHES: [&str; 3] = ["places", "overpass", "web_search"];
const MODELS: [&str; 4] = ["anthropic", "openai", "groq", "deepseek"];
/// Messages written at once: four chunks side by side, up to 50 messages in each.
const MESSAGE_CONCURRENCY: u64 = 200;
/// Scoring requests at once (`Model::answer_all`).
const SCORE_CONCURRENCY: u64 = 8;

/// The least time that the injected latencies allow: searches, then home pages, then the other
/// pages, each bounded by its concurrency and by its longest chain (pages of one search follow one
/// another, a site's robots rules come before its home page, a site bears two requests at once);
/// and the models between them, see [`models_ms`].
/// Nothing waits for longer than the crawler does: 15 s for a request, 20 s for a site's pages.
pub(crate) fn ideal_ms(served: &[Served]) -> f64 {
    let searches = served.iter().filter(|s| SEARCHES.contains(&s.server));
    let (homes, others): (Vec<_>, Vec<_>) = served
        .iter()
        .filter(|s| s.server == "sites")
        .partition(|s| s.target == format!("{}/", s.host) || s.target.ends_with("/robots.txt"));
    let queries = chains(searches, |s| {
        s.target
            .split("pageToken")
            .next()
            .unwrap_or_default()
            .to_owned()
    });
    bound(&queries, SEARCH_CONCURRENCY, 1)
        + bound(
            &chains(homes.into_iter(), |s| s.host.clone()),
            CRAWL_CONCURRENCY,
            1,
        )
        + bound(
            &chains(others.into_iter(), |s| s.host.clone()),
            CRAWL_CONCURRENCY,
            PER_HOST,
        )
        + models_ms(served).values().sum::<f64>()
}

fn chains<'a>(
    served: impl Iterator<Item = &'a Served>,
    key: impl Fn(&Served) -> String,
) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for one in served {
        *sums.entry(key(one)).or_default() += one.delay_ms.min(REQUEST_MS_MAX);
    }
    sums
}

fn bound(chains: &BTreeMap<String, u64>, concurrency: u64, within: u64) -> f64 {
    let total: u64 = chains.values().sum();
    let longest = chains.values().max().copied().unwrap_or(0) as f64 / within as f64;
    let longest = if within > 1 {
        longest.min(SITE_MS_MAX)
    } else {
        longest
    };
    (total as f64 / concurrency as f64).max(longest)
}

/// The models' part: a plan, then scores of many leads each, then levels of each chunk, then the
/// messages. The requests about one message follow one another: it is written, judged, written
/// again; they are told by their facts. Nobody waits for a request that failed longer than it took.
pub(crate) fn models_ms(served: &[Served]) -> BTreeMap<String, f64> {
    let mut stages: BTreeMap<Stage, BTreeMap<String, u64>> = BTreeMap::new();
    for (position, one) in served.iter().enumerate() {
        if !MODELS.contains(&one.server) {
            continue;
        }
        let record = input(&one.target).unwrap_or_default();
        let field = |name: &str| record.get(name).map(Value::to_string);
        let (stage, key) = match (field("facts"), field("sources"), field("wanted")) {
            (Some(facts), ..) => (Stage::Messages, facts),
            (_, Some(_), _) => (Stage::Plan, String::new()),
            (.., Some(_)) => (Stage::Scores, position.to_string()),
            _ => (Stage::Levels, position.to_string()),
        };
        *stages.entry(stage).or_default().entry(key).or_default() += one.delay_ms;
    }
    let of = |stage: &Stage, concurrency| {
        let chains = stages.get(stage);
        chains.map_or(0.0, |chains| bound(chains, concurrency, 1))
    };
    let stages = [
        (Stage::Plan, 1),
        (Stage::Scores, SCORE_CONCURRENCY),
        (Stage::Levels, MESSAGE_CONCURRENCY),
        (Stage::Messages, MESSAGE_CONCURRENCY),
    ];
    let bounds = stages.map(|(stage, concurrency)| {
        let name = format!("{stage:?}").to_lowercase();
        (name, of(&stage, concurrency))
    });
    bounds.into()
}

/// What a model is asked for, in the order of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Plan,
    Scores,
    Levels,
    Messages,
}

/// The record that a model was given: the last message of the request.
fn input(target: &str) -> Option<Value> {
    let (_, body) = target.split_once(' ')?;
    let body: Value = serde_json::from_str(body).ok()?;
    let content = body.get("messages")?.as_array()?.last()?.get("content")?;
    serde_json::from_str(content.as_str()?).ok()
}
