//! What was read as something else than it said: each kind by name, counted, and to be turned off.
//!
//! Nothing is repaired in silence. A [`Repair`] stands on its [`Record`](super::Record), or in the
//! [`RepairTally`] of its file where it belongs to no record. Must not know: how repairs are made.

use std::fmt;

use crate::finding::{ErrorType, Finding, Place, Severity};

/// A kind of repair. Its name is an interface: settings and JSON speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RepairKind {
    /// The file is no UTF-8: it was read as CP1252 or UTF-16.
    Encoding,
    /// Lines above the column names were passed over; only with a profile.
    LinesAbove,
    /// Rows in which nothing stands were passed over.
    EmptyRows,
    /// Columns in which nothing stands were passed over.
    EmptyColumns,
    /// A row of totals was passed over.
    TotalLine,
    /// Rows that a profile names were passed over.
    SkippedRows,
    /// `05/10/2026 09:20` is the time of clocks in London.
    LocalTime,
    /// A time of the hour that the clocks repeat in October: the first of the two was taken.
    RepeatedHour,
    /// `10101` is the EWC code 010101.
    LostZero,
    /// `17 09 04*` is the EWC code 170904.
    EwcSpelling,
    /// `HP 4`, `kg`, `road`: a code or choice in another spelling than the list's.
    Spelling,
    /// `1,250.5` is 1250.5.
    Thousands,
}

impl RepairKind {
    /// All kinds.
    pub const ALL: [RepairKind; 12] = [
        RepairKind::Encoding,
        RepairKind::LinesAbove,
        RepairKind::EmptyRows,
        RepairKind::EmptyColumns,
        RepairKind::TotalLine,
        RepairKind::SkippedRows,
        RepairKind::LocalTime,
        RepairKind::RepeatedHour,
        RepairKind::LostZero,
        RepairKind::EwcSpelling,
        RepairKind::Spelling,
        RepairKind::Thousands,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            RepairKind::Encoding => "encoding",
            RepairKind::LinesAbove => "lines-above",
            RepairKind::EmptyRows => "empty-rows",
            RepairKind::EmptyColumns => "empty-columns",
            RepairKind::TotalLine => "total-line",
            RepairKind::SkippedRows => "skipped-rows",
            RepairKind::LocalTime => "local-time",
            RepairKind::RepeatedHour => "repeated-hour",
            RepairKind::LostZero => "lost-zero",
            RepairKind::EwcSpelling => "ewc-spelling",
            RepairKind::Spelling => "spelling",
            RepairKind::Thousands => "thousands",
        }
    }

    /// Why what was read is not what stands in the file.
    fn because(self) -> &'static str {
        match self {
            RepairKind::Encoding => "the file is not UTF-8",
            RepairKind::LinesAbove => "it stands above the column names",
            RepairKind::EmptyRows => "nothing stands in it",
            RepairKind::EmptyColumns => "nothing stands in them",
            RepairKind::SkippedRows => "the profile says so",
            RepairKind::TotalLine => "it has no reference and describes no waste",
            RepairKind::LocalTime => "day, month, year, and the time of clocks in London",
            RepairKind::RepeatedHour => {
                "the clocks went back and showed this hour twice; the first was taken"
            }
            RepairKind::LostZero => "its leading zero was missing",
            RepairKind::EwcSpelling => "blanks, dots and asterisks are no part of the code",
            RepairKind::Spelling => "that is how the service spells it",
            RepairKind::Thousands => "the commas stand before three digits each",
        }
    }

    /// Whether something else may have been meant, so that a person should look at each.
    pub fn is_doubtful(self) -> bool {
        matches!(self, RepairKind::LostZero | RepairKind::RepeatedHour)
    }
}

/// Which kinds of repair are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repairs(u32);

impl Default for Repairs {
    fn default() -> Self {
        Repairs::ALL
    }
}

impl Repairs {
    /// Every kind.
    pub const ALL: Repairs = Repairs(u32::MAX);
    /// None: what needs one is refused.
    pub const NONE: Repairs = Repairs(0);

    /// Whether a kind is made.
    pub fn has(self, kind: RepairKind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    /// The same with one kind turned on or off.
    #[must_use]
    pub fn with(self, kind: RepairKind, made: bool) -> Self {
        let bit = 1 << kind as u32;
        Repairs(if made { self.0 | bit } else { self.0 & !bit })
    }

    /// Reads a choice, in order: `all`, `none`, a name, or a name with `-` before it. One that
    /// begins with a name means only those; one that begins with a `-` means all but those.
    pub fn choose<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut chosen = None;
        for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
            let (name, made) = match word.strip_prefix('-') {
                Some(name) => (name, false),
                None => (word, true),
            };
            let before = chosen.unwrap_or(if made { Repairs::NONE } else { Repairs::ALL });
            chosen = Some(match (name, made) {
                ("all", true) | ("none", false) => Repairs::ALL,
                ("none", true) | ("all", false) => Repairs::NONE,
                _ => before.with(named(name)?, made),
            });
        }
        Ok(chosen.unwrap_or_default())
    }
}

fn named(name: &str) -> Result<RepairKind, String> {
    let found = RepairKind::ALL.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| {
        let names = RepairKind::ALL.map(RepairKind::name);
        let near = names
            .iter()
            .map(|known| (strsim::osa_distance(known, &name.to_lowercase()), known))
            .filter(|(distance, known)| *distance <= known.len() / 3)
            .min()
            .map_or_else(String::new, |(_, known)| format!("; did you mean {known}?"));
        format!("`{name}` is no repair{near} There are all, none, {}", names.join(", "))
            .replace("repair There", "repair. There")
    })
}

