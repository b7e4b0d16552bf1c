//! How alike two texts are, and which of many are nearly the same.
//!
//! The measure is the Jaccard index of the sets of word 3-grams (Broder, "On the resemblance and
//! containment of documents", 1997): shared 3-grams divided by all 3-grams. Words are compared in
//! lower case and without punctuation.

use std::collections::{HashMap, HashSet};

/// From here on two messages count as the same.
pub const NEAR_DUPLICATE_THRESHOLD: f64 = 0.8;

/// What names are replaced by before texts are compared.
const MASK: &str = "\u{25a1}";

/// The text with every occurrence of the names replaced by one sign, so that two messages that
/// differ in nothing but the addressee count as the same. Longer names go first; empty ones are
/// passed over.
#[must_use]
pub fn mask_names(text: &str, names: &[&str]) -> String {
    let mut names: Vec<&str> = names
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
        .into_iter()
        .fold(text.to_owned(), |masked, name| masked.replace(name, MASK))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\u{25a1}')
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// The 3-grams of a text; a text of one or two words is one gram of its own.
fn grams(text: &str) -> HashSet<String> {
    let words = words(text);
    if words.is_empty() {
        return HashSet::new();
    }
    if words.len() < 3 {
        return HashSet::from([words.join(" ")]);
    }
    words.windows(3).map(|gram| gram.join(" ")).collect()
}

/// The set of a text's word 3-grams, kept where a text is compared many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordGrams(HashSet<String>);

impl WordGrams {
    /// The 3-grams of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(grams(text))
    }

    /// As [`similarity`].
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        if self.0.is_empty() && other.0.is_empty() {
            return 1.0;
        }
        let shared = self.0.intersection(&other.0).count();
        shared as f64 / (self.0.len() + other.0.len() - shared) as f64
    }
}

/// The Jaccard index of the texts' word 3-grams: 0 for nothing in common, 1 for the same words in
/// the same order. Two texts without words are the same.
#[must_use]
pub fn similarity(a: &str, b: &str) -> f64 {
    WordGrams::of(a).similarity(&WordGrams::of(b))
}

/// All pairs of texts whose [`similarity`] is at least `threshold` (above 0), as positions `(i, j)`
/// with `i < j`, ordered. Ids are passed through for the caller's sake and not looked at. Texts
/// without words are passed over.
///
/// Exact, and quick on many texts that share long passages: 3-grams are ordered from rare to
/// frequent, and two sets that reach the threshold must share one of the first
/// `n − ⌈threshold · n⌉ + 1` of either (prefix filtering; Bayardo, Ma and Srikant, "Scaling up all
/// pairs similarity search", 2007), so the frequent ones are never looked up.
#[must_use]
pub fn near_duplicates<I>(messages: &[(I, String)], threshold: f64) -> Vec<(usize, usize)> {
    let threshold = threshold.clamp(0.01, 1.0);
    let sets = by_rarity(messages.iter().map(|(_, text)| text.as_str()));
    let mut postings: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut pairs = Vec::new();
    for (j, set) in sets.iter().enumerate() {
        // The allowance keeps a product like 0.8 × 55 from being rounded up past its own value.
        let least = (threshold * set.len() as f64 - 1e-9).ceil() as usize;
        let prefix = (set.len() + 1).saturating_sub(least.max(1)).min(set.len());
        let mut candidates: Vec<usize> = set
            .iter()
            .take(prefix)
            .filter_map(|gram| postings.get(gram))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        for i in candidates {
            if sets
                .get(i)
                .is_some_and(|other| alike(other, set, threshold))
            {
                pairs.push((i, j));
            }
        }
        for gram in set.iter().take(prefix) {
            postings.entry(*gram).or_default().push(j);
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Every text's 3-grams as numbers that grow with their frequency, in ascending order.
fn by_rarity<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Vec<u32>> {
    let sets: Vec<HashSet<String>> = texts.map(grams).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for gram in sets.iter().flatten() {
        *counts.entry(gram).or_default() += 1;
    }
    let mut order: Vec<(usize, &str)> = counts.iter().map(|(gram, n)| (*n, *gram)).collect();
    order.sort_unstable();
    let numbers: HashMap<&str, u32> = order.iter().map(|(_, gram)| *gram).zip(0_u32..).collect();
    sets.iter()
        .map(|set| {
            let mut row: Vec<u32> = set
                .iter()
                .filter_map(|gram| numbers.get(gram.as_str()).copied())
                .collect();
            row.sort_unstable();
            row
        })
        .collect()
}

/// Whether two ascending sets reach the threshold.
fn alike(a: &[u32], b: &[u32], threshold: f64) -> bool {
    let (short, long) = (a.len().min(b.len()) as f64, a.len().max(b.len()) as f64);
    if short < threshold * long - 1e-9 {
        return false;
    }
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut shared = 0_usize;
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => {
                left.next();
            }
            std::cmp::Ordering::Greater => {
                right.next();
            }
            std::cmp::Ordering::Equal => {
                shared += 1;
                left.next();
                right.next();
            }
        }
    }
    shared as f64 / (a.len() + b.len() - shared) as f64 >= threshold - 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measure_is_jaccard_of_word_3_grams() {
        // a b c d e / a b c d f: grams abc bcd cde / abc bcd cdf, 2 shared of 4.
        assert!((similarity("a b c d e", "a b c d f") - 0.5).abs() < 1e-9);
        assert!((similarity("Hello, World again!", "hello world AGAIN") - 1.0).abs() < 1e-9);
        assert!(similarity("one two three", "four five six").abs() < 1e-9);
        assert!((similarity("", " ") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn masked_names_do_not_count() {
        let a = mask_names("Hello Zahnarzt Müller team", &["Zahnarzt Müller", ""]);
        let b = mask_names("Hello 東京歯科 team", &["東京歯科"]);
        assert_eq!(a, b);
    }

    #[test]
    fn five_thousand_messages_with_a_long_common_passage() {
        let common = "we help practices win back lost patients without more work at the desk and \
                      would like to show you how in a short call next week kind regards ana silva";
        let messages: Vec<(usize, String)> = (0..5_000)
            .map(|n| {
                // Every tenth repeats its neighbour.
                let k = if n % 10 == 9 { n - 1 } else { n };
                (n, format!("your post p{k} of day d{k} about q{k} topic t{k} made me write u{k} to v{k} {common}"))
            })
            .collect();
        let pairs = near_duplicates(&messages, NEAR_DUPLICATE_THRESHOLD);
        assert_eq!(pairs.len(), 500);
        assert_eq!(pairs.first(), Some(&(8, 9)));
    }

    proptest::proptest! {
        #[test]
        fn finds_exactly_the_pairs_that_the_measure_finds(
            texts in proptest::collection::vec(
                proptest::collection::vec(0_u8..4, 0..12), 0..14),
            threshold in 0.1_f64..1.0,
        ) {
            let messages: Vec<((), String)> = texts
                .iter()
                .map(|t| ((), t.iter().map(|w| format!("w{w} ")).collect()))
                .collect();
            let mut expected = Vec::new();
            for (j, (_, b)) in messages.iter().enumerate() {
                for (i, (_, a)) in messages.iter().enumerate().take(j) {
                    if !a.is_empty() && !b.is_empty() && similarity(a, b) >= threshold - 1e-9 {
                        expected.push((i, j));
                    }
                }
            }
            expected.sort_unstable();
            proptest::prop_assert_eq!(near_duplicates(&messages, threshold), expected);
        }
    }
}
