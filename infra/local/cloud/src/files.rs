//! Files of the directory: there whole or not at all, and read with a word on what is wrong.

use std::{
    error::Error,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::recipe::parse_text;
use serde::{Serialize, de::DeserializeOwned};

/// That a file cannot be read or written.
pub(crate) fn failed(path: &Path, error: impl Into<Box<dyn Error + Send + Sync>>) -> RecipeFailure {
    let message = format!("file `{}`", path.display());
    RecipeFailure::new(ErrorCode::StoreUnavailable, message).caused_by(error)
}

/// Writes a file, making its folder.
pub(crate) async fn write(path: &Path, bytes: &[u8]) -> Result<(), RecipeFailure> {
    if let Some(parent) = path.parent() {
        let made = tokio::fs::create_dir_all(parent).await;
        made.map_err(|error| failed(parent, error))?;
    }
    let written = tokio::fs::write(path, bytes).await;
    written.map_err(|error| failed(path, error))
}

/// Writes a value as JSON; a reader sees the old file or the new one.
pub(crate) async fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), RecipeFailure> {
    let text = serde_json::to_string_pretty(value).map_err(RecipeFailure::defect)?;
    let mut unfinished = PathBuf::from(path).into_os_string();
    unfinished.push(".new");
    write(Path::new(&unfinished), text.as_bytes()).await?;
    let moved = tokio::fs::rename(&unfinished, path).await;
    moved.map_err(|error| failed(path, error))
}

/// Reads a file of JSON; absent where there is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, RecipeFailure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, error)),
    };
    let value = parse_text(&text, "").map_err(|failure| failed(path, failure.told()))?;
    Ok(Some(value))
}
