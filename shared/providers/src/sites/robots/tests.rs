use proptest::prelude::*;

use super::*;

fn read(robots: &str) -> Robots {
    Robots::Rules(Rules::read("HunterBot", robots.as_bytes()))
}

fn allowed(robots: &str, path: &str) -> bool {
    let url = Url::parse("https://a.de").unwrap().join(path).unwrap();
    read(robots).check(&url).is_ok()
}

#[test]
fn our_group_wins_over_everybodys() {
    let robots = "User-agent: *\nDisallow: /\n\nUser-agent: hunterbot\nDisallow: /private\n";
    assert!(allowed(robots, "/about"));
    assert!(!allowed(robots, "/private/x"));
    assert!(!allowed("User-agent: *\nDisallow: /", "/"));
    assert!(allowed("User-agent: *\nDisallow: /", "/robots.txt"));
    assert!(!allowed("User-agent: *\nDisallow: /", "/robots.txt?x"));
    assert!(allowed("", "/"));
    assert!(allowed("<html>not robots</html>", "/"));
}

#[test]
fn patterns() {
    for (pattern, path, matches) in [
        ("/a", "/ab", true),
        ("/a$", "/ab", false),
        ("/a$", "/a", true),
        ("/*.php$", "/x/y.php", true),
        ("/*.php$", "/x.php/y.php", true),
        ("/*.php$", "/y.php?a", false),
        ("/a*$", "/abc", true),
        ("*", "/", true),
        ("*/b", "/a/b/c", true),
        ("/a**b", "/a/x/b", true),
        ("/a*b*a$", "/aba", true),
        ("/a*b*a$", "/ab", false),
        ("a", "/a", false),
        ("$", "/", false),
        ("/a$b", "/a$b", true),
        ("/a$b", "/a", false),
        ("/%c3%a4", "/\u{e4}", true),
        ("/\u{e4}", "/%C3%A4", true),
        ("/%7ejoe", "/~joe", true),
        ("/a%2fb", "/a/b", false),
        ("/a%2fb", "/a%2Fb", true),
        ("/100%", "/100%", true),
        ("/a b", "/a%20b", true),
        ("/a%2Ab", "/a*b", true),
        ("/a%2Ab", "/axb", false),
        ("/{id}", "/%7Bid%7D", true),
        ("/?q='a'", "/?q='a'", true),
    ] {
        let robots = format!("User-agent: *\nDisallow: {pattern}");
        assert_eq!(!allowed(&robots, path), matches, "{pattern} for {path}");
    }
}

#[test]
fn the_longest_pattern_decides_and_of_two_the_one_that_allows() {
    let of = |rules: &str| format!("User-agent: *\n{rules}");
    assert!(allowed(&of("Disallow: /\nAllow: /a"), "/ab"));
    assert!(!allowed(&of("Allow: /a\nDisallow: /ab"), "/ab"));
    assert!(allowed(&of("Disallow: /a\nAllow: /a"), "/a"));
    assert!(allowed(&of("Allow /a\nDisallow /"), "/a"), "without colons");
}

#[test]
fn sitemaps_and_delay() {
    let rules = read(
        "Sitemap: /map.xml\nSitemap: https://b.de/x.xml\nSitemap: javascript:1\n\
         User-agent: *\nCrawl-delay: 1.5\nDisallow:\n",
    );
    let site = Url::parse("https://a.de/page").unwrap();
    assert_eq!(
        rules.sitemaps(&site),
        ["https://a.de/map.xml", "https://b.de/x.xml"]
    );
    assert!((rules.delay_s() - 1.5).abs() < f32::EPSILON);
    let top = read("Crawl-delay: 2\nUser-agent: *\nDisallow: /a");
    assert!((top.delay_s() - 2.0).abs() < f32::EPSILON);
}

#[test]
fn the_token_is_the_first_word() {
    assert_eq!(product_token("HunterBot/0.1 (+https://x)"), "HunterBot");
}

/// What a pattern means, one character after the other.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match (pattern, path) {
        ([], _) => true,
        (b"$", path) => path.is_empty(),
        ([b'*', rest @ ..], _) => (0..=path.len()).any(|at| matches(rest, &path[at..])),
        ([first, rest @ ..], [next, left @ ..]) => first == next && matches(rest, left),
        (_, []) => false,
    }
}

/// Lines that are likely to mean something, with bytes that mean nothing between them.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let field = "(user-agent|allow|disallow|crawl-delay|sitemap) ?:? ?[*$%/a-c\u{e4}#.0-9]{0,12}";
    prop_oneof![
        4 => field.prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #[test]
    fn every_file_is_read_and_every_address_judged(
        lines in proptest::collection::vec(line(), 0..30),
        mark in proptest::sample::select(vec![&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"]),
        path in "[/*$%?a-c\u{e4}]{0,12}",
    ) {
        let body = [mark, &lines.join(&b'\n')].concat();
        let rules = Rules::read("HunterBot", &body);
        let site = Url::parse("https://a.de/").unwrap();
        let url = site.join(&path).unwrap_or(site);
        prop_assert!(rules.delay_s.is_finite() && rules.delay_s >= 0.0);
        prop_assert_eq!(rules.allow(&url), Rules::read("HunterBot", &body).allow(&url));
        prop_assert!(rules.sitemaps.len() <= SITEMAPS_MAX);
    }

    #[test]
    fn a_path_that_is_forbidden_word_for_word_is_forbidden(path in "/[a-zA-Z0-9%\u{e4}{}'/?=&+,;:@!()-]{0,30}") {
        let url = Url::parse(&format!("https://a.de{path}")).unwrap();
        let written = &url[url::Position::BeforePath..];
        prop_assume!(written != "/robots.txt");
        for pattern in [written.to_owned(), format!("{written}$")] {
            let robots = format!("User-agent: *\nDisallow: {pattern}\n");
            prop_assert!(read(&robots).check(&url).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_matches_what_it_says(pattern in "/[ab*]{0,7}\\$?", path in "/[ab]{0,7}") {
        let wanted = matches(pattern.as_bytes(), path.as_bytes());
        let robots = format!("User-agent: *\nDisallow: {pattern}\n");
        prop_assert_eq!(!allowed(&robots, &path), wanted);
    }

    /// Beside a port of Google's matcher; without `*`, after which the port loses matches.
    #[test]
    fn plain_files_mean_what_googles_matcher_says(
        lines in proptest::collection::vec(
            "(User-agent: (\\*|HunterBot|other)|(Allow|Disallow): /[ab]{0,5}\\$?)\n", 0..12),
        path in "/[ab]{0,5}",
    ) {
        // Without any name, rules are taken to be meant for everybody.
        let body = format!("{}User-agent: last\n", lines.concat());
        let url = format!("https://a.de{path}");
        let wanted = robotstxt::DefaultMatcher::default()
            .one_agent_allowed_by_robots(&body, "HunterBot", &url);
        prop_assert_eq!(read(&body).check(&Url::parse(&url).unwrap()).is_ok(), wanted, "{}", body);
    }
}
