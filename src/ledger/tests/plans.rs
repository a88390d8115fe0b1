//! Every statement of this room against its plan: none goes through a table that grows, save those
//! that are named here with the reason.

use sqlx::{AssertSqlSafe, Row as _};

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

/// What is written for every movement.
const FOR_EACH: [&str; 8] = [
    "INSERT INTO movement (id, operator_id",
    "INSERT INTO revision (id, movement_id",
    "INSERT INTO revision_source (",
    "INSERT INTO finding (",
    "INSERT INTO attempt (",
    "UPDATE revision SET state = 'sending'",
    "UPDATE revision SET changed_at = ?, state = ?",
    "UPDATE movement SET waste_tracking_id",
];

/// A list of more than two words is such a table, and to make one takes longer than to write a row.
#[tokio::test]
async fn what_is_written_for_every_movement_makes_no_table_of_its_own() {
    let world = World::new().await;
    let mut statements = statements();
    let of_chain = literals(include_str!("../chain/write.rs"));
    statements.extend(of_chain.into_iter().map(|sql| ("write.rs".to_owned(), sql)));
    for begins in FOR_EACH {
        let mut such = statements.iter().filter(|(_, sql)| sql.starts_with(begins)).peekable();
        assert!(such.peek().is_some(), "no statement begins `{begins}`");
        for (name, sql) in such {
            let explain = AssertSqlSafe(format!("EXPLAIN {sql}"));
            let rows = sqlx::query(explain).fetch_all(&mut *world.ledger.connection().await).await;
            let makes_one = |row: &sqlx::sqlite::SqliteRow| {
                row.get::<&str, _>("opcode").starts_with("OpenEphemeral")
            };
            assert!(!rows.expect("a program").iter().any(makes_one), "{name}: {sql}");
        }
    }
}

#[tokio::test]
async fn words_that_are_none_are_refused() {
    let world = World::new().await;
    world.read(vec![record("A1", "x")]).await;
    for (table, column) in [("revision", "state"), ("attempt", "outcome"), ("finding", "severity")]
    {
        let (sql,): (String,) =
            sqlx::query_as("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")
                .bind(table)
                .fetch_one(&mut *world.ledger.connection().await)
                .await
                .expect("a table");
        assert!(!sql.contains(&format!("{column} IN (")), "{sql}");
        assert!(sql.contains(&format!("{column} = '")), "{sql}");
    }
    let change = sqlx::query("UPDATE revision SET state = 'sent'");
    let refused = change.execute(&mut *world.ledger.connection().await).await;
    assert!(refused.expect_err("no such state").to_string().contains("CHECK constraint"));
}
