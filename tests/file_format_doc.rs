//! Keeps `docs/file-format.md` true: its tables are those of the code, and its examples are read.
//!
//! After a change of the fields or lists, write the tables anew with
//! `UPDATE_DOCS=1 cargo test --test file_format_doc`.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::PathBuf;

use serde_json::Value;
use waste_receipts::checks;
use waste_receipts::movement::fields::{self, Field, Kind, Level, Need, Syntax};
use waste_receipts::reader::{Defaults, Format, Reader};
use waste_receipts::reference::{Codes, List};

#[path = "support/template.rs"]
#[allow(dead_code, reason = "other test programs use the rest of it")]
mod template;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/file-format.md")
}

fn document() -> String {
    std::fs::read_to_string(path()).expect("the document is there").replace("\r\n", "\n")
}

/// The nearest object that a field is in and that may be left out.
fn optional_parent(field: &Field) -> Option<&'static Field> {
    let parent = fields::field(field.parent())?;
    if parent.need == Need::Optional { Some(parent) } else { optional_parent(parent) }
}

fn needed(field: &Field) -> String {
    match field.need {
        Need::Required if optional_parent(field).is_some() => {
            let parent = optional_parent(field).map_or("", |parent| parent.path);
            format!("with any other column of `{parent}`")
        }
        Need::Required => "yes".into(),
        Need::Optional if field.path == "yourUniqueReference" => "yes, by this program".into(),
        Need::Optional => String::new(),
        Need::When(condition) => format!("when {condition}"),
    }
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Object | Kind::Objects { .. } => "list".into(),
        Kind::Several { of, most, .. } => {
            let most = most.map_or_else(String::new, |most| format!(", at most {most}"));
            format!("several: {}{most}", self::kind(*of))
        }
        Kind::Text { most: None } => "text".into(),
        Kind::Text { most: Some(most) } => format!("text, at most {most} characters"),
        Kind::Count => "whole number".into(),
        Kind::Number => "whole number from 1".into(),
        Kind::Amount => "number above 0".into(),
        Kind::YesNo => "yes or no".into(),
        Kind::DateTime => "date and time".into(),
        Kind::Uuid => "the code as issued".into(),
        Kind::Choice(list) | Kind::Code(list) => format!("[{0}](#{0})", list.name()),
        Kind::Email => "e-mail address".into(),
        Kind::Postcode { irish: false } => "postcode (UK)".into(),
        Kind::Postcode { irish: true } => "postcode (UK or Ireland)".into(),
        Kind::Registration => "registration number".into(),
        Kind::SiteAuthorisation => "permit or licence number".into(),
        Kind::ConsignmentCode => "consignment code".into(),
        Kind::ReasonForNoConsignment => {
            format!("[{0}](#{0})", List::ReasonsForNoConsignment.name())
        }
        Kind::TrackingId => "waste tracking ID".into(),
    }
}

fn written(field: &Field) -> String {
    match field.syntax {
        Syntax::References => "references".into(),
        Syntax::Components if field.path.contains("pops") => {
            format!("components, by [{0}](#{0})", List::PopNames.name())
        }
        Syntax::Components => "components, by name".into(),
        Syntax::Disposals => {
            format!("disposal and recovery, by [{0}](#{0})", List::DisposalOrRecovery.name())
        }
        Syntax::None | Syntax::One | Syntax::Several => kind(field.kind),
    }
}

fn columns() -> String {
    let mut out = String::new();
    for (level, heading) in [
        (Level::Movement, "Of the movement: on its first row"),
        (Level::Item, "Of the waste item: on every row"),
        (Level::Beside, "Only for corrections"),
    ] {
        let head = "| column | what it is | needed | written as | example | in the government's template |\n|---|---|---|---|---|---|";
        write!(out, "\n### {heading}\n\n{head}\n").expect("memory");
        for field in fields::columns().filter(|field| field.level == level) {
            let row = [
                format!("`{}`", field.path),
                field.help.to_owned(),
                needed(field),
                written(field),
                format!("`{}`", field.example),
                field.title.to_owned(),
            ];
            writeln!(out, "| {} |", row.join(" | ")).expect("memory");
        }
    }
    out
}

fn lists() -> String {
    let mut out = String::new();
    for list in List::ALL {
        let entries = Codes::embedded().entries(list);
        write!(out, "\n### {}\n\n", list.name()).expect("memory");
        if list == List::Ewc {
            let count = entries.len();
            writeln!(
                out,
                "{count} codes of six digits; `waste-receipts codes {}` lists them.",
                list.name()
            )
            .expect("memory");
            continue;
        }
        let described = entries.iter().any(|entry| !entry.meaning.is_empty());
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| {
                if described {
                    format!("- `{}` {}", entry.code, entry.meaning)
                } else {
                    format!("`{}`", entry.code)
                }
            })
            .collect();
        writeln!(out, "{}", entries.join(if described { "\n" } else { ", " })).expect("memory");
    }
    out
}

