//! What the Receipt API would say of a request body, said before it is sent, and what we would
//! say ourselves.
//!
//! [`check`] agrees with the API to the last code: the same errors, or warnings, under the same
//! keys in the same order. [`advise`] is ours. The rules stand in a file for each family, in the
//! terms of the table of fields: `schema` says what may stand where, `walk` goes through a body in
//! that order (`familiar` spares it what came before), and the families judge: `values`, `formats`, `dates`, `email`, `consignment`,
//! `components`, `warnings`, `advice`. All words are in `say`.
//!
//! Must not know: files and places, the ledger, the network, other records.

mod advice;
mod components;
mod consignment;
mod dates;
mod email;
mod familiar;
mod formats;
mod say;
mod schema;
mod values;
mod walk;
mod warnings;

use jiff::Timestamp;

use crate::finding::{ErrorType, Finding};
use crate::json::Value;
use crate::reference::Codes;
use familiar::Familiar;
use walk::{Path, Walk};

pub use advice::advise;

/// The key of an error on the body itself.
const BODY_KEY: &str = "ReceiveMovementRequest";

/// The API's findings on a body, in the API's order: its errors, or, when there are none, its
/// warnings. The keys are the API's; places and files are not known here.
///
/// Whether the service knows the `apiCode` is not asked: nobody can tell offline.
pub fn check(body: &Value<'_>, codes: &Codes) -> Vec<Finding> {
    judge(body, codes, None)
}

/// Checks one body after the other, by the same lists: it is quicker at values that come again and
/// again.
#[derive(Debug)]
pub struct Checker {
    codes: &'static Codes,
    familiar: Familiar,
}

impl Checker {
    /// A checker by these lists.
    pub fn new(codes: &'static Codes) -> Self {
        Checker { codes, familiar: Familiar::default() }
    }

    /// What [`check`] says of a body.
    pub fn check(&mut self, body: &Value<'_>) -> Vec<Finding> {
        judge(body, self.codes, Some(&mut self.familiar))
    }

    /// What [`advise`] says of a body in which no text is longer than so many bytes.
    pub fn advise(&mut self, body: &Value<'_>, longest: usize, now: Timestamp) -> Vec<Finding> {
        advice::advise_of(body, longest, self.codes, now, |value| self.read_date(value))
    }

    /// What [`received_at`] says of a `dateTimeReceived`.
    pub fn received_at(&mut self, value: &Value<'_>) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.read_date(value)?.millisecond).ok()
    }

    fn read_date(&mut self, value: &Value<'_>) -> Option<dates::Stored> {
        match value {
            Value::Text(text) => self.familiar.date(text.as_str()),
            other => dates::read_value(other),
        }
    }
}

fn judge(body: &Value<'_>, codes: &Codes, familiar: Option<&mut Familiar>) -> Vec<Finding> {
    let Value::Object(object) = body else {
        let message = say::wrong_type("A movement", "an object", body);
        return vec![Finding::error(BODY_KEY, ErrorType::InvalidType, message)];
    };
    let mut walk = Walk { codes, familiar, findings: Vec::new() };
    walk.members(&schema::BODY, object, &Path::ROOT, None);
    if walk.findings.is_empty() {
        consignment::check_reason(&mut walk, object);
    }
    if walk.findings.is_empty() {
        warnings::of_body(object, &mut walk.findings);
    }
    walk.findings
}

/// The instant that the service stores for a `dateTimeReceived`: none when it does not take the
/// value, or when it lies outside the years that we can express (-9999 to 9999).
pub fn received_at(value: &Value<'_>) -> Option<Timestamp> {
    Timestamp::from_millisecond(dates::read_value(value)?.millisecond).ok()
}

#[cfg(test)]
mod tests;
