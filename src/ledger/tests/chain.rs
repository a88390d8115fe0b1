//! The history as a chain: whatever is changed, taken away, added or put elsewhere is found.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqliteConnection, ValueRef as _,
};
use tokio::runtime::Runtime;

use super::*;

/// A ledger to which everything that a history can hold has happened.
async fn eventful() -> World {
    let world = World::new().await;
    let nameless = Incoming { key: None, line: 9, ..invalid("", "?") };
    let references = ["A1", "A2", "A3", "A4", "A5", "A6"];
    let mut records: Vec<Incoming> = references.map(|name| record(name, "one")).into();
    records.extend([invalid("A7", "one"), nameless]);
    world.read(records).await;
    let claimed = world.claim().await;
    let warning = Finding::new(Severity::Warning, "carrier", ErrorType::NotProvided, "look at it");
    let warned = Outcome::Accepted {
        waste_tracking_id: Some("26A".to_owned()),
        warnings: vec![warning.clone(), warning],
    };
    let outcomes = [warned, rejected(), uncertain(), deferred(Reason::Throttled), uncertain()];
    for (claimed, outcome) in claimed.iter().zip(outcomes) {
        world.answer_saying(claimed, outcome, Some("the gateway said no")).await;
    }
    world.decide("A3", Decision::Resend).await.expect("decided");
    world.accept("A5", "26E").await.expect("decided");
    world.decide("A2", Decision::Withdraw).await.expect("decided");
    world.ledger.end_run(&world.run, 5, "{}").await.expect("ended");
    // A6 was left over.
    let world = world.next_process().await;
    assert_eq!(world.ledger.recover(&world.run).await.expect("recovered"), 1);
    world.pass(100).await;
    world.read_as(vec![record("A1", "two"), record("A5", "two")], OnChange::Update).await;
    world.feed(vec![Admission::Refuse("no".into())], OnChange::Hold).await.expect("refused");
    for claimed in world.claim().await {
        let outcome = match claimed.method {
            Method::Put => updated(),
            Method::Post => stored(&format!("26{}", claimed.reference)),
        };
        world.answer(&claimed, outcome).await.expect("recorded");
    }
    world.read(vec![record("A8", "one")]).await;
    world.ledger.after_restore(&world.run, "somebody", "restored").await.expect("made uncertain");
    world.read(vec![record("A1", "three"), record("A3", "two")]).await;
    world.decide("A3", Decision::New).await.expect("decided");
    world.decide("A1", Decision::Keep).await.expect("decided");
    world.ledger.end_run(&world.run, 0, "{}").await.expect("ended");
    world
}

impl World {
    pub(super) async fn answer_saying(
        &self,
        claimed: &Claimed,
        outcome: Outcome,
        detail: Option<&str>,
    ) {
        let now = self.clock.wall_ms();
        let answered = Answered {
            claimed: claimed.clone(),
            started_at: now,
            duration_ms: 70,
            status: Some(201),
            outcome,
            request_id: Some("r".to_owned()),
            service_charge_expiry: Some("2027-03-31".to_owned()),
            detail: detail.map(str::to_owned),
            due_at: now,
        };
        self.ledger.record(&self.run, vec![answered]).await.expect("recorded");
    }

    pub(super) async fn verify(&self) -> Verified {
        verify(&self.path(), None).await.expect("verified")
    }
}

/// A ledger in the hands of somebody who knows SQL, as often as it takes.
pub(super) struct Copies {
    folder: TempDir,
    ledger: Vec<u8>,
}

