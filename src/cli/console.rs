//! Standard output is for results, standard error for messages and progress. The only user of
//! indicatif, and the only place that decides what quiet and verbose mean.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use terminal_size::{Height, Width, terminal_size_of};

use crate::calendar;
use crate::dispatcher::Event;
use crate::submission::Outcome;

/// How often a plain line tells how far it is, where there is no bar.
const PLAIN_EVERY: Duration = Duration::from_secs(10);
const BAR: &str = "{bar:20} {pos}/{len}  {pace}  {eta} left  {wide_msg}";
/// A bar that takes a second line cannot be written over: narrow terminals get less.
const NARROW_BAR: &str = "{pos}/{len}  {eta} left  {wide_msg}";
const NARROW: u16 = 60;

/// Where things are said.
#[derive(Debug)]
pub(super) struct Console {
    quiet: bool,
    verbose: u8,
    /// A terminal that can be written over, and nobody asked for plain text.
    lively: bool,
    bar: ProgressBar,
}

impl Console {
    pub(super) fn new(quiet: bool, verbose: u8) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let lively = std::io::stderr().is_terminal() && !plain;
        Console { quiet, verbose, lively, bar: ProgressBar::hidden() }
    }

    /// A result.
    pub(super) fn out(&self, text: impl Display) {
        // Whoever closed the pipe has read enough.
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        });
    }

    /// A text to be read, if there is one: on a terminal its lines break between words.
    pub(super) fn out_text(&self, text: impl AsRef<str>) {
        let text = text.as_ref().trim_end();
        if text.is_empty() {
            return;
        }
        self.out(format!("{}\n", fitted(text, terminal_size_of(std::io::stdout()))));
    }

    /// A message, unless quiet.
    pub(super) fn say(&self, text: impl Display) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// A message that must be seen.
    pub(super) fn warn(&self, text: impl Display) {
        let text = fitted(&text.to_string(), terminal_size_of(std::io::stderr()));
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        });
    }

    /// A message for those who asked for more.
    pub(super) fn detail(&self, text: impl Display) {
        if self.verbose > 0 {
            self.warn(text);
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Shows that a file is read, until `done`.
    pub(super) fn reading(&mut self, name: &str) {
        self.busy(format!("reading {name}"));
    }

    /// Shows what is done at the moment, until `done`.
    pub(super) fn busy(&mut self, what: String) {
        if self.lively && !self.quiet {
            self.bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            self.bar.set_message(what);
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    pub(super) fn done(&mut self) {
        self.bar.finish_and_clear();
        self.bar = ProgressBar::hidden();
    }

    /// Begins to show the sending; of how many movements is told while it goes on.
    pub(super) fn sending(&mut self) -> Sending {
        if self.lively && !self.quiet {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            let width = terminal_size_of(std::io::stderr());
            let narrow = width.is_some_and(|(width, _)| width.0 < NARROW);
            let template = if narrow { NARROW_BAR } else { BAR };
            if let Ok(style) = ProgressStyle::with_template(template) {
                let pace = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    // What a terminal does not take is not shown.
                    let _ = write!(out, "{:.0}/s", state.per_sec());
                };
                bar.set_style(style.with_key("pace", pace));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            self.bar = bar;
        }
        Sending {
            waiting: 0,
            counts: Counts::default(),
            told: Instant::now(),
            since: Instant::now(),
        }
    }
}

/// The sending under way, as it is shown.
#[derive(Debug)]
pub(super) struct Sending {
    /// So many are to be sent, once it is told.
    waiting: u64,
    counts: Counts,
    told: Instant,
    since: Instant,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    accepted: u64,
    rejected: u64,
    deferred: u64,
    uncertain: u64,
}

impl Counts {
    fn settled(self) -> u64 {
        self.accepted + self.rejected + self.uncertain
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} accepted", self.accepted)?;
        for (count, what) in
            [(self.rejected, "rejected"), (self.deferred, "put off"), (self.uncertain, "uncertain")]
        {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

impl Sending {
    /// Takes in an event and shows it as far as it is worth showing.
    pub(super) fn take(&mut self, console: &Console, event: &Event) {
        match event {
            Event::Waiting(count) => {
                self.waiting = *count;
                console.bar.set_length(*count);
                console.detail(format!("{count} movements wait to be sent"));
            }
            Event::Recorded { outcome, .. } => {
                self.count(outcome);
                console.bar.set_position(self.counts.settled());
                console.bar.set_message(self.counts.to_string());
                if console.verbose > 0 {
                    console.detail(told(event));
                }
            }
            Event::Released(count) => {
                console.detail(format!("{count} claimed movements went back unsent"));
            }
            Event::Waited { until } => {
                let at = calendar::show(*until);
                console.say(format!("The service asks to wait until {at}; so we do."));
            }
            Event::NothingBefore { until } => {
                let at = calendar::show(*until);
                console.say(format!("What is left may be sent from {at} on; waiting for that."));
            }
            Event::Pace(pace) => {
                console.detail(format!("pace falls to {pace} requests a second"));
            }
            Event::Outage { until } => {
                let at = calendar::show(*until);
                console
                    .warn(format!("The service seems to be down. One request tries it at {at}."));
            }
            Event::Recovered => console.warn("The service is back: sending goes on."),
            Event::OperatorPaused { api_code, unpaid, until } => {
                console.warn(paused(api_code, *unpaid, *until));
            }
            Event::ServiceCharge { api_code, expiry } => {
                if let Some(warning) = service_charge(api_code, expiry) {
                    console.warn(warning);
                }
            }
        }
        self.tick(console);
    }

    /// Now and then a plain line, where there is no bar.
    pub(super) fn tick(&mut self, console: &Console) {
        if console.lively || self.told.elapsed() < PLAIN_EVERY {
            return;
        }
        self.told = Instant::now();
        let rate = self.counts.settled() / self.since.elapsed().as_secs().max(1);
        let (settled, waiting) = (self.counts.settled(), self.waiting);
        console.say(format!("{settled} of {waiting}: {} ({rate} a second)", self.counts));
    }

    fn count(&mut self, outcome: &Outcome) {
        let place = match outcome {
            Outcome::Accepted { .. } => &mut self.counts.accepted,
            Outcome::Rejected { .. } => &mut self.counts.rejected,
            Outcome::Deferred { .. } => &mut self.counts.deferred,
            Outcome::Uncertain { .. } => &mut self.counts.uncertain,
        };
        *place += 1;
    }
}

/// One answer, in a line.
fn told(event: &Event) -> String {
    let Event::Recorded { reference, method, attempt, outcome, status, detail } = event else {
        return String::new();
    };
    let status = status.map_or_else(String::new, |status| format!(" ({status})"));
    let what = match outcome {
        Outcome::Accepted { waste_tracking_id, warnings } => {
            let id = waste_tracking_id.as_deref().unwrap_or("the correction");
            match warnings.len() {
                0 => format!("accepted as {id}"),
                count => format!("accepted as {id} with {count} warnings"),
            }
        }
        Outcome::Rejected { findings, .. } => format!("rejected: {} findings", findings.len()),
        Outcome::Deferred { reason, .. } => format!("put off: {}", reason.explain()),
        Outcome::Uncertain { reason } => format!("uncertain: {}", reason.explain()),
    };
    let detail = detail.as_deref().map_or_else(String::new, |detail| format!(" [{detail}]"));
    format!("{} {reference} (attempt {attempt}): {what}{status}{detail}", method.as_str())
}

/// A text whose lines break between words where a terminal shows it.
fn fitted(text: &str, terminal: Option<(Width, Height)>) -> String {
    match terminal {
        Some((width, _)) => wrapped(text, usize::from(width.0)),
        None => text.to_owned(),
    }
}

/// Lines that are too long go on in the next one, a little farther in than they began.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().chars().count();
            if column > indent && column + length > width {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent + 2));
                column = indent + 2;
            }
            out.push_str(word);
            column += word.trim_end_matches('\n').chars().count();
        }
    }
    out
}

