//! `export --all`: from the copy, the ledger can be made again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::site::{SAMPLES, json, place, run, says, stored};

/// The rows of a table as the copy has them.
fn rows(folder: &Path, table: &str) -> Vec<Map<String, Value>> {
    let text = std::fs::read_to_string(folder.join(format!("{table}.jsonl"))).expect("a table");
    text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one"));
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

async fn run_sql(connection: &mut SqliteConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(connection).await.expect("done");
}

/// The names in a result of one column.
async fn names(connection: &mut SqliteConnection, sql: String) -> Vec<String> {
    let rows: Vec<(String,)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await.expect("names");
    rows.into_iter().map(|(name,)| name).collect()
}

fn bytes(name: &str, value: &Value) -> Option<Vec<u8>> {
    let text = value.as_str()?;
    Some(match name {
        "payload" | "header" => text.as_bytes().to_vec(),
        // Rows may be kept as they are.
        "rows" => [&[0], text.as_bytes()].concat(),
        _ => (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect(),
    })
}

/// Makes the ledger again, in one whose tables are empty.
async fn rebuild(from: &Path, ledger: &Path) {
    let options = SqliteConnectOptions::new().filename(ledger).foreign_keys(false);
    let mut connection = options.connect().await.expect("a ledger");
    let triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'".to_owned();
    for name in names(&mut connection, triggers).await {
        run_sql(&mut connection, format!("DROP TRIGGER {name}")).await;
    }
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table'
        AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
    for table in names(&mut connection, tables.to_owned()).await {
        run_sql(&mut connection, format!("DELETE FROM {table}")).await;
        let sql = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
        let columns = names(&mut connection, sql).await;
        let sql = format!("SELECT type FROM pragma_table_info('{table}') ORDER BY cid");
        let types = names(&mut connection, sql).await;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
        let sql =
            format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        for row in rows(from, &table) {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for (column, kind) in columns.iter().zip(&types) {
                let name = if column == "packed" { "rows" } else { column };
                let value = row.get(name).unwrap_or_else(|| panic!("{table} has no {name}"));
                query = match kind.as_str() {
                    "INTEGER" => query.bind(value.as_i64()),
                    "TEXT" => query.bind(value.as_str().map(str::to_owned)),
                    _ => query.bind(bytes(name, value)),
                };
            }
            query.execute(&mut connection).await.expect("a row");
        }
    }
    connection.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_can_be_made_again_from_its_copy() {
    let refused = says(
        "400 Bad Request",
        r#"{"validation":{"errors":[{"key":"carrier","errorType":"NotProvided","message":"m"}]}}"#,
    );
    let (place, _wire) = place(3, vec![stored("26A"), refused, says("504 Late", "=1+1")]).await;
    let samples: Vec<&str> = SAMPLES.lines().take(3).collect();
    place.write("some.jsonl", format!("{}\n{{\"apiCode\":\"x\"}}\n", samples.join("\n")));
    run(&place, &["submit", "some.jsonl"]).await;
    run(&place, &["retry", "--resend-uncertain", "--note", "ordered"]).await;
    run(&place, &["purge", "--before", "2026-11-01", "--personal-data"]).await;
    let copied = run(&place, &["export", "--all", "--format", "jsonl", "--out", "copy"]).await;
    assert_eq!(copied.code, 0, "{copied:?}");
    let copy = place.path().join("copy");
    for table in ["movement", "revision", "attempt", "decision", "finding", "run", "file"] {
        assert!(!rows(&copy, table).is_empty(), "no {table}");
    }
    // A folder with something in it is another copy.
    let again = run(&place, &["export", "--all", "--out", "copy"]).await;
    assert_eq!(again.code, 2, "{again:?}");
    // Made again elsewhere, it is the same, to the last hash.
    let rebuilt: PathBuf = place.path().join("rebuilt.sqlite");
    let made = run(&place, &["retry", "--ledger", "rebuilt.sqlite", "--create-ledger"]).await;
    assert_eq!(made.code, 0, "{made:?}");
    rebuild(&copy, &rebuilt).await;
    let (first, _) = json(&place, &["verify", "--json"]).await;
    let (second, code) = json(&place, &["verify", "--json", "--ledger", "rebuilt.sqlite"]).await;
    assert_eq!((code, &second["asWritten"]), (0, &Value::Bool(true)), "{second}");
    assert_eq!(first["chainHead"], second["chainHead"]);
    let twice =
        run(&place, &["export", "--all", "--ledger", "rebuilt.sqlite", "--out", "copy2"]).await;
    assert_eq!(twice.code, 0, "{twice:?}");
    let (one, two) = (files(&copy), files(&place.path().join("copy2")));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, text) in &one {
        let (a, b) = (String::from_utf8_lossy(text), String::from_utf8_lossy(&two[name]));
        assert_eq!(a, b, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_copy_for_spreadsheets_has_the_same_rows() {
    let (place, _wire) = place(2, vec![stored("26A"), says("504 Late", "=1+1")]).await;
    run(&place, &["submit", "some.jsonl"]).await;
    for format in ["csv", "jsonl"] {
        let ended = run(&place, &["export", "--all", "--format", format, "--out", format]).await;
        assert_eq!(ended.code, 0, "{ended:?}");
    }
    let contents = |folder: &str| -> Value {
        let path = place.path().join(folder).join("contents.json");
        serde_json::from_slice(&std::fs::read(path).expect("contents")).expect("JSON")
    };
    assert_eq!(contents("csv"), contents("jsonl"));
    for (table, count) in contents("csv")["tables"].as_object().expect("tables") {
        let path = place.path().join("csv").join(format!("{table}.csv"));
        let text = std::fs::read_to_string(path).expect("a table");
        let text = text.strip_prefix('\u{feff}').expect("a mark");
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(csv.records().count() as u64, count.as_u64().expect("a count"), "{table}");
        if table == "attempt" {
            assert!(text.contains(",'=1+1,"), "{text}");
        }
    }
}
