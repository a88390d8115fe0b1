//! Plain values: texts, choices, codes, numbers, yes and no (G6-G13); formats with a file of their
//! own are only sent there.

use super::schema::Node;
use super::walk::{Path, Scope, Walk};
use super::{consignment, dates, email, formats, say};
use crate::finding::ErrorType;
use crate::json::{Number, Text, Value};
use crate::movement::fields::Kind;
use crate::reference::List;

/// The greatest whole number that a double holds exactly; the service takes none beyond (G10).
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Judges one value by its kind. Objects and lists are the walk's business.
pub(super) fn check(
    walk: &mut Walk<'_>,
    node: &Node,
    kind: Kind,
    value: &Value<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    match kind {
        Kind::Text { most } => free_text(walk, node, most, value, path),
        Kind::ReasonForNoConsignment => free_text(walk, node, None, value, path),
        Kind::Count => number(walk, node, &WHOLE_FROM_ZERO, value, path),
        Kind::Number => number(walk, node, &WHOLE_FROM_ONE, value, path),
        Kind::Amount => number(walk, node, &ABOVE_ZERO, value, path),
        Kind::YesNo => yes_no(walk, node, value, path),
        Kind::Choice(list) => choice(walk, node, list, value, path),
        Kind::Code(list) => code(walk, node, list, value, path),
        Kind::DateTime => dates::check(walk, node, value, path),
        Kind::Uuid => shaped(walk, node, formats::is_uuid, value, path),
        Kind::Email => shaped(walk, node, email::is_taken, value, path),
        Kind::SiteAuthorisation => shaped(walk, node, formats::is_site, value, path),
        Kind::Postcode { irish: false } => {
            shaped(walk, node, formats::is_uk_postcode, value, path);
        }
        Kind::Postcode { irish: true } => {
            one_of_several_shapes(walk, node, formats::is_postcode, value, path);
        }
        Kind::Registration => {
            one_of_several_shapes(walk, node, formats::is_registration, value, path);
        }
        Kind::ConsignmentCode => consignment::check_code(walk, node, value, path, scope),
        // Beside the body, never in it.
        Kind::TrackingId | Kind::Object | Kind::Objects { .. } | Kind::Several { .. } => {}
    }
}

/// The text, if it is one and not empty; else the fault is noted.
fn text<'v>(
    walk: &mut Walk<'_>,
    node: &Node,
    value: &'v Value<'_>,
    path: &Path<'_>,
) -> Option<&'v str> {
    match value {
        Value::Text(text) if !text.as_str().is_empty() => Some(text.as_str()),
        Value::Text(_) => {
            walk.error(path, ErrorType::InvalidValue, say::empty(node));
            None
        }
        other => {
            let message = say::wrong_type(&node.label, say::expected(node.value_kind()), other);
            walk.error(path, ErrorType::InvalidType, message);
            None
        }
    }
}

fn free_text(
    walk: &mut Walk<'_>,
    node: &Node,
    most: Option<usize>,
    value: &Value<'_>,
    path: &Path<'_>,
) {
    let Some(text) = text(walk, node, value, path) else { return };
    if let Some(most) = most {
        let length = utf16_length(text);
        if length > most {
            walk.error(path, ErrorType::OutOfRange, say::too_long(&node.label, length, most));
        }
    }
}

/// The length as JavaScript counts it.
pub(super) fn utf16_length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn shaped(
    walk: &mut Walk<'_>,
    node: &Node,
    fits: fn(&str) -> bool,
    value: &Value<'_>,
    path: &Path<'_>,
) {
    let Some(text) = text(walk, node, value, path) else { return };
    if !walk.is_shaped(node.kind, text, fits) {
        walk.error(path, ErrorType::InvalidFormat, say::wrong_format(node, text));
    }
}

/// G12: the service tries one shape after the other, so an empty text fits none, and what is no
/// text at all it did not foresee.
fn one_of_several_shapes(
    walk: &mut Walk<'_>,
    node: &Node,
    fits: fn(&str) -> bool,
    value: &Value<'_>,
    path: &Path<'_>,
) {
    match value {
        Value::Text(text) if walk.is_shaped(node.kind, text.as_str(), fits) => {}
        Value::Text(text) => {
            let message = say::wrong_format(node, text.as_str());
            walk.error(path, ErrorType::InvalidFormat, message);
        }
        other => {
            let message = say::wrong_type(&node.label, say::expected(node.value_kind()), other);
            walk.error(path, ErrorType::UnexpectedError, message);
        }
    }
}