/// One thing that was read as something else than it said.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// Of which kind.
    pub kind: RepairKind,
    /// The API's key of the value, where it belongs to one.
    pub key: String,
    /// Where it stands in the file.
    pub place: Place,
    /// What stands there.
    pub from: String,
    /// What it was read as; empty where it was passed over.
    pub to: String,
}

impl Repair {
    /// What was done, in words.
    pub fn message(&self) -> String {
        let Repair { kind, from, to, .. } = self;
        let because = kind.because();
        match kind {
            RepairKind::EmptyRows | RepairKind::EmptyColumns => {
                format!("passed over {from}: {because}")
            }
            _ if to.is_empty() => format!("`{from}` was passed over: {because}"),
            RepairKind::Encoding => format!("the file was read as {to}"),
            _ => format!("`{from}` was read as {to}: {because}"),
        }
    }

    /// As advice beside the findings of its record.
    pub fn finding(&self) -> Finding {
        let kind = ErrorType::InvalidFormat;
        let mut finding = Finding::new(Severity::Advice, self.key.clone(), kind, self.message());
        finding.place = Some(self.place.clone());
        finding
    }
}

/// The repairs of a file, by kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RepairTally {
    kinds: [Tallied; RepairKind::ALL.len()],
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Tallied {
    count: u64,
    first: Option<Repair>,
}

impl RepairTally {
    /// Counts a repair, and keeps the first of its kind.
    pub fn note(&mut self, repair: &Repair) {
        self.count_one(repair.kind, || repair.clone());
    }

    /// Counts one of the file itself, which is only made when it is the first of its kind: there
    /// may be millions of empty rows.
    pub(super) fn of_file(&mut self, kind: RepairKind, line: u64, from: &str, to: &str) {
        self.count_one(kind, || {
            let place = Place { line, column: None, column_name: None, sheet: None };
            let (from, to) = (shortened(from), to.to_owned());
            Repair { kind, key: String::new(), place, from, to }
        });
    }

    fn count_one(&mut self, kind: RepairKind, repair: impl FnOnce() -> Repair) {
        let tallied = &mut self.kinds[kind as usize];
        tallied.count += 1;
        tallied.first.get_or_insert_with(repair);
    }

    /// Adds those of another file.
    pub fn add(&mut self, other: &RepairTally) {
        for (mine, theirs) in self.kinds.iter_mut().zip(&other.kinds) {
            mine.count += theirs.count;
            if mine.first.is_none() {
                mine.first.clone_from(&theirs.first);
            }
        }
    }

    /// The kinds that were needed, with how often and the first of each.
    pub fn entries(&self) -> impl Iterator<Item = (RepairKind, u64, &Repair)> {
        let entries = RepairKind::ALL.into_iter().zip(&self.kinds);
        entries.filter_map(|(kind, tallied)| Some((kind, tallied.count, tallied.first.as_ref()?)))
    }

    /// How often a kind was needed.
    pub fn count(&self, kind: RepairKind) -> u64 {
        self.kinds[kind as usize].count
    }

    /// Whether there was nothing to repair.
    pub fn is_empty(&self) -> bool {
        self.kinds.iter().all(|tallied| tallied.count == 0)
    }
}

/// The beginning of a row, which may be of any length.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let text = text.trim();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for RepairTally {
    /// A line for each kind: how often, its name, and the first of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (kind, count, first)) in self.entries().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            let (line, name) = (first.place.line, kind.name());
            let at = match (&first.place.sheet, first.place.cell()) {
                (Some(sheet), Some(cell)) => format!("{sheet}!{cell}"),
                _ => format!("line {line}"),
            };
            write!(f, "{count:>8} x  {name}: {at}: {}", first.message())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repair(kind: RepairKind, line: u64) -> Repair {
        let place = Place { line, column: Some(1), column_name: None, sheet: None };
        let (from, to) = ("10101".to_owned(), "010101".to_owned());
        Repair { kind, key: "wasteItems.0.ewcCodes.0".into(), place, from, to }
    }

    #[test]
    fn each_kind_is_where_it_is_looked_for() {
        for (place, kind) in RepairKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place, "{}", kind.name());
        }
    }

    #[test]
    fn a_choice_is_read_in_order() {
        let chosen = |text: &str| Repairs::choose(text.split(',')).expect("a choice");
        assert_eq!(chosen(""), Repairs::ALL);
        assert_eq!(chosen("none"), Repairs::NONE);
        let but_one = Repairs::ALL.with(RepairKind::LostZero, false);
        assert_eq!(chosen("all,-lost-zero"), but_one);
        assert_eq!(chosen("-lost-zero"), but_one);
        assert!(!but_one.has(RepairKind::LostZero) && but_one.has(RepairKind::Spelling));
        assert_eq!(chosen("spelling"), Repairs::NONE.with(RepairKind::Spelling, true));
        let wrong = Repairs::choose(["lost-zeros"]).expect_err("no such repair");
        assert!(wrong.starts_with("`lost-zeros` is no repair; did you mean lost-zero?"), "{wrong}");
        assert!(Repairs::choose(["colour"]).expect_err("none").contains("is no repair. There are"));
    }

    #[test]
    fn a_tally_counts_and_keeps_the_first() {
        let mut tally = RepairTally::default();
        assert!(tally.is_empty());
        tally.note(&repair(RepairKind::LostZero, 5));
        let mut more = RepairTally::default();
        more.note(&repair(RepairKind::LostZero, 2));
        more.note(&repair(RepairKind::Thousands, 3));
        tally.add(&more);
        assert_eq!(tally.count(RepairKind::LostZero), 2);
        assert!(tally.to_string().starts_with(
            "       2 x  lost-zero: line 5: `10101` was read as 010101: its leading zero was missing"
        ));
        assert_eq!(tally.entries().count(), 2);
    }
}
