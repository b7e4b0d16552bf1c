use super::*;
use crate::{PageInput, extract_feed, extract_page, extract_sitemap};

/// 2025-01-01.
fn now() -> Timestamp {
    Timestamp::from_second(1_735_732_800).unwrap()
}

fn input<'a>(url: &'a str, body: &'a str) -> PageInput<'a> {
    PageInput {
        url,
        content_type: None,
        last_modified: None,
        body: body.as_bytes(),
        fetched_at: now(),
    }
}

fn page(url: &str, body: &str) -> PageFacts {
    extract_page(&input(url, body), None)
}

#[test]
fn posts_are_joined_and_placeholders_left_out() {
    let feed = extract_feed(&input(
        "https://x.de/feed/",
        "<rss version='2.0'><channel><title>x</title>\
         <item><title>A</title><link>https://x.de/2024/11/01/a/</link><pubDate>Fri, 01 Nov 2024 10:00:00 +0000</pubDate></item>\
         <item><title>Hello world!</title><link>https://x.de/hello-world/</link><pubDate>Sun, 01 Dec 2024 10:00:00 +0000</pubDate></item>\
         </channel></rss>",
    ));
    let sitemap = extract_sitemap(&input(
        "https://www.x.de/post-sitemap.xml",
        "<urlset><url><loc>https://www.x.de/</loc></url><url><loc>https://www.x.de/2024/11/01/a/</loc></url>\
         <url><loc>https://www.x.de/b/</loc></url><url><loc>https://www.x.de/hello-world/</loc></url></urlset>",
    ));
    let site = assemble(
        &[page("https://x.de/", "<p>x</p>")],
        &[feed],
        &[sitemap],
        now(),
    );
    assert_eq!(site.metadata.blog_posts_count, Some(2));
    assert_eq!(site.metadata.recent_posts.len(), 1);
    assert_eq!(
        site.metadata.last_updated.unwrap().to_string(),
        "2024-11-01"
    );
    assert_eq!(
        site.metadata.content_freshness,
        Some(ContentFreshness::High)
    );
}

#[test]
fn freshness_has_its_bounds() {
    let today = jiff::civil::date(2025, 1, 1);
    let of = |days: i64| freshness(today.checked_sub(jiff::Span::new().days(days)).ok(), today);
    assert_eq!(of(0), ContentFreshness::High);
    assert_eq!(of(90), ContentFreshness::High);
    assert_eq!(of(91), ContentFreshness::Medium);
    assert_eq!(of(365), ContentFreshness::Medium);
    assert_eq!(of(366), ContentFreshness::Low);
    assert_eq!(freshness(None, today), ContentFreshness::Unknown);
}

#[test]
fn foreign_domains_yield_to_own_ones() {
    let a = page(
        "https://x.de/",
        "<p>info@x.de and sales@other.com and joe@gmail.com</p>",
    );
    let site = assemble(&[a], &[], &[], now());
    let kept: Vec<_> = site.emails.iter().map(|e| e.email.as_str()).collect();
    assert_eq!(kept, ["info@x.de", "joe@gmail.com"]);
    let b = page("https://x.de/", "<p>sales@other.com</p>");
    assert_eq!(assemble(&[b], &[], &[], now()).emails.len(), 1);
}

#[test]
fn a_clock_on_the_page_is_not_its_date() {
    let a = page("https://x.de/", "<h1>T</h1><p class='date'>01.01.2025</p>");
    let site = assemble(&[a], &[], &[], now());
    assert_eq!(site.metadata.last_updated, None);
    assert_eq!(
        site.metadata.content_freshness,
        Some(ContentFreshness::Unknown)
    );
    assert_eq!(site.absent.get("last_updated"), Some(&Cause::NotFound));
}

#[test]
fn applying_twice_changes_nothing() {
    let html = "<html lang=de><title>T</title><a href='mailto:info@x.de'>x</a><a href='tel:+4921116082'>x</a>\
        <script src='/wp-content/a.js'></script><h2>Leistungen</h2><ul><li>Prophylaxe</li></ul>\
        <a href='https://www.facebook.com/praxisx'>f</a><a href='/kontakt'>Kontakt</a>";
    let site = assemble(&[page("https://x.de/", html)], &[], &[], now());
    let mut lead = hunter_contracts::Lead::new(hunter_contracts::LeadId::new("l1").unwrap());
    lead.absent.insert("emails".into(), Cause::NotFound);
    lead.emails = Some(vec![EmailContact {
        email: "INFO@x.de".parse().unwrap(),
        ..site.emails[0].clone()
    }]);
    crate::apply(&mut lead, site.clone());
    let once = lead.clone();
    crate::apply(&mut lead, site.clone());
    assert_eq!(lead, once);
    assert_eq!(lead.emails.as_ref().unwrap().len(), 1);
    assert_eq!(lead.phone.as_deref(), Some("+4921116082"));
    assert!(!lead.absent.contains_key("emails"));
    let numbers: Vec<_> = lead.facts.iter().map(|f| f.number).collect();
    assert_eq!(
        numbers,
        (1..=u32::try_from(lead.facts.len()).unwrap()).collect::<Vec<_>>()
    );
    assert_eq!(
        lead.website_metadata.unwrap().language.as_deref(),
        Some("de")
    );
    let home = site.home_look("https://x.de/", now());
    assert_eq!(home.contact_links, ["https://x.de/kontakt"]);
}

#[test]
fn nothing_read_is_nothing_claimed() {
    let site = assemble(&[], &[], &[], now());
    assert!(site.absent.is_empty() && site.facts.is_empty() && site.emails.is_empty());
    assert_eq!(site.metadata.blog_posts_count, None);
}
