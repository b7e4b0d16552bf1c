//! No input may panic, overflow the stack or hang.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hunter_extract::{PageInput, assemble, decode, extract_feed, extract_page, extract_sitemap};
use jiff::Timestamp;
use proptest::prelude::*;

fn read(body: &[u8]) {
    let fetched_at = Timestamp::from_second(1_735_732_800).unwrap();
    let url = "https://x.de/blog/";
    let input = PageInput {
        url,
        content_type: None,
        last_modified: Some("x"),
        body,
        fetched_at,
    };
    let _ = decode(body, Some("text/html; charset=shift_jis"));
    let page = extract_page(&input, Some("DE"));
    for email in &page.emails.kept {
        let again = email.address.as_str().parse();
        assert_eq!(again.as_ref(), Ok(&email.address));
    }
    let feed = extract_feed(&input);
    let sitemap = extract_sitemap(&input);
    let site = assemble(&[page], &[feed], &[sitemap], fetched_at);
    assert!(site.facts.len() <= 20);
    let mut lead = hunter_contracts::Lead::new(hunter_contracts::LeadId::new("l").unwrap());
    hunter_extract::apply(&mut lead, site);
}

/// Pieces that steer input into the extractors.
fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<div>",
        "</div>",
        "<p>",
        "<a href='mailto:",
        "@",
        "info",
        ".de",
        "[at]",
        "(dot)",
        "ä",
        "日本",
        "<time datetime='2024-13-45'>",
        "12. Mai 2024",
        "2024年1月",
        "Tel: +49",
        "0211",
        "<br>",
        "</a>",
        "<script type='application/ld+json'>{\"@type\":\"Person\",\"email\":\"",
        "\"}</script>",
        "&amp;",
        "<article class='post'><h2><a href='/blog/x'>",
        "<rss><channel><item><title>",
        "</item>",
        "%4",
        "%40",
        "<urlset><url><loc>https://x.de/a</loc>",
        "<lastmod>20",
        "</url>",
        "<!--",
        "-->",
        "<svg><path/>",
        "data-cfemail='",
        "<i data-cfemail='5a33",
        "'>",
        " ",
        "\n",
        "Inhaber: ",
        "Dr. Ann Lee",
        "seit 1987",
        "。",
        "mailto:",
        "＠",
        "\u{202E}",
        "\u{E0041}",
        "@2x.png",
        "info@praxis-müller.de",
        "o'neil+x@firm.co.uk",
        "a@b_c.de",
        "<title>",
        "</title>",
        "<table><td>",
        "ſ",
        "İ",
        "K",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(&body);
    }

    #[test]
    fn any_markup(body in soup()) {
        read(body.as_bytes());
    }
}

#[test]
fn deep_wide_and_long_pages() {
    read("<div>".repeat(300_000).as_bytes());
    read("<b><i></x>".repeat(100_000).as_bytes());
    read(format!("<a {}>", "b ".repeat(1_000_000)).as_bytes());
    read(
        "<p>info@firma.de 12. Mai 2024 Tel: 0211 16082 </p>"
            .repeat(60_000)
            .as_bytes(),
    );
    read("a@".repeat(500_000).as_bytes());
    read("info at ".repeat(200_000).as_bytes());
    read("<rss><channel><item>".repeat(50_000).as_bytes());
    read("[".repeat(1_000_000).as_bytes());
    read("%3".repeat(500_000).as_bytes());
}
