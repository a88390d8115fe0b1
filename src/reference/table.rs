//! What belongs to each code, for lists that are looked into many times for every record.

use crate::fold::{Fold, is_same};

/// Values by text. It is made once and only looked into afterwards.
#[derive(Debug, Clone)]
pub(super) struct Table<V> {
    /// At least twice as many as there are texts, a power of two: each text stands in the place
    /// that its hash gives, or in the first free one behind.
    places: Vec<Option<(Box<str>, V)>>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Table { places: vec![None] }
    }
}

fn hash(text: &str) -> usize {
    let mut fold = Fold::default();
    fold.bytes(0, text.as_bytes());
    // Places are fewer than any number of 32 bits.
    (fold.value() >> 32) as usize
}

impl<V> Table<V> {
    /// What belongs to the text.
    pub(super) fn get(&self, text: &str) -> Option<&V> {
        let mask = self.places.len() - 1;
        let mut place = hash(text) & mask;
        while let Some((known, value)) = &self.places[place] {
            if is_same(known, text) {
                return Some(value);
            }
            place = (place + 1) & mask;
        }
        None
    }
}

impl<V> FromIterator<(Box<str>, V)> for Table<V> {
    /// Of two values for one text the last one stays.
    fn from_iter<I: IntoIterator<Item = (Box<str>, V)>>(pairs: I) -> Self {
        let pairs: Vec<(Box<str>, V)> = pairs.into_iter().collect();
        let size = (2 * pairs.len() + 1).next_power_of_two();
        let mut places: Vec<Option<(Box<str>, V)>> = (0..size).map(|_| None).collect();
        for (text, value) in pairs {
            let mut place = hash(&text) & (size - 1);
            while places[place].as_ref().is_some_and(|(known, _)| *known != text) {
                place = (place + 1) & (size - 1);
            }
            places[place] = Some((text, value));
        }
        Table { places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 50, 1_000_u32] {
            let pair = |number: u32| (number.to_string().into_boxed_str(), number);
            let table: Table<u32> = (0..count).map(pair).chain((0..count).map(pair)).collect();
            for number in 0..2_000 {
                let expected = (number < count).then_some(number);
                assert_eq!(table.get(&number.to_string()).copied(), expected);
            }
        }
        assert!(Table::<u32>::default().get("x").is_none());
    }
}
