//! The words of every finding, for people who never saw the API: what is wrong, what was read,
//! and what to write instead. Built only once something has been found.
//!
//! Must not know: when a rule applies.

use std::fmt::Write as _;

use super::formats::{self, Shape};
use super::schema::{Node, Substances};
use super::walk::Scope;
use crate::json::{Number, Value};
use crate::movement::fields::Kind;
use crate::reference::{Codes, EwcKind, List};

/// How much of what was read is shown.
const MOST_SHOWN: usize = 60;
/// How many codes are offered for a wrong one.
const MOST_OFFERED: usize = 3;
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
        Kind::Count => "a whole number, 0 or more, without quotes",
        Kind::Number => "a whole number, 1 or more, without quotes",
        Kind::Amount => "a number greater than 0, without quotes",
        Kind::YesNo => "true or false, without quotes",
        Kind::DateTime => "a date and time as a text, such as \"2026-10-05T09:20:00Z\"",
        Kind::Code(List::Ewc) => "a text of six digits, such as \"170201\"",
        _ => "a text",
    }
}

pub(super) fn wrong_type(label: &str, expected: &str, value: &Value<'_>) -> String {
    let read = shown(value);
    let mut message = format!("{label} must be {expected}; {read} was read.");
    let digits = value.as_str().map(|text| text.trim().replace(',', ""));
    match value {
        Value::Null => message.push_str(" If there is nothing to say, leave the key out."),
        Value::Text(text) if expected.starts_with("true") => {
            let meant = match text.as_str().trim().to_ascii_lowercase().as_str() {
                "yes" | "y" | "true" | "1" => "true",
                "no" | "n" | "false" | "0" => "false",
                _ => return message,
            };
            let _ = write!(message, " Write {meant}.");
        }
        Value::Text(_) if expected.contains("number") => {
            if let Some(digits) = digits.filter(|digits| is_json_number(digits)) {
                let _ = write!(message, " Write {}.", plain(&digits));
            }
        }
        Value::Number(number) if expected.starts_with("a text") => {
            let _ = write!(message, " Put it in quotes: \"{}\".", plain(number.as_str()));
        }
        _ => {}
    }
    message
}

fn is_json_number(text: &str) -> bool {
    crate::json::parse(text).is_ok_and(|value| matches!(value, Value::Number(_)))
}

