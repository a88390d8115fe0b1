//! A cell's text to the value that its field takes.
//!
//! What cannot be read stays in the body as the text it was, so that the record shows what stood
//! in the file. Must not know: rows, what delimits cells, other fields.

use std::borrow::Cow;

use crate::finding::{ErrorType, Finding, Place, Severity};
use crate::json::{Number, Value};
use crate::movement::fields::{Field, Kind, Syntax};
use crate::reader::{list, number, spelling};
use crate::reference::{Codes, List};

/// What the reader has to say of a record.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What could not be read.
    pub(super) findings: Vec<Finding>,
    /// What was read as something else than it said.
    pub(super) repairs: Vec<Finding>,
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
    /// Its column in the file or on its sheet, from 0.
    pub(super) column: usize,
    /// The column's title in the file.
    pub(super) title: &'n str,
    /// The sheet, in a workbook.
    pub(super) sheet: Option<&'n str>,
    pub(super) codes: &'static Codes,
    pub(super) notes: &'n mut Notes,
}

impl Cell<'_> {
    /// Notes an error.
    pub(super) fn wrong(&mut self, part: Part, error_type: ErrorType, message: String) {
        let finding = self.finding(Severity::Error, part, error_type, message);
        self.notes.findings.push(finding);
    }

    fn repaired(&mut self, part: Part, message: String) {
        let repair = self.finding(Severity::Advice, part, ErrorType::InvalidFormat, message);
        self.notes.repairs.push(repair);
    }

    fn finding(&self, severity: Severity, part: Part, kind: ErrorType, text: String) -> Finding {
        let mut key = key(self.field.path, self.item);
        part.add_to(&mut key);
        let mut finding = Finding::new(severity, key, kind, text);
        finding.place = Some(Place {
            line: self.line,
            column: Some(self.column as u64 + 1),
            column_name: Some(self.title.to_owned()),
            sheet: self.sheet.map(str::to_owned),
        });
        finding
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
            Kind::Choice(list) | Kind::Code(list) => self.listed(list, text),
            Kind::ReasonForNoConsignment => self.listed(List::ReasonsForNoConsignment, text),
            Kind::Object
            | Kind::Objects { .. }
            | Kind::Several { .. }
            | Kind::Text { .. }
            | Kind::DateTime
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
            Ok(spelling) => Value::Number(Number::from_spelling(spelling)),
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
    pub(super) fn listed<'r>(&self, list: List, text: &'r str) -> Value<'r> {
        Value::text(spelling::listed(self.codes, list, text).unwrap_or(text))
    }

    fn ewc<'r>(&mut self, text: &'r str, part: Part) -> Value<'r> {
        match spelling::ewc(self.codes, text) {
            spelling::Ewc::Read(code) => Value::text(code),
            spelling::Ewc::ZeroRestored(code) => {
                let message = format!("`{text}` was read as {code}: its leading zero was missing");
                self.repaired(part, message);
                Value::text(Cow::Owned(code))
            }
            spelling::Ewc::Unclear => Value::text(text),
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

/// The API's key of a field: with the item's index, where it belongs to one.
pub(super) fn key(path: &str, item: Option<usize>) -> String {
    match (item, path.strip_prefix("wasteItems.")) {
        (Some(item), Some(rest)) => format!("wasteItems.{item}.{rest}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::write_value;
    use crate::movement::fields;

    /// A cell's JSON, its findings as `key: message`, and its repairs.
    pub(in crate::reader) fn read(path: &str, text: &str) -> (String, Vec<String>, Vec<String>) {
        let mut notes = Notes::default();
        let mut cell = Cell {
            field: fields::field(path).expect("a field"),
            item: path.starts_with("wasteItems").then_some(0),
            line: 2,
            column: 4,
            title: path,
            sheet: None,
            codes: Codes::embedded(),
            notes: &mut notes,
        };
        let mut json = Vec::new();
        write_value(&mut json, &cell.read(text));
        let said = |findings: Vec<Finding>| {
            findings.into_iter().map(|f| format!("{}: {}", f.key, f.message)).collect()
        };
        let json = String::from_utf8(json).expect("JSON is UTF-8");
        (json, said(notes.findings), said(notes.repairs))
    }

    /// A cell that must be read without a word.
    pub(in crate::reader) fn clean(path: &str, text: &str) -> String {
        let (json, findings, repairs) = read(path, text);
        assert!(findings.is_empty() && repairs.is_empty(), "{text}: {findings:?} {repairs:?}");
        json
    }

    /// The findings of a cell that cannot be read.
    pub(in crate::reader) fn wrong(path: &str, text: &str) -> Vec<String> {
        let (_, findings, _) = read(path, text);
        assert!(!findings.is_empty(), "{text}");
        findings
    }

    #[test]
    fn each_kind_has_its_value() {
        for (path, text, json) in [
            ("wasteItems.numberOfContainers", "1,200", "1200"),
            ("wasteItems.weight.amount", "3.460", "3.46"),
            ("wasteItems.weight.amount", "-1", "-1"),
            ("wasteItems.containsPops", "Yes", "true"),
            ("wasteItems.weight.isEstimate", "n", "false"),
            ("wasteItems.weight.metric", "kg", "\"Kilograms\""),
            ("wasteItems.typeOfContainers", "[TAN] Tanker/Tank", "\"TAN\""),
            ("wasteItems.typeOfContainers", "lorry", "\"lorry\""),
            ("carrier.meansOfTransport", "road", "\"Road\""),
            ("reasonForNoConsignmentCode", "no doc with waste", "\"NO_DOC_WITH_WASTE\""),
            ("reasonForNoConsignmentCode", "none came", "\"none came\""),
            ("dateTimeReceived", "5/10/2026 09:20", "\"5/10/2026 09:20\""),
            ("yourUniqueReference", "00042", "\"00042\""),
            ("wasteItems.ewcCodes", "01 03 04;01 03 09", r#"["010304","010309"]"#),
            ("wasteItems.ewcCodes", "17 09 04*, 170201;", r#"["170904","170201"]"#),
            ("wasteItems.ewcCodes", "banana", r#"["banana"]"#),
            ("wasteItems.hazardous.hazCodes", "HP 4; hp_14", r#"["HP_4","HP_14"]"#),
            ("receiver.regulatoryPositionStatements", "241, 298", "[241,298]"),
        ] {
            assert_eq!(clean(path, text), json, "{path} {text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_stays() {
        let (json, findings, _) = read("wasteItems.weight.amount", "12,50");
        assert_eq!(json, "\"12,50\"");
        assert_eq!(
            findings,
            [
                "wasteItems.0.weight.amount: `12,50` is not clear: write decimals behind a point (12.50), and a comma only before three digits (1,250)"
            ]
        );
        assert!(wrong("wasteItems.containsPops", "maybe")[0].contains("neither yes nor no"));
        assert!(wrong("yourUniqueReference", "3.14E+05")[0].contains("Excel"));
        assert!(wrong("wasteItems.ewcCodes", "1.7E+05")[0].contains("Excel"));
        assert_eq!(wrong("wasteItems.weight.amount", "3.14E+05").len(), 1);
        let rps = wrong("receiver.regulatoryPositionStatements", "241; x");
        assert!(rps[0].starts_with("receiver.regulatoryPositionStatements.1: `x`"), "{rps:?}");
    }

    #[test]
    fn a_lost_zero_is_restored_and_said() {
        let (json, findings, repairs) = read("wasteItems.ewcCodes", "170904; 10101");
        assert_eq!(json, r#"["170904","010101"]"#);
        assert!(findings.is_empty());
        assert!(repairs[0].starts_with("wasteItems.0.ewcCodes.1: `10101` was read as 010101"));
    }

    proptest! {
        #[test]
        fn no_cell_panics_and_every_value_is_json(
            column in 0..fields::columns().count(),
            text in r"[0-9=;,<>.ERrHPkgt \n]{1,20}|\PC{1,12}",
        ) {
            let field = fields::columns().nth(column).expect("in range");
            let (json, _, _) = read(field.path, &text);
            prop_assert!(crate::json::parse(&json).is_ok());
        }
    }
}
