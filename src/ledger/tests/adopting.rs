//! A ledger from before there were chains: chained once, as it stands, and verified from then on.

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::chain::run_sql;
use super::*;
use crate::ledger::chain::hex;
use crate::ledger::salt::content_hash;
use crate::ledger::verify;

static MIGRATIONS: Migrator = sqlx::migrate!();
/// The last version that had no chain.
const BEFORE: i64 = 3;

/// What happened in three runs, in the columns that there were then: in the first, A1 was accepted
/// with a warning, A2 refused, A3 left over, and a record had no reference; in the second a person
/// withdrew A2; the third found A3 left over, read a file that it refused, and never ended.
const HISTORY: &str = "
    INSERT INTO ledger (id, uuid, created_at, created_by) VALUES (1, 'a-ledger', 1000, '0.0.9');
    INSERT INTO environment (id, name, api_url, token_url, bound_at)
        VALUES (1, 'test', 'https://api.test/', 'https://token.test/', 1000);
    INSERT INTO run (id, uuid, environment_id, command, version, user_name, host_name, process_id,
        started_at, ended_at, exit_code, summary)
        VALUES (1, 'run-1', 1, 'submit', '0.0.9', 'somebody', 'here', 7, 1000, 9000, 3, '{}'),
            (2, 'run-2', 1, 'resolve', '0.0.9', 'somebody', 'here', 8, 9500, 9600, 0, '{}'),
            (3, 'run-3', 1, 'retry', '0.0.9', 'somebody', 'here', 9, 10000, NULL, NULL, NULL);
    INSERT INTO file (id, run_id, path, format, size, read_at, outcome, refusal, records, invalid)
        VALUES (1, 1, 'night.csv', 'csv', 99, 1500, 'admitted', NULL, 4, 1),
            (2, 3, 'broken.csv', 'csv', 9, 10500, 'refused', 'it ends too early', 0, 0);
    INSERT INTO operator (id, environment_id, api_code) VALUES (1, 1, 'code');
    INSERT INTO layout (id, hash, format, encoding, delimiter, header, titles_at)
        VALUES (1, x'LAYOUT', 'csv', 'UTF-8', ',', x'610a', 0);
    INSERT INTO unidentified (id, file_id, run_id, line, payload) VALUES (1, 1, 1, 5, x'7b7d');
    INSERT INTO record_source (record_id, layout_id, packed, salt, hash)
        VALUES (1, 1, x'00780a', x'SALT', x'ROWS');
    INSERT INTO attempt (id, revision_id, run_id, number, method, started_at, duration_ms, outcome,
        reason, status, waste_tracking_id, request_id, service_charge_expiry, detail)
        VALUES (1, 1, 1, 1, 'POST', 2000, 70, 'accepted', 'stored', 201, '26A', 'r', NULL, NULL),
            (2, 2, 1, 1, 'POST', 3000, 70, 'rejected', 'refused', 400, NULL, 'r', NULL, 'no'),
            (3, 3, 3, 1, 'POST', 4000, NULL, 'uncertain', 'interrupted', NULL, NULL, NULL, NULL,
                NULL);
    INSERT INTO finding (id, revision_id, attempt_id, severity, key, error_type, message)
        VALUES (1, 1, NULL, 'advice', 'carrier', 'NotProvided', 'ours'),
            (2, 1, 1, 'warning', 'carrier', 'NotProvided', 'look at it'),
            (3, 2, 2, 'error', 'carrier', 'InvalidFormat', 'refused');
    INSERT INTO decision (id, revision_id, run_id, decided_at, user_name, decision, from_state,
        to_state, waste_tracking_id, note)
        VALUES (1, 2, 2, 9550, 'somebody', 'withdraw', 'rejected', 'withdrawn', NULL, 'a test');";

/// A movement with its reading and its source row.
const MOVEMENT: &str = "
    INSERT INTO movement (id, operator_id, site, reference, authorisation_number, key_is_sure,
        waste_tracking_id) VALUES (ID, 1, 'XX1', 'AID', 'EPR/XX1', 1, TRACKING);
    INSERT INTO revision (id, movement_id, number, operator_id, state, why, method, payload, salt,
        content_hash, file_id, line, created_run_id, read_run_id, received_on, attempts, changed_at)
        VALUES (ID, ID, 1, 1, 'STATE', 'read', 'POST', x'7b7d', x'SALT', x'CONTENT', 1, ID + 1, 1,
            1, '2026-10-05', 1, 5000);
    INSERT INTO revision_source (revision_id, layout_id, packed, salt, hash)
        VALUES (ID, 1, x'00780a', x'SALT', x'ROWS');
    UPDATE movement SET current_revision_id = ID WHERE id = ID;";

