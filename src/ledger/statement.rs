//! Statements of a step: prepared once for each text, bound in the order of their parameters, their
//! rows read in the order of their columns.

use rusqlite::{CachedStatement, Connection, ToSql};

use super::cells::{Cell, Cells, Mistyped};
use super::{LedgerError, Result};

/// A statement whose parameters are being bound. What goes wrong with one is told when it is
/// carried out.
pub(super) struct Query<'c>(rusqlite::Result<Prepared<'c>>);

struct Prepared<'c> {
    statement: CachedStatement<'c>,
    bound: usize,
}

/// Begins a statement.
pub(super) fn query<'c>(connection: &'c Connection, sql: &str) -> Query<'c> {
    let prepared = connection.prepare_cached(sql);
    Query(prepared.map(|statement| Prepared { statement, bound: 0 }))
}

impl Query<'_> {
    /// Gives the next parameter.
    pub(super) fn bind(mut self, value: impl ToSql) -> Self {
        if let Ok(Prepared { statement, bound }) = &mut self.0 {
            *bound += 1;
            if let Err(error) = statement.raw_bind_parameter(*bound, value) {
                self.0 = Err(error);
            }
        }
        self
    }

    /// Gives the next parameters.
    pub(super) fn bind_all<V: ToSql>(self, values: impl IntoIterator<Item = V>) -> Self {
        values.into_iter().fold(self, Query::bind)
    }

    /// Carries it out. Returns how many rows it inserted, changed or removed.
    pub(super) fn execute(self) -> Result<u64> {
        Ok(self.0?.statement.raw_execute()? as u64)
    }

    /// Hands over its rows, one after the other.
    pub(super) fn each(self, mut take: impl FnMut(&mut Cells<'_>) -> Result<()>) -> Result<()> {
        let mut statement = self.0?.statement;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            take(&mut Cells::of(row))?;
        }
        Ok(())
    }

    /// All of its rows.
    pub(super) fn all<R: Read>(self) -> Result<Vec<R>> {
        let mut all = Vec::new();
        self.each(|cells| {
            all.push(R::read(cells)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Its first row, if there is one.
    pub(super) fn optional<R: Read>(self) -> Result<Option<R>> {
        let mut statement = self.0?.statement;
        let mut rows = statement.raw_query();
        Ok(rows.next()?.map(|row| R::read(&mut Cells::of(row))).transpose()?)
    }

    /// Its first row, which must be there.
    pub(super) fn one<R: Read>(self) -> Result<R> {
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
        $name:ident { $($(#[$what:meta])* $field:ident: $type:ty,)* }
    )*) => {
        $(
            $(#[$about])*
            #[derive(Debug)]
            struct $name {
                $($(#[$what])* $field: $type,)*
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
