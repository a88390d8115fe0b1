//! One row of delimited text to its cells, by position.
//!
//! Ours rather than the `csv` crate's, because three things are wanted that it does not give: the
//! bytes of a row exactly as they stand in the file, lines counted as an editor counts them
//! (a lone CR and a quoted line break included), and damaged quotes noticed instead of mended in
//! silence. A test compares the two on well-formed text.
//!
//! Must not know: columns, movements, where the bytes come from.

use memchr::memchr3;

/// No more cells of a row are kept: more than any table has columns.
const MAX_CELLS: usize = 20_000;

/// A row's cells and where they stand, counted from where the caller's bytes begin.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    /// The line of the file on which it begins; the caller's to set.
    pub(super) line: u64,
    /// Where it begins.
    pub(super) start: usize,
    /// Where the next one begins: behind the line break.
    pub(super) end: usize,
    /// How many line breaks it holds, its own included.
    pub(super) breaks: u64,
    /// Its cells.
    pub(super) cells: Vec<Cell>,
    /// The first cell (from 0) that has something behind its closing quote.
    pub(super) bad_quote: Option<usize>,
    /// Whether something stands behind the last cell that is kept.
    pub(super) overflows: bool,
}

/// A cell's text, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Which text the positions count in.
    pub(super) text: Text,
}

/// Where a cell's text is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// In the file's bytes, as it is.
    Plain,
    /// In the file's bytes, its quotes still doubled.
    Doubled,
    /// In the caller's scratch text, its quotes single again.
    Scratch,
}

/// Where this byte or a line break is next, or the end.
fn next_of(byte: u8, bytes: &[u8], from: usize) -> usize {
    // Half of the cells of a wide file are empty.
    if bytes.get(from) == Some(&byte) {
        return from;
    }
    let place = bytes.get(from..).and_then(|rest| memchr3(byte, b'\n', b'\r', rest));
    place.map_or(bytes.len(), |place| from + place)
}

/// What came of looking for a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The row is whole.
    Whole,
    /// The bytes end within it. If that is within quotes, so many line breaks stood before them.
    Cut { quote_opened_after: Option<u64> },
}

impl Row {
    fn reset(&mut self, start: usize) {
        self.start = start;
        self.end = start;
        self.breaks = 0;
        self.cells.clear();
        self.bad_quote = None;
        self.overflows = false;
    }

    fn push(&mut self, cell: Cell) {
        if self.cells.len() < MAX_CELLS {
            self.cells.push(cell);
        } else {
            self.overflows |= cell.start < cell.end;
        }
    }

    /// Moves all positions towards the beginning.
    pub(super) fn shift(&mut self, by: usize) {
        self.start -= by;
        self.end -= by;
        for cell in &mut self.cells {
            cell.start -= by;
            cell.end -= by;
        }
    }
}

/// Finds the row that begins at `from`, whose cells end with the delimiter. `last` says that
/// nothing follows the bytes.
pub(super) fn row(bytes: &[u8], from: usize, delimiter: u8, last: bool, row: &mut Row) -> Scan {
    row.reset(from);
    let mut at = from;
    loop {
        let cut = Scan::Cut { quote_opened_after: None };
        if bytes.get(at) == Some(&b'"') {
            let opened_after = row.breaks;
            let Some(closed) = quoted(bytes, at + 1, last, row) else {
                return Scan::Cut { quote_opened_after: Some(opened_after) };
            };
            let behind = next_of(delimiter, bytes, closed);
            if row.bad_quote.is_none() && !bytes[closed..behind].trim_ascii().is_empty() {
                row.bad_quote = Some(row.cells.len() - 1);
            }
            at = behind;
        } else {
            let end = next_of(delimiter, bytes, at);
            row.push(Cell { start: at, end, text: Text::Plain });
            at = end;
        }
        match bytes.get(at) {
            Some(&byte) if byte == delimiter => at += 1,
            Some(b'\r') if at + 1 == bytes.len() && !last => return cut,
            None if !last => return cut,
            ending => {
                let crlf = ending == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
                row.end = at + usize::from(ending.is_some()) + usize::from(crlf);
                row.breaks += u64::from(ending.is_some());
                return Scan::Whole;
            }
        }
    }
}

