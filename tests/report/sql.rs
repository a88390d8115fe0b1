//! Counts by plain SQL, which know nothing of how reports are made.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

/// A connection of our own to a ledger.
pub(crate) async fn open(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    SqliteConnection::connect_with(&options).await.expect("a database")
}

/// One number.
pub(crate) async fn number(sql: &mut SqliteConnection, query: &'static str) -> u64 {
    let (number,): (Option<i64>,) = sqlx::query_as(query).fetch_one(sql).await.expect(query);
    number.unwrap_or(0).unsigned_abs()
}

/// Words and their numbers, in order.
pub(crate) async fn counts(sql: &mut SqliteConnection, query: &'static str) -> Vec<(String, u64)> {
    let rows: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(sql).await.expect(query);
    rows.into_iter().map(|(word, number)| (word, number.unsigned_abs())).collect()
}

/// Movements by state.
pub(crate) const STATES: &str = "SELECT r.state, count(*) FROM movement m
    JOIN revision r ON r.id = m.current_revision_id GROUP BY 1 ORDER BY 1";

/// Waste items with what stands at the service (or was last read, where nothing does), in grams.
macro_rules! items {
    ($select:literal) => {
        concat!(
            "WITH stored AS (SELECT m.id AS movement, m.waste_tracking_id, coalesce(
                (SELECT CAST(a.payload AS TEXT) FROM revision a WHERE a.movement_id = m.id
                    AND a.state = 'accepted' ORDER BY a.number DESC LIMIT 1),
                (SELECT CAST(c.payload AS TEXT) FROM revision c
                    WHERE c.id = m.current_revision_id)) AS body FROM movement m),
             item AS (SELECT s.movement, s.waste_tracking_id, s.body, i.value AS item,
                json_extract(i.value, '$.ewcCodes[0]') AS code,
                CAST(round(json_extract(i.value, '$.weight.amount') *
                    CASE json_extract(i.value, '$.weight.metric')
                        WHEN 'Tonnes' THEN 1000000 WHEN 'Kilograms' THEN 1000 ELSE 1 END)
                    AS INTEGER) AS grams
                FROM stored s, json_each(s.body, '$.wasteItems') i) ",
            $select
        )
    };
}

/// Tonnes, as grams, by chapter.
pub(crate) const CHAPTERS: &str =
    items!("SELECT substr(code, 1, 2), sum(grams) FROM item GROUP BY 1 ORDER BY 1");
/// By code.
pub(crate) const CODES: &str = items!("SELECT code, sum(grams) FROM item GROUP BY 1 ORDER BY 1");
/// By carrier.
pub(crate) const CARRIERS: &str = items!(
    "SELECT json_extract(body, '$.carrier.registrationNumber'), sum(grams) FROM item
     GROUP BY 1 ORDER BY 1"
);
/// Of what is reported.
pub(crate) const REPORTED_GRAMS: &str =
    items!("SELECT sum(grams) FROM item WHERE waste_tracking_id IS NOT NULL");
/// Items without a weight.
pub(crate) const WEIGHTLESS: &str = items!("SELECT count(*) FROM item WHERE grams IS NULL");
/// Hazardous items: the three codes of the generator that are, and what is said to be.
pub(crate) const HAZARDOUS: &str = items!(
    "SELECT count(DISTINCT movement) FROM item
     WHERE json_extract(item, '$.containsHazardous') = 1
        OR EXISTS (SELECT 1 FROM json_each(item, '$.ewcCodes') c
            WHERE c.value IN ('170204', '160601'))"
);

