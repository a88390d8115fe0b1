//! The rows that a report is made of.

use super::super::cells::told;

told! {
    /// A movement, by its current revision and by what stands at the service: the newest accepted
    /// revision, or the current one where none was accepted.
    LoadRow<'r> {
        /// Its row.
        movement: i64,
        /// `yourUniqueReference`.
        reference: &'r str,
        /// The operator's code.
        api_code: &'r str,
        /// The permit in its one spelling.
        site: &'r str,
        /// The permit as it was written.
        authorisation_number: &'r str,
        /// The waste tracking ID.
        waste_tracking_id: Option<&'r str>,
        /// The current revision's state.
        state: &'r str,
        /// Its method.
        method: &'r str,
        /// Why it was made or is held.
        why: &'r str,
        /// Why it is in that state, as far as an answer said.
        reason: Option<&'r str>,
        /// When its state last changed, in milliseconds since 1970.
        changed_at: i64,
        /// The file that it was read from.
        file_id: i64,
        /// The line there.
        line: i64,
        /// The run that first read it.
        created_run_id: i64,
        /// The run that last read it.
        read_run_id: i64,
        /// The day of receipt in London, of what stands at the service.
        received_on: Option<&'r str>,
        /// The request body of that.
        payload: Option<&'r [u8]>,
        /// Whether personal data was deleted from it.
        purged: bool,
    }

    /// A request and its answer, as far as figures go.
    AnswerRow<'r> {
        /// Its row.
        id: i64,
        /// Of which movement.
        movement: i64,
        /// In which run.
        run_id: i64,
        /// How it was sent.
        method: &'r str,
        /// When, in milliseconds since 1970.
        started_at: i64,
        /// How long the answer took.
        duration_ms: Option<i64>,
        /// What it meant.
        outcome: &'r str,
        /// Why.
        reason: &'r str,
        /// The HTTP status.
        status: Option<i64>,
        /// The operator's code.
        api_code: &'r str,
        /// The service's word on when the operator's charge expires.
        service_charge_expiry: Option<&'r str>,
    }

    /// A finding that stops or warns, and whose it is.
    FoundRow<'r> {
        /// Its row.
        id: i64,
        /// Of which movement.
        movement: i64,
        /// Whether its revision is the movement's current one.
        is_current: bool,
        /// The attempt in whose answer the API said it.
        attempt_id: Option<i64>,
        /// `error`, `blocking` or `warning`.
        severity: &'r str,
        /// The API's key.
        key: &'r str,
        /// The API's kind of error.
        error_type: &'r str,
        /// In words.
        message: &'r str,
    }

    /// An order about a movement.
    OrderRow<'r> {
        /// About which movement.
        movement: i64,
        /// In which run.
        run_id: i64,
        /// When, in milliseconds since 1970.
        decided_at: i64,
        /// What.
        decision: &'r str,
    }

    /// A run, with the row that others name.
    AuditRun {
        /// Its row.
        id: i64,
        /// Its name for the outside.
        uuid: String,
        /// The command.
        command: String,
        /// The program's version.
        version: String,
        /// Who ran it.
        user_name: String,
        /// Where.
        host_name: String,
        /// When it began, in milliseconds since 1970.
        started_at: i64,
        /// When it ended; never, if it was killed or goes on.
        ended_at: Option<i64>,
        /// How.
        exit_code: Option<i64>,
        /// Records without a usable reference that it read.
        unidentified: i64,
    }

    /// A file that a run read.
    AuditFile {
        /// Its row.
        id: i64,
        /// By which run.
        run_id: i64,
        /// Where it lay.
        path: String,
        /// When it was read, in milliseconds since 1970.
        read_at: i64,
        /// Why nothing of it was admitted, if so.
        refusal: Option<String>,
        /// How many records it had.
        records: i64,
        /// How many of these were invalid.
        invalid: i64,
    }
}
