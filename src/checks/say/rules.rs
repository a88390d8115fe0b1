//! The words for rules on several fields at once, for the API's warnings, and for our advice.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::{quoted, shown, values_of};
use crate::checks::dates::Settled;
use crate::checks::schema::Substances;
use crate::json::Value;
use crate::reference::{Codes, EwcKind, List};

pub(in crate::checks) fn unreadable_items() -> String {
    "The API cannot tell whether a consignment code is needed, because a waste item is null or an \
     EWC code is no text. Correct that first."
        .to_owned()
}

/// Hazardous waste came with neither code nor reason.
pub(in crate::checks) fn consignment_missing(codes: &Codes, ewc: &str) -> String {
    format!(
        "The EWC code {} is hazardous waste: give its consignment code, or say why there is none \
         ({}).",
        quoted(ewc),
        values_of(codes, List::ReasonsForNoConsignment)
    )
}

pub(in crate::checks) fn wrong_reason(codes: &Codes, reason: &Value<'_>) -> String {
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

pub(in crate::checks) fn components_of_nothing(which: Substances) -> String {
    format!(
        "There are {} in the list although {} is false. Set it to true, or take them out.",
        name(which),
        which.contains()
    )
}

pub(in crate::checks) fn components_without_source(which: Substances) -> String {
    format!(
        "There are {} in the list although sourceOfComponents is NOT_PROVIDED. Say how they were \
         determined, or take them out.",
        name(which)
    )
}

pub(in crate::checks) fn haz_codes_missing() -> String {
    "The hazardous property codes are missing: the waste is hazardous, so give at least one, such \
     as HP_7."
        .to_owned()
}

pub(in crate::checks) fn source_missing(codes: &Codes, which: Substances) -> String {
    format!(
        "How the {} were determined is missing, and {} is true. Write {}.",
        name(which),
        which.contains(),
        values_of(codes, List::SourcesOfComponents)
    )
}

pub(in crate::checks) fn components_missing(which: Substances, source: &str) -> String {
    format!(
        "The list of {} is missing: with the source {source} they are known. Give them, or write \
         another source.",
        name(which)
    )
}

pub(in crate::checks) fn treatment_recommended() -> &'static str {
    "No disposal or recovery code is given. The API stores the record all the same; give the codes \
     when the treatment is known, such as R3, with their weights."
}

pub(in crate::checks) fn components_recommended(which: Substances) -> &'static str {
    match which {
        Substances::Pops => "No POPs are listed. The API stores the record; list them if known.",
        Substances::Hazardous => {
            "No hazardous components are listed. The API stores the record; list them if known."
        }
    }
}

pub(in crate::checks) fn concentration_recommended(
    which: Substances,
    component: &Value<'_>,
) -> String {
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

pub(in crate::checks) fn carrier_reason_recommended() -> &'static str {
    "The carrier has neither a registration number nor a reason for having none. The API stores \
     the record; give one of them."
}

/// What a hazardous code's kind means, in words.
fn kind_of(kind: EwcKind) -> &'static str {
    match kind {
        EwcKind::AbsoluteHazardous => "always hazardous",
        EwcKind::MirrorHazardous => "the hazardous one of a mirror pair",
        EwcKind::MirrorNonHazardous | EwcKind::AbsoluteNonHazardous => "not hazardous",
    }
}

pub(in crate::checks) fn reference_missing() -> &'static str {
    "There is no yourUniqueReference. The API would take the record, but it could not be traced or \
     matched later, so it is not sent. Give each movement a number of its own, such as the \
     weighbridge ticket's."
}

pub(in crate::checks) fn carrier_missing() -> &'static str {
    "The carrier is missing. The API would store the record and then answer with an error of its \
     own, without a waste tracking ID, so it is not sent. Say who brought the waste."
}

pub(in crate::checks) fn date_settled(settled: Settled, value: &Value<'_>, stored: &str) -> String {
    let read = match value {
        Value::Text(text) => quoted(text.as_str()),
        other => shown(other),
    };
    match settled {
        Settled::RolledOver => format!(
            "The day in {read} is not in its month; the API stores {stored}. Write the day that \
             is meant."
        ),
        Settled::Zone => format!(
            "The time in {read} has no zone; the API reads it as UTC and stores {stored}. Add Z \
             for UTC, or +01:00 for British Summer Time."
        ),
        Settled::Time => format!(
            "There is no time in {read}; the API stores {stored}. Add the time and the zone, such \
             as T09:20:00Z."
        ),
        Settled::Day | Settled::Nothing => format!(
            "The day is not clear from {read}; the API stores {stored}. Write it in full, such as \
             2026-10-05T09:20:00Z."
        ),
    }
}

pub(in crate::checks) fn date_in_future(stored: &str) -> String {
    format!("The date and time received lies in the future: {stored}. Check day, month and year.")
}

pub(in crate::checks) fn code_is_hazardous(code: &str, kind: EwcKind) -> String {
    format!(
        "The EWC code {code} is {}, and containsHazardous is false. Correct one of them.",
        kind_of(kind)
    )
}

pub(in crate::checks) fn no_code_is_hazardous(twin: Option<&str>) -> String {
    let mut message =
        "containsHazardous is true, and no EWC code of the item is hazardous.".to_owned();
    match twin {
        Some(twin) => {
            let _ = write!(message, " Should it be the hazardous twin, such as {twin}?");
        }
        None => message.push_str(" Correct one of them."),
    }
    message
}

pub(in crate::checks) fn mirror_entry(code: &str, twin: Option<&str>) -> String {
    let twin = twin.map_or_else(String::new, |twin| format!(", such as {twin}"));
    format!(
        "The EWC code {code} has a hazardous twin{twin}: it is right only if the waste was assessed \
         and found not to be hazardous."
    )
}

pub(in crate::checks) fn pops_denied() -> &'static str {
    "HP_POP says that the waste contains POPs, and containsPops is false. Correct one of them."
}

pub(in crate::checks) fn weights_differ(sum: Decimal, whole: Decimal) -> String {
    format!(
        "The disposal and recovery weights add up to {}, the item weighs {}. Check the amounts and \
         their units.",
        weight(sum),
        weight(whole)
    )
}

/// Grams in the unit that reads best.
fn weight(grams: Decimal) -> String {
    let (factor, unit) = match grams {
        _ if grams >= Decimal::from(1_000_000) => (Decimal::from(1_000_000), "Tonnes"),
        _ if grams >= Decimal::ONE_THOUSAND => (Decimal::ONE_THOUSAND, "Kilograms"),
        _ => (Decimal::ONE, "Grams"),
    };
    let number = grams.checked_div(factor).unwrap_or(grams).normalize();
    format!("{number} {unit}")
}

pub(in crate::checks) fn long_text(length: usize, most: usize) -> String {
    format!(
        "The text is {length} characters long. The API takes it, but its documentation allows \
         {most}. Shorten it."
    )
}
