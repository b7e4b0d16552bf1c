//! robots.txt (RFC 9309).

use hunter_contracts::Cause;
use hunter_core::FetchFailure;
use texting_robots::Robot;
use url::Url;

/// What is read of a robots.txt; RFC 9309 §2.5 asks for at least 500 KiB.
pub(crate) const ROBOTS_MAX_BYTES: usize = 500 * 1024;

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
pub(crate) async fn parse(token: &str, mut body: Vec<u8>) -> Robots {
    body.truncate(ROBOTS_MAX_BYTES);
    let token = token.to_owned();
    let parsed = tokio::task::spawn_blocking(move || Robot::new(&token, &body)).await;
    match parsed {
        Ok(Ok(rules)) => Robots::Rules(Box::new(rules)),
        Ok(Err(_)) | Err(_) => Robots::Unknown(FetchFailure {
            cause: Cause::Robots,
            message: "robots.txt cannot be understood, so nothing is fetched".to_owned(),
            retryable: false,
        }),
    }
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
