//! The charts of a page, from the audit's figures.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive as _;

use super::chart::{self, Bar, Column, Curve, Words};
use super::markup::Text;
use crate::calendar;
use crate::report::audit::grouped;
use crate::report::model::{Audit, Course, DayCount};
use crate::report::{show, tables};

/// More days than this are shown as months.
const MOST_DAYS: usize = 100;
/// So many bars at most; the tables have them all.
const MOST_BARS: usize = 12;
const CLASSES: [&str; 4] = ["ok", "wait", "need", "out"];
const MEANINGS: [&str; 4] = ["accepted", "waiting to be sent", "needs a person", "withdrawn"];

pub(super) fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    if audit.movements.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section aria-labelledby=\"pictures\">\n<h2 id=\"pictures\">At a glance</h2>")?;
    writeln!(out, "<div class=\"charts\">")?;
    submitted(audit, out)?;
    chapters(audit, out)?;
    rejections(audit, out)?;
    if let Some(course) = &audit.course {
        latency(course, out)?;
    }
    writeln!(out, "</div>\n</section>")
}

fn figure(
    out: &mut dyn Write,
    (title, note): (&str, &str),
    picture: Result<String, std::fmt::Error>,
    legend: &[(&str, &str)],
) -> io::Result<()> {
    let picture = picture.map_err(io::Error::other)?;
    writeln!(
        out,
        "<figure><figcaption><h3>{}</h3><p>{}</p></figcaption>\
         <div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"Chart: {}\">{picture}</div>",
        Text(title),
        Text(note),
        Text(title)
    )?;
    if !legend.is_empty() {
        write!(out, "<ul class=\"legend\">")?;
        for (class, words) in legend {
            write!(out, "<li><i class=\"{class}\"></i>{}</li>", Text(words))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</figure>")
}

fn submitted(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let (columns, unit) = columns(&audit.days_submitted);
    let total: u64 = audit.days_submitted.iter().map(|day| day.movements).sum();
    let busiest = audit.days_submitted.iter().max_by_key(|day| day.movements);
    let busiest = busiest.and_then(|day| Some((day.day?, day.movements)));
    let busiest = busiest.map_or_else(String::new, |(day, movements)| {
        format!(" The most on one day: {} on {}.", grouped(movements), show::day(day))
    });
    let words = Words {
        id: "submitted",
        title: "Submitted by day",
        description: format!(
            "{} movements by {unit} of submission, and their states now.{busiest} The figures are \
             in the table By day of submission.",
            grouped(total)
        ),
    };
    let mut picture = String::new();
    let drawn = chart::columns(&mut picture, &words, &CLASSES, &columns).map(|()| picture);
    let used = |at: &usize| columns.iter().any(|column| column.parts.get(*at) > Some(&0));
    let legend: Vec<_> = (0..4).filter(used).map(|at| (CLASSES[at], MEANINGS[at])).collect();
    figure(out, ("Submitted by day", "Movements, by their state now."), drawn, &legend)
}

/// A column a day; a month each, where there are too many.
fn columns(days: &[DayCount]) -> (Vec<Column>, &'static str) {
    let parts = |day: &DayCount| [day.accepted, day.waiting, day.need_a_person, day.withdrawn];
    if days.len() <= MOST_DAYS {
        let label = |day: Option<Date>| day.map(|day| day.strftime("%-d %b").to_string());
        let column = |day: &DayCount| Column {
            label: label(day.day).unwrap_or_default(),
            parts: parts(day).to_vec(),
        };
        return (days.iter().map(column).collect(), "day");
    }
    let mut months: BTreeMap<Date, [u64; 4]> = BTreeMap::new();
    for day in days {
        let Some(first) = day.day.map(Date::first_of_month) else { continue };
        let sums = months.entry(first).or_default();
        for (sum, part) in sums.iter_mut().zip(parts(day)) {
            *sum += part;
        }
    }
    let column = |(month, sums): (Date, [u64; 4])| Column {
        label: month.strftime("%b %Y").to_string(),
        parts: sums.to_vec(),
    };
    (months.into_iter().map(column).collect(), "month")
}

fn chapters(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut groups: Vec<_> = audit.ewc_chapters.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.tonnes));
    let bars: Vec<Bar> = groups
        .iter()
        .take(MOST_BARS)
        .map(|group| Bar {
            label: format!("{}  {}", group.name, group.detail),
            length: group.tonnes.to_f64().unwrap_or(0.0),
            words: format!("{} t", show::rounded(group.tonnes)),
        })
        .collect();
    let heaviest = groups.first().map_or_else(String::new, |group| {
        let weight = show::rounded(group.tonnes);
        format!(" The heaviest is chapter {}, {}, with {weight} tonnes.", group.name, group.detail)
    });
    let words = Words {
        id: "chapters",
        title: "Tonnes by EWC chapter",
        description: format!(
            "{} chapters.{heaviest} The figures are in the table By EWC chapter.",
            groups.len()
        ),
    };
    let note = "Waste items by the chapter of their first code, the heaviest first.";
    let mut picture = String::new();
    let drawn = chart::bars(&mut picture, &words, &bars).map(|()| picture);
    figure(out, ("Tonnes by EWC chapter", note), drawn, &[])
}

