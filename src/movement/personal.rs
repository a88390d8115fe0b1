//! What of a request body tells who somebody is, by the table of fields: taken out when a ledger
//! is purged, and, where it may be left out, before something is sent to the test environment.

use super::fields::Branch;
use crate::json::{Value, parse, write_text, write_value};

/// What stays of a body when personal data is purged: the fields of the table that are not
/// personal, with plain values. What the table does not know may be anything, and goes too.
///
/// The ledger hashes this when a body is read, so that what stays can be verified after a purge.
pub fn without_personal_data(body: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    if body.as_object().is_some() {
        write_lasting(&mut out, body, Branch::body());
    } else {
        out.extend_from_slice(b"{}");
    }
    out
}

/// [`without_personal_data`] of a body's JSON text; of what is no JSON nothing stays.
pub fn lasting(payload: &[u8]) -> Vec<u8> {
    let body = std::str::from_utf8(payload).ok().and_then(|text| parse(text).ok());
    body.map_or_else(|| b"{}".to_vec(), |body| without_personal_data(&body))
}

fn write_lasting(out: &mut Vec<u8>, value: &Value<'_>, field: &Branch) {
    match value {
        Value::Object(object) => {
            out.push(b'{');
            let mut first = true;
            for (key, member) in object.iter() {
                let Some(below) = field.member(key.as_str()) else { continue };
                if below.is_personal() || !fits(member, below) {
                    continue;
                }
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                write_text(out, key);
                out.push(b':');
                write_lasting(out, member, below);
            }
            out.push(b'}');
        }
        Value::List(list) => {
            out.push(b'[');
            let mut first = true;
            for item in list.iter().filter(|item| fits(item, field)) {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                write_lasting(out, item, field);
            }
            out.push(b']');
        }
        plain => write_value(out, plain),
    }
}

/// Whether a value has the shape of its field: a text where an object belongs may be anything.
fn fits(value: &Value<'_>, field: &Branch) -> bool {
    match value {
        Value::Object(_) => !field.is_leaf(),
        Value::List(_) | Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => field.is_leaf(),
    }
}

/// Takes contacts out of a body that the API does not ask for, and says how many.
pub fn leave_out_contacts(body: &mut Value<'_>) -> u64 {
    let mut left_out = 0;
    take_out(body, Branch::body(), &mut left_out);
    left_out
}

fn take_out(value: &mut Value<'_>, field: &Branch, left_out: &mut u64) {
    match value {
        Value::Object(object) => {
            let before = object.len();
            object.retain(|key, _| !field.member(key).is_some_and(Branch::is_optional_contact));
            *left_out += (before - object.len()) as u64;
            for (key, member) in object.iter_mut() {
                if let Some(field) = field.member(key.as_str()) {
                    take_out(member, field, left_out);
                }
            }
        }
        Value::List(list) => list.iter_mut().for_each(|item| take_out(item, field, left_out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::fields::{FIELDS, Need, Personal};

    const SAMPLES: &str = include_str!("../../samples/movements.jsonl");

    /// Every text that stands under a field that is not as `wanted`.
    fn texts(value: &Value<'_>, path: &str, wanted: fn(Personal) -> bool, all: &mut Vec<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(key, member)| {
                let path = format!("{path}.{}", key.as_str());
                texts(member, &path, wanted, all);
            }),
            Value::List(list) => list.iter().for_each(|item| texts(item, path, wanted, all)),
            Value::Text(text) => {
                let field = FIELDS.iter().find(|field| field.path == &path[1..]);
                if field.is_some_and(|field| wanted(field.personal)) {
                    all.push(text.as_str().to_owned());
                }
            }
            _ => {}
        }
    }

    #[test]
    fn what_is_personal_goes_and_the_rest_stays() {
        for line in SAMPLES.lines() {
            let body = parse(line).expect("JSON");
            let left = String::from_utf8(without_personal_data(&body)).expect("UTF-8");
            assert_eq!(lasting(line.as_bytes()), left.as_bytes());
            assert_eq!(lasting(left.as_bytes()), left.as_bytes(), "it is what stays of itself");
            let (mut gone, mut kept) = (Vec::new(), Vec::new());
            texts(&body, "", |personal| personal != Personal::No, &mut gone);
            texts(&body, "", |personal| personal == Personal::No, &mut kept);
            assert!(gone.len() > 3 && kept.len() > 10, "{gone:?} {kept:?}");
            let quoted = |text: &String| left.contains(&format!("\"{text}\""));
            assert_eq!(gone.iter().find(|text| quoted(text)), None);
            assert_eq!(kept.iter().find(|text| !quoted(text)), None);
        }
    }

    #[test]
    fn what_the_table_does_not_know_goes() {
        let left = |text: &str| String::from_utf8(lasting(text.as_bytes())).expect("UTF-8");
        let body = r#"{"driver":"J","carrier":"J","wasteItems":["J",{"x":"J"}],"apiCode":{"J":1}}"#;
        assert_eq!(left(body), r#"{"wasteItems":[{}]}"#);
        assert_eq!(left("J, 01632 960101"), "{}");
        assert_eq!(left(r#""J""#), "{}");
    }

    #[test]
    fn contacts_are_left_out_where_the_api_does_not_ask_for_them() {
        let text = r#"{"receiver":{"siteName":"S","emailAddress":"a@b.uk","phoneNumber":"1"},
            "carrier":{"organisationName":"C","address":{"postcode":"QV1 1AA"},"phoneNumber":"2"},
            "brokerOrDealer":{"organisationName":"B","registrationNumber":"CBDL3090",
                "address":{"postcode":"QV1 1AA","fullAddress":"x"},"emailAddress":"c@d.uk"},
            "receipt":{"address":{"postcode":"QV1 1AA","fullAddress":"x"}},
            "specialHandlingRequirements":"mind the step"}"#;
        let mut body = parse(text).expect("JSON");
        assert_eq!(leave_out_contacts(&mut body), 6);
        let mut left = Vec::new();
        write_value(&mut left, &body);
        let expected = r#"{"receiver":{"siteName":"S"},"carrier":{"organisationName":"C"},"brokerOrDealer":{"organisationName":"B","registrationNumber":"CBDL3090"},"receipt":{"address":{"postcode":"QV1 1AA","fullAddress":"x"}},"specialHandlingRequirements":"mind the step"}"#;
        assert_eq!(String::from_utf8(left).expect("UTF-8"), expected);
        assert_eq!(leave_out_contacts(&mut body), 0);
    }

    /// The table says what is personal: a look at it that a new field must pass.
    #[test]
    fn the_table_names_every_contact() {
        for field in FIELDS.iter() {
            let name = field.name();
            let contact = ["emailAddress", "phoneNumber", "fullAddress", "postcode"];
            let is_contact =
                contact.contains(&name) || matches!(name, "organisationName" | "siteName");
            assert_eq!(field.personal == Personal::Contact, is_contact, "{}", field.path);
            assert!(field.personal != Personal::Contact || field.need != Need::When(""));
        }
    }
}
