//! Structured data (`application/ld+json`).

use serde_json::{Map, Value};

use crate::pattern::pattern;

pattern!(PAIR, r#""(\w{1,40})"\s*:\s*"([^"\\]{1,300})""#);

/// Most objects that are looked at on one page.
const OBJECTS_MAX: usize = 2_000;

/// The structured data of a page.
#[derive(Debug, Default)]
pub(crate) struct JsonLd {
    roots: Vec<Value>,
    /// Scripts that are not JSON.
    broken: Vec<String>,
}

impl JsonLd {
    /// Parses script contents; what is not JSON after the usual repairs is left out.
    pub(crate) fn read(scripts: &[String]) -> Self {
        let mut data = Self::default();
        for script in scripts {
            match parse(script) {
                Some(root) => data.roots.push(root),
                None => data.broken.push(script.clone()),
            }
        }
        data
    }

    /// What scripts that are not JSON say of a property; a brace too many spoils all the rest.
    pub(crate) fn broken_texts<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let texts = self
            .broken
            .iter()
            .flat_map(|script| PAIR.captures_iter(script));
        texts.filter_map(move |c| {
            let named = c.get(1).is_some_and(|name| name.as_str() == key);
            named.then(|| c.get(2).map(|text| text.as_str())).flatten()
        })
    }

    /// Every object, outer ones first.
    pub(crate) fn objects(&self) -> Vec<Item<'_>> {
        let mut found = Vec::new();
        let mut open: Vec<(&Value, &str)> = self.roots.iter().rev().map(|v| (v, "")).collect();
        while let Some((value, role)) = open.pop() {
            match value {
                Value::Array(values) => open.extend(values.iter().rev().map(|v| (v, role))),
                Value::Object(map) => {
                    if found.len() >= OBJECTS_MAX {
                        break;
                    }
                    found.push(Item { map, role });
                    open.extend(map.iter().rev().map(|(k, v)| (v, k.as_str())));
                }
                _ => {}
            }
        }
        found
    }
}

/// One object, with the property that holds it (`""` at the top).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    map: &'a Map<String, Value>,
    pub(crate) role: &'a str,
}

impl<'a> Item<'a> {
    /// A property's text: of several the first, of an object its `name`.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        text_of(self.map.get(key)?)
    }

    /// All texts of a property.
    pub(crate) fn texts(&self, key: &str) -> Vec<&'a str> {
        match self.map.get(key) {
            Some(Value::Array(values)) => values.iter().filter_map(text_of).collect(),
            Some(value) => text_of(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub(crate) fn is(&self, names: &[&str]) -> bool {
        self.texts("@type").iter().any(|t| {
            let plain = t.rsplit(['/', ':']).next().unwrap_or(t);
            names.contains(&plain)
        })
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text.as_str()).filter(|t| !t.trim().is_empty()),
        Value::Array(values) => values.first().and_then(|v| v.as_str()),
        Value::Object(map) => map.get("@id").or(map.get("name")).and_then(Value::as_str),
        _ => None,
    }
}

fn parse(script: &str) -> Option<Value> {
    let trimmed = script
        .trim()
        .trim_start_matches("<!--")
        .trim_start_matches("//<![CDATA[")
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("-->")
        .trim_end_matches("]]>")
        .trim_end_matches("//")
        .trim_end_matches(|c: char| c == ';' || c.is_whitespace())
        .trim();
    if let Ok(value) = serde_json::from_str(trimmed) {
        return Some(value);
    }
    let repaired: String = trimmed
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    serde_json::from_str(&repaired).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_valid() {
        crate::pattern::build(&[&PAIR]);
    }

    #[test]
    fn graphs_arrays_and_raw_line_breaks() {
        let scripts = vec![
            "<!-- {\"@graph\":[{\"@type\":[\"Dentist\",\"LocalBusiness\"],\"name\":\"A\nB\",\
             \"founder\":{\"@type\":\"Person\",\"name\":\"C\"}}]}; -->"
                .to_owned(),
            "not json".to_owned(),
        ];
        let data = JsonLd::read(&scripts);
        let items = data.objects();
        assert!(items.iter().any(|i| i.is(&["Dentist"])));
        assert!(
            items
                .iter()
                .any(|i| i.is(&["Person"]) && i.role == "founder")
        );
    }

    #[test]
    fn deep_json_is_refused_not_followed() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(JsonLd::read(&[deep]).objects().is_empty());
    }
}
