//! Statements for many rows at a time.
//!
//! A statement for each power of two is prepared once and stays in the connection's cache; any
//! number of rows goes in a few of them.

use std::sync::OnceLock;

/// No statement is for more rows than two to this power.
const LARGEST: usize = 7;

/// A statement with a list of rows in it: `head`, then `(?, ...), (?, ...)`, then `tail`. What is
/// the same for all rows stands in `head` as `?` and is bound first. (No numbers: for each numbered
/// parameter the list of all is searched for its name.)
#[derive(Debug)]
pub(super) struct Chunked {
    head: &'static str,
    columns: usize,
    tail: &'static str,
    texts: [OnceLock<&'static str>; LARGEST + 1],
}

impl Chunked {
    /// A statement whose rows have so many columns.
    pub(super) const fn new(head: &'static str, columns: usize, tail: &'static str) -> Self {
        Chunked { head, columns, tail, texts: [const { OnceLock::new() }; LARGEST + 1] }
    }

    /// Its text for a number of rows that [`chunks`] gave.
    pub(super) fn of(&self, rows: usize) -> &'static str {
        let power = rows.max(1).ilog2() as usize;
        let Some(text) = self.texts.get(power) else { return "" };
        // A few texts for each statement, for as long as the program runs.
        text.get_or_init(|| Box::leak(self.text(1 << power).into_boxed_str()))
    }

    fn text(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns].join(","));
        format!("{}{}{}", self.head, vec![row; rows].join(","), self.tail)
    }
}

/// Cuts rows into lengths for which there are statements, the longest first.
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let power = rows.len().checked_ilog2()?.min(u32::try_from(LARGEST).unwrap_or(0));
        let (chunk, rest) = rows.split_at(1 << power);
        rows = rest;
        Some(chunk)
    })
}

/// The same, of rows that are given away.
pub(super) fn chunks_mut<T>(rows: &mut [T]) -> impl Iterator<Item = &mut [T]> {
    let mut rest = Some(rows);
    std::iter::from_fn(move || {
        let rows = rest.take()?;
        let power = rows.len().checked_ilog2()?.min(u32::try_from(LARGEST).unwrap_or(0));
        let (chunk, others) = rows.split_at_mut(1 << power);
        rest = Some(others);
        Some(chunk)
    })
}

/// A count of rows, or a place among them, as the ledger counts.
pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_is_cut_into_powers_of_two() {
        for count in [0, 1, 2, 3, 127, 128, 129, 300, 1_023] {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = chunks(&rows).collect();
            assert_eq!(cut.concat(), rows);
            let mut given = rows.clone();
            assert!(chunks_mut(&mut given).eq(cut.iter().copied()));
            assert!(cut.iter().all(|chunk| chunk.len().is_power_of_two() && chunk.len() <= 128));
            assert!(cut.len() <= count / 128 + 7, "{count} in {}", cut.len());
        }
    }

    #[test]
    fn a_text_has_its_rows_and_is_made_once() {
        static INSERT: Chunked = Chunked::new("INSERT INTO t VALUES ", 2, " RETURNING id");
        assert_eq!(INSERT.of(2), "INSERT INTO t VALUES (?,?),(?,?) RETURNING id");
        assert_eq!(INSERT.of(4).matches("(?,?)").count(), 4);
        assert!(std::ptr::eq(INSERT.of(2), INSERT.of(2)));
    }
}
