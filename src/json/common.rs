//! Objects that body after body has alike: made once, and lent to each.
//!
//! What was found out about one holds wherever it is lent: it never changes, and has a number that
//! no other one has while the process lives. Must not know: what an object means.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Member, Object};

/// An object that bodies borrow.
#[derive(Debug)]
pub struct Common {
    number: u64,
    members: Vec<Member<'static>>,
}

static MADE: AtomicU64 = AtomicU64::new(0);

impl Common {
    /// Makes an object one that can be lent.
    pub fn new(object: Object<'static>) -> Self {
        Common { number: MADE.fetch_add(1, Ordering::Relaxed), members: object.into_members() }
    }

    pub(super) fn members(&self) -> &[Member<'_>] {
        &self.members
    }
}

/// So many places there are for what is known of common objects.
const PLACES: u64 = 2_048;

/// What is known of common objects, each in the one place that is its own: one that is made later
/// may take it over.
#[derive(Debug)]
pub struct Known<T>(Vec<Option<(u64, T)>>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Known((0..PLACES).map(|_| None).collect())
    }
}

impl<T: Copy> Known<T> {
    /// What was noted of it, if that is still known.
    pub fn get(&self, of: &Common) -> Option<T> {
        let (number, known) = self.0.get(place(of)).copied().flatten()?;
        (number == of.number).then_some(known)
    }

    /// Notes something of it.
    pub fn note(&mut self, of: &Common, known: T) {
        if let Some(place) = self.0.get_mut(place(of)) {
            *place = Some((of.number, known));
        }
    }
}

fn place(of: &Common) -> usize {
    usize::try_from(of.number % PLACES).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Value, parse};

    fn common(text: &str) -> Common {
        match parse(text).expect("JSON").into_owned() {
            Value::Object(object) => Common::new(object),
            other => panic!("{other:?} is no object"),
        }
    }

    #[test]
    fn a_lent_object_is_as_one_of_its_own() {
        let text = r#"{"a":"1","b":null}"#;
        let lender = common(text);
        let mut lent = Object::lent(&lender);
        assert_eq!(Value::Object(lent.clone()), parse(text).expect("JSON"));
        assert_eq!((lent.len(), lent.get("a").and_then(Value::as_str)), (2, Some("1")));
        assert!(lent.as_common().is_some());
        lent.set("a", Value::Bool(true));
        lent.remove("b");
        assert!(lent.as_common().is_none(), "it has changed, and is one of its own");
        assert_eq!(Value::Object(lent), parse(r#"{"a":true}"#).expect("JSON"));
        assert_eq!(Value::Object(Object::lent(&lender)), parse(text).expect("JSON"));
    }

    #[test]
    fn what_is_known_of_one_is_not_known_of_another() {
        let mut known = Known::default();
        let all: Vec<Common> = (0..=PLACES).map(|_| common("{}")).collect();
        for (number, common) in all.iter().enumerate() {
            assert_eq!(known.get(common), None);
            known.note(common, number);
            assert_eq!(known.get(common), Some(number));
        }
        assert_eq!(known.get(&all[0]), None, "its place was taken over");
        assert_eq!(known.get(&all[1]), Some(1));
    }
}
