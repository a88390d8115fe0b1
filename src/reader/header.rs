//! The line with the column names: where it is, and what separates them.
//!
//! Must not know: what the columns mean, rows.

use std::borrow::Cow;

use crate::reader::split::{self, Cell, Row, Text};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The titles of a line, split by the delimiter with which the most of them are known, or else
/// with which there are the most.
pub(super) fn best_split(
    line: &[u8],
    only: Option<u8>,
    known: impl Fn(&[&str]) -> usize,
) -> (u8, Vec<Cow<'_, str>>) {
    let mut best = ((0, 0), only.unwrap_or(b','), Vec::new());
    let candidates: &[u8] = if only.is_some() { only.as_slice() } else { &DELIMITERS };
    for &delimiter in candidates {
        let mut row = Row::default();
        split::row(line, 0, delimiter, true, &mut row);
        let titles: Vec<Cow<'_, str>> =
            row.cells.iter().map(|cell| cell_text(line, cell)).collect();
        let known = known(&titles.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        let score = (known, titles.len());
        if score > best.0 {
            best = (score, delimiter, titles);
        }
    }
    (best.1, best.2)
}

/// What Excel is told in a line above the column names: `sep=;`.
pub(super) fn said_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    let said = match rest {
        // A tab is a blank, and was trimmed off.
        [] => Some(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'"' => Some(*byte),
        _ => None,
    };
    said.filter(|_| word.eq_ignore_ascii_case(b"sep="))
}

/// A cell's text, its quotes single.
pub(super) fn cell_text<'b>(bytes: &'b [u8], cell: &Cell) -> Cow<'b, str> {
    let bytes = &bytes[cell.start..cell.end];
    // Asked of every row: the way for what is no text is a long one.
    let text = str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    if cell.text == Text::Doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excel_s_own_line_is_understood() {
        for (line, delimiter) in [
            ("sep=;\r\n", Some(b';')),
            ("SEP=,\n", Some(b',')),
            ("sep=\t\n", Some(b'\t')),
            ("\"sep=|\"\n", Some(b'|')),
            ("sep=ab\n", None),
            ("sep=a\n", None),
            ("separator;x\n", None),
            ("se", None),
            ("", None),
        ] {
            assert_eq!(said_delimiter(line.as_bytes()), delimiter, "{line}");
        }
    }

    #[test]
    fn the_delimiter_is_the_one_that_makes_sense() {
        let known = |titles: &[&str]| titles.iter().filter(|title| **title == "a").count();
        assert_eq!(best_split(b"a;b,c,d,e\n", None, known).0, b';');
        assert_eq!(best_split(b"x\ty,z\tw\n", None, known).0, b'\t');
        assert_eq!(best_split(b"x,y\n", Some(b'|'), known).1, ["x,y"]);
    }
}
