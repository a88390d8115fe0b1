//! The tables of a page.

use std::io::{self, Write};

use super::markup::Text;
use crate::report::model::{Audit, Millis};
use crate::report::show;
use crate::report::tables::{self, Cell, Table};

/// Long tables are folded: so many rows are shown at once.
const UNFOLDED: usize = 60;
/// Tables of few columns that stand side by side.
const NARROW: [&[&str]; 2] = [&["totals"], &["states", "timing"]];
/// Tables that tell of the service and of runs.
const OF_RUNS: [&str; 4] = ["runs", "files", "answers", "service charge"];
/// What is told above, with all details.
const TOLD: [&str; 1] = ["undecided"];

pub(super) fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let tables = tables::figures(audit);
    let tables = || tables.iter().filter(|table| !table.rows.is_empty());
    writeln!(out, "<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">Figures</h2>")?;
    // The long one at the left, the others beside it.
    writeln!(out, "<div class=\"two\">")?;
    for column in NARROW {
        writeln!(out, "<div>")?;
        for table in tables().filter(|table| column.contains(&table.name)) {
            write_table(table, out)?;
        }
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</div>")?;
    let others = tables().filter(|table| {
        !NARROW.concat().contains(&table.name)
            && !OF_RUNS.contains(&table.name)
            && !TOLD.contains(&table.name)
    });
    for table in others {
        write_table(table, out)?;
    }
    writeln!(
        out,
        "</section>\n<section aria-labelledby=\"answers\">\n<h2 id=\"answers\">Runs and answers</h2>"
    )?;
    for table in tables().filter(|table| OF_RUNS.contains(&table.name)) {
        write_table(table, out)?;
    }
    writeln!(out, "</section>")
}

fn write_table(table: &Table<'_>, out: &mut dyn Write) -> io::Result<()> {
    let folded = table.rows.len() > UNFOLDED;
    if folded {
        writeln!(
            out,
            "<details class=\"group\"><summary>{} <span>– {} rows</span></summary>",
            Text(table.title),
            table.rows.len()
        )?;
    }
    writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><table>\
         <caption>{}<span>{}</span></caption><thead><tr>",
        Text(table.title),
        Text(table.title),
        Text(&table.note)
    )?;
    for (at, title) in table.columns.iter().enumerate() {
        let number = table.rows.iter().filter_map(|row| row.get(at)).any(Cell::is_number);
        let class = if number { " class=\"n\"" } else { "" };
        if title.is_empty() {
            write!(out, "<td></td>")?;
        } else {
            write!(out, "<th scope=\"col\"{class}>{}</th>", Text(capital(title)))?;
        }
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for row in &table.rows {
        write!(out, "<tr>")?;
        for (at, cell) in row.iter().enumerate() {
            if at == 0 {
                write!(out, "<th scope=\"row\"{}>", class(cell))?;
                value(cell, out)?;
                write!(out, "</th>")?;
            } else {
                write!(out, "<td{}>", class(cell))?;
                value(cell, out)?;
                write!(out, "</td>")?;
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>{}", if folded { "</details>" } else { "" })
}

fn class(cell: &Cell<'_>) -> &'static str {
    match cell {
        Cell::Count(_) | Cell::Tonnes(_) | Cell::Milliseconds(_) => " class=\"n\"",
        Cell::Day(_) | Cell::Time(_) => " class=\"d\"",
        Cell::Text(text) if text.len() > 24 && !text.contains(' ') => " class=\"id\"",
        Cell::Text(_) | Cell::Empty => "",
    }
}

/// A value; moments are marked up as such.
pub(super) fn value(cell: &Cell<'_>, out: &mut dyn Write) -> io::Result<()> {
    match cell {
        Cell::Day(day) => write!(out, "<time datetime=\"{day}\">{}</time>", Text(show::day(*day))),
        Cell::Time(at) => moment(*at, out),
        other => write!(out, "{}", Text(show::cell(other))),
    }
}

/// A moment, in London time.
pub(super) fn moment(at: Millis, out: &mut dyn Write) -> io::Result<()> {
    let shown = show::cell(&Cell::Time(at));
    match at.timestamp() {
        Some(machine) => {
            write!(out, "<time datetime=\"{machine:.3}\">{}</time>", Text(shown))
        }
        None => write!(out, "{}", Text(shown)),
    }
}

/// The title of a column begins with a capital letter.
fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
