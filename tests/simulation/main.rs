//! The promises, held against a model of the service: worlds made from seeds, with every fault.
//!
//! A world has its operators, loads, files, people and processes, and a service that loses
//! answers, is down, asks for patience. Processes are killed anywhere. The dispatcher and the
//! ledger are the real ones; the clock is turned when all tasks wait. The same seed makes the same
//! world: `SIMULATION_SEED=7 cargo test --test simulation` replays one, `SIMULATION_SEEDS=100000`
//! tries more, from seed `SIMULATION_FROM` on.

mod fate;
mod oracle;
mod service;
mod world;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use world::World;

/// Says how to see a failure again.
struct Replay(u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if thread::panicking() {
            let replay = format!("SIMULATION_SEED={} cargo test --test simulation", self.0);
            let _ = writeln!(std::io::stderr(), "replay: {replay} -- --nocapture");
        }
    }
}

fn live(seed: u64) -> Vec<String> {
    let _replay = Replay(seed);
    World::new(seed).live()
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn the_promises_hold_in_every_world() {
    if let Some(seed) = variable("SIMULATION_SEED") {
        let log = live(seed).join("\n");
        return writeln!(std::io::stdout(), "{log}").expect("a place to write to");
    }
    let seeds = variable("SIMULATION_SEEDS").unwrap_or(1_000);
    let next = AtomicU64::new(variable("SIMULATION_FROM").unwrap_or(0));
    // Each waits for its ledger's thread half of the time.
    let workers = 2 * thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    live(seed);
                }
            });
        }
    });
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let hash = |seed| {
        let mut hasher = DefaultHasher::new();
        live(seed).hash(&mut hasher);
        hasher.finish()
    };
    for seed in [1, 2, 3, 5, 8, 13, 21, 34] {
        assert_eq!(hash(seed), hash(seed), "seed {seed}");
    }
}
