//! The ledger against its promises: admission, claims, answers, decisions.

use super::Ledger;

impl Ledger {
    /// From now on no attempt can be written.
    pub(crate) async fn refuse_attempts(&self) {
        sqlx::query(
            "CREATE TRIGGER broken BEFORE INSERT ON attempt
             BEGIN SELECT RAISE (ABORT, 'the disk is broken'); END",
        )
        .execute(&mut *self.connection().await)
        .await
        .expect("a trigger");
    }
}
