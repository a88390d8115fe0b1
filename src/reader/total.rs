//! Lines of totals: rows that no weighbridge weighed.
//!
//! Must not know: what is done with them.

use std::borrow::Cow;

use crate::movement::fields::{Field, Kind};
use crate::reader::{number, trim};

/// What a row without a usable reference may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Total {
    /// It says that it is a total, and holds nothing but numbers beside.
    Said,
    /// It holds nothing but numbers: a total if nothing follows.
    Numbers,
    /// It may be a row of a movement.
    No,
}

/// Whether a text is what people call a line of totals.
pub(super) fn is_word(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "total",
        "totals",
        "grand total",
        "sub total",
        "subtotal",
        "sub-total",
        "sum",
        "overall total",
        "total weight",
    ];
    let text = text.trim().trim_end_matches(':').trim_end();
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Judges a row by the texts of its cells, each with whether a number in it is an amount.
pub(super) fn judge<'c>(cells: impl Iterator<Item = (Cow<'c, str>, bool)>) -> Total {
    let mut found = Total::No;
    for (text, counts) in cells {
        let text = trim(&text);
        if text.is_empty() {
            continue;
        }
        if is_word(text) {
            found = Total::Said;
        } else if counts && number::canonical(text).is_ok() {
            found = if found == Total::Said { found } else { Total::Numbers };
        } else {
            return Total::No;
        }
    }
    found
}

/// Whether a number in a field is an amount, rather than a code or a name.
pub(super) fn counts(field: &Field) -> bool {
    matches!(field.kind, Kind::Count | Kind::Number | Kind::Amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(cells: &[&str]) -> Total {
        let counts = [false, false, true, true];
        judge(cells.iter().map(|text| Cow::Borrowed(*text)).zip(counts))
    }

    #[test]
    fn only_words_and_numbers_are_a_total() {
        assert_eq!(total(&["", "", "12.5", "3"]), Total::Numbers);
        assert_eq!(total(&["", "Total:", "1,012.5", ""]), Total::Said);
        assert_eq!(total(&["GRAND TOTAL", "", "1012.5", ""]), Total::Said);
        assert_eq!(total(&["", "Timber", "12.5", ""]), Total::No);
        assert_eq!(total(&["A1", "", "12.5", ""]), Total::No);
        assert_eq!(total(&["Total", "Timber", "12.5", ""]), Total::No);
        assert_eq!(total(&["", "", "twelve", ""]), Total::No);
        assert_eq!(total(&["", "", "", ""]), Total::No);
    }
}
