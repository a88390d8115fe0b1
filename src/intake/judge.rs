//! All that is said of a record: by its reader, by the API's rules, and by us, who also see the
//! calendar and the records before it.
//!
//! Must not know: the ledger.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::{self, Nation};
use crate::checks;
use crate::finding::{ErrorType, Finding, Severity};
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
    /// What "now" is.
    pub now: Timestamp,
    /// What the checks of the API's rules do.
    pub checks: Checks,
    /// Whether advice stops a record too.
    pub strict: bool,
}

/// Judges the records of one file, in order.
#[derive(Debug)]
pub struct Judge {
    policy: Policy,
    today: Date,
    /// The last day that was looked up, and its deadline: mostly the next one's.
    last: Option<(Date, Nation, Date)>,
}

impl Judge {
    /// A judge for one file.
    pub fn new(policy: Policy) -> Self {
        Judge { policy, today: calendar::london_day(policy.now), last: None }
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
    fn said(&self, record: &Record<'_>) -> Vec<Finding> {
        let Policy { codes, now, checks, .. } = self.policy;
        let body = &record.movement.body;
        let mut advice = checks::advise(body, codes, now);
        if checks == Checks::Off {
            advice.retain(|finding| finding.severity == Severity::Blocking);
            return advice;
        }
        let mut said = checks::check(body, codes);
        said.append(&mut advice);
        said
    }

    /// A load that is reported after its deadline.
    fn late(&mut self, record: &Record<'_>) -> Option<Finding> {
        let movement = &record.movement;
        let received = checks::received_at(movement.body.at(RECEIVED)?)?;
        let day = calendar::london_day(received);
        let nation = Nation::of_permit(movement.site()?);
        let deadline = match self.last {
            Some((last, of, deadline)) if last == day && of == nation => deadline,
            _ => calendar::deadline(day, nation),
        };
        self.last = Some((day, nation, deadline));
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
