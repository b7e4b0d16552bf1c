//! Lists in which everything stands once.

/// Adds a text unless it is empty or there already.
pub(crate) fn push_new(list: &mut Vec<String>, text: impl Into<String>) {
    let text = text.into();
    if !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}
