//! Place files: Overpass JSON, GeoJSON and tables, told apart by content. Every element or row
//! becomes a place or an unusable record with a reason; a file that cannot be read whole is refused
//! whole.
//!
//! Decisions: a record with a name and broken coordinates is kept without a position, and their
//! number is reported; a polygon stands in the middle of its bounding box; the same id again with
//! the same content is unusable, with other content it gets a suffix (`node/1#2`).

mod address;
mod collect;
mod columns;
mod geometry;
mod json;
mod osm;
mod source;
mod table;
mod tags;

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::PlaceBatch;
use jiff::Timestamp;

pub use columns::{Column, ColumnMap};
pub(crate) use json::parse as parse_json;
pub(crate) use osm::ATTRIBUTION as OSM_ATTRIBUTION;
pub use source::{FileSource, FileSpec};

/// Default of [`FileOptions::max_bytes`]: 512 MiB.
pub const FILE_MAX_BYTES: u64 = 512 * 1024 * 1024;

/// How much of a file is looked at to tell its format and encoding.
const HEAD_BYTES: usize = 64 * 1024;

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOptions {
    /// Dates the records where neither they nor the file say when they are from; usually the
    /// file's modification time.
    pub as_of: Timestamp,
    /// Columns of a table that the customer named.
    pub columns: ColumnMap,
    /// A larger file is refused unread, in bytes.
    pub max_bytes: u64,
}

impl FileOptions {
    /// Columns by common names, at most [`FILE_MAX_BYTES`].
    #[must_use]
    pub fn new(as_of: Timestamp) -> Self {
        Self {
            as_of,
            columns: ColumnMap::default(),
            max_bytes: FILE_MAX_BYTES,
        }
    }
}

/// Reads a file of places: Overpass JSON, a GeoJSON `FeatureCollection`, or a table delimited by
/// `,`, `;`, tab or `|` with a header row. JSON is UTF-8 or UTF-16, a table may also be in a legacy
/// encoding such as Windows-1252. It blocks: call it where that is allowed.
///
/// # Errors
/// `INVALID_INPUT` when the file is not there, is too large, or its columns are not understood;
/// `SOURCE_UNREADABLE` when its content cannot be read, with where and what to do.
pub fn read_places_file(path: &Path, options: &FileOptions) -> Result<PlaceBatch, RecipeFailure> {
    let file = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let mut handle = open(path, &file, options.max_bytes)?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    read_head(&mut handle, &mut head).map_err(|error| unread(&file, error))?;
    refuse_foreign(&head, &file)?;
    let encoding = match sniff_unicode(&head) {
        Some(encoding) => Some(encoding),
        None => detect_legacy(&mut handle).map_err(|error| unread(&file, error))?,
    };
    rewind(&mut handle, &file)?;
    let text_head = decode_head(&head, encoding);
    match text_head.trim_start().chars().next() {
        None => Err(unreadable(
            &file,
            "the file is empty; choose one with records",
        )),
        Some('{') => {
            if let Some(legacy) = encoding.filter(|e| !is_utf16(e)) {
                return Err(unreadable(&file, &not_utf8(&mut handle, legacy)));
            }
            read_json(handle, encoding, &file, options)
        }
        Some('[') => Err(unreadable(
            &file,
            "the top level is a list; it must be an object with `elements` (Overpass JSON) or \
             `features` (GeoJSON)",
        )),
        Some('<') => Err(unreadable(
            &file,
            "this is XML or HTML; export it as JSON or GeoJSON (an HTML page from Overpass is an \
             error message)",
        )),
        Some(_) => {
            let reader = decoder(handle, encoding);
            table::parse(reader, &text_head, &file, &options.columns, options.as_of)
        }
    }
}

fn unreadable(file: &str, problem: &str) -> RecipeFailure {
    RecipeFailure::new(
        ErrorCode::SourceUnreadable,
        format!("`{file}` cannot be read: {problem}"),
    )
}

fn unread(file: &str, error: io::Error) -> RecipeFailure {
    let message = format!("`{file}` cannot be read");
    RecipeFailure::new(ErrorCode::SourceUnreadable, message).caused_by(error)
}

fn open(path: &Path, file: &str, max_bytes: u64) -> Result<File, RecipeFailure> {
    let shown = path.display();
    let invalid = |problem: String| Err(RecipeFailure::invalid_input(problem));
    let unopened = |error: io::Error| {
        let message = format!("`{shown}` cannot be opened");
        Err(RecipeFailure::invalid_input(message).caused_by(error))
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return invalid(format!("there is no file `{shown}`; check the path"));
        }
        Err(error) => return unopened(error),
    };
    // A pipe or a device would never end.
    if !metadata.is_file() {
        return invalid(format!("`{shown}` is not a file; name a file of places"));
    }
    if metadata.len() > max_bytes {
        return invalid(format!(
            "`{file}` has {} bytes and the limit is {max_bytes}; split it",
            metadata.len()
        ));
    }
    if metadata.len() == 0 {
        return Err(unreadable(
            file,
            "the file is empty; choose one with records",
        ));
    }
    File::open(path).or_else(unopened)
}

fn rewind(handle: &mut File, file: &str) -> Result<(), RecipeFailure> {
    let moved = handle.seek(SeekFrom::Start(0));
    moved.map(drop).map_err(|error| unread(file, error))
}

