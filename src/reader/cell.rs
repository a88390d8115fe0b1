//! A cell's text to the value that its field takes.
//!
//! What cannot be read stays in the body as the text it was, so that the record shows what stood
//! in the file. Must not know: rows, what delimits cells, other fields.

use std::borrow::Cow;

use crate::finding::{ErrorType, Finding, Place, Severity};
use crate::json::{Number, Value};
use crate::movement::fields::{Field, Kind, Syntax};
use crate::reader::local_time::{Clock, DateForm, Written};
use crate::reader::repair::{Repair, RepairKind, Repairs};
use crate::reader::{list, number, spelling};
use crate::reference::{Codes, List};

/// What the reader has to say of a record.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What could not be read.
    pub(super) findings: Vec<Finding>,
    /// What was read as something else than it said.
    pub(super) repairs: Vec<Repair>,
}

/// A part of a cell's value: all of it, an entry of its list, or a member of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    entry: Option<usize>,
    member: &'static str,
}

impl Part {
    /// The cell as a whole.
    pub(super) const WHOLE: Part = Part { entry: None, member: "" };

    /// An entry of the cell's list.
    pub(super) fn entry(index: usize) -> Self {
        Part { entry: Some(index), member: "" }
    }

    /// A member of such an entry, by its path.
    pub(super) fn member(index: usize, path: &'static str) -> Self {
        Part { entry: Some(index), member: path }
    }

    fn add_to(self, key: &mut String) {
        let entry = self.entry.map(|index| index.to_string());
        for step in entry.as_deref().into_iter().chain(Some(self.member)) {
            if !step.is_empty() {
                key.push('.');
                key.push_str(step);
            }
        }
    }
}

/// A cell that is being read: what it is, where it stands, and where to note what is wrong.
pub(super) struct Cell<'n> {
    pub(super) field: &'static Field,
    /// Which item of the movement it belongs to.
    pub(super) item: Option<usize>,
    pub(super) line: u64,
    /// Its column in the file or on its sheet, from 0; none for a constant of a profile.
    pub(super) column: Option<usize>,
    /// The column's title in the file.
    pub(super) title: &'n str,
    /// The sheet, in a workbook.
    pub(super) sheet: Option<&'n str>,
    pub(super) codes: &'static Codes,
    /// Which repairs are made.
    pub(super) repairs: Repairs,
    /// How dates are written.
    pub(super) dates: &'n DateForm,
    pub(super) notes: &'n mut Notes,
}

