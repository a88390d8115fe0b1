//! Reports of a whole month, in every format, against counts by plain SQL.

mod figures;
mod month;
mod sql;
