//! The faults that the sandbox knows, by name.
//!
//! Must not know: when a fault strikes (see `plan`) or how it is carried out (see `movements`).

use std::fmt;
use std::str::FromStr;

/// Something that goes wrong on demand.
///
/// The faults that strike after a movement was stored (`lose-response`, `cut-body`,
/// `status-500-stored`, `empty-201`) pass over a request that is refused on other grounds: it is
/// refused as it would be without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Stored; the connection is cut before any byte of an answer.
    LoseResponse,
    /// The connection is cut; nothing is stored.
    DropRequest,
    /// Stored; the answer breaks off in the middle of its body.
    CutBody,
    /// Stored, and answered with a 500.
    Status500Stored,
    /// Answered with a 500; nothing is stored.
    Status500,
    /// Answered with a 502 and a page of HTML; nothing is stored.
    Status502,
    /// Answered with a 503 at once; nothing is stored.
    Status503,
    /// Answered with a 429; nothing is stored.
    Status429,
    /// Stored under no usable ID; answered with a 201 and `{}`. A PUT is not concerned.
    Empty201,
    /// Carried out, and answered after a delay.
    Slow,
    /// Never answered, nor stored; the connection stays open until the client goes.
    Hang,
    /// Answered as if the apiCode were not known; nothing is stored.
    UnknownApiCode,
    /// Answered with a 402; nothing is stored.
    Unpaid,
    /// Answered with a 400 for a body that the checks pass: the service's rules have moved.
    Refuse,
    /// Stored whatever the checks say of the body: the service's rules have moved the other way.
    Lenient,
    /// Answered with a 401; the token that was used is dead from then on. Nothing is stored.
    RevokeToken,
    /// The token endpoint answers a 503.
    Token503,
    /// The token endpoint answers a 429.
    Token429,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 18] = [
        Fault::LoseResponse,
        Fault::DropRequest,
        Fault::CutBody,
        Fault::Status500Stored,
        Fault::Status500,
        Fault::Status502,
        Fault::Status503,
        Fault::Status429,
        Fault::Empty201,
        Fault::Slow,
        Fault::Hang,
        Fault::UnknownApiCode,
        Fault::Unpaid,
        Fault::Refuse,
        Fault::Lenient,
        Fault::RevokeToken,
        Fault::Token503,
        Fault::Token429,
    ];

    /// Its name on the command line and in `POST /sandbox/faults`.
    pub fn name(self) -> &'static str {
        match self {
            Fault::LoseResponse => "lose-response",
            Fault::DropRequest => "drop-request",
            Fault::CutBody => "cut-body",
            Fault::Status500Stored => "status-500-stored",
            Fault::Status500 => "status-500",
            Fault::Status502 => "status-502",
            Fault::Status503 => "status-503",
            Fault::Status429 => "status-429",
            Fault::Empty201 => "empty-201",
            Fault::Slow => "slow",
            Fault::Hang => "hang",
            Fault::UnknownApiCode => "unknown-api-code",
            Fault::Unpaid => "unpaid",
            Fault::Refuse => "refuse",
            Fault::Lenient => "lenient",
            Fault::RevokeToken => "revoke-token",
            Fault::Token503 => "token-503",
            Fault::Token429 => "token-429",
        }
    }

    /// What it does, in a line of help.
    pub fn explanation(self) -> &'static str {
        match self {
            Fault::LoseResponse => "stored, then the connection is cut before any answer",
            Fault::DropRequest => "the connection is cut before anything is stored",
            Fault::CutBody => "stored, and the answer breaks off in the middle of its body",
            Fault::Status500Stored => "stored, and answered with a 500",
            Fault::Status500 => "a 500, nothing stored",
            Fault::Status502 => "a 502 with a page of HTML, nothing stored",
            Fault::Status503 => "a 503 at once, nothing stored",
            Fault::Status429 => "a 429, by turns with and without Retry-After, nothing stored",
            Fault::Empty201 => "stored without a usable ID, and answered with a 201 and {}",
            Fault::Slow => "carried out, and answered after a delay (1s, or delay=...)",
            Fault::Hang => "never answered, nothing stored",
            Fault::UnknownApiCode => "a 400 that says the apiCode is not known, nothing stored",
            Fault::Unpaid => "a 402, nothing stored (api-code=... for one operator alone)",
            Fault::Refuse => "a 400 for what the checks pass (key=..., type=...), nothing stored",
            Fault::Lenient => "stored, whatever the checks say of it",
            Fault::RevokeToken => "a 401, and the token is dead from then on, nothing stored",
            Fault::Token503 => "the token endpoint answers a 503",
            Fault::Token429 => "the token endpoint answers a 429",
        }
    }

    /// Whether it strikes at the token endpoint; the others strike at POST and PUT of movements.
    pub fn is_of_tokens(self) -> bool {
        matches!(self, Fault::Token503 | Fault::Token429)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text names no fault, or sets it impossibly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(pub(super) String);

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(written: &str) -> Result<Self, FaultError> {
        let found = Fault::ALL.into_iter().find(|fault| fault.name() == written);
        found.ok_or_else(|| {
            let nearest = Fault::ALL
                .into_iter()
                .min_by_key(|fault| strsim::osa_distance(fault.name(), written))
                .filter(|fault| strsim::osa_distance(fault.name(), written) <= written.len() / 2);
            let hint = nearest.map_or_else(
                || format!("there are {}", Fault::ALL.map(Fault::name).join(", ")),
                |fault| format!("did you mean '{fault}'?"),
            );
            FaultError(format!("no fault is called '{written}'; {hint}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
            assert!(!fault.explanation().is_empty());
        }
    }

    #[test]
    fn a_wrong_name_gets_the_nearest_one() {
        let error = "lose-respnse".parse::<Fault>().expect_err("no such fault");
        assert!(error.to_string().ends_with("did you mean 'lose-response'?"), "{error}");
        let error = "x".parse::<Fault>().expect_err("no such fault");
        assert!(error.to_string().contains("drop-request, cut-body"), "{error}");
    }
}