/// Writes such a ledger.
async fn from_before(path: &Path) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection: SqliteConnection = options.connect().await.expect("a database");
    let old = MIGRATIONS.iter().filter(|migration| migration.version <= BEFORE).cloned().collect();
    Migrator::with_migrations(old).run(&mut connection).await.expect("an old ledger");
    let (salt, payload, rows) = ([7; 16], b"{}", b"x\n");
    let layout = Layout { header: b"a\n".to_vec(), titles_at: 0, ..layout() };
    let fill = |sql: &str| {
        sql.replace("SALT", &hex(&salt))
            .replace("CONTENT", &hex(&content_hash(&salt, payload)))
            .replace("ROWS", &hex(&content_hash(&salt, rows)))
            .replace("LAYOUT", &hex(&layout.hash()))
    };
    run_sql(&mut connection, "PRAGMA foreign_keys = OFF").await;
    let movements =
        [("1", "accepted", "'26A'"), ("2", "withdrawn", "NULL"), ("3", "uncertain", "NULL")];
    run_sql(&mut connection, &fill(HISTORY)).await;
    for (id, state, tracking) in movements {
        let sql = MOVEMENT.replace("ID", id).replace("STATE", state).replace("TRACKING", tracking);
        run_sql(&mut connection, &fill(&sql)).await;
    }
    connection.close().await.expect("closed");
}

async fn as_writer(path: &Path) -> Ledger {
    let clock = Clock::system();
    Ledger::open(path, Access::Write(Creation::Never), &binding(), clock).await.expect("opened")
}

#[tokio::test]
async fn a_ledger_from_before_is_chained_once_and_verified_from_then_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    from_before(&path).await;
    let early = verify(&path, None).await.expect_err("there is no chain yet").to_string();
    assert!(early.contains("not chained yet") && early.contains("retry"), "{early}");

    let ledger = as_writer(&path).await;
    // Three attempts, a decision, two files, two ends of runs: the third never ended.
    assert_eq!(ledger.adopted(), Some(8));
    let head = ledger.chain_head().await.expect("a head");
    ledger.close().await.expect("closed");
    let verified = verify(&path, Some(&head.hash)).await.expect("verified");
    assert_eq!((verified.altered, verified.has_head), (None, Some(true)));
    assert_eq!(
        (verified.attempts, verified.decisions, verified.files, verified.runs),
        (3, 1, 2, 2)
    );
    assert_eq!(verified.readings, 4);

    let ledger = as_writer(&path).await;
    assert_eq!(ledger.adopted(), None, "it was chained again");
    assert_eq!(ledger.chain_head().await.expect("a head"), head);
    let run = ledger.begin_run(&run_facts()).await.expect("a run");
    ledger.end_run(&run, 0, "{}").await.expect("ended");
    ledger.close().await.expect("closed");
    let verified = verify(&path, Some(&head.hash)).await.expect("verified");
    assert_eq!((verified.altered, verified.runs), (None, 3));
}

#[tokio::test]
async fn what_is_altered_after_that_is_found() {
    for sql in [
        "UPDATE attempt SET duration_ms = 71 WHERE id = 1",
        "UPDATE attempt SET detail = 'yes' WHERE id = 2",
        "UPDATE decision SET note = 'no test' WHERE id = 1",
        "UPDATE finding SET message = 'look away' WHERE id = 2",
        "UPDATE file SET records = 5 WHERE id = 1",
        "UPDATE run SET user_name = 'nobody' WHERE id = 1",
        "UPDATE revision SET received_on = '2026-10-06' WHERE id = 1",
        "UPDATE revision_source SET packed = x'00790a' WHERE revision_id = 3",
        "UPDATE unidentified SET payload = x'5b5d' WHERE id = 1",
        "DELETE FROM attempt WHERE id = 3",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        from_before(&path).await;
        as_writer(&path).await.close().await.expect("closed");
        let mut connection =
            SqliteConnectOptions::new().filename(&path).connect().await.expect("a connection");
        for trigger in [
            "attempt_is_never_changed",
            "attempt_is_only_blanked",
            "attempt_is_never_removed",
            "decision_is_never_changed",
            "decision_is_only_blanked",
            "run_is_never_changed",
            "file_is_never_changed",
        ] {
            run_sql(&mut connection, &format!("DROP TRIGGER {trigger}")).await;
        }
        run_sql(&mut connection, sql).await;
        connection.close().await.expect("closed");
        let verified = verify(&path, None).await.expect("verified");
        assert!(verified.altered.is_some(), "not found: {sql}");
    }
}
