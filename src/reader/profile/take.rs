//! What a field is taken from, and the rows that are passed over: as a profile says it.
//!
//! Must not know: files, where the columns are.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::reader::{number, trim};

/// What a field's text is made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Take {
    pub(super) from: From,
    /// Of the text only what stands behind the first of these.
    pub(super) after: Option<String>,
    /// Of the text only what stands before the first of these.
    pub(super) before: Option<String>,
    /// A column that is taken off: gross less tare.
    pub(super) minus: Option<String>,
    /// The unit stands in the cell, behind the number.
    pub(super) unit: UnitPart,
    /// What some texts mean.
    pub(super) values: Vec<(String, String)>,
    /// What all other texts mean.
    pub(super) other: Option<String>,
    /// What an empty cell means.
    pub(super) empty: Option<String>,
}

/// Where the text comes from.
#[derive(Debug, Clone, Default)]
pub(super) enum From {
    /// Nowhere but the constants of the site.
    #[default]
    Nothing,
    /// Always the same.
    Constant(String),
    /// Columns, with something between those that are not empty.
    Columns { names: Vec<String>, between: String },
    /// A text with columns in it.
    Pattern(Vec<Piece>),
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Column(String),
}

/// Which part of a number with its unit is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum UnitPart {
    #[default]
    All,
    Number,
    Unit,
}

/// Rows that are passed over.
#[derive(Debug, Clone)]
pub(super) struct Skip {
    pub(super) column: String,
    pub(super) when: When,
}

/// What must stand in the column for that.
#[derive(Debug, Clone)]
pub(super) enum When {
    Is(Vec<String>),
    IsNot(Vec<String>),
    IsEmpty,
}

impl Take {
    /// The columns that it names.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let named: Vec<&str> = match &self.from {
            From::Nothing | From::Constant(_) => Vec::new(),
            From::Columns { names, .. } => names.iter().map(String::as_str).collect(),
            From::Pattern(pieces) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Column(name) => Some(name.as_str()),
                    Piece::Text(_) => None,
                })
                .collect(),
        };
        named.into_iter().chain(self.minus.as_deref())
    }

    /// Whether its text is that of columns, rather than made up with them.
    pub(super) fn is_plain(&self) -> bool {
        !matches!(self.from, From::Pattern(_)) && self.unit != UnitPart::Unit
    }

    /// Its text for a row, trimmed; `cell` gives the text of a column by name.
    pub(super) fn text<'c>(&self, cell: impl Fn(&str) -> Cow<'c, str>) -> Cow<'c, str> {
        let text = self.gathered(&cell);
        let text = self.cut(text);
        let text = match (&self.minus, trim(&text).is_empty()) {
            (Some(column), false) => Cow::Owned(less(trim(&text), trim(&cell(column)))),
            _ => text,
        };
        let text = match self.unit {
            UnitPart::All => text,
            UnitPart::Number => Cow::Owned(number_and_unit(&text).0.to_owned()),
            UnitPart::Unit => Cow::Owned(number_and_unit(&text).1.to_owned()),
        };
        self.meant(text)
    }

    fn gathered<'c>(&self, cell: &impl Fn(&str) -> Cow<'c, str>) -> Cow<'c, str> {
        match &self.from {
            From::Nothing => Cow::Borrowed(""),
            From::Constant(text) => Cow::Owned(text.clone()),
            From::Columns { names, .. } if names.len() == 1 => cell(&names[0]),
            From::Columns { names, between } => {
                let texts: Vec<String> = names
                    .iter()
                    .map(|name| trim(&cell(name)).to_owned())
                    .filter(|text| !text.is_empty())
                    .collect();
                Cow::Owned(texts.join(between))
            }
            From::Pattern(pieces) => {
                let (mut text, mut anything) = (String::new(), false);
                for piece in pieces {
                    match piece {
                        Piece::Text(fixed) => text.push_str(fixed),
                        Piece::Column(name) => {
                            let found = cell(name);
                            anything |= !trim(&found).is_empty();
                            text.push_str(trim(&found));
                        }
                    }
                }
                if anything { Cow::Owned(text) } else { Cow::Borrowed("") }
            }
        }
    }

    /// What stands behind `after` and before `before`. Without the first there is nothing; without
    /// the second all of it.
    fn cut<'c>(&self, text: Cow<'c, str>) -> Cow<'c, str> {
        if self.after.is_none() && self.before.is_none() {
            return text;
        }
        let mut rest: &str = &text;
        if let Some(mark) = &self.after {
            rest = rest.split_once(mark.as_str()).map_or("", |(_, behind)| behind);
        }
        if let Some(mark) = &self.before {
            rest = rest.split_once(mark.as_str()).map_or(rest, |(before, _)| before);
        }
        Cow::Owned(rest.to_owned())
    }

    /// What the text means by the table of values.
    fn meant<'c>(&self, text: Cow<'c, str>) -> Cow<'c, str> {
        let written = trim(&text);
        if written.is_empty() {
            return self.empty.clone().map_or(Cow::Borrowed(""), Cow::Owned);
        }
        let known = self.values.iter().find(|(from, _)| super::same(from, written));
        match (known, &self.other) {
            (Some((_, to)), _) => Cow::Owned(to.clone()),
            (None, Some(other)) => Cow::Owned(other.clone()),
            (None, None) if written.len() == text.len() => text,
            (None, None) => Cow::Owned(written.to_owned()),
        }
    }
}