impl Copies {
    pub(super) async fn of(world: World) -> Self {
        let path = world.path();
        world.ledger.close().await.expect("closed");
        let options = SqliteConnectOptions::new().filename(&path);
        let mut connection = options.connect().await.expect("a connection");
        let triggers: Vec<(String,)> =
            sqlx::query_as("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
                .fetch_all(&mut connection)
                .await
                .expect("triggers");
        for (name,) in triggers {
            run_sql(&mut connection, &format!("DROP TRIGGER {name}")).await;
        }
        run_sql(&mut connection, "PRAGMA journal_mode = DELETE").await;
        connection.close().await.expect("closed");
        let ledger = std::fs::read(path).expect("a ledger");
        Copies { folder: world.folder, ledger }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("copy.sqlite")
    }

    /// A copy as it was, with nothing that would hinder a change.
    pub(super) async fn fresh(&self) -> SqliteConnection {
        std::fs::write(self.path(), &self.ledger).expect("a copy");
        let options = SqliteConnectOptions::new()
            .filename(self.path())
            .foreign_keys(false)
            .pragma("ignore_check_constraints", "ON")
            .pragma("synchronous", "OFF");
        options.connect().await.expect("a connection")
    }

    /// What is found in the copy.
    pub(super) async fn verify(&self, connection: SqliteConnection) -> Option<Altered> {
        connection.close().await.expect("closed");
        verify(&self.path(), None).await.expect("verified").altered
    }
}

pub(super) async fn run_sql(connection: &mut SqliteConnection, sql: &str) {
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection).await.expect("done");
}

async fn ids(connection: &mut SqliteConnection, table: &str) -> Vec<i64> {
    let sql = format!("SELECT id FROM {table} ORDER BY id");
    let rows: Vec<(i64,)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await.expect("IDs");
    rows.into_iter().map(|(id,)| id).collect()
}

