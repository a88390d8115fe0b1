//! Every row of every table, for a copy from which all of it can be made again.

use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Row as _, SqliteConnection, ValueRef as _,
};

use super::chain::{Head, head};
use super::source::unpack;
use super::{Ledger, LedgerError, Result};

/// How many rows are read at a time.
const PAGE: usize = 500;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// None.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// What was read, sent or kept as it was: a body, source rows, what rows are set in.
    Content(Vec<u8>),
    /// A hash or a salt.
    Bytes(Vec<u8>),
}

/// What a dump hands over, in this order for each table.
#[derive(Debug)]
pub enum Dumped<'a> {
    /// A table begins: its name and its columns.
    Table(&'a str, &'a [String]),
    /// One of its rows.
    Row(Vec<Datum>),
}

impl Ledger {
    /// Hands over all rows of all tables as they are at one time, each table in the order of its
    /// first column. Source rows are unpacked. Returns where the history ended.
    pub async fn dump<E: From<LedgerError>>(
        &self,
        mut each: impl FnMut(Dumped<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<Head, E> {
        let mut connection = self.connection().await;
        let mut tx = connection.begin().await.map_err(LedgerError::from)?;
        for table in tables(&mut tx).await? {
            let mut after = i64::MIN;
            loop {
                let (columns, rows) = page(&mut tx, &table, after).await?;
                if after == i64::MIN {
                    each(Dumped::Table(&table, &columns))?;
                }
                let count = rows.len();
                for row in rows {
                    if let Some(Datum::Integer(first)) = row.first() {
                        after = *first;
                    }
                    each(Dumped::Row(row))?;
                }
                if count < PAGE {
                    break;
                }
            }
        }
        Ok(head(&mut tx).await?)
    }
}

/// All tables of ours, by name.
async fn tables(connection: &mut SqliteConnection) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'
         ORDER BY name",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM pragma_table_info(?1) ORDER BY cid")
            .bind(table)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

async fn page(
    connection: &mut SqliteConnection,
    table: &str,
    after: i64,
) -> Result<(Vec<String>, Vec<Vec<Datum>>)> {
    let mut columns = columns(connection, table).await?;
    let Some(first) = columns.first() else { return Ok((columns, Vec::new())) };
    // Source rows are packed against the body beside them.
    let (body, joined) = match table {
        "revision_source" => (", p.payload", "LEFT JOIN revision p ON p.id = t.revision_id"),
        "record_source" => (", p.payload", "LEFT JOIN unidentified p ON p.id = t.record_id"),
        _ => ("", ""),
    };
    // Only names that the schema itself has.
    let sql = format!(
        "SELECT t.*{body} FROM \"{table}\" t {joined} WHERE t.\"{first}\" > ?1
         ORDER BY t.\"{first}\" LIMIT {PAGE}"
    );
    let found = sqlx::query(AssertSqlSafe(sql)).bind(after).fetch_all(connection).await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let mut data = Vec::with_capacity(columns.len());
        for (place, name) in columns.iter().enumerate() {
            let kept = datum(&row, place, name)?;
            data.push(match (kept, name.as_str()) {
                (Datum::Bytes(packed), "packed") => {
                    let payload: Option<Vec<u8>> = row.try_get(columns.len())?;
                    Datum::Content(unpack(&packed, &payload.unwrap_or_default())?)
                }
                (kept, _) => kept,
            });
        }
        rows.push(data);
    }
    for name in &mut columns {
        if name == "packed" {
            "rows".clone_into(name);
        }
    }
    Ok((columns, rows))
}

fn datum(row: &sqlx::sqlite::SqliteRow, place: usize, name: &str) -> Result<Datum> {
    use sqlx::TypeInfo as _;
    let value = row.try_get_raw(place)?;
    if value.is_null() {
        return Ok(Datum::Null);
    }
    Ok(match value.type_info().name() {
        "INTEGER" => Datum::Integer(row.try_get(place)?),
        "TEXT" => Datum::Text(row.try_get(place)?),
        "BLOB" if matches!(name, "payload" | "header") => Datum::Content(row.try_get(place)?),
        "BLOB" => Datum::Bytes(row.try_get(place)?),
        _ => {
            tracing::warn!(column = row.column(place).name(), "a column of an unknown type");
            return Err(LedgerError::Damaged("a column has a type that the ledger does not use"));
        }
    })
}
