//! The most frequent mistakes, so that a wrong column or date format is one line and not ten
//! thousand.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::finding::general_key;

/// So many kinds are shown.
const SHOWN: usize = 10;
/// So many kinds are told apart: a file may be odd enough to have one in every row.
const MOST_KINDS: usize = 2_000;
/// A kind that occurs more often is worth a line of its own above the details.
pub(super) const FEW: u64 = 3;
/// With more findings than this nobody reads on, whatever their kinds.
const MANY: u64 = 200;

/// A finding, from wherever it comes.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) stops: bool,
    pub(super) key: &'a str,
    pub(super) error_type: &'a str,
    pub(super) message: &'a str,
    pub(super) reference: Option<&'a str>,
    pub(super) line: u64,
    pub(super) column: Option<&'a str>,
    /// The cell instead of the line, in a workbook.
    pub(super) cell: Option<String>,
}

/// Findings by field and kind.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    kinds: HashMap<u64, Kind>,
    total: u64,
    stopping: u64,
}

#[derive(Debug)]
struct Kind {
    stops: bool,
    count: u64,
    key: String,
    column: Option<String>,
    example: String,
}

impl Mistakes {
    /// Counts a finding, and returns how many of its kind there are by now.
    pub(super) fn note(&mut self, said: Said<'_>) -> u64 {
        self.total += 1;
        self.stopping += u64::from(said.stops);
        let kind = kind(&said);
        if let Some(known) = self.kinds.get_mut(&kind) {
            known.count += 1;
            return known.count;
        }
        if self.kinds.len() == MOST_KINDS {
            return 1;
        }
        let of = said.reference.map_or_else(String::new, |reference| format!("{reference}, "));
        let at = said.cell.unwrap_or_else(|| format!("line {}", said.line));
        let new = Kind {
            stops: said.stops,
            count: 1,
            key: general_key(said.key),
            column: said.column.map(str::to_owned),
            example: format!("{of}{at}: {}", said.message),
        };
        self.kinds.insert(kind, new);
        1
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The most frequent ones, what stops a movement first; none when there are few findings.
    pub(super) fn summary(&self) -> Option<String> {
        let mut kinds: Vec<&Kind> = self.kinds.values().collect();
        if self.total <= MANY {
            kinds.retain(|kind| kind.count > FEW);
        }
        if kinds.is_empty() {
            return None;
        }
        kinds.sort_by(|a, b| {
            (b.stops, b.count).cmp(&(a.stops, a.count)).then_with(|| a.example.cmp(&b.example))
        });
        let Mistakes { total, stopping, .. } = self;
        let mut text = format!(
            "{} and {}",
            counted(*stopping, "mistake"),
            counted(total - stopping, "remark")
        );
        text.push_str("; the most frequent:");
        for kind in kinds.iter().take(SHOWN) {
            let what = if kind.stops { "" } else { "remark: " };
            let column = match &kind.column {
                Some(column) => format!("column {column}"),
                None if kind.key.is_empty() => "the whole record".to_owned(),
                None => kind.key.clone(),
            };
            let _ = write!(text, "\n{:>8} x  {what}{column}", kind.count);
            let _ = write!(text, "\n            e.g. {}", kind.example);
        }
        Some(text)
    }
}

/// `1 mistake`, `2 mistakes`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Field, kind of error, and the message without what was read: its first words up to where they
/// turn to advice.
fn kind(said: &Said<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    said.stops.hash(&mut hasher);
    general_key(said.key).hash(&mut hasher);
    said.error_type.hash(&mut hasher);
    let mut quoted = None;
    for word in said.message.split(' ') {
        let marks = ['"', '`'];
        match quoted {
            None => quoted = word.chars().find(|c| marks.contains(c)),
            Some(mark) if word.contains(mark) => {
                quoted = None;
                continue;
            }
            Some(_) => continue,
        }
        if let Some(mark) = quoted {
            // One word in quotes ends where it began.
            if word.matches(mark).count() > 1 {
                quoted = None;
            }
        } else if !word.contains(|c: char| c.is_ascii_digit()) {
            word.hash(&mut hasher);
        }
        if quoted.is_none() && word.ends_with([';', ':', '.', '?']) {
            break;
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str, line: u64) -> Said<'_> {
        Said {
            stops: true,
            key: "wasteItems.0.ewcCodes.0",
            error_type: "InvalidValue",
            message,
            reference: Some("A1"),
            line,
            column: Some("EWC"),
            cell: None,
        }
    }

    #[test]
    fn ten_thousand_of_a_kind_are_one_line() {
        let mut mistakes = Mistakes::default();
        for line in 0..10_000 {
            let near = if line % 2 == 0 { "did you mean 010101?" } else { "codes lists them" };
            let message = format!("EWC code \"1 {line}\" is not on the list; {near}");
            mistakes.note(said(&message, line));
        }
        let summary = mistakes.summary().expect("there is much");
        assert_eq!(summary.matches("10000 x").count(), 1, "{summary}");
        assert!(summary.contains("A1, line 0: EWC code \"1 0\" is not"), "{summary}");
    }

    #[test]
    fn other_faults_of_a_field_are_told_apart() {
        let same = |a: &str, b: &str| kind(&said(a, 1)) == kind(&said(b, 2));
        assert!(same("The date \"x y\" has no zone. So", "The date \"z\" has no zone. But"));
        assert!(!same("The date \"x\" has no zone.", "The date \"x\" does not exist."));
        assert!(Mistakes::default().summary().is_none());
    }
}
