//! Statements of a step: prepared once for each text, bound in the order of their parameters, their
//! rows read in the order of their columns.

use rusqlite::{CachedStatement, Connection, ToSql};

use super::cells::{Cell, Cells, Mistyped};
use super::{LedgerError, Result};

/// A statement that can be carried out again and again, with other parameters. What goes wrong with
/// one of these is told when it is carried out.
pub(super) struct Query<'c> {
    prepared: rusqlite::Result<CachedStatement<'c>>,
    bound: usize,
}

/// Prepares a statement.
pub(super) fn query<'c>(connection: &'c Connection, sql: &str) -> Query<'c> {
    Query { prepared: connection.prepare_cached(sql), bound: 0 }
}

impl<'c> Query<'c> {
    /// Gives the next parameter.
    pub(super) fn bind(&mut self, value: impl ToSql) -> &mut Self {
        self.bound += 1;
        if let Ok(statement) = &mut self.prepared
            && let Err(error) = statement.raw_bind_parameter(self.bound, value)
        {
            self.prepared = Err(error);
        }
        self
    }

    /// What is ready to be carried out; the next parameter is the first again.
    fn whole(&mut self) -> Result<&mut CachedStatement<'c>> {
        self.bound = 0;
        match &mut self.prepared {
            Ok(statement) => Ok(statement),
            // It is not carried out a second time.
            Err(error) => Err(std::mem::replace(error, rusqlite::Error::InvalidQuery).into()),
        }
    }

    /// Carries it out. Returns how many rows it inserted, changed or removed.
    pub(super) fn execute(&mut self) -> Result<u64> {
        Ok(self.whole()?.raw_execute()? as u64)
    }

    /// Hands over its rows, one after the other.
    pub(super) fn each(
        &mut self,
        mut take: impl FnMut(&mut Cells<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut rows = self.whole()?.raw_query();
        while let Some(row) = rows.next()? {
            take(&mut Cells::of(row))?;
        }
        Ok(())
    }

    /// All of its rows.
    pub(super) fn all<R: Read>(&mut self) -> Result<Vec<R>> {
        let mut all = Vec::new();
        self.each(|cells| {
            all.push(R::read(cells)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Its first row, if there is one.
    pub(super) fn optional<R: Read>(&mut self) -> Result<Option<R>> {
        let mut rows = self.whole()?.raw_query();
        Ok(rows.next()?.map(|row| R::read(&mut Cells::of(row))).transpose()?)
    }

    /// Its first row, which must be there.
    pub(super) fn one<R: Read>(&mut self) -> Result<R> {
        self.optional()?.ok_or(LedgerError::Damaged("a row that others speak of is missing"))
    }
}

/// What a row is read as: it keeps nothing of the database's page.
pub(super) trait Read: Sized {
    /// Takes its values.
    fn read(cells: &mut Cells<'_>) -> std::result::Result<Self, Mistyped>;
}

macro_rules! tuples {
    ($(($($value:ident)+))+) => {$(
        impl<$($value: for<'r> Cell<'r>),+> Read for ($($value,)+) {
            fn read(cells: &mut Cells<'_>) -> std::result::Result<Self, Mistyped> {
                Ok(($(cells.next::<$value>()?,)+))
            }
        }
    )+};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

/// Rows of one statement: fields in the order of its columns.
macro_rules! rows {
    ($(
        $(#[$about:meta])*
        $vis:vis $name:ident { $($field_vis:vis $field:ident: $type:ty,)* }
    )*) => {
        $(
            $(#[$about])*
            #[derive(Debug)]
            $vis struct $name {
                $($field_vis $field: $type,)*
            }

            impl $crate::ledger::statement::Read for $name {
                fn read(
                    cells: &mut $crate::ledger::cells::Cells<'_>,
                ) -> std::result::Result<Self, $crate::ledger::cells::Mistyped> {
                    Ok($name { $($field: cells.next()?,)* })
                }
            }
        )*
    };
}

pub(super) use rows;
