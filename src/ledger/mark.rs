//! Noticing that a ledger was restored from an older backup, which does not know what was sent
//! after it, and would send it again.
//!
//! The ledger counts its claims and decisions, in the commits that make them. The same number is
//! written to a file outside the ledger's folder, after such a commit and before anything of a
//! claim is sent. So the mark is never ahead of its own ledger, wherever a process dies, and
//! always ahead of a copy of it from before a later claim. The mark is not synced: losing it to a
//! power cut only makes it older, which hides nothing unless a backup is restored after it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};

use super::chain::{Chain, Decided, insert_decision};
use super::statement::query;
use super::worker::begin;
use super::{Ledger, LedgerError, Result, Run, choose_current, step};
use crate::private;
use crate::submission::{Reason, Step};

/// What the mark says of a ledger.
#[derive(Debug)]
pub enum Standing {
    /// It is what it was.
    Whole,
    /// Nothing was sent from it on this machine, or by this user, though something was sent.
    Unmarked,
    /// It lacks so many claims and decisions.
    Behind(i64),
    /// No mark can be kept, for this reason.
    Unkept(io::Error),
}

/// An open mark.
#[derive(Debug)]
pub(super) struct Mark {
    file: Mutex<File>,
    /// What it said when it was opened.
    found: i64,
}

impl Mark {
    /// Opens a mark, and makes it where it is missing; the number is what it said.
    fn open(folder: &Path, ledger: &str) -> io::Result<(Self, Option<i64>)> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(ledger);
        let mut file =
            private::options().create(true).truncate(false).read(true).write(true).open(path)?;
        let mut text = String::new();
        // What is no number was cut short by a power cut: as if there were none.
        let said = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
        Ok((Mark { file: Mutex::new(file), found: said.unwrap_or(0) }, said))
    }

    /// In place and always as long, so that it is one number or the other.
    fn write(&self, number: i64) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(format!("{number:020}\n").as_bytes())
    }
}

impl Ledger {
    /// Holds the ledger against its mark in this folder, and keeps the mark from now on, unless
    /// the ledger is behind it.
    pub async fn hold_against_mark(&mut self, folder: &Path) -> Result<Standing> {
        let found = |connection: &mut Connection| {
            query(connection, "SELECT uuid, mark FROM ledger").one::<(String, i64)>()
        };
        let (uuid, mark) = self.carry_out(found).await?;
        let (kept, said) = match Mark::open(folder, &uuid) {
            Ok(opened) => opened,
            Err(error) => return Ok(Standing::Unkept(error)),
        };
        let standing = match said {
            Some(said) if said > mark => Standing::Behind(said - mark),
            Some(_) => Standing::Whole,
            None if mark == 0 => Standing::Whole,
            None => Standing::Unmarked,
        };
        if !matches!(standing, Standing::Behind(_))
            && let Err(error) = kept.write(mark)
        {
            return Ok(Standing::Unkept(error));
        }
        self.mark = Some(Arc::new(kept));
        Ok(standing)
    }

    /// A person says that the ledger was restored from a backup: whatever is not settled may have
    /// been sent since, and is uncertain, in all environments. From then on the ledger is no
    /// longer behind its mark. Returns how many.
    pub async fn after_restore(&self, run: &Run, user: &str, note: &str) -> Result<u64> {
        let now = self.clock.wall_ms();
        let (run, user, note) = (run.id, user.to_owned(), note.to_owned());
        let mark = self.mark.clone();
        self.carry_out(move |connection| {
            let tx = begin(connection)?;
            let sql = "SELECT id, movement_id FROM revision
                 WHERE state IN ('ready', 'deferred', 'rejected') AND state <> 'accepted'
                 ORDER BY id";
            let open: Vec<(i64, i64)> = query(&tx, sql).all()?;
            let mut chain = Chain::read(&tx)?;
            for (revision, movement) in &open {
                let (from, to) = step(&tx, *revision, Step::Restored, now)?;
                query(&tx, "UPDATE revision SET reason = ?2, settled_run_id = ?3 WHERE id = ?1")
                    .bind(revision)
                    .bind(Reason::Restored.as_str())
                    .bind(run)
                    .execute()?;
                let decided = Decided {
                    revision: *revision,
                    run,
                    decided_at: now,
                    user: &user,
                    decision: "after-restore",
                    from: from.as_str(),
                    to: to.as_str(),
                    waste_tracking_id: None,
                    note: Some(&note),
                };
                insert_decision(&tx, &mut chain, &decided)?;
                choose_current(&tx, *movement)?;
            }
            chain.save(&tx)?;
            let found = mark.as_ref().map_or(0, |mark| mark.found);
            query(&tx, "UPDATE ledger SET mark = max(mark, ?1)").bind(found).execute()?;
            let number = advance(&tx)?;
            tx.commit()?;
            set_mark(mark.as_deref(), number);
            Ok(open.len() as u64)
        })
        .await
    }
}

/// Writes the number of a commit to the mark.
pub(super) fn set_mark(mark: Option<&Mark>, number: i64) {
    if let Some(mark) = mark
        && let Err(error) = mark.write(number)
    {
        tracing::warn!(%error, "the ledger's mark could not be written");
    }
}

/// Counts one more commit that a restored backup must not lack.
pub(super) fn advance(tx: &Transaction<'_>) -> Result<i64> {
    let number: Option<(i64,)> =
        query(tx, "UPDATE ledger SET mark = mark + 1 RETURNING mark").optional()?;
    number.map(|(number,)| number).ok_or(LedgerError::Damaged("it has lost its name"))
}
