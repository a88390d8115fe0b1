//! The words of every finding, for people who never saw the API: what is wrong, what was read,
//! and what to write instead. Built only once something has been found.
//!
//! Must not know: when a rule applies.

mod formats;
mod rules;

pub(super) use formats::*;
pub(super) use rules::*;

use std::fmt::Write as _;

use super::schema::{Node, Presence};
use super::walk::Scope;
use crate::json::{Number, Value};
use crate::movement::fields::Kind;
use crate::reference::{Codes, List};

/// How much of what was read is shown.
const MOST_SHOWN: usize = 60;
/// A list of at most so many values is shown whole.
const SHORT_LIST: usize = 8;

/// A text as it was read: in quotes, cut, and with nothing that a terminal would act on.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for (at, character) in text.chars().enumerate() {
        if at == MOST_SHOWN {
            out.push('…');
            break;
        }
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_unsafe(character) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Control characters, and those that change the direction of writing or cannot be seen.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A value as it was read.
pub(super) fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => plain(number.as_str()),
        Value::Text(text) if text.as_str().is_empty() => "an empty text".to_owned(),
        Value::Text(text) => format!("the text {}", quoted(text.as_str())),
        Value::List(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// A number's spelling, cut.
fn plain(spelling: &str) -> String {
    spelling
        .char_indices()
        .nth(MOST_SHOWN)
        .map_or_else(|| spelling.to_owned(), |(end, _)| format!("{}…", &spelling[..end]))
}

/// What a kind takes, as the end of "must be".
pub(super) fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Objects { .. } | Kind::Several { .. } => "a list",
        Kind::Count => "a whole number, 0 or more",
        Kind::Number => "a whole number, 1 or more",
        Kind::Amount => "a number greater than 0",
        Kind::YesNo => "true or false",
        Kind::DateTime => "a date and time as a text, such as \"2026-10-05T09:20:00Z\"",
        Kind::Code(List::Ewc) => "a text of six digits, such as \"170201\"",
        _ => "a text",
    }
}

pub(super) fn wrong_type(label: &str, expected: &str, value: &Value<'_>) -> String {
    let mut message = format!("{label} must be {expected}; {} was read.", shown(value));
    match value {
        Value::Text(text) if expected.starts_with("true") => {
            if let Some(meant) = yes_or_no(text.as_str()) {
                let _ = write!(message, " Write {meant}, without quotes.");
            }
        }
        Value::Text(text) if expected.contains("number") => {
            if let Some(meant) = number_in(text.as_str()) {
                let _ = write!(message, " Write {}, without quotes.", plain(&meant));
            }
        }
        Value::Number(number) if expected.starts_with("a text") => {
            let _ = write!(message, " Put it in quotes: \"{}\".", plain(number.as_str()));
        }
        _ => {}
    }
    message
}

fn yes_or_no(text: &str) -> Option<&'static str> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some("true"),
        "no" | "n" | "false" | "0" => Some("false"),
        _ => None,
    }
}

/// The number that a text holds, commas between thousands left out. A comma before anything but
/// three digits may stand for the decimal point: no guess then.
fn number_in(text: &str) -> Option<String> {
    let text = text.trim();
    let thousands = text
        .split(',')
        .skip(1)
        .all(|part| part.len() >= 3 && part.bytes().take_while(u8::is_ascii_digit).count() == 3);
    let number = text.replace(',', "");
    (thousands && is_json_number(&number)).then_some(number)
}

fn is_json_number(text: &str) -> bool {
    crate::json::parse(text).is_ok_and(|value| matches!(value, Value::Number(_)))
}

pub(super) fn missing(node: &Node, scope: &Scope<'_>) -> String {
    let label = node.whole_label();
    let near = scope
        .object
        .iter()
        .map(|(key, _)| key.as_str())
        .find(|key| *key != node.name && key.eq_ignore_ascii_case(node.name));
    if let Some(near) = near {
        let near = quoted(near);
        return format!(
            "{label} is missing: the key {near} is spelt otherwise; write \"{}\".",
            node.name
        );
    }
    let advice = match node.field.path {
        "carrier.registrationNumber" => {
            "Give the number, or leave it blank (null in JSON) and give a reason for having none."
        }
        "carrier.reasonForNoRegistrationNumber" => {
            "It is needed because there is no registration number: write one of ON_SITE, \
             HOUSEHOLD, ONE_OFF, MARINE."
        }
        "carrier.vehicleRegistration" => "It is needed because the waste came by Road.",
        "wasteItems.pops" => {
            "containsPops is true: say how the POPs were determined, and which they are."
        }
        "wasteItems.hazardous" => {
            "containsHazardous is true: say how it was determined, and the hazardous properties."
        }
        _ => "",
    };
    if !advice.is_empty() {
        return format!("{label} is missing. {advice}");
    }
    let what = in_brackets(node.field.help);
    if node.field.example.is_empty() {
        return format!("{label} is missing{what}.");
    }
    format!("{label} is missing{what}. Write it like {}.", node.field.example)
}

