//! Archived real sites, where they are at hand: a whole run over them finds what the sites say.

use std::path::{Path, PathBuf};

use hunter_cloud::spec::SiteMode;
use hunter_contracts::{DiscoveryPayload, Lead, RunStatus, Score};
use hunter_e2e::{Customer, Terms, World, WorldOptions};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/realworld/pages");
    folder.join("sites_truth.json").is_file().then_some(folder)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The host that a site's own links name, where the folder is called otherwise.
fn host_of(name: &str) -> String {
    match name {
        "marveloakssolicitors.com" => "marveloakssolicitors.co.uk".to_owned(),
        name if name.contains('.') => name.to_owned(),
        name => format!("{name}.com"),
    }
}

fn found_emails(lead: &Lead) -> Vec<&str> {
    lead.emails
        .iter()
        .flatten()
        .map(|email| email.email.as_str())
        .collect()
}

/// The truth's e-mail entries begin with the address; others describe several in words.
fn expected_emails(truth: &Value) -> Vec<&str> {
    let entries = truth["email"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    entries
        .filter_map(|text| text.split_whitespace().next())
        .filter(|word| word.contains('@'))
        .collect()
}

fn check(name: &str, lead: &Lead, truth: &Value) {
    let site = lead.website_metadata.clone().unwrap_or_default();
    let emails = found_emails(lead);
    for expected in expected_emails(truth) {
        assert!(
            emails.contains(&expected),
            "{name}: {expected} is missing from {emails:?}"
        );
    }
    for email in lead.emails.iter().flatten() {
        let evidence = email.evidence.as_ref().unwrap();
        assert!(
            !evidence.quote.is_empty() && evidence.url.contains(&host_of(name)),
            "{name}: {evidence:?}"
        );
        for demo in [
            "example.",
            "domain.com",
            "yourname",
            "yoursite",
            "email@",
            "fornamn",
        ] {
            assert!(
                !email.email.as_str().contains(demo),
                "{name}: `{}` is a placeholder",
                email.email
            );
        }
    }
    let count = truth["real_posts"]
        .as_u64()
        .or(truth["blog_posts"].as_u64());
    let posts = u64::from(site.blog_posts_count.unwrap_or(0));
    match count {
        // Only two of this blog's fourteen posts were collected.
        Some(14) => assert!((2..=14).contains(&posts), "{name}: {posts} posts"),
        Some(count) => assert_eq!(posts, count, "{name}: posts"),
        None => {}
    }
    if let Some(latest) = truth["latest_post"].as_str() {
        let newest = site
            .recent_posts
            .iter()
            .filter_map(|post| post.date)
            .max()
            .unwrap();
        assert_eq!(newest.to_string(), latest, "{name}: latest post");
    }
}

#[tokio::test]
async fn a_run_over_real_sites_finds_their_addresses_and_posts() {
    let Some(folder) = folder() else {
        println!("skipped: the archived sites are not here");
        return;
    };
    let truth: Value =
        serde_json::from_slice(&std::fs::read(folder.join("sites_truth.json")).unwrap()).unwrap();
    let sites = truth["sites"].as_object().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("archive");
    let mut table = String::from("name,website,category\n");
    for name in sites.keys() {
        copy(
            &folder.join("sites").join(name),
            &archive.join(host_of(name)),
        );
        table.push_str(&format!("Company {name},{},company\n", host_of(name)));
    }
    let file = directory.path().join("companies.csv");
    std::fs::write(&file, table).unwrap();

    let options = WorldOptions {
        town: 0,
        sites: Some(SiteMode::Archive(archive)),
        ..WorldOptions::default()
    };
    let world = World::open(options).await;
    let customer = Customer::sign_up(&world, "cust_sites", Terms::default()).await;
    let mut request = customer.request(
        "exec_sites",
        DiscoveryPayload {
            keywords: vec!["company".into()],
            location: None,
            business_type: None,
            depth: None,
            max_results: Some(20),
            source: Some(format!("file:{}", file.display())),
        },
    );
    request.request.threshold = Some(Score::ZERO);
    world.engine().run(&request, std::future::pending()).await;
    let result = customer.result(&request.execution_id).await;
    assert_eq!(
        result.run.status,
        RunStatus::Succeeded,
        "{:?}",
        result.run.reason
    );
    assert_eq!(result.leads.len(), sites.len());
    let mut with_email = 0;
    for (name, truth) in sites {
        let website = host_of(name);
        let lead = result
            .leads
            .iter()
            .find(|l| l.website.as_deref() == Some(&website))
            .unwrap();
        check(name, lead, truth);
        with_email += usize::from(!found_emails(lead).is_empty());
    }
    println!(
        "{} real sites: {with_email} with an address, {} drafts",
        sites.len(),
        result.drafts.len()
    );
    assert!(result.drafts.len() >= 6, "{} drafts", result.drafts.len());
}
