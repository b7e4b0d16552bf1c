//! robots.txt: Google's conformance cases, real files beside Google's own matcher, and the rules
//! of RFC 9309 about getting the file.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use hunter_contracts::Cause;
use hunter_core::ports::{Clock, FetchFailure, ManualClock, SiteFetcher};
use hunter_providers::{HttpSites, HttpSitesConfig, Route};

use crate::{
    robots_vectors::{Case, json, text_proto},
    web::{Answer, Public, answer, clock, page, recorded, redirect},
};

/// Where the crawler differs from the conformance cases, and why that is right.
const DIFFERENCES: [(&str, &str, &str); 7] = [
    ("ID_Encoding", "http://foo.bar/foo/bar/baz", ENCODED),
    (
        "non-ascii-paths.textproto",
        "http://foo.bar/foo/bar/baz",
        ENCODED,
    ),
    ("ID_Encoding", "http://foo.bar/foo/bar/ツ", ENCODED),
    (
        "non-ascii-paths.textproto",
        "http://foo.bar/foo/bar/ツ",
        ENCODED,
    ),
    (
        "GoogleOnly_IndexHTMLisDirectory",
        "http://foo.com/allowed-slash/",
        INDEX,
    ),
    (
        "index-page.textproto",
        "http://foo.com/allowed-slash/",
        INDEX,
    ),
    (
        "BOM-characters.textproto",
        "http://example.com/AnyValue",
        GROUP,
    ),
];
const ENCODED: &str = "address and pattern are compared in one spelling (RFC 9309 §2.2.2)";
const INDEX: &str = "that `index.html` is its folder is Google's rule alone";
const GROUP: &str = "rules that no user agent precedes are taken to be meant for everybody";
/// Files that Google's matcher reads more leniently.
const STRICTER: [(&str, &str); 1] = [(
    "www.turktelekom.com.tr.txt",
    "a no-break space after `*` in windows-1254: the group is taken to be meant for everybody",
)];

fn through(server: &Public, agent: &str, clock: Arc<ManualClock>) -> HttpSites {
    let mut config = HttpSitesConfig::new(Route::Gateway(server.address));
    config.user_agent = format!("{agent}/1.0");
    HttpSites::new(config, clock).unwrap()
}

/// A server whose hosts `n0.example`, `n1.example`, … have these files.
async fn serving(files: Vec<Vec<u8>>) -> Public {
    Public::start(move |asked| {
        let number = asked
            .host
            .trim_start_matches('n')
            .split('.')
            .next()
            .unwrap();
        match asked.path.as_str() {
            "/robots.txt" => answer(200, &[], &files[number.parse::<usize>().unwrap()]),
            _ => page("ok"),
        }
    })
    .await
}

/// What is asked for of a case's address, on a host of its own.
fn path(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => url[url::Position::BeforePath..].to_owned(),
        Err(_) => format!("/{}", url.trim_start_matches('/')),
    }
}

async fn allows(sites: &HttpSites, number: usize, path: &str) -> bool {
    match sites
        .fetch(&format!("http://n{number}.example{path}"))
        .await
    {
        Ok(_) => true,
        Err(failure) => {
            assert_eq!(failure.cause, Cause::Robots, "{failure}");
            false
        }
    }
}

