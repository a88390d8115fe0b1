//! From the ledger's rows to lines: each table is read once, page by page.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::facts::{Facts, ItemFacts};
use super::findings::Findings;
use super::latency::Times;
use super::model::{Item, Line, Millis, Selection, ServiceCharge, Timing, Word};
use crate::calendar::{self, Duty, Nation};
use crate::ledger::{AnswerRow, AuditFile, AuditRun, LoadRow, OrderRow, Result, Scope, Snapshot};
use crate::report::model::By;
use crate::submission::State;

/// Texts that many lines share, each kept once.
#[derive(Default)]
struct Words(HashMap<Box<str>, Word>);

impl Words {
    fn take(&mut self, text: &str) -> Word {
        if let Some(word) = self.0.get(text) {
            return word.clone();
        }
        let word = Word::from(text);
        self.0.insert(text.into(), word.clone());
        word
    }
}

/// What is known of a line while the tables are read, and needed for nothing else.
#[derive(Clone, Copy, Default)]
struct Trace {
    created_run: i64,
    read_run: i64,
    by_pipe: bool,
    nation: Nation,
    /// The newest attempt that was accepted: its warnings are open.
    accepted_attempt: i64,
    /// The run in which it was first accepted.
    reported_run: i64,
    /// When the newest POST left.
    posted_at: Option<i64>,
}

/// The rows of a ledger, as lines.
pub(super) struct Gathered {
    pub(super) lines: Vec<Line>,
    pub(super) findings: Findings,
    pub(super) times: Times,
    pub(super) runs: Vec<AuditRun>,
    pub(super) files: Vec<AuditFile>,
    /// Runs that read or sent a line, by their rows, with their requests.
    pub(super) touched: HashMap<i64, u64>,
    pub(super) charges: Vec<ServiceCharge>,
    pub(super) undated: u64,
    pub(super) replaced: u64,
    pub(super) never_sent: u64,
}

/// Reads a ledger.
pub(super) fn gather(
    ledger: &Snapshot,
    selection: &Selection,
    duty: &Duty,
    today: Date,
) -> Result<Gathered> {
    let scope = scope(selection);
    let runs = ledger.runs()?;
    let files = ledger.files()?;
    let (undated, replaced) = ledger.uncounted(&scope)?;
    let mut gathering = Gathering::new(&runs, &files, duty);
    ledger.loads(&scope, |row| gathering.load(&row))?;
    let narrows = narrows(selection);
    ledger.answers(|row| {
        gathering.request(&row);
        if !narrows {
            gathering.time(&row);
        }
    })?;
    ledger.orders(|row| gathering.order(&row))?;
    let mut never_sent = 0;
    if narrows {
        never_sent = gathering.narrow(selection);
        // Again, now that it is known which movements count.
        ledger.answers(|row| gathering.time(&row))?;
    }
    gathering.judge(duty, today);
    let findings = gathering.findings(ledger)?;
    let charges = gathering.charges(today);
    let Gathering { lines, touched, times, .. } = gathering;
    Ok(Gathered {
        lines,
        findings,
        times,
        runs,
        files,
        touched,
        charges,
        undated,
        replaced,
        never_sent,
    })
}

/// Whether it is known only from its requests which movements a report is about.
fn narrows(selection: &Selection) -> bool {
    selection.by == By::Submitted && (selection.from.is_some() || selection.to.is_some())
}

fn scope(selection: &Selection) -> Scope {
    let by_receipt = selection.by == By::Received;
    let day = |day: Option<Date>| day.filter(|_| by_receipt).map(|day| day.to_string());
    Scope {
        api_code: selection.api_code.clone(),
        site: selection.site.clone(),
        received_from: day(selection.from),
        received_to: day(selection.to),
    }
}

struct Gathering<'d> {
    words: Words,
    duty: &'d Duty,
    lines: Vec<Line>,
    traces: Vec<Trace>,
    users: HashMap<i64, Word>,
    paths: HashMap<i64, Word>,
    touched: HashMap<i64, u64>,
    times: Times,
    /// By operator: what was said of the charge, and when.
    charges: HashMap<String, (String, i64)>,
}

