//! Rows as they stand in a file, in pieces, for whoever writes them again: quotes, spaces and line
//! breaks included.
//!
//! Must not know: what cells mean.

use crate::reader::columns::OWN_COLUMN_PREFIX;
use crate::reader::rows;
use crate::reader::split::{self, Row, Scan};

/// A row in pieces: its cells with a delimiter between each two, and then its end, are its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow<'t> {
    /// The cells, quotes included.
    pub cells: Vec<&'t [u8]>,
    /// The line break; empty where the text ends without one.
    pub end: &'t [u8],
    /// How many line breaks the row holds, its own included.
    pub breaks: u64,
    /// Whether nothing stands in it: a reader passes over such rows.
    pub is_blank: bool,
}

impl RawRow<'_> {
    /// The columns that this program wrote, if this is the row of titles.
    pub fn own_columns(&self) -> Vec<usize> {
        let is_own = |cell: &&[u8]| {
            let title = String::from_utf8_lossy(cell);
            let title = title.trim().trim_matches('"').trim();
            let prefix = title.get(..OWN_COLUMN_PREFIX.len());
            prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(OWN_COLUMN_PREFIX))
        };
        let cells = self.cells.iter().enumerate();
        cells.filter(|(_, cell)| is_own(cell)).map(|(at, _)| at).collect()
    }
}

/// Takes rows that a reader gave apart, as it did. What is no whole row (nothing that a reader
/// gave) is one cell.
pub fn raw_rows(text: &[u8], delimiter: u8) -> Vec<RawRow<'_>> {
    let (mut rows, mut from, mut found) = (Vec::new(), 0, Row::default());
    while from < text.len() {
        if split::row(text, from, delimiter, true, &mut found) != Scan::Whole {
            rows.push(RawRow { cells: vec![&text[from..]], end: &[], breaks: 0, is_blank: false });
            break;
        }
        let whole = &text[from..found.end];
        let length = whole.len() - break_length(whole);
        let quote = |at: usize| usize::from(at > from && text[at - 1] == b'"');
        let mut starts: Vec<usize> =
            found.cells.iter().map(|cell| cell.start - quote(cell.start)).collect();
        // Each cell ends before the delimiter that stands before the next one.
        starts.push(from + length + 1);
        let cells = starts.windows(2).map(|pair| &text[pair[0]..pair[1] - 1]).collect();
        let is_blank = rows::is_empty(text, &found);
        rows.push(RawRow { cells, end: &whole[length..], breaks: found.breaks, is_blank });
        from = found.end;
    }
    rows
}

fn break_length(row: &[u8]) -> usize {
    match row {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n' | b'\r'] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_keep_their_quotes_and_rows_their_ends() {
        let text = b"\"a;\"\"b\" ;; c\r\n\n\"x\ny\";1";
        let rows = raw_rows(text, b';');
        let cells: Vec<Vec<&[u8]>> = rows.iter().map(|row| row.cells.clone()).collect();
        assert_eq!(cells[0], [&b"\"a;\"\"b\" "[..], b"", b" c"]);
        assert_eq!(cells[1], [b""]);
        assert_eq!(cells[2], [&b"\"x\ny\""[..], b"1"]);
        let ends: Vec<&[u8]> = rows.iter().map(|row| row.end).collect();
        assert_eq!(ends, [&b"\r\n"[..], b"\n", b""]);
        assert_eq!(rows.iter().map(|row| row.breaks).collect::<Vec<_>>(), [1, 1, 1]);
        assert!(rows[1].is_blank && !rows[2].is_blank);
    }

    #[test]
    fn columns_of_ours_are_known_by_their_titles() {
        let rows = raw_rows(b"\"waste-receipts:errors\",a,Waste-Receipts:State,b\n", b',');
        assert_eq!(rows[0].own_columns(), [0, 2]);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_bytes(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a'), any::<u8>()],
            0..80)) {
            let rows = raw_rows(&bytes, b',');
            let again: Vec<u8> = rows
                .iter()
                .flat_map(|row| [&row.cells.join(&b","[..])[..], row.end].concat())
                .collect();
            prop_assert_eq!(again, bytes);
        }
    }
}
