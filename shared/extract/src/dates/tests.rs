use jiff::Timestamp;

use super::*;

fn dates(html: &str, url: &str) -> (String, String) {
    with_header(html, url, None)
}

fn with_header(html: &str, url: &str, header: Option<&str>) -> (String, String) {
    let doc = Doc::read(html, url);
    let data = JsonLd::read(&doc.json_ld);
    // 2025-01-01
    let fetched_at = Timestamp::from_second(1_735_732_800).unwrap();
    let source = Source {
        url: url.into(),
        fetched_at,
    };
    let found = find(&doc, &data, &source, SlashOrder::DayFirst, header);
    let day = |d: Option<DateFound>| d.map(|d| d.date.to_string()).unwrap_or_default();
    (day(found.modified), day(found.published))
}

fn published(html: &str) -> String {
    dates(html, "https://x.de/a").1
}

fn modified(html: &str) -> String {
    dates(html, "https://x.de/a").0
}

#[test]
fn patterns_compile() {
    crate::pattern::build(&[&NOTICE, &LABEL, &NOT_PUBLICATION]);
}

#[test]
fn markup() {
    let html = r#"<meta property="article:published_time" content="2024-02-01T10:00:00Z">
        <meta property="article:modified_time" content="2024-03-01T10:00:00Z">
        <meta property="og:updated_time" content="2024-03-05">"#;
    assert_eq!(
        dates(html, "https://x.de/a"),
        ("2024-03-05".into(), "2024-02-01".into())
    );
    let ld = r#"<script type="application/ld+json">{"@graph":[{"@type":"WebPage","datePublished":"2024-01-02","dateModified":"2024-01-03T01:00:00+01:00"},{"@type":"Review","dateModified":"2024-12-01"}]}</script>"#;
    assert_eq!(
        dates(ld, "https://x.de/a"),
        ("2024-01-03".into(), "2024-01-02".into())
    );
    assert_eq!(
        published("<time datetime='2024-05-06'>x</time>"),
        "2024-05-06"
    );
    assert_eq!(
        published("<meta name='date' content='2024-05-07'>"),
        "2024-05-07"
    );
}

#[test]
fn words_on_the_page() {
    for text in [
        "Last updated: 4 March 2024",
        "Stand: 04.03.2024",
        "Zuletzt aktualisiert am 4. März 2024",
        "Mis à jour le 4 mars 2024",
        "Última actualización: 4 de marzo de 2024",
        "最終更新日 2024年3月4日",
    ] {
        assert_eq!(modified(&format!("<p>{text}</p>")), "2024-03-04", "{text}");
    }
}

#[test]
fn bylines_addresses_and_marked_elements() {
    assert_eq!(
        published("<h1>Title</h1><p>By Ann, 5 May 2024</p>"),
        "2024-05-05"
    );
    assert_eq!(
        published("<h1>T</h1><div class='post-date'>5. Mai 2024</div>"),
        "2024-05-05"
    );
    assert_eq!(
        dates("<h1>T</h1>", "https://x.de/2024/05/05/t").1,
        "2024-05-05"
    );
}

#[test]
fn labels_broken_data_and_forms_around_everything() {
    let label = "<h1>T</h1><article><p>x</p></article><aside><dl><dt>Datum</dt><dd>12.01.2017</dd></dl></aside>";
    assert_eq!(published(label), "2017-01-12");
    let event = "<h1>T</h1><aside><dl><dt>Anmeldung bis</dt><dd>12.01.2017</dd></dl></aside>";
    assert_eq!(published(event), "");
    let broken = r#"<script type="application/ld+json">{"@type":"NewsArticle",
        "datePublished":"2020-10-26T18:10:00+01:00","dateModified" : "2020-10-27"}}</script>"#;
    assert_eq!(
        dates(broken, "https://x.de/a"),
        ("2020-10-27".into(), "2020-10-26".into())
    );
    let form = "<form id='aspnetForm'><h1>News</h1><p>06.05.2018</p><p>Text</p></form>";
    assert_eq!(published(form), "2018-05-06");
}

#[test]
fn what_is_no_date_of_the_page() {
    for html in [
        "<footer>© 01.01.2024 X</footer>",
        "<p>© 2019-2024, 01.02.2024 X</p>",
        "<h1>T</h1><p>Gegründet am 01.02.1999</p>",
        "<h1>T</h1><p>Konzert am 05.06.2031</p>",
        "<h1>T</h1><p style='display:none'>05.06.2024</p>",
        "<h1>T</h1><!-- 05.06.2024 --><script>'05.06.2024'</script>",
        "<div class='comments' id='comments'><time datetime='2024-01-01'>x</time></div>",
        "<meta property='article:modified_time' content='2031-01-01'>",
    ] {
        assert_eq!(dates(html, "https://x.de/a"), Default::default(), "{html}");
    }
    let legal = "<h1>Datenschutz</h1><p>Fassung vom 25.05.2018</p>";
    assert_eq!(dates(legal, "https://x.de/datenschutz/").1, "");
}

#[test]
fn the_header_counts_when_it_is_old_and_alone() {
    let old = Some("Fri, 16 Aug 2024 10:00:00 GMT");
    assert_eq!(
        with_header("<p>x</p>", "https://x.de/", old).0,
        "2024-08-16"
    );
    let now = Some("Wed, 01 Jan 2025 12:00:00 GMT");
    assert_eq!(with_header("<p>x</p>", "https://x.de/", now).0, "");
    let html = "<meta name='date' content='2024-01-01'>";
    assert_eq!(
        with_header(html, "https://x.de/", old),
        (String::new(), "2024-01-01".into())
    );
}
