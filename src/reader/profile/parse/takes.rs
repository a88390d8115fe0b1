//! What fields are taken from, and which rows are passed over.
//!
//! Must not know: the rest of a profile.

use std::ops::Range;

use toml::de::DeTable;

use super::{Parser, Value};
use crate::movement::fields::{self, Field};
use crate::reader::profile::take::{From, Piece, Skip, Take, UnitPart, When};
use crate::reader::spelling;
use crate::reference::{Codes, List};

const TAKE_KEYS: [&str; 11] = [
    "column", "columns", "join", "pattern", "after", "before", "minus", "unit", "values", "other",
    "empty",
];

const SKIP_KEYS: [&str; 4] = ["column", "is", "is-not", "is-empty"];

impl Parser<'_> {
    pub(super) fn take(
        &mut self,
        field: &'static Field,
        table: &DeTable<'_>,
        span: &Range<usize>,
    ) -> Option<Take> {
        let before = self.mistakes.len();
        let mut take = Take::default();
        let (mut names, mut between, mut pattern) = (Vec::new(), " ".to_owned(), None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "column" | "columns" => names.extend(self.texts(value)),
                "join" => between = self.one_text(value)?,
                "pattern" => pattern = Some(self.pattern(value)?),
                "after" => take.after = self.mark(value),
                "before" => take.before = self.mark(value),
                "minus" => take.minus = self.one_text(value),
                "unit" => self.unit(field, &mut take, value),
                "values" => self.values(field, &mut take, value),
                "other" => take.other = self.value_of(field, value),
                "empty" => take.empty = self.value_of(field, value),
                other => self.unknown(&key.span(), "way to take a field", other, &TAKE_KEYS),
            }
        }
        take.from = match (names.is_empty(), pattern) {
            (false, None) => From::Columns { names, between },
            (true, Some(pieces)) => From::Pattern(pieces),
            (true, None) => {
                self.wrong(
                    span,
                    format!("`{}` names no column: write column = \"...\"", field.path),
                );
                return None;
            }
            (false, Some(_)) => {
                self.wrong(span, "column and pattern exclude each other: use one of them");
                return None;
            }
        };
        let unit = take.unit;
        if unit == UnitPart::Number {
            let metric = fields::field("wasteItems.weight.metric")?;
            let of_cell = Take { unit: UnitPart::Unit, ..take.clone() };
            let of_cell = Take { values: Vec::new(), other: None, empty: None, ..of_cell };
            self.add(metric, of_cell, span);
        }
        (self.mistakes.len() == before).then_some(take)
    }

    /// What stands before or behind what is wanted.
    fn mark(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.one_text(value)?;
        if text.is_empty() {
            self.wrong(&value.span(), "a text that is not empty was expected");
            return None;
        }
        Some(text)
    }

    /// `R13 = {Net} = kg = Actual`
    fn pattern(&mut self, value: &Value<'_>) -> Option<Vec<Piece>> {
        let text = self.one_text(value)?;
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((fixed, behind)) = rest.split_once('{') {
            let Some((name, behind)) = behind.split_once('}') else {
                self.wrong(&value.span(), "a { of the pattern is not closed: write {Column}");
                return None;
            };
            if !fixed.is_empty() {
                pieces.push(Piece::Text(fixed.to_owned()));
            }
            pieces.push(Piece::Column(name.trim().to_owned()));
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Column(_))) {
            self.wrong(
                &value.span(),
                "the pattern names no column: write {Column} in it, or put the text under [constants]",
            );
            return None;
        }
        Some(pieces)
    }

    /// The unit of a weight: said, or to be found in the cell.
    fn unit(&mut self, field: &'static Field, take: &mut Take, value: &Value<'_>) {
        let Some(text) = self.one_text(value) else { return };
        if field.path != "wasteItems.weight.amount" {
            self.wrong(&value.span(), "unit belongs to wasteItems.weight.amount alone");
            return;
        }
        if text == "in the cell" {
            take.unit = UnitPart::Number;
            return;
        }
        let Some(metric) = fields::field("wasteItems.weight.metric") else { return };
        match spelling::listed(Codes::embedded(), List::WeightMetrics, &text) {
            Some(unit) => {
                let constant = Take { from: From::Constant(unit.to_owned()), ..Take::default() };
                self.add(metric, constant, &value.span());
            }
            None => self.wrong(
                &value.span(),
                format!(
                    "`{text}` is no unit of weight: write \"kg\", \"t\", \"g\", or \"in the cell\""
                ),
            ),
        }
    }

    fn values(&mut self, field: &'static Field, take: &mut Take, value: &Value<'_>) {
        let Some(table) = self.a_table(value) else { return };
        for (key, value) in table {
            if let Some(to) = self.value_of(field, value) {
                take.values.push((key.get_ref().to_string(), to));
            }
        }
    }

    pub(super) fn skips(&mut self, value: &Value<'_>) {
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(&value.span(), "write each rule as [[skip]], with column and is below it");
            return;
        };
        for rule in list {
            let Some(table) = self.a_table(rule) else { continue };
            let (mut column, mut when) = (None, Vec::new());
            for (key, value) in table {
                match key.get_ref().as_ref() {
                    "column" => column = self.one_text(value),
                    "is" => when.push(When::Is(self.texts(value))),
                    "is-not" => when.push(When::IsNot(self.texts(value))),
                    "is-empty" if value.get_ref().as_bool() == Some(true) => {
                        when.push(When::IsEmpty);
                    }
                    "is-empty" => self.wrong(&value.span(), "is-empty = true was expected"),
                    other => self.unknown(&key.span(), "part of a skip rule", other, &SKIP_KEYS),
                }
            }
            match (column, when.pop(), when.is_empty()) {
                (Some(column), Some(when), true) => self.profile.skips.push(Skip { column, when }),
                (None, ..) => self.wrong(&rule.span(), "a skip rule names its column"),
                _ => self.wrong(
                    &rule.span(),
                    "a skip rule says one of is = \"...\", is-not = \"...\" and is-empty = true",
                ),
            }
        }
    }
}
