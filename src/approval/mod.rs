//! Production approval: what has to be shown in the test environment before production
//! credentials are given out, and the evidence of it.
//!
//! Fourteen scenarios: twelve movements that are stored and then judged by the service's own
//! endpoint, and two that must be refused. Everything here is pure: bodies in, verdicts and
//! documents out. Must not know: the network, files, settings.

mod bodies;
mod evidence;
mod letter;
mod verdict;

pub use bodies::Facts;
pub use evidence::{Endpoint, Evidence, Shown, WriteError};
pub use letter::letter;
pub use verdict::{Pair, Verdict, judge, of_answer, of_endpoint, pairs};

/// What has to become of a scenario's movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is stored; the endpoint judges it.
    Stored,
    /// It is refused, with an error under one of these keys. There is no tracking ID, so the
    /// endpoint is not asked.
    Refused(&'static [&'static str]),
}

/// A scenario: facts of the approval process, by its own numbers. R06 was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Its number.
    pub id: &'static str,
    /// What the movement shows.
    pub title: &'static str,
    /// Whether nobody is approved without it.
    pub mandatory: bool,
    /// What has to become of it.
    pub expected: Expected,
}

const fn stored(id: &'static str, title: &'static str) -> Scenario {
    Scenario { id, title, mandatory: false, expected: Expected::Stored }
}

/// All of them, in the order in which they are sent.
pub const SCENARIOS: [Scenario; 14] = [
    Scenario { mandatory: true, ..stored("R01", "One waste item") },
    Scenario { mandatory: true, ..stored("R02", "Several waste items") },
    stored("R03", "Received by road"),
    stored("R04", "No disposal or recovery code"),
    stored("R05", "Several disposal or recovery codes on one item"),
    stored("R07", "Several EWC codes on one item"),
    Scenario {
        expected: Expected::Refused(&[
            "carrier.reasonForNoRegistrationNumber",
            "carrier.registrationNumber",
        ]),
        ..stored("C01", "No carrier registration, and no reason for that")
    },
    stored("C02", "No carrier registration, with a reason"),
    stored("B01", "A broker or dealer"),
    stored("P01", "Several POPs components"),
    stored("H01", "Several hazardous components"),
    Scenario {
        expected: Expected::Refused(&[
            "reasonForNoConsignmentCode",
            "hazardousWasteConsignmentCode",
        ]),
        ..stored("H02", "Hazardous, no consignment code, and no reason for that")
    },
    stored("H03", "Hazardous, no consignment code, with a reason"),
    stored("X01", "Hazardous and POPs components in one item"),
];

impl Scenario {
    /// Whether the endpoint judges it.
    pub fn is_judged(&self) -> bool {
        self.expected == Expected::Stored
    }
}
