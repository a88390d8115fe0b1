//! The audit's figures as tables: one set for all formats that show tables.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::model::{
    Audit, Course, DayCount, Group, Latency, Line, Millis, Rejection, RunAudit, Timing,
};
use crate::submission::State;

/// A value in a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A text.
    Text(Cow<'a, str>),
    /// A number of things.
    Count(u64),
    /// A weight in tonnes.
    Tonnes(Decimal),
    /// A day.
    Day(Date),
    /// A moment.
    Time(Millis),
    /// A time in milliseconds.
    Milliseconds(u64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        if text.is_empty() { Cell::Empty } else { Cell::Text(Cow::Borrowed(text)) }
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        if text.is_empty() { Cell::Empty } else { Cell::Text(Cow::Owned(text)) }
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Cell::Count(count)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

impl From<Date> for Cell<'_> {
    fn from(day: Date) -> Self {
        Cell::Day(day)
    }
}

impl From<Millis> for Cell<'_> {
    fn from(at: Millis) -> Self {
        Cell::Time(at)
    }
}

impl From<Decimal> for Cell<'_> {
    fn from(tonnes: Decimal) -> Self {
        Cell::Tonnes(tonnes)
    }
}

impl Cell<'_> {
    /// Whether it belongs to the right of its column.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Cell::Count(_) | Cell::Tonnes(_) | Cell::Milliseconds(_))
    }
}

/// A table of figures.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// Its name for machines, and as a sheet of a workbook.
    pub(super) name: &'static str,
    /// Its title.
    pub(super) title: &'static str,
    /// What must be known to read it.
    pub(super) note: Cow<'static, str>,
    /// The titles of its columns; the first one names a row.
    pub(super) columns: &'static [&'static str],
    /// Its rows.
    pub(super) rows: Vec<Vec<Cell<'a>>>,
}

const GROUP: [&str; 7] =
    ["movements", "reported", "in time", "late", "overdue", "tonnes", "tonnes reported"];

/// All tables of figures, in order.
pub(super) fn figures(audit: &Audit) -> Vec<Table<'_>> {
    let mut tables = vec![totals(audit), states(audit), timing(audit)];
    tables.extend(groups(audit));
    tables.extend([
        days(
            "By day of receipt",
            "The day on which the waste was received, London time.",
            &audit.days_received,
        ),
        Table {
            name: "days submitted",
            ..days(
                "By day of submission",
                "The day on which a movement was reported, or last sent where it was not. \
                 Movements that were never sent have none.",
                &audit.days_submitted,
            )
        },
        rejections(audit),
        warnings(audit),
        undecided(audit),
        runs(audit),
        files(audit),
        answers(audit),
        service_charges(audit),
    ]);
    tables
}

fn totals(audit: &Audit) -> Table<'_> {
    let (totals, corrections) = (&audit.totals, &audit.corrections);
    let rows: [(&str, Cell<'_>); 18] = [
        ("movements", totals.movements.into()),
        ("reported", totals.reported.into()),
        ("need a person", totals.need_a_person.into()),
        ("waiting to be sent", totals.waiting.into()),
        ("withdrawn", totals.withdrawn.into()),
        ("tonnes", totals.tonnes.into()),
        ("tonnes reported", totals.reported_tonnes.into()),
        ("tonnes estimated", totals.estimated_tonnes.into()),
        ("waste items", totals.waste_items.into()),
        ("waste items without a weight", totals.waste_items_without_weight.into()),
        ("movements corrected", corrections.movements.into()),
        ("corrections accepted", corrections.accepted.into()),
        ("corrections open", corrections.open.into()),
        ("content not in the ledger", totals.without_content.into()),
        ("day of receipt not readable", totals.undated.into()),
        ("never sent, so without a day of submission", totals.never_sent.into()),
        ("replaced by a reading with another API code or permit", totals.replaced.into()),
        ("records without a usable reference", totals.unidentified.into()),
    ];
    Table {
        name: "totals",
        title: "In figures",
        note: "The last four stand outside of the number of movements, save that a report without \
               a period holds movements whose day cannot be read."
            .into(),
        columns: &["figure", "value"],
        rows: rows.into_iter().map(|(name, value)| vec![name.into(), value]).collect(),
    }
}

