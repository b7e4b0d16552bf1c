//! Profiles on social networks.

use std::collections::BTreeSet;

use url::Url;

use crate::dom::Doc;
use crate::jsonld::JsonLd;
use crate::list::List;

/// Most profiles of a page.
const PROFILES_MAX: usize = 12;

pub(crate) fn find(doc: &Doc, data: &JsonLd) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let links = doc.anchors.iter().map(|a| a.href.as_str());
    let objects = data.objects();
    let same_as = objects.iter().flat_map(|i| i.texts("sameAs"));
    links
        .chain(same_as)
        .filter_map(|href| profile(&doc.absolute(href)?))
        .filter(|p| seen.insert(p.to_ascii_lowercase()))
        .take(PROFILES_MAX)
        .collect()
}

/// Paths that share, log in, embed or show a single post instead of a profile.
static NOT_PROFILES: List = List(include_str!("../data/not_profiles.txt"));

/// Names of themes, builders and platforms whose own profiles stand in demo content.
static DEMO_PROFILES: List = List(include_str!("../data/demo_profiles.txt"));

/// The address of a profile, tidied; nothing for share buttons and the like.
fn profile(url: &Url) -> Option<String> {
    let host = url
        .host_str()?
        .trim_start_matches("www.")
        .trim_start_matches("m.");
    let host = host
        .rsplit_once("facebook.com")
        .map_or(host, |(head, tail)| {
            if tail.is_empty() && (head.is_empty() || head.ends_with('.')) {
                "facebook.com"
            } else {
                host
            }
        });
    let segments: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    let first = segments.first()?.to_ascii_lowercase();
    let first = first.as_str();
    if NOT_PROFILES.has(first) || DEMO_PROFILES.has(first.trim_start_matches('@')) {
        return None;
    }
    let second = segments.get(1).copied();
    let depth = match host {
        "facebook.com" | "fb.com" if first == "profile.php" => {
            let id = url.query_pairs().find(|(k, _)| k == "id")?.1;
            return Some(format!("https://www.facebook.com/profile.php?id={id}"));
        }
        "facebook.com" | "fb.com" if first == "pg" => {
            return Some(format!("https://www.facebook.com/{}", second?));
        }
        "facebook.com" | "fb.com" if matches!(first, "pages" | "people") => segments.len(),
        "facebook.com" | "fb.com" | "instagram.com" | "twitter.com" | "x.com" => 1,
        "tiktok.com" if first.starts_with('@') => 1,
        "linkedin.com" | "de.linkedin.com" | "in.linkedin.com" | "uk.linkedin.com"
        | "fr.linkedin.com"
            if matches!(first, "company" | "in" | "school" | "showcase") =>
        {
            second?;
            2
        }
        "youtube.com" if matches!(first, "channel" | "c" | "user") => {
            second?;
            2
        }
        "youtube.com" if first.starts_with('@') => 1,
        "xing.com" if matches!(first, "pages" | "profile" | "companies" | "company") => {
            second?;
            2
        }
        _ => return None,
    };
    let path: Vec<&str> = segments.into_iter().take(depth).collect();
    Some(format!("https://{}/{}", url.host_str()?, path.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_kept_and_share_buttons_are_not() {
        let p = |u: &str| profile(&Url::parse(u).unwrap());
        assert_eq!(
            p("https://www.facebook.com/PraxisMueller/?ref=x").as_deref(),
            Some("https://www.facebook.com/PraxisMueller")
        );
        assert!(p("https://de-de.facebook.com/praxis").is_some());
        assert_eq!(
            p("https://www.linkedin.com/company/acme/about").as_deref(),
            Some("https://www.linkedin.com/company/acme")
        );
        assert!(p("https://www.youtube.com/@acme").is_some());
        for no in [
            "https://www.facebook.com/sharer/sharer.php?u=x",
            "https://twitter.com/intent/tweet?text=x",
            "https://www.linkedin.com/shareArticle?url=x",
            "https://www.youtube.com/watch?v=1",
            "https://www.instagram.com/p/abc",
            "https://www.facebook.com/",
            "https://twitter.com/wordpress",
            "https://notfacebook.com/x",
        ] {
            assert_eq!(p(no), None, "{no}");
        }
    }
}
