//! What the cells of a column look like.
//!
//! Must not know: what the column is called.

use std::sync::LazyLock;

use regex::Regex;

use crate::reader::number;
use crate::reader::spelling;
use crate::reference::{Codes, List};

/// What cells may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// `17 09 04*`
    Ewc,
    /// `17 09 04 - Mixed waste`
    EwcAndText,
    /// A day with a time, in some form.
    DateTime,
    /// A day alone.
    Date,
    /// A time alone.
    Time,
    /// `QV19 SKP`
    Vehicle,
    /// `CBDU00562`
    CarrierRegistration,
    /// `EPR/QV1001LM`
    Permit,
    Postcode,
    Email,
    /// `yes`, `N`, `TRUE`
    YesNo,
    /// A number with its unit: `12.5 t`.
    WeightAndUnit,
    Number,
    /// `R13`
    Disposal,
    Text,
}

/// Case without Unicode's tables: the regex crate has them only in test builds, where other crates
/// ask for them.
static LOOKS: LazyLock<Vec<(Look, Regex)>> = LazyLock::new(|| {
    [
        (Look::DateTime, r"^\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{1,4}[ T]+\d{1,2}[:.]\d{2}"),
        (Look::Date, r"^\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{1,4}$"),
        (Look::Time, r"^\d{1,2}[:.]\d{2}([:.]\d{2})?( ?[AaPp][Mm])?$"),
        (Look::CarrierRegistration, r"^(?i-u)(CB[DU]{1,2}|NIW|ROC|WCR|SCO)[ /]?[A-Z]{0,2}\d{3,7}"),
        (Look::Permit, r"^(?i-u)(EPR|EAWML|WML|PPC|SEPA|WPPC|P)[ /-]?[A-Z]{0,3}\d{2,}|^(?i-u)[A-Z]{2}\d{4}[A-Z]{2}(/[A-Z]\d{3})?$"),
        (Look::Disposal, r"^(?i-u)[RD] ?_?0?\d{1,2}$"),
        (Look::Postcode, r"^(?i-u)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"),
        (Look::Email, r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"),
        (Look::Vehicle, r"^(?i-u)([A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]|[A-Z]{1,3} ?\d{1,4})$"),
        (Look::WeightAndUnit, r"^(?i-u)[\d,]+(\.\d+)? ?(kg|kgs|t|te|tonnes?)\.?$"),
    ]
    .into_iter()
    .map(|(look, pattern)| (look, Regex::new(pattern).expect("a pattern of ours")))
    .collect()
});

static BEGINS_WITH_EWC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\d{2}[ .]?\d{2}[ .]?\d{2}\*?)(\s*[-:,;|]\s+|\s+)(\D.*)$")
        .expect("a pattern of ours")
});

/// What a text looks like.
fn look(text: &str) -> Look {
    let codes = Codes::embedded();
    let on_list = |code: &str| match spelling::ewc(codes, code) {
        spelling::Ewc::Plain => codes.contains(List::Ewc, code),
        spelling::Ewc::Cleaned(_) | spelling::Ewc::ZeroRestored(_) => true,
        spelling::Ewc::Unclear => false,
    };
    if text.split([';', ',']).all(|code| on_list(code.trim())) {
        return Look::Ewc;
    }
    if ewc_and_text(text).is_some_and(|(code, _)| on_list(code)) {
        return Look::EwcAndText;
    }
    if spelling::yes_or_no(text).is_some() {
        return Look::YesNo;
    }
    if number::canonical(text).is_ok() {
        return Look::Number;
    }
    LOOKS.iter().find(|(_, regex)| regex.is_match(text)).map_or(Look::Text, |(look, _)| *look)
}

/// A text that begins with a code, as the code and what stands between it and the rest.
pub(super) fn ewc_and_text(text: &str) -> Option<(&str, &str)> {
    let found = BEGINS_WITH_EWC.captures(text)?;
    Some((found.get(1)?.as_str(), found.get(2)?.as_str()))
}

