//! Which package may depend on which. The rules hold for normal, build and test dependencies alike;
//! only the sandbox, which knows nothing of ours, may be what anybody's tests speak to.

use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::report::{Error, Report};

/// What a Lambda may link.
const FUNCTION: &[&str] = &[
    "hunter-contracts",
    "hunter-core",
    "hunter-ledger",
    "hunter-extract",
    "hunter-suffixes",
    "hunter-aws",
    "hunter-providers",
    "hunter-lambda",
];
const PURE: &[&str] = &["hunter-contracts", "hunter-suffixes"];
const ADAPTER: &[&str] = &["hunter-contracts", "hunter-core", "hunter-ledger"];

/// Packages that put everything together, and so may depend on every other one.
const TOP: [&str; 4] = ["hunter", "hunter-cloud", "hunter-e2e", "xtask"];

/// The command line: nobody builds on it.
const COMMAND: &str = "hunter";

/// Stands in for the outside services in tests.
const SANDBOX: &str = "hunter-sandbox";

/// A package of the workspace and those of its dependencies that are ours.
#[derive(Debug, Clone)]
pub(super) struct Package {
    name: String,
    /// Relative to the workspace.
    manifest: String,
    dependencies: Vec<String>,
}

/// The packages of the workspace, from `cargo metadata`.
pub(super) fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let ours = |package: &cargo_metadata::Package| {
        let manifest = package
            .manifest_path
            .strip_prefix(&metadata.workspace_root)
            .unwrap_or(&package.manifest_path);
        let for_tests = |d: &&cargo_metadata::Dependency| {
            d.kind == DependencyKind::Development && d.name == SANDBOX
        };
        let inside = package.dependencies.iter().filter(|d| d.path.is_some());
        let inside = inside.filter(|d| !for_tests(d));
        Package {
            name: package.name.to_string(),
            manifest: manifest.to_string(),
            dependencies: inside.map(|d| d.name.clone()).collect(),
        }
    };
    Ok(metadata.packages.iter().map(ours).collect())
}

/// What a package may depend on; `None` for a package that no rule names.
fn allowed(package: &Package) -> Option<&'static [&'static str]> {
    if package.manifest.starts_with("functions/") {
        return Some(FUNCTION);
    }
    match package.name.as_str() {
        // The fakes share no code with the clients that are tested against them, and the
        // interpreter knows nothing of this workspace's machine. What cold starts are measured
        // against holds nothing of ours.
        "hunter-contracts" | "hunter-suffixes" | "hunter-asl" | "hunter-sandbox" | "hello" => {
            Some(&[])
        }
        "hunter-core" | "hunter-ledger" | "hunter-extract" => Some(PURE),
        "hunter-aws" | "hunter-providers" | "hunter-lambda" => Some(ADAPTER),
        // Runs the crawler as it is deployed.
        "robots" => Some(&["hunter-core", "hunter-providers"]),
        _ => None,
    }
}

/// Reports every dependency that points the wrong way.
pub(super) fn check(packages: &[Package], report: &mut Report) {
    for package in packages {
        if TOP.contains(&package.name.as_str()) {
            if package.dependencies.iter().any(|name| name == COMMAND) {
                report.add(
                    &package.manifest,
                    format!("`{}` depends on `{COMMAND}`", package.name),
                    "it may depend on `hunter-cloud` instead: nobody builds on the command line",
                );
            }
            continue;
        }
        let Some(allowed) = allowed(package) else {
            report.add(
                &package.manifest,
                format!("no rule says what `{}` may depend on", package.name),
                "add one to `xtask/src/tidy/directions.rs`",
            );
            continue;
        };
        for dependency in &package.dependencies {
            // A package names itself where its tests need a feature of it.
            let itself = *dependency == package.name;
            if itself || allowed.contains(&dependency.as_str()) {
                continue;
            }
            let remedy = match allowed {
                [] => "it may depend on nothing of ours: take what it needs as a parameter".into(),
                names => format!(
                    "it may depend on {} only: move what is shared into one of them, or take it through a port of `hunter-core`",
                    names.join(", ")
                ),
            };
            report.add(
                &package.manifest,
                format!("`{}` depends on `{dependency}`", package.name),
                remedy,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::workspace, tidy::problems};

    fn violations(name: &str, manifest: &str, dependency: &str) -> Vec<String> {
        let package = Package {
            name: name.into(),
            manifest: manifest.into(),
            dependencies: vec![dependency.into()],
        };
        let mut report = Report::default();
        check(&[package], &mut report);
        problems(&report)
    }

    #[test]
    fn the_right_directions_pass() {
        for (name, manifest, dependency) in [
            ("hunter-core", "shared/core/Cargo.toml", "hunter-contracts"),
            (
                "hunter-extract",
                "shared/extract/Cargo.toml",
                "hunter-contracts",
            ),
            ("hunter-aws", "shared/aws/Cargo.toml", "hunter-ledger"),
            (
                "discovery",
                "functions/discovery/Cargo.toml",
                "hunter-extract",
            ),
            ("discovery", "functions/discovery/Cargo.toml", "hunter-aws"),
            ("hunter", "infra/local/Cargo.toml", "hunter-cloud"),
            (
                "hunter-cloud",
                "infra/local/cloud/Cargo.toml",
                "hunter-sandbox",
            ),
        ] {
            assert_eq!(violations(name, manifest, dependency), Vec::<String>::new());
        }
    }

    #[test]
    fn the_wrong_directions_are_named() {
        for (name, manifest, dependency) in [
            (
                "hunter-contracts",
                "shared/contracts/Cargo.toml",
                "hunter-core",
            ),
            ("hunter-core", "shared/core/Cargo.toml", "hunter-ledger"),
            ("hunter-extract", "shared/extract/Cargo.toml", "hunter-core"),
            ("hunter-aws", "shared/aws/Cargo.toml", "hunter-providers"),
            (
                "outreach",
                "functions/outreach/Cargo.toml",
                "personalization",
            ),
            ("run", "functions/run/Cargo.toml", "hunter"),
            ("run", "functions/run/Cargo.toml", "hunter-sandbox"),
            ("hunter-cloud", "infra/local/cloud/Cargo.toml", "hunter"),
            ("hunter-e2e", "tests/Cargo.toml", "hunter"),
            (
                "hunter-asl",
                "statemachine/interpreter/Cargo.toml",
                "hunter-core",
            ),
        ] {
            assert_eq!(
                violations(name, manifest, dependency),
                [format!("{manifest}: `{name}` depends on `{dependency}`")]
            );
        }
    }

    #[test]
    fn a_package_without_a_rule_is_a_violation() {
        let found = violations("hunter-new", "shared/new/Cargo.toml", "hunter-core");
        assert!(found[0].contains("no rule says"), "{found:?}");
    }

    #[test]
    fn cargo_tells_what_the_manifests_say() {
        let packages = packages(&workspace()).unwrap();
        let own = packages.iter().find(|p| p.name == "xtask").unwrap();
        assert_eq!(own.manifest, "xtask/Cargo.toml");
        assert_eq!(own.dependencies, ["api", "hunter-contracts"]);
    }
}
