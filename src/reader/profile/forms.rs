//! Forms of dates as spreadsheets name them (`dd/mm/yyyy hh:mm[:ss]`) to those of the library.
//!
//! Must not know: profiles, files.

/// The forms of the library for one of ours: two where seconds or the like stand in brackets.
pub(super) fn strptime(form: &str) -> Result<Vec<String>, String> {
    match (form.split_once('['), form.matches('[').count()) {
        (None, 0) => Ok(vec![one(form)?]),
        (Some((before, rest)), 1) => {
            let (inside, behind) =
                rest.split_once(']').ok_or_else(|| "a [ is not closed".to_owned())?;
            Ok(vec![one(&format!("{before}{inside}{behind}"))?, one(&format!("{before}{behind}"))?])
        }
        _ => Err("only one part may stand in brackets".to_owned()),
    }
}

/// One form, letter by letter: `m` is a month, unless hours stand before it.
fn one(form: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut has = Has::default();
    let mut rest = form;
    while let Some(first) = rest.chars().next() {
        let same = rest.chars().take_while(|c| c.eq_ignore_ascii_case(&first)).count();
        let lower = first.to_ascii_lowercase();
        let twelve = form.to_lowercase().contains("am/pm");
        if lower == 'a' && rest.to_lowercase().starts_with("am/pm") {
            out.push_str("%p");
            rest = &rest["am/pm".len()..];
            continue;
        }
        let code = match (lower, same) {
            ('d', 1 | 2) => has.set(Part::Day, "%d"),
            ('d', 3) => Some("%a"),
            ('d', 4) => Some("%A"),
            ('m', 1 | 2) if has.hour => has.set(Part::Minute, "%M"),
            ('m', 1 | 2) => has.set(Part::Month, "%m"),
            ('m', 3) => has.set(Part::Month, "%b"),
            ('m', 4) => has.set(Part::Month, "%B"),
            ('y', 4) => has.set(Part::Year, "%Y"),
            ('y', 2) => has.set(Part::Year, "%y"),
            ('h', 1 | 2) => has.set(Part::Hour, if twelve { "%I" } else { "%H" }),
            ('s', 1 | 2) => has.set(Part::Second, "%S"),
            ('t', 1) => Some("T"),
            (letter, _) if letter.is_alphabetic() => None,
            ('%', _) => None,
            _ => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        let code = code.ok_or_else(|| {
            let part: String = rest.chars().take(same).collect();
            format!("`{part}` is no part of a date here")
        })?;
        out.push_str(code);
        rest = &rest[same..];
    }
    if has.day && has.month && has.year && has.hour {
        Ok(out)
    } else {
        Err("a date needs day, month, year and hour".to_owned())
    }
}

/// The parts that a form has had so far.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "a part each")]
struct Has {
    day: bool,
    month: bool,
    year: bool,
    hour: bool,
    minute: bool,
    second: bool,
}

#[derive(Clone, Copy)]
enum Part {
    Day,
    Month,
    Year,
    Hour,
    Minute,
    Second,
}

impl Has {
    /// Notes a part; none may come twice.
    fn set(&mut self, part: Part, code: &'static str) -> Option<&'static str> {
        let place = match part {
            Part::Day => &mut self.day,
            Part::Month => &mut self.month,
            Part::Year => &mut self.year,
            Part::Hour => &mut self.hour,
            Part::Minute => &mut self.minute,
            Part::Second => &mut self.second,
        };
        let twice = std::mem::replace(place, true);
        (!twice).then_some(code)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms_of_spreadsheets_are_understood() {
        for (form, written) in [
            ("dd/mm/yyyy hh:mm", "05/10/2026 09:20"),
            ("dd/mm/yyyy hh:mm", "5/10/2026 9:20"),
            ("dd/mm/yyyy hh:mm[:ss]", "05/10/2026 09:20:00"),
            ("dd/mm/yyyy hh:mm[:ss]", "05/10/2026 09:20"),
            ("dd-mmm-yy hhmm", "05-Oct-26 0920"),
            ("yyyy-mm-dd hh:mm:ss", "2026-10-05 09:20:00"),
            ("m/d/yyyy h:mm am/pm", "10/5/2026 9:20 AM"),
            ("ddd d mmmm yyyy, hh.mm", "Mon 5 October 2026, 09.20"),
            ("yyyymmddThhmmss", "20261005T092000"),
        ] {
            let forms = strptime(form).expect(form);
            let read = forms.iter().find_map(|form| DateTime::strptime(form, written).ok());
            assert_eq!(read, Some(date(2026, 10, 5).at(9, 20, 0, 0)), "{form}: {forms:?}");
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for (form, why) in [
            ("dd/mm/yyyy", "needs day, month, year and hour"),
            ("jj/mm/aaaa hh:mm", "`jj` is no part"),
            ("dd/mm/yyyy dd hh:mm", "`dd` is no part"),
            ("dd/mm/yyyy hh:mm[:ss", "not closed"),
            ("[dd][mm]", "only one part"),
            ("%d/%m/%Y %H", "`%` is no part"),
        ] {
            let error = strptime(form).expect_err(form);
            assert!(error.contains(why), "{form}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_form_panics(form in r"[dmyhsaT/:\[\] %.-]{0,24}|\PC{0,12}") {
            if let Ok(forms) = strptime(&form) {
                for form in forms {
                    let _ = DateTime::strptime(&form, "05/10/2026 09:20");
                }
            }
        }
    }
}
