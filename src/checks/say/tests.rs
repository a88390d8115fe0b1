//! What people get to read: one check of each sort of mistake, by its message.

use crate::checks;
use crate::json::{Value, parse};
use crate::reference::Codes;

/// A body that the API takes, with one text in it replaced.
fn messages(from: &str, to: &str) -> Vec<String> {
    let body = GOOD.replacen(from, to, 1);
    assert_ne!(body, GOOD, "{from} is in the body");
    let body = parse(&body).expect("valid JSON");
    checks::check(&body, Codes::embedded()).into_iter().map(|finding| finding.message).collect()
}

const GOOD: &str = r#"{"apiCode":"1f83215e-4b90-4785-9ab2-2614839aa2e9",
    "dateTimeReceived":"2026-03-14T09:20:00Z","yourUniqueReference":"A1",
    "wasteItems":[{"ewcCodes":["010101"],"wasteDescription":"Stones","physicalForm":"Solid",
        "numberOfContainers":1,"typeOfContainers":"SKI",
        "weight":{"metric":"Tonnes","amount":3,"isEstimate":false},
        "containsPops":false,"containsHazardous":false,
        "disposalOrRecoveryCodes":[{"code":"R5",
            "weight":{"metric":"Kilograms","amount":3e3,"isEstimate":false}}]}],
    "carrier":{"registrationNumber":"CBDU48213","organisationName":"Fenwick",
        "meansOfTransport":"Road","vehicleRegistration":"RG19 XTP"},
    "receiver":{"siteName":"Larkmoor","authorisationNumber":"EPR/KB3107TT"},
    "receipt":{"address":{"fullAddress":"4 Larkmoor Way","postcode":"QV7 3LD"}}}"#;

#[track_caller]
fn says(from: &str, to: &str, expected: &str) {
    let messages = messages(from, to);
    assert!(messages.iter().any(|message| message == expected), "{messages:#?}");
}

#[test]
fn a_good_body_says_nothing() {
    let body = parse(GOOD).expect("valid JSON");
    assert_eq!(checks::check(&body, Codes::embedded()), []);
    let now = "2026-03-15T00:00:00Z".parse().expect("a time");
    assert_eq!(checks::advise(&body, Codes::embedded(), now), []);
}

#[test]
fn codes_are_recognised() {
    let ewc =
        |read: &str| format!("The EWC code \"{read}\" is not on the list; did you mean 010101?");
    for read in ["10101", "01 01 01", "010101*"] {
        says("\"010101\"", &format!("\"{read}\""), &ewc(read));
    }
    says("Solid", "solid", "The physical form \"solid\" is not on the list; did you mean Solid?");
    says(
        "Solid",
        "Rock",
        "The physical form \"Rock\" is not on the list. Write one of Gas, Liquid, Solid, Powder, \
         Sludge or Mixed.",
    );
}

#[test]
fn dates_with_the_day_first_are_turned_round() {
    says(
        "2026-03-14T09:20:00Z",
        "05/10/2026 09:20",
        "The date and time received \"05/10/2026 09:20\" is not in a form that the API takes. If \
         the day stands first in it, write 2026-10-05T09:20 (add Z for UTC, or +01:00 for British \
         Summer Time).",
    );
}

#[test]
fn types_are_explained() {
    says(
        "\"numberOfContainers\":1",
        "\"numberOfContainers\":\"1,200\"",
        "The number of containers must be a whole number, 0 or more; the text \"1,200\" was read. \
         Write 1200, without quotes.",
    );
    says(
        "\"amount\":3,",
        "\"amount\":\"3,46\",",
        "The amount of the weight must be a number greater than 0; the text \"3,46\" was read.",
    );
    says(
        "\"containsPops\":false",
        "\"containsPops\":\"No\"",
        "Whether the waste contains POPs must be true or false; the text \"No\" was read. Write \
         false, without quotes.",
    );
    says(
        "\"010101\"",
        "10101",
        "The EWC code must be a text of six digits, such as \"170201\"; 10101 was read. Put it in \
         quotes: \"10101\".",
    );
}

#[test]
fn shapes_are_shown() {
    says(
        "QV7 3LD",
        "qv73ld",
        "The site's postcode \"qv73ld\" is not in a form that the API takes; did you mean QV7 3LD?",
    );
    says(
        "CBDU48213",
        "cbdu 48213",
        "The carrier's registration number \"cbdu 48213\" is not in a form that the API takes; did \
         you mean CBDU48213?",
    );
    says(
        "EPR/KB3107TT",
        "WML/L/12345678",
        "The receiver's authorisation number \"WML/L/12345678\" is not in a form that the API \
         takes. Write it like WML/L/1234567, WML/L/SEPA1234-5678, WML 12/34 LN/12/34 or WML 12/34 \
         PAC/1234/WCL123.",
    );
}

#[test]
fn missing_and_misspelt_keys_are_told_apart() {
    says(
        "\"siteName\":\"Larkmoor\",",
        "",
        "The receiver's site name is missing (the name of the site). Write it like Larkmoor \
         Transfer Station.",
    );
    says(
        "siteName",
        "SiteName",
        "The receiver's site name is missing: the key \"SiteName\" is spelt otherwise; write \
         \"siteName\".",
    );
    says(
        "siteName",
        "siteNames",
        "The key \"siteNames\" is not known here; did you mean \"siteName\"?",
    );
}

#[test]
fn what_was_read_is_cut_and_harmless() {
    let shown = super::quoted(&format!("\u{1b}[31m\n\u{202e}{}", "x".repeat(100)));
    assert!(shown.starts_with(r#""\u{1b}[31m\n\u{202e}xxx"#), "{shown}");
    assert!(shown.chars().count() < 80, "{shown}");
    let number = format!("1{}", "0".repeat(5_000));
    assert!(super::shown(&parse(&number).expect("a number")).len() < 80);
    let key = "\u{7}".repeat(1_000);
    let body = Value::Object({
        let mut object = crate::json::Object::new();
        object.set(std::borrow::Cow::Owned(key), Value::Null);
        object
    });
    for finding in checks::check(&body, Codes::embedded()) {
        assert!(!finding.message.contains(char::is_control), "{}", finding.message);
    }
}