impl<'d> Gathering<'d> {
    fn new(runs: &[AuditRun], files: &[AuditFile], duty: &'d Duty) -> Self {
        let mut words = Words::default();
        let users = runs.iter().map(|run| (run.id, words.take(&run.user_name))).collect();
        let paths = files.iter().map(|file| (file.id, words.take(&file.path))).collect();
        Gathering {
            words,
            duty,
            lines: Vec::new(),
            traces: Vec::new(),
            users,
            paths,
            touched: HashMap::new(),
            times: Times::default(),
            charges: HashMap::new(),
        }
    }

    /// Where a movement's line is, if it has one.
    fn index(&self, movement: i64) -> Option<usize> {
        self.lines.binary_search_by_key(&movement, |line| line.movement).ok()
    }

    fn load(&mut self, row: &LoadRow<'_>) {
        // The ledger refuses states that are none.
        let Some(state) = State::parse(row.state) else { return };
        let facts = row.payload.and_then(Facts::of);
        let reason = match state {
            State::Held => Some(row.why),
            _ => row.reason,
        };
        let items = facts
            .as_ref()
            .map(|facts| facts.items.iter().map(|item| self.item(item)).collect::<Box<[Item]>>());
        let weights = || items.iter().flatten().filter_map(|item| item.tonnes);
        let tonnes = weights().try_fold(Decimal::ZERO, Decimal::checked_add);
        let tonnes = tonnes.filter(|_| weights().next().is_some());
        let site = if row.authorisation_number.is_empty() {
            self.words.take("(no permit given)")
        } else {
            self.words.take(row.authorisation_number)
        };
        let carrier = |of: fn(&Facts) -> Option<&String>| facts.as_ref().and_then(of).cloned();
        let (name, number) =
            (carrier(|f| f.carrier.as_ref()), carrier(|f| f.registration.as_ref()));
        self.traces.push(Trace {
            created_run: row.created_run_id,
            read_run: row.read_run_id,
            by_pipe: facts.as_ref().is_some_and(|facts| facts.by_pipe),
            nation: self.duty.nation(row.site),
            ..Trace::default()
        });
        self.lines.push(Line {
            movement: row.movement,
            reference: row.reference.into(),
            api_code: self.words.take(row.api_code),
            site,
            site_key: self.words.take(row.site),
            state,
            since: Millis(row.changed_at),
            reason: reason.map(|reason| self.words.take(reason)),
            waste_tracking_id: row.waste_tracking_id.map(Box::from),
            received_on: row.received_on.and_then(|day| day.parse().ok()),
            deadline: None,
            timing: Timing::Unknown,
            reported_at: None,
            reported_by: None,
            last_sent_at: None,
            requests: 0,
            corrections: 0,
            is_correction: row.method == "PUT",
            errors: 0,
            warnings: 0,
            purged: row.purged,
            carrier: name.map(|name| self.words.take(&name)),
            carrier_registration: number.map(|number| self.words.take(&number)),
            tonnes: tonnes.map(|tonnes| tonnes.normalize()),
            waste_items: items,
            file: self.paths.get(&row.file_id).cloned().unwrap_or_else(|| Word::from("")),
            line: row.line.unsigned_abs(),
        });
    }

    fn item(&mut self, facts: &ItemFacts) -> Item {
        Item {
            ewc_codes: facts.ewc_codes.iter().map(|code| self.words.take(code)).collect(),
            hazardous: facts.hazardous,
            tonnes: facts.tonnes,
            estimated: facts.estimated,
        }
    }

    /// How long an answer took, and of which run it was.
    fn time(&mut self, row: &AnswerRow<'_>) {
        if self.index(row.movement).is_some() {
            *self.touched.entry(row.run_id).or_default() += 1;
            self.times.take(row);
        }
    }

    fn request(&mut self, row: &AnswerRow<'_>) {
        let Some(index) = self.index(row.movement) else { return };
        let (line, trace) = (&mut self.lines[index], &mut self.traces[index]);
        line.requests += 1;
        line.last_sent_at = Some(Millis(row.started_at));
        let is_post = row.method == "POST";
        if is_post {
            trace.posted_at = Some(row.started_at);
        }
        if row.outcome == "accepted" {
            trace.accepted_attempt = row.id;
            line.corrections += u32::from(!is_post);
            if is_post && line.reported_at.is_none() {
                line.reported_at = Some(Millis(row.started_at + row.duration_ms.unwrap_or(0)));
                trace.reported_run = row.run_id;
            }
        }
        if let Some(expires) = row.service_charge_expiry {
            if let Some((known, at)) = self.charges.get_mut(row.api_code) {
                expires.clone_into(known);
                *at = row.started_at;
            } else {
                let said = (expires.to_owned(), row.started_at);
                self.charges.insert(row.api_code.to_owned(), said);
            }
        }
    }