/// A sentence as words in brackets behind another one.
fn in_brackets(sentence: &str) -> String {
    let words = sentence.trim_end_matches('.');
    let mut letters = words.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            format!(" ({}{})", first.to_lowercase(), &words[first.len_utf8()..])
        }
        _ => format!(" ({words})"),
    }
}

pub(super) fn not_allowed(node: &Node, value: &Value<'_>, scope: &Scope<'_>) -> String {
    let read = shown(value);
    let why = match node.name {
        "vehicleRegistration" => match scope.object.get("meansOfTransport") {
            Some(Value::Text(means)) => format!(
                "it goes with the means of transport Road only, and {} was given. Leave it out.",
                quoted(means.as_str())
            ),
            _ => "it goes with the means of transport Road only. Leave it out.".to_owned(),
        },
        "reasonForNoRegistrationNumber" => {
            "it may only be given when the registration number is null. Leave out one of them."
                .to_owned()
        }
        _ => "the service sets it itself. Leave it out.".to_owned(),
    };
    format!("{} may not be given here ({read} was read): {why}", node.label)
}

pub(super) fn unknown_key(key: &str, nodes: &[Node]) -> String {
    let wanted = key.to_lowercase();
    let near = nodes
        .iter()
        .map(|node| (strsim::osa_distance(&wanted, &node.name.to_lowercase()), node.name))
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .min_by_key(|(distance, _)| *distance);
    let shown = quoted(key);
    match near {
        Some((_, name)) => format!("The key {shown} is not known here; did you mean \"{name}\"?"),
        None => format!("The key {shown} is not known here. Take it out."),
    }
}

pub(super) fn wrong_count(node: &Node, there: usize, least: usize, most: Option<usize>) -> String {
    let bounds = match most {
        Some(most) => format!("{least} to {most} entries"),
        None => format!("at least {least}"),
    };
    let subject = node.whole_label();
    match there {
        0 => format!("{subject} is empty: give {bounds}."),
        _ => format!("{subject} must have {bounds}; it has {there}."),
    }
}

pub(super) fn empty(node: &Node) -> String {
    let example = node.field.example;
    let write = if example.is_empty() {
        "Write something".to_owned()
    } else {
        format!("Write it out, such as {example}")
    };
    match node.presence {
        Presence::Optional => {
            format!("{} is empty. {write}, or leave it out.", node.label)
        }
        _ => format!("{} is empty. {write}.", node.label),
    }
}

pub(super) fn too_long(label: &str, length: usize, most: usize) -> String {
    format!("{label} is {length} characters long; the API takes {most} at most. Shorten it.")
}

pub(super) fn out_of_bounds(node: &Node, written: &Number<'_>, bounds: &str) -> String {
    format!("{} must be {bounds}; {} was read.", node.label, plain(written.as_str()))
}

pub(super) fn too_great(node: &Node, written: &Number<'_>) -> String {
    format!(
        "{} is greater than the API can hold (9007199254740991); {} was read.",
        node.label,
        plain(written.as_str())
    )
}

/// `a, b or c`
fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The values of a short list, or where a long one can be found.
fn values_of(codes: &Codes, list: List) -> String {
    let entries = codes.entries(list);
    if entries.len() <= SHORT_LIST {
        let words: Vec<&str> = entries.iter().map(|entry| entry.code.as_str()).collect();
        return format!("one of {}", either(&words));
    }
    let first: Vec<&str> = entries.iter().take(2).map(|entry| entry.code.as_str()).collect();
    format!("a code such as {} (`waste-receipts codes {}` lists them)", either(&first), list.name())
}

#[cfg(test)]
mod tests;
