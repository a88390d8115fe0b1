//! From lines to figures.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::chapters;
use super::gather::{Gathered, gather};
use super::model::{
    Audit, Corrections, DayCount, FileAudit, Group, Item, Line, Millis, RunAudit, Selection,
    Source, StateCount, Timing, TimingCount, Totals, VERSION,
};
use crate::calendar::{self, Duty, Nation};
use crate::ledger::{AuditFile, AuditRun, Result, Snapshot};
use crate::submission::State;

impl Audit {
    /// Reads a ledger as it was when the snapshot was taken.
    pub fn of(
        ledger: &Snapshot,
        mut source: Source,
        selection: Selection,
        duty: &Duty,
    ) -> Result<Self> {
        let today = calendar::london_day(source.made_at);
        let head = ledger.chain_head()?;
        (source.chain_head, source.chain_count) = (head.hash, head.count);
        let mut gathered = gather(ledger, &selection, duty, today)?;
        let lines = std::mem::take(&mut gathered.lines);
        let counts = Counts::of(&lines, duty);
        let newest = gathered.times.run();
        let newest = gathered.runs.iter().find(|run| run.id == newest);
        let course = newest.and_then(|run| gathered.times.course(run.uuid.clone()));
        let (latency, answers) = gathered.times.answers();
        let runs = runs(&selection, &gathered);
        let totals = Totals {
            undated: gathered.undated,
            never_sent: gathered.never_sent,
            replaced: gathered.replaced,
            unidentified: runs.iter().map(|run| run.unidentified).sum(),
            ..counts.totals
        };
        let (rejections, open_warnings) = gathered.findings.sorted();
        let state = |state| (state, counts.states.get(&state).copied().unwrap_or(0));
        let timing = |timing| (timing, counts.timing.get(&timing).copied().unwrap_or(0));
        let states = State::ALL.map(state).into_iter().filter(|(_, movements)| *movements > 0);
        Ok(Audit {
            version: VERSION,
            source,
            selection,
            totals,
            states: states.map(|(state, movements)| StateCount { state, movements }).collect(),
            timing: Timing::ALL
                .map(timing)
                .map(|(timing, movements)| TimingCount { timing, movements })
                .to_vec(),
            sites: counts.sites.by_name(),
            carriers: counts.carriers.by_weight(),
            ewc_chapters: counts.chapters.by_name(),
            ewc_codes: counts.codes.by_name(),
            hazardous: counts.hazardous.by_name(),
            days_received: counts.received.into_values().collect(),
            days_submitted: counts.submitted.into_values().collect(),
            corrections: counts.corrections,
            rejections,
            open_warnings,
            runs,
            answers,
            latency,
            course,
            service_charges: gathered.charges,
            movements: lines,
        })
    }
}

/// Groups under construction, by what their members have in common.
#[derive(Default)]
struct Groups(HashMap<String, (Group, usize)>);

impl Groups {
    /// Adds a weight of a line; the line itself counts once in each group.
    fn add(
        &mut self,
        (at, line): (usize, &Line),
        key: &str,
        detail: impl FnOnce() -> (String, String),
        tonnes: Option<Decimal>,
    ) {
        if !self.0.contains_key(key) {
            let (name, detail) = detail();
            let group = Group { name, detail, ..Group::default() };
            self.0.insert(key.to_owned(), (group, usize::MAX));
        }
        let Some((group, last)) = self.0.get_mut(key) else { return };
        let reported = line.is_reported();
        if *last != at {
            *last = at;
            group.movements += 1;
            group.reported += u64::from(reported);
            group.in_time += u64::from(line.timing == Timing::InTime);
            group.late += u64::from(line.timing == Timing::Late);
            group.overdue += u64::from(line.timing == Timing::Overdue);
        }
        add(&mut group.tonnes, tonnes);
        if reported {
            add(&mut group.reported_tonnes, tonnes);
        }
    }

    fn by_name(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.0.into_values().map(|(group, _)| group).collect();
        groups.sort_by(|one, other| (&one.name, &one.detail).cmp(&(&other.name, &other.detail)));
        groups
    }

    fn by_weight(self) -> Vec<Group> {
        let mut groups = self.by_name();
        groups.sort_by_key(|group| std::cmp::Reverse(group.tonnes));
        groups
    }
}

/// Weights beyond 28 digits are no weights: they leave a sum as it is.
fn add(sum: &mut Decimal, tonnes: Option<Decimal>) {
    if let Some(more) = tonnes.and_then(|tonnes| sum.checked_add(tonnes)) {
        *sum = more.normalize();
    }
}

