//! A ledger restored from an older backup: noticed by its mark, and what a person does about it.

use std::path::PathBuf;

use super::console::Console;
use super::session::{Session, user};
use crate::ledger::{Ledger, LedgerError, Standing};

/// Where marks are kept: outside the folder of any ledger, where the system has such a place.
fn folder() -> Option<PathBuf> {
    let users = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(users.join("waste-receipts").join("marks"))
}

/// Refuses a ledger that is behind its mark, unless a person has said that it was restored.
pub(super) async fn check(
    ledger: &mut Ledger,
    after_restore: bool,
    console: &Console,
) -> Result<(), LedgerError> {
    let Some(folder) = folder() else {
        tracing::warn!("no folder for marks: a restored ledger would not be noticed");
        return Ok(());
    };
    match ledger.hold_against_mark(&folder).await? {
        Standing::Behind(_) if after_restore => {}
        Standing::Behind(lacks) => {
            return Err(LedgerError::Restored { path: ledger.path().to_owned(), lacks });
        }
        Standing::Unmarked => console.warn(
            "Nothing tells whether this ledger is the newest: it was not used on this machine, or \
             by this user, before. If it is a backup, stop now, and run retry --after-restore \
             instead. This is said once.",
        ),
        Standing::Unkept(error) => console.warn(format!(
            "No mark can be kept in {} ({error}): a ledger restored from a backup would not be \
             noticed.",
            folder.display()
        )),
        Standing::Whole => {}
    }
    Ok(())
}

/// Whatever is not settled may have been sent since the backup.
pub(super) async fn make_uncertain(session: &Session, console: &Console) -> anyhow::Result<()> {
    let count = session.ledger.after_restore(&session.run, &user(), "--after-restore").await?;
    console.say(format!(
        "{count} movements may have been sent since the backup, and are uncertain now. Next: \
         waste-receipts list --state uncertain, and resolve for each."
    ));
    Ok(())
}
