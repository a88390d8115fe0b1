//! Shapes of numbers and codes that the agencies give out, as tables of patterns (section 7, C1).
//!
//! Letters and digits mean the ASCII ones even where case does not matter (G13), and a pattern
//! must match the whole text. Must not know: fields, findings.

use std::sync::LazyLock;

use regex::Regex;

/// One shape that is taken.
pub(super) struct Shape {
    /// The pattern, without anchors; case does not matter unless it says so.
    pattern: &'static str,
    /// An example, as the messages show it.
    pub(super) example: &'static str,
}

const fn shape(pattern: &'static str, example: &'static str) -> Shape {
    Shape { pattern, example }
}

/// Registrations of carriers, brokers and dealers.
pub(super) static REGISTRATIONS: [Shape; 5] = [
    shape(r"CBD[LU]\d{3,}", "CBDU12345"),
    shape(r"WCR/R/\d{7}", "WCR/R/1234567"),
    shape(r"(?:SCO|SEA|SNO|SWE|WCR)/\d{6}", "SCO/123456"),
    shape(r"PCT-[A-Z]-\d{3,7}", "PCT-A-1234"),
    // Anything but an ASCII letter, digit or underscore separates: that needs Unicode's reading,
    // and no folding of case, which would take letters that the service does not.
    shape(r"ROC(?u-i:[^0-9A-Za-z_])*[UL]T(?u-i:[^0-9A-Za-z_])*\d{1,5}", "ROC UT 1234"),
];

/// Permits, licences and exemptions of sites.
pub(super) static SITES: [Shape; 11] = [
    // England and Wales; a mobile plant's deployment behind it has four or five digits.
    shape(r"(?:EPR/)?[A-Z]{2}\d{4}[A-Z]{2}(?:/D\d{4,5})?", "EPR/AB1234CD"),
    shape(r"(?:EA)?WML\d{5,6}", "EAWML123456"),
    // Scotland.
    shape(r"PPC/[AWEN]/\d{7}", "PPC/A/1234567"),
    shape(r"WML/[LWEN]/\d{7}(?:/\d{2})?", "WML/L/1234567"),
    shape(r"PPC/A/SEPA\d{4}-\d{4}", "PPC/A/SEPA1234-5678"),
    shape(r"WML/L/SEPA\d{4}-\d{4}", "WML/L/SEPA1234-5678"),
    shape(r"EAS/P/\d{6}", "EAS/P/123456"),
    // Northern Ireland; a licence needs its LN or PAC part behind it.
    shape(r"P\d{4}/\d{2}[A-Z](?:/V\d+)?", "P1234/12A"),
    shape(r"WPPC \d{2}/\d{2}(?:/V\d+)?", "WPPC 12/34"),
    shape(r"WML \d{2}/\d+(?:/T)? LN/\d{2}/\d+(?:/(?:[MTCN]|V\d+))*", "WML 12/34 LN/12/34"),
    shape(r"WML \d{2}/\d+ PAC/\d{4}/WCL\d{3}", "WML 12/34 PAC/1234/WCL123"),
];

/// Postcodes of the UK.
pub(super) static UK_POSTCODES: [Shape; 3] = [
    shape(r"GIR 0AA", "GIR 0AA"),
    shape(r"[A-Z](?:\d{1,2}|\d[A-Z]) \d[A-Z]{2}", "N1 9GU"),
    shape(r"[A-Z][A-HJ-Y](?:\d{1,2}|\d?[A-Z]) \d[A-Z]{2}", "SW1A 1AA"),
];

/// Postcodes of Ireland.
pub(super) static IRISH_POSTCODES: [Shape; 1] =
    [shape(r"(?:D6W|[AC-FHKNPRTV-Y]\d{2}) ?[0-9AC-FHKNPRTV-Y]{4}", "D02 X285")];

/// Consignment codes: of England and Wales, of Scotland, of Northern Ireland. The latter two take
/// capitals only.
pub(super) static CONSIGNMENT_CODES: [Shape; 3] = [
    shape(r"[A-Z0-9]{2,}/[A-Z0-9]{5}[A-Z]?", "CJTILE/A0001"),
    shape(r"(?-i:S[ABC]\d{7})", "SA1234567"),
    shape(r"(?-i:D[ABC]\d{7})", "DA1234567"),
];

