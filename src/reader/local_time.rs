//! Times as people and spreadsheets write them, by the clocks of a place: `05/10/2026 09:20`.
//!
//! The clocks of London skip an hour in March: a time in it never was, and is refused. They repeat
//! one in October: the first is taken, and said. Must not know: fields, files.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::calendar;

/// How a file writes its times.
#[derive(Debug, Clone)]
pub(super) struct DateForm {
    /// What people call it: `dd/mm/yyyy hh:mm[:ss]`.
    pub(super) shown: String,
    /// The forms, as the library writes them, tried in order.
    formats: Vec<String>,
    zone: TimeZone,
    /// Whether a person said so, rather than that it is what spreadsheets do.
    pub(super) declared: bool,
}

/// What came of a clock's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clock {
    /// The instant, as the API takes it.
    At(String),
    /// There were two such instants: the first, as the API takes it.
    Twice(String),
    /// No clock ever showed it.
    Never,
}

/// What came of reading a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// A time in the form.
    Time(Clock),
    /// It looks like one, but the day or the time does not exist, or the time is missing.
    Wrong(&'static str),
    /// Something else, which is not for us to read.
    Other,
}

static STANDARD: LazyLock<DateForm> = LazyLock::new(|| DateForm {
    shown: "dd/mm/yyyy hh:mm[:ss]".into(),
    formats: ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"].map(str::to_owned).to_vec(),
    zone: calendar::london(),
    declared: false,
});

fn by_clock(zone: &TimeZone, at: DateTime) -> Clock {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    let (offset, twice) = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, false),
        // The clocks go back: what was before is the first of the two.
        AmbiguousOffset::Fold { before, .. } => (before, true),
        AmbiguousOffset::Gap { .. } => return Clock::Never,
    };
    let seconds = offset.seconds();
    let (hours, minutes) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    let text = format!("{}{sign}{hours:02}:{minutes:02}", at.strftime("%Y-%m-%dT%H:%M:%S"));
    if twice { Clock::Twice(text) } else { Clock::At(text) }
}

impl DateForm {
    /// What spreadsheets write in this country, by the clocks of London.
    pub(super) fn standard() -> &'static DateForm {
        &STANDARD
    }

    /// As a profile says it; none where there is no such zone, or no form.
    pub(super) fn declared(shown: String, formats: Vec<String>, zone: &str) -> Option<Self> {
        let zone = TimeZone::get(zone).ok()?;
        (!formats.is_empty()).then_some(DateForm { shown, formats, zone, declared: true })
    }

    /// A time in the form, as an example.
    pub(super) fn example(&self) -> String {
        let at = jiff::civil::date(2026, 10, 5).at(9, 20, 0, 0);
        self.formats.last().map_or_else(String::new, |form| at.strftime(form).to_string())
    }

    /// What the clocks of the place mean by a time: the one way for CSV and for cells of workbooks.
    pub(super) fn clock(&self, at: DateTime) -> Clock {
        by_clock(&self.zone, at)
    }

    /// Reads a text, which is trimmed.
    pub(super) fn read(&self, text: &str) -> Written {
        // All but a very few files write what the API takes.
        if !self.declared && !looks_local(text) {
            return Written::Other;
        }
        let found = self.formats.iter().find_map(|form| DateTime::strptime(form, text).ok());
        // Years of two digits are read as those of the Romans.
        if let Some(at) = found.filter(|at| at.year() >= 1_000) {
            return Written::Time(self.clock(at));
        }
        if self.declared {
            // What the API takes may stand there all the same.
            let iso = text.as_bytes().get(4) == Some(&b'-') && text.contains('T');
            let why = "it is not in the form of the profile";
            return if iso { Written::Other } else { Written::Wrong(why) };
        }
        if Date::strptime("%d/%m/%Y", text).is_ok() {
            return Written::Wrong("the time is missing");
        }
        Written::Wrong("there is no such day and time")
    }
}

/// Whether a text begins with what may be day and month before a slash.
fn looks_local(text: &str) -> bool {
    let bytes = text.as_bytes();
    let slash = bytes.iter().take(3).position(|byte| *byte == b'/');
    slash.is_some_and(|slash| slash > 0 && bytes[..slash].iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Written {
        DateForm::standard().read(text)
    }

    fn at(text: &str) -> Written {
        Written::Time(Clock::At(text.to_owned()))
    }

    #[test]
    fn london_s_clocks_are_followed() {
        assert_eq!(read("05/10/2026 09:20"), at("2026-10-05T09:20:00+01:00"));
        assert_eq!(read("5/1/2026 9:20:07"), at("2026-01-05T09:20:07+00:00"));
        assert_eq!(read("29/03/2026 00:59:59"), at("2026-03-29T00:59:59+00:00"));
        for gone in ["29/03/2026 01:00", "29/03/2026 01:59:59"] {
            assert_eq!(read(gone), Written::Time(Clock::Never), "{gone}");
        }
        assert_eq!(read("29/03/2026 02:00"), at("2026-03-29T02:00:00+01:00"));
        for twice in ["25/10/2026 01:00", "25/10/2026 01:59"] {
            assert!(
                matches!(read(twice), Written::Time(Clock::Twice(text)) if text.ends_with("+01:00"))
            );
        }
        assert_eq!(read("25/10/2026 02:00"), at("2026-10-25T02:00:00+00:00"));
        assert_eq!(read("25/10/2026 00:59"), at("2026-10-25T00:59:00+01:00"));
    }

    #[test]
    fn what_is_no_time_is_told_from_what_is_another_form() {
        for other in ["2026-10-05T09:20:00Z", "", "yesterday", "5.10.2026 09:20", "105/10/2026 1:1"]
        {
            assert_eq!(read(other), Written::Other, "{other}");
        }
        assert_eq!(read("05/10/2026"), Written::Wrong("the time is missing"));
        for wrong in ["10/25/2026 09:20", "31/02/2026 09:20", "05/10/2026 24:20", "05/10/26 09:20"]
        {
            assert_eq!(read(wrong), Written::Wrong("there is no such day and time"), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_time_is_the_one_that_the_zone_says(
            year in 2020_i16..2040, day in 1_i16..=365, second in 0_i64..86_400,
        ) {
            let date = jiff::civil::date(year, 1, 1).checked_add(jiff::Span::new().days(day - 1));
            let civil = date.expect("a day").at(0, 0, 0, 0)
                .checked_add(jiff::Span::new().seconds(second)).expect("a time");
            let written = civil.strftime("%d/%m/%Y %H:%M:%S").to_string();
            match (read(&written), DateForm::standard().clock(civil)) {
                (Written::Time(one), other) => {
                    prop_assert_eq!(&one, &other);
                    let london = calendar::london();
                    let zoned = london.to_ambiguous_timestamp(civil).earlier().expect("a time");
                    if let Clock::At(text) | Clock::Twice(text) = one {
                        let instant: jiff::Timestamp = text.parse().expect("RFC 3339");
                        prop_assert_eq!(instant, zoned);
                    }
                }
                (read, _) => prop_assert!(false, "{:?}", read),
            }
        }

        #[test]
        fn no_text_panics(text in r"[0-9/: ]{0,20}|\PC{0,12}") {
            let _ = read(&text);
        }
    }
}