#[tokio::test]
async fn googles_conformance_cases() {
    let Some(folder) = recorded("robots") else {
        return;
    };
    let mut cases: Vec<Case> = json(&folder.join("google-robotstxt-vectors.json"));
    for entry in fs::read_dir(folder.join("google-spec-test")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "textproto") {
            let found = text_proto(&path);
            assert!(!found.is_empty(), "{}", path.display());
            cases.extend(found);
        }
    }
    // A crawler's name is a product token, and robots.txt itself may always be fetched (§2.2.1, 2).
    let token = |agent: &str| {
        agent
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b"-_".contains(&b))
    };
    cases.retain(|case| {
        !case.agent.is_empty() && token(&case.agent) && path(&case.url) != "/robots.txt"
    });
    let server = serving(cases.iter().map(|c| c.robots.clone()).collect()).await;
    let mut fetchers: BTreeMap<String, HttpSites> = BTreeMap::new();
    let mut different = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let sites = fetchers
            .entry(case.agent.clone())
            .or_insert_with(|| through(&server, &case.agent, clock()));
        if allows(sites, number, &path(&case.url)).await != case.allowed {
            different.push(case);
        }
    }
    let known = |case: &&Case| {
        DIFFERENCES
            .iter()
            .any(|(file, url, _)| case.file == *file && case.url == *url)
    };
    let (expected, unexpected): (Vec<&Case>, Vec<&Case>) = different.into_iter().partition(known);
    for case in &unexpected {
        eprintln!(
            "{}: {} for {} should be {}{}\n{}",
            case.file,
            case.url,
            case.agent,
            if case.allowed { "allowed" } else { "forbidden" },
            if case.google_only {
                " (Google only)"
            } else {
                ""
            },
            String::from_utf8_lossy(&case.robots)
        );
    }
    for (file, url, why) in DIFFERENCES {
        let met = expected.iter().any(|c| c.file == file && c.url == url);
        assert!(met, "{file}: {url} is no difference any more: {why}");
    }
    eprintln!(
        "{} cases, {} known differences",
        cases.len(),
        expected.len()
    );
    assert!(
        unexpected.is_empty(),
        "{} of {}",
        unexpected.len(),
        cases.len()
    );
    assert!(cases.len() >= 350);
}

/// Paths that a file's rules speak of, and paths beside them.
fn paths(text: &str) -> Vec<String> {
    let mut found = vec![
        "/".to_owned(),
        "/index.html".to_owned(),
        "/a/b?c=d".to_owned(),
    ];
    for line in text.split(['\n', '\r']) {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let key = key.trim().to_ascii_lowercase();
        let value = value.split('#').next().unwrap_or_default().trim();
        if !matches!(key.as_str(), "allow" | "disallow") || !value.starts_with('/') {
            continue;
        }
        // Unlike that port, the crawler encodes a pattern's spaces as it does an address's.
        if value.contains(' ') {
            continue;
        }
        let plain = value.trim_end_matches('$').replace('*', "x");
        found.extend([format!("{plain}y"), plain]);
    }
    found.sort();
    found.dedup();
    // Evenly spread over the file.
    let step = found.len().div_ceil(12);
    found.into_iter().step_by(step).collect()
}

#[tokio::test]
async fn real_files_mean_what_googles_matcher_says() {
    let Some(folder) = recorded("robots/real") else {
        return;
    };
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let bodies: Vec<Vec<u8>> = files.iter().map(|f| fs::read(f).unwrap()).collect();
    assert!(bodies.len() >= 200);
    let server = serving(bodies.clone()).await;
    let (mut compared, mut different) = (0, Vec::new());
    for agent in ["HunterBot", "Googlebot", "AhrefsBot"] {
        let sites = through(&server, agent, clock());
        for (number, body) in bodies.iter().enumerate() {
            let text = String::from_utf8_lossy(body);
            // The port of Google's matcher reads a byte order mark as part of the first word.
            let text = text.trim_start_matches('\u{feff}');
            for path in paths(text) {
                let url = format!("http://n{number}.example{path}");
                let Ok(url) = url::Url::parse(&url) else {
                    continue;
                };
                let wanted = robotstxt::DefaultMatcher::default().one_agent_allowed_by_robots(
                    text,
                    agent,
                    url.as_str(),
                );
                compared += 1;
                if url.path() != "/robots.txt" && allows(&sites, number, &path).await != wanted {
                    let file = files[number].file_name().unwrap().display().to_string();
                    if wanted && STRICTER.iter().any(|(known, _)| *known == file) {
                        continue;
                    }
                    different.push(format!("{file}: {path} for {agent}: {wanted}"));
                }
            }
        }
    }
    eprintln!(
        "{compared} comparisons, different:\n{}",
        different.join("\n")
    );
    assert!(different.is_empty(), "{} of {compared}", different.len());
}

