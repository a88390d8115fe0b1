//! `dateTimeReceived` (section 4): which texts the API takes, and the instant it stores for each.
//!
//! The service asks two judges, and a text must please both: a pattern that looks like ISO 8601,
//! and the JavaScript engine, whose second, older reader takes what stands behind a blank. This
//! grammar is what is left when both agree, but for curiosities that only the engine's older reader
//! knows and nobody writes: the year -000000, dates without hyphens and days of the year in years
//! that begin with 0, and 24:0000. Must not know: other fields, today's date.

use super::say;
use super::schema::Node;
use super::values::is_js_whitespace;
use super::walk::{Path, Walk};
use crate::finding::ErrorType;
use crate::json::{Number, Value};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// JavaScript's dates end 100 million days from 1970, both ways.
const MOST_MS: i64 = 100_000_000 * DAY_MS;

/// What the service stores for a text that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    /// Milliseconds since 1970 began, UTC.
    pub(super) millisecond: i64,
    /// What the text left open or got wrong, and the service settled in its own way.
    pub(super) settled: Settled,
}

/// How sure it is that the service stores what was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Nothing was left open.
    Nothing,
    /// The day is not in the month, and became one of the next.
    RolledOver,
    /// There is a time without a zone: it is read as UTC.
    Zone,
    /// There is no time: it is read as midnight UTC.
    Time,
    /// There is no day or no month, or the engine read the text in an order of its own.
    Day,
}

/// Judges the field.
pub(super) fn check(walk: &mut Walk<'_>, node: &Node, value: &Value<'_>, path: &Path<'_>) {
    match value {
        Value::Text(text) if walk.date(text.as_str()).is_some() => {}
        Value::Text(text) => {
            walk.error(path, ErrorType::InvalidFormat, say::wrong_date(text.as_str()));
        }
        Value::Number(number) if read_number(number).is_some() => {}
        other => {
            let message = say::wrong_type(&node.label, say::expected(node.value_kind()), other);
            walk.error(path, ErrorType::InvalidType, message);
        }
    }
}

/// What the service stores for a value, if it takes it.
pub(super) fn read_value(value: &Value<'_>) -> Option<Stored> {
    match value {
        Value::Text(text) => read(text.as_str()),
        Value::Number(number) => read_number(number),
        _ => None,
    }
}

