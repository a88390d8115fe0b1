//! Every statement of this room against its plan: none goes through a table that grows, save those
//! that are named here with the reason.

use sqlx::AssertSqlSafe;

use super::*;

/// A statement that may go through a table, by what it holds.
const MAY: [(&str, &str); 4] = [
    ("ELSE (SELECT count(*) FROM movement) END", "rows are counted by the pages of an index"),
    ("FROM unidentified u", "records without a reference are few"),
    ("CASE WHEN r.received_on IS NULL THEN f.read_at", "a purge looks at all that it may leave"),
    ("UPDATE layout SET header", "a purge looks at all that it may leave"),
];

/// Indexes that hold only what is open, or rare: to go through one of them is to look at just that.
const OPEN: [&str; 3] = ["revision_open", "revision_further", "movement_unsure"];

/// Names for what stays small, or is a statement's own.
const SMALL: [&str; 17] = [
    "n",
    "pragma_table_info",
    "CONSTANT",
    "ledger",
    "environment",
    "run",
    "operator",
    "o",
    "file",
    "f",
    "layout",
    "sqlite_schema",
    "_sqlx_migrations",
    "revised",
    "waits",
    "by",
    "newer",
];

/// The texts of a source: literals with their escapes undone.
fn literals(source: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = source.chars().peekable();
    let mut last = ' ';
    while let Some(c) = rest.next() {
        match c {
            '/' if last == '/' => while rest.next_if(|c| *c != '\n').is_some() {},
            '"' if last != '\'' => {
                let mut text = String::new();
                while let Some(c) = rest.next_if(|c| *c != '"') {
                    match c {
                        '\\' => {
                            if let Some('\n') = rest.next() {
                                while rest.next_if(|c| c.is_whitespace()).is_some() {}
                            }
                        }
                        c => text.push(c),
                    }
                }
                rest.next();
                literals.push(text);
            }
            _ => {}
        }
        last = c;
    }
    literals
}

/// All statements of the room.
fn statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger");
    let mut statements = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the room") {
        let path = entry.expect("a file").path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !is_source || name == "tests.rs" {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a source");
        for text in literals(&source) {
            let begins = |word: &&str| text.starts_with(&format!("{word} "));
            // Made for each table in turn, to copy all of it.
            if text.contains('{') {
                continue;
            }
            if !["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(begins) {
                continue;
            }
            statements.push((name.clone(), text));
        }
    }
    statements
}

#[tokio::test]
async fn no_statement_goes_through_what_grows() {
    let world = World::new().await;
    let statements = statements();
    assert!(statements.len() > 60, "only {} were found", statements.len());
    let mut found = Vec::new();
    for (name, sql) in &statements {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan: std::result::Result<Vec<(i64, i64, i64, String)>, _> =
            sqlx::query_as(explain).fetch_all(&mut *world.ledger.connection().await).await;
        let plan = plan.unwrap_or_else(|error| panic!("{name}: {sql}: {error}"));
        if sql.starts_with("INSERT") {
            // What its plan goes through are references to the new row, which are looked for only
            // while a violation is counted.
            continue;
        }
        let scans: Vec<&str> = plan
            .iter()
            .filter_map(|(.., step)| step.strip_prefix("SCAN "))
            .filter(|what| !SMALL.contains(&what.split(' ').next().unwrap_or_default()))
            .filter(|what| !OPEN.iter().any(|index| what.ends_with(index)))
            .filter(|what| !what.ends_with("VALUES CLAUSE") && !what.starts_with("(subquery"))
            .collect();
        if !scans.is_empty() && !MAY.iter().any(|(part, _)| sql.contains(part)) {
            found.push(format!("{name}: SCAN {}\n{sql}", scans.join(", ")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    for (part, why) in MAY {
        assert!(statements.iter().any(|(_, sql)| sql.contains(part)), "no longer needed: {why}");
    }
}
