//! Bank holidays that a file says, over the rules.
//!
//! Two forms are read: the list that GOV.UK publishes (`bank-holidays.json`), which takes the
//! place of the rules in every year that it covers; and a small table, which adds single days or
//! takes them away.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::civil::Date;
use serde::Deserialize;

use super::Nation;

/// Bank holidays from a file; an empty one leaves all to the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Nations and years for which the file has the whole list.
    whole: BTreeSet<(Nation, i16)>,
    /// Single days, and whether they are holidays.
    days: BTreeMap<(Nation, Date), bool>,
}

/// Why a file of bank holidays cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// It is neither of the two forms.
    #[error(
        "neither GOV.UK's bank-holidays.json nor a table that begins with nation,date,what ({0})"
    )]
    Form(String),
    /// A line of the table is wrong.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what is wanted.
        what: String,
    },
}

impl Published {
    /// Whether the file says that a day is a holiday, or that it is none; nothing where it is
    /// silent.
    pub fn says(&self, day: Date, nation: Nation) -> Option<bool> {
        let said = self.days.get(&(nation, day)).copied();
        said.or_else(|| self.whole.contains(&(nation, day.year())).then_some(false))
    }
}

#[derive(Deserialize)]
struct Division {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    date: Date,
}

impl FromStr for Published {
    type Err = PublishedError;

    fn from_str(text: &str) -> Result<Self, PublishedError> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('{') { of_json(text) } else { of_table(text) }
    }
}

fn of_json(text: &str) -> Result<Published, PublishedError> {
    let form = |error: serde_json::Error| PublishedError::Form(error.to_string());
    let divisions: BTreeMap<String, Division> = serde_json::from_str(text).map_err(form)?;
    let mut published = Published::default();
    for (name, division) in divisions {
        let nation = Nation::parse(&name)
            .ok_or_else(|| PublishedError::Form(format!("\"{name}\" is no nation")))?;
        for Event { date } in division.events {
            published.whole.insert((nation, date.year()));
            published.days.insert((nation, date), true);
        }
    }
    Ok(published)
}

fn of_table(text: &str) -> Result<Published, PublishedError> {
    let mut published = Published::default();
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let mut lines = lines.by_ref().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, head)) if head.replace(' ', "").eq_ignore_ascii_case("nation,date,what") => {}
        head => {
            let found = head.map_or("it is empty", |_| "its first line is another");
            return Err(PublishedError::Form(found.to_owned()));
        }
    }
    for (line, text) in lines {
        let wrong = |what: String| PublishedError::Line { line, what };
        let cells: Vec<&str> = text.split(',').map(str::trim).collect();
        let [nation, date, what] = cells[..] else {
            return Err(wrong("three cells are wanted: nation, date, what".to_owned()));
        };
        let nations = match (nation, Nation::parse(nation)) {
            ("all", _) => Nation::ALL.to_vec(),
            (_, Some(nation)) => vec![nation],
            _ => {
                let names = Nation::ALL.map(Nation::as_str).join(", ");
                return Err(wrong(format!("\"{nation}\" is none of all, {names}")));
            }
        };
        let date: Date =
            date.parse().map_err(|_| wrong(format!("\"{date}\" is no date such as 2027-05-03")))?;
        let is_holiday = match what {
            "holiday" => true,
            "working" => false,
            _ => return Err(wrong(format!("\"{what}\" is neither holiday nor working"))),
        };
        published.days.extend(nations.into_iter().map(|nation| ((nation, date), is_holiday)));
    }
    Ok(published)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_published_list_takes_the_place_of_the_rules_in_its_years() {
        let text = r#"{"england-and-wales":{"division":"england-and-wales","events":[
            {"title":"New Year","date":"2027-01-01","notes":"","bunting":true},
            {"title":"Once","date":"2027-06-07","notes":"","bunting":true}]},
            "scotland":{"division":"scotland","events":[]}}"#;
        let published: Published = text.parse().expect("a list");
        let says = |day, nation| published.says(day, nation);
        assert_eq!(says(date(2027, 6, 7), Nation::EnglandAndWales), Some(true));
        assert_eq!(says(date(2027, 12, 27), Nation::EnglandAndWales), Some(false));
        assert_eq!(says(date(2028, 1, 3), Nation::EnglandAndWales), None, "a year not covered");
        assert_eq!(says(date(2027, 6, 7), Nation::Scotland), None);
    }

    #[test]
    fn mistakes_name_their_line() {
        let words = |text: &str| text.parse::<Published>().expect_err("a mistake").to_string();
        assert!(words("").contains("nation,date,what"));
        let head = "# ours\nnation, date, what\n";
        assert!(words(&format!("{head}wales,2027-01-01,holiday")).starts_with("line 3: \"wales\""));
        assert!(words(&format!("{head}all,01/02/2027,holiday")).contains("01/02/2027"));
        assert!(words(&format!("{head}all,2027-01-01,off")).contains("\"off\""));
        assert!(words(&format!("{head}all,2027-01-01")).contains("three cells"));
    }
}
