//! Who may open which ledger, and as what.

use sqlx::Connection as _;

use super::*;

fn never() -> Access {
    Access::Write(Creation::Never)
}

async fn as_access(path: &Path, access: Access) -> Result<Ledger> {
    Ledger::open(path, access, &binding(), Clock::system()).await
}

#[tokio::test]
async fn a_ledger_is_made_only_where_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deeper/ledger.sqlite");
    for access in [Access::Read, never()] {
        let opened = as_access(&path, access).await;
        assert!(matches!(opened, Err(LedgerError::Missing { .. })), "{opened:?}");
    }
    assert!(!folder.path().join("deeper").exists(), "looking for it made its folder");
    let access = Access::Write(Creation::WhereMissing);
    as_access(&path, access).await.expect("made").close().await.expect("closed");
    as_access(&path, never()).await.expect("it is there");
}

#[tokio::test]
async fn an_empty_file_is_no_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    std::fs::write(&path, "").expect("written");
    for access in [Access::Read, never()] {
        let opened = as_access(&path, access).await;
        assert!(matches!(opened, Err(LedgerError::NotALedger { .. })), "{opened:?}");
    }
    assert_eq!(std::fs::metadata(&path).expect("it is there").len(), 0);
}

#[tokio::test]
async fn a_making_that_was_cut_short_is_taken_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("a database");
    let sql =
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
        checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)";
    sqlx::query(sql).execute(&mut connection).await.expect("made");
    connection.close().await.expect("closed");
    let opened = as_access(&path, never()).await;
    assert!(matches!(opened, Err(LedgerError::NotALedger { .. })), "{opened:?}");
    as_access(&path, Access::Write(Creation::WhereMissing)).await.expect("made");
}

#[tokio::test]
async fn a_second_writer_is_told_who_holds_it() {
    let world = World::new().await;
    let second = open(&world.path(), &world.clock).await.expect_err("in use").to_string();
    let process =
        format!("\"submit\" runs there (process {} of somebody on here", std::process::id());
    assert!(second.contains(&process), "{second}");
    let world = world.next_process().await;
    drop(world.ledger);
    open(&world.folder.path().join("ledger.sqlite"), &world.clock).await.expect("it is free");
}

#[tokio::test]
async fn a_reader_sees_what_is_committed_while_a_writer_works() {
    let world = World::new().await;
    world.read(vec![record("A1", "x")]).await;
    let mut connection = world.ledger.connection().await;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.expect("begun");
    sqlx::query("UPDATE revision SET state = 'withdrawn'").execute(&mut *tx).await.expect("done");
    let reader = as_access(&world.path(), Access::Read).await.expect("a reader");
    let rows = reader.list(&Filter::default(), 0).await.expect("a list");
    assert_eq!(rows[0].state, State::Ready);
    assert!(reader.begin_run(&run_facts()).await.is_err(), "a reader wrote");
    tx.commit().await.expect("committed");
    let rows = reader.list(&Filter::default(), 0).await.expect("a list");
    assert_eq!(rows[0].state, State::Withdrawn);
}

#[tokio::test]
async fn a_name_means_one_service_in_a_ledger() {
    let world = World::new().await;
    let (path, clock) = (world.path(), world.clock.clone());
    world.ledger.close().await.expect("closed");
    let elsewhere = Binding { api_url: "https://other.test/".into(), ..binding() };
    for access in [Access::Read, never()] {
        let opened = Ledger::open(&path, access, &elsewhere, clock.clone()).await;
        let refused = opened.expect_err("another service").to_string();
        assert!(refused.contains("means https://api.test/, not https://other.test/"), "{refused}");
    }
    // Another name is another environment: it sees nothing of the first.
    let other = Binding { name: "other".into(), ..elsewhere };
    let ledger = Ledger::open(&path, never(), &other, clock).await.expect("opened");
    assert!(ledger.list(&Filter::default(), 0).await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_newer_ledger_and_other_files_are_refused_and_left_as_they_are() {
    let world = World::new().await;
    let newer = world.path();
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum,
        execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    sqlx::query(sql).execute(&mut *world.ledger.connection().await).await.expect("inserted");
    world.ledger.close().await.expect("closed");
    let other = world.folder.path().join("other.sqlite");
    let url = format!("sqlite://{}?mode=rwc", other.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("a database");
    sqlx::query("CREATE TABLE letters (id INTEGER)").execute(&mut connection).await.expect("made");
    connection.close().await.expect("closed");
    let text = world.folder.path().join("text.sqlite");
    std::fs::write(&text, "these are words, and more of them than a page header has").expect("ok");
    for path in [&newer, &other, &text] {
        let before = std::fs::read(path).expect("read");
        for access in [Access::Read, never(), Access::Write(Creation::WhereMissing)] {
            let opened = as_access(path, access).await;
            let right = match opened {
                Err(LedgerError::Newer { .. }) => path == &newer,
                Err(LedgerError::NotALedger { .. }) => path != &newer,
                _ => false,
            };
            assert!(right, "{}: {opened:?}", path.display());
            assert_eq!(std::fs::read(path).expect("read"), before, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn commits_are_on_the_disk_when_they_return() {
    let world = World::new().await;
    let mut connection = world.ledger.connection().await;
    let (mode,): (String,) =
        sqlx::query_as("PRAGMA journal_mode").fetch_one(&mut *connection).await.expect("a mode");
    let (sync,): (i64,) =
        sqlx::query_as("PRAGMA synchronous").fetch_one(&mut *connection).await.expect("a level");
    assert_eq!((mode.as_str(), sync), ("wal", 2));
}

#[tokio::test]
async fn a_step_that_panics_is_undone_and_the_next_one_goes_on() {
    let world = std::sync::Arc::new(World::new().await);
    let theirs = std::sync::Arc::clone(&world);
    let panics = tokio::spawn(async move {
        let step = |connection: &mut rusqlite::Connection| -> Result<()> {
            let tx = worker::begin(connection)?;
            query(&tx, "UPDATE ledger SET mark = 77").execute()?;
            panic!("as a defect would have it");
        };
        theirs.ledger.carry_out(step).await
    });
    assert!(panics.await.expect_err("it ended well").is_panic());
    world.read(vec![record("A1", "x")]).await;
    assert_eq!(world.claim().await.len(), 1);
    let mark = |connection: &mut rusqlite::Connection| {
        query(connection, "SELECT mark FROM ledger").one::<(i64,)>()
    };
    assert_eq!(world.ledger.carry_out(mark).await.expect("a number"), (1,));
}

#[tokio::test]
async fn a_ledger_that_is_let_go_is_free_at_once() {
    for _ in 0..20 {
        let World { folder, clock, ledger, .. } = World::new().await;
        drop(ledger);
        open(&folder.path().join("ledger.sqlite"), &clock).await.expect("it is free");
    }
}