/// Reads on from behind an opening quote and pushes the cell; gives the place behind the closing
/// quote, or nothing when there is none.
fn quoted(bytes: &[u8], start: usize, last: bool, row: &mut Row) -> Option<usize> {
    let mut at = start;
    let mut text = Text::Plain;
    loop {
        at = next_of(b'"', bytes, at);
        match bytes.get(at)? {
            b'"' => match bytes.get(at + 1) {
                Some(b'"') => {
                    text = Text::Doubled;
                    at += 2;
                }
                None if !last => return None,
                _ => {
                    row.push(Cell { start, end: at, text });
                    return Some(at + 1);
                }
            },
            b'\n' => {
                row.breaks += 1;
                at += 1;
            }
            _ => {
                row.breaks += 1;
                at += if bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
            }
        }
    }
}

/// How many line breaks these bytes hold: LF, CR and CR LF are one each.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut before = 0;
    for &byte in bytes {
        count += u64::from(byte == b'\r' || (byte == b'\n' && before != b'\r'));
        before = byte;
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All rows as texts, with the line of each.
    fn all(bytes: &[u8], delimiter: u8) -> Vec<(u64, Vec<String>)> {
        let (mut from, mut line, mut found, mut out) = (0, 1, Row::default(), Vec::new());
        while from < bytes.len() && row(bytes, from, delimiter, true, &mut found) == Scan::Whole {
            let texts = found.cells.iter().map(|cell| {
                String::from_utf8_lossy(&bytes[cell.start..cell.end]).replace("\"\"", "\"")
            });
            out.push((line, texts.collect()));
            line += found.breaks;
            from = found.end;
        }
        out
    }

    fn texts(of: &str) -> Vec<Vec<String>> {
        all(of.as_bytes(), b',').into_iter().map(|(_, cells)| cells).collect()
    }

    #[test]
    fn rows_end_in_any_line_break_and_quoted_ones_count() {
        let lines: Vec<u64> = all(b"a,b\r\n\"c\r\nd\ne\rf\",g\rh,i\nj,k", b',')
            .into_iter()
            .map(|(line, _)| line)
            .collect();
        assert_eq!(lines, [1, 2, 6, 7]);
        assert_eq!(texts("a,\"b\"\"c\"\n,"), [vec!["a", "b\"c"], vec!["", ""]]);
        assert_eq!(texts("\"a,b\" ,c"), [["a,b", "c"]]);
        assert_eq!(all(b"a;b,c\n", b';')[0].1, ["a", "b,c"]);
    }

    #[test]
    fn damaged_quotes_are_noticed() {
        let mut found = Row::default();
        assert_eq!(row(b"x,\"a\"b,c\n", 0, b',', true, &mut found), Scan::Whole);
        assert_eq!(found.bad_quote, Some(1));
        let open = Scan::Cut { quote_opened_after: Some(1) };
        assert_eq!(row(b"\"a\nb\",\"c\nd", 0, b',', true, &mut found), open);
    }

    #[test]
    fn a_row_is_whole_only_when_its_end_was_seen() {
        let mut found = Row::default();
        for cut in ["a,b", "a,b\r", "a,\"b", "a,\"b\""] {
            let scan = row(cut.as_bytes(), 0, b',', false, &mut found);
            assert!(matches!(scan, Scan::Cut { .. }), "{cut:?}");
        }
        assert_eq!(row(b"a,b\n", 0, b',', false, &mut found), Scan::Whole);
    }

    proptest! {
        #[test]
        fn never_panics_and_always_moves_on(bytes in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..60)) {
            let _ = all(&bytes, b',');
            let mut found = Row::default();
            for length in 0..bytes.len() {
                if row(&bytes[..length], 0, b',', false, &mut found) == Scan::Whole {
                    prop_assert!(found.end > 0);
                    let ours = found.end;
                    prop_assert_eq!(row(&bytes, 0, b',', true, &mut found), Scan::Whole);
                    prop_assert_eq!(found.end, ours);
                }
            }
        }

        #[test]
        fn agrees_with_the_csv_crate(rows in proptest::collection::vec(
            proptest::collection::vec("[a-c\",;\n\r é]{0,6}", 2..5), 1..5)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for cells in &rows {
                writer.write_record(cells).expect("memory");
            }
            let bytes = writer.into_inner().expect("memory");
            let ours: Vec<Vec<String>> = all(&bytes, b',').into_iter().map(|(_, r)| r).collect();
            prop_assert_eq!(&ours, &rows);
            let mut line = 1;
            for (at, cells) in all(&bytes, b',') {
                prop_assert_eq!(at, line);
                line += 1 + cells.iter().map(|cell| line_breaks(cell.as_bytes())).sum::<u64>();
            }
        }
    }
}
