//! What a lead's record says of how it was enriched.

/// Most notes of a lead.
const NOTES_MAX: usize = 20;
/// Most characters of a note.
const NOTE_CHARS_MAX: usize = 300;

/// Sentences for a person, in order, none twice.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<String>);

impl Notes {
    /// Adds a sentence. Text from outside may be part of it: it becomes one short line.
    pub(crate) fn add(&mut self, text: impl AsRef<str>) {
        let text = one_line(text.as_ref());
        if !text.is_empty() && self.0.len() < NOTES_MAX && !self.0.contains(&text) {
            self.0.push(text);
        }
    }

    pub(crate) fn extend(&mut self, more: impl IntoIterator<Item = String>) {
        for text in more {
            self.add(text);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<String> {
        self.0
    }
}

fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = text.chars().map(plain).take(NOTE_CHARS_MAX).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_few_short_and_different() {
        let mut notes = Notes::default();
        notes.add(" two\nlines\u{7} ");
        notes.add("two lines");
        notes.add("x".repeat(1_000));
        notes.extend((0..100).map(|n| n.to_string()));
        let notes = notes.into_vec();
        assert_eq!(notes[0], "two lines");
        assert_eq!((notes[1].len(), notes.len()), (NOTE_CHARS_MAX, NOTES_MAX));
    }
}
