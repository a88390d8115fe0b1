//! All that is said of a record: by its reader, by the API's rules, and by us, who also see the
//! calendar and the records before it.
//!
//! Must not know: the ledger.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::{self, Duty, Nation};
use crate::checks::Checker;
use crate::finding::{ErrorType, Finding, Severity};
use crate::json::Value;
use crate::movement::{Movement, comparable_site};
use crate::reader::{Record, Repair};
use crate::reference::Codes;

const REFERENCE: &str = "yourUniqueReference";
const RECEIVED: &str = "dateTimeReceived";

/// What the checks of the API's rules do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checks {
    /// What fails them is not sent.
    #[default]
    Block,
    /// What fails them is sent all the same, and said: the service moves, and may take it.
    Warn,
    /// The service alone judges. Only what could not be traced, or would be stored without an
    /// answer, is stopped.
    Off,
}

/// What records are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The code lists that hold.
    pub codes: &'static Codes,
    /// What deadlines are reckoned by.
    pub duty: &'static Duty,
    /// What "now" is.
    pub now: Timestamp,
    /// What the checks of the API's rules do.
    pub checks: Checks,
    /// Whether advice stops a record too.
    pub strict: bool,
}

/// So many hours are kept with their deadlines, each in the one place that is its own.
const HOURS: usize = 64;
const HOUR_MS: i64 = 3_600_000;

/// Judges the records of one file, in order.
#[derive(Debug)]
pub struct Judge {
    policy: Policy,
    today: Date,
    checker: Checker,
    /// The last site, and where it is: mostly the next one's.
    site: (String, Nation),
    /// The day and the deadline of hours that were looked up. Days begin with an hour: since 1970
    /// clocks in London were never between two.
    hours: [Option<Hour>; HOURS],
}

#[derive(Debug, Clone, Copy)]
struct Hour {
    /// Hours since 1970 began.
    number: i64,
    nation: Nation,
    by_pipe: bool,
    day: Date,
    deadline: Date,
}

impl Judge {
    /// A judge for one file.
    pub fn new(policy: Policy) -> Self {
        Judge {
            policy,
            today: calendar::london_day(policy.now),
            checker: Checker::new(policy.codes),
            site: (String::new(), policy.duty.nation("")),
            hours: [None; HOURS],
        }
    }

    /// All that is wrong with a record, or worth saying, with places.
    pub fn judge(&mut self, record: &Record<'_>) -> Vec<Finding> {
        let mut all = record.with_checks(self.said(record));
        // The reader of workbooks says it itself, of both: there rows need not follow each other.
        if let Some(first) = record.repeats.filter(|_| record.sheet().is_none()) {
            all.push(repeated(record, first));
        }
        if self.policy.checks != Checks::Off {
            all.extend(self.late(record));
            all.extend(record.same_content.map(|first| same_content(record, first)));
            let doubtful = record.repairs.iter().filter(|repair| repair.kind.is_doubtful());
            all.extend(doubtful.map(Repair::finding));
        }
        if self.policy.strict {
            let advice = all.iter_mut().filter(|finding| finding.severity == Severity::Advice);
            advice.for_each(|finding| finding.severity = Severity::Blocking);
        }
        if self.policy.checks == Checks::Warn {
            // What the reader could not read stays out of the body: only rules give way.
            let errors = all.iter_mut().filter(|f| f.severity == Severity::Error);
            errors
                .filter(|finding| !record.findings.contains(finding))
                .for_each(|finding| finding.severity = Severity::Advice);
        }
        all
    }

    /// What the checks say of the body alone.
    fn said(&mut self, record: &Record<'_>) -> Vec<Finding> {
        let Policy { now, checks, .. } = self.policy;
        let body = &record.movement.body;
        let mut advice = self.checker.advise(body, record.longest_text(), now);
        if checks == Checks::Off {
            advice.retain(|finding| finding.severity == Severity::Blocking);
            return advice;
        }
        let mut said = self.checker.check(body);
        said.append(&mut advice);
        said
    }

    /// A load that is reported after its deadline.
    fn late(&mut self, record: &Record<'_>) -> Option<Finding> {
        let movement = &record.movement;
        let received = self.checker.received_at(movement.body.get(RECEIVED)?)?;
        let nation = self.nation(movement.site()?);
        let Hour { day, deadline, .. } = self.hour(received, nation, is_by_pipe(movement));
        (deadline < self.today).then(|| {
            let message = format!(
                "Late: received on {}, to be reported by the end of {}. Send it all the same, and \
                 soon.",
                spoken(day),
                spoken(deadline)
            );
            advice(record, RECEIVED, ErrorType::OutOfRange, message)
        })
    }

    fn nation(&mut self, site: &str) -> Nation {
        if self.site.0 != site {
            self.site = (site.to_owned(), self.policy.duty.nation(&comparable_site(site)));
        }
        self.site.1
    }

    /// The day of an instant, and the deadline for what was received on it.
    fn hour(&mut self, at: Timestamp, nation: Nation, by_pipe: bool) -> Hour {
        let number = at.as_millisecond().div_euclid(HOUR_MS);
        let place = usize::try_from(number).ok().and_then(|hour| self.hours.get_mut(hour % HOURS));
        if let Some(Some(known)) = &place
            && (known.number, known.nation, known.by_pipe) == (number, nation, by_pipe)
        {
            return *known;
        }
        let day = calendar::london_day(at);
        let deadline = self.policy.duty.deadline(day, nation, by_pipe);
        let hour = Hour { number, nation, by_pipe, day, deadline };
        // Before 1970 there is no place: clocks had shown odd minutes once.
        if let Some(place) = place {
            *place = Some(hour);
        }
        hour
    }
}

/// Whether a load came through a pipe.
pub(super) fn is_by_pipe(movement: &Movement<'_>) -> bool {
    let carrier = movement.body.get("carrier");
    let means = carrier.and_then(|carrier| carrier.get("meansOfTransport"));
    means.and_then(Value::as_str) == Some("Piped")
}

/// A day as people say it: `Monday 5 October 2026`.
fn spoken(day: Date) -> String {
    day.strftime("%A %-d %B %Y").to_string()
}

fn advice(record: &Record<'_>, key: &str, kind: ErrorType, message: String) -> Finding {
    let mut finding = Finding::new(Severity::Advice, key, kind, message);
    finding.place = Some(record.place(key));
    finding
}

fn repeated(record: &Record<'_>, first: u64) -> Finding {
    let reference = record.movement.reference().unwrap_or_default();
    let message = format!(
        "The reference \"{reference}\" was used before in this file: on line {first} and again on \
         line {}. Put the rows of one movement next to each other, or give the other movement a \
         reference of its own; neither is sent.",
        record.line
    );
    let mut finding = advice(record, REFERENCE, ErrorType::BusinessRuleViolation, message);
    finding.severity = Severity::Blocking;
    finding
}

fn same_content(record: &Record<'_>, first: u64) -> Finding {
    let message = format!(
        "Everything but the reference is the same as in the movement on line {first}: if it is one \
         load with two tickets, take one of them out."
    );
    advice(record, REFERENCE, ErrorType::BusinessRuleViolation, message)
}
