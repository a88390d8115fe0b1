//! A profile's TOML to a profile: every key and value checked, each mistake with its line and the
//! nearest name that is known.
//!
//! Must not know: files of movements.

mod takes;

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::take::{From, Take};
use super::{Profile, Sites, forms, nearest};
use crate::movement::fields::{self, Field, Kind, Level};
use crate::reader::encoding::Encoding;
use crate::reader::local_time::DateForm;
use crate::reader::spelling;
use crate::reference::{Codes, List};

/// A profile that cannot be used, with all that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The file as it was named.
    pub file: String,
    /// What is wrong, in the order of the lines.
    pub mistakes: Vec<Mistake>,
}

/// Something that is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// On which line; none where it is not one line's.
    pub line: Option<usize>,
    /// What is wrong, and what is right.
    pub what: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Mistake { line, what }) in self.mistakes.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            match line {
                Some(line) => write!(f, "{}, line {line}: {what}", self.file)?,
                None => write!(f, "{}: {what}", self.file)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ProfileError {}

const KEYS: [&str; 9] = [
    "encoding",
    "delimiter",
    "dates",
    "ignore",
    "columns",
    "constants",
    "site-column",
    "sites",
    "skip",
];

const DATE_KEYS: [&str; 2] = ["format", "zone"];

/// Reads a profile.
pub(super) fn profile(text: &str) -> Result<Profile, Vec<Mistake>> {
    let mut parser = Parser { text, mistakes: Vec::new(), profile: Profile::default() };
    match DeTable::parse(text) {
        Ok(table) => parser.table(table.get_ref()),
        Err(error) => {
            let line = error.span().map(|span| parser.line(&span));
            parser.mistakes.push(Mistake { line, what: error.message().to_owned() });
        }
    }
    if parser.mistakes.is_empty() {
        return Ok(parser.profile);
    }
    parser.mistakes.sort_by_key(|mistake| mistake.line);
    Err(parser.mistakes)
}

type Value<'t> = Spanned<DeValue<'t>>;

struct Parser<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
    profile: Profile,
}

