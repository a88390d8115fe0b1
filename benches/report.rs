//! Reports of a large month: `cargo bench --bench report`
//!
//! Writes the seeded ledger of `REPORT_MOVEMENTS` (200,000) movements that the tests use, makes the
//! report in all five formats with the program itself, and prints what each took: the seconds and,
//! where there is GNU time, the most memory. With `REPORT_LEDGER` the ledger is kept there and used
//! again, with `REPORT_OUT` the reports are kept in that folder. `cargo run --release` is not needed
//! first: the program is built with the bench.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/report/month.rs"]
mod month;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const FORMATS: [&str; 5] = ["txt", "html", "csv", "json", "xlsx"];
const TIME: &str = "/usr/bin/time";

fn main() {
    let movements = std::env::var("REPORT_MOVEMENTS").ok().and_then(|text| text.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str, file: &str| match std::env::var_os(name) {
        Some(path) => PathBuf::from(path),
        None => folder.path().join(file),
    };
    let (ledger, out) = (place("REPORT_LEDGER", "month.sqlite"), place("REPORT_OUT", "reports"));
    std::fs::create_dir_all(&out).expect("a folder");
    if !ledger.exists() {
        let begun = Instant::now();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(month::write(&ledger, movements.unwrap_or(200_000), 6));
        println!("ledger written in {:.1} s", begun.elapsed().as_secs_f64());
    }
    for format in FORMATS {
        made(&ledger, &out.join(format!("report.{format}")));
    }
}

/// Has the program make one report.
fn made(ledger: &Path, out: &Path) {
    let binding = month::binding();
    let program = env!("CARGO_BIN_EXE_waste-receipts");
    let memory = tempfile::NamedTempFile::new().expect("a file");
    let mut command = if Path::new(TIME).is_file() {
        let mut timed = Command::new(TIME);
        timed.args(["-f", "%M", "-o"]).arg(memory.path()).arg(program);
        timed
    } else {
        Command::new(program)
    };
    command
        .args(["report", "--quiet", "--environment", &binding.name])
        .args(["--api-url", &binding.api_url, "--token-url", &binding.token_url])
        .arg("--ledger")
        .arg(ledger)
        .arg("--out")
        .arg(out);
    let begun = Instant::now();
    let status = command.status().expect("the program");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(status.success(), "{status}");
    let kilobytes = std::fs::read_to_string(memory.path()).unwrap_or_default();
    let megabytes = kilobytes.trim().parse::<u64>().map_or_else(
        |_| "memory unknown".to_owned(),
        |kilobytes| format!("{} MB of memory", kilobytes / 1_000),
    );
    let name = out.file_name().unwrap_or_default().display();
    let size = out.metadata().expect("a report").len() / 1_000;
    println!("{name}: {seconds:.2} s, {megabytes}, {size} kB");
}