/// Movements by whether they were in time. October 2026 has no bank holiday anywhere, so two
/// working days are two weekdays; the clocks change on the 25th.
pub(crate) const TIMING: &str = "
    WITH load AS (SELECT m.id, m.waste_tracking_id, c.state,
        coalesce((SELECT a.received_on FROM revision a WHERE a.movement_id = m.id
            AND a.state = 'accepted' ORDER BY a.number DESC LIMIT 1), c.received_on) AS received_on,
        coalesce((SELECT CAST(a.payload AS TEXT) FROM revision a WHERE a.movement_id = m.id
            AND a.state = 'accepted' ORDER BY a.number DESC LIMIT 1),
            CAST(c.payload AS TEXT)) AS body,
        coalesce((SELECT min(t.started_at + t.duration_ms) FROM attempt t
                JOIN revision r ON r.id = t.revision_id WHERE r.movement_id = m.id
                AND t.method = 'POST' AND t.outcome = 'accepted'),
            (SELECT max(t.started_at) FROM attempt t JOIN revision r ON r.id = t.revision_id
                WHERE r.movement_id = m.id AND t.method = 'POST'
                AND m.waste_tracking_id IS NOT NULL)) AS reported_ms
        FROM movement m JOIN revision c ON c.id = m.current_revision_id),
    due AS (SELECT *, CASE
        WHEN json_extract(body, '$.carrier.meansOfTransport') = 'Piped' THEN
            CASE WHEN received_on < '2026-10-01' THEN '2026-10-02' ELSE '2026-11-03' END
        ELSE date(received_on, CASE strftime('%w', received_on)
            WHEN '4' THEN '+4 days' WHEN '5' THEN '+4 days' WHEN '6' THEN '+3 days'
            ELSE '+2 days' END) END AS deadline,
        date(reported_ms / 1000, 'unixepoch',
            CASE WHEN reported_ms < 1792890000000 THEN '+1 hour' ELSE '+0 hours' END) AS reported
        FROM load)
    SELECT CASE
        WHEN waste_tracking_id IS NULL AND state = 'withdrawn' THEN 'withdrawn'
        WHEN received_on IS NULL THEN 'unknown'
        WHEN waste_tracking_id IS NOT NULL AND reported <= deadline THEN 'inTime'
        WHEN waste_tracking_id IS NOT NULL THEN 'late'
        WHEN deadline < '2026-11-02' THEN 'overdue'
        WHEN deadline = '2026-11-02' THEN 'dueToday'
        ELSE 'notDue' END, count(*) FROM due GROUP BY 1 ORDER BY 1";

/// Answers by status, meaning and reason.
pub(crate) const ANSWERS: &str = "SELECT coalesce(status, 'none') || ' ' || outcome || ' ' ||
    reason, count(*) FROM attempt GROUP BY 1 ORDER BY 1";
/// The 95th of a hundred answers, by how long it took.
pub(crate) const P95: &str = "SELECT duration_ms FROM attempt ORDER BY duration_ms
    LIMIT 1 OFFSET (SELECT (count(*) * 95 + 99) / 100 - 1 FROM attempt)";
/// Movements that the service refused for a reason, by that.
pub(crate) const REFUSED: &str = "SELECT f.error_type, count(DISTINCT r.movement_id)
    FROM finding f JOIN revision r ON r.id = f.revision_id
    WHERE f.attempt_id IS NOT NULL AND f.severity = 'error' GROUP BY 1 ORDER BY 1";
/// Movements with warnings in the newest answer that took them.
pub(crate) const WARNED: &str = "SELECT count(DISTINCT r.movement_id) FROM finding f
    JOIN revision r ON r.id = f.revision_id
    WHERE f.severity = 'warning' AND f.attempt_id = (SELECT max(a.id) FROM attempt a
        JOIN revision x ON x.id = a.revision_id
        WHERE x.movement_id = r.movement_id AND a.outcome = 'accepted')";
/// Corrections that were taken.
pub(crate) const CORRECTED: &str =
    "SELECT count(*) FROM attempt WHERE method = 'PUT' AND outcome = 'accepted'";
/// Movements by day of receipt.
pub(crate) const DAYS: &str = "SELECT coalesce((SELECT a.received_on FROM revision a
        WHERE a.movement_id = m.id AND a.state = 'accepted' ORDER BY a.number DESC LIMIT 1),
        c.received_on, 'none'), count(*)
    FROM movement m JOIN revision c ON c.id = m.current_revision_id GROUP BY 1 ORDER BY 1";
/// Movements of one site in one week.
pub(crate) const WEEK_OF_SITE: &str = "SELECT count(*) FROM movement m
    JOIN revision c ON c.id = m.current_revision_id
    WHERE m.site = 'QV1001LM' AND coalesce((SELECT a.received_on FROM revision a
        WHERE a.movement_id = m.id AND a.state = 'accepted' ORDER BY a.number DESC LIMIT 1),
        c.received_on) BETWEEN '2026-10-05' AND '2026-10-11'";
