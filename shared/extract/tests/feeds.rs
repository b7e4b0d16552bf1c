//! Feeds and sitemaps: every real file is read or refused for a reason, and no document makes the
//! reader do more than read it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic and print"
)]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use hunter_extract::{PageInput, Refusal, decode, read_feed, read_sitemap};

fn input<'a>(url: &'a str, content_type: Option<&'a str>, body: &'a [u8]) -> PageInput<'a> {
    PageInput {
        url,
        content_type,
        last_modified: None,
        body,
        fetched_at: "2026-06-01T12:00:00Z".parse().unwrap(),
    }
}

/// The folder with real feeds, next to the project; nothing when it is not there.
fn recorded() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld/feeds");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no folder with real feeds");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The value of `Header:` or `Expect:` in the comment at the head of a file of feedparser's tests.
fn noted(text: &str, key: &str) -> Option<String> {
    let head = text.split("-->").next()?;
    let line = head.lines().find_map(|l| l.trim().strip_prefix(key))?;
    Some(line.trim().to_owned())
}

#[test]
fn every_real_file_is_read_or_refused() {
    let Some(folder) = recorded() else { return };
    let mut table: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut unreadable = Vec::new();
    let all = files(&folder);
    assert!(all.len() >= 250);
    for file in &all {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        // What feed-rs expects of a file, as its own data, not a feed.
        if name.ends_with(".serde.json") {
            continue;
        }
        let body = fs::read(file).unwrap();
        let url = format!("https://x.com/{name}");
        let found = match read_feed(&input(&url, None, &body)) {
            Ok(posts) => {
                assert!(posts.len() <= 500);
                "feed".to_owned()
            }
            Err(Refusal::OtherKind) => match read_sitemap(&input(&url, None, &body)) {
                Ok(_) => "sitemap".to_owned(),
                Err(refusal) => format!("{refusal:?}"),
            },
            Err(refusal) => format!("{refusal:?}"),
        };
        let text = decode(&body, None).text.to_lowercase();
        let with_addresses = ["<item", "<entry", ":entry", "\"items\""]
            .iter()
            .any(|m| text.contains(m))
            && [
                "<link>http",
                "<link>\nhttp",
                "href=\"http",
                "\"url\": \"http",
                "<link>/",
            ]
            .iter()
            .any(|m| text.contains(m));
        if found == "NoEntries" && with_addresses {
            unreadable.push(name.to_owned());
        }
        let group = name.rsplit_once('/').unwrap().0.to_owned();
        *table.entry(group).or_default().entry(found).or_default() += 1;
    }
    for (group, counts) in &table {
        println!("{group}: {counts:?}");
    }
    println!("with entries and addresses, but nothing read: {unreadable:#?}");
    for (group, kind, least) in [
        ("feed-rs/rss2", "feed", 30),
        ("feed-rs/atom", "feed", 12),
        ("feed-rs/jsonfeed", "feed", 3),
        ("trafilatura", "feed", 3),
        ("trafilatura", "sitemap", 4),
        ("sitemap-formats", "feed", 3),
        ("sitemap-formats", "sitemap", 6),
    ] {
        let count = table[group].get(kind).copied().unwrap_or(0);
        assert!(
            count >= least,
            "{group}: {count} of at least {least} {kind}s"
        );
    }
}

