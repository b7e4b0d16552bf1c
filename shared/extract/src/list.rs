//! Lists of words and hosts, as data.

/// A list below `data/`: an entry to a line, headings after `#`.
pub(crate) struct List(pub(crate) &'static str);

impl List {
    /// The entries, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.0.lines();
        lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// Whether a host is one of its entries or below one.
    pub(crate) fn covers(&self, host: &str) -> bool {
        self.entries().any(|known| {
            let head = host.strip_suffix(known);
            head.is_some_and(|head| head.is_empty() || head.ends_with('.'))
        })
    }

    /// Whether one of its entries stands in a text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.entries().any(|known| text.contains(known))
    }

    /// Whether it has an entry.
    pub(crate) fn has(&self, entry: &str) -> bool {
        self.entries().any(|known| known == entry)
    }
}
