//! Bank holidays of the three jurisdictions, by rule.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};

/// Where a site is, as far as bank holidays go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Nation {
    /// England and Wales.
    #[default]
    EnglandAndWales,
    /// Scotland.
    Scotland,
    /// Northern Ireland.
    NorthernIreland,
}

impl Nation {
    /// All three.
    pub const ALL: [Nation; 3] =
        [Nation::EnglandAndWales, Nation::Scotland, Nation::NorthernIreland];

    /// Its name in settings and files, as GOV.UK's list has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Nation::EnglandAndWales => "england-and-wales",
            Nation::Scotland => "scotland",
            Nation::NorthernIreland => "northern-ireland",
        }
    }

    /// Reads that name.
    pub fn parse(name: &str) -> Option<Self> {
        Nation::ALL.into_iter().find(|nation| nation.as_str() == name)
    }

    /// The nation whose regulator issued a permit, by the form of its number.
    pub fn of_permit(authorisation_number: &str) -> Self {
        let number = authorisation_number.trim().to_ascii_uppercase();
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| number.starts_with(prefix));
        if number.contains("LN/") || number.contains("PAC/") || begins(&["WPPC "]) {
            Nation::NorthernIreland
        } else if begins(&["PPC/", "WML/", "EAS/"]) {
            Nation::Scotland
        } else if number
            .strip_prefix('P')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            Nation::NorthernIreland
        } else {
            Nation::EnglandAndWales
        }
    }
}

/// Days that were moved, or given once, by proclamation.
const ADDED: [Date; 4] = [date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)];
/// Coronation: the whole of the United Kingdom.
const CORONATION: Date = date(2023, 5, 8);
/// Given once, in Scotland: its first men's World Cup since 1998.
const WORLD_CUP: Date = date(2026, 6, 15);
/// The days that [`ADDED`] took the place of.
const MOVED: [Date; 2] = [date(2020, 5, 4), date(2022, 5, 30)];

/// Whether a day is a bank holiday.
pub fn is_bank_holiday(day: Date, nation: Nation) -> bool {
    if ADDED.contains(&day) || day == CORONATION {
        return true;
    }
    if day == WORLD_CUP && nation == Nation::Scotland {
        return true;
    }
    !MOVED.contains(&day) && of_year(day.year(), nation).contains(&day)
}

/// The bank holidays that rules give for a year.
fn of_year(year: i16, nation: Nation) -> Vec<Date> {
    let easter = easter_sunday(year);
    let mut days = vec![easter - 2.days(), first_monday(year, 5), last_monday(year, 5)];
    let new_year = date(year, 1, 1);
    match nation {
        Nation::Scotland => {
            days.extend(with_substitutes([new_year, date(year, 1, 2)]));
            days.push(first_monday(year, 8));
            days.extend(with_substitutes([date(year, 11, 30)]));
        }
        Nation::EnglandAndWales | Nation::NorthernIreland => {
            days.extend(with_substitutes([new_year]));
            days.push(easter + 1.days());
            days.push(last_monday(year, 8));
        }
    }
    if nation == Nation::NorthernIreland {
        days.extend(with_substitutes([date(year, 3, 17)]));
        days.extend(with_substitutes([date(year, 7, 12)]));
    }
    days.extend(with_substitutes([date(year, 12, 25), date(year, 12, 26)]));
    days
}

/// Where days that belong together fall on a weekend, the next weekdays that are not among them
/// take their place.
fn with_substitutes<const N: usize>(days: [Date; N]) -> Vec<Date> {
    let is_weekend = |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut taken: Vec<Date> = days.iter().copied().filter(|day| !is_weekend(day)).collect();
    for day in days.iter().filter(|day| is_weekend(day)) {
        let mut substitute = *day;
        while is_weekend(&substitute) || taken.contains(&substitute) {
            substitute += 1.days();
        }
        taken.push(substitute);
    }
    taken
}

fn first_monday(year: i16, month: i8) -> Date {
    let first = date(year, month, 1);
    first.nth_weekday_of_month(1, Weekday::Monday).unwrap_or(first)
}

fn last_monday(year: i16, month: i8) -> Date {
    let first = date(year, month, 1);
    first.nth_weekday_of_month(-1, Weekday::Monday).unwrap_or(first)
}

/// Easter Sunday in the Gregorian calendar, by the anonymous algorithm (Meeus).
#[expect(clippy::many_single_char_names, reason = "the algorithm is published with these names")]
fn easter_sunday(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    let fits = i8::try_from(month).ok().zip(i8::try_from(day).ok());
    fits.and_then(|(month, day)| Date::new(year, month, day).ok()).unwrap_or(date(year, 4, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_it_fell() {
        let days = [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2028, 4, 16)];
        for (year, month, day) in days {
            assert_eq!(easter_sunday(year), date(year, month, day));
        }
    }

    #[test]
    fn substitute_days() {
        use Nation::{EnglandAndWales, NorthernIreland, Scotland};
        // 26 December 2026 is a Saturday, 25 and 26 December 2027 are a weekend.
        assert!(is_bank_holiday(date(2026, 12, 28), EnglandAndWales));
        assert!(!is_bank_holiday(date(2026, 12, 29), EnglandAndWales));
        assert!(is_bank_holiday(date(2027, 12, 27), EnglandAndWales));
        assert!(is_bank_holiday(date(2027, 12, 28), EnglandAndWales));
        assert!(is_bank_holiday(date(2028, 1, 3), EnglandAndWales));
        assert!(is_bank_holiday(date(2028, 1, 4), Scotland));
        assert!(!is_bank_holiday(date(2028, 1, 4), EnglandAndWales));
        assert!(is_bank_holiday(date(2026, 7, 13), NorthernIreland));
        assert!(is_bank_holiday(date(2024, 3, 18), NorthernIreland));
        assert!(is_bank_holiday(date(2025, 12, 1), Scotland));
        assert!(is_bank_holiday(date(2026, 8, 3), Scotland));
        assert!(!is_bank_holiday(date(2026, 8, 31), Scotland));
    }

    #[test]
    fn a_permit_tells_the_nation() {
        assert_eq!(Nation::of_permit("EPR/KB3107TT"), Nation::EnglandAndWales);
        assert_eq!(Nation::of_permit("ppc/a/1044821"), Nation::Scotland);
        assert_eq!(Nation::of_permit("WML 12/3 LN/12/3"), Nation::NorthernIreland);
        assert_eq!(Nation::of_permit("P0123/12A"), Nation::NorthernIreland);
        assert_eq!(Nation::of_permit("WML 12345"), Nation::EnglandAndWales);
    }
}
