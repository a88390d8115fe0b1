//! References, and contents, that come back later in a file, found without keeping any text.
//!
//! Must not know: formats, rows.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::seen::Seen;
use crate::fold::Fold;
use crate::json::{Known, Object, Value};
use crate::movement::{Movement, comparable_site};

/// A place that says "this record lacks its site or its apiCode".
const INCOMPLETE: u32 = 0;

/// The records of a file so far.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    repeats: Repeats,
    contents: Contents,
}

impl Earlier {
    /// Takes note of a movement. Gives the line of an earlier one that is the same, and of one
    /// with the same content; neither where it has no usable reference, which is told already.
    pub(super) fn note(
        &mut self,
        movement: &Movement<'_>,
        line: u64,
    ) -> (Option<u64>, Option<u64>) {
        let Some(reference) = self.repeats.hash(movement) else { return (None, None) };
        let content = self.contents.hash(movement);
        let same = self.repeats.note(reference, movement, line);
        (same, self.contents.note(content, line))
    }
}

/// The movements of a file so far: 16 bytes for each, and a little for each site.
#[derive(Debug, Default)]
struct Repeats {
    hasher: RandomState,
    /// The last pair of site and apiCode as it was written, and its number: mostly the next one's.
    last: (String, String, u32),
    /// Numbers for pairs of site and apiCode, from 1.
    owners: HashMap<u64, u32>,
    /// The first movement with each reference.
    first: Seen<First>,
    /// Movements of further owners that use a reference already seen.
    further: HashMap<(u64, u32), u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct First {
    /// The line, as far as 32 bits go.
    line: u32,
    owner: u32,
}

impl Repeats {
    /// A hash of a movement's reference, where it has one.
    fn hash(&self, movement: &Movement<'_>) -> Option<u64> {
        Some(self.hasher.hash_one(movement.reference()?))
    }

    /// Takes note of a movement. Gives the line of an earlier one that is the same: by reference,
    /// site and apiCode, or by reference alone where one of the two lacks the others.
    fn note(&mut self, reference: u64, movement: &Movement<'_>, line: u64) -> Option<u64> {
        let owner = self.owner(movement);
        let short_line = u32::try_from(line).unwrap_or(u32::MAX);
        let first = self.first.first(reference, First { line: short_line, owner })?;
        if owner == INCOMPLETE || first.owner == INCOMPLETE || owner == first.owner {
            // Any movement that follows may be the same as an incomplete one.
            first.owner = if owner == INCOMPLETE { INCOMPLETE } else { first.owner };
            return Some(u64::from(first.line));
        }
        if let Some(line) = self.further.get(&(reference, owner)) {
            return Some(*line);
        }
        self.further.insert((reference, owner), line);
        None
    }

    fn owner(&mut self, movement: &Movement<'_>) -> u32 {
        let (Some(site), Some(api_code)) = (movement.site(), movement.api_code()) else {
            return INCOMPLETE;
        };
        if (self.last.0.as_str(), self.last.1.as_str()) == (site, api_code) {
            return self.last.2;
        }
        let owner = self.hasher.hash_one((comparable_site(site), api_code));
        let next = u32::try_from(self.owners.len() + 1).unwrap_or(INCOMPLETE);
        let number = *self.owners.entry(owner).or_insert(next);
        self.last = (site.to_owned(), api_code.to_owned(), number);
        number
    }
}

/// The contents of a file so far, their references left out: 12 bytes for each.
#[derive(Debug)]
struct Contents {
    seed: u64,
    lines: Seen<u32>,
    /// What objects fold to that many bodies have.
    common: Known<u64>,
}

impl Default for Contents {
    fn default() -> Self {
        Contents {
            seed: RandomState::new().hash_one(0),
            lines: Seen::default(),
            common: Known::default(),
        }
    }
}

impl Contents {
    /// Takes note of a movement. Gives the line of an earlier one with the same content.
    fn note(&mut self, content: u64, line: u64) -> Option<u64> {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        self.lines.first(content, line).map(|first| u64::from(*first))
    }

    /// A hash of a movement's content, its reference left out.
    fn hash(&mut self, movement: &Movement<'_>) -> u64 {
        let mut fold = Fold::new(self.seed);
        let members = movement.body.as_object().into_iter().flat_map(Object::iter);
        for (key, value) in members.filter(|(key, _)| key.as_str() != "yourUniqueReference") {
            fold.name(key.as_str());
            match value {
                Value::Object(object) => fold.word(self.hash_of(object)),
                value => take(&mut fold, value),
            }
        }
        fold.value()
    }

