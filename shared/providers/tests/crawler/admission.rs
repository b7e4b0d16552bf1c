//! Nothing inside is ever connected to: counted at the sockets.

use std::net::{IpAddr, SocketAddr};

use hunter_contracts::Cause;
use hunter_core::ports::{FetchFailure, SiteFetcher};
use hunter_providers::{HttpSites, HttpSitesConfig, Route};

use crate::{
    addresses::{ADDRESSES, ANSWERS},
    web::{Inside, Names, Public, answer, clock, live, page, redirect},
};

/// An inside, and names of which all mean it.
async fn inside() -> (Inside, Names) {
    let inside = Inside::start().await;
    let names = Names::meaning(&inside.listening);
    (inside, names)
}

fn spelled(address: &str, inside: &Inside) -> String {
    address.replace("{P}", &inside.port.to_string())
}

fn refused(failure: &FetchFailure) -> bool {
    failure.cause == Cause::Unreachable && !failure.retryable
}

#[tokio::test]
async fn no_address_leads_inside() {
    let (inside, names) = inside().await;
    let sites = live(&names, &[], &[inside.port]);
    // As it is deployed: names as the machine resolves them.
    let deployed = HttpSites::new(HttpSitesConfig::new(Route::Live), clock()).unwrap();
    for (kind, address, says) in ADDRESSES {
        let address = spelled(address, &inside);
        let failure = sites.fetch(&address).await.expect_err(&address);
        assert!(refused(&failure), "{kind}: `{address}`: {failure:?}");
        assert!(failure.message.contains(says), "{kind}: {failure}");
        assert!(sites.sitemaps(&address).await.is_empty(), "{address}");
        let failure = deployed.fetch(&address).await.expect_err(&address);
        assert!(refused(&failure), "{kind}: `{address}`: {failure:?}");
        assert_eq!(inside.connections(), 0, "{kind}: `{address}`");
    }
    assert_eq!(sites.requests() + deployed.requests(), 0);
    assert_eq!(names.lookups(), 0, "nothing was even looked up");
    eprintln!(
        "{} addresses, {} listeners: 0 connections",
        ADDRESSES.len(),
        inside.listening.len()
    );
}

/// The tests here fail where the check is missing: an inside that is declared public is reached.
#[tokio::test]
async fn the_listeners_do_count() {
    let (inside, names) = inside().await;
    for spelling in [
        "127.0.0.1:{P}",
        "http://0x7f.1:{P}/",
        "http://①②⑦.⓪.⓪.①:{P}/",
    ] {
        let before = inside.connections();
        let sites = live(&names, &inside.listening, &[inside.port]);
        let _ = sites.fetch(&spelled(spelling, &inside)).await;
        assert!(inside.connections() > before, "{spelling}");
    }
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let (inside, names) = inside().await;
    let port = inside.port;
    let site = Public::start(move |asked| {
        let number = asked.path.strip_prefix("/to/").unwrap_or_default();
        match number.parse::<usize>() {
            Ok(number) => redirect(&ADDRESSES[number].1.replace("{P}", &port.to_string())),
            Err(_) => page("of the site itself"),
        }
    })
    .await;
    names.set("site.example", &[&[site.address]]);
    let sites = live(&names, &[site.address], &[inside.port]);
    let mut led_away = 0;
    for (number, (kind, address, _)) in ADDRESSES.iter().enumerate() {
        let asked = format!("http://site.example/to/{number}");
        match sites.fetch(&asked).await {
            // What is no address by itself is one relative to the site.
            Ok(page) => assert!(
                page.url.starts_with("http://site.example/"),
                "{kind}: `{address}` led to {}",
                page.url
            ),
            Err(failure) => led_away += usize::from(refused(&failure)),
        }
        assert_eq!(inside.connections(), 0, "{kind}: `{address}`");
    }
    assert!(led_away >= 250, "{led_away} of {}", ADDRESSES.len());
    eprintln!("{led_away} redirects refused: 0 connections");
}

#[tokio::test]
async fn no_redirect_of_robots_txt_leads_inside() {
    let (inside, names) = inside().await;
    let port = inside.port;
    let site = Public::start(move |asked| {
        let number = asked
            .host
            .trim_start_matches('n')
            .split('.')
            .next()
            .unwrap();
        let number: usize = number.parse().unwrap();
        match asked.path.as_str() {
            "/robots.txt" => redirect(&ADDRESSES[number].1.replace("{P}", &port.to_string())),
            _ => page("of the site itself"),
        }
    })
    .await;
    let mut refusals = 0;
    for number in 0..ADDRESSES.len() {
        names.set(&format!("n{number}.example"), &[&[site.address]]);
    }
    let sites = live(&names, &[site.address], &[inside.port]);
    for (number, (kind, address, _)) in ADDRESSES.iter().enumerate() {
        // Without the rules the site itself is not read either.
        let fetched = sites.fetch(&format!("http://n{number}.example/")).await;
        refusals += usize::from(fetched.is_err_and(|failure| refused(&failure)));
        assert_eq!(inside.connections(), 0, "{kind}: `{address}`");
    }
    assert!(refusals >= 250, "{refusals} of {}", ADDRESSES.len());
}