/// A JSON number is taken when JavaScript's spelling of it is a year: four digits, or six behind
/// a minus sign.
fn read_number(number: &Number<'_>) -> Option<Stored> {
    let number = number.as_f64();
    let spells_a_year =
        (1_000.0..=9_999.0).contains(&number) || (-999_999.0..=-100_000.0).contains(&number);
    if number.fract() != 0.0 || !spells_a_year {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most six digits")]
    let year = number as i64;
    stored(days(year, 1, 1) * DAY_MS, Settled::Day)
}

/// What the service stores for a text, if it takes it.
pub(super) fn read(text: &str) -> Option<Stored> {
    let mut rest = Rest(text);
    let year = rest.year()?;
    if rest.is_empty() {
        return stored(days(year, 1, 1) * DAY_MS, Settled::Day);
    }
    rest.skip('-')?;
    if let Some(month) = rest.day_of_year() {
        return by_older_reader(year, month, None, rest);
    }
    let month = rest.two_digits(1..=12)?;
    let day = match rest.skip('-') {
        Some(()) => Some(rest.two_digits(1..=31)?),
        None => None,
    };
    if rest.is_empty() {
        let settled = if day.is_some() { Settled::Time } else { Settled::Day };
        return stored_day(year, month, day.unwrap_or(1), 0, settled);
    }
    if rest.skip('T').is_some() {
        let time = rest.time()?;
        let zone = rest.zone(false)?;
        return at(year, month, day, time, zone);
    }
    by_older_reader(year, month, day, rest)
}

/// What the older reader makes of a date with nothing, or a blank and more, behind it.
fn by_older_reader(year: i64, month: i64, day: Option<i64>, mut rest: Rest<'_>) -> Option<Stored> {
    if rest.is_empty() {
        let (year, month, day) = reread(year, month, day)?;
        return stored_day(year, month, day.unwrap_or(1), 0, Settled::Day);
    }
    rest.skip_blank()?;
    if let Some(time) = rest.clone().time() {
        rest.time()?;
        let zone = rest.zone(true)?;
        let (year, month, day) = reread(year, month, day)?;
        return at(year, month, day, time, zone);
    }
    behind_blank(year, month, day, rest)
}

/// What stands behind a time.
#[derive(Debug, Clone, Copy)]
enum Zone {
    Missing,
    /// Milliseconds east of UTC.
    East(i64),
}

/// Date, time and zone put together. A missing day is the first.
fn at(year: i64, month: i64, day: Option<i64>, time: i64, zone: Zone) -> Option<Stored> {
    let (east, settled) = match zone {
        Zone::Missing => (0, Settled::Zone),
        Zone::East(east) => (east, Settled::Nothing),
    };
    let settled = if day.is_some() { settled } else { Settled::Day };
    stored_day(year, month, day.unwrap_or(1), time - east, settled)
}

/// The older reader's way with small years, which only a blank can lead to: 1 to 31 look like
/// the month of `month, day, year`; what is left below 100 lies in the years 1950 to 2049.
fn reread(year: i64, month: i64, day: Option<i64>) -> Option<(i64, i64, Option<i64>)> {
    let full = |year: i64| match year {
        0..=49 => year + 2_000,
        50..=99 => year + 1_900,
        _ => year,
    };
    match year {
        1..=12 => Some((full(day.unwrap_or(1)), year, Some(month))),
        13..=31 => None,
        _ => Some((full(year), month, day)),
    }
}

/// `2026-03 09`: digits that look like a time without colons, behind a year and a month, are the
/// day; a minus and what looks like a zone behind them is the time.
fn behind_blank(year: i64, month: i64, day: Option<i64>, mut rest: Rest<'_>) -> Option<Stored> {
    if day.is_some() {
        return None;
    }
    let digits = rest.0.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.clock_digits(digits)?;
    let time = if rest.is_empty() || rest.0 == "Z" {
        0
    } else {
        rest.skip('-')?;
        let hours = rest.two_digits(0..=23)?;
        rest.skip(':')?;
        let minutes = rest.two_digits(0..=59)?;
        if !rest.is_empty() {
            return None;
        }
        (hours * 60 + minutes) * MINUTE_MS
    };
    let (year, month, day) = reread(year, month, Some(number))?;
    let day = day.filter(|day| (1..=31).contains(day))?;
    stored_day(year, month, day, time, Settled::Day)
}

/// A day and milliseconds from its beginning; a day beyond the month's end runs on into the next.
fn stored_day(year: i64, month: i64, day: i64, after: i64, settled: Settled) -> Option<Stored> {
    let day_number = days(year, month, 1) + day - 1;
    let next_month = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    let settled = if day_number >= next_month { Settled::RolledOver } else { settled };
    stored(day_number * DAY_MS + after, settled)
}

fn stored(millisecond: i64, settled: Settled) -> Option<Stored> {
    (-MOST_MS..=MOST_MS).contains(&millisecond).then_some(Stored { millisecond, settled })
}

/// Days from 1 January 1970 in the Gregorian calendar, continued both ways. Years are counted
/// from March, so that the leap day is the last one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// What has not been read yet.
#[derive(Clone)]
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn skip(&mut self, wanted: char) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    /// One blank; the engine does not take the two that separate lines and paragraphs.
    fn skip_blank(&mut self) -> Option<()> {
        let blank = |c: char| is_js_whitespace(c) && !matches!(c, '\u{2028}' | '\u{2029}');
        self.0 = self.0.strip_prefix(blank)?;
        Some(())
    }

    /// So many ASCII digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        Some(digits.bytes().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    fn two_digits(&mut self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        self.digits(2).filter(|number| range.contains(number))
    }

    /// `001` to `012`: the pattern takes it for a day of the year, as it does all three digits,
    /// and the older reader takes it for a month, as it cannot do with the others.
    fn day_of_year(&mut self) -> Option<i64> {
        let mut rest = self.clone();
        let month = rest.digits(3).filter(|number| (1..=12).contains(number))?;
        *self = rest;
        Some(month)
    }

    /// Four digits, or a sign and six; there is no year -0.
    fn year(&mut self) -> Option<i64> {
        let sign = match self.0.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return self.digits(4),
        };
        self.0 = &self.0[1..];
        self.digits(6).filter(|&year| sign > 0 || year != 0).map(|year| sign * year)
    }

    /// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.f`, in milliseconds; 24:00 ends the day.
    fn time(&mut self) -> Option<i64> {
        let hours = self.two_digits(0..=24)?;
        self.skip(':')?;
        let minutes = self.two_digits(0..=if hours == 24 { 0 } else { 59 })?;
        let mut time = (hours * 60 + minutes) * MINUTE_MS;
        if self.0.starts_with(':') {
            self.skip(':').filter(|()| hours < 24)?;
            time += self.two_digits(0..=59)? * 1_000;
            if self.skip('.').is_some() {
                time += self.fraction()?;
            }
        }
        Some(time)
    }

    /// Any number of digits, at least one; those beyond milliseconds are cut off.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count > 0)?;
        self.0 = rest;
        let thousandths = digits.bytes().chain(*b"00").take(3);
        Some(thousandths.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    }

    /// The zone up to the end of the text. Hours alone are a zone only behind a blank.
    fn zone(&mut self, hours_alone: bool) -> Option<Zone> {
        if self.is_empty() {
            return Some(Zone::Missing);
        }
        if self.0 == "Z" {
            return Some(Zone::East(0));
        }
        let sign = if self.skip('+').is_some() {
            1
        } else {
            self.skip('-')?;
            -1
        };
        let hours = self.two_digits(0..=23)?;
        let minutes = if self.is_empty() && hours_alone {
            0
        } else {
            let _colon_or_not = self.skip(':');
            self.two_digits(0..=59)?
        };
        self.is_empty().then_some(Zone::East(sign * (hours * 60 + minutes) * MINUTE_MS))
    }

    /// Digits that look like hours, hours and minutes, or hours, minutes and seconds, as the one
    /// number that they spell.
    fn clock_digits(&mut self, count: usize) -> Option<i64> {
        let mut clock = self.clone();
        let hours = clock.two_digits(0..=24)?;
        let minutes = if count > 2 { clock.two_digits(0..=59)? } else { 0 };
        if count > 4 {
            clock.two_digits(0..=59)?;
        }
        let beyond_midnight = hours == 24 && (count < 4 || minutes > 0);
        if beyond_midnight || !matches!(count, 2 | 4 | 6) {
            return None;
        }
        self.digits(count)
    }
}

#[cfg(test)]
mod tests;
