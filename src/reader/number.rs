//! Numbers as people write them to numbers as JSON has them.
//!
//! The digits are kept as they are, however many: nothing passes through a float. Must not know:
//! fields, files.

use std::borrow::Cow;

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// `12,50`: a decimal comma, or thousands put wrongly.
    Comma,
    /// `1e3`
    Exponent,
    /// `3.14E+05`: what Excel shows of a long number.
    Damaged,
    /// Anything else.
    Other,
}

impl Fault {
    /// What is wrong with the text, and what to write instead.
    pub(super) fn message(self, text: &str) -> String {
        match self {
            Fault::Comma => format!(
                "`{text}` is not clear: write decimals behind a point (12.50), and a comma only before three digits (1,250)"
            ),
            Fault::Exponent => {
                format!("`{text}` is written with an exponent: write the number out")
            }
            Fault::Damaged => damage(text),
            Fault::Other => format!(
                "`{text}` is not a number: write digits, with a point before decimals, and no unit"
            ),
        }
    }
}

/// What to say of a cell that spreadsheet software has damaged.
pub(super) fn damage(text: &str) -> String {
    if !text.starts_with('#') {
        return format!(
            "`{text}` is how Excel writes a long number, and its last digits are lost: format the column as Text (or as Number without decimals), put the value in again and save"
        );
    }
    let what = if is_fence(text) {
        "is what a spreadsheet shows where a column is too narrow: make the column wider"
    } else {
        "is a spreadsheet's message about a formula: mend it"
    };
    format!("`{text}` {what}, and save the file again")
}

/// What spreadsheets show in place of a value that they could not work out.
const FORMULA_ERRORS: [&str; 9] =
    ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"];

/// `########`
fn is_fence(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|byte| byte == b'#')
}

/// Whether a text is what Excel makes of a long number when it saves CSV (`3.14E+05`), of one that
/// its column has no room for (`########`), or of a formula without a result (`#REF!`).
pub(super) fn is_damaged(text: &str) -> bool {
    // Asked of every cell: most are told by their first bytes.
    if text.starts_with('#') {
        return is_fence(text) || FORMULA_ERRORS.contains(&text);
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return false;
    }
    let text = text.strip_prefix('-').unwrap_or(text);
    if !matches!(text.as_bytes().get(1), Some(b'.' | b'E')) {
        return false;
    }
    let Some((digits, exponent)) = text.split_once("E+") else { return false };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    whole.len() == 1 && all_digits(whole) && all_digits(fraction) && all_digits(exponent)
}

/// The number in its one spelling: no sign but a minus, no needless zeros, no thousands commas.
pub(super) fn canonical(text: &str) -> Result<Cow<'_, str>, Fault> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let point = unsigned.bytes().position(|byte| byte == b'.');
    let (whole, fraction) = match point {
        Some(point) => (&unsigned[..point], &unsigned[point + 1..]),
        None => (unsigned, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(fraction) || whole.len() + fraction.len() == 0 || !digits(whole) {
        let plain = with_commas(whole).filter(|_| digits(fraction)).ok_or_else(|| fault(text))?;
        return Ok(spell(negative, &plain, fraction).into());
    }
    let lean = (whole == "0" || !(whole.is_empty() || whole.starts_with('0')))
        && (fraction.is_empty() != point.is_some())
        && !fraction.ends_with('0');
    if lean && unsigned.len() == text.len() {
        return Ok(Cow::Borrowed(text));
    }
    Ok(spell(negative, whole, fraction).into())
}

/// Thousands without their commas, when each comma stands before three digits.
fn with_commas(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let well_placed = (1..=3).contains(&first.len())
        && digits(first)
        && !first.starts_with('0')
        && !rest.is_empty()
        && rest.iter().all(|group| group.len() == 3 && digits(group));
    well_placed.then(|| whole.replace(',', ""))
}

fn spell(negative: bool, whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    let sign = if negative && (whole != "0" || !fraction.is_empty()) { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

fn fault(text: &str) -> Fault {
    if is_damaged(text) {
        return Fault::Damaged;
    }
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let only = |allowed: &str| {
        has_digit && text.bytes().all(|b| b.is_ascii_digit() || allowed.as_bytes().contains(&b))
    };
    if only("+-.,") && text.contains(',') {
        Fault::Comma
    } else if only("+-.eE") && text.bytes().filter(|b| matches!(b, b'e' | b'E')).count() == 1 {
        Fault::Exponent
    } else {
        Fault::Other
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn each_spelling_has_one_number() {
        for (written, number) in [
            ("0", "0"),
            ("12.50", "12.5"),
            ("007", "7"),
            ("1,250.5", "1250.5"),
            ("12,345,678", "12345678"),
            ("+5", "5"),
            ("-5.0", "-5"),
            ("-0.00", "0"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.10", "0.1"),
            ("100", "100"),
            ("123456789012345678901234567890.120", "123456789012345678901234567890.12"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(number), "{written}");
        }
        assert!(matches!(canonical("12.5"), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        for (written, why) in [
            ("12,50", Fault::Comma),
            ("0,125", Fault::Comma),
            ("1,2500", Fault::Comma),
            ("1.250,5", Fault::Comma),
            ("1,250,", Fault::Comma),
            ("1e3", Fault::Exponent),
            ("1E3", Fault::Exponent),
            ("3.14E+05", Fault::Damaged),
            ("1E+15", Fault::Damaged),
            ("3 t", Fault::Other),
            (".", Fault::Other),
            ("-", Fault::Other),
            ("", Fault::Other),
            ("1.2.3", Fault::Other),
            ("٣", Fault::Other),
            ("NaN", Fault::Other),
            ("e", Fault::Other),
        ] {
            assert_eq!(canonical(written), Err(why), "{written}");
            assert!(why.message(written).contains(written));
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_decimal(written in r"-?[0-9]{1,9}(\.[0-9]{1,9})?") {
            let decimal = Decimal::from_str(&written).expect("a decimal").normalize();
            prop_assert_eq!(canonical(&written).expect("a number"), decimal.to_string());
        }

        #[test]
        fn gives_json_or_nothing(text in r"[0-9.,eE+\- x]{0,12}|\PC{0,6}") {
            if let Ok(number) = canonical(&text) {
                prop_assert!(matches!(crate::json::parse(&number), Ok(crate::json::Value::Number(_))));
                prop_assert_eq!(canonical(&number).expect("again"), number.as_ref());
            }
        }
    }
}
