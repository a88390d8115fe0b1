//! A place with samples and a sandbox to send them to.

use assert_cmd::Command;
use secrecy::ExposeSecret as _;
use waste_receipts::sandbox::{API_CODES, Options, Sandbox};

use super::support::program::{Ended, Place, beside};

/// So many movements are in the file `some.jsonl`.
pub(crate) const SOME: usize = 3;

pub(crate) struct Bench {
    pub(crate) place: Place,
    pub(crate) sandbox: Sandbox,
}

impl Bench {
    pub(crate) async fn with(faults: &[&str]) -> Bench {
        let faults = faults.iter().map(|fault| fault.parse().expect("a fault")).collect();
        let options = Options { faults, ..Options::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let place = Place::new();
        let samples = include_str!("../../samples/movements.jsonl");
        let some: Vec<&str> = samples.lines().take(SOME).collect();
        place.write("some.jsonl", some.join("\n"));
        Bench { place, sandbox }
    }

    /// The program with everything that it needs to reach the sandbox.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command();
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.args(arguments);
        command
    }

    pub(crate) fn variables(&self) -> [(&'static str, String); 6] {
        let ledger = self.place.path().join("ledger.sqlite");
        [
            ("WASTE_RECEIPTS_API_URL", self.sandbox.api_url()),
            ("WASTE_RECEIPTS_TOKEN_URL", self.sandbox.token_url()),
            ("WASTE_RECEIPTS_CLIENT_ID", self.sandbox.client_id().to_owned()),
            ("WASTE_RECEIPTS_CLIENT_SECRET", self.secret()),
            ("WASTE_RECEIPTS_API_CODE", API_CODES[0].to_owned()),
            ("WASTE_RECEIPTS_LEDGER", ledger.display().to_string()),
        ]
    }

    pub(crate) fn secret(&self) -> String {
        self.sandbox.client_secret().expose_secret().to_owned()
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        beside(self.command(arguments)).await
    }

    /// What a file of the place holds, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.place.path().join(name)).ok()
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.place.path().join(name)).expect("it was there");
    }
}