fn states(audit: &Audit) -> Table<'_> {
    let row = |count: &super::model::StateCount| {
        vec![count.state.as_str().into(), count.movements.into(), meaning(count.state).into()]
    };
    Table {
        name: "states",
        title: "By state",
        note: "Every movement is in exactly one state.".into(),
        columns: &["state", "movements", "meaning"],
        rows: audit.states.iter().map(row).collect(),
    }
}

/// What a state means to those who read a report.
pub(super) fn meaning(state: State) -> &'static str {
    match state {
        State::Accepted => "stored by the service",
        State::Ready => "waits to be sent",
        State::Sending => "being sent, or left by a run that was stopped",
        State::Deferred => "not stored, to be sent again",
        State::Uncertain => "may be stored: a person must find out",
        State::Rejected => "refused by the service: to be corrected",
        State::Invalid => "failed a check, not sent: to be corrected",
        State::Held => "changed after it was accepted or sent: to be decided",
        State::Withdrawn => "taken out by a person",
        State::Superseded => "replaced by a newer reading",
    }
}

fn timing(audit: &Audit) -> Table<'_> {
    let counts = audit.timing.iter().filter(|count| {
        count.movements > 0
            || matches!(count.timing, Timing::InTime | Timing::Late | Timing::Overdue)
    });
    Table {
        name: "timing",
        title: "In time",
        note: "A load is due two working days after the day of its receipt, London time; working \
               days leave out weekends and the bank holidays of the site's nation."
            .into(),
        columns: &["in time", "movements"],
        rows: counts.map(|c| vec![c.timing.words().into(), c.movements.into()]).collect(),
    }
}

const BY_REGISTRATION: &str = "By registration number, the heaviest first.";
const BY_FIRST: &str = "Waste items by their first EWC code, so that each weight counts once. A \
                        movement counts in each group that one of its items belongs to.";
const HAZARDOUS: &str = "An item is hazardous if one of its EWC codes is, or if it is said to \
                         contain hazardous properties.";

fn grouped<'a>(
    name: &'static str,
    title: &'static str,
    note: &'static str,
    columns: &'static [&'static str],
    groups: &'a [Group],
) -> Table<'a> {
    Table { name, title, note: note.into(), columns, rows: groups.iter().map(group_row).collect() }
}

fn groups(audit: &Audit) -> [Table<'_>; 5] {
    let [sites, carriers, chapters, codes, hazardous] = GROUP_COLUMNS;
    [
        grouped("sites", "By site", "", sites, &audit.sites),
        grouped("carriers", "By carrier", BY_REGISTRATION, carriers, &audit.carriers),
        grouped("ewc chapters", "By EWC chapter", BY_FIRST, chapters, &audit.ewc_chapters),
        grouped("ewc codes", "By EWC code", BY_FIRST, codes, &audit.ewc_codes),
        grouped("hazardous", "Hazardous or not", HAZARDOUS, hazardous, &audit.hazardous),
    ]
}

static GROUP_COLUMNS: [&[&str]; 5] = [
    &["site", "nation", GROUP[0], GROUP[1], GROUP[2], GROUP[3], GROUP[4], GROUP[5], GROUP[6]],
    &[
        "carrier",
        "registration",
        GROUP[0],
        GROUP[1],
        GROUP[2],
        GROUP[3],
        GROUP[4],
        GROUP[5],
        GROUP[6],
    ],
    &["chapter", "title", GROUP[0], GROUP[1], GROUP[2], GROUP[3], GROUP[4], GROUP[5], GROUP[6]],
    &["EWC code", "kind", GROUP[0], GROUP[1], GROUP[2], GROUP[3], GROUP[4], GROUP[5], GROUP[6]],
    &["waste items", "", GROUP[0], GROUP[1], GROUP[2], GROUP[3], GROUP[4], GROUP[5], GROUP[6]],
];

fn group_row(group: &Group) -> Vec<Cell<'_>> {
    vec![
        group.name.as_str().into(),
        group.detail.as_str().into(),
        group.movements.into(),
        group.reported.into(),
        group.in_time.into(),
        group.late.into(),
        group.overdue.into(),
        group.tonnes.into(),
        group.reported_tonnes.into(),
    ]
}

