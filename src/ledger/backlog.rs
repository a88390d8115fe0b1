//! The whole backlog at a glance.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Ledger, Result, parse_state};
use crate::calendar;
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
        let open_days = self.open_days()?;
        let mut connection = self.connection().await;
        let states = self.states(&mut connection).await?;
        let (next_due,): (Option<i64>,) = sqlx::query_as(
            "SELECT min(r.due_at) FROM operator o JOIN revision r ON r.operator_id = o.id
             WHERE o.environment_id = ?1 AND r.state = 'deferred' AND r.state <> 'accepted'",
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
        Ok(Overview { states, open_days, next_due, unidentified: unidentified.unsigned_abs() })
    }

    /// Counts movements by the state of their current revision. What is accepted is what is left:
    /// only what is not is looked at.
    async fn states(&self, connection: &mut SqliteConnection) -> Result<HashMap<State, u64>> {
        let (movements,): (i64,) = sqlx::query_as(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM operator WHERE environment_id <> ?1)
                THEN (SELECT count(*) FROM movement m JOIN operator o ON o.id = m.operator_id
                    WHERE o.environment_id = ?1)
                ELSE (SELECT count(*) FROM movement) END",
        )
        .bind(self.environment)
        .fetch_one(&mut *connection)
        .await?;
        // All revisions, as if each were its movement's only one; then those of which that is not
        // so are taken away, and their current ones added.
        let counts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT state, sum(count) FROM (
                SELECT r.state AS state, count(*) AS count FROM revision r
                WHERE r.state <> 'accepted'
                    AND r.operator_id IN (SELECT id FROM operator WHERE environment_id = ?1)
                GROUP BY r.state
                UNION ALL
                SELECT r.state, CASE WHEN m.current_revision_id = r.id THEN 0 ELSE -1 END
                FROM (SELECT DISTINCT movement_id FROM revision WHERE number > 1) AS revised
                JOIN movement m ON m.id = revised.movement_id
                JOIN revision r ON r.movement_id = m.id
                WHERE r.state <> 'accepted'
                    AND m.operator_id IN (SELECT id FROM operator WHERE environment_id = ?1)
            ) GROUP BY state",
        )
        .bind(self.environment)
        .fetch_all(connection)
        .await?;
        let mut states = HashMap::new();
        let mut accepted = movements.unsigned_abs();
        for (state, count) in counts {
            accepted = accepted.saturating_sub(count.unsigned_abs());
            states.insert(parse_state(&state)?, count.unsigned_abs());
        }
        states.insert(State::Accepted, accepted);
        states.retain(|state, count| *count > 0 && *state != State::Superseded);
        Ok(states)
    }

    /// Movements that are not accepted yet, by what their deadline depends on. All but the site
    /// stands in the index of what is open, in the order of receipt; they are counted as they
    /// come, since SQLite would keep a row for each of a million to sort them.
    fn open_days(&self) -> Result<Vec<OpenDay>> {
        let mut sites: HashMap<String, HashMap<(i64, bool), u64>> = HashMap::new();
        self.snapshot()?.each(
            "SELECT r.received_at, m.site, r.by_pipe
             FROM revision r JOIN movement m ON m.id = r.movement_id
             WHERE r.state IN ('invalid', 'ready', 'sending', 'rejected', 'deferred', 'uncertain',
                    'held') AND r.state <> 'accepted'
                AND r.operator_id IN (SELECT id FROM operator WHERE environment_id = ?1)
                AND m.current_revision_id = r.id AND m.waste_tracking_id IS NULL
                AND r.received_at IS NOT NULL",
            &[&self.environment],
            |cells| {
                let (at, site): (i64, &str) = (cells.next()?, cells.next()?);
                // Days begin with an hour: since 1970 clocks in London were never between two.
                let when = (at.div_euclid(3_600_000), cells.next::<bool>()?);
                match sites.get_mut(site) {
                    Some(hours) => *hours.entry(when).or_default() += 1,
                    None => drop(sites.insert(site.to_owned(), HashMap::from([(when, 1)]))),
                }
                Ok(())
            },
        )?;
        let mut days: BTreeMap<(String, &str, bool), u64> = BTreeMap::new();
        for (site, hours) in &sites {
            for ((hour, by_pipe), movements) in hours {
                let Ok(at) = Timestamp::from_second(hour.saturating_mul(3_600)) else { continue };
                let received_on = calendar::london_day(at).to_string();
                *days.entry((received_on, site, *by_pipe)).or_default() += movements;
            }
        }
        let day = |((received_on, site, by_pipe), movements): ((_, &str, _), _)| OpenDay {
            received_on,
            site: site.to_owned(),
            by_pipe,
            movements,
        };
        Ok(days.into_iter().map(day).collect())
    }
}