/// G7: what is no text, or is empty, is answered twice: it is not on the list, and no usable text.
fn choice(walk: &mut Walk<'_>, node: &Node, list: List, value: &Value<'_>, path: &Path<'_>) {
    let written = value.as_str();
    if written.is_some_and(|text| takes(walk, list, text, path)) {
        return;
    }
    let message = say::not_on_list(walk.codes, node, list, value);
    walk.error(path, ErrorType::InvalidValue, message);
    if written.is_none_or(str::is_empty) {
        text(walk, node, value, path);
    }
}

/// Whether a list takes a word. Hazardous components know no "below": regulators record only
/// that a threshold was exceeded.
fn takes(walk: &Walk<'_>, list: List, written: &str, path: &Path<'_>) -> bool {
    let below = list == List::ConcentrationOperators && written == "<";
    walk.codes.contains(list, written) && !(below && path.passes("hazardous"))
}

fn code(walk: &mut Walk<'_>, node: &Node, list: List, value: &Value<'_>, path: &Path<'_>) {
    let Some(written) = text(walk, node, value, path) else { return };
    if walk.codes.contains(list, written) {
        return;
    }
    let six_digits = written.len() == 6 && written.bytes().all(|byte| byte.is_ascii_digit());
    let kind = match list {
        List::Ewc if !six_digits => ErrorType::InvalidFormat,
        _ => ErrorType::InvalidValue,
    };
    let message = say::not_on_list(walk.codes, node, list, value);
    walk.error(path, kind, message);
}

fn yes_no(walk: &mut Walk<'_>, node: &Node, value: &Value<'_>, path: &Path<'_>) {
    if !matches!(value, Value::Bool(_)) {
        let message = say::wrong_type(&node.label, say::expected(node.value_kind()), value);
        walk.error(path, ErrorType::InvalidType, message);
    }
}

/// What a number must be; each part that is not met is an error of its own.
struct Bounds {
    whole: bool,
    fits: fn(f64) -> bool,
    words: &'static str,
}

const WHOLE_FROM_ZERO: Bounds =
    Bounds { whole: true, fits: |number| number >= 0.0, words: "0 or more" };
const WHOLE_FROM_ONE: Bounds =
    Bounds { whole: true, fits: |number| number > 0.0, words: "1 or more" };
const ABOVE_ZERO: Bounds =
    Bounds { whole: false, fits: |number| number > 0.0, words: "greater than 0" };

fn number(walk: &mut Walk<'_>, node: &Node, bounds: &Bounds, value: &Value<'_>, path: &Path<'_>) {
    let Value::Number(written) = value else {
        let message = say::wrong_type(&node.label, say::expected(node.value_kind()), value);
        return walk.error(path, ErrorType::InvalidType, message);
    };
    let number = written.as_f64();
    if number.abs() > MAX_SAFE_INTEGER {
        let message = say::too_great(node, written);
        return walk.error(path, ErrorType::UnexpectedError, message);
    }
    if bounds.whole && number.fract() != 0.0 {
        let message = say::out_of_bounds(node, written, "a whole number");
        walk.error(path, ErrorType::OutOfRange, message);
    }
    if !(bounds.fits)(number) {
        let message = say::out_of_bounds(node, written, bounds.words);
        walk.error(path, ErrorType::OutOfRange, message);
    }
}

/// What JavaScript counts as true.
pub(super) fn is_truthy(value: &Value<'_>) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => is_nonzero(number),
        Value::Text(text) => !is_empty(text),
        Value::List(_) | Value::Object(_) => true,
    }
}

fn is_nonzero(number: &Number<'_>) -> bool {
    number.as_f64() != 0.0
}

fn is_empty(text: &Text<'_>) -> bool {
    text.as_str().is_empty()
}

/// What JavaScript strips and what its patterns call whitespace: no-break space and byte order
/// mark too, not U+0085 or zero-width space.
pub(super) fn is_js_whitespace(character: char) -> bool {
    character == '\u{feff}' || (character != '\u{85}' && character.is_whitespace())
}