fn days<'a>(title: &'static str, note: &'static str, days: &'a [DayCount]) -> Table<'a> {
    let row = |count: &'a DayCount| {
        vec![
            count.day.map_or_else(|| "not readable".into(), Cell::Day),
            count.movements.into(),
            count.accepted.into(),
            count.waiting.into(),
            count.need_a_person.into(),
            count.withdrawn.into(),
            count.late.into(),
            count.overdue.into(),
        ]
    };
    Table {
        name: "days received",
        title,
        note: note.into(),
        columns: &[
            "day",
            "movements",
            "accepted",
            "waiting",
            "need a person",
            "withdrawn",
            "late",
            "overdue",
        ],
        rows: days.iter().map(row).collect(),
    }
}

fn rejections(audit: &Audit) -> Table<'_> {
    let row = |reason: &'_ Rejection| -> Vec<Cell<'static>> {
        let by = if reason.by_service { "the service" } else { "our checks" };
        vec![
            reason.message.clone().into(),
            reason.key.clone().into(),
            reason.error_type.clone().into(),
            by.into(),
            reason.movements.into(),
            reason.open.into(),
        ]
    };
    Table {
        name: "rejections",
        title: "Reasons for rejection",
        note: "Why movements were refused, by the service or by our checks before anything was \
               sent; those that were corrected since are not open any more."
            .into(),
        columns: &["reason", "field", "kind", "said by", "movements", "open"],
        rows: audit.rejections.iter().map(row).collect(),
    }
}

fn warnings(audit: &Audit) -> Table<'_> {
    let mut rows = Vec::new();
    for warning in &audit.open_warnings {
        for movement in &warning.movements {
            let Some(line) = audit.line(*movement) else { continue };
            rows.push(vec![
                line.reference.as_ref().into(),
                line.site.as_str().into(),
                line.received_on.into(),
                warning.message.as_str().into(),
                warning.key.as_str().into(),
            ]);
        }
    }
    Table {
        name: "warnings",
        title: "Open warnings of the service",
        note: "These movements are stored, and need a correction: change the row, read the file \
               again, and send the change as an update."
            .into(),
        columns: &["reference", "site", "received", "what is missing", "field"],
        rows,
    }
}

fn undecided(audit: &Audit) -> Table<'_> {
    let open = audit.movements.iter();
    let open = open.filter(|line| matches!(line.state, State::Uncertain | State::Held));
    let mut open: Vec<&Line> = open.collect();
    open.sort_by_key(|line| (line.waits_since(), line.movement));
    let row = |line: &&'_ Line| -> Vec<Cell<'_>> {
        vec![
            line.reference.to_string().into(),
            line.site.as_str().to_owned().into(),
            line.state.as_str().into(),
            line.reason.as_ref().map(|reason| reason.as_str().to_owned()).into(),
            line.waits_since().into(),
            audit.age(line).into(),
            line.timing.words().into(),
        ]
    };
    Table {
        name: "undecided",
        title: "Uncertain and held",
        note: "A person must find out or decide: waste-receipts resolve.".into(),
        columns: &["reference", "site", "state", "why", "since", "age", "in time"],
        rows: open.iter().map(row).collect(),
    }
}

fn runs(audit: &Audit) -> Table<'_> {
    let row = |run: &'_ RunAudit| -> Vec<Cell<'_>> {
        vec![
            run.started_at.into(),
            run.ended_at.map_or_else(|| "(did not end)".into(), Cell::Time),
            run.command.clone().into(),
            format!("{} on {}", run.user, run.host).into(),
            run.version.clone().into(),
            run.exit_code.map(|code| code.to_string()).into(),
            run.requests.into(),
            run.run.clone().into(),
        ]
    };
    Table {
        name: "runs",
        title: "Runs",
        note: "Those that read or sent these movements, or began in the period.".into(),
        columns: &["began", "ended", "command", "by", "version", "exit code", "requests", "run"],
        rows: audit.runs.iter().map(row).collect(),
    }
}

fn files(audit: &Audit) -> Table<'_> {
    let mut rows: Vec<Vec<Cell<'_>>> = Vec::new();
    for run in &audit.runs {
        for file in &run.files {
            let what = file.refusal.as_deref().unwrap_or("admitted");
            rows.push(vec![
                file.read_at.into(),
                file.path.as_str().into(),
                file.records.into(),
                file.invalid.into(),
                what.into(),
            ]);
        }
    }
    Table {
        name: "files",
        title: "Files",
        note: "What these runs read.".into(),
        columns: &["read", "file", "records", "invalid", "outcome"],
        rows,
    }
}