fn paused(api_code: &str, unpaid: bool, until: Option<jiff::Timestamp>) -> String {
    let why = if unpaid {
        "the operator's service charge is unpaid"
    } else {
        "the service does not know this API code, or could not look it up"
    };
    let then = until.map_or_else(
        || "this run does not try it any more".to_owned(),
        |until| format!("one of its movements tries again at {}", calendar::show(until)),
    );
    format!("API code {api_code}: {why}. Its movements wait; {then}.")
}

/// A warning when an operator's service charge expires within 30 days.
fn service_charge(api_code: &str, expiry: &str) -> Option<String> {
    let day: jiff::civil::Date = expiry.trim().get(..10)?.parse().ok()?;
    let today = calendar::london_day(jiff::Timestamp::now());
    let days = today.until(day).ok()?.get_days();
    (days <= 30).then(|| {
        format!(
            "The service charge of API code {api_code} expires on {day}: pay it before then, or \
             its movements will be refused."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("  one two three\nfour", 11), "  one two\n    three\nfour");
        assert_eq!(wrapped("short\n\n  a", 11), "short\n\n  a");
        let long = "incomprehensibilities";
        assert_eq!(wrapped(long, 5), long, "a word is not broken");
    }

    #[test]
    fn a_charge_that_expires_soon_is_told() {
        assert!(service_charge("a", "2020-01-01").is_some());
        assert!(service_charge("a", "9999-01-01").is_none());
        assert!(service_charge("a", "not available").is_none());
    }
}