#[tokio::test]
async fn sitemaps_of_real_files() {
    let Some(folder) = recorded("robots/real") else {
        return;
    };
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let bodies: Vec<Vec<u8>> = files.iter().map(|f| fs::read(f).unwrap()).collect();
    let server = serving(bodies.clone()).await;
    let sites = through(&server, "HunterBot", clock());
    let mut with_sitemaps = 0;
    for (number, body) in bodies.iter().enumerate() {
        let text = String::from_utf8_lossy(body);
        let written = text.split(['\n', '\r']).filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            let key = key.trim_start_matches('\u{feff}').trim();
            let value = value.split('#').next()?.trim();
            let named = key.eq_ignore_ascii_case("sitemap") && value.starts_with("http");
            named
                .then(|| url::Url::parse(value).ok())
                .flatten()
                .map(String::from)
        });
        let written: std::collections::BTreeSet<String> = written.take(50).collect();
        let read = sites.sitemaps(&format!("http://n{number}.example/")).await;
        for sitemap in &written {
            let file = files[number].display();
            assert!(
                read.contains(sitemap),
                "{file}: {sitemap} is not in {read:?}"
            );
        }
        with_sitemaps += usize::from(!read.is_empty());
    }
    assert!(with_sitemaps >= 90, "{with_sitemaps}");
}

fn cause(failure: &FetchFailure) -> (Cause, bool) {
    (failure.cause, failure.retryable)
}

async fn fetched(
    answers: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> Result<(), (Cause, bool)> {
    let server = Public::start(move |asked| answers(&asked.path)).await;
    let sites = through(&server, "HunterBot", clock());
    let fetched = sites.fetch("http://a.example/x").await;
    fetched.map(|_| ()).map_err(|failure| cause(&failure))
}

#[tokio::test]
async fn the_status_of_the_file_decides_as_the_standard_says() {
    for (status, expected) in [
        (200, Ok(())),
        (204, Ok(())),
        (304, Ok(())),
        (400, Ok(())),
        (401, Ok(())),
        (403, Ok(())),
        (404, Ok(())),
        (410, Ok(())),
        (451, Ok(())),
        (429, Err((Cause::Blocked, true))),
        (500, Err((Cause::Robots, true))),
        (502, Err((Cause::Robots, true))),
        (503, Err((Cause::Robots, true))),
    ] {
        let got = fetched(move |path| match path {
            "/robots.txt" => answer(status, &[], ""),
            _ => page("ok"),
        });
        assert_eq!(got.await, expected, "{status}");
    }
}

#[tokio::test]
async fn redirects_of_the_file_are_followed_five_times() {
    let hops = |count: u32| {
        fetched(move |path| match path {
            "/robots.txt" => redirect("/hop/1"),
            "/x" => page("ok"),
            hop => {
                let number: u32 = hop.trim_start_matches("/hop/").parse().unwrap();
                if number == count {
                    answer(200, &[], "User-agent: *\nDisallow: /")
                } else {
                    redirect(&format!("/hop/{}", number + 1))
                }
            }
        })
    };
    assert_eq!(hops(5).await, Err((Cause::Robots, false)));
    assert_eq!(hops(6).await, Ok(()), "it counts as not there");
    let endless = fetched(|path| match path {
        "/robots.txt" => redirect("/robots.txt"),
        _ => page("ok"),
    });
    assert_eq!(endless.await, Ok(()));
}

/// Whether `/x` may be fetched with such a file.
async fn with_file(robots: impl AsRef<[u8]> + Send + Sync + 'static) -> bool {
    let fetched = fetched(move |path| match path {
        "/robots.txt" => answer(200, &[], robots.as_ref()),
        _ => page("ok"),
    });
    match fetched.await {
        Ok(()) => true,
        Err(failure) => {
            assert_eq!(failure.0, Cause::Robots);
            false
        }
    }
}

#[tokio::test]
async fn names_empty_rules_and_encodings() {
    // A version after the name.
    assert!(!with_file("User-agent: HunterBot/2.0\nDisallow: /\n").await);
    assert!(!with_file("User-agent: hunterbot (all)\nDisallow: /\n").await);
    assert!(with_file("User-agent: HunterBotty\nDisallow: /\n").await);
    // An empty rule says nothing.
    assert!(!with_file("User-agent: *\nDisallow:\nDisallow: /\n").await);
    assert!(!with_file("User-agent: *\nAllow:\nDisallow: /\n").await);
    assert!(with_file("User-agent: *\nDisallow:\n\nUser-agent: Other\nDisallow: /\n").await);
    // Groups of one name are one group.
    let groups = "User-agent: HunterBot\nDisallow: /a\n\nUser-agent: *\nAllow: /\n\n\
                  User-agent: hunterbot\nDisallow: /x\n";
    assert!(!with_file(groups).await);
    // UTF-16, either way round.
    let rule = "User-agent: *\r\nDisallow: /\r\n";
    for (mark, little) in [([0xFF, 0xFE], true), ([0xFE, 0xFF], false)] {
        let mut body = mark.to_vec();
        for unit in rule.encode_utf16() {
            body.extend(if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            });
        }
        assert!(!with_file(body).await);
    }
    assert!(!with_file(b"\xEF\xBB\xBFUser-agent: *\nDisallow: /".to_vec()).await);
    assert!(!with_file("User-agent: *\rDisallow: /\r").await);
    assert!(with_file("<!doctype html><p>User-agent: no\n").await);
    assert!(with_file(vec![0xFF; 1_000]).await);
}

