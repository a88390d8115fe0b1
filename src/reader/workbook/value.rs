//! Numbers and dates of cells as the texts that people would write for them.
//!
//! A cell's number is a double, of which spreadsheets show 15 digits; a date is a number of days.
//! What comes out is what the same cell has in a CSV file, so that both are read in one way. Must
//! not know: sheets, fields.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time, date};

/// The digits that spreadsheets keep of a number.
const DIGITS: i32 = 15;

/// Beyond this the last digits of a whole number are lost.
const WHOLE: f64 = 1e15;

/// A number written out, as a spreadsheet shows it: 15 digits, no exponent.
pub(super) fn spell(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    // One digit, a point, 14 digits: what lies beyond is noise of the binary fraction.
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !number.is_finite() || !(-20..=20).contains(&exponent) {
        return format!("{mantissa}E+{}", exponent.abs());
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let length = i32::try_from(digits.len()).unwrap_or(DIGITS);
    if point <= 0 {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else if length <= point {
        format!("{sign}{digits}{}", zeros(point - length))
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or_default());
        format!("{sign}{whole}.{fraction}")
    }
}

/// Whether a number is so long that a spreadsheet has lost its last digits.
pub(super) fn has_lost_digits(number: f64) -> bool {
    number.abs() >= WHOLE
}

/// Day and time of a date cell. `base_1904` says that days are counted from 1904, as workbooks that
/// were begun on old Macs do.
pub(super) fn moment(serial: f64, base_1904: bool) -> Option<DateTime> {
    // Up to the year 9999.
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below three million days of 86,400 s")]
    let seconds = (serial * 86_400.0).round() as i64;
    // Excel's calendar has a 29 February 1900: until then its days count from a day later.
    let first = if base_1904 {
        date(1904, 1, 1)
    } else if serial < 60.0 {
        date(1899, 12, 31)
    } else {
        date(1899, 12, 30)
    };
    first.to_datetime(Time::midnight()).checked_add(seconds.seconds()).ok()
}

/// The time of a cell that holds a time alone: a part of a day.
pub(super) fn time_of_day(serial: f64) -> Option<Time> {
    let at = moment(serial, true)?;
    (serial < 1.0 && at.date() == date(1904, 1, 1)).then(|| at.time())
}

/// A date and time as people write them in the template.
pub(super) fn show(at: DateTime) -> String {
    at.strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// A time as people write it.
pub(super) fn show_time(at: Time) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// `dd/mm/yyyy`, and a time behind it or not.
pub(super) fn written_date(text: &str) -> Option<(Date, Option<Time>)> {
    let (day, time) = match text.split_once(char::is_whitespace) {
        Some((day, time)) => (day, Some(written_time(time.trim())?)),
        None => (text, None),
    };
    let day = Date::strptime("%d/%m/%Y", day).ok().filter(|day| day.year() >= 1_000)?;
    Some((day, time))
}

/// `hh:mm` or `hh:mm:ss`
pub(super) fn written_time(text: &str) -> Option<Time> {
    let forms = ["%H:%M:%S", "%H:%M"];
    forms.iter().find_map(|form| Time::strptime(form, text).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_shown_as_spreadsheets_show_them() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.46, "3.46"),
            (0.1 + 0.2, "0.3"),
            (4.6 / 2.0 - 1e-15, "2.3"),
            (1_632_960_101.0, "1632960101"),
            (10_101.0, "10101"),
            (-12.5, "-12.5"),
            (0.000_012_3, "0.0000123"),
            (123_456_789_012_345.0, "123456789012345"),
            (1.0 / 3.0, "0.333333333333333"),
        ] {
            assert_eq!(spell(number), text);
        }
        assert!(crate::reader::number::is_damaged(&spell(1e300)));
        assert!(has_lost_digits(1e15) && !has_lost_digits(999_999_999_999_999.0));
    }

    #[test]
    fn days_are_counted_in_both_ways() {
        let told = |serial, base| moment(serial, base).map(show).unwrap_or_default();
        assert_eq!(told(46_300.388_888_888_89, false), "05/10/2026 09:20:00");
        assert_eq!(told(46_300.388_888_888_89 - 1_462.0, true), "05/10/2026 09:20:00");
        // The last half second of a day belongs to the next.
        assert_eq!(told(46_300.999_999_99, false), "06/10/2026 00:00:00");
        assert_eq!(told(1.0, false), "01/01/1900 00:00:00");
        assert_eq!(told(61.0, false), "01/03/1900 00:00:00");
        assert_eq!((told(-1.0, false), told(f64::NAN, false)), (String::new(), String::new()));
        assert_eq!(time_of_day(0.388_888_888_89).map(show_time).as_deref(), Some("09:20:00"));
        assert_eq!(time_of_day(1.5), None);
        assert_eq!(time_of_day(0.999_999_999), None);
    }

    #[test]
    fn written_ones_are_read() {
        let day = date(2026, 10, 5);
        assert_eq!(written_date("5/10/2026"), Some((day, None)));
        let time = Time::constant(9, 20, 0, 0);
        assert_eq!(written_date("05/10/2026  09:20"), Some((day, Some(time))));
        assert_eq!(written_date("31/02/2026"), None);
        assert_eq!(written_date("5/10/26"), None);
        assert_eq!(written_time("9:20:00"), Some(time));
        assert_eq!(written_time("9.20"), None);
    }

    proptest! {
        #[test]
        fn what_people_type_comes_back(whole in 0_u64..10_000_000, cents in 0_u8..100) {
            let text = format!("{whole}.{cents:02}");
            let number: f64 = text.parse().expect("a number");
            let wanted = crate::reader::number::canonical(&text).expect("a number").into_owned();
            prop_assert_eq!(spell(number), wanted);
        }

        #[test]
        fn no_number_panics(number in any::<f64>()) {
            let _ = (spell(number), moment(number, false), time_of_day(number));
        }
    }
}