#[derive(Default)]
struct Counts {
    totals: Totals,
    states: HashMap<State, u64>,
    timing: HashMap<Timing, u64>,
    sites: Groups,
    carriers: Groups,
    chapters: Groups,
    codes: Groups,
    hazardous: Groups,
    received: BTreeMap<Option<Date>, DayCount>,
    submitted: BTreeMap<Date, DayCount>,
    corrections: Corrections,
}

impl Counts {
    fn of(lines: &[Line], duty: &Duty) -> Self {
        let mut counts = Counts::default();
        for (at, line) in lines.iter().enumerate() {
            counts.take(at, line, duty);
        }
        counts
    }

    fn take(&mut self, at: usize, line: &Line, duty: &Duty) {
        *self.states.entry(line.state).or_default() += 1;
        *self.timing.entry(line.timing).or_default() += 1;
        self.received.entry(line.received_on).or_default().take(line.received_on, line);
        if let Some(day) = line.submitted_on() {
            self.submitted.entry(day).or_default().take(Some(day), line);
        }
        self.corrections.movements += u64::from(line.corrections > 0);
        self.corrections.accepted += u64::from(line.corrections);
        let open = line.is_correction && (line.needs_a_person() || line.is_waiting());
        self.corrections.open += u64::from(open);
        let site = line.site.as_str();
        let key = line.site_key.as_str();
        let nation = || (site.to_owned(), nation_name(duty.nation(key)).to_owned());
        self.sites.add((at, line), key, nation, line.tonnes);
        self.carrier(at, line);
        for item in line.waste_items.iter().flatten() {
            self.item(at, line, item);
        }
        let totals = &mut self.totals;
        totals.movements += 1;
        totals.reported += u64::from(line.is_reported());
        totals.need_a_person += u64::from(line.needs_a_person());
        totals.waiting += u64::from(line.is_waiting());
        totals.withdrawn += u64::from(line.state == State::Withdrawn);
        totals.purged += u64::from(line.purged);
        totals.without_content += u64::from(line.waste_items.is_none());
        add(&mut totals.tonnes, line.tonnes);
        if line.is_reported() {
            add(&mut totals.reported_tonnes, line.tonnes);
        }
    }

    fn carrier(&mut self, at: usize, line: &Line) {
        let name = line.carrier.as_ref().map_or("", |name| name.as_str());
        let number = line.carrier_registration.as_ref().map_or("", |number| number.as_str());
        let key = if number.is_empty() { name } else { number };
        let words = || {
            let name = match (name, &line.waste_items) {
                ("", _) if line.purged => "(purged)",
                ("", None) => "(content not in the ledger)",
                ("", Some(_)) => "(no name given)",
                (name, _) => name,
            };
            (name.to_owned(), number.to_owned())
        };
        self.carriers.add((at, line), key, words, line.tonnes);
    }

    fn item(&mut self, at: usize, line: &Line, item: &Item) {
        self.totals.waste_items += 1;
        self.totals.waste_items_without_weight += u64::from(item.tonnes.is_none());
        if item.estimated {
            add(&mut self.totals.estimated_tonnes, item.tonnes);
        }
        let code = item.ewc_codes.first().map_or("(none)", |code| code.as_str());
        let chapter = code.get(..2).filter(|_| code != "(none)").unwrap_or("(none)");
        let words = || (chapter.to_owned(), chapters::title(chapter).to_owned());
        self.chapters.add((at, line), chapter, words, item.tonnes);
        let kind = || (code.to_owned(), chapters::kind(code).to_owned());
        self.codes.add((at, line), code, kind, item.tonnes);
        let hazardous = if item.hazardous { "hazardous" } else { "not hazardous" };
        let words = || (hazardous.to_owned(), String::new());
        self.hazardous.add((at, line), hazardous, words, item.tonnes);
    }
}

impl DayCount {
    fn take(&mut self, day: Option<Date>, line: &Line) {
        self.day = day;
        self.movements += 1;
        self.accepted += u64::from(line.state == State::Accepted);
        self.waiting += u64::from(line.is_waiting());
        self.need_a_person += u64::from(line.needs_a_person());
        self.withdrawn += u64::from(line.state == State::Withdrawn);
        self.late += u64::from(line.timing == Timing::Late);
        self.overdue += u64::from(line.timing == Timing::Overdue);
    }
}

fn nation_name(nation: Nation) -> &'static str {
    match nation {
        Nation::EnglandAndWales => "England and Wales",
        Nation::Scotland => "Scotland",
        Nation::NorthernIreland => "Northern Ireland",
    }
}

