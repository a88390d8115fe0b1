//! Five formats of one report say the same.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use serde_json::Value;
use waste_receipts::ledger::Ledger;
use waste_receipts::report::{self, Audit, Selection};

use crate::figures::{audit, ledger};

fn printed(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("written");
    String::from_utf8(out).expect("UTF-8")
}

fn page(audit: &Audit, ledger: &Ledger) -> String {
    let snapshot = ledger.snapshot().expect("a snapshot");
    let mut out = Vec::new();
    report::write_html(audit, &snapshot, &mut out).expect("written");
    String::from_utf8(out).expect("UTF-8")
}

#[tokio::test]
async fn all_formats_say_the_same() {
    let kept = ledger(1_500).await;
    let (audit, ledger) = audit(&kept.path, Selection::default()).await;
    let json = printed(|out| report::write_json(&audit, out));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    valid_by_the_schema(&json);
    let states = states_of(&json);
    let movements: u64 = states.values().sum();
    assert_eq!(json["movements"].as_array().expect("a list").len() as u64, movements);

    let csv = printed(|out| report::write_csv(&audit, out));
    assert_eq!(csv_states(&csv), states);
    let figures = printed(|out| report::write_csv_figures(&audit, out));
    for (state, count) in &states {
        assert!(figures.contains(&format!("states,{state},movements,{count}\r\n")), "{state}");
    }

    let mut workbook = Cursor::new(Vec::new());
    report::write_xlsx(&audit, &mut workbook).expect("a workbook");
    same_in_the_workbook(workbook, &states, &json);

    let text = printed(|out| report::write_text(&audit, out));
    let html = page(&audit, &ledger);
    for (state, count) in &states {
        let row =
            |line: &&str| line.split_whitespace().take(2).eq([state.as_str(), &grouped(*count)]);
        assert!(text.lines().any(|line| row(&line)), "{state} in the text");
        let cell =
            format!("<th scope=\"row\">{state}</th><td class=\"n\">{}</td>", grouped(*count));
        assert!(html.contains(&cell), "{state} in the page");
    }
    assert!(text.contains(&audit.verdict()) && html.contains(&audit.verdict()));
    let rows = html.matches("<tr><th scope=\"row\">").count();
    assert_eq!((rows - rows_of(&html)) as u64, movements);
    harmless(&csv, &html);
}

/// Rows of other tables than that of the movements.
fn rows_of(html: &str) -> usize {
    let before = html.split("<table id=\"loads\">").next().expect("a part");
    before.matches("<tr><th scope=\"row\">").count()
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() > 3 {
        format!("{},{}", &digits[..digits.len() - 3], &digits[digits.len() - 3..])
    } else {
        digits
    }
}

fn states_of(json: &Value) -> BTreeMap<String, u64> {
    let states = json["states"].as_array().expect("a list").iter();
    let state = |count: &Value| {
        (
            count["state"].as_str().expect("a word").to_owned(),
            count["movements"].as_u64().expect("n"),
        )
    };
    states.map(state).collect()
}

fn valid_by_the_schema(json: &Value) {
    let schema = include_str!("../../docs/report.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> = validator
        .iter_errors(json)
        .take(5)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    // The schema knows every member: with one more, or one less, it objects.
    let mut more = json.clone();
    more["totals"]["surprise"] = Value::Null;
    assert!(!validator.is_valid(&more));
    let mut less = json.clone();
    less["movements"][0].as_object_mut().expect("an object").remove("deadline");
    assert!(!validator.is_valid(&less));
}

fn csv_states(csv: &str) -> BTreeMap<String, u64> {
    let text = csv.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let state = rows.headers().expect("titles").iter().position(|title| title == "state");
    let mut states = BTreeMap::new();
    for row in rows.records() {
        let row = row.expect("a row");
        *states.entry(row[state.expect("a column")].to_owned()).or_default() += 1;
    }
    states
}

fn same_in_the_workbook(bytes: Cursor<Vec<u8>>, states: &BTreeMap<String, u64>, json: &Value) {
    let mut book: Xlsx<_> = open_workbook_from_rs(bytes).expect("a workbook");
    let sheet = book.worksheet_range("movements").expect("a sheet");
    let mut rows = sheet.rows();
    let titles: HashMap<String, usize> = rows
        .next()
        .expect("titles")
        .iter()
        .enumerate()
        .map(|(at, t)| (t.to_string(), at))
        .collect();
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let mut tonnes = 0.0;
    for row in rows {
        *found.entry(row[titles["state"]].to_string()).or_default() += 1;
        assert!(matches!(row[titles["yourUniqueReference"]], Data::String(_)));
        assert!(matches!(row[titles["received"]], Data::DateTime(_) | Data::Empty));
        if let Data::Float(weight) = row[titles["tonnes"]] {
            tonnes += weight;
        }
    }
    assert_eq!(&found, states);
    let expected = json["totals"]["tonnes"].as_f64().expect("a number");
    assert!((tonnes - expected).abs() < 0.000_001, "{tonnes} and {expected}");
    let sheet = book.worksheet_range("states").expect("a sheet");
    let counted: BTreeMap<String, u64> = sheet
        .rows()
        .skip(4 - sheet.start().expect("a start").0 as usize)
        .filter_map(|row| Some((row[0].to_string(), row[1].to_string().parse().ok()?)))
        .collect();
    assert_eq!(&counted, states);
}

/// What people and services write is text, wherever it stands.
fn harmless(csv: &str, html: &str) {
    assert!(csv.contains("Carrier No. 3 <Example> & Sons"));
    assert!(html.contains("Carrier No. 3 &lt;Example&gt; &amp; Sons"));
    assert!(!html.contains("<Example>") && !html.contains("<b>Internal"));
    for outside in ["http://", "https://", "//cdn", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "the page needs {outside}");
    }
}

#[tokio::test]
async fn an_empty_ledger_has_a_report_too() {
    let kept = ledger(0).await;
    let (audit, ledger) = audit(&kept.path, Selection::default()).await;
    assert_eq!(audit.verdict(), "No loads in this report.");
    let json = printed(|out| report::write_json(&audit, out));
    valid_but_for_movements(&json);
    assert!(page(&audit, &ledger).contains("No loads in this report."));
    assert!(printed(|out| report::write_text(&audit, out)).contains("No loads"));
    let mut workbook = Cursor::new(Vec::new());
    report::write_xlsx(&audit, &mut workbook).expect("a workbook");
}

fn valid_but_for_movements(json: &str) {
    let schema = include_str!("../../docs/report.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    let json: Value = serde_json::from_str(json).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &json));
    assert_eq!(json["movements"].as_array().map(Vec::len), Some(0));
}