/// A cell as it can be written back.
#[derive(Debug, Clone)]
enum Cell {
    Null,
    Integer(i64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Cell {
    /// Another value for a cell: one byte of it flipped, or something where there was nothing.
    fn flipped(&self, byte: usize, mask: u8, is_integer: bool) -> Cell {
        let flip = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            if bytes.is_empty() {
                bytes.push(mask);
            } else {
                let place = byte % bytes.len();
                bytes[place] ^= mask;
            }
            bytes
        };
        match self {
            Cell::Null if is_integer => Cell::Integer(i64::from(mask)),
            Cell::Null => Cell::Blob(vec![mask]),
            Cell::Integer(value) => {
                let bytes = flip(&value.to_be_bytes());
                Cell::Integer(i64::from_be_bytes(bytes.try_into().expect("eight")))
            }
            Cell::Text(text) => Cell::Text(flip(text)),
            Cell::Blob(blob) => Cell::Blob(flip(blob)),
        }
    }
}

/// A column: its table, its name, its type.
type Column = (&'static str, String, String);

async fn columns(connection: &mut SqliteConnection, table: &'static str) -> Vec<Column> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")
            .bind(table)
            .fetch_all(connection)
            .await
            .expect("columns");
    rows.into_iter().map(|(name, kind)| (table, name, kind)).collect()
}

async fn cell(connection: &mut SqliteConnection, column: &Column, id: i64) -> Cell {
    let (table, name, _) = column;
    let sql = format!("SELECT typeof({name}), {name} FROM {table} WHERE id = {id}");
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await.expect("a row");
    let kind: String = row.get(0);
    if row.try_get_raw(1).expect("a cell").is_null() {
        return Cell::Null;
    }
    match kind.as_str() {
        "integer" => Cell::Integer(row.get(1)),
        "text" => Cell::Text(row.get::<Vec<u8>, _>(1)),
        _ => Cell::Blob(row.get(1)),
    }
}

/// Writes a cell; says whether the table took it.
async fn write(connection: &mut SqliteConnection, column: &Column, id: i64, cell: &Cell) -> bool {
    let (table, name, kind) = column;
    let place = if kind == "TEXT" { "CAST(?1 AS TEXT)" } else { "?1" };
    let sql = format!("UPDATE {table} SET {name} = {place} WHERE id = {id}");
    let query = sqlx::query(AssertSqlSafe(sql));
    let query = match cell {
        Cell::Null => query.bind(None::<i64>),
        Cell::Integer(value) => query.bind(*value),
        Cell::Text(bytes) | Cell::Blob(bytes) => query.bind(bytes.clone()),
    };
    query.execute(connection).await.is_ok()
}

#[tokio::test]
async fn an_eventful_history_is_as_it_was_written() {
    let world = eventful().await;
    let verified = world.verify().await;
    assert_eq!(verified.altered, None);
    assert!(verified.attempts > 8 && verified.decisions > 5, "{verified:?}");
    assert_eq!((verified.files, verified.runs, verified.readings), (5, 2, 13));
    assert_eq!(verified.head, world.ledger.chain_head().await.expect("a head"));
    // Also one that nobody has open, of which nothing is left beside.
    let path = world.path();
    world.ledger.close().await.expect("closed");
    let copy = world.folder.path().join("copy.sqlite");
    std::fs::copy(path, &copy).expect("a copy");
    std::fs::remove_file(world.folder.path().join("ledger.sqlite")).expect("removed");
    let again = verify(&copy, Some(&verified.head.hash)).await.expect("verified");
    assert_eq!((again.altered, again.has_head), (None, Some(true)));
    let beside = std::fs::read_dir(world.folder.path()).expect("a folder");
    let names: Vec<_> = beside.map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(!names.iter().any(|n| n.to_string_lossy().starts_with("copy.sqlite-")), "{names:?}");
}

#[test]
fn one_flipped_byte_anywhere_in_the_history_is_found() {
    let runtime = Runtime::new().expect("a runtime");
    let copies = runtime.block_on(async { Copies::of(eventful().await).await });
    let places = runtime.block_on(async {
        let mut connection = copies.fresh().await;
        let mut places = Vec::new();
        for table in ["attempt", "decision", "file", "run"] {
            for column in columns(&mut connection, table).await {
                for id in ids(&mut connection, table).await {
                    places.push((column.clone(), id));
                }
            }
        }
        places
    });
    let strategy = (prop::sample::select(places), any::<usize>(), 1..=255_u8);
    let mut runner = TestRunner::new(Config { cases: 400, ..Config::default() });
    let outcome = runner.run(&strategy, |((column, id), byte, mask)| {
        runtime.block_on(async {
            let mut connection = copies.fresh().await;
            let was = cell(&mut connection, &column, id).await;
            let now = was.flipped(byte, mask, column.2 == "INTEGER");
            // Another row may have that value, which then must be the only one of its kind.
            prop_assume!(write(&mut connection, &column, id, &now).await);
            let found = copies.verify(connection).await;
            prop_assert!(found.is_some(), "{column:?} of {id}: {was:?} became {now:?}");
            Ok(())
        })
    });
    outcome.expect("found");
}

#[tokio::test]
async fn what_is_removed_inserted_or_swapped_is_found() {
    let copies = Copies::of(eventful().await).await;
    assert_eq!(copies.verify(copies.fresh().await).await, None);
    for table in ["attempt", "decision", "file", "run"] {
        let mut connection = copies.fresh().await;
        let all = columns(&mut connection, table).await;
        let all: Vec<&str> = all.iter().map(|(_, name, _)| name.as_str()).collect();
        let others = all.iter().copied().filter(|c| *c != "id").collect::<Vec<_>>().join(", ");
        let rows = ids(&mut connection, table).await;
        for (place, id) in rows.iter().enumerate() {
            let mut connection = copies.fresh().await;
            run_sql(&mut connection, &format!("DELETE FROM {table} WHERE id = {id}")).await;
            let found = copies.verify(connection).await;
            assert!(found.is_some(), "{table} {id} was removed");
            // One more, the same as another.
            for sequence in ["sequence", "NULL", "sequence + 1"] {
                let values = others.replace("sequence", sequence);
                let values = values.replace("uuid", "uuid || 'x'").replace("number", "number + 90");
                let sql = format!(
                    "INSERT INTO {table} ({others}) SELECT {values} FROM {table} WHERE id = {id}"
                );
                let mut connection = copies.fresh().await;
                run_sql(&mut connection, &sql).await;
                let found = copies.verify(connection).await;
                assert!(found.is_some(), "{table} {id} was inserted again with {sequence}");
            }
            let Some(other) = rows.get(place + 1) else { continue };
            let mut connection = copies.fresh().await;
            for (from, to) in [(*id, -1), (*other, *id), (-1, *other)] {
                let sql = format!("UPDATE {table} SET id = {to} WHERE id = {from}");
                run_sql(&mut connection, &sql).await;
            }
            let found = copies.verify(connection).await;
            assert!(found.is_some(), "{table} {id} and {other} were swapped");
        }
    }
}

#[tokio::test]
async fn what_was_altered_is_named() {
    let copies = Copies::of(eventful().await).await;
    for (sql, kind, id, what) in [
        ("UPDATE attempt SET status = 200 WHERE id = 3", "attempt", Some(3), "it was altered"),
        (
            "UPDATE attempt SET detail = 'fine' WHERE id = 2",
            "attempt",
            Some(2),
            "what its answer said was altered",
        ),
        (
            "UPDATE attempt SET detail = NULL, salt = NULL WHERE id = 2",
            "attempt",
            Some(2),
            "what its answer said was removed, and no purge says so",
        ),
        (
            "UPDATE finding SET message = 'all is well' WHERE attempt_id = 1",
            "attempt",
            Some(1),
            "what its answer said was altered",
        ),
        ("DELETE FROM finding WHERE attempt_id = 1", "attempt", Some(1), "what its answer said"),
        ("UPDATE decision SET note = 'never mind'", "decision", Some(1), "its note was altered"),
        ("UPDATE file SET path = '/other.csv' WHERE id = 1", "file", Some(1), "it was altered"),
        ("UPDATE environment SET api_url = 'https://x/'", "run", Some(1), "it was altered"),
        ("UPDATE run SET user_name = 'nobody' WHERE id = 2", "run", Some(2), "it was altered"),
        (
            "UPDATE revision SET payload = x'4131' WHERE id = 1",
            "reading",
            Some(1),
            "its content was altered",
        ),
        (
            "UPDATE revision SET payload = NULL, salt = NULL WHERE id = 1",
            "reading",
            Some(1),
            "its content was removed, and no purge says so",
        ),
        ("UPDATE revision SET received_on = '2026-01-01'", "reading", Some(1), "what is kept of"),
        ("UPDATE movement SET reference = 'B1' WHERE id = 1", "reading", Some(1), "what is kept"),
        (
            "UPDATE revision SET movement_id = 2, number = 9 WHERE id = 1",
            "reading",
            Some(1),
            "what is kept",
        ),
        ("DELETE FROM revision WHERE id = 7", "file", Some(1), "one of its readings"),
        ("DELETE FROM unidentified", "file", Some(1), "one of its readings"),
        ("UPDATE unidentified SET payload = x'41'", "record", Some(1), "its content was altered"),
        (
            "UPDATE revision SET state = 'accepted' WHERE id = 2",
            "reading",
            Some(2),
            "its state does not follow",
        ),
        ("UPDATE revision SET attempts = 9 WHERE id = 2", "reading", Some(2), "the number of"),
        (
            "UPDATE movement SET waste_tracking_id = '26Z' WHERE id = 1",
            "movement",
            Some(1),
            "its waste tracking ID",
        ),
        ("UPDATE ledger SET chain_count = chain_count - 1", "ledger", None, "the history does not"),
        ("UPDATE ledger SET uuid = 'x'", "file", Some(1), "it was altered"),
    ] {
        let mut connection = copies.fresh().await;
        run_sql(&mut connection, sql).await;
        let found = copies.verify(connection).await.unwrap_or_else(|| panic!("not found: {sql}"));
        assert_eq!((found.kind, found.id), (kind, id), "{sql}: {found:?}");
        assert!(found.what.contains(what), "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn a_ledger_that_was_cut_back_lacks_the_head() {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    world.send(stored("26A")).await;
    let first = world.ledger.end_run(&world.run, 0, "{}").await.expect("ended");
    let world = world.next_process().await;
    world.ledger.end_run(&world.run, 0, "{}").await.expect("ended");
    let path = world.path();
    let backup = world.folder.path().join("backup.sqlite");
    world.ledger.close().await.expect("closed");
    std::fs::copy(&path, &backup).expect("a backup");
    let clock = world.clock.clone();
    let ledger = open(&path, &clock).await.expect("a ledger");
    let run = ledger.begin_run(&run_facts()).await.expect("a run");
    let last = ledger.end_run(&run, 0, "{}").await.expect("ended");
    assert_eq!((first.count, last.count), (3, 5));
    for (path, head, is_there) in [
        (&path, &first, true),
        (&path, &last, true),
        (&backup, &first, true),
        (&backup, &last, false),
    ] {
        let verified = verify(path, Some(&head.hash)).await.expect("verified");
        assert_eq!((verified.altered, verified.has_head), (None, Some(is_there)));
        let verified = verify(path, Some(&head.hash[..16].to_uppercase())).await;
        assert_eq!(verified.expect("verified").has_head, Some(is_there));
    }
}