fn read_head(handle: &mut File, head: &mut Vec<u8>) -> io::Result<()> {
    handle.seek(SeekFrom::Start(0))?;
    let limit = u64::try_from(HEAD_BYTES).unwrap_or(u64::MAX);
    handle.by_ref().take(limit).read_to_end(head).map(drop)
}

/// Formats that people mistake for the ones that are read.
fn refuse_foreign(head: &[u8], file: &str) -> Result<(), RecipeFailure> {
    let known: [(&[u8], &str); 6] = [
        (
            b"PK\x03\x04",
            "a zip archive or an Excel workbook; save it as CSV",
        ),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook; save it as CSV"),
        (b"\x1F\x8B", "gzip-compressed; unpack it first"),
        (b"%PDF", "a PDF; export the data as CSV"),
        (b"PAR1", "a Parquet file; export it as CSV or GeoJSON"),
        (
            b"SQLite format 3",
            "an SQLite database; export it as CSV or GeoJSON",
        ),
    ];
    for (magic, what) in known {
        if head.starts_with(magic) {
            return Err(unreadable(file, &format!("it is {what}")));
        }
    }
    if head.contains(&0) && sniff_unicode(head).is_none() {
        let at = head.iter().position(|b| *b == 0).unwrap_or_default();
        return Err(unreadable(
            file,
            &format!("it is binary (a zero byte at byte {at}); use JSON, GeoJSON or CSV"),
        ));
    }
    Ok(())
}

/// An encoding that the first bytes give away: a byte order mark, or the zero bytes of UTF-16.
fn sniff_unicode(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return is_utf16(encoding).then_some(encoding);
    }
    match head {
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some(encoding_rs::UTF_16LE),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE
}

/// `None` when the whole file is UTF-8, else the legacy encoding that it most likely has.
fn detect_legacy(handle: &mut File) -> io::Result<Option<&'static Encoding>> {
    if first_invalid_utf8(handle)?.is_none() {
        return Ok(None);
    }
    handle.seek(SeekFrom::Start(0))?;
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let mut buffer = vec![0_u8; HEAD_BYTES];
    loop {
        let read = handle.read(&mut buffer)?;
        let chunk = buffer.get(..read).unwrap_or_default();
        detector.feed(chunk, read == 0);
        if read == 0 {
            break;
        }
    }
    Ok(Some(detector.guess(None, chardetng::Utf8Detection::Deny)))
}

/// The byte where the file stops being UTF-8.
fn first_invalid_utf8(handle: &mut File) -> io::Result<Option<u64>> {
    handle.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0_u8; HEAD_BYTES];
    let mut kept = 0_usize;
    let mut offset = 0_u64;
    loop {
        let read = match buffer.get_mut(kept..) {
            Some(free) => handle.read(free)?,
            None => 0,
        };
        let filled = kept + read;
        let chunk = buffer.get(..filled).unwrap_or_default();
        let valid = match std::str::from_utf8(chunk) {
            Ok(_) => filled,
            // A character may be cut by the end of the buffer, but not by the end of the file.
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(error) => {
                let at = u64::try_from(error.valid_up_to()).unwrap_or_default();
                return Ok(Some(offset + at));
            }
        };
        if read == 0 {
            return Ok(None);
        }
        buffer.copy_within(valid..filled, 0);
        kept = filled - valid;
        offset += u64::try_from(valid).unwrap_or_default();
    }
}

fn not_utf8(handle: &mut File, legacy: &'static Encoding) -> String {
    let at = first_invalid_utf8(handle)
        .ok()
        .flatten()
        .unwrap_or_default();
    format!(
        "JSON must be UTF-8 and byte {at} is not (it looks like {}); save it as UTF-8",
        legacy.name()
    )
}

fn decode_head(head: &[u8], encoding: Option<&'static Encoding>) -> String {
    let (text, _, _) = encoding.unwrap_or(encoding_rs::UTF_8).decode(head);
    text.into_owned()
}

/// The file as UTF-8 without a byte order mark.
fn decoder(handle: File, encoding: Option<&'static Encoding>) -> impl Read {
    DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding.unwrap_or(encoding_rs::UTF_8)))
        .bom_override(true)
        .strip_bom(true)
        .utf8_passthru(true)
        .build(handle)
}

fn read_json(
    handle: File,
    encoding: Option<&'static Encoding>,
    file: &str,
    options: &FileOptions,
) -> Result<PlaceBatch, RecipeFailure> {
    let reader = BufReader::with_capacity(HEAD_BYTES, decoder(handle, encoding));
    let places = json::parse(reader, file, &options.columns, options.as_of)
        .map_err(|error| unreadable(file, &explain(&error)))?;
    if let (Some(header), false) = (places.unseen.first(), places.batch.places.is_empty()) {
        return Err(RecipeFailure::invalid_input(format!(
            "no record of `{file}` has a property `{header}`; name one that is there"
        )));
    }
    match places.remark {
        Some(remark) if remark.contains("error") => Err(unreadable(
            file,
            &format!("Overpass broke off and the file is not whole: `{remark}`; query again"),
        )),
        _ => Ok(places.batch),
    }
}

/// A JSON error with what to do; `serde_json` says line and column.
fn explain(error: &serde_json::Error) -> String {
    let advice = match error.classify() {
        serde_json::error::Category::Eof => "the file is cut off; download or export it again",
        serde_json::error::Category::Syntax => "it is not valid JSON; correct it there",
        serde_json::error::Category::Data => "use Overpass JSON or a GeoJSON FeatureCollection",
        serde_json::error::Category::Io => "try again",
    };
    format!("{error}; {advice}")
}
