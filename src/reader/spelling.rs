//! Codes and choices as people spell them to the code lists' own spelling.
//!
//! What is not recognised is left to the checks, which name the nearest code. Must not know:
//! fields, files.

use crate::reference::{Codes, List};

/// The list's own spelling of what somebody wrote: in any case, with spaces, hyphens and
/// underscores where they please, and zeros before a number (`R 01` is R1, `hp04` is `HP_4`,
/// `[TAN] Tanker/Tank` is TAN, `kg` is Kilograms).
pub(super) fn listed(codes: &'static Codes, list: List, written: &str) -> Option<&'static str> {
    if let Some(entry) = codes.entry(list, written) {
        return Some(&entry.code);
    }
    let entries = codes.entries(list);
    let bare = match list {
        List::ContainerTypes => bracketed(written),
        List::WeightMetrics => unit(written),
        _ => written,
    };
    entries.iter().map(|entry| entry.code.as_str()).find(|code| alike(code, bare))
}

/// `true` or `false` from the words people use.
pub(super) fn yes_or_no(written: &str) -> Option<bool> {
    match lower(written)?.trim_ascii_end() {
        b"true" | b"yes" | b"y" => Some(true),
        b"false" | b"no" | b"n" => Some(false),
        _ => None,
    }
}

/// Whether a weight is an estimate (`true`) or was measured.
pub(super) fn estimate_or_actual(written: &str) -> Option<bool> {
    match lower(written)?.trim_ascii_end() {
        b"estimate" | b"est" | b"true" | b"yes" | b"y" => Some(true),
        b"actual" | b"act" | b"false" | b"no" | b"n" => Some(false),
        _ => None,
    }
}

/// A short word in lower case, blanks behind it.
fn lower(written: &str) -> Option<[u8; 8]> {
    let mut word = [b' '; 8];
    word.get_mut(..written.len())?.copy_from_slice(written.as_bytes());
    word.make_ascii_lowercase();
    Some(word)
}

/// How an EWC code was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ewc {
    /// It is six digits.
    Plain,
    /// It is on the list without its blanks, dots and asterisk.
    Cleaned(String),
    /// It had five digits, and with a zero before them it is on the list.
    ZeroRestored(String),
    /// It is no code; the checks say so.
    Unclear,
}

/// Reads an EWC code: `17 09 04*`, `17.09.04`, `170904`, and `10101` for 010101.
pub(super) fn ewc(codes: &Codes, written: &str) -> Ewc {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if written.len() == 6 && digits(written) {
        return Ewc::Plain;
    }
    let bare: String = written.chars().filter(|c| *c != '*' && !c.is_whitespace()).collect();
    let bare = match bare.split('.').collect::<Vec<_>>().as_slice() {
        [_] => bare,
        // Only between the pairs: `10101.0` is a number that lost a zero and gained another.
        [chapter, group, entry] if chapter.len() <= 2 && group.len() == 2 && entry.len() == 2 => {
            [*chapter, *group, *entry].concat()
        }
        _ => return Ewc::Unclear,
    };
    let on_list = |code: String| codes.contains(List::Ewc, &code).then_some(code);
    let found = match bare.len() {
        6 => on_list(bare).map(Ewc::Cleaned),
        5 => on_list(format!("0{bare}")).map(Ewc::ZeroRestored),
        _ => None,
    };
    found.unwrap_or(Ewc::Unclear)
}

/// `[TAN] Tanker/Tank` to `TAN`.
pub(super) fn bracketed(written: &str) -> &str {
    written
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map_or(written, |(code, _)| code.trim())
}

/// The usual short forms of units.
fn unit(written: &str) -> &str {
    const FORMS: [(&str, &[&str]); 3] = [
        ("Grams", &["g", "gram"]),
        ("Kilograms", &["kg", "kgs", "kilogram"]),
        ("Tonnes", &["t", "tonne"]),
    ];
    FORMS
        .iter()
        .find(|(_, forms)| forms.iter().any(|form| form.eq_ignore_ascii_case(written)))
        .map_or(written, |(name, _)| name)
}

/// Whether two spellings differ only in case, separators and zeros before a number.
fn alike(one: &str, other: &str) -> bool {
    essence(one).eq(essence(other))
}

