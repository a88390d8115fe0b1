//! Days as the duty counts them: London time, working days, deadlines.
//!
//! A load must be reported within two working days, beginning with the day after its receipt:
//! received on a Monday at any hour, it is due before midnight at the end of Wednesday. One that
//! came through a pipe counts from the end of its period. Must not know: anything of ours.

mod duty;
mod holidays;
mod published;

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

pub use duty::{Duty, PipePeriod};
pub use holidays::{Nation, is_bank_holiday};
pub use published::{Published, PublishedError};

/// So many working days after the day of receipt.
const WORKING_DAYS: u8 = 2;

const NAME: &str = "Europe/London";
/// Where many systems keep it.
const USUAL_PLACE: &str = "/usr/share/zoneinfo/Europe/London";

static LONDON: LazyLock<TimeZone> = LazyLock::new(|| {
    // To look for all zones that there are takes longer than most commands.
    let is_usual = std::env::var_os("TZDIR").is_none();
    let usual = is_usual.then(|| std::fs::read(USUAL_PLACE).ok()).flatten();
    let known = usual.and_then(|file| TimeZone::tzif(NAME, &file).ok());
    known.or_else(|| TimeZone::get(NAME).ok()).unwrap_or(TimeZone::UTC)
});

/// London's time.
pub fn london() -> TimeZone {
    LONDON.clone()
}

/// A time as clocks in London show it.
pub fn in_london(at: Timestamp) -> Zoned {
    at.to_zoned(LONDON.clone())
}

/// The day in London.
pub fn london_day(at: Timestamp) -> Date {
    in_london(at).date()
}

/// When a day begins in London.
pub fn begin_in_london(day: Date) -> Timestamp {
    day.to_zoned(LONDON.clone()).map_or(Timestamp::MAX, |begin| begin.timestamp())
}

/// The moment at which clocks in London show a time; where they skip it, the moment that they would
/// have.
pub fn from_london(local: DateTime) -> Option<Timestamp> {
    LONDON.to_ambiguous_timestamp(local).compatible().ok()
}

/// A time for people, to the second: `21 Nov 2026 18:41:37`.
pub fn show(at: Timestamp) -> String {
    in_london(at).strftime("%-d %b %Y %H:%M:%S").to_string()
}

/// A time of the ledger (milliseconds since 1970) for people.
pub fn show_ms(at: i64) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), show)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn two_working_days_after_the_day_of_receipt() {
        let duty = Duty::default();
        let due = |y, m, d| duty.deadline(date(y, m, d), Nation::EnglandAndWales, false);
        assert_eq!(due(2026, 10, 5), date(2026, 10, 7), "Monday to Wednesday");
        assert_eq!(due(2026, 10, 8), date(2026, 10, 12), "Thursday to Monday");
        assert_eq!(due(2026, 10, 9), date(2026, 10, 13), "Friday to Tuesday");
        assert_eq!(due(2026, 10, 10), date(2026, 10, 13), "Saturday to Tuesday");
        assert_eq!(due(2026, 12, 24), date(2026, 12, 30), "over Christmas with its substitute");
        assert_eq!(due(2027, 3, 25), date(2027, 3, 31), "over Easter");
        let scottish = duty.deadline(date(2027, 3, 25), Nation::Scotland, false);
        assert_eq!(scottish, date(2027, 3, 30), "Easter Monday is none in Scotland");
    }

    #[test]
    fn days_change_at_midnight_in_london() {
        let at = |text: &str| london_day(text.parse().expect("a time"));
        assert_eq!(at("2026-07-01T23:30:00Z"), date(2026, 7, 2));
        assert_eq!(at("2026-12-01T23:30:00Z"), date(2026, 12, 1));
    }
}
