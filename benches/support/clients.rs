//! The clients that are measured, and what is measured of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::server::Server;

/// A client's figures for one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    /// Movements it was to send.
    pub(crate) movements: u64,
    /// From its start to its end, in seconds.
    pub(crate) seconds: f64,
    /// Of processor time, in seconds; with that of the programs it started.
    pub(crate) cpu: f64,
    /// At its peak.
    pub(crate) megabytes: f64,
    /// Of how many it kept a record that says what became of it.
    pub(crate) records: u64,
    /// Requests that it made.
    pub(crate) requests: u64,
    /// Of them a second, as they came to the server.
    pub(crate) arrivals: f64,
    /// How many the service stored.
    pub(crate) stored: u64,
    /// The most requests in any one second, as they came to the server.
    pub(crate) worst_second: u64,
}

/// How a round goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// How many movements a quick client sends.
    pub(crate) movements: u64,
    /// How many are under way at a time.
    pub(crate) in_flight: u32,
    /// Requests a second; 0 for as many as go.
    pub(crate) rate: u32,
}

/// A place with the data of a round.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    /// The movements as a site has them.
    pub(crate) csv: PathBuf,
    /// The same as request bodies, one a line.
    pub(crate) bodies: PathBuf,
}

/// Runs a client; none if it is not installed.
pub(crate) type Client = fn(&Place, &Server, Round) -> Option<Ran>;

const API_CODE: &str = "1f83215e-4b90-4785-9ab2-2614839aa2e9";

impl Place {
    pub(crate) fn new(movements: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (csv, bodies) = (folder.path().join("loads.csv"), folder.path().join("loads.jsonl"));
        super::data::write(&csv, &bodies, movements, API_CODE);
        Place { folder, csv, bodies }
    }

    fn file(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let _ = std::fs::remove_file(&path);
        path
    }
}

/// This program: from CSV to the last sync, each movement on the disk before and after.
pub(crate) fn waste_receipts(place: &Place, server: &Server, round: Round) -> Option<Ran> {
    let program = program();
    let ledger = place.file("ledger.sqlite");
    for left in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        place.file(left);
    }
    let mut command = Command::new(&program);
    command
        .arg("submit")
        .arg(&place.csv)
        .args(["--api-url", &server.url(), "--token-url", &format!("{}/token", server.url())])
        .args(["--client-id", "c", "--api-code", API_CODE, "--create-ledger", "-q"])
        .args(["--rate", &round.rate.to_string(), "--in-flight", &round.in_flight.to_string()])
        .arg("--ledger")
        .arg(&ledger)
        .env("WASTE_RECEIPTS_CLIENT_SECRET", "s")
        .env("HOME", place.folder.path())
        .env("XDG_STATE_HOME", place.folder.path());
    let mut ran = measure(command, server, round.movements)?;
    let accepted = Command::new(program)
        .args(["status", "--json", "--api-url", &server.url()])
        .args(["--token-url", &format!("{}/token", server.url()), "--ledger"])
        .arg(&ledger)
        .output()
        .expect("its status");
    let status: serde_json::Value = serde_json::from_slice(&accepted.stdout).expect("JSON");
    ran.records = status["states"]["accepted"].as_u64().expect("a count");
    Some(ran)
}

/// What this program sends with, and no ledger: what its promises cost is the difference.
pub(crate) fn without_a_ledger(place: &Place, server: &Server, round: Round) -> Option<Ran> {
    let mut command = Command::new(std::env::current_exe().expect("this bench"));
    command.arg(super::bare::ROLE).arg(&place.csv).args([
        server.url(),
        round.in_flight.to_string(),
        API_CODE.to_owned(),
    ]);
    measure(command, server, round.movements)
}

/// This program as it was built with the bench, or the build of it that `BENCH_PROGRAM` names.
fn program() -> PathBuf {
    let built = || env!("CARGO_BIN_EXE_waste-receipts").into();
    std::env::var_os("BENCH_PROGRAM").map_or_else(built, PathBuf::from)
}

/// `requests`, one after the other.
pub(crate) fn requests_loop(place: &Place, server: &Server, round: Round) -> Option<Ran> {
    python("requests", "requests_loop.py", place, server, round.movements.min(1_000))
}

