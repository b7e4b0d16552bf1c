use jiff::Timestamp;

use super::*;

fn find_in(html: &str, url: &str) -> Emails {
    let doc = Doc::read(html, url);
    let data = JsonLd::read(&doc.json_ld);
    let source = Source {
        url: url.into(),
        fetched_at: Timestamp::UNIX_EPOCH,
    };
    find(&doc, &data, &source, &Own::of(url, None))
}

fn kept(html: &str) -> Vec<String> {
    find_in(html, "https://www.firma.de/")
        .kept
        .into_iter()
        .map(|e| e.address.into())
        .collect()
}

fn reason(html: &str) -> Option<Rejection> {
    let found = find_in(html, "https://www.firma.de/");
    assert!(found.kept.is_empty(), "{:?}", found.kept);
    found.rejected.first().map(|r| r.reason)
}

#[test]
fn patterns_are_valid() {
    crate::pattern::build(&[&PLAIN]);
}

#[test]
fn every_way_of_writing() {
    let code: String = std::iter::once(7_u8)
        .chain("info@firma.de".bytes().map(|b| b ^ 7))
        .map(|b| format!("{b:02x}"))
        .collect();
    for html in [
        "<a href='mailto:info@firma.de'>Mail</a>".to_owned(),
        "<a href='MAILTO:mailto:info@firma.de?subject=Hi%20x'>Mail</a>".to_owned(),
        "<a href='mailto:%69nfo%40firma.de'>Mail</a>".to_owned(),
        "<a href='mailto:info(at)firma.de'>Mail</a>".to_owned(),
        "<p>Write to info@Firma.DE.</p>".to_owned(),
        "<p>&#105;nfo&#64;firma&#46;de</p>".to_owned(),
        "<p>info [at] firma.de</p>".to_owned(),
        "<p>info (ät) firma (punkt) de</p>".to_owned(),
        "<p>info at firma dot de</p>".to_owned(),
        "<p>Mail: info@firma.deTelefon 0211</p>".to_owned(),
        "<p>info@firma.dewww.firma.de</p>".to_owned(),
        "<p>office[at]x</p><p>info[at]firma.deWeb</p>".to_owned(),
        r#"<script type="application/ld+json">{"@type":"Dentist","email":"mailto:info@firma.de"}</script>"#.to_owned(),
        format!("<span class='__cf_email__' data-cfemail='{code}'>[email&#160;protected]</span>"),
        format!("<a href='/cdn-cgi/l/email-protection#{code}'>Mail</a>"),
    ] {
        assert_eq!(kept(&html), ["info@firma.de"], "{html}");
    }
}

#[test]
fn two_addresses_run_together_and_lists() {
    assert_eq!(
        kept("<p>a@firma.debert@gmail.com</p>"),
        ["a@firma.de", "bert@gmail.com"]
    );
    let list = "<a href='mailto:a@firma.de, b@firma.de'>x</a>";
    assert_eq!(kept(list), ["a@firma.de", "b@firma.de"]);
}

#[test]
fn what_is_not_an_address_of_the_business() {
    let cases = [
        ("<p>you@example.com</p>", Rejection::Placeholder),
        ("<p>info@yourdomain.com</p>", Rejection::Placeholder),
        ("<p>vorname.nachname@firma.de</p>", Rejection::Placeholder),
        (
            "<a href='mailto:user@company.com'>x</a>",
            Rejection::Placeholder,
        ),
        ("<p>hello@qodeinteractive.com</p>", Rejection::ThemeDemo),
        ("<p>wapuu@wordpress.org</p>", Rejection::ThemeDemo),
        (
            "<p>605a7baede844d278b89dc95ae0a9123@sentry-next.wixpress.com</p>",
            Rejection::TrackingKey,
        ),
        ("<p>logo@2x.png</p>", Rejection::AssetName),
        ("<p>x@nowhere.zzzz</p>", Rejection::Malformed),
        ("<p>noreply@firma.de</p>", Rejection::NoReply),
        (
            "<footer>Website by <a href='mailto:hi@agency.com'>Agency</a></footer>",
            Rejection::AgencyCredit,
        ),
        (
            "<footer><p>Webdesign:</p><p>hi@agency.com</p></footer>",
            Rejection::AgencyCredit,
        ),
    ];
    for (html, why) in cases {
        assert_eq!(reason(html), Some(why), "{html}");
    }
}

#[test]
fn authorities_on_legal_pages() {
    let html = "<p>Aufsichtsbehörde: poststelle@ldi.nrw.de</p><p>info@firma.de</p>";
    let found = find_in(html, "https://firma.de/datenschutz");
    assert_eq!(found.kept.len(), 1);
    assert_eq!(found.rejected[0].reason, Rejection::ThirdParty);
    let html = "<p>Zuständige Kammer: info@zaek.de</p>";
    assert_eq!(
        find_in(html, "https://firma.de/impressum").rejected[0].reason,
        Rejection::ThirdParty
    );
}

#[test]
fn hidden_addresses_are_traps() {
    let html =
        "<div style='display: none'><a href='mailto:trap@firma.de'>x</a> bait@firma.de</div>";
    assert!(kept(html).is_empty());
    assert!(kept("<!-- a@firma.de --><script>'b@firma.de'</script>").is_empty());
}

#[test]
fn confidence_follows_evidence() {
    let html = "<a href='mailto:info@firma.de'>x</a><p>praxis@firma.de</p><p>doc@gmail.com</p>\
        <p>x@other.com</p><a href='mailto:webmaster@firma.de'>x</a>";
    let found = find_in(html, "https://firma.de");
    let order: Vec<_> = found.kept.iter().map(|e| e.address.as_str()).collect();
    assert_eq!(
        order,
        [
            "info@firma.de",
            "praxis@firma.de",
            "doc@gmail.com",
            "webmaster@firma.de",
            "x@other.com"
        ]
    );
    assert!(found.kept[0].confidence.get() >= 0.9);
    assert!(found.kept[4].confidence.get() < 0.5);
}

#[test]
fn evidence_quotes_the_page() {
    let found = find_in(
        "<p>Bitte  schreiben Sie\n an info@firma.de, danke.</p>",
        "https://firma.de",
    );
    assert_eq!(
        found.kept[0].evidence.quote,
        "Bitte schreiben Sie an info@firma.de, danke."
    );
}

#[test]
fn a_reserved_name_counts_on_its_own_site() {
    let found = find_in("<p>info@praxis.example</p>", "http://praxis.example/");
    assert_eq!(found.kept.len(), 1);
}

#[test]
fn international_domains_become_ascii() {
    assert_eq!(
        kept("<p>info@müller-zahn.de</p>"),
        ["info@xn--mller-zahn-9db.de"]
    );
    assert!(kept("<p>jürgen@firma.de</p>").is_empty());
}