fn rejections(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    if audit.rejections.is_empty() {
        return Ok(());
    }
    let bars: Vec<Bar> = audit
        .rejections
        .iter()
        .take(MOST_BARS)
        .map(|reason| Bar {
            label: if reason.by_service {
                format!("{}  {}", reason.key, reason.error_type)
            } else {
                format!("{}  {}, our checks", reason.key, reason.error_type)
            },
            length: reason.movements.to_f64().unwrap_or(0.0),
            words: grouped(reason.movements),
        })
        .collect();
    let first = audit.rejections.first().map_or_else(String::new, |reason| {
        format!(
            " The most frequent, for {} movements: {}.",
            grouped(reason.movements),
            reason.message.trim_end_matches('.')
        )
    });
    let words = Words {
        id: "reasons",
        title: "Reasons for rejection",
        description: format!(
            "{} reasons.{first} The figures are in the table Reasons for rejection.",
            audit.rejections.len()
        ),
    };
    let note = "Movements that were refused by the service or by our checks, corrected or not.";
    let mut picture = String::new();
    let drawn = chart::bars(&mut picture, &words, &bars).map(|()| picture);
    figure(out, ("Reasons for rejection", note), drawn, &[])
}

fn latency(course: &Course, out: &mut dyn Write) -> io::Result<()> {
    let curves = [
        Curve { class: "p50", points: course.slices.iter().map(|slice| slice.median_ms).collect() },
        Curve { class: "p95", points: course.slices.iter().map(|slice| slice.p95_ms).collect() },
    ];
    let span = course.slice_ms * (course.slices.len() as u64);
    let end = course.from.0.saturating_add_unsigned(span);
    let words = Words {
        id: "latency",
        title: "Latency through the newest run",
        description: format!(
            "How long answers took, from the first request to the last. {} The figures of all \
             runs are in the table Answers of the service.",
            tables::course_in_words(course)
        ),
    };
    let from = course.from.timestamp().map(calendar::in_london);
    let day = from.as_ref().map(|from| from.strftime("%-d %B %Y").to_string()).unwrap_or_default();
    let note = format!("Milliseconds from request to answer, {day}, London time.");
    let clock = |ms: i64| {
        let at = jiff::Timestamp::from_millisecond(ms).map(calendar::in_london);
        at.map_or_else(|_| String::new(), |at| at.strftime("%H:%M:%S").to_string())
    };
    let (begin, end) = (clock(course.from.0), clock(end));
    let mut picture = String::new();
    let drawn = chart::curves(&mut picture, &words, &curves, [&begin, &end]).map(|()| picture);
    let legend = [("dash ok", "median"), ("dash need", "95 % within (dashed)")];
    figure(out, ("Latency through the newest run", &note), drawn, &legend)
}
