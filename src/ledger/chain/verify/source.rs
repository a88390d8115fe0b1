//! Source rows: what contents were read from, against what was committed to.

use std::collections::HashMap;

use rusqlite::{Connection, Row};

use super::super::super::cells::{Cells, Mistyped};
use super::super::super::salt::content_hash;
use super::super::super::source::{Layout, unpack};
use super::super::canonical::{Hash, source_hash};
use super::Stop;

/// The rows that a content was read from, if they were kept.
pub(super) struct Source<'r> {
    pub(super) layout: Option<i64>,
    pub(super) packed: Option<&'r [u8]>,
    pub(super) salt: Option<&'r [u8]>,
    pub(super) hash: Option<&'r [u8]>,
    /// The content itself, against which they are packed.
    pub(super) payload: Option<&'r [u8]>,
    pub(super) is_purged: bool,
}

impl Source<'_> {
    /// The commitment to source rows, if they are what was committed to.
    pub(super) fn commitment(&self, layouts: &Layouts) -> Result<Option<Hash>, &'static str> {
        let (Some(layout), Some(hash)) = (self.layout, self.hash) else { return Ok(None) };
        let Some(layout) = layouts.get(&layout) else {
            return Err("what its source rows were set in was removed");
        };
        match (self.salt, self.packed) {
            (Some(salt), Some(packed)) if !self.is_purged => {
                let rows = unpack(packed, self.payload.unwrap_or_default());
                let whole = rows.is_ok_and(|rows| content_hash(salt, &rows)[..] == *hash);
                if !whole || !layout.is_whole {
                    return Err("its source rows were altered");
                }
            }
            (None, None) if self.is_purged => {}
            (None, None) => return Err("its source rows were removed, and no purge says so"),
            _ => return Err("its source rows were altered"),
        }
        Ok(Some(source_hash(&layout.hash, hash)))
    }
}

/// What source rows were set in.
#[derive(Debug)]
pub(super) struct Setting {
    hash: Vec<u8>,
    /// Whether it is what its hash says; a purge takes its words away.
    is_whole: bool,
}

/// By their rows.
pub(super) type Layouts = HashMap<i64, Setting>;

pub(super) fn layouts(connection: &Connection) -> Result<Layouts, Stop> {
    let sql = "SELECT id, hash, format, encoding, delimiter, header, titles_at FROM layout";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut layouts = Layouts::new();
    while let Some(row) = rows.next()? {
        let (id, setting) = setting(row)?;
        layouts.insert(id, setting);
    }
    Ok(layouts)
}

fn setting(row: &Row<'_>) -> Result<(i64, Setting), Mistyped> {
    let mut cells = Cells::of(row);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (id, hash): (i64, Vec<u8>) = (cells.next()?, cells.next()?);
    let layout = Layout {
        format: text(cells.next()?),
        encoding: text(cells.next()?),
        delimiter: text(cells.next()?),
        header: cells.next()?,
        titles_at: usize::try_from(cells.next::<i64>()?).unwrap_or(usize::MAX),
    };
    let is_whole = layout.hash()[..] == hash[..];
    Ok((id, Setting { hash, is_whole }))
}
