//! Rows of one table in the order of their IDs, a page at a time: memory stays flat.

use std::collections::VecDeque;

use rusqlite::Connection;

use super::super::Result;
use super::super::statement::{Read, query};
use super::canonical::Said;
use super::rows::{AttemptRow, DecisionRow, FileRow, RunRow};

/// How many rows a page has.
const PAGE: i64 = 2_000;

/// A row with its ID.
pub(super) trait Row: Read {
    fn id(&self) -> i64;
}

macro_rules! rows {
    ($($row:ty),*) => {$(
        impl Row for $row {
            fn id(&self) -> i64 { self.id }
        }
    )*};
}

rows!(AttemptRow<Vec<u8>>, DecisionRow<Vec<u8>>, FileRow<Vec<u8>>, RunRow<Vec<u8>>, Said);

/// The rows of a query that takes the ID before them and their greatest number.
#[derive(Debug)]
pub(super) struct Pages<R> {
    sql: &'static str,
    after: i64,
    rows: VecDeque<R>,
    at_end: bool,
}

impl<R: Row> Pages<R> {
    pub(super) fn of(sql: &'static str) -> Self {
        Pages { sql, after: i64::MIN, rows: VecDeque::new(), at_end: false }
    }

    /// The next row, which stays.
    pub(super) fn peek(&mut self, connection: &Connection) -> Result<Option<&R>> {
        if self.rows.is_empty() && !self.at_end {
            let page: Vec<R> = query(connection, self.sql).bind(self.after).bind(PAGE).all()?;
            self.at_end = i64::try_from(page.len()).is_ok_and(|length| length < PAGE);
            self.after = page.last().map_or(self.after, Row::id);
            self.rows = page.into();
        }
        Ok(self.rows.front())
    }

    /// The next row.
    pub(super) fn next(&mut self, connection: &Connection) -> Result<Option<R>> {
        self.peek(connection)?;
        Ok(self.rows.pop_front())
    }
}

/// Pages of findings that answers gave.
pub(super) const SAID: &str = "SELECT id, attempt_id, revision_id, severity, key, error_type,
        message, line, column_number, column_name, sheet
    FROM finding WHERE id > ?1 AND attempt_id IS NOT NULL ORDER BY id LIMIT ?2";

impl Pages<Said> {
    /// The findings of an attempt, where they come next.
    pub(super) fn of_attempt(
        &mut self,
        connection: &Connection,
        attempt: i64,
    ) -> Result<Vec<Said>> {
        let mut all = Vec::new();
        while let Some(said) = self.peek(connection)? {
            if said.attempt_id != attempt {
                break;
            }
            all.extend(self.rows.pop_front());
        }
        Ok(all)
    }
}
