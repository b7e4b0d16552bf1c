use jiff::Timestamp;

use super::*;

fn facts(html: &str, url: &str) -> Vec<(FactKind, String)> {
    let doc = Doc::read(html, url);
    let fetched_at = Timestamp::from_second(1_735_732_800).unwrap();
    let source = Source {
        url: url.into(),
        fetched_at,
    };
    find(&doc, &source, Some("en"))
        .into_iter()
        .map(|f| (f.kind, f.value))
        .collect()
}

fn of(kind: FactKind, html: &str) -> Vec<String> {
    let all = facts(html, "https://firma.de/");
    all.into_iter()
        .filter(|(k, _)| *k == kind)
        .map(|(_, v)| v)
        .collect()
}

#[test]
fn patterns_compile() {
    crate::pattern::build(&[
        &WE,
        &NOT_ABOUT,
        &ANNOUNCES,
        &FOUNDED,
        &STRONG_FOUNDED,
        &HIRING,
        &SERVICE_HEADING,
    ]);
}

#[test]
fn sentences_end_where_sentences_end() {
    assert_eq!(
        sentences("Dr. med. Ann Lee hilft. Am 3. Mai z.B. nicht! ようこそ。どうぞ"),
        [
            "Dr. med. Ann Lee hilft.",
            "Am 3. Mai z.B. nicht!",
            "ようこそ。",
            "どうぞ"
        ]
    );
}

#[test]
fn about_sentences_speak_of_the_business() {
    let html = "<p>We offer gentle dental care for the whole family in the heart of Leeds. Read more.</p>
        <p>We use cookies to provide our services to you as a customer.</p>
        <nav>We offer gentle dental care in the navigation of this very page.</nav>
        <div aria-hidden='true'><p>We offer hidden care for the whole family in the heart of Leeds.</p></div>";
    assert_eq!(
        of(FactKind::AboutSentence, html),
        ["We offer gentle dental care for the whole family in the heart of Leeds."]
    );
}

#[test]
fn announcements_in_several_languages() {
    for text in [
        "Our new clinic in York opens its doors in May.",
        "Wir suchen Verstärkung für unser Team in Köln!",
        "Nous recrutons un assistant dentaire à Lyon.",
        "Inauguramos nuestra nueva sede en Madrid centro.",
        "おかげさまで当院は十周年を迎えました。これからも地域の皆様のためにがんばります。",
    ] {
        let found = of(FactKind::Announcement, &format!("<p>{text}</p>"));
        assert_eq!(found.len(), 1, "{text}");
    }
    assert!(
        of(
            FactKind::Announcement,
            "<p>The news of the day are quite ordinary.</p>"
        )
        .is_empty()
    );
}

#[test]
fn services_stand_below_their_heading() {
    let html = "<h2>Unsere Leistungen</h2><ul><li>Implantologie</li><li>Prophylaxe</li></ul>
        <h2>Kontakt</h2><ul><li>Hauptstraße</li></ul>";
    assert_eq!(of(FactKind::Service, html), ["Implantologie", "Prophylaxe"]);
}

#[test]
fn founding_years() {
    for text in [
        "Familienbetrieb seit 1987",
        "Gegründet 1987 in Köln",
        "Serving Leeds since 1987.",
        "Our company was founded in 1987",
        "Fondée en 1987",
    ] {
        assert_eq!(
            of(FactKind::Founded, &format!("<p>{text}</p>")),
            ["1987"],
            "{text}"
        );
    }
    for text in [
        "© since 1987",
        "Gegründet 2099",
        "Die Regel gilt seit 2015 für alle Bürgerinnen und Bürger",
    ] {
        assert!(
            of(FactKind::Founded, &format!("<p>{text}</p>")).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn hiring_links() {
    assert_eq!(
        of(FactKind::Hiring, "<a href='/karriere'>Karriere</a>"),
        ["Karriere"]
    );
    assert!(
        of(
            FactKind::Hiring,
            "<a href='https://other.com/jobs'>Jobs</a>"
        )
        .is_empty()
    );
    assert!(of(FactKind::Hiring, "<a href='/x'>Steve Jobsen</a>").is_empty());
}

#[test]
fn values_carry_no_unseen_characters() {
    let html = "<p>We offer gentle \u{E0041}dental\u{200B} care for the whole family in the heart of Leeds.</p>";
    let found = of(FactKind::AboutSentence, html);
    assert!(found[0].contains("gentle dental care"), "{found:?}");
}