impl Parser<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)
    }

    fn wrong(&mut self, span: &Range<usize>, what: impl Into<String>) {
        let mistake = Mistake { line: Some(self.line(span)), what: what.into() };
        self.mistakes.push(mistake);
    }

    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "encoding" => self.encoding(value),
                "delimiter" => self.delimiter(value),
                "dates" => self.dates(value),
                "ignore" => self.profile.ignored = self.texts(value),
                "columns" => self.fields(value, "", Self::column),
                "constants" => self.fields(value, "", Self::constant),
                "site-column" | "sites" => {}
                "skip" => self.skips(value),
                other => self.unknown(&key.span(), "setting of a profile", other, &KEYS),
            }
        }
        self.sites(table);
        self.whole();
        self.profile.fields.sort_by_key(|(field, _)| {
            fields::FIELDS.iter().position(|known| known.path == field.path)
        });
    }

    /// What holds only when all is read.
    fn whole(&mut self) {
        let has = |path: &str| self.profile.fields.iter().any(|(field, _)| field.path == path);
        if self.mistakes.is_empty() && !has("yourUniqueReference") {
            let what = "nothing says what yourUniqueReference is taken from: under [columns], name \
                        the column that holds your own number for each load, the ticket number for \
                        example";
            self.mistakes.push(Mistake { line: None, what: what.to_owned() });
        }
    }

    fn unknown(&mut self, span: &Range<usize>, what: &str, name: &str, known: &[&str]) {
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        self.wrong(span, format!("`{name}` is no {what}: {hint}"));
    }

    fn encoding(&mut self, value: &Value<'_>) {
        let Some(name) = self.one_text(value) else { return };
        let names = Encoding::ALL.map(Encoding::name);
        match Encoding::of_name(&name) {
            Some(encoding) => self.profile.encoding = Some(encoding),
            None => self.unknown(&value.span(), "encoding that is read", &name, &names),
        }
    }

    fn delimiter(&mut self, value: &Value<'_>) {
        let Some(text) = self.one_text(value) else { return };
        let delimiter =
            match text.as_str() {
                "tab" => Some(b'\t'),
                one => one.as_bytes().first().copied().filter(|byte| {
                    one.len() == 1 && byte.is_ascii() && !byte.is_ascii_alphanumeric()
                }),
            };
        match delimiter.filter(|byte| !matches!(byte, b'"' | b'\n' | b'\r' | b' ')) {
            Some(byte) => self.profile.delimiter = Some(byte),
            None => self.wrong(
                &value.span(),
                format!(
                    "`{text}` cannot stand between fields: write \",\", \";\", \"|\" or \"tab\""
                ),
            ),
        }
    }

    fn dates(&mut self, value: &Value<'_>) {
        let Some(table) = self.a_table(value) else { return };
        let (mut shown, mut zone) = (Vec::new(), "Europe/London".to_owned());
        let mut span = value.span();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "format" => {
                    shown = self.texts(value);
                    span = value.span();
                }
                "zone" => {
                    let Some(name) = self.one_text(value) else { continue };
                    if jiff::tz::TimeZone::get(&name).is_err() {
                        self.wrong(
                            &value.span(),
                            format!("`{name}` is no time zone: write Europe/London, or UTC"),
                        );
                        continue;
                    }
                    zone = name;
                }
                other => self.unknown(&key.span(), "setting of dates", other, &DATE_KEYS),
            }
        }
        if shown.is_empty() {
            shown.push("dd/mm/yyyy hh:mm[:ss]".to_owned());
        }
        let mut formats = Vec::new();
        for form in &shown {
            match forms::strptime(form) {
                Ok(forms) => formats.extend(forms),
                Err(why) => self.wrong(
                    &span,
                    format!(
                        "`{form}` is no form of dates: {why}; write it like dd/mm/yyyy hh:mm[:ss]"
                    ),
                ),
            }
        }
        self.profile.dates = DateForm::declared(shown.join(" or "), formats, &zone);
    }

    /// A table of fields, whose names may be written in one (`"carrier.organisationName"`) or in
    /// steps (`carrier.organisationName`).
    fn fields(
        &mut self,
        value: &Value<'_>,
        above: &str,
        read: fn(&mut Self, &'static Field, &Value<'_>),
    ) {
        let Some(table) = self.a_table(value) else { return };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let path = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
            match column(&path) {
                Some(field) => read(self, field, value),
                None if value.get_ref().as_table().is_some() && is_above(&path) => {
                    self.fields(value, &path, read);
                }
                None => {
                    let near = fields::nearest_column(&path);
                    let hint = near.map_or_else(
                        || "docs/file-format.md lists the fields".to_owned(),
                        |near| format!("did you mean `{}`?", near.path),
                    );
                    self.wrong(&key.span(), format!("`{path}` is no field: {hint}"));
                }
            }
        }
    }

    fn add(&mut self, field: &'static Field, take: Take, span: &Range<usize>) {
        if self.profile.fields.iter().any(|(known, _)| known.path == field.path) {
            self.wrong(
                span,
                format!(
                    "`{}` is given twice: for what stands in where a cell is empty, write {{ column = \"...\", empty = \"...\" }}",
                    field.path
                ),
            );
            return;
        }
        self.profile.fields.push((field, take));
    }

    fn constant(&mut self, field: &'static Field, value: &Value<'_>) {
        let Some(text) = self.value_of(field, value) else { return };
        let take = Take { from: From::Constant(text), ..Take::default() };
        self.add(field, take, &value.span());
    }

    /// A constant that a field may have, in the spelling of its list.
    fn value_of(&mut self, field: &'static Field, value: &Value<'_>) -> Option<String> {
        let text = self.scalar(value)?;
        let text = text.trim();
        if text.is_empty() {
            self.wrong(
                &value.span(),
                format!("`{}` is given an empty text: fill it in, or leave it out", field.path),
            );
            return None;
        }
        let (list, fixed) = match field.kind {
            Kind::Choice(list) => (list, true),
            Kind::Code(list) => (list, false),
            Kind::ReasonForNoConsignment => (List::ReasonsForNoConsignment, true),
            Kind::YesNo if spelling::yes_or_no(text).is_none() => {
                self.wrong(&value.span(), format!("`{text}` is neither yes nor no"));
                return None;
            }
            _ => return Some(text.to_owned()),
        };
        let codes = Codes::embedded();
        match spelling::listed(codes, list, text) {
            Some(code) => Some(code.to_owned()),
            None if fixed => {
                let known: Vec<&str> =
                    codes.entries(list).iter().map(|entry| entry.code.as_str()).collect();
                self.unknown(&value.span(), &format!("value of `{}`", field.path), text, &known);
                None
            }
            None => Some(text.to_owned()),
        }
    }

    fn column(&mut self, field: &'static Field, value: &Value<'_>) {
        let names = |names: Vec<String>| From::Columns { names, between: " ".to_owned() };
        let take = match value.get_ref() {
            DeValue::String(_) | DeValue::Array(_) => {
                let texts = self.texts(value);
                if texts.iter().any(|text| text.trim().is_empty()) {
                    self.wrong(&value.span(), "fill in the name of your column");
                    return;
                }
                if texts.is_empty() {
                    return;
                }
                Take { from: names(texts), ..Take::default() }
            }
            DeValue::Table(table) => match self.take(field, table, &value.span()) {
                Some(take) => take,
                None => return,
            },
            _ => {
                self.wrong(&value.span(), "the name of a column in quotes was expected");
                return;
            }
        };
        self.add(field, take, &value.span());
    }

    fn sites(&mut self, table: &DeTable<'_>) {
        let column = table.get("site-column").and_then(|value| self.one_text(value));
        let Some(sites) = table.get("sites") else {
            if let Some(column) = table.get("site-column") {
                self.wrong(&column.span(), "site-column without [sites.\"...\"] says nothing");
            }
            return;
        };
        let Some(column) = column else {
            let what = "name the column that says which site it is: site-column = \"...\", above \
                        all tables";
            self.wrong(&sites.span(), what);
            return;
        };
        let Some(of_sites) = self.a_table(sites) else { return };
        let mut known = Vec::new();
        for (name, constants) in of_sites {
            let outer = std::mem::take(&mut self.profile.fields);
            self.fields(constants, "", Self::constant);
            let own = std::mem::replace(&mut self.profile.fields, outer);
            let own = own.into_iter().filter_map(|(field, take)| match take.from {
                From::Constant(text) => Some((field, text)),
                _ => None,
            });
            known.push((name.get_ref().to_string(), own.collect()));
        }
        self.profile.sites = Some(Sites { column, known });
    }

    fn a_table<'v, 'd>(&mut self, value: &'v Value<'d>) -> Option<&'v DeTable<'d>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(&value.span(), "a table was expected");
        }
        table
    }

    fn one_text(&mut self, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(&value.span(), "a text in quotes was expected");
        }
        text
    }

    /// A text, or a list of them.
    fn texts(&mut self, value: &Value<'_>) -> Vec<String> {
        match value.get_ref() {
            DeValue::Array(list) => list.iter().filter_map(|entry| self.one_text(entry)).collect(),
            _ => self.one_text(value).into_iter().collect(),
        }
    }

    /// A text, a number, or yes or no, as a cell would have it.
    fn scalar(&mut self, value: &Value<'_>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.to_string()),
            DeValue::Float(number) => Some(number.to_string()),
            DeValue::Boolean(flag) => Some(flag.to_string()),
            _ => {
                self.wrong(&value.span(), "a text in quotes was expected");
                None
            }
        }
    }
}

/// The field that a profile names.
fn column(path: &str) -> Option<&'static Field> {
    let exact = fields::field(path).filter(|field| field.is_column());
    exact.or_else(|| fields::columns().find(|field| field.path.eq_ignore_ascii_case(path)))
}

/// Whether fields lie below a path.
fn is_above(path: &str) -> bool {
    fields::columns().any(|field| {
        let below = field.path.strip_prefix(path);
        below.is_some_and(|rest| rest.starts_with('.')) && field.level != Level::Beside
    })
}
