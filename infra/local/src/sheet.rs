//! Files for spreadsheets, which hold what strangers wrote on their web pages.

use unicode_normalization::UnicodeNormalization;

/// A table as CSV in which a spreadsheet finds no formula, at whichever separator it splits lines and
/// whether or not it honours quotes. Of the column `phone` a number to call stays as it is, which
/// names no cell and calls no function.
pub(crate) fn to_csv<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(columns.iter().zip(row).map(|(column, cell)| {
            let stays = *column == "phone" && is_phone(&cell);
            if stays { cell } else { plain(&cell) }
        }))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn is_phone(cell: &str) -> bool {
    cell.strip_prefix('+').is_some_and(|rest| {
        rest.chars()
            .all(|c| c.is_ascii_digit() || c == ' ' || c == '-')
    })
}

/// What may begin a formula gets an apostrophe unless a letter or a digit stands between it and the
/// last place where a reader may split. So whatever else a reader drops (blanks, quotes, what is
/// invisible), no cell of its own begins with a formula.
fn plain(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut begins = true;
    for c in cell.chars() {
        // Spreadsheets take full-width, small and raised forms for the plain ones.
        match c.nfkc().next().unwrap_or(c) {
            ',' | ';' | '|' | '\u{2028}' | '\u{2029}' => begins = true,
            '=' | '+' | '-' | '@' | '\u{2212}' if begins => {
                text.push('\'');
                begins = false;
            }
            plain if plain.is_control() => begins = true,
            plain => begins &= !plain.is_alphanumeric(),
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    const COLUMNS: [&str; 3] = ["name", "phone", "note"];
    /// What begins a formula, in every form that a spreadsheet may read as such.
    const FORMULA: [char; 15] = [
        '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '⁼', '₊', '−',
    ];

    fn written(row: [&str; 3]) -> String {
        let row = row.map(str::to_owned);
        String::from_utf8(to_csv(COLUMNS, [row.clone(), row]).unwrap()).unwrap()
    }

    /// The cells that a reader sees which splits at `separator`, and honours quotes or does not.
    fn cells(text: &str, separator: char, quoting: bool) -> Vec<String> {
        if !quoting {
            let at = |c| c == separator || c == '\n' || c == '\r';
            return text.split(at).map(str::to_owned).collect();
        }
        let mut reader = csv::ReaderBuilder::new();
        reader
            .delimiter(u8::try_from(separator).unwrap())
            .has_headers(false)
            .flexible(true);
        let mut reader = reader.from_reader(text.as_bytes());
        let records = reader.records().map(Result::unwrap);
        let cells =
            |record: csv::StringRecord| -> Vec<_> { record.iter().map(str::to_owned).collect() };
        records.flat_map(cells).collect()
    }

    /// What may stand before a formula's first character and be dropped.
    fn is_dropped(c: char) -> bool {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '"' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            )
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    }

    fn assert_no_formula(text: &str, phone: &str) {
        for separator in [',', ';', '\t', '|'] {
            for quoting in [true, false] {
                for cell in cells(text, separator, quoting) {
                    let formula = cell.trim_start_matches(is_dropped).starts_with(FORMULA);
                    // A number to call is a formula without a reference or a function.
                    assert!(
                        !formula || (separator == ',' && cell == phone && is_number(phone)),
                        "{separator:?} {quoting}: {cell:?} in {text:?}"
                    );
                }
            }
        }
    }

    fn is_number(phone: &str) -> bool {
        let rest = phone.strip_prefix('+').unwrap_or("x");
        rest.bytes()
            .all(|b| b.is_ascii_digit() || b" -".contains(&b))
    }

    /// Cells made of what matters here.
    fn hostile() -> impl Strategy<Value = String> {
        let dropped = [
            ' ', '"', '\0', '\u{200b}', '\u{feff}', '\u{a0}', '\u{202e}', '\u{c}',
        ];
        let split = [',', ';', '\t', '|', '\n', '\r', '；', '\u{2028}'];
        let other = ['a', '4', '\'', '(', 'é', '!', '\u{301}'];
        let one = prop_oneof![
            select(&FORMULA[..]),
            select(dropped.to_vec()),
            select(split.to_vec()),
            select(other.to_vec()),
            any::<char>(),
        ];
        vec(one, 0..12).prop_map(|cell| cell.into_iter().collect())
    }

    fn phone() -> impl Strategy<Value = String> {
        let digit = select(vec!['+', '4', '9', ' ', '-', ';', '|', '"']);
        vec(digit, 0..8).prop_map(|cell| format!("+{}", cell.into_iter().collect::<String>()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn no_cell_is_a_formula_however_the_file_is_read(
            name in hostile(), phone in prop_oneof![phone(), hostile()], note in hostile(),
        ) {
            assert_no_formula(&written([&name, &phone, &note]), &phone);
        }
    }

    #[test]
    fn what_is_no_formula_stays_as_it_is() {
        for cell in [
            "info@clinic.example",
            "Müller - Söhne, 2=2",
            "a+b; c-d",
            "https://x.example/?a=b",
            "0.5",
        ] {
            assert_eq!(plain(cell), cell);
        }
        let text = written(["Clinic", "+49 341-12345", "+49 341"]);
        assert!(text.contains("Clinic,+49 341-12345,'+49 341\n"), "{text}");
    }

    #[test]
    fn formulas_are_made_plain_text() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("Foo;=cmd|' /C calc'!A0;x", "Foo;'=cmd|' /C calc'!A0;x"),
            ("＝1＋1", "'＝1＋1"),
            ("a\t\u{200b} \"@x", "a\t\u{200b} \"'@x"),
        ] {
            assert_eq!(plain(cell), expected);
        }
    }
}