    /// A person found out that it was stored: by the last POST that was made before.
    fn order(&mut self, row: &OrderRow<'_>) {
        let Some(index) = self.index(row.movement) else { return };
        self.touched.entry(row.run_id).or_default();
        let (line, trace) = (&mut self.lines[index], &mut self.traces[index]);
        if row.decision == "accepted" && line.reported_at.is_none() {
            line.reported_at = Some(Millis(trace.posted_at.unwrap_or(row.decided_at)));
            trace.reported_run = row.run_id;
        }
    }

    /// Keeps the lines of a period of submission; how many were never sent.
    fn narrow(&mut self, selection: &Selection) -> u64 {
        let mut never_sent = 0;
        let lines = std::mem::take(&mut self.lines);
        let traces = std::mem::take(&mut self.traces);
        for (line, trace) in lines.into_iter().zip(traces) {
            let Some(day) = line.submitted_on() else {
                never_sent += 1;
                continue;
            };
            let after = selection.from.is_none_or(|from| day >= from);
            if after && selection.to.is_none_or(|to| day <= to) {
                self.lines.push(line);
                self.traces.push(trace);
            }
        }
        never_sent
    }

    /// Whether each line is in time, and who reported it.
    fn judge(&mut self, duty: &Duty, today: Date) {
        let mut deadlines: HashMap<(Date, Nation, bool), Date> = HashMap::new();
        for (line, trace) in self.lines.iter_mut().zip(&self.traces) {
            self.touched.entry(trace.created_run).or_default();
            self.touched.entry(trace.read_run).or_default();
            line.deadline = line.received_on.map(|day| {
                let key = (day, trace.nation, trace.by_pipe);
                *deadlines
                    .entry(key)
                    .or_insert_with(|| duty.deadline(day, trace.nation, trace.by_pipe))
            });
            line.timing = timing(line, today);
            line.reported_by = self.users.get(&trace.reported_run).cloned();
        }
    }

    fn findings(&mut self, ledger: &Snapshot) -> Result<Findings> {
        let mut findings = Findings::default();
        ledger.found(|row| {
            if let Some(index) = self.index(row.movement) {
                let accepted = self.traces[index].accepted_attempt;
                findings.take(&row, &mut self.lines[index], accepted);
            }
        })?;
        Ok(findings)
    }

    fn charges(&mut self, today: Date) -> Vec<ServiceCharge> {
        let mut charges: Vec<ServiceCharge> = std::mem::take(&mut self.charges)
            .into_iter()
            .map(|(api_code, (expires, said_at))| {
                let day = expires_on(&expires);
                let left = day.and_then(|day| today.until(day).ok());
                let days_left = left.map(|left| i64::from(left.get_days()));
                ServiceCharge { api_code, expires, days_left, said_at: Millis(said_at) }
            })
            .collect();
        charges.sort_by(|one, other| one.api_code.cmp(&other.api_code));
        charges
    }
}

/// The day of a date, or of a date with a time.
fn expires_on(text: &str) -> Option<Date> {
    let text = text.trim();
    let time = || text.parse::<jiff::Timestamp>().ok().map(calendar::london_day);
    text.parse::<Date>().ok().or_else(time)
}

fn timing(line: &Line, today: Date) -> Timing {
    let reported = line.is_reported();
    if !reported && line.state == State::Withdrawn {
        return Timing::Withdrawn;
    }
    if reported && line.reported_at.is_none() {
        return Timing::Elsewhere;
    }
    let Some(deadline) = line.deadline else { return Timing::Unknown };
    match line.reported_at.and_then(Millis::day) {
        Some(day) if day <= deadline => Timing::InTime,
        Some(_) => Timing::Late,
        None if deadline < today => Timing::Overdue,
        None if deadline == today => Timing::DueToday,
        None => Timing::NotDue,
    }
}