static REGISTRATION: LazyLock<Regex> = LazyLock::new(|| any_of(&[&REGISTRATIONS]));
static SITE: LazyLock<Regex> = LazyLock::new(|| any_of(&[&SITES]));
static UK_POSTCODE: LazyLock<Regex> = LazyLock::new(|| any_of(&[&UK_POSTCODES]));
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| any_of(&[&UK_POSTCODES, &IRISH_POSTCODES]));
static CONSIGNMENT_CODE: LazyLock<Regex> = LazyLock::new(|| any_of(&[&CONSIGNMENT_CODES]));

fn any_of(tables: &[&[Shape]]) -> Regex {
    let patterns: Vec<&str> =
        tables.iter().flat_map(|table| table.iter().map(|shape| shape.pattern)).collect();
    Regex::new(&format!(r"(?i-u)\A(?:{})\z", patterns.join("|")))
        .expect("the patterns are constants, and a test compiles them all")
}

pub(super) fn is_registration(text: &str) -> bool {
    REGISTRATION.is_match(text)
}

/// The service strips what JavaScript calls whitespace from both ends before it looks.
pub(super) fn is_site(text: &str) -> bool {
    SITE.is_match(text.trim_matches(super::values::is_js_whitespace))
}

pub(super) fn is_uk_postcode(text: &str) -> bool {
    UK_POSTCODE.is_match(text)
}

pub(super) fn is_postcode(text: &str) -> bool {
    POSTCODE.is_match(text)
}

pub(super) fn is_consignment_code(text: &str) -> bool {
    CONSIGNMENT_CODE.is_match(text)
}

