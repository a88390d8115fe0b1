//! The tables whose rows are entries of the chain, each in the order of its IDs.

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{Connection, Row, Rows, Statement};

use super::super::super::cells::Cells;
use super::super::super::statement::Read as _;
use super::super::canonical::Said;
use super::super::pages::SAID;
use super::super::rows::{ATTEMPTS, DECISIONS, FILES, PURGES, RUNS};
use super::walk::Found;

/// Where a table's next entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    /// A row that has no place.
    Nowhere,
    At(i64),
}

/// Their queries.
pub(super) struct Statements<'c> {
    attempts: Statement<'c>,
    decisions: Statement<'c>,
    files: Statement<'c>,
    runs: Statement<'c>,
    purges: Statement<'c>,
    findings: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn of(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Statements {
            attempts: connection.prepare(ATTEMPTS)?,
            decisions: connection.prepare(DECISIONS)?,
            files: connection.prepare(FILES)?,
            runs: connection.prepare(RUNS)?,
            purges: connection.prepare(PURGES)?,
            findings: connection.prepare(SAID)?,
        })
    }

    /// All of them, each at its first row.
    pub(super) fn tables(&mut self) -> rusqlite::Result<Tables<'_>> {
        Ok(Tables {
            attempts: Table::begin(&mut self.attempts)?,
            decisions: Table::begin(&mut self.decisions)?,
            files: Table::begin(&mut self.files)?,
            runs: Table::begin(&mut self.runs)?,
            purges: Table::begin(&mut self.purges)?,
            findings: Findings { rows: begin(&mut self.findings)? },
        })
    }
}

/// How far each table is read.
pub(super) struct Tables<'s> {
    pub(super) attempts: Table<'s>,
    pub(super) decisions: Table<'s>,
    pub(super) files: Table<'s>,
    pub(super) runs: Table<'s>,
    pub(super) purges: Table<'s>,
    pub(super) findings: Findings<'s>,
}

impl Tables<'_> {
    /// Where the next entry of each stands, in the order of the fields.
    pub(super) fn places(&self) -> [Next; 5] {
        [&self.attempts, &self.decisions, &self.files, &self.runs, &self.purges]
            .map(|table| table.place)
    }
}

/// A table's rows; the one that is next stays until it is passed.
pub(super) struct Table<'s> {
    rows: Rows<'s>,
    sequence: usize,
    place: Next,
}

/// All rows, at the first.
fn begin<'s>(statement: &'s mut Statement<'_>) -> rusqlite::Result<Rows<'s>> {
    let no_limit = -1;
    let mut rows = statement.query([i64::MIN, no_limit])?;
    rows.advance()?;
    Ok(rows)
}

impl<'s> Table<'s> {
    fn begin(statement: &'s mut Statement<'_>) -> rusqlite::Result<Self> {
        let sequence = statement.column_index("sequence")?;
        let mut table = Table { rows: begin(statement)?, sequence, place: Next::Nothing };
        table.look();
        Ok(table)
    }

    /// The row that is next.
    pub(super) fn row(&self) -> Option<&Row<'s>> {
        self.rows.get()
    }

    /// Goes past it.
    pub(super) fn pass(&mut self) -> rusqlite::Result<()> {
        self.rows.advance()?;
        self.look();
        Ok(())
    }

    fn look(&mut self) {
        let place = |row: &Row<'_>| row.get_ref(self.sequence).ok()?.as_i64().ok();
        self.place = match self.rows.get() {
            None => Next::Nothing,
            Some(row) => place(row).map_or(Next::Nowhere, Next::At),
        };
    }
}

/// What answers found, in the order in which they came.
pub(super) struct Findings<'s> {
    rows: Rows<'s>,
}

impl Findings<'_> {
    /// The findings of an attempt, where they come next.
    pub(super) fn of_attempt(&mut self, attempt: i64) -> Found<Vec<Said>> {
        let mut all = Vec::new();
        while let Some(row) = self.rows.get() {
            let mut cells = Cells::of(row);
            let (_, of): (i64, i64) = (cells.next()?, cells.next()?);
            if of != attempt {
                break;
            }
            all.push(Said::read(&mut Cells::of(row))?);
            self.rows.advance()?;
        }
        Ok(all)
    }

    /// The ID of the one that is next.
    pub(super) fn next(&self) -> Found<Option<i64>> {
        let id = self.rows.get().map(|row| Cells::of(row).next());
        Ok(id.transpose()?)
    }
}
