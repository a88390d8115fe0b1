//! The date grammar against every text of a grid that the API takes, and against a grid of our
//! own where nothing else may be taken.

use std::collections::HashMap;

use super::*;

const ACCEPTED: &str = include_str!("../../../tests/conformance/dates_accepted.tsv");

/// The accepted texts, each with what is stored for it.
fn accepted() -> HashMap<String, &'static str> {
    let mut texts = HashMap::new();
    for line in ACCEPTED.lines().skip(1) {
        let mut columns = line.split('\t');
        let text = crate::json::parse(columns.next().expect("a text")).expect("valid JSON");
        let text = text.as_str().expect("a text").to_owned();
        texts.insert(text, columns.nth(1).expect("what is stored"));
    }
    texts
}

/// As JavaScript writes an instant.
fn written(stored: Stored) -> String {
    let day = stored.millisecond.div_euclid(DAY_MS);
    let rest = stored.millisecond.rem_euclid(DAY_MS);
    // From the day's number back to its date, by search: slow, and independent of `days`.
    let mut year = 1970 + day / 366;
    let first = |year: i64| days(year, 1, 1);
    while first(year + 1) <= day {
        year += 1;
    }
    while first(year) > day {
        year -= 1;
    }
    let month = (1..=12).rfind(|&month| days(year, month, 1) <= day).expect("a month");
    let date = day - days(year, month, 1) + 1;
    let shown = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{}{:06}", if year < 0 { '-' } else { '+' }, year.abs()),
    };
    format!(
        "{shown}-{month:02}-{date:02}T{:02}:{:02}:{:02}.{:03}Z",
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60,
        rest % 1_000
    )
}

#[test]
fn all_that_the_api_takes_is_taken_and_stored_alike() {
    let accepted = accepted();
    assert_eq!(accepted.len(), 3_124);
    for (text, stored) in accepted {
        let ours = read(&text).map(written);
        assert_eq!(ours.as_deref(), Some(stored), "{text:?}");
    }
}

/// Texts like the accepted ones with one thing changed: what the API does not list is not taken.
#[test]
fn nothing_else_is_taken() {
    let accepted = accepted();
    let dates = [
        "2026-03-14",
        "2026-03",
        "2026",
        "+002026-03-14",
        "2026-02-30",
        "0099-12-31",
        "2026-13-01",
        "2026-00-10",
        "2026-03-32",
        "2026-03-00",
        "20260314",
        "2026-W11",
        "2026-W11-6",
        "2026-073",
        "14/03/2026",
        "26-03-14",
        "2026/03/14",
        "-000000-01-01",
        "+275760-09-14",
        "2026-3-14",
        "2026-03-4",
        "2026-03-014",
        "14 Mar 2026",
        "March 14, 2026",
    ];
    let separators = ["T", " ", "t", "  ", "", "_", "T ", " T", "\u{85}", "\u{200b}"];
    let times = [
        "",
        "09:20",
        "09:20:30",
        "09:20:30.5",
        "09:20:30,5",
        "09:20.5",
        "24:00",
        "24:00:00",
        "24:01",
        "25:00",
        "09:60",
        "09:20:60",
        "9:20",
        "0920",
        "092030",
        "09",
        "09:20:30.",
        "09:20:3",
        "09:20 ",
        " 09:20",
    ];
    let zones = [
        "",
        "Z",
        "z",
        "+01:00",
        "+0100",
        "+01",
        "+1",
        "+24:00",
        "+23:59",
        "-00:00",
        " Z",
        " +01:00",
        "+01:60",
        "BST",
        "UTC",
        "Europe/London",
        "Z+01:00",
        "[UTC]",
        "+01:00:00",
    ];
    let mut taken = 0;
    for date in dates {
        for separator in separators {
            for time in times {
                for zone in zones {
                    let text = format!("{date}{separator}{time}{zone}");
                    let Some(stored) = read(&text) else { continue };
                    taken += 1;
                    assert!(is_listed(&text, &accepted), "{text:?} is taken: {stored:?}");
                }
            }
        }
    }
    assert!(taken > 100, "{taken}");
}

/// Whether the list has this text, or one of the same form: our grid's digits may differ from
/// those that were tried.
fn is_listed(text: &str, accepted: &HashMap<String, &'static str>) -> bool {
    let form = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect()
    };
    accepted.contains_key(text) || accepted.keys().any(|other| form(other) == form(text))
}

#[test]
fn the_boundaries() {
    let stored = |text: &str| read(text).map(written).unwrap_or_default();
    assert_eq!(stored("2026-02-30"), "2026-03-02T00:00:00.000Z");
    assert_eq!(stored("2024-02-30T09:20Z"), "2024-03-01T09:20:00.000Z");
    assert_eq!(stored("2026-12-31T24:00"), "2027-01-01T00:00:00.000Z");
    assert_eq!(stored("2026-03 09"), "2026-03-09T00:00:00.000Z");
    assert_eq!(stored("2026-03 01-05:30"), "2026-03-01T05:30:00.000Z");
    assert_eq!(stored("2026-012"), "2026-12-01T00:00:00.000Z");
    assert_eq!(stored("2026-001 09:20+01"), "2026-01-01T08:20:00.000Z");
    assert_eq!(stored("0012-03-14 09:20"), "2014-12-03T09:20:00.000Z");
    assert_eq!(stored("0032-03-14 09:20"), "2032-03-14T09:20:00.000Z");
    assert_eq!(stored("0032-03-14T09:20"), "0032-03-14T09:20:00.000Z");
    assert_eq!(stored("+275760-09-13T00:00+00:01"), "+275760-09-12T23:59:00.000Z");
    for text in [
        "+275760-09-13T00:01",
        "-271821-04-19",
        "+300000-01-01",
        "-000000",
        "0031-02-30 09:20",
        "2026-03-14T09:20:30.",
        "2026-03-14T24:00:00",
        "2026 09:20",
        "2026T09:20",
        "202603",
        "",
        "2026-013",
        "2026-001T09:20",
        "2026-03-14\u{2028}09:20",
        "2026-03-14\u{85}09:20",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
    assert!(read("-271821-04-20").is_some());
}

#[test]
fn numbers_that_spell_a_year() {
    let taken = |number: &'static str| read_number(&Number::from_spelling(number)).is_some();
    for number in ["2026", "1000", "9999", "2026.0", "2.026e3", "-100000", "-271820"] {
        assert!(taken(number), "{number}");
    }
    for number in ["999", "10000", "2026.5", "-2026", "-271821", "1773480000", "1e400", "0"] {
        assert!(!taken(number), "{number}");
    }
}

#[test]
fn what_was_left_open_is_told() {
    let settled = |text: &str| read(text).expect("it is taken").settled;
    assert_eq!(settled("2026-03-14T09:20Z"), Settled::Nothing);
    assert_eq!(settled("2026-03-14T09:20"), Settled::Zone);
    assert_eq!(settled("2026-03-14"), Settled::Time);
    assert_eq!(settled("2026-03"), Settled::Day);
    assert_eq!(settled("2026-02-30T09:20Z"), Settled::RolledOver);
}