/// What nearly all of some texts look like; none where there are none.
pub(super) fn of_column<'t>(texts: impl Iterator<Item = &'t str>) -> Option<Look> {
    let mut counts: Vec<(Look, usize)> = Vec::new();
    let mut all = 0;
    for text in texts.filter(|text| !text.is_empty()) {
        all += 1;
        let look = look(text);
        match counts.iter_mut().find(|(known, _)| *known == look) {
            Some((_, count)) => *count += 1,
            None => counts.push((look, 1)),
        }
    }
    let (look, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    // A slip of the finger in one row of ten changes nothing.
    Some(if count * 10 >= all * 8 { look } else { Look::Text })
}

/// The form of dates, as spreadsheets name it, if all of some texts have it: those with the day
/// first are tried first.
pub(super) fn date_form(texts: &[&str]) -> Option<&'static str> {
    const FORMS: [&str; 14] = [
        "dd/mm/yyyy hh:mm[:ss]",
        "dd/mm/yy hh:mm[:ss]",
        "dd-mm-yyyy hh:mm[:ss]",
        "dd.mm.yyyy hh:mm[:ss]",
        "dd-mmm-yyyy hh:mm[:ss]",
        "dd-mmm-yy hh:mm[:ss]",
        "dd mmm yyyy hh:mm[:ss]",
        "dd/mm/yyyy h:mm[:ss] am/pm",
        "yyyy-mm-dd hh:mm[:ss]",
        "yyyy/mm/dd hh:mm[:ss]",
        "yyyy-mm-ddThh:mm[:ss]",
        "dd/mm/yyyy hh.mm",
        "dd.mm.yy hh:mm",
        "mm/dd/yyyy hh:mm[:ss]",
    ];
    let fits = |form: &str| {
        let forms = super::super::forms::strptime(form).unwrap_or_default();
        texts.iter().filter(|text| !text.is_empty()).all(|text| {
            forms.iter().any(|form| {
                let read = jiff::civil::DateTime::strptime(form, text);
                read.is_ok_and(|at| at.year() >= 1_000)
            })
        })
    };
    FORMS.into_iter().find(|form| fits(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_show_what_they_are() {
        for (text, wanted) in [
            ("17 09 04*", Look::Ewc),
            ("10101", Look::Ewc),
            ("170904; 170201", Look::Ewc),
            ("170904 - Mixed waste", Look::EwcAndText),
            ("17 09 04 Mixed waste", Look::EwcAndText),
            ("05/10/2026 09:20", Look::DateTime),
            ("05-Oct-26", Look::Date),
            ("9:20", Look::Time),
            ("QV19 SKP", Look::Vehicle),
            ("CBDU00562", Look::CarrierRegistration),
            ("EPR/QV1001LM", Look::Permit),
            ("QV7 3LD", Look::Postcode),
            ("gate@larkmoor.example.com", Look::Email),
            ("Y", Look::YesNo),
            ("12.5 t", Look::WeightAndUnit),
            ("1,250", Look::Number),
            ("R13", Look::Disposal),
            ("Fenwick Haulage", Look::Text),
        ] {
            assert_eq!(look(text), wanted, "{text}");
        }
    }

    #[test]
    fn dates_show_their_form() {
        let form = |texts: &[&str]| date_form(texts);
        assert_eq!(
            form(&["05/10/2026 09:20", "", "25/10/2026 09:20:07"]),
            Some("dd/mm/yyyy hh:mm[:ss]")
        );
        assert_eq!(form(&["5/10/26 9:20"]), Some("dd/mm/yy hh:mm[:ss]"));
        assert_eq!(form(&["10/25/2026 09:20"]), Some("mm/dd/yyyy hh:mm[:ss]"));
        assert_eq!(form(&["05-Oct-26 09:20"]), Some("dd-mmm-yy hh:mm[:ss]"));
        assert_eq!(form(&["soon"]), None);
    }
}
