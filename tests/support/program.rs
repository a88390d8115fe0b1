//! The built program in a folder of its own, with an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

/// A folder where the program runs; nothing of the machine's settings reaches it.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("home")).expect("a home");
        Place { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and says where it is.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(&path, bytes).expect("the file");
        path
    }

    /// The program, not started yet.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::cargo_bin("waste-receipts").expect("the program");
        command.env_clear().current_dir(self.path());
        for name in ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"] {
            command.env(name, self.path().join("home"));
        }
        for kept in ["SYSTEMROOT", "TMPDIR", "TEMP", "TMP"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
    }

    /// Runs it with these arguments.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ended {
        let mut command = self.command();
        command.args(arguments);
        ended(&command.output().expect("the program runs"))
    }
}

/// Runs a command beside what the test's own servers do.
pub(crate) async fn beside(mut command: Command) -> Ended {
    let run = tokio::task::spawn_blocking(move || command.output());
    ended(&run.await.expect("no panic").expect("the program runs"))
}

fn ended(output: &Output) -> Ended {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}
