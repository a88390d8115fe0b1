//! The figures of a run as Prometheus reads them, for the node exporter's textfile collector.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use super::exit::Exit;
use crate::ledger::RunTally;
use crate::submission::State;

/// What is written of a run.
#[derive(Debug)]
pub(super) struct Figures<'a> {
    pub(super) command: &'static str,
    pub(super) exit: Exit,
    pub(super) ended_at: Timestamp,
    /// None where the run could not do its work at all.
    pub(super) work: Option<Work<'a>>,
}

/// The figures of a run that did its work.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) environment: &'a str,
    pub(super) elapsed: Duration,
    pub(super) tally: &'a RunTally,
    /// Records that nobody had seen before.
    pub(super) new_records: u64,
    /// All movements of the ledger by state.
    pub(super) backlog: &'a HashMap<State, u64>,
}

impl Figures<'_> {
    /// Of a run that ended with an error.
    pub(super) fn of_failure(command: &'static str, exit: Exit) -> Self {
        Figures { command, exit, ended_at: Timestamp::now(), work: None }
    }
}

/// The text of the file.
pub(super) fn text(figures: &Figures<'_>) -> String {
    let mut out = Text(String::new());
    let command = format!("command=\"{}\"", figures.command);
    out.family("run_ended_timestamp_seconds", "When the last run ended.");
    out.value("run_ended_timestamp_seconds", &command, figures.ended_at.as_second());
    out.family("run_exit_code", "The exit code of the last run.");
    out.value("run_exit_code", &command, figures.exit.code());
    let Some(work) = &figures.work else { return out.0 };
    let of_run = format!("{command},environment=\"{}\"", escaped(work.environment));
    out.family("run_duration_seconds", "How long the last run took.");
    out.value("run_duration_seconds", &of_run, format!("{:.3}", work.elapsed.as_secs_f64()));
    out.family("run_new_records", "Records that the last run was the first to read.");
    out.value("run_new_records", &of_run, work.new_records);
    out.family("run_records", "Records of the last run, by what became of them.");
    let (read, resumed) = (&work.tally.read, &work.tally.resumed);
    for (source, tally) in [("read", read), ("resumed", resumed)] {
        for (outcome, count) in [
            ("skipped", tally.skipped),
            ("invalid", tally.invalid),
            ("held", tally.held),
            ("withdrawn", tally.withdrawn),
            ("ready", tally.ready),
            ("accepted", tally.accepted),
            ("rejected", tally.rejected),
            ("deferred", tally.deferred),
            ("uncertain", tally.uncertain),
        ] {
            let labels = format!("{of_run},source=\"{source}\",outcome=\"{outcome}\"");
            out.value("run_records", &labels, count);
        }
    }
    out.family("movements", "All movements of the ledger, by state.");
    for state in State::ALL.into_iter().filter(|state| *state != State::Superseded) {
        let count = work.backlog.get(&state).copied().unwrap_or(0);
        let environment = escaped(work.environment);
        let labels = format!("environment=\"{environment}\",state=\"{state}\"");
        out.value("movements", &labels, count);
    }
    out.0
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP waste_receipts_{name} {help}");
        let _ = writeln!(self.0, "# TYPE waste_receipts_{name} gauge");
    }

    fn value(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "waste_receipts_{name}{{{labels}}} {value}");
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Tally;

    #[test]
    fn figures_are_text_for_prometheus() {
        let tally = RunTally {
            read: Tally { accepted: 7, skipped: 2, ..Tally::default() },
            ..RunTally::default()
        };
        let backlog = HashMap::from([(State::Accepted, 90), (State::Held, 1)]);
        let work = Work {
            environment: "a \"quoted\" name",
            elapsed: Duration::from_millis(1_500),
            tally: &tally,
            new_records: 7,
            backlog: &backlog,
        };
        let figures = Figures {
            command: "submit",
            exit: Exit::NeedsAPerson,
            ended_at: Timestamp::UNIX_EPOCH,
            work: Some(work),
        };
        insta::assert_snapshot!(text(&figures));
    }

    #[test]
    fn a_failure_has_an_exit_code_and_a_time() {
        let text = text(&Figures::of_failure("retry", Exit::InUse));
        assert!(text.contains("waste_receipts_run_exit_code{command=\"retry\"} 7\n"), "{text}");
        assert!(!text.contains("movements"), "{text}");
    }
}
