//! The deployed programs: which there are, how they are built, how large they are.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::DeflateEncoder};

use crate::report::{Error, workspace};

/// The function that does nothing, and that the others are measured against.
pub(crate) const HELLO: &str = "hello";
/// The build profile of what is deployed.
pub(crate) const PROFILE: &str = "lambda";
/// What a profile cannot say: nothing to relocate at the start, and no unwind tables, as a panic ends
/// the process. Paths in it are relative to the workspace.
const RUSTFLAGS: &str = include_str!("../../../infra/rustflags");

/// What a zip archive of one file holds beside the compressed file: a local header, an entry of the
/// central directory, the end record, and twice the name `bootstrap` (APPNOTE.TXT §4.3).
const ZIP_OVERHEAD_BYTES: usize = 30 + 46 + 22 + 2 * "bootstrap".len();

/// A program as it is deployed.
#[derive(Debug, Clone)]
pub(super) struct Bootstrap {
    /// The function's package.
    pub(super) name: String,
    /// The program.
    pub(super) path: PathBuf,
    /// Its size.
    pub(super) size_bytes: usize,
    /// Its size in the archive that is uploaded.
    pub(super) zipped_bytes: usize,
}

/// The packages under `functions/`, in alphabetical order.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn functions() -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace().join("functions"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Takes `folder/NAME/bootstrap`, as `cargo lambda build` lays them out.
pub(super) fn take(folder: &Path, names: &[String]) -> Result<Vec<Bootstrap>, Error> {
    let path = |name: &String| (name.clone(), folder.join(name).join("bootstrap"));
    names.iter().map(path).map(weigh).collect()
}

/// Builds each with the profile of what is deployed. One build each: together they would be linked
/// with the features that any of them needs.
pub(super) fn build(names: &[String]) -> Result<Vec<Bootstrap>, Error> {
    let host = host()?;
    let folder = cargo_metadata::MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .exec()?
        .target_directory
        .join(&host)
        .join(PROFILE)
        .into_std_path_buf();
    let built = names.iter().map(|name| {
        // The target is named so that the output does not lie where `cargo lambda` puts its own, and
        // so that the flags are not those of build scripts.
        let status = Command::new("cargo")
            .env("RUSTFLAGS", RUSTFLAGS.trim())
            .args(["build", "--profile", PROFILE, "--target", &host])
            .args(["--package", name, "--bin", name])
            .current_dir(workspace())
            .status()?;
        if !status.success() {
            return Err(format!("`{name}` cannot be built: {status}").into());
        }
        weigh((name.clone(), folder.join(name)))
    });
    built.collect()
}

fn host() -> Result<String, Error> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` does not name the host")?.to_owned())
}

fn weigh((name, path): (String, PathBuf)) -> Result<Bootstrap, Error> {
    let bytes = fs::read(&path).map_err(|error| {
        format!(
            "`{}` cannot be read: {error}: build it with `cargo lambda build --profile {PROFILE} --package {name}`",
            path.display()
        )
    })?;
    Ok(Bootstrap {
        name,
        path,
        size_bytes: bytes.len(),
        zipped_bytes: zipped(&bytes)?,
    })
}

/// The size of a zip archive that holds the program alone.
fn zipped(bytes: &[u8]) -> Result<usize, Error> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() + ZIP_OVERHEAD_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_those_of_the_folder() {
        let names = functions().unwrap();
        assert!(names.is_sorted());
        for name in ["discovery", "run", "subscription"] {
            assert!(names.iter().any(|n| n == name), "{names:?}");
        }
    }

    #[test]
    fn a_program_is_weighed_as_it_is_and_zipped() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["a".to_owned()];
        let error = take(folder.path(), &names).unwrap_err().to_string();
        assert!(error.contains("--package a"), "{error}");
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/bootstrap"), vec![7; 100_000]).unwrap();
        let found = take(folder.path(), &names).unwrap();
        assert_eq!(found[0].size_bytes, 100_000);
        assert!((100..1_000).contains(&found[0].zipped_bytes));
    }
}
