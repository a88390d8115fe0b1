//! Where the client secret comes from: a file, a variable, systemd's credentials, or a person who
//! types it. Never from the command line, which everybody on the machine can read.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::failure::usage;
use super::settings::{SECRET_VARIABLE, Settings};
use crate::private;

/// Where systemd puts what a unit loads with `LoadCredential=`,
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// and the name under which it is looked for there.
const CREDENTIAL: &str = "client-secret";

/// A place that holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The variable.
    Variable,
    /// A file of the settings, or systemd's.
    File(PathBuf),
    /// Nowhere yet: a person is asked.
    Prompt,
}

impl Settings {
    /// Where the secret is, as far as the settings tell: what was typed, then the variable, then
    /// the settings, then systemd, then a person.
    pub(super) fn secret_place(&self) -> Option<Place> {
        let set = std::env::var(SECRET_VARIABLE).is_ok_and(|secret| !secret.trim().is_empty());
        let file = self.client_secret_file.clone().map(Place::File);
        if set && !(self.typed.client_secret_file && file.is_some()) {
            return Some(Place::Variable);
        }
        file.or_else(|| credential().map(Place::File))
            .or_else(|| (self.attended == Attended::ByAPerson).then_some(Place::Prompt))
    }

    /// The secret.
    pub(super) fn secret(&self) -> anyhow::Result<SecretString> {
        match self.secret_place() {
            Some(Place::Variable) => {
                let secret = std::env::var(SECRET_VARIABLE).unwrap_or_default();
                Ok(secret.trim().into())
            }
            Some(Place::File(path)) => read(&path),
            Some(Place::Prompt) => ask("Client secret (it is not shown): "),
            None => Err(usage(format!(
                "no client secret: name the file that holds it with --client-secret-file, or set \
                 {SECRET_VARIABLE}, or have systemd load it (LoadCredential={CREDENTIAL}:FILE)"
            ))),
        }
    }

    /// What is to be said loudly when others can read the file.
    pub(super) fn open_secret(&self) -> Option<String> {
        match self.secret_place() {
            Some(Place::File(path)) => open_to_others(&path),
            _ => None,
        }
    }
}

/// Whether somebody can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attended {
    /// Somebody sits at a terminal, and does not want to be left alone.
    ByAPerson,
    /// Nobody does.
    ByNobody,
}

impl Attended {
    pub(super) fn now(quiet: bool) -> Self {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if terminal && !quiet { Attended::ByAPerson } else { Attended::ByNobody }
    }
}

fn credential() -> Option<PathBuf> {
    let folder = std::env::var_os(CREDENTIALS_VARIABLE).filter(|folder| !folder.is_empty())?;
    Some(PathBuf::from(folder).join(CREDENTIAL)).filter(|path| path.is_file())
}

/// Asks a person, who types unseen.
pub(super) fn ask(prompt: &str) -> anyhow::Result<SecretString> {
    let typed = rpassword::prompt_password(prompt)
        .map_err(|error| usage(format!("the client secret could not be asked for: {error}")))?;
    if typed.trim().is_empty() {
        return Err(usage("no client secret was typed"));
    }
    Ok(typed.trim().into())
}

fn read(path: &Path) -> anyhow::Result<SecretString> {
    let secret = std::fs::read_to_string(path)
        .map_err(|error| usage(format!("the client secret file {}: {error}", path.display())))?;
    // Editors end a file with a line break, and some begin it with a mark.
    let secret = secret.trim_start_matches('\u{feff}').trim();
    if secret.is_empty() {
        return Err(usage(format!("the client secret file {} is empty", path.display())));
    }
    if secret.contains(['\n', '\r']) {
        return Err(usage(format!(
            "the client secret file {} has several lines; it must hold the secret alone",
            path.display()
        )));
    }
    Ok(secret.into())
}

/// What is to be said of a secret file that others can read. On Windows nothing tells that by a
/// mode: there the folder's access list counts.
fn open_to_others(path: &Path) -> Option<String> {
    (private::is_open_to_others(path) == Some(true)).then(|| {
        format!(
            "WARNING: others on this machine can read the client secret in {0}. Put that right: \
             chmod 600 {0}",
            path.display()
        )
    })
}
