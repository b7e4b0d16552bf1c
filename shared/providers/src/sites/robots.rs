//! robots.txt (RFC 9309).

use hunter_contracts::Cause;
use hunter_core::ports::FetchFailure;
use texting_robots::Robot;
use url::Url;

/// What is read of a robots.txt; RFC 9309 §2.5 asks for at least 500 KiB.
pub(crate) const ROBOTS_MAX_BYTES: usize = 500 * 1024;

/// Patterns with `$` that are read; real files have a few dozen.
const ANCHORED_MAX: usize = 2_000;
/// A pattern that matches no path: a rule without one still ends a list of user agents.
const NOWHERE: &str = "\u{1}";

/// What a site's robots.txt says.
pub(crate) enum Robots {
    /// Rules that name us, or everybody.
    Rules(Box<Robot>),
    /// There is none.
    AllowAll,
    /// It could not be read, so nothing may be fetched (§2.3.1.4).
    Unknown(FetchFailure),
}

impl Robots {
    /// Whether an address may be fetched.
    pub(crate) fn check(&self, url: &Url) -> Result<(), FetchFailure> {
        match self {
            Self::AllowAll => Ok(()),
            Self::Rules(rules) if rules.allowed(url.as_str()) => Ok(()),
            Self::Rules(_) => Err(FetchFailure {
                cause: Cause::Robots,
                message: format!("robots.txt forbids {url}"),
                retryable: false,
            }),
            Self::Unknown(failure) => Err(failure.clone()),
        }
    }

    /// Seconds between requests, where the site asks for any.
    pub(crate) fn delay_s(&self) -> f32 {
        match self {
            Self::Rules(rules) => rules
                .delay
                .filter(|d| d.is_finite())
                .unwrap_or(0.0)
                .max(0.0),
            Self::AllowAll | Self::Unknown(_) => 0.0,
        }
    }

    /// Sitemaps that it names, as http or https addresses; at most 50.
    pub(crate) fn sitemaps(&self, site: &Url) -> Vec<String> {
        let Self::Rules(rules) = self else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for sitemap in rules.sitemaps.iter().take(50) {
            let Ok(url) = site.join(sitemap.trim()) else {
                continue;
            };
            let url = matches!(url.scheme(), "http" | "https").then(|| url.to_string());
            if let Some(url) = url.filter(|url| !found.contains(url)) {
                found.push(url);
            }
        }
        found
    }
}

/// The product token of a user agent: `HunterBot` of `HunterBot/0.1 (+https://…)`.
pub(crate) fn product_token(user_agent: &str) -> String {
    let token = user_agent.split(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_')));
    token.into_iter().next().unwrap_or_default().to_owned()
}

/// Parses a robots.txt. Hostile files are parsed apart: a crash of the parser forbids fetching.
pub(crate) async fn parse(token: &str, body: Vec<u8>) -> Robots {
    let token = token.to_owned();
    let parsed = tokio::task::spawn_blocking(move || {
        let text = prepared(body, &token)?;
        Robot::new(&token, text.as_bytes()).ok()
    });
    match parsed.await {
        Ok(Some(rules)) => Robots::Rules(Box::new(rules)),
        Ok(None) | Err(_) => Robots::Unknown(FetchFailure {
            cause: Cause::Robots,
            message: "robots.txt cannot be understood, so nothing is fetched".to_owned(),
            retryable: false,
        }),
    }
}

/// The file as the parser reads it the way RFC 9309 does. `None` for a file with so many anchored
/// patterns, each compiled into an automaton, that they would fill the memory.
fn prepared(mut body: Vec<u8>, token: &str) -> Option<String> {
    if body.len() >= ROBOTS_MAX_BYTES {
        body.truncate(ROBOTS_MAX_BYTES);
        // The line that is cut in two would forbid, or allow, more than it says.
        let end = body.iter().rposition(|b| *b == b'\n').unwrap_or(0);
        body.truncate(end);
    }
    let text = text(&body);
    let mut lines = Vec::new();
    let mut anchored = 0;
    for line in text.split(['\n', '\r', '\0']) {
        let rule = line.split('#').next().unwrap_or_default().trim();
        let (key, value) = rule.split_once(':').unwrap_or((rule, ""));
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        match key.as_str() {
            "user-agent" | "useragent" | "user agent" => {
                lines.push(format!("User-agent: {}", named(value, token)));
            }
            // An empty rule says nothing; the parser would read it as `Allow: /`, which wins over
            // a `Disallow: /` of the same group.
            "allow" | "disallow" if value.is_empty() => {
                lines.push(format!("{key}: {NOWHERE}"));
            }
            _ => {
                anchored += usize::from(value.contains('$'));
                lines.push(line.to_owned());
            }
        }
    }
    (anchored <= ANCHORED_MAX).then(|| lines.join("\n"))
}

/// A group's product token without what follows it: `HunterBot/2.0` names `HunterBot` (§2.2.1).
/// Everything that is not ours stays as it is.
fn named<'v>(value: &'v str, token: &'v str) -> &'v str {
    let word = product_token(value);
    if value.starts_with('*') {
        "*"
    } else if word.eq_ignore_ascii_case(token) {
        token
    } else {
        value
    }
}

/// UTF-8 as §2.3 asks for, or UTF-16 where a byte order mark says so: Windows editors write it, and
/// what it forbids is meant.
fn text(body: &[u8]) -> String {
    let units: fn([u8; 2]) -> u16 = match body {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => {
            let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
            return String::from_utf8_lossy(text).into_owned();
        }
    };
    let pairs = body
        .as_chunks::<2>()
        .0
        .iter()
        .skip(1)
        .map(|pair| units(*pair));
    char::decode_utf16(pairs)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn allowed(robots: &str, path: &str) -> bool {
        let rules = parse("HunterBot", robots.as_bytes().to_vec()).await;
        let url = Url::parse("https://a.de").unwrap().join(path).unwrap();
        rules.check(&url).is_ok()
    }

    #[tokio::test]
    async fn our_group_wins_over_everybodys() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: hunterbot\nDisallow: /private\n";
        assert!(allowed(robots, "/about").await);
        assert!(!allowed(robots, "/private/x").await);
        assert!(!allowed("User-agent: *\nDisallow: /", "/").await);
        assert!(allowed("", "/").await);
        assert!(allowed("<html>not robots</html>", "/").await);
    }

    #[tokio::test]
    async fn sitemaps_and_delay() {
        let text = "Sitemap: /map.xml\nSitemap: https://b.de/x.xml\nSitemap: javascript:1\n\
                    User-agent: *\nCrawl-delay: 1.5\nDisallow:\n";
        let rules = parse("HunterBot", text.as_bytes().to_vec()).await;
        let site = Url::parse("https://a.de/page").unwrap();
        assert_eq!(
            rules.sitemaps(&site),
            ["https://a.de/map.xml", "https://b.de/x.xml"]
        );
        assert!((rules.delay_s() - 1.5).abs() < f32::EPSILON);
    }

    #[test]
    fn the_token_is_the_first_word() {
        assert_eq!(product_token("HunterBot/0.1 (+https://x)"), "HunterBot");
    }
}
