use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::PlaceSources,
    recipe::{Caller, SecretsManager},
};
use hunter_providers::{
    ConfiguredSources, FilesConfig, OverpassConfig, SourcesConfig, client::Shared,
};

use crate::{clock, query};

/// The secrets of one tenant.
struct Secrets(&'static str);

#[async_trait]
impl SecretsManager for Secrets {
    async fn get_secret(&self, tenant: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        if tenant.as_str() == self.0 && ["google_maps_api_key", "brave_api_key"].contains(&key) {
            return Ok("key-1".to_owned());
        }
        Err(RecipeFailure::new(
            ErrorCode::SecretMissing,
            format!("`{key}` is not set"),
        ))
    }
}

fn sources(config: SourcesConfig) -> ConfiguredSources {
    ConfiguredSources::new(config, Arc::new(Secrets("rich")), Shared::new(clock())).unwrap()
}

fn everything() -> SourcesConfig {
    SourcesConfig {
        google_places: Some("http://127.0.0.1:1".to_owned()),
        overpass: Some(OverpassConfig {
            base_url: "http://127.0.0.1:1".to_owned(),
            user_agent: "HunterBot/0.1".to_owned(),
        }),
        brave: Some("http://127.0.0.1:1".to_owned()),
        files: Some(FilesConfig {
            base_dir: None,
            default: Some("leads.csv".to_owned()),
        }),
    }
}

fn caller(name: &str) -> Caller {
    Caller::new(tenant(name))
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

async fn refusal(sources: &ConfiguredSources, name: &str) -> RecipeFailure {
    sources.open(&caller("poor"), name).await.err().unwrap()
}

#[tokio::test]
async fn what_is_available_depends_on_configuration_and_key() {
    let all = sources(everything());
    let names = |found: Vec<(String, String)>| found.into_iter().map(|f| f.0).collect::<Vec<_>>();
    assert_eq!(
        names(all.available(&tenant("rich")).await),
        ["google_places", "overpass", "web_search", "file:leads.csv"]
    );
    assert_eq!(
        names(all.available(&tenant("poor")).await),
        ["overpass", "file:leads.csv"]
    );
    for name in [
        "google_places",
        "google_maps",
        "overpass",
        "web_search",
        "file:x.csv",
    ] {
        assert!(all.open(&caller("rich"), name).await.is_ok(), "{name}");
    }
    assert_eq!(
        refusal(&all, "google_places").await.code,
        ErrorCode::SecretMissing
    );
    assert_eq!(
        refusal(&all, "web_search").await.code,
        ErrorCode::SecretMissing
    );
}

#[tokio::test]
async fn linkedin_is_refused_with_the_reason_and_what_to_use() {
    for name in ["linkedin", " LinkedIn"] {
        let failure = refusal(&sources(everything()), name).await;
        assert_eq!(failure.code, ErrorCode::InvalidInput);
        for part in ["official interface", "terms", "`overpass`"] {
            assert!(failure.message.contains(part), "{part}: {failure}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_what_there_is() {
    let all = sources(everything());
    let failure = refusal(&all, "yelp").await;
    assert_eq!(failure.code, ErrorCode::InvalidInput);
    let all_named = ["`yelp`", "`overpass`", "`file:PATH`"]
        .iter()
        .all(|n| failure.message.contains(n));
    assert!(
        all_named && !failure.message.contains("google"),
        "{failure}"
    );
    assert_eq!(refusal(&all, "file:").await.code, ErrorCode::InvalidInput);
    let cloud = sources(SourcesConfig {
        files: None,
        google_places: None,
        ..everything()
    });
    let failure = refusal(&cloud, "file:/etc/passwd").await;
    assert!(failure.message.contains("own machine"), "{failure}");
    assert!(!failure.message.contains("file:PATH"), "{failure}");
    let none = sources(SourcesConfig::default());
    assert!(
        refusal(&none, "overpass")
            .await
            .message
            .contains("no source is configured")
    );
    let bad = SourcesConfig {
        google_places: Some("places".to_owned()),
        ..SourcesConfig::default()
    };
    let failure = ConfiguredSources::new(bad, Arc::new(Secrets("rich")), Shared::new(clock()))
        .err()
        .unwrap();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
}

#[tokio::test]
async fn a_file_is_opened_from_its_directory_with_its_columns() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("l.csv"), "Kunde,Tel\nA,1\n").unwrap();
    let sources = sources(SourcesConfig {
        files: Some(FilesConfig {
            base_dir: Some(dir.path().to_path_buf()),
            default: None,
        }),
        ..SourcesConfig::default()
    });
    let source = sources
        .open(&caller("poor"), "file:l.csv?name=Kunde")
        .await
        .unwrap();
    assert_eq!((source.name(), source.filters()), ("file", false));
    let batch = source.search(&query(&["x"], "Y", 1, 1)).await.unwrap();
    assert_eq!(batch.places[0].name.as_deref(), Some("A"));
    let written = std::fs::metadata(dir.path().join("l.csv"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(batch.places[0].as_of, written.try_into().unwrap());
}
