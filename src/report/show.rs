//! How values stand where people read them, and where spreadsheets do.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::audit::grouped;
use super::model::Millis;
use super::tables::Cell;
use crate::calendar;

/// Tonnes are shown to the kilogram at least, and with all digits that they have.
pub(super) fn tonnes(tonnes: Decimal) -> String {
    let mut exact = tonnes.normalize();
    if exact.scale() < 3 {
        exact.rescale(3);
    }
    let text = exact.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "000"));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    format!("{whole}.{fraction}")
}

/// Tonnes at a glance: to a tenth.
pub(super) fn rounded(weight: Decimal) -> String {
    let exact = tonnes(weight.round_dp(1));
    exact.strip_suffix("00").map(str::to_owned).unwrap_or(exact)
}

/// `5 Oct 2026`
pub(super) fn day(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// A cell as people read it.
pub(super) fn cell(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.to_string(),
        Cell::Count(count) => grouped(*count),
        Cell::Tonnes(weight) => tonnes(*weight),
        Cell::Day(date) => day(*date),
        Cell::Time(Millis(at)) => calendar::show_ms(*at),
        Cell::Milliseconds(time) => format!("{} ms", grouped(*time)),
    }
}

/// A moment in London, as spreadsheets read it.
pub(super) fn plain_time(at: Millis) -> String {
    let local = at.timestamp().map(calendar::in_london);
    local.map_or_else(String::new, |local| local.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// A cell without anything that is for the eye.
pub(super) fn plain(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.to_string(),
        Cell::Count(number) | Cell::Milliseconds(number) => number.to_string(),
        Cell::Tonnes(weight) => weight.normalize().to_string(),
        Cell::Day(date) => date.to_string(),
        Cell::Time(at) => plain_time(*at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tonnes_keep_all_their_digits() {
        let show = |text: &str| tonnes(text.parse().expect("a number"));
        assert_eq!(show("1234.5"), "1,234.500");
        assert_eq!(show("0.0000001"), "0.0000001");
        assert_eq!(show("0"), "0.000");
        assert_eq!(rounded("1234.56".parse().expect("a number")), "1,234.6");
        assert_eq!(rounded(Decimal::ZERO), "0.0");
    }
}
