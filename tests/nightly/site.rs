//! A waste site in a temporary folder: its files, its ledger, the program, and a sandbox that
//! knows what it stored.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use waste_receipts::sandbox::{API_CODES, FaultRate, Options, Sandbox, Snapshot};

/// A site; when it is dropped, its ledger and the sandbox must agree.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    pub(crate) runtime: Runtime,
    pub(crate) sandbox: Sandbox,
    ended: bool,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Site {
    pub(crate) fn new(options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runtime = Runtime::new().expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(options)).expect("a sandbox");
        Site { folder, runtime, sandbox, ended: false }
    }

    pub(crate) fn with_faults(faults: &[&str], seed: u64) -> Self {
        let faults = faults.iter().map(|text| text.parse().expect("a fault")).collect();
        Self::new(Options { faults, seed, ..Options::default() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The program with this site's settings and nothing else of ours in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare_command();
        command
            .current_dir(self.folder.path())
            .env("HOME", self.path("home"))
            .env("XDG_DATA_HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("home"))
            .env("LOCALAPPDATA", self.path("home"))
            .env("WASTE_RECEIPTS_API_URL", self.sandbox.api_url())
            .env("WASTE_RECEIPTS_TOKEN_URL", self.sandbox.token_url())
            .env("WASTE_RECEIPTS_CLIENT_ID", self.sandbox.client_id())
            .env("WASTE_RECEIPTS_CLIENT_SECRET", self.sandbox.client_secret().expose_secret())
            .env("WASTE_RECEIPTS_LEDGER", self.path("ledger.sqlite"))
            .env("WASTE_RECEIPTS_API_CODE", API_CODES[0])
            .args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().expect("the program starts"))
    }

    /// Starts the program, its standard input open to the test.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    }

    /// The last line of a command's output as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> (Value, Ran) {
        let ran = self.run(arguments);
        let last = ran.out.lines().last().unwrap_or_default();
        let value = serde_json::from_str(last)
            .unwrap_or_else(|error| panic!("{error} in {last:?}; {ran:?}"));
        (value, ran)
    }

    /// Every movement of the ledger, as `list --json` shows it.
    pub(crate) fn movements(&self) -> Vec<Value> {
        let ran = self.run(&["list", "--json"]);
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
    }

    pub(crate) fn set_faults(&self, faults: &[&str]) {
        let faults: Vec<FaultRate> =
            faults.iter().map(|text| text.parse().expect("a fault")).collect();
        self.sandbox.set_faults(faults).expect("faults that fit together");
    }

    pub(crate) fn stored(&self) -> Snapshot {
        self.sandbox.stored()
    }

    /// Comes back when the sandbox has had so many requests.
    pub(crate) fn until_requests(&self, count: u64) {
        self.runtime.block_on(self.sandbox.until_requests(count));
    }

    /// Without the last look: somebody decided that a movement is sent again.
    pub(crate) fn leave(mut self) {
        self.ended = true;
    }

    /// The last look: the ledger and the sandbox agree.
    pub(crate) fn close(mut self) {
        self.ended = true;
        super::agreement::check(&self);
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !self.ended && !std::thread::panicking() {
            super::agreement::check(self);
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program with none of our variables set, and a home of its own.
pub(crate) fn bare_command() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("waste-receipts"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WASTE_RECEIPTS_") {
            command.env_remove(name);
        }
    }
    let nowhere = std::env::temp_dir().join("waste-receipts-tests-have-no-home");
    command.env("HOME", &nowhere).env("XDG_CONFIG_HOME", &nowhere).env("APPDATA", &nowhere);
    command
}

/// A CSV of so many small valid movements, numbered from `first`.
pub(crate) fn movements_csv(first: usize, count: usize) -> String {
    let mut csv = String::from(HEADER);
    for number in first..first + count {
        let _ = writeln!(csv, "{}", row(&format!("T-{number:06}"), "Mixed packaging"));
    }
    csv
}

pub(crate) const HEADER: &str = "yourUniqueReference,dateTimeReceived,receiver.siteName,\
    receiver.authorisationNumber,receipt.address.fullAddress,receipt.address.postcode,\
    carrier.organisationName,carrier.registrationNumber,carrier.meansOfTransport,\
    carrier.vehicleRegistration,wasteItems.ewcCodes,wasteItems.wasteDescription,\
    wasteItems.physicalForm,wasteItems.numberOfContainers,wasteItems.typeOfContainers,\
    wasteItems.containsPops,wasteItems.containsHazardous,wasteItems.disposalOrRecoveryCodes\n";

/// A row of a valid movement.
pub(crate) fn row(reference: &str, description: &str) -> String {
    dated_row(reference, "2026-10-05T09:20:00+01:00", description)
}

pub(crate) fn dated_row(reference: &str, received: &str, description: &str) -> String {
    format!(
        "{reference},{received},Larkmoor Transfer Station,EPR/KB3107TT,\
         \"4 Larkmoor Way, Testford\",QV7 3LD,Fenwick Haulage Example Ltd,CBDU48213,Road,RG19 XTP,\
         150106,{description},Mixed,1,SKI,false,false,R13 = 1.5 = Tonnes = Actual"
    )
}

/// A sample of the project.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