fn essence(text: &str) -> impl Iterator<Item = char> {
    let mut in_number = false;
    text.chars().filter(|c| !matches!(c, '_' | '-') && !c.is_whitespace()).filter_map(move |c| {
        let leading_zero = c == '0' && !in_number;
        in_number = c.is_ascii_digit() && (in_number || c != '0');
        (!leading_zero).then_some(c.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_lead_to_codes() {
        let codes = Codes::embedded();
        for (list, written, code) in [
            (List::HazardousProperties, "HP4", Some("HP_4")),
            (List::HazardousProperties, "HP 4", Some("HP_4")),
            (List::HazardousProperties, "HP_4", Some("HP_4")),
            (List::HazardousProperties, "HP04", Some("HP_4")),
            (List::HazardousProperties, "hp10", Some("HP_10")),
            (List::HazardousProperties, "HP POP", Some("HP_POP")),
            (List::HazardousProperties, "HP_0", None),
            (List::HazardousProperties, "4", None),
            (List::DisposalOrRecovery, "R 01", Some("R1")),
            (List::DisposalOrRecovery, "R_1", Some("R1")),
            (List::DisposalOrRecovery, "r1", Some("R1")),
            (List::DisposalOrRecovery, "D15", Some("D15")),
            (List::DisposalOrRecovery, "R14", None),
            (List::ContainerTypes, "[TAN] Tanker/Tank", Some("TAN")),
            (List::ContainerTypes, "tan", Some("TAN")),
            (List::ContainerTypes, "[TAN", None),
            (List::WeightMetrics, "KG", Some("Kilograms")),
            (List::WeightMetrics, "kgs", Some("Kilograms")),
            (List::WeightMetrics, "t", Some("Tonnes")),
            (List::WeightMetrics, "tonnes", Some("Tonnes")),
            (List::WeightMetrics, "grams", Some("Grams")),
            (List::WeightMetrics, "ton", None),
            (List::MeansOfTransport, "inland waterway", Some("Inland Waterway")),
            (List::MeansOfTransport, "ROAD", Some("Road")),
            (List::SourcesOfComponents, "own testing", Some("OWN_TESTING")),
            (List::PopNames, "decabde", Some("DECABDE")),
            (List::PhysicalForms, "", None),
        ] {
            assert_eq!(listed(codes, list, written), code, "{written}");
        }
    }

    #[test]
    fn no_two_codes_of_a_list_are_alike() {
        let codes = Codes::embedded();
        for list in List::ALL.into_iter().filter(|list| *list != List::Ewc) {
            for entry in codes.entries(list) {
                let alike_ones = codes.entries(list).iter().filter(|e| alike(&e.code, &entry.code));
                assert_eq!(alike_ones.count(), 1, "{}", entry.code);
            }
        }
    }

    #[test]
    fn ewc_codes_are_cleaned_and_a_lost_zero_is_restored() {
        let codes = Codes::embedded();
        let read = |text: &str| Ewc::Cleaned(text.to_owned());
        assert_eq!(ewc(codes, "170904"), Ewc::Plain);
        assert_eq!(ewc(codes, "999999"), Ewc::Plain, "the checks say what is wrong with it");
        assert_eq!(ewc(codes, "17 09 04*"), read("170904"));
        assert_eq!(ewc(codes, "17.09.04"), read("170904"));
        assert_eq!(ewc(codes, "17\u{a0}0904 *"), read("170904"));
        assert_eq!(ewc(codes, "10101"), Ewc::ZeroRestored("010101".into()));
        assert_eq!(ewc(codes, "1 01 01"), Ewc::ZeroRestored("010101".into()));
        for unclear in
            ["10101.0", "99 99 99", "99999", "1709", "17090", "17a904", "", "1709.04", "١٧٠٩٠٤"]
        {
            assert_eq!(ewc(codes, unclear), Ewc::Unclear, "{unclear}");
        }
    }

    #[test]
    fn yes_no_and_estimates() {
        for yes in ["y", "Yes", "TRUE"] {
            assert_eq!(yes_or_no(yes), Some(true));
            assert_eq!(estimate_or_actual(yes), Some(true));
        }
        for no in ["N", "no", "False"] {
            assert_eq!(yes_or_no(no), Some(false));
            assert_eq!(estimate_or_actual(no), Some(false));
        }
        assert_eq!(yes_or_no("1"), None);
        assert_eq!(estimate_or_actual("Est"), Some(true));
        assert_eq!(estimate_or_actual("ACTUAL"), Some(false));
        assert_eq!(estimate_or_actual("weighed"), None);
    }
}
