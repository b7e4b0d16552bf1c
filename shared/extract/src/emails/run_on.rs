//! Addresses that run into the next word.

use crate::domains;
use crate::list::List;

/// Words that follow an address without a space on badly set pages.
static NEXT_WORDS: List = List(include_str!("../../data/next_words.txt"));

/// Cuts off a word that runs on from the domain: `x@firm.deTelefon`, `x@firm.comwww.firm.com`.
pub(super) fn without_next_word(address: &str, runs_on: bool) -> &str {
    let Some(at) = address.find('@') else {
        return address;
    };
    let mut end = address.len();
    let mut label_start = at + 1;
    let domain = address.get(at + 1..).unwrap_or_default();
    for (number, label) in domain.split('.').enumerate() {
        if number > 0
            && !domains::is_known_suffix_label(&label.to_lowercase())
            && let Some(length) = known_beginning(label, runs_on)
        {
            end = label_start + length;
            break;
        }
        label_start += label.len() + 1;
    }
    address.get(..end).unwrap_or(address)
}

/// The length of the top-level domain that a label begins with, when what follows it is clearly
/// another word.
fn known_beginning(label: &str, runs_on: bool) -> Option<usize> {
    let ends = label.char_indices().filter(|(i, _)| *i >= 2);
    let mut best = None;
    for (i, next) in ends {
        let (head, tail) = (label.get(..i)?, label.get(i..)?);
        let before = head.chars().next_back().unwrap_or(' ');
        let changes = before.is_lowercase() && next.is_uppercase()
            || before.is_ascii() && !next.is_ascii()
            || next.is_ascii_digit()
            || NEXT_WORDS
                .entries()
                .any(|w| tail.to_lowercase().starts_with(w));
        if (changes || runs_on) && domains::is_known_suffix_label(&head.to_lowercase()) {
            best = Some(i);
            if changes {
                break;
            }
        }
    }
    best
}