fn latency_cells(latency: Latency) -> [Cell<'static>; 5] {
    let ms = |time: Option<u64>| time.map_or(Cell::Empty, Cell::Milliseconds);
    let Latency { answers, median_ms, p95_ms, p99_ms, slowest_ms } = latency;
    [Cell::Count(answers), ms(median_ms), ms(p95_ms), ms(p99_ms), ms(slowest_ms)]
}

fn answers(audit: &Audit) -> Table<'_> {
    let mut rows: Vec<Vec<Cell<'_>>> = Vec::new();
    for answers in &audit.answers {
        let status = answers.status.map_or_else(|| "no answer".to_owned(), |s| s.to_string());
        let mut row =
            vec![status.into(), answers.outcome.as_str().into(), answers.reason.as_str().into()];
        row.extend(latency_cells(answers.latency));
        rows.push(row);
    }
    let mut all: Vec<Cell<'_>> = vec!["all".into(), Cell::Empty, Cell::Empty];
    all.extend(latency_cells(audit.latency));
    rows.push(all);
    Table {
        name: "answers",
        title: "Answers of the service",
        note: "What came back for each request, and how long it took.".into(),
        columns: &[
            "status",
            "meaning",
            "reason",
            "answers",
            "median",
            "95 % within",
            "99 % within",
            "slowest",
        ],
        rows,
    }
}

fn service_charges(audit: &Audit) -> Table<'_> {
    let row = |charge: &'_ super::model::ServiceCharge| -> Vec<Cell<'_>> {
        let left = charge.days_left.map(|days| match days {
            ..=-1 => "EXPIRED".to_owned(),
            1 => "1 day".to_owned(),
            0 | 2.. => format!("{days} days"),
        });
        vec![
            charge.api_code.clone().into(),
            charge.expires.clone().into(),
            left.into(),
            charge.said_at.into(),
        ]
    };
    Table {
        name: "service charge",
        title: "Service charge",
        note: "When each operator's charge expires, by the service's newest word.".into(),
        columns: &["API code", "expires", "left", "said"],
        rows: audit.service_charges.iter().map(row).collect(),
    }
}

/// The titles of a movement's cells.
pub(super) const MOVEMENT: [&str; 23] = [
    "yourUniqueReference",
    "apiCode",
    "site",
    "state",
    "reason",
    "wasteTrackingId",
    "received",
    "due",
    "inTime",
    "reported",
    "reportedBy",
    "lastSent",
    "requests",
    "corrections",
    "errors",
    "openWarnings",
    "carrier",
    "carrierRegistration",
    "ewcCodes",
    "hazardous",
    "tonnes",
    "file",
    "line",
];

/// A movement's cells.
pub(super) fn movement(line: &Line) -> [Cell<'_>; 23] {
    let word = |word: &'_ Option<super::model::Word>| -> Cell<'static> {
        word.as_ref().map(|word| word.as_str().to_owned()).into()
    };
    let hazardous = match &line.waste_items {
        None => Cell::Empty,
        Some(items) if items.iter().any(|item| item.hazardous) => "yes".into(),
        Some(_) => "no".into(),
    };
    [
        line.reference.as_ref().into(),
        line.api_code.as_str().into(),
        line.site.as_str().into(),
        line.state.as_str().into(),
        word(&line.reason),
        line.waste_tracking_id.as_deref().into(),
        line.received_on.into(),
        line.deadline.into(),
        line.timing.words().into(),
        line.reported_at.into(),
        word(&line.reported_by),
        line.last_sent_at.into(),
        u64::from(line.requests).into(),
        u64::from(line.corrections).into(),
        u64::from(line.errors).into(),
        u64::from(line.warnings).into(),
        word(&line.carrier),
        word(&line.carrier_registration),
        line.codes().into(),
        hazardous,
        line.tonnes.into(),
        line.file.as_str().into(),
        line.line.into(),
    ]
}

/// A run's latency in words, for those who cannot see its picture.
pub(super) fn course_in_words(course: &Course) -> String {
    let busiest = course.slices.iter().filter_map(|slice| slice.p95_ms).max().unwrap_or(0);
    let medians = course.slices.iter().filter_map(|slice| slice.median_ms);
    let (least, most) = medians.fold((u64::MAX, 0), |(l, m), ms| (l.min(ms), m.max(ms)));
    format!(
        "Medians between {} and {most} ms; 95 % of the answers of the slowest slice within \
         {busiest} ms.",
        least.min(most)
    )
}
