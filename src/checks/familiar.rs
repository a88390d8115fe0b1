//! Texts that were well-formed when they came before: the same sites, carriers and addresses
//! stand in row after row, and their shapes need not be asked for again.
//!
//! Must not know: what the shapes are.

use super::dates::{self, Stored};
use crate::fold::{Fold, is_same};
use crate::json::{Common, Known};
use crate::movement::fields::Kind;

/// So many texts are kept, each in the one place that is its own.
const PLACES_BITS: u32 = 9;
/// Longer ones are not.
const MOST_BYTES: usize = 96;

/// Some of the texts that had the shape of their kind. A text's shape depends on nothing else.
#[derive(Debug)]
pub(super) struct Familiar {
    places: Vec<Option<(Kind, String)>>,
    /// The last date, and what the service stores for it: it is asked for several times.
    date: (String, Option<Stored>),
    /// Objects that many bodies have and in which nothing is wrong.
    sound: Known<()>,
}

impl Default for Familiar {
    fn default() -> Self {
        let places = (0..1 << PLACES_BITS).map(|_| None).collect();
        // Of an empty text nothing is stored.
        Familiar { places, date: (String::new(), None), sound: Known::default() }
    }
}

impl Familiar {
    /// Whether a text has the shape of a kind, which `fits` tells.
    pub(super) fn is(&mut self, kind: Kind, text: &str, fits: fn(&str) -> bool) -> bool {
        if text.len() > MOST_BYTES {
            return fits(text);
        }
        let mut fold = Fold::default();
        fold.bytes(0, text.as_bytes());
        let place = (fold.value() >> (u64::BITS - PLACES_BITS)) as usize;
        let Some(place) = self.places.get_mut(place) else { return fits(text) };
        match place {
            Some((known, kept)) if is_same(kept, text) && *known == kind => return true,
            _ if !fits(text) => return false,
            Some((known, kept)) => {
                *known = kind;
                kept.clear();
                kept.push_str(text);
            }
            None => *place = Some((kind, text.to_owned())),
        }
        true
    }

    /// Whether an object is known to have nothing wrong in it.
    pub(super) fn is_sound(&self, common: &Common) -> bool {
        self.sound.get(common).is_some()
    }

    /// Notes that an object, by itself, has nothing wrong in it.
    pub(super) fn note_sound(&mut self, common: &Common) {
        self.sound.note(common, ());
    }

    /// What the service stores for a date, which [`dates::read`] tells.
    pub(super) fn date(&mut self, text: &str) -> Option<Stored> {
        if self.date.0 != text {
            self.date.0.clear();
            self.date.0.push_str(text);
            self.date.1 = dates::read(text);
        }
        self.date.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_familiar_as_what_it_was() {
        let mut familiar = Familiar::default();
        let is_long = |text: &str| text.len() > 2;
        let no = |_: &str| false;
        let count = 4 << PLACES_BITS;
        for number in 0..count {
            let text = format!("{number:03}");
            assert!(!familiar.is(Kind::Email, &text, no), "{text} never came");
            assert!(familiar.is(Kind::Email, &text, is_long));
            assert!(familiar.is(Kind::Email, &text, no), "{text} came just now");
            assert!(!familiar.is(Kind::Uuid, &text, no), "{text} came as something else");
        }
        let long = "x".repeat(MOST_BYTES + 1);
        assert!(familiar.is(Kind::Email, &long, is_long) && !familiar.is(Kind::Email, &long, no));
        assert!(familiar.places.len() <= count);
        for date in ["", "2026-03-14", "2026-03-14", "x", "2026-03-15T09:20:00Z", ""] {
            assert_eq!(familiar.date(date), dates::read(date), "{date}");
        }
    }
}
