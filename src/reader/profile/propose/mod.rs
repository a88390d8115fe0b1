//! Looks at a file, and proposes a profile for it: by the names of its columns, and by what stands
//! in them.
//!
//! Must not know: the command line, checks.

mod contents;
mod names;
mod write;

use std::collections::HashSet;
use std::io::Read;

use contents::Look;
use names::Role;
pub use write::Proposal;

use crate::reader::encoding::Decoder;
use crate::reader::header;
use crate::reader::split::{self, Row, Scan};
use crate::reader::window::Window;
use crate::reader::{Problem, trim};

/// So many rows are looked at.
const ROWS: usize = 200;
/// The column names stand among so many rows.
const TITLES_WITHIN: usize = 30;

/// A column of the file.
#[derive(Debug, Clone)]
struct Column {
    title: String,
    texts: Vec<String>,
    look: Option<Look>,
}

/// What the file's columns are taken for.
#[derive(Debug, Default)]
struct Found {
    roles: Vec<(Role, usize)>,
    /// Whether the column of references is one by its contents alone.
    guessed: bool,
}

const REFERENCE: Role = Role::Field("yourUniqueReference");

impl Found {
    fn column(&self, role: Role) -> Option<usize> {
        self.roles.iter().find(|(known, _)| *known == role).map(|(_, column)| *column)
    }
}

/// Proposes a profile for a file; it can be read to its end elsewhere.
pub fn propose(source: impl Read + Send + 'static) -> Result<Proposal, Problem> {
    let columns = columns(Box::new(source))?;
    let found = assign(&columns);
    Ok(Proposal::new(&columns, &found))
}

/// The columns of a file, with what stands in their first rows.
fn columns(source: Box<dyn Read + Send>) -> Result<Vec<Column>, Problem> {
    let mut window = Window::new(Decoder::new(source, None, true)?);
    window.grow()?;
    let text = String::from_utf8_lossy(window.held()).into_owned();
    let text = text.trim_start_matches('\u{feff}');
    let first = text.split_inclusive(['\n', '\r']).next().unwrap_or_default();
    let (text, said) = match header::said_delimiter(first.as_bytes()) {
        Some(said) => (&text[first.len()..], Some(said)),
        None => (text, None),
    };
    let delimiters: Vec<u8> = said.map_or_else(|| vec![b',', b';', b'\t', b'|'], |said| vec![said]);
    let tables = delimiters.into_iter().map(|delimiter| rows(text.as_bytes(), delimiter));
    let best = tables
        .filter_map(|rows| {
            let (at, score) = titles_row(&rows)?;
            Some((score, rows, at))
        })
        .max_by_key(|(score, _, _)| *score);
    let Some((_, rows, at)) = best else { return Err(Problem::Empty) };
    let titles = &rows[at];
    let column = |(place, title): (usize, &String)| {
        let texts: Vec<String> =
            rows[at + 1..].iter().map(|row| row.get(place).cloned().unwrap_or_default()).collect();
        let look = contents::of_column(texts.iter().map(String::as_str));
        Column { title: title.clone(), texts, look }
    };
    Ok(titles.iter().enumerate().map(column).filter(|column| !column.title.is_empty()).collect())
}

/// The first rows of a text that are not empty, as trimmed texts.
fn rows(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let (mut from, mut row, mut all) = (0, Row::default(), Vec::new());
    while from < bytes.len() && all.len() < ROWS {
        if split::row(bytes, from, delimiter, true, &mut row) != Scan::Whole {
            break;
        }
        let texts: Vec<String> =
            row.cells.iter().map(|cell| trim(&header::cell_text(bytes, cell)).to_owned()).collect();
        if texts.iter().any(|text| !text.is_empty()) {
            all.push(texts);
        }
        from = row.end;
    }
    all
}

/// Which row holds the column names: the one with the most that are known, or else the first of
/// the widest.
fn titles_row(rows: &[Vec<String>]) -> Option<(usize, usize)> {
    let score = |row: &Vec<String>| {
        let known = row.iter().filter(|title| !names::roles(title).is_empty()).count();
        let filled = row.iter().filter(|title| !title.is_empty()).count();
        known * 100 + filled
    };
    let scores = rows.iter().take(TITLES_WITHIN).map(score).enumerate();
    scores.max_by_key(|(at, score)| (*score, usize::MAX - at))
}

