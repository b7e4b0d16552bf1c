//! A file as a source of places.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use hunter_contracts::RecipeFailure;
use hunter_core::ports::{Clock, PlaceBatch, PlaceQuery, PlaceSource};
use jiff::Timestamp;

use super::{ColumnMap, FILE_MAX_BYTES, FileOptions, read_places_file};

/// What stands after `file:`: a path, and columns after a `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpec {
    /// The path as written.
    pub path: PathBuf,
    /// Columns that the customer named.
    pub columns: ColumnMap,
}

impl FileSpec {
    /// Reads `leads.csv` or `leads.csv?name=Firma&phone=Tel`, with or without `file:` before it.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a path or with an unknown field.
    pub fn parse(text: &str) -> Result<Self, RecipeFailure> {
        let text = text.trim();
        let text = text.strip_prefix("file:").unwrap_or(text).trim();
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        if path.is_empty() {
            return Err(RecipeFailure::invalid_input(
                "`source`: `file:` needs a path, as in `file:leads.csv`",
            ));
        }
        Ok(Self {
            path: PathBuf::from(path),
            columns: ColumnMap::parse(query)?,
        })
    }
}

/// A file of places; it holds whatever it holds, so discovery filters.
pub struct FileSource {
    spec: FileSpec,
    clock: Arc<dyn Clock>,
    max_bytes: u64,
}

impl FileSource {
    /// Reads the file at each search, at most [`FILE_MAX_BYTES`].
    #[must_use]
    pub fn new(spec: FileSpec, clock: Arc<dyn Clock>) -> Self {
        Self {
            spec,
            clock,
            max_bytes: FILE_MAX_BYTES,
        }
    }

    /// With another size limit, in bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }
}

/// When the file was last written.
fn modified(path: &Path) -> Option<Timestamp> {
    let time = std::fs::metadata(path).ok()?.modified().ok()?;
    Timestamp::try_from(time).ok()
}

#[async_trait]
impl PlaceSource for FileSource {
    fn name(&self) -> &'static str {
        "file"
    }

    fn filters(&self) -> bool {
        false
    }

    async fn search(&self, _: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        let FileSpec { path, columns } = self.spec.clone();
        let now = self.clock.now();
        let max_bytes = self.max_bytes;
        let reading = tokio::task::spawn_blocking(move || {
            let options = FileOptions {
                as_of: modified(&path).unwrap_or(now),
                columns,
                max_bytes,
            };
            read_places_file(&path, &options)
        });
        reading.await.map_err(RecipeFailure::defect)?
    }
}
