//! One light look at the home page of each selected lead: what the specification scores freshness
//! and activity from. What was found stays with the lead, so that intelligence does not fetch it
//! again. A site that cannot be read is a cause on the lead, never a failure of the step.

use std::{collections::HashMap, sync::Arc};

use futures::{StreamExt, stream};
use hunter_contracts::{Cause, HomeLook, Lead};
use hunter_core::{ports::SiteFetcher, recipe::Context};
use hunter_extract::{PageInput, SiteFacts, apply, assemble, extract_page};
use jiff::Timestamp;

/// A page that was asked for, and what stood there where anything could be read.
#[derive(Clone)]
struct HomePage {
    home: HomeLook,
    facts: Option<SiteFacts>,
}

/// Looks under way for each record that may be worked on at once. A look is one page, the fetcher
/// itself bounds how many are fetched, and a slow site that is asked late ends late.
const LOOKS_PER_RECORD: usize = 4;

/// Looks at the home pages of all leads that have a site, each site once (the branches of a chain
/// share theirs), `record_concurrency` at a time. Only what was extracted is kept, not the pages.
pub(crate) async fn look(context: &Context, sites: &Arc<dyn SiteFetcher>, leads: &mut [Lead]) {
    let mut countries: HashMap<String, Option<String>> = HashMap::new();
    for lead in leads.iter() {
        if let Some(website) = &lead.website {
            countries
                .entry(website.clone())
                .or_insert_with(|| lead.country.clone());
        }
    }
    let now = context.clock.now();
    let visits = countries.into_iter().map(|(website, country)| {
        let sites = Arc::clone(sites);
        async move {
            let look = visit(&*sites, &website, country.as_deref(), now).await;
            (website, look)
        }
    });
    let looks: HashMap<String, HomePage> = stream::iter(visits)
        .buffer_unordered(
            context
                .record_concurrency
                .max(1)
                .saturating_mul(LOOKS_PER_RECORD),
        )
        .collect()
        .await;
    // One page each; these run on no client's meter.
    context.count_api_calls(u64::try_from(looks.len()).unwrap_or(u64::MAX));
    for lead in leads {
        let look = lead.website.as_ref().and_then(|website| looks.get(website));
        let Some(look) = look.cloned() else {
            lead.absent
                .insert("website_metadata".to_owned(), Cause::NoWebsite);
            continue;
        };
        if let Some(cause) = look.home.cause {
            lead.absent.insert("website_metadata".to_owned(), cause);
        }
        if let Some(facts) = look.facts {
            apply(lead, facts);
        }
        lead.home = Some(look.home);
    }
}

async fn visit(
    sites: &dyn SiteFetcher,
    website: &str,
    country: Option<&str>,
    now: Timestamp,
) -> HomePage {
    let page = match sites.fetch(website).await {
        Ok(page) => page,
        Err(failure) => {
            let home = HomeLook {
                url: website.to_owned(),
                fetched_at: now,
                cause: Some(failure.cause),
                contact_links: Vec::new(),
                feed_links: Vec::new(),
                blog_links: Vec::new(),
            };
            return HomePage { home, facts: None };
        }
    };
    let input = PageInput {
        url: &page.url,
        content_type: page.content_type.as_deref(),
        last_modified: page.last_modified.as_deref(),
        body: &page.body,
        fetched_at: page.fetched_at,
    };
    let facts = assemble(&[extract_page(&input, country)], &[], &[], now);
    HomePage {
        home: facts.home_look(&page.url, page.fetched_at),
        facts: Some(facts),
    }
}
