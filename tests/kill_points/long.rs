//! The long night: ten thousand movements, every fault, twenty deaths.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use waste_receipts::sandbox::{Fault, Options};

use crate::agreement;
use crate::settle::IN_FLIGHT;
use crate::site::{HEADER, Site, row, text};

const MOVEMENTS: usize = 10_000;
const DEATHS: u64 = 20;
/// An answer about one apiCode pauses that operator: with many the others go on.
const OPERATORS: usize = 50;
const RUNS: usize = 300;

fn faults() -> Vec<String> {
    let faults = Fault::ALL.into_iter().map(|fault| {
        let options = match fault {
            Fault::Slow => ",delay=100ms",
            Fault::Status429 | Fault::Status503 => ",retry-after=never",
            _ => "",
        };
        format!("{}=2%{options}", fault.name())
    });
    faults.collect()
}

/// Movements of many operators, so that `apiCode` is a column.
fn csv(api_codes: &[String]) -> String {
    let mut csv = format!("apiCode,{HEADER}");
    for number in 0..MOVEMENTS {
        let code = &api_codes[number % api_codes.len()];
        let row = row(&format!("T-{number:06}"), "Mixed packaging");
        let _ = writeln!(csv, "{code},{row}");
    }
    csv
}

#[test]
fn ten_thousand_movements_all_faults_and_twenty_deaths() {
    if !crate::long() {
        eprintln!("skipped: set KILL_POINTS=long");
        return;
    }
    let begun = Instant::now();
    let api_codes: Vec<String> =
        (0..OPERATORS).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    let options = Options { api_codes: api_codes.clone(), seed: 20, ..Options::default() };
    let site = Site::new(options);
    let rates = faults();
    site.set_faults(&rates.iter().map(String::as_str).collect::<Vec<_>>());
    let file = site.write("movements.csv", &csv(&api_codes));
    let options = ["--rate", "0", "--in-flight", "8", "--timeout", "1s", "--give-up-after", "1s"];
    let mut random = fastrand::Rng::with_seed(20);
    let (mut deaths, mut runs) = (0, 0);
    let open = |site: &Site| {
        let states = agreement::states(site);
        let count = |state: &str| states.get(state).copied().unwrap_or(0);
        count("ready") + count("deferred") + count("sending")
    };
    while runs == 0 || open(&site) > 0 || deaths < DEATHS {
        runs += 1;
        assert!(runs <= RUNS, "{:?}", agreement::states(&site));
        let first = ["submit", text(&file)];
        let admitted = !site.movements().is_empty();
        let mut arguments = if admitted { vec!["retry"] } else { first.to_vec() };
        arguments.extend(options);
        let mut child = site.start(&arguments);
        if deaths < DEATHS {
            let until = site.stored().requests + random.u64(1..400);
            died_or_ended(&site, &mut child, until);
            deaths += 1;
        }
        child.wait().expect("it ends");
    }
    agreement::check(&site);
    let states = agreement::states(&site);
    let count = |state: &str| states.get(state).copied().unwrap_or(0);
    let settled = count("accepted") + count("uncertain") + count("rejected");
    assert_eq!(settled, MOVEMENTS, "{states:?}");
    let rows = site.movements();
    let killed = rows.iter().filter(|row| row["reason"] == "interrupted").count();
    assert!(killed <= IN_FLIGHT * usize::try_from(DEATHS).expect("few"), "{killed}");
    eprintln!(
        "{MOVEMENTS} movements, {deaths} deaths, {runs} runs, {} requests: {states:?}, {killed} \
         of them uncertain from a death, in {:.0} s",
        site.stored().requests,
        begun.elapsed().as_secs_f64()
    );
    site.close();
}

/// Kills it when the sandbox has had so many requests; it may have ended before.
fn died_or_ended(site: &Site, child: &mut std::process::Child, requests: u64) {
    let look = Duration::from_millis(100);
    let waiting =
        || async { tokio::time::timeout(look, site.sandbox.until_requests(requests)).await };
    while site.runtime.block_on(waiting()).is_err() {
        if child.try_wait().expect("a process").is_some() {
            return;
        }
    }
    let _ = child.kill();
}