pub(super) fn missing(node: &Node, scope: &Scope<'_>) -> String {
    let label = &node.label;
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
            "Give the number, or null together with a reason for having none."
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
    if node.field.example.is_empty() {
        return format!("{label} is missing. {}", node.field.help);
    }
    format!("{label} is missing. {} For example: {}", node.field.help, node.field.example)
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
    let subject = match node.name {
        "ewcCodes" => "The list of EWC codes",
        _ => node.label.as_str(),
    };
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
        super::schema::Presence::Optional => {
            format!("{} is empty. {write}, or leave the key out.", node.label)
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

pub(super) fn wrong_format(node: &Node, text: &str) -> String {
    let label = &node.label;
    if text.is_empty() {
        return format!("{label} is empty. Write it out, or leave the key out.");
    }
    let read = quoted(text);
    let known = |fits: fn(&str) -> bool| nearby(text).into_iter().find(|guess| fits(guess));
    let (guess, forms) = match node.kind {
        Kind::Registration => (known(formats::is_registration), examples(&formats::REGISTRATIONS)),
        Kind::SiteAuthorisation => (known(formats::is_site), examples(&formats::SITES)),
        Kind::Postcode { irish } => {
            let fits = if irish { formats::is_postcode } else { formats::is_uk_postcode };
            (postcode_guess(text, fits), postcode_forms(irish))
        }
        Kind::ConsignmentCode => {
            (known(formats::is_consignment_code), examples(&formats::CONSIGNMENT_CODES))
        }
        Kind::Email => (known(super::email::is_taken), "name@company.co.uk".to_owned()),
        _ => (known(formats::is_uuid), node.field.example.to_owned()),
    };
    match guess {
        Some(guess) => {
            format!("{label} {read} is not in a form that the API takes; did you mean {guess}?")
        }
        None => {
            format!("{label} {read} is not in a form that the API takes. Write it like {forms}.")
        }
    }
}

/// What somebody may have meant: without what surrounds it, in capitals, without blanks.
fn nearby(text: &str) -> [String; 4] {
    let trimmed = text.trim();
    let tight: String = trimmed.chars().filter(|character| !character.is_whitespace()).collect();
    [
        trimmed.to_owned(),
        trimmed.to_ascii_uppercase(),
        tight.to_ascii_uppercase(),
        tight.replace(['-', '\\'], "/").to_ascii_uppercase(),
    ]
}

/// Postcodes are mostly wrong in their blank.
fn postcode_guess(text: &str, fits: fn(&str) -> bool) -> Option<String> {
    let tight: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let tight = tight.to_ascii_uppercase();
    let halves = tight.len().checked_sub(3).map(|middle| tight.split_at(middle));
    let spaced = halves.map(|(outward, inward)| format!("{outward} {inward}"));
    spaced.into_iter().chain([tight]).find(|guess| fits(guess))
}

fn postcode_forms(irish: bool) -> String {
    match irish {
        true => "SW1A 1AA, or D02 X285 in Ireland".to_owned(),
        false => "SW1A 1AA (a postcode of the UK)".to_owned(),
    }
}

fn examples(shapes: &[Shape]) -> String {
    either(&shapes.iter().map(|shape| shape.example).collect::<Vec<_>>())
}

/// `a, b or c`
fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

pub(super) fn wrong_date(text: &str) -> String {
    let read = quoted(text);
    let form = "Write year, month and day, then T, the time and the zone, such as \
                2026-10-05T09:20:00Z, or +01:00 in place of Z for British Summer Time";
    if text.is_empty() {
        return format!("The date and time received is empty. {form}.");
    }
    if let Some(meant) = day_first(text) {
        return format!(
            "The date and time received {read} is not in a form that the API takes. If the day \
             stands first in it, write {meant} (add Z for UTC, or +01:00 for British Summer Time)."
        );
    }
    format!("The date and time received {read} is no date that the API takes. {form}.")
}

/// `05/10/2026 09:20` turned round, when it reads as a date with the day first.
fn day_first(text: &str) -> Option<String> {
    let mut parts = text.trim().splitn(2, [' ', 'T']);
    let date = parts.next()?;
    let time = parts.next().map(str::trim);
    let mut numbers = date.split(['/', '-', '.']).map(str::parse::<u16>);
    let (day, month, year) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    let year = if year < 100 { year + 2_000 } else { year };
    let sound = numbers.next().is_none()
        && (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && (2_000..=2_099).contains(&year);
    let time = match time {
        Some(time) if super::dates::read(&format!("2026-01-01T{time}")).is_some() => time,
        Some(_) => return None,
        None => "09:00",
    };
    sound.then(|| format!("{year:04}-{month:02}-{day:02}T{time}"))
}

pub(super) fn not_on_list(codes: &Codes, node: &Node, list: List, value: &Value<'_>) -> String {
    let label = &node.label;
    let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
        let values = values_of(codes, list);
        return format!("{label} must be {values}; {} was read.", shown(value));
    };
    let read = quoted(text);
    let near = codes.nearest(list, text, MOST_OFFERED);
    if near.is_empty() {
        let values = values_of(codes, list);
        return format!("{label} {read} is not on the list. Write {values}.");
    }
    format!("{label} {read} is not on the list; did you mean {}?", either(&near))
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

pub(super) fn unreadable_items() -> String {
    "The API cannot tell whether a consignment code is needed, because a waste item is null or an \
     EWC code is no text. Correct that first."
        .to_owned()
}

/// Hazardous waste came with neither code nor reason.
pub(super) fn consignment_missing(codes: &Codes, ewc: &str) -> String {
    format!(
        "The EWC code {} is hazardous waste: give its consignment code, or say why there is none \
         ({}).",
        quoted(ewc),
        values_of(codes, List::ReasonsForNoConsignment)
    )
}

pub(super) fn wrong_reason(codes: &Codes, reason: &Value<'_>) -> String {
    let text = reason.as_str().unwrap_or_default();
    let near = codes.nearest(List::ReasonsForNoConsignment, text, 1);
    let remedy = match near.first() {
        Some(near) => format!("did you mean {near}?"),
        None => format!("write {}.", values_of(codes, List::ReasonsForNoConsignment)),
    };
    format!(
        "The reason for having no consignment code {} is not on the list; {remedy}",
        quoted(text)
    )
}

fn name(which: Substances) -> &'static str {
    match which {
        Substances::Pops => "POPs",
        Substances::Hazardous => "hazardous components",
    }
}

pub(super) fn components_of_nothing(which: Substances) -> String {
    format!(
        "There are {} in the list although {} is false. Set it to true, or take them out.",
        name(which),
        which.contains()
    )
}

pub(super) fn components_without_source(which: Substances) -> String {
    format!(
        "There are {} in the list although sourceOfComponents is NOT_PROVIDED. Say how they were \
         determined, or take them out.",
        name(which)
    )
}

pub(super) fn haz_codes_missing() -> String {
    "The hazardous property codes are missing: the waste is hazardous, so give at least one, such \
     as HP_7."
        .to_owned()
}

pub(super) fn source_missing(codes: &Codes, which: Substances) -> String {
    format!(
        "How the {} were determined is missing, and {} is true. Write {}.",
        name(which),
        which.contains(),
        values_of(codes, List::SourcesOfComponents)
    )
}

pub(super) fn components_missing(which: Substances, source: &str) -> String {
    format!(
        "The list of {} is missing: with the source {source} they are known. Give them, or write \
         another source.",
        name(which)
    )
}

pub(super) fn treatment_recommended() -> &'static str {
    "No disposal or recovery code is given. The API stores the record all the same; give the codes \
     when the treatment is known, such as R3, with their weights."
}

pub(super) fn components_recommended(which: Substances) -> &'static str {
    match which {
        Substances::Pops => "No POPs are listed. The API stores the record; list them if known.",
        Substances::Hazardous => {
            "No hazardous components are listed. The API stores the record; list them if known."
        }
    }
}

pub(super) fn concentration_recommended(which: Substances, component: &Value<'_>) -> String {
    let key = match which {
        Substances::Pops => "code",
        Substances::Hazardous => "name",
    };
    let named = component.as_object().and_then(|object| object.get(key)?.as_str());
    format!(
        "The component {} has no concentration. The API stores the record; give it if known.",
        quoted(named.unwrap_or_default())
    )
}

pub(super) fn carrier_reason_recommended() -> &'static str {
    "The carrier has neither a registration number nor a reason for having none. The API stores \
     the record; give one of them."
}

/// What a code's kind means, in words.
pub(super) fn kind_of(kind: EwcKind) -> &'static str {
    match kind {
        EwcKind::AbsoluteHazardous => "always hazardous",
        EwcKind::MirrorHazardous => "the hazardous one of a mirror pair",
        EwcKind::MirrorNonHazardous => "the one of a mirror pair that is not hazardous",
        EwcKind::AbsoluteNonHazardous => "never hazardous",
    }
}

#[cfg(test)]
#[path = "say_tests.rs"]
mod tests;
