//! Cells of the template's sheets to the texts that a CSV file would have, and what must be said of
//! them beside what the text says itself.
//!
//! Must not know: which rows belong together.

use std::borrow::Cow;

use super::sheet::{Found, Kind};
use super::value;
use crate::finding::{ErrorType, Severity};
use crate::movement::fields::{Field, Kind as FieldKind};

/// Something to say of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) severity: Severity,
    pub(super) error_type: ErrorType,
    pub(super) message: String,
}

impl Remark {
    pub(super) fn wrong(message: impl Into<String>) -> Self {
        let error_type = ErrorType::InvalidFormat;
        Remark { severity: Severity::Error, error_type, message: message.into() }
    }

    /// Stops nothing. Of a type that does not say that the value cannot be read.
    pub(super) fn advice(message: impl Into<String>) -> Self {
        let error_type = ErrorType::InvalidValue;
        Remark { severity: Severity::Advice, error_type, message: message.into() }
    }
}

/// What a cell says, and what is to be said of it.
pub(super) type Read<'g> = (Cow<'g, str>, Option<Remark>);

const NO_RESULT: &str = "this cell holds a formula whose result was not stored: open the workbook in Excel, save it, and submit it again";

/// What a cell of a field holds.
pub(super) fn read<'g>(field: &Field, cell: Found<'g>) -> Read<'g> {
    let text = cell.text;
    let is_number = matches!(field.kind, FieldKind::Count | FieldKind::Number | FieldKind::Amount);
    let remark = match cell.kind {
        Kind::NoResult => Some(Remark::wrong(NO_RESULT)),
        Kind::LongNumber if !is_number => Some(Remark::wrong(format!(
            "`{text}` is a number of more than 15 digits, and a spreadsheet keeps no more: format the cell as Text, and put the value in again"
        ))),
        Kind::Moment | Kind::Time => Some(Remark::wrong(format!(
            "`{text}` is a date or time cell, and no date belongs here: spreadsheets make one of what looks like it; format the cell as Text, and put the value in again"
        ))),
        Kind::Number if field.name() == "phoneNumber" => Some(Remark::advice(format!(
            "`{text}` is a number cell, and a spreadsheet drops the zero at the beginning of a phone number; if one is missing, format the cell as Text, and put the number in again"
        ))),
        _ => None,
    };
    (Cow::Borrowed(text), remark)
}

/// Whether a cell can hold a reference: what a spreadsheet has made something else of cannot.
pub(super) fn is_reference(kind: Kind) -> bool {
    !matches!(kind, Kind::NoResult | Kind::LongNumber | Kind::Moment | Kind::Time)
}

/// When the waste was received, from the cell of the date and, in older templates, that of the
/// time beside it: the text that the date's cell has in the present template.
pub(super) fn received<'g>(
    date: Option<Found<'g>>,
    time: Option<Found<'g>>,
    base_1904: bool,
) -> Read<'g> {
    let Some(date) = date else {
        let remark = time.map(|time| {
            let text = time.text;
            Remark::wrong(format!("there is a time, `{text}`, and no date: put the date beside it"))
        });
        return (Cow::Borrowed(""), remark);
    };
    let text = date.text;
    let (day, of_day, remark) = match date.kind {
        Kind::NoResult => return (Cow::Borrowed(""), Some(Remark::wrong(NO_RESULT))),
        Kind::Number => {
            // A date whose format was lost, when copied as a value for example.
            let serial = text.parse().ok().filter(|serial| (36_526.0..73_050.0).contains(serial));
            let Some(at) = serial.and_then(|serial| value::moment(serial, base_1904)) else {
                return (Cow::Borrowed(text), None);
            };
            let remark = Remark::advice(format!(
                "`{text}` has no date format: it was read as {}, the day and time that a spreadsheet means by that number",
                value::show(at)
            ));
            (at.date(), Some(at.time()), Some(remark))
        }
        Kind::Moment | Kind::Text => match value::written_date(text) {
            Some((day, of_day)) => (day, of_day, None),
            None => return (Cow::Borrowed(text), None),
        },
        Kind::Time | Kind::LongNumber | Kind::Flag => return (Cow::Borrowed(text), None),
    };
    // A date cell without a time is one at midnight.
    let of_day =
        of_day.filter(|at| *at != jiff::civil::Time::midnight() || date.kind == Kind::Text);
    let beside = match time.map(|time| (time, time_of(time))) {
        None => None,
        Some((_, Some(beside))) => Some(beside),
        Some((time, None)) => {
            let words = format!("`{}`, beside the date, is no time: write hh:mm:ss", time.text);
            return (Cow::Borrowed(text), Some(Remark::wrong(words)));
        }
    };
    let at = match (of_day, beside) {
        (Some(one), Some(other)) if one != other => {
            let words = format!(
                "the date says {}, and the time beside it {}: clear one of the two times",
                value::show_time(one),
                value::show_time(other)
            );
            return (Cow::Borrowed(text), Some(Remark::wrong(words)));
        }
        (Some(at), _) | (None, Some(at)) => at,
        (None, None) if date.kind == Kind::Text => return (Cow::Borrowed(text), None),
        (None, None) => {
            let words = "this date has no time of day: it was read as midnight; put the time in if it is known";
            let midnight = jiff::civil::Time::midnight();
            let shown = value::show(day.to_datetime(midnight));
            return (Cow::Owned(shown), remark.or_else(|| Some(Remark::advice(words))));
        }
    };
    (Cow::Owned(value::show(day.to_datetime(at))), remark)
}

