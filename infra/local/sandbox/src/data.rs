//! Texts, cities, names and kinds of businesses: files under `data/`, part of the program, each read
//! once.

use serde::Deserialize;

/// Reads one file of `data/`; its strings are borrowed from the program.
#[expect(
    clippy::panic,
    reason = "the files are part of the program, and tests read every one"
)]
pub(crate) fn parse<T: Deserialize<'static>>(name: &str, text: &'static str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("data/{name}: {error}"))
}

/// The value of a file, named in pieces relative to `data/`.
macro_rules! data {
    ($($name:literal),+) => {
        $crate::data::parse(
            concat!($($name),+),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $($name),+)),
        )
    };
}

/// The files of a folder by language.
macro_rules! by_language {
    ($folder:literal) => {
        $crate::data::by_language!($folder: "en" "de" "fr" "es" "ja" "el" "sr")
    };
    ($folder:literal: $($language:literal)+) => {
        std::collections::BTreeMap::from([
            $(($language, $crate::data::data!($folder, "/", $language, ".toml"))),+
        ])
    };
}

pub(crate) use {by_language, data};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "read by the parser alone")]
        name: &'static str,
    }

    #[test]
    #[should_panic(expected = "data/sample.toml")]
    fn a_file_at_fault_is_named() {
        let _: Sample = super::parse("sample.toml", "nam = \"typo\"");
    }

    /// Paths of all keys of a file; the words of a list do not count.
    fn keys(table: &toml::Table, path: &str, all: &mut BTreeSet<String>) {
        for (key, value) in table {
            let path = format!("{path}/{key}");
            match value {
                toml::Value::Table(inner) => keys(inner, &path, all),
                _ => {
                    all.insert(path);
                }
            }
        }
    }

    #[test]
    fn every_language_has_the_keys_of_english() {
        let folders: [std::collections::BTreeMap<&str, toml::Table>; 2] =
            [by_language!("sites"), by_language!("messages")];
        // Only some countries ask for an imprint, only Serbian bends the month within a day, and
        // of some facts the models say less in some languages.
        let optional = |key: &str| {
            ["/slugs/imprint", "/months"].contains(&key)
                || key.starts_with("/dated/")
                || key.starts_with("/undated/")
        };
        for files in folders {
            let of = |language: &str| {
                let mut all = BTreeSet::new();
                keys(&files[language], "", &mut all);
                all.retain(|key| !optional(key));
                all
            };
            for language in files.keys() {
                assert_eq!(of(language), of("en"), "{language}");
            }
        }
    }
}
