//! Files that were read before, and where what they held stands now.

use super::{Ledger, Result, parse_state};
use crate::movement::Key;
use crate::submission::State;

/// The newest reading of a file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reading {
    /// Whether its records were admitted.
    pub admitted: bool,
    /// Its size in bytes then.
    pub size: Option<i64>,
    /// When it had last been changed then, in milliseconds since 1970; not known of what was read
    /// by earlier versions.
    pub modified_at: Option<i64>,
}

impl Ledger {
    /// The newest reading of the file at a path, as it was given then.
    pub async fn newest_reading(&self, path: &str) -> Result<Option<Reading>> {
        let reading = sqlx::query_as(
            "SELECT f.outcome = 'admitted' AS admitted, f.size, f.modified_at
             FROM file f JOIN run r ON r.id = f.run_id
             WHERE f.path = ?1 AND r.environment_id = ?2 ORDER BY f.id DESC LIMIT 1",
        )
        .bind(path)
        .bind(self.environment)
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(reading)
    }

    /// The states of the movements that a key stands for: one, unless a person told loads apart;
    /// none if it is not known.
    pub async fn states_of(&self, key: &Key) -> Result<Vec<State>> {
        let states: Vec<(String,)> = sqlx::query_as(
            "SELECT r.state FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision r ON r.id = m.current_revision_id
             WHERE m.reference = ?1 AND m.site = ?2 AND o.api_code = ?3 AND o.environment_id = ?4",
        )
        .bind(&key.reference)
        .bind(&key.site)
        .bind(&key.api_code)
        .bind(self.environment)
        .fetch_all(&mut *self.connection().await)
        .await?;
        states.iter().map(|(state,)| parse_state(state)).collect()
    }
}
