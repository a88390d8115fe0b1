//! Movements and waste, counted.

use super::{Cell, Table};
use crate::report::model::{Audit, DayCount, Group, Line, Rejection, StateCount, Timing};
use crate::submission::State;

const GROUP: [&str; 7] =
    ["movements", "reported", "in time", "late", "overdue", "tonnes", "tonnes reported"];

pub(super) fn totals(audit: &Audit) -> Table<'_> {
    let (totals, corrections) = (&audit.totals, &audit.corrections);
    let rows: [(&str, Cell<'_>); 19] = [
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
        ("personal data deleted", totals.purged.into()),
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

pub(super) fn states(audit: &Audit) -> Table<'_> {
    let row = |count: &StateCount| {
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
pub(in crate::report) fn meaning(state: State) -> &'static str {
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

pub(super) fn timing(audit: &Audit) -> Table<'_> {
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

pub(super) fn groups(audit: &Audit) -> [Table<'_>; 5] {
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

pub(super) fn days<'a>(title: &'static str, note: &'static str, days: &'a [DayCount]) -> Table<'a> {
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

pub(super) fn rejections(audit: &Audit) -> Table<'_> {
    let row = |reason: &'_ Rejection| -> Vec<Cell<'static>> {
        let by = if reason.by_service { "the service" } else { "our checks" };
        vec![
            if reason.message.is_empty() {
                "(purged)".into()
            } else {
                reason.message.clone().into()
            },
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

pub(super) fn warnings(audit: &Audit) -> Table<'_> {
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

pub(super) fn undecided(audit: &Audit) -> Table<'_> {
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
