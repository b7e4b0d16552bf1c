//! Tables: delimited text (RFC 4180 and its relatives) with a header row.

use std::{collections::BTreeMap, io::Read};

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{PlaceBatch, RawPlace};
use jiff::Timestamp;

use super::{
    collect::{Collector, Position},
    columns::{Column, ColumnMap},
    osm,
};

/// The longest row, in bytes: a quote that is never closed would swallow the file.
const ROW_MAX_BYTES: usize = 1024 * 1024;

/// Reads a table of UTF-8 text; `head` is its beginning, for the delimiter.
///
/// # Errors
/// `INVALID_INPUT` when the columns cannot be understood, `SOURCE_UNREADABLE` when the text is no
/// table.
pub(crate) fn parse(
    reader: impl Read,
    head: &str,
    file: &str,
    columns: &ColumnMap,
    as_of: Timestamp,
) -> Result<PlaceBatch, RecipeFailure> {
    // Excel writes a first line `sep=;` to say the delimiter.
    let first_line = head.lines().next().unwrap_or_default().trim();
    let declared = first_line
        .strip_prefix("sep=")
        .and_then(|rest| rest.bytes().next());
    let delimiter = declared.unwrap_or_else(|| sniff_delimiter(head));
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(reader);
    let mut row = csv::StringRecord::new();
    if declared.is_some() {
        read(&mut rows, &mut row, file)?;
    }
    read(&mut rows, &mut row, file)?;
    let headers: Vec<String> = row.iter().map(str::to_owned).collect();
    let layout = columns.resolve(&headers, file)?;
    let mut collector = Collector::new(file);
    // Row numbers as a spreadsheet shows them: the header is row 1.
    let mut number = 1_u64;
    while read(&mut rows, &mut row, file)? {
        number += 1;
        let id = format!("row/{number}");
        if row.len() > headers.len() {
            let reason = format!(
                "{} fields where the header has {}: a delimiter that is not quoted",
                row.len(),
                headers.len()
            );
            collector.reject(&id, None, &reason);
        } else if row.iter().all(str::is_empty) {
            collector.reject(&id, None, "empty row");
        } else {
            let (place, position) = place_from_row(&id, &row, &headers, &layout);
            collector.keep(place, position, None, &format!("#row{number}"));
        }
    }
    Ok(collector.finish(as_of))
}

fn read<R: Read>(
    rows: &mut csv::Reader<R>,
    row: &mut csv::StringRecord,
    file: &str,
) -> Result<bool, RecipeFailure> {
    let line = rows.position().line();
    let more = rows.read_record(row).map_err(|error| {
        let message = format!("`{file}`, line {line} cannot be read");
        RecipeFailure::new(ErrorCode::SourceUnreadable, message).caused_by(error)
    })?;
    if row.as_slice().len() > ROW_MAX_BYTES {
        return Err(RecipeFailure::new(
            ErrorCode::SourceUnreadable,
            format!(
                "`{file}`: the row at line {line} is longer than {ROW_MAX_BYTES} bytes; close the \
                 quote that was left open there"
            ),
        ));
    }
    Ok(more)
}

/// The delimiter that stands most often in the first line, outside quotes.
fn sniff_delimiter(head: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in head.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                for (delimiter, count) in &mut counts {
                    if *delimiter == byte {
                        *count += 1;
                    }
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts
        .iter()
        .find(|(_, count)| *count == most)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

fn place_from_row(
    id: &str,
    row: &csv::StringRecord,
    headers: &[String],
    layout: &BTreeMap<Column, Vec<usize>>,
) -> (RawPlace, Position) {
    let all = |column: Column| -> Vec<&str> {
        let positions = layout.get(&column).map(Vec::as_slice).unwrap_or_default();
        let fields = positions.iter().filter_map(|at| row.get(*at));
        fields.filter(|text| !text.is_empty()).collect()
    };
    let first = |column: Column| all(column).first().map(|text| (*text).to_owned());
    let split = |column: Column, by: fn(&str) -> Vec<String>| {
        let mut found = Vec::new();
        for part in all(column).into_iter().flat_map(by) {
            crate::unique::push_new(&mut found, part);
        }
        found
    };
    let categories = split(Column::Category, |text| {
        text.split([';', ',', '|'])
            .map(|part| part.trim().to_owned())
            .collect()
    });
    let [street, city, postcode] = [Column::Street, Column::City, Column::Postcode].map(first);
    let country = first(Column::Country);
    let composed = || {
        let town: Vec<&str> = [postcode.as_deref(), city.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let town = Some(town.join(" ")).filter(|t| !t.is_empty());
        let parts: Vec<String> = [street.clone(), town].into_iter().flatten().collect();
        let line = parts
            .into_iter()
            .chain(country.clone())
            .collect::<Vec<_>>()
            .join(", ");
        (street.is_some() || city.is_some()).then_some(line)
    };
    let status = first(Column::Status).unwrap_or_default().to_lowercase();
    let closed = [
        "closed_permanently",
        "permanently closed",
        "closed permanently",
        "closed",
    ];
    let place = RawPlace {
        source_id: first(Column::Id).unwrap_or_else(|| id.to_owned()),
        name: first(Column::Name),
        phones: split(Column::Phone, osm::split_phones),
        emails: split(Column::Email, osm::split_emails),
        website: first(Column::Website).map(|text| osm::first_address(&text)),
        social_links: split(Column::Social, |text| vec![text.to_owned()]),
        address: first(Column::Address).or_else(composed),
        street,
        city,
        postcode,
        country: country
            .filter(|c| c.len() == 2 && c.chars().all(|c| c.is_ascii_alphabetic()))
            .map(|c| c.to_ascii_uppercase()),
        categories,
        tags: headers
            .iter()
            .zip(row.iter())
            .filter(|(key, value)| !key.is_empty() && !value.is_empty())
            .map(|(key, value)| (key.clone(), value.to_owned()))
            .collect(),
        rating: number(first(Column::Rating)).filter(|r| (0.0..=5.0).contains(r)),
        review_count: first(Column::Reviews).and_then(|text| whole_number(&text)),
        opening_hours: first(Column::Hours),
        brand: first(Column::Brand),
        closed: closed.contains(&status.as_str()),
        ..RawPlace::default()
    };
    let position = match (first(Column::Lat), first(Column::Lon)) {
        (None, None) => Position::Absent,
        (lat, lon) => match (number(lat), number(lon)) {
            (Some(lat), Some(lon)) => Position::from_degrees(lat, lon),
            _ => Position::Broken,
        },
    };
    (place, position)
}

/// `4.6` or `4,6`.
fn number(text: Option<String>) -> Option<f64> {
    text?.replace(',', ".").parse().ok()
}

/// `1,234` and `1.234` are one thousand two hundred and thirty-four reviews.
fn whole_number(text: &str) -> Option<u64> {
    text.replace([',', '.', ' ', '\u{a0}'], "").parse().ok()
}
