//! The words for what does not have its shape, with a guess at what was meant.

use super::{either, quoted, shown, values_of};
use crate::checks::formats::{self, Shape};
use crate::checks::schema::Node;
use crate::checks::{dates, email};
use crate::json::Value;
use crate::movement::fields::Kind;
use crate::reference::{Codes, List};

/// How many codes are offered for a wrong one.
const MOST_OFFERED: usize = 3;
/// How many shapes are shown where none is near.
const MOST_EXAMPLES: usize = 4;

pub(in crate::checks) fn wrong_format(node: &Node, text: &str) -> String {
    let label = &node.label;
    if text.is_empty() {
        return format!("{label} is empty. Write it out, or leave it out.");
    }
    let read = quoted(text);
    let known = |fits: fn(&str) -> bool| nearby(text).into_iter().find(|guess| fits(guess));
    let (guess, forms) = match node.kind {
        Kind::Registration => {
            (known(formats::is_registration), examples(&formats::REGISTRATIONS, text))
        }
        Kind::SiteAuthorisation => (known(formats::is_site), examples(&formats::SITES, text)),
        Kind::Postcode { irish } => {
            let fits = if irish { formats::is_postcode } else { formats::is_uk_postcode };
            (postcode_guess(text, fits), postcode_forms(irish))
        }
        Kind::ConsignmentCode => {
            (known(formats::is_consignment_code), examples(&formats::CONSIGNMENT_CODES, text))
        }
        Kind::Email => (known(email::is_taken), "name@company.co.uk".to_owned()),
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
    let forms = if irish { "SW1A 1AA, or D02 X285 in Ireland" } else { "SW1A 1AA" };
    forms.to_owned()
}

/// Examples of the shapes that begin as the text does, else of the first ones.
fn examples(shapes: &[Shape], text: &str) -> String {
    let start: String =
        text.chars().filter(char::is_ascii_alphanumeric).take(3).collect::<String>();
    let alike = |shape: &&Shape| {
        shape.example.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(&start))
    };
    let near: Vec<&str> = match start.len() {
        3 => shapes.iter().filter(alike).map(|shape| shape.example).collect(),
        _ => Vec::new(),
    };
    if near.is_empty() {
        let first = shapes.iter().take(MOST_EXAMPLES).map(|shape| shape.example);
        return either(&first.collect::<Vec<_>>());
    }
    either(&near)
}

pub(in crate::checks) fn wrong_date(text: &str) -> String {
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
        Some(time) if dates::read(&format!("2026-01-01T{time}")).is_some() => time,
        Some(_) => return None,
        None => "09:00",
    };
    sound.then(|| format!("{year:04}-{month:02}-{day:02}T{time}"))
}

pub(in crate::checks) fn not_on_list(
    codes: &Codes,
    node: &Node,
    list: List,
    value: &Value<'_>,
) -> String {
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
