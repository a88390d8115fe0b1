//! Killed, and told to stop.

use std::io::Write as _;

use waste_receipts::sandbox::Options;

use crate::agreement;
use crate::site::{Site, movements_csv, text};

const MOVEMENTS: usize = 2_000;
const IN_FLIGHT: usize = 32;

/// Killed after so many requests: a retry finishes, with at most as many uncertain as were in flight.
fn killed_after(requests: u64) {
    let latency = std::time::Duration::from_millis(20);
    let site = Site::new(Options { latency, ..Options::default() });
    let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
    let in_flight = IN_FLIGHT.to_string();
    let options = ["--rate", "1000", "--in-flight", &in_flight];
    let mut submit = vec!["submit", text(&file)];
    submit.extend(options);
    let mut child = site.start(&submit);
    site.until_requests(requests);
    // SIGKILL, or TerminateProcess on Windows.
    child.kill().expect("it was running");
    child.wait().expect("it is gone");
    let mut retry = vec!["retry", "--json"];
    retry.extend(options);
    let (summary, ran) = site.json(&retry);
    let states = agreement::states(&site);
    let of = |state: &str| states.get(state).copied().unwrap_or(0);
    assert_eq!(of("accepted") + of("uncertain"), MOVEMENTS, "{states:?} {ran:?}");
    assert!(of("uncertain") <= IN_FLIGHT, "{states:?}");
    assert_eq!(summary["resumed"]["uncertain"], of("uncertain"), "{summary}");
    assert_eq!(ran.code, Some(if of("uncertain") > 0 { 5 } else { 0 }), "{ran:?}");
    site.close();
}

#[test]
fn killed_at_the_first_request() {
    killed_after(1);
}

#[test]
fn killed_when_all_slots_are_taken() {
    killed_after(40);
}

#[test]
fn killed_in_the_middle_of_sending() {
    killed_after(1_000);
}

/// Killed while the file is read: nothing was admitted, nothing sent; the next time all is.
#[test]
fn killed_while_reading() {
    let site = Site::new(Options::default());
    let csv = movements_csv(1, MOVEMENTS);
    let mut child = site.start(&["submit", "-", "--format", "csv"]);
    let mut input = child.stdin.take().expect("a pipe");
    // More than any buffer between us holds: when this returns, much of it has been staged.
    input.write_all(&csv.as_bytes()[..csv.len() / 2]).expect("it reads");
    child.kill().expect("it was running");
    child.wait().expect("it is gone");
    drop(input);
    assert!(site.movements().is_empty());
    assert_eq!(site.stored().requests, 0);
    let file = site.write("movements.csv", &csv);
    let (summary, ran) = site.json(&["submit", "--json", "--rate", "2000", text(&file)]);
    assert_eq!((&summary["accepted"], ran.code), (&MOVEMENTS.into(), Some(0)), "{ran:?}");
    site.close();
}

/// Told to stop: what is under way is finished and recorded, the rest waits.
#[cfg(unix)]
#[test]
fn told_to_stop() {
    for signal in ["-INT", "-TERM"] {
        let latency = std::time::Duration::from_millis(50);
        let site = Site::new(Options { latency, ..Options::default() });
        let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
        let mut child = site.start(&["submit", "--rate", "400", text(&file)]);
        site.until_requests(100);
        let id = child.id().to_string();
        let told = std::process::Command::new("kill").args([signal, &id]).status();
        assert!(told.expect("kill is there").success());
        let ended = child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(130));
        let states = agreement::states(&site);
        let of = |state: &str| states.get(state).copied().unwrap_or(0);
        assert!(of("accepted") >= 100 && of("ready") > 0, "{states:?}");
        assert_eq!(of("accepted") + of("ready"), MOVEMENTS, "{states:?}");
        assert_eq!(of("accepted"), site.stored().movements.len());
        let ran = site.run(&["retry", "--rate", "2000"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        site.close();
    }
}
