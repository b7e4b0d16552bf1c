//! What the sources of places have in common.

use hunter_core::ports::PlaceQuery;

use crate::unique::push_new;

/// The terms of a query, each once and with its location: `dentists in Leipzig`.
pub(crate) fn query_texts(query: &PlaceQuery, joint: &str) -> Vec<String> {
    let location = query.location.as_deref().map(str::trim);
    let location = location.filter(|location| !location.is_empty());
    let mut texts = Vec::new();
    for term in query.terms.iter().map(|term| term.trim()) {
        match location.filter(|_| !term.is_empty()) {
            Some(location) => push_new(&mut texts, format!("{term}{joint}{location}")),
            None => push_new(&mut texts, term),
        }
    }
    texts
}
