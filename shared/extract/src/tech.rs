//! Software that a site runs on, by the rules in `rules/tech.toml`.

use std::sync::LazyLock;

use hunter_contracts::Evidence;
use serde::Deserialize;

use crate::dom::Doc;
use crate::pattern::pattern;
use crate::quote;
use crate::source::Source;

/// A technology with where it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechFound {
    /// Its name, as in `WordPress`.
    pub name: String,
    /// Its version, where the page states one.
    pub version: Option<String>,
    /// Where it stands.
    pub evidence: Evidence,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    tech: Vec<Rule>,
}

/// Any one of the lists suffices. Values are compared in lower case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    /// What the generator tag begins with.
    #[serde(default)]
    generator: Vec<String>,
    /// Parts of addresses of scripts, styles, images, frames and forms.
    #[serde(default)]
    resource: Vec<String>,
    /// Parts of link targets.
    #[serde(default)]
    link: Vec<String>,
    /// Parts of inline scripts.
    #[serde(default)]
    script: Vec<String>,
    /// Classes of the body.
    #[serde(default)]
    body_class: Vec<String>,
    /// Other software that it implies.
    #[serde(default)]
    implies: Vec<String>,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    toml::from_str::<RuleFile>(include_str!("../rules/tech.toml"))
        .map(|f| f.tech)
        .unwrap_or_default()
});
pattern!(VERSION, r"(\d+(?:\.\d+){1,3})");

pub(crate) fn find(doc: &Doc, source: &Source) -> Vec<TechFound> {
    let generators: Vec<&str> = doc
        .metas
        .iter()
        .filter(|(n, _)| n == "generator")
        .map(|(_, v)| v.as_str())
        .collect();
    let resources: Vec<String> = doc
        .resources
        .iter()
        .map(|r| r.to_ascii_lowercase())
        .collect();
    let links: Vec<String> = doc
        .anchors
        .iter()
        .map(|a| a.href.to_ascii_lowercase())
        .collect();
    let scripts = doc.scripts.to_ascii_lowercase();
    let body_class = doc.body_class.to_ascii_lowercase();
    let mut found: Vec<TechFound> = Vec::new();
    for rule in RULES.iter() {
        let seen = by_generator(rule, &generators)
            .or_else(|| by_part(&rule.resource, &resources, &doc.resources))
            .or_else(|| by_link(rule, &links, doc))
            .or_else(|| by_script(rule, &scripts, &doc.scripts))
            .or_else(|| {
                let has = |c: &String| body_class.split_ascii_whitespace().any(|b| b == c);
                let class = rule.body_class.iter().find(|c| has(c))?;
                Some((format!("body class {class}"), None))
            });
        let Some((text, version)) = seen else {
            continue;
        };
        let evidence = source.evidence(quote::short(&text));
        for name in std::iter::once(&rule.name).chain(&rule.implies) {
            let version = version.clone().filter(|_| *name == rule.name);
            match found.iter_mut().find(|t| t.name == *name) {
                Some(known) if known.version.is_none() && version.is_some() => {
                    known.version = version;
                    known.evidence = evidence.clone();
                }
                Some(_) => {}
                None => found.push(TechFound {
                    name: name.clone(),
                    version,
                    evidence: evidence.clone(),
                }),
            }
        }
    }
    found
}

type Seen = Option<(String, Option<String>)>;

fn by_generator(rule: &Rule, generators: &[&str]) -> Seen {
    let is = |g: &&&str| {
        let g = g.to_ascii_lowercase();
        rule.generator
            .iter()
            .any(|begin| g.starts_with(begin.as_str()))
    };
    let generator = generators.iter().find(is)?;
    let version = VERSION
        .captures(generator)
        .and_then(|c| Some(c.get(1)?.as_str().to_owned()));
    Some((format!("generator: {generator}"), version))
}

fn by_part(parts: &[String], lower: &[String], shown: &[String]) -> Seen {
    if parts.is_empty() {
        return None;
    }
    let at = lower
        .iter()
        .position(|r| parts.iter().any(|p| r.contains(p.as_str())))?;
    Some((shown.get(at)?.clone(), None))
}

fn by_link(rule: &Rule, lower: &[String], doc: &Doc) -> Seen {
    if rule.link.is_empty() {
        return None;
    }
    let at = lower
        .iter()
        .position(|r| rule.link.iter().any(|p| r.contains(p.as_str())))?;
    Some((doc.anchors.get(at)?.href.clone(), None))
}

fn by_script(rule: &Rule, lower: &str, shown: &str) -> Seen {
    let at = rule
        .script
        .iter()
        .find_map(|p| lower.find(p.as_str()).map(|i| (i, p.len())))?;
    // Lower case in ASCII keeps every position.
    Some((quote::around(shown, at.0, at.0 + at.1), None))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn names(html: &str) -> Vec<(String, Option<String>)> {
        let source = Source {
            url: "https://x.com".into(),
            fetched_at: Timestamp::UNIX_EPOCH,
        };
        find(&Doc::read(html, "https://x.com"), &source)
            .into_iter()
            .map(|t| (t.name, t.version))
            .collect()
    }

    #[test]
    fn patterns_are_valid() {
        crate::pattern::build(&[&VERSION]);
    }

    #[test]
    fn the_rule_file_is_read_and_in_lower_case() {
        assert!(RULES.len() >= 40);
        for rule in RULES.iter() {
            for part in [&rule.generator, &rule.resource, &rule.link, &rule.script] {
                assert!(
                    part.iter().all(|p| p.to_ascii_lowercase() == *p),
                    "{}",
                    rule.name
                );
            }
        }
    }

    #[test]
    fn generator_resources_and_implied_software() {
        let found = names(
            "<meta name=generator content='WordPress 6.6.2'>\
             <script src='/wp-content/plugins/woocommerce/x.js'></script>\
             <script src='/wp-includes/js/jquery/jquery.min.js'></script>",
        );
        assert!(found.contains(&("WordPress".into(), Some("6.6.2".into()))));
        assert!(found.contains(&("WooCommerce".into(), None)));
        assert!(found.contains(&("jQuery".into(), None)));
    }

    #[test]
    fn a_scrambled_version_is_none_and_words_in_text_are_nothing() {
        let found =
            names("<meta name=generator content='WordPress 257'><p>We love Shopify and Wix</p>");
        assert_eq!(found, [("WordPress".to_owned(), None)]);
    }
}