impl Skip {
    /// Whether a row with this text in the column is passed over.
    pub(super) fn applies(&self, text: &str) -> bool {
        let text = trim(text);
        let among = |words: &[String]| words.iter().any(|word| super::same(word, text));
        match &self.when {
            When::Is(words) => among(words),
            When::IsNot(words) => !among(words),
            When::IsEmpty => text.is_empty(),
        }
    }
}

/// Gross less tare, exactly. What is no number is left for people to see.
fn less(gross: &str, tare: &str) -> String {
    let exact = |text: &str| {
        let plain = number::canonical(if text.is_empty() { "0" } else { text }).ok()?;
        plain.parse::<Decimal>().ok()
    };
    let net = exact(gross).zip(exact(tare)).and_then(|(gross, tare)| gross.checked_sub(tare));
    net.map_or_else(|| format!("{gross} - {tare}"), |net| net.normalize().to_string())
}

/// `12.5 t` to its two parts.
fn number_and_unit(text: &str) -> (&str, &str) {
    let text = trim(text);
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '.');
    // A point behind the number is the unit's, `kg.`, unless nothing else follows.
    let unit = text[number.len()..].trim_matches('.');
    (trim(number), unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_units() {
        assert_eq!(number_and_unit("12.50 t"), ("12.50", "t"));
        assert_eq!(number_and_unit("1,250kg."), ("1,250", "kg"));
        assert_eq!(number_and_unit("12"), ("12", ""));
        assert_eq!(number_and_unit("tonnes"), ("", "tonnes"));
    }

    #[test]
    fn a_difference_is_exact_or_shows_what_it_was_made_of() {
        assert_eq!(less("17.82", "7.9"), "9.92");
        assert_eq!(less("1,000", ""), "1000");
        assert_eq!(less("x", "7"), "x - 7");
        assert_eq!(
            less("1", "99999999999999999999999999999999999999"),
            "1 - 99999999999999999999999999999999999999"
        );
    }

    #[test]
    fn a_text_is_gathered_cut_and_translated() {
        let cell = |name: &str| -> Cow<'static, str> {
            Cow::Owned(match name {
                "Date" => " 05/10/2026 ".to_owned(),
                "Time" => "09:20".to_owned(),
                "Product" => "17 09 04 - Mixed [C&D]".to_owned(),
                "Vehicle" => "ARTIC".to_owned(),
                "Net" => "12.5".to_owned(),
                _ => String::new(),
            })
        };
        let columns = |names: &[&str]| Take {
            from: From::Columns {
                names: names.iter().map(ToString::to_string).collect(),
                between: " ".into(),
            },
            ..Take::default()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(columns(&["Date", "Time", "None"]).text(cell), "05/10/2026 09:20");
        let code = Take { before: some(" - "), ..columns(&["Product"]) };
        assert_eq!(code.text(cell), "17 09 04");
        let inside = Take { after: some("["), before: some("]"), ..columns(&["Product"]) };
        assert_eq!(inside.text(cell), "C&D");
        let behind = Take { after: some("/"), ..columns(&["Product"]) };
        assert_eq!(behind.text(cell), "");
        let values = vec![("Artic".to_owned(), "Road".to_owned())];
        let mapped = Take { values, other: some("Other"), ..columns(&["Vehicle"]) };
        assert_eq!(mapped.text(cell), "Road");
        assert_eq!(Take { from: columns(&["Net"]).from, ..mapped.clone() }.text(cell), "Other");
        assert_eq!(Take { empty: some("Rail"), ..columns(&["None"]) }.text(cell), "Rail");
        let pieces = [
            Piece::Text("R13 = ".into()),
            Piece::Column("Net".into()),
            Piece::Text(" = t = Actual".into()),
        ];
        let pattern = Take { from: From::Pattern(pieces.to_vec()), ..Take::default() };
        assert_eq!(pattern.text(cell), "R13 = 12.5 = t = Actual");
        assert_eq!(pattern.text(|_| Cow::Borrowed("")), "");
    }
}
