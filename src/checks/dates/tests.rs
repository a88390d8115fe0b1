//! The date grammar over a grid of our own. That every text of the service's own grid is taken is
//! tested in `tests/conformance.rs`.

use super::*;

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

/// What may stand in each place of a grid of our own, with things that may not.
const DATES: [&str; 5] = ["2026-03-14", "2026-03", "+002026-03-14", "2026-02-30", "0099-12-31"];
const NO_DATES: &str = "2026-13-01 2026-00-10 2026-03-32 2026-03-00 20260314 2026-W11 2026-W11-6 \
    2026-073 14/03/2026 26-03-14 2026/03/14 -000000-01-01 +300000-01-01 2026-3-14 2026-03-4 \
    2026-03-014 14-Mar-2026 2026-03- 2026- +2026-03-14 002026-03-14 20260 202603";
const TIMES: [&str; 5] = ["09:20", "09:20:30", "09:20:30.5", "24:00", "23:59:59.9999999"];
const NO_TIMES: &str = "09:20:30,5 09:20.5 24:00:00 24:01 25:00 09:60 09:20:60 9:20 0920 092030 \
    09:20:30. 09:20:3 09:2 09: : 09.20";
const ZONES: [&str; 6] = ["", "Z", "+01:00", "+0100", "+23:59", "-00:00"];
const NO_ZONES: &str = "z +1 +24:00 +01:60 BST UTC Z+01:00 [UTC] +01:00:00 + +010 +01: ZZ";

/// Every text of the grid is taken if all of its parts may stand where they do, and only then.
#[test]
fn nothing_else_is_taken() {
    let with = |good: &[&'static str], bad: &'static str| -> Vec<(&'static str, bool)> {
        let good = good.iter().map(|part| (*part, true));
        good.chain(bad.split_whitespace().map(|part| (part, false))).collect()
    };
    let dates = with(&DATES, NO_DATES);
    let mut separators = with(&["T", " ", "\t", "\u{a0}", "\u{feff}"], "t _ TT /");
    separators.extend(["  ", "T ", " T", "", "\u{85}", "\u{200b}", "\u{2028}"].map(|s| (s, false)));
    let times = with(&TIMES, NO_TIMES);
    let zones = with(&ZONES, NO_ZONES);
    let (mut taken, mut refused) = (0, 0);
    for (date, good_date) in dates {
        assert_eq!(read(date).is_some(), good_date, "{date:?}");
        for (separator, good_separator) in &separators {
            for (time, good_time) in &times {
                for (zone, good_zone) in &zones {
                    let text = format!("{date}{separator}{time}{zone}");
                    let good = good_date && *good_separator && *good_time && *good_zone;
                    assert_eq!(read(&text).is_some(), good, "{text:?}");
                    let padded = format!(" {text}");
                    assert_eq!(read(&padded), None, "{padded:?}");
                    *(if good { &mut taken } else { &mut refused }) += 1;
                }
                let hours_alone = format!("{date}{separator}{time}+01");
                let good = good_date && *good_separator && *good_time && *separator != "T";
                assert_eq!(read(&hours_alone).is_some(), good, "{hours_alone:?}");
            }
        }
    }
    assert_eq!(taken, DATES.len() * 5 * TIMES.len() * ZONES.len());
    assert!(refused > 50_000, "{refused}");
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
