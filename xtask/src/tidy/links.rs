//! What a Lambda links. Cargo makes features one for all packages that are built together, so each
//! function's closure is asked for by itself, as it is built.

use std::{collections::BTreeSet, path::Path, process::Command};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::report::{Error, Report};

/// The adapters, whose features are named after services.
const ADAPTERS: &str = "hunter-aws";
/// The feature of the adapters that is no service, but TLS: without it AWS cannot be reached.
const TLS: &str = "https";
const SDK: &str = "aws-sdk-";
/// DynamoDB stands behind no feature: every function keeps its state there.
const ALWAYS: &str = "aws-sdk-dynamodb";

/// What no Lambda links, and why.
const NEVER: [(&str, &str); 10] = [
    ("aws-lc-rs", SECOND_TLS),
    ("aws-lc-sys", SECOND_TLS),
    ("native-tls", SECOND_TLS),
    ("openssl", SECOND_TLS),
    ("openssl-sys", SECOND_TLS),
    ("s2n-tls", SECOND_TLS),
    ("dynoxide-rs", ONE_MACHINE),
    ("hunter", ONE_MACHINE),
    ("hunter-asl", ONE_MACHINE),
    ("hunter-sandbox", ONE_MACHINE),
];
const SECOND_TLS: &str = "one TLS provider serves the SDK and reqwest, and that is ring: leave out \
                          the feature that brings another";
const ONE_MACHINE: &str = "it serves one machine only: take what is needed through a port";

/// A function and what is built with it.
#[derive(Debug, Clone, Default)]
pub(super) struct Linked {
    name: String,
    /// Relative to the workspace.
    manifest: String,
    /// Of the adapters, as the manifest names them; `None` where it does without the adapters.
    features: Option<Vec<String>>,
    /// Names of all crates.
    crates: BTreeSet<String>,
}

/// Asks cargo about every function.
///
/// # Errors
/// When cargo cannot say.
pub(super) fn functions(root: &Path) -> Result<Vec<Linked>, Error> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let mut found = Vec::new();
    for package in &metadata.packages {
        let inside = package.manifest_path.strip_prefix(&metadata.workspace_root);
        let manifest = inside.unwrap_or(&package.manifest_path).to_string();
        if !manifest.starts_with("functions/") {
            continue;
        }
        let adapters = package
            .dependencies
            .iter()
            .find(|d| d.name == ADAPTERS && d.kind == DependencyKind::Normal);
        found.push(Linked {
            name: package.name.to_string(),
            manifest,
            features: adapters.map(|d| d.features.clone()),
            crates: closure(root, &package.name)?,
        });
    }
    Ok(found)
}

/// The crates that a build of this package alone links.
fn closure(root: &Path, package: &str) -> Result<BTreeSet<String>, Error> {
    let output = Command::new("cargo")
        .args(["tree", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--package", package])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`cargo tree --package {package}` failed: {}", reason.trim()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let names = text.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

/// Reports every crate that a function should not link.
pub(super) fn check(functions: &[Linked], report: &mut Report) {
    for function in functions {
        for (never, remedy) in NEVER {
            if function.crates.contains(never) {
                report.add(
                    &function.manifest,
                    format!("`{}` links `{never}`", function.name),
                    remedy,
                );
            }
        }
        check_services(function, report);
    }
}

/// Each service's crate stands behind a feature of its name.
fn check_services(function: &Linked, report: &mut Report) {
    let features = function.features.as_deref().unwrap_or_default();
    let linked = function.crates.iter().filter(|name| name.starts_with(SDK));
    for sdk in linked.filter(|name| *name != ALWAYS) {
        let service = sdk.strip_prefix(SDK).unwrap_or(sdk);
        if !features.iter().any(|feature| feature == service) {
            report.add(
                &function.manifest,
                format!("`{}` links `{sdk}`", function.name),
                format!(
                    "name the feature `{service}` of `{ADAPTERS}` if it calls the service, or find with `cargo tree --invert {sdk}` what brings it"
                ),
            );
        }
    }
    if function.features.is_some() && !features.iter().any(|feature| feature == TLS) {
        report.add(
            &function.manifest,
            format!("`{}` has no TLS for AWS", function.name),
            format!("name the feature `{TLS}` of `{ADAPTERS}`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::workspace, tidy::problems};

    fn violations(features: Option<&[&str]>, crates: &[&str]) -> Vec<String> {
        let function = Linked {
            name: "scout".into(),
            manifest: "m".into(),
            features: features.map(|names| names.iter().map(ToString::to_string).collect()),
            crates: crates.iter().map(ToString::to_string).collect(),
        };
        let mut report = Report::default();
        check(&[function], &mut report);
        problems(&report)
    }

    #[test]
    fn the_crates_of_the_named_services_pass() {
        for (features, crates) in [
            (None, &["serde"][..]),
            (Some(&["https"][..]), &["aws-sdk-dynamodb", "ring"][..]),
            (
                Some(&["sqs", "https"][..]),
                &["aws-sdk-dynamodb", "aws-sdk-sqs", "openssl-probe"][..],
            ),
        ] {
            assert_eq!(violations(features, crates), Vec::<String>::new());
        }
    }

    #[test]
    fn every_rule_can_be_broken() {
        for (features, crates, expected) in [
            (
                Some(&["https", "sns"][..]),
                &["aws-sdk-sqs"][..],
                "m: `scout` links `aws-sdk-sqs`",
            ),
            (None, &["aws-sdk-ses"][..], "m: `scout` links `aws-sdk-ses`"),
            (
                Some(&["https"][..]),
                &["aws-lc-rs"][..],
                "m: `scout` links `aws-lc-rs`",
            ),
            (
                Some(&["https"][..]),
                &["hunter-sandbox"][..],
                "m: `scout` links `hunter-sandbox`",
            ),
            (Some(&["sqs"][..]), &[][..], "m: `scout` has no TLS for AWS"),
        ] {
            assert_eq!(violations(features, crates), [expected]);
        }
    }

    /// What is asked of cargo is what is built: one package, without development dependencies.
    #[test]
    fn cargo_tells_what_one_package_links() {
        let crates = closure(&workspace(), "hello").unwrap();
        assert!(crates.contains("lambda_runtime"), "{crates:?}");
        for other in ["aws-sdk-dynamodb", "reqwest", "hunter-core"] {
            assert!(!crates.contains(other), "{crates:?}");
        }
    }
}
