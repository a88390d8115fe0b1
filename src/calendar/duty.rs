//! The duty to report in time: which days count for which site, and when a load is due.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::published::Published;
use super::{Nation, WORKING_DAYS, is_bank_holiday};

/// After which period loads that come through a pipe are reported together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PipePeriod {
    /// Each day stands for itself.
    Day,
    /// Weeks end on Sunday.
    Week,
    /// Calendar months.
    #[default]
    Month,
}

/// What deadlines are reckoned by: the defaults are the rules alone.
#[derive(Debug, Clone, Default)]
pub struct Duty {
    /// Where they say otherwise than the rules.
    pub published: Published,
    /// The period of loads by pipe.
    pub pipe_period: PipePeriod,
    /// The nations of sites whose permits do not tell; by the one spelling that a permit has in
    /// the ledger (`AB1234CD`, not `EPR/AB1234CD`).
    pub nations: BTreeMap<String, Nation>,
}

static BY_RULES: LazyLock<Duty> = LazyLock::new(Duty::default);

impl Duty {
    /// The rules alone.
    pub fn by_rules() -> &'static Self {
        &BY_RULES
    }

    /// The nation whose bank holidays a site has, by its permit in its one spelling.
    pub fn nation(&self, site: &str) -> Nation {
        self.nations.get(site).copied().unwrap_or_else(|| Nation::of_permit(site))
    }

    /// Whether work is done on a day.
    pub fn is_working_day(&self, day: Date, nation: Nation) -> bool {
        let holiday = self.published.says(day, nation);
        let holiday = holiday.unwrap_or_else(|| is_bank_holiday(day, nation));
        !holiday && !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// The last day on which a load received on that day is reported in time.
    pub fn deadline(&self, received_on: Date, nation: Nation, by_pipe: bool) -> Date {
        let mut day = if by_pipe { self.end_of_period(received_on) } else { received_on };
        let mut left = WORKING_DAYS;
        while left > 0 {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            left -= u8::from(self.is_working_day(day, nation));
        }
        day
    }

    fn end_of_period(&self, day: Date) -> Date {
        match self.pipe_period {
            PipePeriod::Day => day,
            PipePeriod::Week => {
                let left = 6 - i64::from(day.weekday().to_monday_zero_offset());
                day.checked_add(left.days()).unwrap_or(day)
            }
            PipePeriod::Month => day.last_of_month(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn pipe(pipe_period: PipePeriod, received_on: Date) -> Date {
        let duty = Duty { pipe_period, ..Duty::default() };
        duty.deadline(received_on, Nation::EnglandAndWales, true)
    }

    #[test]
    fn loads_by_pipe_count_from_the_end_of_their_period() {
        let monday = date(2026, 10, 5);
        assert_eq!(pipe(PipePeriod::Day, monday), date(2026, 10, 7));
        assert_eq!(pipe(PipePeriod::Week, monday), date(2026, 10, 13), "Sunday the 11th, then two");
        assert_eq!(pipe(PipePeriod::Week, date(2026, 10, 11)), date(2026, 10, 13));
        assert_eq!(pipe(PipePeriod::Month, monday), date(2026, 11, 3), "Saturday the 31st");
        assert_eq!(pipe(PipePeriod::Month, date(2026, 12, 31)), date(2027, 1, 5), "New Year's Day");
    }

    #[test]
    fn a_site_that_was_named_has_the_nation_that_was_said() {
        let mut duty = Duty::default();
        assert_eq!(duty.nation("AB1234CD"), Nation::EnglandAndWales);
        duty.nations.insert("AB1234CD".to_owned(), Nation::Scotland);
        assert_eq!(duty.nation("AB1234CD"), Nation::Scotland);
        assert_eq!(duty.nation("P0123/12A"), Nation::NorthernIreland);
    }

    #[test]
    fn a_file_wins_over_the_rules() {
        let text = "nation,date,what\nall,2026-10-06,holiday\nscotland,2026-10-07,holiday\n\
                    england-and-wales,2026-12-28,working\n";
        let duty = Duty { published: text.parse().expect("a file"), ..Duty::default() };
        let due = |day, nation| duty.deadline(day, nation, false);
        assert_eq!(due(date(2026, 10, 5), Nation::EnglandAndWales), date(2026, 10, 8));
        assert_eq!(due(date(2026, 10, 5), Nation::Scotland), date(2026, 10, 9));
        assert_eq!(due(date(2026, 12, 24), Nation::EnglandAndWales), date(2026, 12, 29));
        assert_eq!(due(date(2026, 12, 24), Nation::NorthernIreland), date(2026, 12, 30));
    }
}
