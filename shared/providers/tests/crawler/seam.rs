//! The internet of the tests cannot be reached from what is deployed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

fn manifests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let workspace: Table = text.parse().unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let mut found = vec![root.join("Cargo.toml")];
    for member in members.iter().filter_map(Value::as_str) {
        match member.strip_suffix("/*") {
            None => found.push(root.join(member).join("Cargo.toml")),
            Some(folder) => {
                for entry in fs::read_dir(root.join(folder)).unwrap() {
                    found.push(entry.unwrap().path().join("Cargo.toml"));
                }
            }
        }
    }
    found.retain(|path| path.is_file());
    found
}

fn names_it(dependency: &Value) -> bool {
    let features = dependency.get("features").and_then(Value::as_array);
    features.is_some_and(|f| f.iter().any(|f| f.as_str() == Some("test-support")))
}

#[test]
fn only_dev_dependencies_name_the_feature() {
    let manifests = manifests();
    assert!(manifests.len() > 15, "{manifests:?}");
    for path in manifests {
        let manifest: Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let workspace = manifest
            .get("workspace")
            .and_then(|w| w.get("dependencies"));
        let tables = [
            manifest.get("dependencies"),
            manifest.get("build-dependencies"),
            workspace,
        ];
        for dependency in tables.into_iter().flatten() {
            if let Some(ours) = dependency.get("hunter-providers") {
                assert!(!names_it(ours), "{}", path.display());
            }
        }
        let features = manifest.get("features").and_then(Value::as_table);
        for (name, implied) in features.into_iter().flatten() {
            let implied = implied.to_string();
            let reached = implied.contains("hunter-providers/test-support")
                || (path.ends_with("shared/providers/Cargo.toml")
                    && implied.contains("test-support"));
            assert!(!reached, "{}: feature `{name}`", path.display());
        }
    }
}