/// The runs that worked on the lines, and those that began in the period of a report about all
/// sites and operators.
fn runs(selection: &Selection, gathered: &Gathered) -> Vec<RunAudit> {
    let of_all = selection.api_code.is_none() && selection.site.is_none();
    let in_period = |run: &AuditRun| {
        let Some(day) = Millis(run.started_at).day() else { return false };
        selection.from.is_none_or(|from| day >= from) && selection.to.is_none_or(|to| day <= to)
    };
    let worked =
        |run: &&AuditRun| gathered.touched.contains_key(&run.id) || (of_all && in_period(run));
    let files = |run: i64| gathered.files.iter().filter(move |file| file.run_id == run).map(file);
    let told = |run: &AuditRun| RunAudit {
        run: run.uuid.clone(),
        command: run.command.clone(),
        version: run.version.clone(),
        user: run.user_name.clone(),
        host: run.host_name.clone(),
        started_at: Millis(run.started_at),
        ended_at: run.ended_at.map(Millis),
        exit_code: run.exit_code,
        requests: gathered.touched.get(&run.id).copied().unwrap_or(0),
        unidentified: run.unidentified.unsigned_abs(),
        files: files(run.id).collect(),
    };
    gathered.runs.iter().filter(worked).map(told).collect()
}

fn file(file: &AuditFile) -> FileAudit {
    FileAudit {
        path: file.path.clone(),
        read_at: Millis(file.read_at),
        records: file.records.unsigned_abs(),
        invalid: file.invalid.unsigned_abs(),
        refusal: file.refusal.clone(),
    }
}

impl Source {
    /// A report of the ledger at a path, made by this program.
    pub fn new(made_at: Timestamp, environment: &str, ledger: &std::path::Path) -> Self {
        Source {
            made_at,
            made_by: format!("waste-receipts {}", env!("CARGO_PKG_VERSION")),
            environment: environment.to_owned(),
            ledger: ledger.display().to_string(),
            chain_head: String::new(),
            chain_count: 0,
        }
    }
}

impl Audit {
    /// The line of a movement, by its row.
    pub fn line(&self, movement: i64) -> Option<&Line> {
        let at = self.movements.binary_search_by_key(&movement, |line| line.movement).ok()?;
        self.movements.get(at)
    }

    /// How long a movement has been waiting for a person, in words.
    pub fn age(&self, line: &Line) -> String {
        let minutes = (self.source.made_at.as_millisecond() - line.waits_since().0) / 60_000;
        let (amount, unit) = match minutes {
            ..120 => (minutes.max(0), "minute"),
            120..2_880 => (minutes / 60, "hour"),
            _ => (minutes / 1_440, "day"),
        };
        format!("{amount} {unit}{}", if amount == 1 { "" } else { "s" })
    }

    /// The period in words: `1 to 31 October 2026`; without one, the days that there are.
    pub fn period(&self) -> String {
        let mut days = self.days_received.iter().filter_map(|count| count.day);
        let (first, last) = (days.next(), days.next_back());
        match (self.selection.from, self.selection.to) {
            (None, None) => between(first, last.or(first)),
            (from, to) => between(from, to),
        }
    }

    /// The one sentence that says how things stand.
    pub fn verdict(&self) -> String {
        let count = |of: Timing| {
            self.timing.iter().find(|c| c.timing == of).map_or(0, |count| count.movements)
        };
        let (all, late, overdue) = (
            self.totals.movements - self.totals.withdrawn,
            count(Timing::Late),
            count(Timing::Overdue),
        );
        let open = all.saturating_sub(self.totals.reported);
        let loads =
            |n: u64| if n == 1 { "1 load".to_owned() } else { format!("{} loads", grouped(n)) };
        if all == 0 {
            return "No loads in this report.".to_owned();
        }
        let were_late = match late {
            0 => "all of them in time".to_owned(),
            late => format!("{} of them late", grouped(late)),
        };
        match (open, overdue) {
            (0, _) => format!("All {} are reported, {were_late}.", loads(all)),
            (open, 0) => {
                format!(
                    "{} of {} are not reported yet; none is overdue.",
                    grouped(open),
                    loads(all)
                )
            }
            (open, overdue) => format!(
                "{} of {} are not reported, {} of them overdue.",
                grouped(open),
                loads(all),
                grouped(overdue)
            ),
        }
    }
}

fn between(from: Option<Date>, to: Option<Date>) -> String {
    let day = |day: Date| day.strftime("%-d %B %Y").to_string();
    match (from, to) {
        (None, None) => "all days".to_owned(),
        (Some(from), None) => format!("since {}", day(from)),
        (None, Some(to)) => format!("until {}", day(to)),
        (Some(from), Some(to)) if from == to => day(from),
        (Some(from), Some(to)) if (from.year(), from.month()) == (to.year(), to.month()) => {
            format!("{} to {}", from.day(), day(to))
        }
        (Some(from), Some(to)) if from.year() == to.year() => {
            format!("{} to {}", from.strftime("%-d %B"), day(to))
        }
        (Some(from), Some(to)) => format!("{} to {}", day(from), day(to)),
    }
}

/// A number with a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
