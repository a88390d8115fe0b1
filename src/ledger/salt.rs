//! What a content's hash is made of: a salt of its own, so that once payload and salt are deleted
//! the hash can no longer be tried against guesses.

use sha2::{Digest as _, Sha256};

use super::{LedgerError, Result};

/// How long a salt is.
pub(super) const SALT: usize = 16;
const DRAWN_AT_ONCE: usize = 256;

/// Random salts, drawn from the system many at a time.
#[derive(Debug, Default)]
pub(super) struct Salts {
    drawn: Vec<u8>,
}

impl Salts {
    /// A salt that was not given out before.
    pub(super) fn next(&mut self) -> Result<[u8; SALT]> {
        if self.drawn.is_empty() {
            self.drawn.resize(SALT * DRAWN_AT_ONCE, 0);
            getrandom::fill(&mut self.drawn)
                .map_err(|error| LedgerError::Refused(format!("no random numbers: {error}")))?;
        }
        let mut salt = [0; SALT];
        salt.copy_from_slice(&self.drawn[self.drawn.len() - SALT..]);
        self.drawn.truncate(self.drawn.len() - SALT);
        Ok(salt)
    }
}

/// SHA-256 over salt and payload.
pub(super) fn content_hash(salt: &[u8], payload: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(payload);
    hasher.finalize().into()
}
