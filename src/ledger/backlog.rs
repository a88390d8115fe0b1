//! The whole backlog at a glance.

use std::collections::{BTreeMap, HashMap};

use super::{Ledger, Result, parse_state};
use crate::json::{Value, parse};
use crate::submission::State;

/// The whole backlog of an environment.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Movements by state; only states that occur.
    pub states: HashMap<State, u64>,
    /// Movements that the service does not have yet.
    pub open_days: Vec<OpenDay>,
    /// When the first deferred one is due, in milliseconds since 1970.
    pub next_due: Option<i64>,
    /// Records without a usable reference in the newest run that read files.
    pub unidentified: u64,
}

/// Movements that the service does not have yet, and that have one deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDay {
    /// The day of receipt in London (`2026-10-05`).
    pub received_on: String,
    /// The site's permit in its one spelling.
    pub site: String,
    /// Whether they came through a pipe.
    pub by_pipe: bool,
    /// How many.
    pub movements: u64,
}

impl Ledger {
    /// Counts the backlog.
    pub async fn overview(&self) -> Result<Overview> {
        let open_days = self.open_days().await?;
        let mut connection = self.connection().await;
        let states: Vec<(String, i64)> = sqlx::query_as(
            "SELECT r.state, count(*) FROM movement m
             JOIN operator o ON o.id = m.operator_id
             JOIN revision r ON r.id = m.current_revision_id
             WHERE o.environment_id = ?1 AND r.state <> 'superseded' GROUP BY r.state",
        )
        .bind(self.environment)
        .fetch_all(&mut *connection)
        .await?;
        let (next_due,): (Option<i64>,) = sqlx::query_as(
            "SELECT min(r.due_at) FROM revision r JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 AND r.state = 'deferred'",
        )
        .bind(self.environment)
        .fetch_one(&mut *connection)
        .await?;
        let (unidentified,): (i64,) = sqlx::query_as(
            "SELECT count(*) FROM unidentified WHERE run_id =
                (SELECT max(f.run_id) FROM file f JOIN run r ON r.id = f.run_id
                 WHERE r.environment_id = ?1)",
        )
        .bind(self.environment)
        .fetch_one(&mut *connection)
        .await?;
        let states = states
            .into_iter()
            .map(|(state, count)| Ok((parse_state(&state)?, count.unsigned_abs())))
            .collect::<Result<_>>()?;
        Ok(Overview { states, open_days, next_due, unidentified: unidentified.unsigned_abs() })
    }

    /// Movements that are not accepted yet, by what their deadline depends on. The database counts
    /// those whose body nowhere says "Piped"; the others are few, and their bodies are read.
    async fn open_days(&self) -> Result<Vec<OpenDay>> {
        let mut connection = self.connection().await;
        let rows: Vec<(String, String, i64, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT r.received_on, m.site, count(*), NULL FROM movement m
             JOIN operator o ON o.id = m.operator_id
             JOIN revision r ON r.id = m.current_revision_id
             WHERE o.environment_id = ?1 AND m.waste_tracking_id IS NULL
                AND r.state NOT IN ('accepted', 'withdrawn', 'superseded')
                AND r.received_on IS NOT NULL
                AND (r.payload IS NULL OR instr(r.payload, CAST('\"Piped\"' AS BLOB)) = 0)
             GROUP BY 1, 2
             UNION ALL
             SELECT r.received_on, m.site, 1, r.payload FROM movement m
             JOIN operator o ON o.id = m.operator_id
             JOIN revision r ON r.id = m.current_revision_id
             WHERE o.environment_id = ?1 AND m.waste_tracking_id IS NULL
                AND r.state NOT IN ('accepted', 'withdrawn', 'superseded')
                AND r.received_on IS NOT NULL
                AND instr(r.payload, CAST('\"Piped\"' AS BLOB)) > 0",
        )
        .bind(self.environment)
        .fetch_all(&mut *connection)
        .await?;
        let mut days: BTreeMap<(String, String, bool), u64> = BTreeMap::new();
        for (received_on, site, movements, payload) in rows {
            let by_pipe = payload.is_some_and(|payload| is_by_pipe(&payload));
            *days.entry((received_on, site, by_pipe)).or_default() += movements.unsigned_abs();
        }
        let day = |((received_on, site, by_pipe), movements)| OpenDay {
            received_on,
            site,
            by_pipe,
            movements,
        };
        Ok(days.into_iter().map(day).collect())
    }
}

fn is_by_pipe(payload: &[u8]) -> bool {
    let body = std::str::from_utf8(payload).ok().and_then(|text| parse(text).ok());
    let means = body.as_ref().and_then(|body| body.at("carrier.meansOfTransport"));
    means.and_then(Value::as_str) == Some("Piped")
}