/// The time in a cell beside a date.
fn time_of(cell: Found<'_>) -> Option<jiff::civil::Time> {
    match cell.kind {
        Kind::Time | Kind::Text => value::written_time(cell.text),
        Kind::Number => value::time_of_day(cell.text.parse().ok()?),
        // Of a cell with a day, which is some day, the time counts.
        Kind::Moment => value::written_date(cell.text).and_then(|(_, time)| time),
        Kind::LongNumber | Kind::Flag | Kind::NoResult => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::fields;

    fn found(kind: Kind, text: &str) -> Option<Found<'_>> {
        (!text.is_empty()).then_some(Found { column: 0, kind, text })
    }

    /// Text and message of a date and a time.
    fn at(date: (Kind, &str), time: (Kind, &str)) -> (String, String) {
        let (text, remark) = received(found(date.0, date.1), found(time.0, time.1), false);
        (text.into_owned(), remark.map(|remark| remark.message).unwrap_or_default())
    }

    #[test]
    fn a_date_and_a_time_make_one() {
        use Kind::{Moment, Number, Text, Time};
        let nothing = (Text, "");
        let whole = "05/10/2026 09:20:00";
        for (date, time, wanted) in [
            ((Moment, whole), nothing, whole),
            ((Text, "5/10/2026 09:20"), nothing, whole),
            ((Moment, "05/10/2026 00:00:00"), (Time, "09:20:00"), whole),
            ((Text, "05/10/2026"), (Text, "9:20"), whole),
            ((Text, "05/10/2026"), (Number, "0.388888888888889"), whole),
            ((Moment, whole), (Moment, "01/01/1904 09:20:00"), whole),
            ((Text, "2026-10-05T09:20:00+01:00"), nothing, "2026-10-05T09:20:00+01:00"),
            ((Text, "05/10/2026"), nothing, "05/10/2026"),
            ((Text, "05/10/2026 00:00"), nothing, "05/10/2026 00:00:00"),
            ((Text, "soon"), nothing, "soon"),
            (nothing, nothing, ""),
        ] {
            assert_eq!(at(date, time), (wanted.to_owned(), String::new()), "{date:?} {time:?}");
        }
        let (text, said) = at((Moment, "05/10/2026 00:00:00"), nothing);
        assert!(text == "05/10/2026 00:00:00" && said.contains("midnight"), "{text} {said}");
        let (text, said) = at((Number, "46300.3888888889"), nothing);
        assert!(text == whole && said.contains("no date format"), "{text} {said}");
        assert!(at((Moment, whole), (Time, "10:00:00")).1.contains("clear one of the two"));
        assert!(at((Moment, whole), (Text, "noon")).1.contains("is no time"));
        assert!(at(nothing, (Time, "10:00:00")).1.contains("no date"));
    }

    #[test]
    fn what_a_spreadsheet_has_spoilt_is_said() {
        let said = |path: &str, kind, text: &str| {
            let field = fields::field(path).expect("a field");
            let remark = read(field, Found { column: 0, kind, text }).1;
            remark.map(|remark| (remark.severity.stops(), remark.message))
        };
        let phone = said("carrier.phoneNumber", Kind::Number, "1632960101").expect("said");
        assert!(!phone.0 && phone.1.contains("drops the zero"));
        assert!(said("yourUniqueReference", Kind::LongNumber, "1234567890123450").is_some());
        assert!(said("wasteItems.weight.amount", Kind::LongNumber, "1234567890123450").is_none());
        assert!(said("wasteItems.ewcCodes", Kind::Moment, "17/09/2004 00:00:00").is_some());
        assert!(said("wasteItems.containsPops", Kind::NoResult, "").expect("said").0);
        assert!(said("yourUniqueReference", Kind::Number, "100231").is_none());
    }
}
