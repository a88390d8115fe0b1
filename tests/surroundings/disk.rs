//! Disks that are full, too small, or take nothing.

use std::path::Path;
use std::process::Command;

use waste_receipts::sandbox::Options;

use crate::morning::{PACE, all_is_well_again, assert_says, waiting};
use crate::site::{Ran, Site, movements_csv, text};

const MOVEMENTS: usize = 400;

/// The program with a limit on the size of each file that it writes, in units of 512 bytes.
/// Ignored, the signal for that becomes an error of the write.
fn limited(command: &Command, blocks: u32) -> Command {
    let mut limited = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    limited.args(["-c", &script]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    limited
}

#[test]
fn a_limit_is_reached_while_answers_are_recorded() {
    let site = waiting(MOVEMENTS);
    let mut command = limited(&site.command(&["retry"]), 500);
    let ran = Ran::from(command.args(PACE).output().expect("it starts"));
    assert_says(&ran, 1, &["the ledger could not be", "Nothing was sent that is not recorded"]);
    let sent = site.stored().requests;
    assert!(sent > 0 && sent < MOVEMENTS as u64, "{sent}: the limit was not met on the way");
    all_is_well_again(site, MOVEMENTS);
}

#[test]
fn a_limit_is_reached_while_a_file_is_read() {
    let site = Site::new(Options::default());
    let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
    let mut command = limited(&site.command(&["submit", text(&file)]), 500);
    let ran = Ran::from(command.args(PACE).output().expect("it starts"));
    assert_says(&ran, 1, &["the ledger could not be", "Nothing was sent that is not recorded"]);
    assert_eq!(site.stored().requests, 0, "sent what is not in the ledger");
    assert!(site.movements().is_empty(), "admitted in part");
    let ran = site.run(&["submit", text(&file), "--rate", "0"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    site.close();
}

/// A small file system that is unmounted with its value.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// None where this user may not mount.
    fn mount(at: &'a Path, kilobytes: usize) -> Option<Self> {
        std::fs::create_dir(at).expect("a folder");
        let size = format!("size={kilobytes}k");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at);
        mount.output().is_ok_and(|ran| ran.status.success()).then_some(SmallDisk(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "{} stays", self.0.display());
    }
}

#[test]
fn the_disk_is_full_while_answers_are_recorded() {
    let site = Site::new(Options::default());
    let place = site.path("small");
    let Some(_disk) = SmallDisk::mount(&place, 16_000) else {
        eprintln!("skipped: to mount a small file system takes root");
        return site.leave();
    };
    let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
    let ledger = place.join("ledger.sqlite");
    let on_disk = |arguments: &[&str]| {
        let mut command = site.command(arguments);
        command.args(PACE).env("WASTE_RECEIPTS_LEDGER", &ledger);
        command
    };
    let mut submit = on_disk(&["submit", text(&file)]);
    let ran = submit.env("WASTE_RECEIPTS_CLIENT_SECRET", "not-the-secret").output();
    assert_eq!(ran.expect("it starts").status.code(), Some(6));
    // All but a little of what is left is taken by something else.
    fill(&place.join("other"), 150);
    let ran = Ran::from(on_disk(&["retry"]).output().expect("it starts"));
    assert_says(&ran, 1, &["the disk is full", "make room and run retry"]);
    let sent = site.stored().requests;
    assert!(sent < MOVEMENTS as u64, "{sent}: the disk was not full on the way");
    std::fs::remove_file(place.join("other")).expect("room is made");
    let ran = Ran::from(on_disk(&["retry"]).output().expect("it starts"));
    assert!(matches!(ran.code, Some(0 | 5)), "{ran:?}");
    // Where the site's own commands look for it, for the last look.
    std::fs::copy(&ledger, site.path("ledger.sqlite")).expect("a copy");
    site.close();
}

/// Fills the file system with a file, save for so many kilobytes.
fn fill(path: &Path, left: usize) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).expect("a file");
    let block = [0_u8; 1024];
    let mut written = 0;
    while file.write_all(&block).is_ok() {
        written += 1;
    }
    file.set_len(1024 * (written - left) as u64).expect("a shorter file");
}

#[test]
fn a_ledger_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = waiting(3);
    let ledger = site.path("ledger.sqlite");
    let set = |mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&ledger, permissions).expect("permissions");
    };
    set(0o444);
    if std::fs::OpenOptions::new().write(true).open(&ledger).is_ok() {
        eprintln!("skipped: root may write what is read-only");
    } else {
        let ran = site.run(&["retry"]);
        assert_says(&ran, 1, &["ledger", "readonly"]);
        assert_eq!(site.stored().requests, 0);
    }
    set(0o644);
    all_is_well_again(site, 3);
}

#[test]
fn a_ledger_where_none_can_be() {
    let site = Site::new(Options::default());
    let file = site.write("movements.csv", &movements_csv(1, 3));
    std::fs::create_dir(site.path("folder")).expect("a folder");
    for (path, code) in [("folder", 2), ("movements.csv/ledger.sqlite", 1)] {
        let ran = site.run(&["submit", text(&file), "--ledger", path]);
        let name = path.split('/').next().expect("a name");
        assert_says(&ran, code, &["ledger", name]);
    }
    assert_eq!(site.stored().requests, 0);
    site.leave();
}