impl Cell<'_> {
    /// Notes an error.
    pub(super) fn wrong(&mut self, part: Part, error_type: ErrorType, message: String) {
        let finding = self.finding(Severity::Error, part, error_type, message);
        self.notes.findings.push(finding);
    }

    /// Notes that a text was read as something else than it says.
    fn repaired(&mut self, kind: RepairKind, part: Part, from: &str, to: &str) {
        let (from, to) = (from.to_owned(), to.to_owned());
        let repair = Repair { kind, key: self.key(part), place: self.place(), from, to };
        self.notes.repairs.push(repair);
    }

    fn finding(&self, severity: Severity, part: Part, kind: ErrorType, text: String) -> Finding {
        let mut finding = Finding::new(severity, self.key(part), kind, text);
        finding.place = Some(self.place());
        finding
    }

    fn key(&self, part: Part) -> String {
        let mut key = key(self.field.path, self.item);
        part.add_to(&mut key);
        key
    }

    fn place(&self) -> Place {
        Place {
            line: self.line,
            column: self.column.map(|column| column as u64 + 1),
            column_name: Some(self.title.to_owned()),
            sheet: self.sheet.map(str::to_owned),
        }
    }

    /// Whether Excel has damaged the text; says so if it has.
    pub(super) fn is_damaged(&mut self, text: &str) -> bool {
        let damaged = number::is_damaged(text);
        if damaged {
            self.wrong(Part::WHOLE, ErrorType::InvalidFormat, number::damage(text));
        }
        damaged
    }

    /// The cell's value. The text is trimmed and not empty.
    pub(super) fn read<'r>(&mut self, text: &'r str) -> Value<'r> {
        if self.is_damaged(text) {
            return Value::text(text);
        }
        match self.field.syntax {
            Syntax::None | Syntax::One => self.one(self.field.kind, text, Part::WHOLE),
            Syntax::Several => self.several(text),
            Syntax::References => list::references(self, text),
            Syntax::Components => list::components(self, text),
            Syntax::Disposals => list::disposals(self, text),
        }
    }

    /// One value of a kind.
    pub(super) fn one<'r>(&mut self, kind: Kind, text: &'r str, part: Part) -> Value<'r> {
        match kind {
            Kind::Count | Kind::Number | Kind::Amount => self.number(text, part),
            Kind::YesNo => self.yes_or_no(spelling::yes_or_no(text), "yes nor no", text, part),
            Kind::Code(List::Ewc) => self.ewc(text, part),
            Kind::Choice(list) | Kind::Code(list) => self.listed(list, text, part),
            Kind::ReasonForNoConsignment => self.listed(List::ReasonsForNoConsignment, text, part),
            Kind::DateTime => self.date_time(text, part),
            Kind::Object
            | Kind::Objects { .. }
            | Kind::Several { .. }
            | Kind::Text { .. }
            | Kind::Uuid
            | Kind::Email
            | Kind::Postcode { .. }
            | Kind::Registration
            | Kind::SiteAuthorisation
            | Kind::ConsignmentCode
            | Kind::TrackingId => Value::text(text),
        }
    }

    /// A number, or the text with an error noted.
    pub(super) fn number<'r>(&mut self, text: &'r str, part: Part) -> Value<'r> {
        match number::canonical(text) {
            Ok(spelling) => {
                if text.contains(',') {
                    if !self.repairs.has(RepairKind::Thousands) {
                        let message = number::Fault::Comma.message(text);
                        self.wrong(part, ErrorType::InvalidType, message);
                        return Value::text(text);
                    }
                    self.repaired(RepairKind::Thousands, part, text, &spelling);
                }
                Value::Number(Number::from_spelling(spelling))
            }
            Err(fault) => {
                self.wrong(part, ErrorType::InvalidType, fault.message(text));
                Value::text(text)
            }
        }
    }

    /// What a word was understood as, or the word with an error noted: it is neither of two.
    pub(super) fn yes_or_no<'r>(
        &mut self,
        understood: Option<bool>,
        neither: &str,
        word: &'r str,
        part: Part,
    ) -> Value<'r> {
        if let Some(flag) = understood {
            return Value::Bool(flag);
        }
        let message = format!("`{word}` is neither {neither}: write one of the two");
        self.wrong(part, ErrorType::InvalidType, message);
        Value::text(word)
    }

    /// A value in the spelling of its list, or the text as it is.
    pub(super) fn listed<'r>(&mut self, list: List, text: &'r str, part: Part) -> Value<'r> {
        let Some(found) = spelling::listed(self.codes, list, text) else {
            return Value::text(text);
        };
        // `[TAN] Tanker/Tank` is how the government's template spells it.
        if found != text && spelling::bracketed(text) != found {
            if !self.repairs.has(RepairKind::Spelling) {
                return Value::text(text);
            }
            self.repaired(RepairKind::Spelling, part, text, found);
        }
        Value::text(found)
    }

    fn ewc<'r>(&mut self, text: &'r str, part: Part) -> Value<'r> {
        let (kind, code) = match spelling::ewc(self.codes, text) {
            spelling::Ewc::Plain | spelling::Ewc::Unclear => return Value::text(text),
            spelling::Ewc::Cleaned(code) => (RepairKind::EwcSpelling, code),
            spelling::Ewc::ZeroRestored(code) => (RepairKind::LostZero, code),
        };
        if !self.repairs.has(kind) {
            return Value::text(text);
        }
        self.repaired(kind, part, text, &code);
        Value::text(Cow::Owned(code))
    }

    /// A time by the clocks of London to the instant; one that is written as the API takes it, and
    /// what cannot be read as a time, stays for the checks to judge.
    fn date_time<'r>(&mut self, text: &'r str, part: Part) -> Value<'r> {
        let dates = self.dates;
        if !dates.declared && !self.repairs.has(RepairKind::LocalTime) {
            return Value::text(text);
        }
        match dates.read(text) {
            Written::Other => Value::text(text),
            Written::Time(Clock::At(instant)) => {
                if !dates.declared {
                    self.repaired(RepairKind::LocalTime, part, text, &instant);
                }
                Value::text(Cow::Owned(instant))
            }
            Written::Time(Clock::Twice(first)) if self.repairs.has(RepairKind::RepeatedHour) => {
                self.repaired(RepairKind::RepeatedHour, part, text, &first);
                Value::text(Cow::Owned(first))
            }
            Written::Time(Clock::Twice(first)) => {
                let message = format!(
                    "`{text}` was shown twice by the clocks, which went back in that night: write {first} if it was the first time, and the next hour of UTC if it was the second"
                );
                self.wrong(part, ErrorType::InvalidFormat, message);
                Value::text(text)
            }
            Written::Time(Clock::Never) => {
                let message = format!(
                    "`{text}` never was: in that night the clocks went forward over it; write the time that a right clock showed"
                );
                self.wrong(part, ErrorType::InvalidFormat, message);
                Value::text(text)
            }
            Written::Wrong(why) => {
                let message = format!(
                    "`{text}` cannot be read as {}: {why}; write for example {}",
                    dates.shown,
                    dates.example()
                );
                self.wrong(part, ErrorType::InvalidFormat, message);
                Value::text(text)
            }
        }
    }

    fn several<'r>(&mut self, text: &'r str) -> Value<'r> {
        let Kind::Several { of, .. } = self.field.kind else { return Value::text(text) };
        let separates = |byte| matches!(byte, b';' | b',' | b'\n' | b'\r');
        let entries = list::entries(text, separates).enumerate();
        let values = entries.map(|(index, entry)| self.one(*of, entry, Part::entry(index)));
        Value::List(values.collect())
    }
}

/// Whether a field's cells are read as the texts they are, whatever shape those must have; only
/// what Excel has damaged is told apart.
pub(super) fn is_plain(field: &Field) -> bool {
    field.syntax == Syntax::One
        && matches!(
            field.kind,
            Kind::Text { .. }
                | Kind::Uuid
                | Kind::Email
                | Kind::Postcode { .. }
                | Kind::Registration
                | Kind::SiteAuthorisation
                | Kind::ConsignmentCode
                | Kind::TrackingId
        )
}

/// The API's key of a field: with the item's index, where it belongs to one.
pub(super) fn key(path: &str, item: Option<usize>) -> String {
    match (item, path.strip_prefix("wasteItems.")) {
        (Some(item), Some(rest)) => format!("wasteItems.{item}.{rest}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests;