#[tokio::test]
async fn no_sitemap_leads_inside() {
    let (inside, names) = inside().await;
    let port = inside.port;
    // A host has fifty sitemaps at most.
    let site = Public::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => {
            let host = asked
                .host
                .trim_start_matches('n')
                .split('.')
                .next()
                .unwrap();
            let from = 50 * host.parse::<usize>().unwrap();
            let lines = ADDRESSES.iter().skip(from).take(50).map(|(_, address, _)| {
                let address = address.replace("{P}", &port.to_string());
                format!("Sitemap: {}\n", address.replace(['\r', '\n'], ""))
            });
            answer(200, &[], lines.collect::<String>())
        }
        _ => page("of the site itself"),
    })
    .await;
    let sites = live(&names, &[site.address], &[inside.port]);
    let mut asked = 0;
    for number in 0..ADDRESSES.len().div_ceil(50) {
        let host = format!("n{number}.example");
        names.set(&host, &[&[site.address]]);
        for sitemap in sites.sitemaps(&format!("http://{host}/")).await {
            asked += 1;
            if let Ok(page) = sites.fetch(&sitemap).await {
                let host = url::Url::parse(&page.url).unwrap();
                let host = host.host_str().unwrap().to_owned();
                assert!(host.ends_with(".example"), "{sitemap} led to {host}");
            }
            assert_eq!(inside.connections(), 0, "{sitemap}");
        }
    }
    assert!(asked >= 100, "{asked}");
}

#[tokio::test]
async fn no_answer_of_a_name_server_leads_inside() {
    let (inside, names) = inside().await;
    let sites = live(&names, &[], &[inside.port]);
    for (number, answer) in ANSWERS.iter().enumerate() {
        let address: IpAddr = answer.parse().unwrap();
        let name = format!("n{number}.example");
        // The name server's own port is taken where the address names none.
        names.set(&name, &[&[SocketAddr::new(address, inside.port)]]);
        for url in [
            format!("http://{name}/"),
            format!("http://{name}:{}/", inside.port),
            format!("https://{name}/"),
            format!("{name}."),
        ] {
            let failure = sites.fetch(&url).await.expect_err(&url);
            // A name with a dot at its end is another one, of which nothing is set.
            assert!(refused(&failure), "{answer}, {url}: {failure:?}");
            assert!(
                failure.message.contains("not a public address"),
                "{failure}"
            );
            assert_eq!(inside.connections(), 0, "{answer}, {url}");
        }
    }
    assert!(names.lookups() >= ANSWERS.len() * 3);
    eprintln!("{} answers: 0 connections", ANSWERS.len());
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_refused() {
    let (inside, names) = inside().await;
    let site = Public::start(|_| page("public")).await;
    let within: SocketAddr = ([127, 0, 0, 1], inside.port).into();
    let sites = live(&names, &[site.address], &[inside.port]);
    // Public for robots.txt, inside for the page; every answer of the site closes its connection.
    names.set("rebinds.example", &[&[site.address], &[within]]);
    let failure = sites.fetch("http://rebinds.example/").await.unwrap_err();
    assert!(refused(&failure), "{failure:?}");
    assert_eq!(site.paths(), ["/robots.txt"]);
    // Inside first.
    names.set("turns.example", &[&[within], &[site.address]]);
    let failure = sites.fetch("http://turns.example/").await.unwrap_err();
    assert!(refused(&failure), "{failure:?}");
    // Both in one answer, in either order, and again and again.
    for answers in [[site.address, within], [within, site.address]] {
        let name = format!("mixed{}.example", site.asked().len());
        names.set(&name, &[&answers]);
        for path in 0..5 {
            let page = sites.fetch(&format!("http://{name}/{path}")).await.unwrap();
            assert_eq!(page.body, b"public");
        }
    }
    // Public for every second question.
    let turns: Vec<[SocketAddr; 1]> = (0..40)
        .map(|n| [if n % 2 == 0 { site.address } else { within }])
        .collect();
    let turns: Vec<&[SocketAddr]> = turns.iter().map(|t| t.as_slice()).collect();
    names.set("flips.example", &turns);
    for path in 0..40 {
        let _ = sites.fetch(&format!("http://flips.example/{path}")).await;
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_chain_of_redirects_is_checked_at_every_hop() {
    let (inside, names) = inside().await;
    let port = inside.port;
    let site = Public::start(
        move |asked| match (asked.host.as_str(), asked.path.as_str()) {
            (_, "/robots.txt") => answer(404, &[], ""),
            ("a.example", _) => redirect("http://b.example/"),
            ("b.example", _) => redirect("http://c.example/"),
            ("c.example", "/name") => redirect("http://inside.example/"),
            ("c.example", _) => redirect(&format!("http://[::ffff:7f00:1]:{port}/")),
            _ => page("public"),
        },
    )
    .await;
    for name in ["a.example", "b.example", "c.example"] {
        names.set(name, &[&[site.address]]);
    }
    let sites = live(&names, &[site.address], &[inside.port]);
    for start in ["http://a.example/", "http://c.example/name"] {
        let failure = sites.fetch(start).await.unwrap_err();
        assert!(refused(&failure), "{failure:?}");
    }
    assert_eq!(inside.connections(), 0);
    assert!(site.paths().len() >= 6);
}
