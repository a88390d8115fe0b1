//! A waste movement: the API's request body, and what identifies it.
//!
//! There is one representation, the JSON that the API gets: a typed twin would describe every
//! field a second time beside [`fields`], and could not hold what the checks must judge (wrong
//! types, unknown keys). Readers build the body in the schema's order; [`Movement::canonical`]
//! puts bodies that came as JSON into it, so that the same content has the same bytes.
//!
//! Must not know: files, the ledger, the network.

pub mod fields;
mod personal;

pub use personal::{lasting, leave_out_contacts, without_personal_data};

use crate::json::{Value, write_value};
use fields::Branch;

/// A movement as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement<'a> {
    /// The request body; not necessarily an object, nor anything the API would take.
    pub body: Value<'a>,
    /// Given beside the body: the record is a correction of that movement.
    pub waste_tracking_id: Option<String>,
}

/// What identifies a movement within an environment. Each site numbers its own tickets, and one
/// `apiCode` covers all of an operator's sites.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// `apiCode`, or empty where it is missing.
    pub api_code: String,
    /// `receiver.authorisationNumber` in its comparable form, or empty where it is missing.
    pub site: String,
    /// `yourUniqueReference`, trimmed.
    pub reference: String,
}

impl Movement<'_> {
    /// `yourUniqueReference`, where there is a usable one.
    pub fn reference(&self) -> Option<&str> {
        usable(self.body.get("yourUniqueReference")?)
    }

    /// `apiCode`, where there is a usable one.
    pub fn api_code(&self) -> Option<&str> {
        usable(self.body.get("apiCode")?)
    }

    /// `receiver.authorisationNumber` as it was written.
    pub fn site(&self) -> Option<&str> {
        usable(self.body.get("receiver")?.get("authorisationNumber")?)
    }

    /// What identifies the movement, where it has a usable reference.
    pub fn key(&self) -> Option<Key> {
        Some(Key {
            api_code: self.api_code().unwrap_or_default().to_owned(),
            site: self.site().map(comparable_site).unwrap_or_default(),
            reference: self.reference()?.to_owned(),
        })
    }

    /// Puts known keys into the order of the schema, unknown ones behind them, at every depth.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        order(&mut self.body, Branch::body());
        self
    }

    /// The request body's bytes, as they are hashed, stored and sent.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1_024);
        write_value(&mut out, &self.body);
        out
    }
}

/// A text, trimmed; none when it is blank or no text.
fn usable<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    value.as_str().map(trim).filter(|text| !text.is_empty())
}

/// A text without the spaces around it, of whatever kind. Nearly all texts have none, and begin
/// and end in ASCII.
pub(crate) fn trim(text: &str) -> &str {
    let is_bare = |text: &str| {
        let solid = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..=b'~').contains(byte));
        text.is_empty() || solid(text.as_bytes().first()) && solid(text.as_bytes().last())
    };
    if is_bare(text) {
        return text;
    }
    // Most others have plain blanks.
    let bare = text.trim_ascii();
    if is_bare(bare) { bare } else { bare.trim() }
}

/// One spelling for each permit: people write `EPR/AB1234CD`, `ab1234cd` and `AB1234CD ` for the
/// same site, and a movement must not be sent twice for it.
pub fn comparable_site(authorisation_number: &str) -> String {
    let upper = authorisation_number.trim().to_uppercase();
    upper.strip_prefix("EPR/").map(str::to_owned).unwrap_or(upper)
}

fn order(value: &mut Value<'_>, field: &Branch) {
    match value {
        Value::Object(object) => {
            object.sort_by_rank(|key| field.rank(key));
            for (key, member) in object.iter_mut() {
                // What stands below an unknown key has no order but its own.
                if let Some(field) = field.member(key.as_str()) {
                    order(member, field);
                }
            }
        }
        Value::List(list) => list.iter_mut().for_each(|item| order(item, field)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn movement(text: &str) -> Movement<'_> {
        Movement { body: parse(text).expect("valid JSON"), waste_tracking_id: None }
    }

    #[test]
    fn the_same_content_has_the_same_bytes() {
        let one = movement(
            r#"{"wasteItems":[{"weight":{"amount":1,"metric":"Tonnes"},"ewcCodes":[]}],"apiCode":"a","x":1}"#,
        );
        let expected = r#"{"apiCode":"a","wasteItems":[{"ewcCodes":[],"weight":{"metric":"Tonnes","amount":1}}],"x":1}"#;
        assert_eq!(String::from_utf8(one.canonical().to_json()).expect("UTF-8"), expected);
    }

    #[test]
    fn a_site_has_one_spelling() {
        for spelling in ["EPR/AB1234CD", "ab1234cd", " AB1234CD ", "epr/Ab1234cd"] {
            assert_eq!(comparable_site(spelling), "AB1234CD");
        }
        assert_eq!(comparable_site("WML 12/3 LN/99/9"), "WML 12/3 LN/99/9");
    }

    #[test]
    fn a_record_without_a_usable_reference_has_no_key() {
        assert!(movement(r#"{"apiCode":"a"}"#).key().is_none());
        assert!(movement(r#"{"yourUniqueReference":"  "}"#).key().is_none());
        assert!(movement(r#"{"yourUniqueReference":5}"#).key().is_none());
        assert!(movement("[]").key().is_none());
        assert!(movement(r#"{"yourUniqueReference":" A1 "}"#).key().is_some());
    }
}
