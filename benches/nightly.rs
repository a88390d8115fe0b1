//! A night's work, side by side with what people use today: `cargo bench --bench nightly`
//!
//! Builds the data from a seed, starts a minimal server in a process of its own, and runs the
//! clients in turn, several rounds; prints medians. One of them is what this program sends with,
//! without its ledger. What is not installed is left out and said.
//! `NIGHTLY_MOVEMENTS` (20,000) and `NIGHTLY_ROUNDS` (3) change its size; `BENCH_PROGRAM` names
//! another build of this program to be measured. Needs GNU time.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints its table")]

#[path = "support/api.rs"]
mod api;
#[path = "support/bare.rs"]
mod bare;
#[path = "support/clients.rs"]
mod clients;
#[path = "support/data.rs"]
mod data;
#[path = "support/server.rs"]
mod server;

use std::time::Duration;

use clients::{Client, Place, Ran, Round};
use server::Server;

const CLIENTS: [(&str, Client); 6] = [
    ("waste-receipts", clients::waste_receipts),
    ("its parts without a ledger", clients::without_a_ledger),
    ("Python requests, a loop", clients::requests_loop),
    ("Python aiohttp, 64 in flight", clients::aiohttp),
    ("GNU parallel and curl, 32", clients::parallel),
    ("oha (sends, keeps nothing)", clients::oha),
];

const HEAD: &str = "| client | movements | a second | of oha | CPU s per 1,000 | peak MB | \
    requests | arrivals a second | worst second | left to retry | records |";

struct Scene {
    title: &'static str,
    latency: Duration,
    fail_every: u64,
    round: Round,
    clients: &'static [usize],
}

fn main() {
    server::serve_if_told();
    if bare::was_the_client() {
        return;
    }
    let movements = number("NIGHTLY_MOVEMENTS", 20_000);
    let rounds = number("NIGHTLY_ROUNDS", 3);
    let scenes = [
        Scene {
            title: "At once: 0 ms, 64 in flight",
            latency: Duration::ZERO,
            fail_every: 0,
            round: Round { movements, in_flight: 64, rate: 0 },
            clients: &[0, 1, 2, 3, 4, 5],
        },
        Scene {
            title: "50 ms, 256 in flight",
            latency: Duration::from_millis(50),
            fail_every: 0,
            round: Round { movements, in_flight: 256, rate: 0 },
            clients: &[0, 1, 3, 5],
        },
        Scene {
            title: "5 ms, 64 in flight, one in 100 answered with 503",
            latency: Duration::from_millis(5),
            fail_every: 100,
            round: Round { movements: movements / 4, in_flight: 64, rate: 0 },
            clients: &[0, 2, 3, 5],
        },
        Scene {
            title: "At 200 a second, 50 ms",
            latency: Duration::from_millis(50),
            fail_every: 0,
            round: Round { movements: 3_000, in_flight: 64, rate: 200 },
            clients: &[0, 5],
        },
    ];
    for scene in scenes {
        play(&scene, rounds);
    }
}

fn play(scene: &Scene, rounds: u64) {
    let place = Place::new(scene.round.movements);
    let server = Server::start(scene.latency, scene.fail_every);
    let mut all: Vec<(&str, Vec<Ran>)> = Vec::new();
    for _ in 0..rounds {
        for &client in scene.clients {
            let (name, run) = CLIENTS[client];
            match run(&place, &server, scene.round) {
                Some(ran) => match all.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, runs)) => runs.push(ran),
                    None => all.push((name, vec![ran])),
                },
                None => eprintln!("{name}: not installed, left out"),
            }
        }
    }
    println!("\n{}\n", scene.title);
    println!("{HEAD}");
    println!("{}|", "|---".repeat(HEAD.matches('|').count() - 1));
    let ceiling = all.iter().find(|(name, _)| name.starts_with("oha"));
    let ceiling = ceiling.map(|(_, runs)| median(runs, a_second));
    for (name, runs) in &all {
        let rate = median(runs, a_second);
        let of_ceiling =
            ceiling.map_or("-".to_owned(), |most| format!("{:.0} %", rate / most * 100.0));
        let last = runs[runs.len() - 1];
        let keeps = last.records > 0;
        println!(
            "| {name} | {} | {rate:.0} | {of_ceiling} | {:.3} | {:.0} | {} | {:.1} | {:.0} | {} | {} |",
            last.movements,
            median(runs, |ran| ran.cpu * 1_000.0 / count(ran.movements)),
            median(runs, |ran| ran.megabytes),
            last.requests,
            median(runs, |ran| ran.arrivals),
            median(runs, |ran| count(ran.worst_second)),
            last.movements.saturating_sub(last.stored),
            if keeps { last.records.to_string() } else { "none".to_owned() },
        );
    }
}

fn a_second(ran: &Ran) -> f64 {
    count(ran.movements) / ran.seconds
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}

fn median(runs: &[Ran], of: impl Fn(&Ran) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