    /// An object by itself, so that it need not be gone through again where it is known.
    fn hash_of(&mut self, object: &Object<'_>) -> u64 {
        let common = object.as_common();
        if let Some(hash) = common.and_then(|common| self.common.get(common)) {
            return hash;
        }
        let mut fold = Fold::new(self.seed);
        take_object(&mut fold, object);
        if let Some(common) = common {
            self.common.note(common, fold.value());
        }
        fold.value()
    }
}

/// No two values are taken in the same way.
fn take(fold: &mut Fold, value: &Value<'_>) {
    match value {
        Value::Null => fold.word(1),
        Value::Bool(flag) => fold.word(2 + u64::from(*flag)),
        Value::Number(number) => fold.bytes(4, number.as_str().as_bytes()),
        Value::Text(text) => fold.bytes(5, text.as_str().as_bytes()),
        Value::List(list) => {
            fold.word(6 + ((list.len() as u64) << 8));
            for entry in list {
                take(fold, entry);
            }
        }
        Value::Object(object) => take_object(fold, object),
    }
}

fn take_object(fold: &mut Fold, object: &Object<'_>) {
    fold.word(7 + ((object.len() as u64) << 8));
    for (key, member) in object.iter() {
        fold.name(key.as_str());
        take(fold, member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn seen(records: &[(&str, &str, &str)]) -> Vec<Option<u64>> {
        let mut earlier = Earlier::default();
        let lines = 1..;
        let mut note = |((reference, site, code), line): (&(&str, &str, &str), u64)| {
            let text = format!(
                r#"{{"apiCode":"{code}","yourUniqueReference":"{reference}","receiver":{{"authorisationNumber":"{site}"}}}}"#
            );
            let body = parse(&text).expect("JSON");
            earlier.note(&Movement { body, waste_tracking_id: None }, line).0
        };
        records.iter().zip(lines).map(&mut note).collect()
    }

    #[test]
    fn the_same_ticket_of_the_same_site_is_found() {
        let same = [("A1", "EPR/AB1234CD", "x"), ("A2", "AB1234CD", "x"), ("A1", "ab1234cd", "x")];
        assert_eq!(seen(&same), [None, None, Some(1)]);
        let sites = [("A1", "P", "x"), ("A1", "Q", "x"), ("A1", "P", "y"), ("A1", "Q", "x")];
        assert_eq!(seen(&sites), [None, None, None, Some(2)]);
    }

    #[test]
    fn the_same_content_under_two_references_is_found() {
        let mut earlier = Earlier::default();
        let mut note = |text: &str, line| {
            let body = parse(text).expect("JSON");
            earlier.note(&Movement { body, waste_tracking_id: None }, line).1
        };
        assert_eq!(note(r#"{"yourUniqueReference":"A","x":[1,"a"]}"#, 1), None);
        assert_eq!(note(r#"{"yourUniqueReference":"B","x":["1","a"]}"#, 2), None);
        assert_eq!(note(r#"{"x":[1,"a"],"yourUniqueReference":"C"}"#, 3), Some(1));
        assert_eq!(note(r#"{"x":[1,"a"]}"#, 4), None, "without a reference it is told already");
    }

    #[test]
    fn no_two_keys_of_the_schema_fold_to_the_same() {
        let names =
            crate::movement::fields::FIELDS.iter().map(crate::movement::fields::Field::name);
        let distinct: std::collections::BTreeSet<&str> = names.collect();
        let folded = distinct.iter().map(|name| {
            let mut fold = Fold::new(7);
            fold.name(name);
            fold.value()
        });
        let folded: std::collections::BTreeSet<u64> = folded.collect();
        assert_eq!(folded.len(), distinct.len());
    }

    #[test]
    fn the_reference_decides_where_one_lacks_the_rest() {
        assert_eq!(seen(&[("A1", "", "x"), ("A1", "P", "x")]), [None, Some(1)]);
        let later =
            [("A1", "P", "x"), ("A1", "P", ""), ("A1", "Q", "x"), ("", "", ""), ("", "", "")];
        assert_eq!(seen(&later), [None, Some(1), Some(1), None, None]);
    }
}
