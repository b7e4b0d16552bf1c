//! The language of a page.

use whatlang::{Lang, detect};

use crate::dom::{Doc, Zone};

/// How much text is looked at, characters.
const SAMPLE_CHARS_MAX: usize = 4_000;
/// Below this the text says nothing against the markup.
const SAMPLE_CHARS_MIN: usize = 400;

/// ISO 639-1: what the markup says, unless a good amount of text is clearly something else (many
/// templates ship with `en`); without markup, what the text is.
pub(crate) fn of(doc: &Doc) -> Option<String> {
    let said = doc
        .lang
        .as_deref()
        .or_else(|| doc.meta("content-language"))
        .or_else(|| doc.meta("og:locale"))
        .and_then(primary);
    let sample = sample(doc);
    let detected = detect(&sample).filter(whatlang::Info::is_reliable);
    let seen = detected
        .filter(|i| i.confidence() > 0.9)
        .and_then(|i| two_letters(i.lang()));
    match (said, seen) {
        (Some(said), Some(seen)) => {
            let long = sample.chars().count() >= SAMPLE_CHARS_MIN;
            let differs = long && seen != said && !are_close(&said, seen);
            Some(if differs { seen.to_owned() } else { said })
        }
        (Some(said), None) => Some(said),
        (None, seen) => seen.map(str::to_owned),
    }
}

fn primary(tag: &str) -> Option<String> {
    let code = tag
        .trim()
        .split(['-', '_', ',', ';'])
        .next()?
        .to_ascii_lowercase();
    (code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase())).then_some(code)
}

fn sample(doc: &Doc) -> String {
    let mut text = String::new();
    let blocks = doc.blocks.iter().filter(|b| !b.zone.touches(Zone::FRAME));
    for block in blocks.filter(|b| b.text.split_whitespace().count() >= 4) {
        text.extend(block.text.chars().take(600));
        text.push('\n');
        if text.len() >= SAMPLE_CHARS_MAX {
            break;
        }
    }
    text
}

/// Languages that statistics confuse with each other.
fn are_close(a: &str, b: &str) -> bool {
    const GROUPS: [&[&str]; 6] = [
        &["no", "nb", "nn", "da", "sv"],
        &["hr", "sr", "bs", "sl", "mk", "bg"],
        &["pt", "gl", "es", "ca"],
        &["ru", "uk", "be", "bg"],
        &["cs", "sk"],
        &["af", "nl", "fy"],
    ];
    GROUPS.iter().any(|g| g.contains(&a) && g.contains(&b))
}

fn two_letters(lang: Lang) -> Option<&'static str> {
    Some(match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Bul => "bg",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Slv => "sl",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Ell => "el",
        Lang::Tur => "tr",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cmn => "zh",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Ben => "bn",
        Lang::Tam => "ta",
        Lang::Tha => "th",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Hye => "hy",
        Lang::Cat => "ca",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = "Wir behandeln unsere Patienten mit viel Zeit und Ruhe und nach den \
        neuesten Erkenntnissen der Zahnheilkunde. Unsere Praxis liegt mitten in der Stadt und ist \
        gut zu erreichen. ";

    #[test]
    fn markup_then_text() {
        let of = |html: &str| of(&Doc::read(html, "https://x.com"));
        assert_eq!(of("<html lang='de-AT'><p>Hi</p>").as_deref(), Some("de"));
        assert_eq!(of(&format!("<p>{GERMAN}</p>")).as_deref(), Some("de"));
        let mislabelled = format!("<html lang='en-US'><p>{}</p>", GERMAN.repeat(4));
        assert_eq!(of(&mislabelled).as_deref(), Some("de"));
        assert_eq!(of("<p>1</p>"), None);
    }
}