/// feedparser's tests say which encoding each document is in.
#[test]
fn encodings_are_those_that_the_files_expect() {
    let Some(folder) = recorded() else { return };
    let (mut right, mut all) = (0, 0);
    for folder in ["feedparser-encoding", "feedparser-illformed"] {
        for file in files(&recorded().unwrap().join(folder)) {
            let body = fs::read(&file).unwrap();
            let plain = decode(&body, None).text;
            let header = noted(&plain, "Header:").unwrap_or_default();
            let kind = header.strip_prefix("Content-type:").map(str::trim);
            let Some(expect) = noted(&plain, "Expect:") else {
                continue;
            };
            let Some((_, label)) = expect.split_once("encoding == '") else {
                continue;
            };
            let label = label.split('\'').next().unwrap();
            let read = decode(&body, kind);
            let known = |label: &str| encoding_rs::Encoding::for_label(label.as_bytes());
            let same = match known(label) {
                Some(wanted) => known(read.encoding) == Some(wanted),
                // UTF-32 is not among the encodings of the web.
                None => label
                    .replace('_', "-")
                    .to_uppercase()
                    .starts_with(read.encoding.trim_end_matches("LE").trim_end_matches("BE")),
            };
            // What is not declared is guessed; KOI8-U is KOI8-R with the Ukrainian letters.
            let same = same || (read.encoding, label) == ("KOI8-U", "KOI8-R");
            // Bytes below 128 mean the same in all of these.
            let ascii = body.is_ascii() && !read.lossy;
            all += 1;
            if same || ascii {
                right += 1;
            } else {
                println!("{}: {} instead of {label}", file.display(), read.encoding);
            }
        }
    }
    let _ = folder;
    println!("{right} of {all} encodings");
    assert!(all >= 45 && right == all, "{right} of {all}");
}

/// The entities of a document's own are not expanded, from inside or outside.
#[test]
fn entities_are_inert() {
    let mut laughs = String::from("<?xml version='1.0'?>\n<!DOCTYPE rss [<!ENTITY l0 'lol'>\n");
    for n in 1..12 {
        let previous = format!("&l{};", n - 1).repeat(10);
        writeln!(laughs, "<!ENTITY l{n} '{previous}'>").unwrap();
    }
    let quadratic = format!("<!DOCTYPE rss [<!ENTITY q '{}'>]>", "q".repeat(100_000));
    let outside = "<!DOCTYPE rss [<!ENTITY e SYSTEM 'file:///etc/passwd'>\
                   <!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>";
    for (declared, used) in [
        (format!("{laughs}]>"), "&l11;".to_owned()),
        (quadratic, "&q;".repeat(10_000)),
        (outside.to_owned(), "&e;".to_owned()),
    ] {
        for text in [
            format!(
                "{declared}<rss version='2.0'><channel><title>{used}</title><item><title>A{used}</title>\
                     <link>https://x.de/a</link></item></channel></rss>"
            ),
            format!(
                "{declared}<feed xmlns='http://www.w3.org/2005/Atom'><id>i</id><title>t</title>\
                     <updated>2024-01-01T00:00:00Z</updated><entry><id>1</id><title>{used}</title>\
                     <link href='https://x.de/a'/></entry></feed>"
            ),
            format!("{declared}<urlset><url><loc>https://x.de/a{used}</loc></url></urlset>"),
        ] {
            let input = input("https://x.de/feed", None, text.as_bytes());
            if let Ok(posts) = read_feed(&input) {
                for post in posts {
                    let title = post.title.unwrap_or_default();
                    assert!(title.len() <= 1_000, "{}", title.len());
                    assert!(!title.contains("lollol") && !title.contains("root:"));
                }
            }
            if let Ok(sitemap) = read_sitemap(&input) {
                assert!(sitemap.urls.iter().all(|u| u.url.len() <= 4_100));
                assert!(sitemap.urls.iter().all(|u| !u.url.contains("lollol")));
            }
        }
    }
}

#[test]
fn sizes_and_depths_are_bounded() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"<urlset>").unwrap();
    let url = "<url><loc>https://x.de/a</loc></url>".repeat(1_000);
    for _ in 0..2_000 {
        bomb.write_all(url.as_bytes()).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let read = read_sitemap(&input("https://x.de/s.xml.gz", None, &bomb)).unwrap();
    assert_eq!(read.urls.len(), 12_500);
    for text in [
        "<rss><channel>".to_owned() + &"<item>".repeat(200_000),
        "<urlset>".to_owned() + &"<url>".repeat(200_000),
        "<sitemapindex>".to_owned() + &"<sitemap><loc>".repeat(100_000),
        format!(
            "{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}",
            "[".repeat(500_000)
        ),
        format!("<rss {}>", "a='b' ".repeat(300_000)),
        format!("<rss><channel><item><title>{}", "&amp;".repeat(500_000)),
    ] {
        let input = input("https://x.de/feed", None, text.as_bytes());
        let _ = (read_feed(&input), read_sitemap(&input));
    }
}