#[tokio::test]
async fn long_and_hostile_files() {
    let filler = "# filler\n".repeat(100_000);
    assert!(
        with_file(format!("{filler}User-agent: *\nDisallow: /\n")).await,
        "beyond 500 KiB"
    );
    assert!(!with_file(format!("User-agent: *\nDisallow: /\n{filler}")).await);
    // A rule that the limit cuts in two is not read as a shorter one.
    let head = "User-agent: *\n";
    let long = format!(
        "{head}{}\nDisallow: /",
        "#".repeat(512_000 - head.len() - 12)
    );
    assert!(with_file(format!("{long}private\n")).await);
    // As many anchored patterns as the file can hold.
    let anchored = |end: &str| {
        format!(
            "User-agent: *\n{}{end}",
            "Disallow: /*a*b$\n".repeat(25_000)
        )
    };
    assert!(with_file(anchored("")).await);
    assert!(!with_file(anchored("Disallow: /*x$\n")).await);
    let stars = format!("User-agent: *\nDisallow: /{}\n", "*a".repeat(200_000));
    assert!(with_file(stars).await);
    assert!(with_file("User-agent: *\n".repeat(30_000)).await);
}

#[tokio::test]
async fn crawl_delays() {
    for (delay, waited_ms) in [
        ("1", 1_000),
        ("0.25", 250),
        (".5", 500),
        ("0", 0),
        ("-3", 0),
        ("NaN", 0),
        ("inf", 0),
        ("soon", 0),
        ("", 0),
        ("1e30", 2_000),
        ("86400", 2_000),
        ("99999999999999999999999999", 2_000),
    ] {
        let server = Public::start(move |asked| match asked.path.as_str() {
            "/robots.txt" => answer(200, &[], format!("User-agent: *\nCrawl-delay: {delay}\n")),
            _ => page("ok"),
        })
        .await;
        let clock = clock();
        let sites = through(&server, "HunterBot", Arc::clone(&clock));
        let start = clock.now();
        for _ in 0..2 {
            sites.fetch("http://a.example/x").await.unwrap();
        }
        let waited = clock.now().duration_since(start);
        assert_eq!(waited.as_millis(), waited_ms, "{delay}");
    }
}

#[tokio::test]
async fn the_file_is_asked_for_again_after_a_day() {
    let server = Public::start(|asked| match asked.path.as_str() {
        "/robots.txt" => answer(404, &[], ""),
        _ => page("ok"),
    })
    .await;
    let clock = clock();
    let sites = through(&server, "HunterBot", Arc::clone(&clock));
    for (hours, files) in [(0, 1), (23, 1), (2, 2)] {
        clock.advance(Duration::from_secs(hours * 3_600));
        sites.fetch("http://a.example/x").await.unwrap();
        let asked = server
            .paths()
            .iter()
            .filter(|p| *p == "/robots.txt")
            .count();
        assert_eq!(asked, files, "after {hours} h more");
    }
}