/// The digits between the separators of a UUID.
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// The shape of a UUID, in any case and version: the separator behind the first group (`-`, `:`
/// or none) may be left out later, but not changed or brought in; a matching pair of brackets may
/// stand around it all.
pub(super) fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = match (bytes.first(), bytes.last()) {
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'('), Some(b')')) => {
            &bytes[1..bytes.len() - 1]
        }
        _ => bytes,
    };
    let separator = inner.get(UUID_GROUPS[0]).copied().filter(|byte| matches!(byte, b'-' | b':'));
    let mut rest = inner;
    for (group, &digits) in UUID_GROUPS.iter().enumerate() {
        if group > 0 && separator.is_some() && rest.first().copied() == separator {
            rest = &rest[1..];
        }
        let Some((these, others)) = rest.split_at_checked(digits) else { return false };
        if !these.iter().all(u8::is_ascii_hexdigit) {
            return false;
        }
        rest = others;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn decide(fits: fn(&str) -> bool, taken: &[&str], refused: &[&str]) {
        for text in taken {
            assert!(fits(text), "{text:?} is taken");
        }
        for text in refused {
            assert!(!fits(text), "{text:?} is refused");
        }
    }

    #[test]
    fn every_example_fits_its_own_pattern() {
        let tables: [&[Shape]; 5] =
            [&REGISTRATIONS, &SITES, &UK_POSTCODES, &IRISH_POSTCODES, &CONSIGNMENT_CODES];
        for shape in tables.into_iter().flatten() {
            let alone = Regex::new(&format!(r"(?i-u)\A(?:{})\z", shape.pattern));
            assert!(alone.expect("it compiles").is_match(shape.example), "{}", shape.example);
        }
    }

    #[test]
    fn registrations() {
        decide(
            is_registration,
            &[
                "CBDL123",
                "cbdu123456789012",
                "WCR/R/1234567",
                "sea/123456",
                "PCT-Z-1234567",
                "ROCUT1",
                "ROC\u{e9}–UT\n12345",
                "roc lt 9",
                "ROC\u{17f}UT\u{212a}1",
            ],
            &[
                "CBDX123",
                "CBDU12",
                "CBDU123 ",
                " CBDU123",
                "CBDU123\n",
                "WCR/R/123456",
                "WCR/R/12345678",
                "SCO/12345",
                "\u{17f}CO/123456",
                "PCT-\u{212a}-123",
                "PCT-A-12",
                "ROC_UT1",
                "ROC UT 123456",
                "ROC XT 1",
                "CBDU\u{663}\u{664}\u{665}",
                "",
            ],
        );
    }

    #[test]
    fn site_authorisations() {
        decide(
            is_site,
            &[
                "KB3107TT",
                "epr/kb3107tt/d0007",
                "KB3107TT/D00071",
                "EAWML12345",
                "WML123456",
                "PPC/N/1234567",
                "WML/E/1234567/01",
                "PPC/A/SEPA1234-1234",
                "EAS/P/123456",
                "P0001/01A/V12",
                "WPPC 01/02/V3",
                "WML 01/1 LN/01/1/M/T/V22/N",
                "WML 01/1/T LN/01/1",
                "WML 01/1 PAC/0001/WCL001",
                "\u{a0}KB3107TT\u{feff}",
                "\tKB3107TT\n",
            ],
            &[
                "KB3107T",
                "EPR KB3107TT",
                "KB3107TT/D007",
                "KB3107TT/D000712",
                "EAWML1234",
                "PPC/L/1234567",
                "WML/A/1234567",
                "WML/L/1234567/1",
                "PPC/W/SEPA1234-1234",
                "WML 01/1",
                "LN/01/1",
                "PAC/0001/WCL001",
                "WML 01/1  LN/01/1",
                "WML\u{a0}01/1 LN/01/1",
                "WML 01/1 LN/01/1/X",
                "\u{85}KB3107TT",
                "\u{200b}KB3107TT",
            ],
        );
    }

    #[test]
    fn postcodes() {
        decide(
            is_uk_postcode,
            &[
                "A1 1AA", "A12 1AA", "AB1 1AA", "AB12 1AA", "A1B 1AA", "AB1C 1AA", "ABC 1AA",
                "gir 0aa", "ZA1 1AA",
            ],
            &[
                "A 1AA",
                "AI1 1AA",
                "AZ1 1AA",
                "AB12  1AA",
                "AB121AA",
                "GIR0AA",
                "BFPO 801",
                "AB12\u{a0}1AA",
                "AB12 1AA\n",
                "A1BC 1AA",
                "D02 X285",
            ],
        );
        decide(
            is_postcode,
            &["D02 X285", "d02x285", "D6W XY12", "A65 0000", "AB1 1AA"],
            &["D5W XY12", "B65 F4E2", "A65  F4E2", "A65 F4B2", "Z14 9999", ""],
        );
    }

    #[test]
    fn consignment_codes() {
        decide(
            is_consignment_code,
            &["AB/12345", "ab/a0042b", "SA1234567", "DC1234567"],
            &[
                "A/12345",
                "AB/1234",
                "AB/123456",
                "sa1234567",
                "SD1234567",
                "SA1234567 ",
                "\u{212a}B/12345",
            ],
        );
    }

    #[test]
    fn uuids() {
        let plain = "1f83215e-4b90-4785-9ab2-2614839aa2e9";
        let bare = plain.replace('-', "");
        let taken = [
            plain.to_owned(),
            plain.to_uppercase(),
            bare.clone(),
            plain.replace('-', ":"),
            format!("{{{plain}}}"),
            format!("({bare})"),
            format!("[{plain}]"),
            "1f83215e-4b9047859ab2-2614839aa2e9".to_owned(),
        ];
        for text in &taken {
            assert!(is_uuid(text), "{text}");
        }
        let refused = [
            format!("{plain}0"),
            format!("{{{plain}"),
            format!("{{{plain}]"),
            format!(" {plain}"),
            format!("{plain}\n"),
            plain.replacen('-', ":", 1),
            "1f83215e4b90-4785-9ab2-2614839aa2e9".to_owned(),
            plain.replace('f', "g"),
            String::new(),
            "{}".to_owned(),
            "{".to_owned(),
        ];
        for text in &refused {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
