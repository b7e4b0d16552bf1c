//! A [`PlaceQuery`] in Overpass QL. Everything that the customer wrote is quoted; what goes into a
//! regular expression is escaped first.

use std::fmt::Write;

use hunter_contracts::RecipeFailure;
use hunter_core::ports::PlaceQuery;

/// Keys that make a named thing a business rather than a street.
const KIND_KEYS: [&str; 7] = [
    "amenity",
    "shop",
    "office",
    "healthcare",
    "craft",
    "tourism",
    "leisure",
];

/// A query with what should be known about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) note: Option<String>,
}

/// Builds the query; one record more than wanted is asked for, to see whether there are more.
///
/// # Errors
/// `INVALID_INPUT` without a location, or without tags and terms.
pub(super) fn build(query: &PlaceQuery, timeout_s: u64) -> Result<Asked, RecipeFailure> {
    let location = query.location.as_deref().map(str::trim).unwrap_or_default();
    if location.is_empty() {
        return Err(RecipeFailure::invalid_input(
            "`location`: Overpass needs a town or region, or `south,west,north,east` in degrees",
        ));
    }
    let (area, within, note) = match bounding_box(location) {
        Some([south, west, north, east]) => (
            String::new(),
            format!("({south},{west},{north},{east})"),
            None,
        ),
        None => {
            let (name, note) = area_name(location);
            let name = quoted(name);
            let area = format!(
                "(area[\"name\"={name}][\"boundary\"=\"administrative\"];\
                 area[\"name:en\"={name}][\"boundary\"=\"administrative\"];)->.a;\n"
            );
            (area, "(area.a)".to_owned(), note)
        }
    };
    let clauses = clauses(query, &within);
    if clauses.is_empty() {
        return Err(RecipeFailure::invalid_input(
            "`keywords`: Overpass needs at least one",
        ));
    }
    let count = u64::from(query.max_results.max(1)) + 1;
    Ok(Asked {
        text: format!(
            "[out:json][timeout:{timeout_s}];\n{area}(\n{clauses});\nout center tags {count};"
        ),
        note,
    })
}

fn clauses(query: &PlaceQuery, within: &str) -> String {
    let mut clauses = String::new();
    for (key, value) in &query.tags {
        let key = quoted(key);
        // Writing to a text cannot fail.
        let _ = match value.as_str() {
            "*" => writeln!(clauses, "  nwr[{key}]{within};"),
            value => writeln!(clauses, "  nwr[{key}={}]{within};", quoted(value)),
        };
    }
    let terms: Vec<String> = query
        .terms
        .iter()
        .map(|term| term.trim())
        .filter(|term| !term.is_empty())
        .map(regex_escaped)
        .collect();
    if !terms.is_empty() && (query.tags.is_empty() || query.depth >= 2) {
        let pattern = quoted(&terms.join("|"));
        for key in KIND_KEYS {
            let _ = writeln!(clauses, "  nwr[\"{key}\"][\"name\"~{pattern},i]{within};");
        }
    }
    clauses
}

/// `Salzburg, Austria` is looked up as `Salzburg`.
fn area_name(location: &str) -> (&str, Option<String>) {
    let Some((name, rest)) = location.split_once(',') else {
        return (location, None);
    };
    let (name, rest) = (name.trim(), rest.trim());
    let note = format!("areas named `{name}` were searched; `{rest}` does not narrow them");
    (name, Some(note))
}

fn bounding_box(location: &str) -> Option<[f64; 4]> {
    let degrees: Vec<f64> = location
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect::<Option<_>>()?;
    let [south, west, north, east] = <[f64; 4]>::try_from(degrees).ok()?;
    let lats = -90.0..=90.0;
    let lons = -180.0..=180.0;
    let valid = lats.contains(&south)
        && lats.contains(&north)
        && lons.contains(&west)
        && lons.contains(&east)
        && south <= north;
    valid.then_some([south, west, north, east])
}

/// A string literal.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            c if c.is_control() => literal.push(' '),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Literal in a POSIX extended regular expression.
fn regex_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\.^$|?*+()[]{}".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(location: &str, tags: &[(&str, &str)], terms: &[&str], depth: u8) -> PlaceQuery {
        PlaceQuery {
            terms: terms.iter().map(|t| (*t).to_owned()).collect(),
            tags: tags
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            location: Some(location.to_owned()),
            max_results: 50,
            depth,
        }
    }

    #[test]
    fn tags_within_an_area() {
        let query = query(
            "Leipzig",
            &[("amenity", "dentist"), ("shop", "*")],
            &["dentists"],
            1,
        );
        let asked = build(&query, 90).unwrap();
        assert_eq!(
            asked.text,
            "[out:json][timeout:90];\n\
             (area[\"name\"=\"Leipzig\"][\"boundary\"=\"administrative\"];\
             area[\"name:en\"=\"Leipzig\"][\"boundary\"=\"administrative\"];)->.a;\n\
             (\n  nwr[\"amenity\"=\"dentist\"](area.a);\n  nwr[\"shop\"](area.a);\n);\n\
             out center tags 51;"
        );
        assert_eq!(asked.note, None);
    }

    #[test]
    fn what_the_customer_wrote_cannot_leave_its_quotes() {
        let query = query("X\"](1,2,3,4);out;\\", &[], &["a.b\"|c(", " "], 1);
        let text = build(&query, 90).unwrap().text;
        assert!(text.contains(r#"area["name"="X\"](1"#), "{text}");
        let terms = r#"  nwr["amenity"]["name"~"a\\.b\"\\|c\\(",i](area.a);"#;
        assert!(text.contains(terms), "{text}");
        assert_eq!(text.matches("nwr").count(), 7);
    }

    #[test]
    fn boxes_areas_and_missing_locations() {
        let text = build(&query("51.2,12.2,51.4,12.5", &[("shop", "*")], &[], 1), 9)
            .unwrap()
            .text;
        assert!(
            text.contains("nwr[\"shop\"](51.2,12.2,51.4,12.5);"),
            "{text}"
        );
        assert!(!text.contains("area"));
        let asked = build(&query("Salzburg, Austria", &[("shop", "*")], &[], 1), 9).unwrap();
        assert!(asked.text.contains("\"Salzburg\"") && asked.note.unwrap().contains("Austria"));
        assert!(build(&query(" ", &[("shop", "*")], &[], 1), 9).is_err());
        assert!(build(&query("Leipzig", &[], &[""], 1), 9).is_err());
    }
}