/// Puts a text between two marks of the document.
fn put(document: &str, section: &str, text: &str) -> String {
    let begin = document.find(&format!("<!-- {section}: begin")).expect("the section begins");
    let begin = begin + document[begin..].find("-->\n").expect("the mark ends") + 4;
    let end = document.find(&format!("<!-- {section}: end")).expect("the section ends");
    format!("{}{text}\n{}", &document[..begin], &document[end..])
}

#[test]
fn the_tables_are_those_of_the_code() {
    let document = document();
    let wanted = put(&put(&document, "columns", &columns()), "lists", &lists());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(), wanted).expect("the document can be written");
        return;
    }
    assert!(
        document == wanted,
        "docs/file-format.md is out of date: UPDATE_DOCS=1 cargo test --test file_format_doc"
    );
}

/// The findings of each movement of an example.
fn findings(csv: &str) -> Vec<Vec<String>> {
    let defaults = Defaults {
        api_code: Some("1f83215e-4b90-4785-9ab2-2614839aa2e9".into()),
        ..Defaults::default()
    };
    let mut reader = Reader::new(Cursor::new(csv.to_owned()), Format::Csv, "example", defaults)
        .expect("an example is readable");
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().expect("an example is readable") {
        assert!(record.findings.is_empty(), "{:?}", record.findings);
        let found = record.with_checks(checks::check(&record.movement.body, Codes::embedded()));
        all.push(found.iter().map(|f| format!("{} {}", f.key, f.error_type)).collect());
    }
    all
}

#[test]
fn the_examples_are_read() {
    let document = document();
    let examples: Vec<Vec<Vec<String>>> = document
        .split("```csv\n")
        .skip(1)
        .map(|rest| findings(rest.split("```").next().expect("the block ends")))
        .collect();
    let [several_items, whole] = examples.as_slice() else { panic!("two examples: {examples:?}") };
    assert_eq!(several_items.len(), 2, "two movements");
    assert_eq!(whole, &[Vec::<String>::new()], "the whole movement is whole");
}

/// A Markdown table: its titles, and its rows.
fn table(text: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let lines = text.lines().take_while(|line| line.starts_with('|'));
    let mut rows = lines.map(|line| {
        let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
        inner.expect("a row of a table").split('|').map(str::trim).collect()
    });
    let titles = rows.next().expect("titles");
    (titles, rows.skip(1).collect())
}

/// What a cell of the template would hold: numbers and truths are no texts there.
fn write(sheet: &mut rust_xlsxwriter::Worksheet, row: u32, column: u16, text: &str) {
    let written = match (text, text.parse::<f64>()) {
        ("", _) => return,
        ("TRUE" | "FALSE", _) => sheet.write(row, column, text == "TRUE"),
        (_, Ok(number)) if text.contains('.') => sheet.write(row, column, number),
        _ => sheet.write(row, column, text),
    };
    written.expect("a cell");
}

#[test]
fn the_example_of_the_template_is_read_as_it_says() {
    let document = document();
    let mut tables = document.match_indices("| row | Your unique reference |");
    let mut book = template::Template::new();
    for (level, sheet) in [(Level::Movement, &mut book.movements), (Level::Item, &mut book.items)] {
        let (at, _) = tables.next().expect("a table of each sheet");
        let (titles, rows) = table(&document[at..]);
        for row in rows {
            let number: u32 = row[0].parse().expect("the number of a row");
            for (title, text) in titles.iter().zip(&row).skip(1) {
                let field = fields::columns()
                    .find(|field| field.title == *title)
                    .unwrap_or_else(|| panic!("no field is called {title}"));
                let column = match level {
                    Level::Item => template::item_column(field.path),
                    _ => template::movement_column(field.path),
                };
                write(sheet, number - 1, column, text);
            }
        }
    }
    let source = Cursor::new(book.bytes());
    let mut reader =
        Reader::new(source, Format::Workbook, "example", Defaults::default()).expect("a template");
    let mut seen = Vec::new();
    while let Some(record) = reader.next_record().expect("readable") {
        let json = record.movement.to_json();
        seen.push(serde_json::from_slice::<Value>(&json).expect("JSON"));
    }
    let block = document.split("```json\n").nth(1).expect("what it is read as");
    let block = block.split("```").next().expect("its end");
    let wanted: Vec<Value> =
        block.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(seen, wanted);
}

#[test]
fn every_column_s_example_is_read_without_a_word() {
    for field in fields::columns() {
        if field.path == "yourUniqueReference" {
            continue;
        }
        let csv = format!("yourUniqueReference,{}\nA1,\"{}\"\n", field.path, field.example);
        let found = findings(&csv);
        let about = |finding: &String| {
            let key = finding.split(' ').next().unwrap_or_default();
            !finding.ends_with("NotProvided")
                && !finding.ends_with("NotAllowed")
                && !finding.ends_with("BusinessRuleViolation")
                && fields::of_key(key).is_some_and(|of| of.path.starts_with(field.path))
        };
        assert!(!found[0].iter().any(about), "{}: {found:?}", field.path);
    }
}