/// Each column's role: the surest pairs of names and contents first.
fn assign(columns: &[Column]) -> Found {
    let mut candidates: Vec<(u32, Role, usize)> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        for (role, sure) in names::roles(&column.title) {
            if let Some(sure) = confirmed(role, column.look, sure) {
                candidates.push((sure, role, at));
            }
        }
        if let Some((role, sure)) = by_contents(column.look) {
            candidates.push((sure, role, at));
        }
    }
    candidates.sort_by_key(|(sure, _, at)| (std::cmp::Reverse(*sure), *at));
    let mut found = Found::default();
    for (_, role, at) in candidates {
        let taken = found
            .roles
            .iter()
            .any(|(known, column)| *column == at || *known == role && role != Role::Nothing);
        if !taken {
            found.roles.push((role, at));
        }
    }
    if found.column(REFERENCE).is_none()
        && let Some(at) = distinct_codes(columns, &found)
    {
        found.roles.retain(|(_, column)| *column != at);
        found.roles.push((REFERENCE, at));
        found.guessed = true;
    }
    found
}

/// The first column that nothing else is taken from, in which no two loads have the same number.
fn distinct_codes(columns: &[Column], found: &Found) -> Option<usize> {
    let is_free = |at: usize| {
        let taken = |(role, column): &(Role, usize)| *column == at && *role != Role::Nothing;
        !found.roles.iter().any(taken)
    };
    let is_code = |text: &String| {
        text.bytes().any(|byte| byte.is_ascii_digit())
            && !text.contains([' ', '.', ','])
            && text.len() >= 3
    };
    let distinct = |column: &Column| {
        let texts = || column.texts.iter().filter(|text| !text.is_empty());
        let set: HashSet<&String> = texts().collect();
        let usual = matches!(column.look, Some(Look::Number | Look::Text | Look::Permit));
        // A line of totals has none.
        usual
            && set.len() >= 3
            && set.len() + 1 >= column.texts.len()
            && set.len() == texts().count()
            && texts().all(is_code)
    };
    columns
        .iter()
        .enumerate()
        .find(|(at, column)| is_free(*at) && distinct(column))
        .map(|(at, _)| at)
}

/// How sure a role by name is once the contents have been seen; none where they contradict.
fn confirmed(role: Role, look: Option<Look>, sure: u32) -> Option<u32> {
    let Some(look) = look else { return Some(sure) };
    let fits = match role {
        Role::Field("wasteItems.ewcCodes") => matches!(look, Look::Ewc | Look::EwcAndText),
        Role::Date => matches!(look, Look::Date | Look::DateTime),
        Role::Time => matches!(look, Look::Time),
        Role::Gross | Role::Tare | Role::Net => {
            matches!(look, Look::Number | Look::WeightAndUnit)
        }
        Role::Field("carrier.vehicleRegistration") => {
            matches!(look, Look::Vehicle | Look::Text)
        }
        Role::Field("wasteItems.containsPops" | "wasteItems.containsHazardous") => {
            look == Look::YesNo
        }
        Role::Disposal => look == Look::Disposal,
        Role::Field("wasteItems.wasteDescription") if look == Look::EwcAndText => false,
        Role::Field(
            "wasteItems.wasteDescription" | "carrier.organisationName" | "receiver.siteName",
        ) => !matches!(look, Look::Number | Look::Date | Look::DateTime | Look::Time),
        _ => true,
    };
    fits.then_some(sure + 100)
}

