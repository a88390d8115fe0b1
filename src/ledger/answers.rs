//! What the service said of bodies, to be held against what was foreseen.

use super::{Ledger, Result, Run};

/// How many answers a page has.
const PAGE: i64 = 500;

/// An answer of the service that judges a body: it took it, or refused it by its rules.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Judged {
    /// The attempt.
    pub attempt: i64,
    /// `yourUniqueReference`.
    pub reference: String,
    /// Whether it was taken.
    pub accepted: bool,
    /// What was sent.
    pub payload: Vec<u8>,
    /// Keys and kinds of the errors, or warnings, that it gave.
    #[sqlx(skip)]
    pub said: Vec<(String, String)>,
}

impl Ledger {
    /// The newest attempt, before which nothing belongs to a run that begins now.
    pub async fn last_attempt(&self) -> Result<i64> {
        let (last,): (Option<i64>,) = sqlx::query_as("SELECT max(id) FROM attempt")
            .fetch_one(&mut *self.connection().await)
            .await?;
        Ok(last.unwrap_or(0))
    }

    /// One page of a run's answers that judge a body, those after the given attempt. Where the run
    /// has `foreseen` what its own readings hold, those of which nothing was said by either are left
    /// out.
    pub async fn judged(&self, run: &Run, after: i64, foreseen: bool) -> Result<Vec<Judged>> {
        let mut connection = self.connection().await;
        let mut page: Vec<Judged> = sqlx::query_as(
            "SELECT a.id AS attempt, m.reference, a.outcome = 'accepted' AS accepted, r.payload
             FROM attempt a JOIN revision r ON r.id = a.revision_id
             JOIN movement m ON m.id = r.movement_id
             WHERE a.id > ?2 AND a.run_id = ?1 AND r.payload IS NOT NULL
                AND (a.outcome = 'accepted' OR a.outcome = 'rejected' AND a.status = 400)
                AND (NOT ?4 OR a.outcome <> 'accepted' OR r.created_run_id <> ?1
                    OR EXISTS (SELECT 1 FROM finding f
                        WHERE f.revision_id = r.id AND f.severity <> 'advice'))
             ORDER BY a.id LIMIT ?3",
        )
        .bind(run.id)
        .bind(after)
        .bind(PAGE)
        .bind(foreseen)
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = page.last().map(|judged| judged.attempt) else { return Ok(page) };
        let said: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT a.id, f.key, f.error_type FROM attempt a
             JOIN finding f ON f.revision_id = a.revision_id AND f.attempt_id = a.id
             WHERE a.id > ?2 AND a.id <= ?3 AND a.run_id = ?1 ORDER BY a.id, f.id",
        )
        .bind(run.id)
        .bind(after)
        .bind(last)
        .fetch_all(&mut *connection)
        .await?;
        for (attempt, key, error_type) in said {
            if let Ok(at) = page.binary_search_by_key(&attempt, |judged| judged.attempt)
                && let Some(judged) = page.get_mut(at)
            {
                judged.said.push((key, error_type));
            }
        }
        Ok(page)
    }
}