/// `aiohttp`, 64 at a time.
pub(crate) fn aiohttp(place: &Place, server: &Server, round: Round) -> Option<Ran> {
    python("aiohttp", "aiohttp_64.py", place, server, round.movements.min(5_000))
}

fn python(
    module: &str,
    script: &str,
    place: &Place,
    server: &Server,
    movements: u64,
) -> Option<Ran> {
    let import = Command::new("python3").args(["-c", &format!("import {module}")]).output().ok()?;
    if !import.status.success() {
        return None;
    }
    let out = place.file("results.csv");
    let mut command = Command::new("python3");
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/clients").join(script))
        .arg(server.url())
        .arg(&place.bodies)
        .arg(&out)
        .arg(movements.to_string());
    let mut ran = measure(command, server, movements)?;
    ran.records = lines(&out);
    Some(ran)
}

/// GNU parallel, a `curl` for each movement.
pub(crate) fn parallel(place: &Place, server: &Server, round: Round) -> Option<Ran> {
    Command::new("parallel").arg("--version").output().ok()?;
    Command::new("curl").arg("--version").output().ok()?;
    let movements = round.movements.min(200);
    let (some, out) = (place.file("some.jsonl"), place.file("results.txt"));
    let text = std::fs::read_to_string(&place.bodies).expect("bodies");
    let first: Vec<&str> = text.lines().take(usize::try_from(movements).ok()?).collect();
    std::fs::write(&some, first.join("\n") + "\n").expect("written");
    let mut command = Command::new("parallel");
    command
        .args(["--will-cite", "-j", "32", "-a"])
        .arg(&some)
        .args(["curl", "-s", "-X", "POST", "-H", "Content-Type:application/json", "-w", r"'\n'"])
        .args(["-d", "{}", &format!("{}/movements/receive", server.url())]);
    let answers = std::fs::File::create(&out).expect("a file");
    let mut ran = measure_to(command, server, movements, answers.into())?;
    ran.records = lines(&out);
    Some(ran)
}

/// A load generator, which does nothing but send the same body: the ceiling.
pub(crate) fn oha(place: &Place, server: &Server, round: Round) -> Option<Ran> {
    Command::new("oha").arg("--version").output().ok()?;
    let body = place.file("body.json");
    let text = std::fs::read_to_string(&place.bodies).expect("bodies");
    std::fs::write(&body, text.lines().next()?).expect("written");
    let mut command = Command::new("oha");
    command
        .args(["--no-tui", "-n", &round.movements.to_string()])
        .args(["-c", &round.in_flight.to_string(), "-m", "POST", "-T", "application/json", "-D"])
        .arg(&body);
    if round.rate > 0 {
        command.args(["-q", &round.rate.to_string()]);
    }
    command.arg(format!("{}/movements/receive", server.url()));
    measure(command, server, round.movements)
}

/// Runs it to its end. GNU time says what it took, where there is one.
fn measure(command: Command, server: &Server, movements: u64) -> Option<Ran> {
    measure_to(command, server, movements, Stdio::null())
}

/// The same, with a place for what it prints.
fn measure_to(command: Command, server: &Server, movements: u64, out: Stdio) -> Option<Ran> {
    let report = tempfile::NamedTempFile::new().expect("a file");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%U %S %M", "-o"]).arg(report.path());
    let mut whole = if timed.get_program().to_str().is_some_and(|path| Path::new(path).is_file()) {
        timed.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            timed.env(name, value.unwrap_or_default());
        }
        timed
    } else {
        command
    };
    server.figures();
    let begun = Instant::now();
    whole.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped());
    let output = whole.output().expect("it starts");
    let elapsed: Duration = begun.elapsed();
    let figures = server.figures();
    let words = std::fs::read_to_string(report.path()).unwrap_or_default();
    let last = words.lines().last().unwrap_or_default();
    let used: Vec<f64> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [user, system, kilobytes] = used.as_slice() else {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    };
    Some(Ran {
        movements,
        seconds: elapsed.as_secs_f64(),
        cpu: user + system,
        megabytes: kilobytes / 1_024.0,
        records: 0,
        requests: figures.requests,
        arrivals: figures.a_second,
        stored: figures.stored,
        worst_second: figures.worst_second,
    })
}

fn lines(path: &Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter(|line| line.contains("26")).count() as u64
}