/// What contents alone say.
fn by_contents(look: Option<Look>) -> Option<(Role, u32)> {
    Some(match look? {
        Look::Ewc => (Role::Field("wasteItems.ewcCodes"), 60),
        // Such a column gives both, whatever it is called.
        Look::EwcAndText => (Role::Field("wasteItems.ewcCodes"), 150),
        Look::DateTime => (Role::Date, 50),
        Look::CarrierRegistration => (Role::Field("carrier.registrationNumber"), 60),
        Look::Vehicle => (Role::Field("carrier.vehicleRegistration"), 30),
        Look::Permit => (Role::Field("receiver.authorisationNumber"), 40),
        Look::WeightAndUnit => (Role::Net, 40),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use super::*;
    use crate::reader::{Defaults, Format, Profile, Reader};

    fn proposal(file: &[u8]) -> Proposal {
        propose(Cursor::new(file.to_vec())).expect("a table")
    }

    #[test]
    fn the_samples_are_recognised() {
        for (file, fields) in [
            (
                &include_bytes!("../../../../samples/weighbridge-a.csv")[..],
                &[
                    ("yourUniqueReference", "\"Ticket No\""),
                    ("dateTimeReceived", "[\"Date In\", \"Time In\"]"),
                    ("carrier.vehicleRegistration", "\"Reg\""),
                    ("wasteItems.ewcCodes", "\"EWC\""),
                    ("wasteItems.weight.amount", "{ column = \"Net\", unit = \"kg\" }"),
                ][..],
            ),
            (
                &include_bytes!("../../../../samples/weighbridge-b.csv")[..],
                &[
                    ("yourUniqueReference", "\"Docket\""),
                    ("dateTimeReceived", "\"Arrived\""),
                    ("wasteItems.ewcCodes", "{ column = \"Product\", before = \" - \" }"),
                    ("wasteItems.wasteDescription", "{ column = \"Product\", after = \" - \" }"),
                    ("wasteItems.weight.amount", "{ column = \"Weight (t)\", unit = \"t\" }"),
                ][..],
            ),
            (
                &include_bytes!("../../../../samples/weighbridge-c.csv")[..],
                &[
                    ("yourUniqueReference", "\"Transaction\""),
                    (
                        "wasteItems.weight.amount",
                        "{ column = \"Gross t\", minus = \"Tare t\", unit = \"t\" }",
                    ),
                    ("receiver.siteName", "\"Site Name\""),
                ][..],
            ),
        ] {
            let proposal = proposal(file);
            let text = proposal.text();
            for (field, take) in fields {
                let line = format!("\"{field}\" = {take}");
                assert!(text.contains(&line), "{line}\n{text}");
            }
            let profile = Profile::parse(&proposal.draft(), "draft").expect("a profile");
            let defaults = Defaults { profile: Some(Arc::new(profile)), ..Defaults::default() };
            let source = Cursor::new(file.to_vec());
            let mut reader = Reader::new(source, Format::Csv, "file", defaults).expect("readable");
            let record = reader.next_record().expect("readable").expect("one");
            assert!(record.findings.is_empty(), "{:?}", record.findings);
            // What must be filled in is named by line, until it is.
            assert!(Profile::parse(&text, "draft").is_err());
        }
    }

    #[test]
    fn what_is_filled_in_stands_there() {
        let mut proposal = proposal(include_bytes!("../../../../samples/weighbridge-a.csv"));
        assert!(proposal.missing().iter().any(|field| field.path == "receiver.siteName"));
        for field in proposal.missing() {
            proposal.fill(field.path, field.example);
        }
        let text = proposal.text();
        assert!(text.contains("\"receiver.siteName\" = "), "{text}");
        assert!(proposal.missing().is_empty());
        Profile::parse(&text, "whole").expect("a whole profile");
    }

    #[test]
    fn numbers_that_no_two_loads_share_are_the_references() {
        let file = b"Nr;Dir;Mat;Nett kg\n00481;IN;170904;1240\n00482;OUT;170904;900\n00483;IN;170904;740\n;;TOTAL;2880\n";
        let text = proposal(file).text();
        for line in [
            "\"yourUniqueReference\" = \"Nr\"   # a guess: no two rows have the same here",
            "\"wasteItems.weight.amount\" = { column = \"Nett kg\", unit = \"kg\" }",
            "column = \"Dir\"\nis = [\"OUT\"]",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn what_is_no_table_is_said() {
        assert!(propose(Cursor::new(Vec::new())).is_err());
        let text = proposal(b"colour\nred\n").text();
        assert!(text.contains("\"yourUniqueReference\" = \"\""), "{text}");
    }
}
