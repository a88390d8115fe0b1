//! Killed from outside at random instants: after so many requests, or lines of output.

use std::io::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use waste_receipts::sandbox::Options;

use crate::settle::{IN_FLIGHT, MOVEMENTS, settle, with_pace};
use crate::site::{Site, movements_csv, text};

/// Says on a failure which instant it was, so that it can be looked at alone.
struct Instant(u64);

impl Drop for Instant {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seed = self.0;
            let _ = writeln!(std::io::stderr(), "the instant was drawn from the seed {seed}");
        }
    }
}

fn killed_at(seed: u64) {
    let _instant = Instant(seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let latency = Duration::from_millis(random.u64(0..10));
    let site = Site::new(Options { latency, ..Options::default() });
    let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
    let mut command = site.command(&with_pace(&["submit", "-vv", text(&file)]));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    if random.bool() {
        site.until_requests(random.u64(1..=MOVEMENTS as u64));
    } else {
        read_lines(&mut child, random.usize(0..=MOVEMENTS));
    }
    // Somewhere in what comes next, not always right after.
    for _ in 0..random.u32(0..20_000) {
        std::hint::spin_loop();
    }
    // It may have ended by itself.
    let _ = child.kill();
    child.wait().expect("it is gone");
    settle(&site, &file, IN_FLIGHT);
    site.leave();
}

fn read_lines(child: &mut Child, count: usize) {
    let lines = BufReader::new(child.stderr.as_mut().expect("a pipe")).lines();
    lines.take(count).for_each(drop);
}

/// Two tests, so that two cores are used.
fn killed_often(half: u64) {
    let instants = if crate::long() { 100 } else { 20 };
    for number in 0..instants {
        killed_at(2 * number + half);
    }
}

#[test]
fn random_instants() {
    killed_often(0);
}

#[test]
fn more_random_instants() {
    killed_often(1);
}
