//! Values as they lie in the database's pages: nothing is copied to be looked at.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::LedgerError;

/// A value that is not of its column's kind: no statement of ours leaves one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mistyped;

impl From<Mistyped> for LedgerError {
    fn from(_: Mistyped) -> Self {
        LedgerError::Damaged("a value is not of its column's kind")
    }
}

/// A row's values, one after the other.
#[derive(Debug)]
pub(super) struct Cells<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn of(row: &'r Row<'_>) -> Self {
        Cells { row, next: 0 }
    }

    /// The next value.
    pub(super) fn next<V: Cell<'r>>(&mut self) -> Result<V, Mistyped> {
        let value = self.row.get_ref(self.next).map_err(|_| Mistyped)?;
        self.next += 1;
        V::of(value)
    }
}

/// What a value may be read as.
pub(super) trait Cell<'r>: Sized {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped>;
}

impl<'r> Cell<'r> for i64 {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        if let ValueRef::Integer(value) = value { Ok(value) } else { Err(Mistyped) }
    }
}

impl<'r> Cell<'r> for bool {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        i64::of(value).map(|value| value != 0)
    }
}

impl<'r> Cell<'r> for &'r str {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        value.as_str().map_err(|_| Mistyped)
    }
}

impl<'r> Cell<'r> for String {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        <&str>::of(value).map(str::to_owned)
    }
}

impl<'r> Cell<'r> for &'r [u8] {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        match value {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(bytes),
            _ => Err(Mistyped),
        }
    }
}

impl<'r> Cell<'r> for Vec<u8> {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        <&[u8]>::of(value).map(<[u8]>::to_vec)
    }
}

impl<'r, V: Cell<'r>> Cell<'r> for Option<V> {
    fn of(value: ValueRef<'r>) -> Result<Self, Mistyped> {
        if value == ValueRef::Null { Ok(None) } else { V::of(value).map(Some) }
    }
}

/// A row whose fields stand in the order of its query's columns. `B` is what bytes are held in.
macro_rules! row {
    ($(#[$about:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(super) struct $name<B> {
            $(pub(super) $field: $type,)*
        }

        impl<'r> $name<&'r [u8]> {
            /// The row as it lies in the database.
            pub(super) fn of(
                row: &'r rusqlite::Row<'_>,
            ) -> std::result::Result<Self, $crate::ledger::cells::Mistyped> {
                let mut cells = $crate::ledger::cells::Cells::of(row);
                Ok($name { $($field: cells.next()?,)* })
            }
        }

        impl $crate::ledger::statement::Read for $name<Vec<u8>> {
            fn read(
                cells: &mut $crate::ledger::cells::Cells<'_>,
            ) -> std::result::Result<Self, $crate::ledger::cells::Mistyped> {
                Ok($name { $($field: cells.next()?,)* })
            }
        }
    };
}

pub(super) use row;

/// Rows that are told to other rooms: fields in the order of their query's columns, texts lent from
/// the database's page or owned.
macro_rules! told {
    ($(
        $(#[$about:meta])*
        $name:ident $(<$page:lifetime>)? { $($(#[$what:meta])* $field:ident: $type:ty,)* }
    )*) => {
        $(
            $(#[$about])*
            #[derive(Debug, Clone)]
            pub struct $name $(<$page>)? {
                $($(#[$what])* pub $field: $type,)*
            }

            impl $(<$page>)? $name $(<$page>)? {
                /// The row that begins at the next value.
                pub(in $crate::ledger) fn next(
                    cells: &mut $crate::ledger::cells::Cells<$($page)?>,
                ) -> std::result::Result<Self, $crate::ledger::cells::Mistyped> {
                    Ok($name { $($field: cells.next()?,)* })
                }
            }
        )*
    };
}

pub(super) use told;
