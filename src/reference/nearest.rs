//! The codes that somebody may have meant.
//!
//! A whole column may be wrong, so this is asked for row after row: what can be known of the codes
//! beforehand is, and distances are counted only where they can be short.

use super::Entry;

/// No meaning of a code in the tables is longer.
const MOST_MEANING: usize = 120;

/// What is known of a list's entries beforehand.
#[derive(Debug, Clone, Default)]
pub(super) struct Likenesses {
    /// One for each entry, in the list's order.
    entries: Vec<Likeness>,
    /// The length of the longest code.
    longest: usize,
}

#[derive(Debug, Clone)]
struct Likeness {
    /// In lower case.
    code: String,
    /// In lower case; empty where there is none.
    meaning: String,
    bare: String,
    bag: Bag,
}

/// How often characters occur, by their last four bits. No edit does more than to put one for
/// another, so two texts are at least as far apart as their bags.
#[derive(Debug, Clone, Copy)]
struct Bag([u8; 16]);

impl Likenesses {
    pub(super) fn of(list: &[Entry]) -> Self {
        let likeness = |entry: &Entry| {
            let code = entry.code.to_lowercase();
            let (bare, bag) = (bare(&code), Bag::of(&code));
            Likeness { code, meaning: entry.meaning.to_lowercase(), bare, bag }
        };
        Likenesses {
            entries: list.iter().map(likeness).collect(),
            longest: list.iter().map(|entry| entry.code.len()).max().unwrap_or(0),
        }
    }

    /// The places of at most `most` entries, nearest first; one alone where it is as good as the
    /// same.
    pub(super) fn nearest(&self, written: &str, most: usize) -> Vec<usize> {
        let wanted = written.trim().to_lowercase();
        // Far longer than any code or its meaning: nothing can be near, and distances cost.
        if wanted.is_empty() || wanted.len() > 4 * self.longest.max(MOST_MEANING) {
            return Vec::new();
        }
        let bare = bare(&wanted);
        let is_same = |entry: &Likeness| {
            entry.bare == bare || (!entry.meaning.is_empty() && entry.meaning == wanted)
        };
        if let Some(same) = self.entries.iter().position(is_same) {
            return vec![same];
        }
        let bag = Bag::of(&wanted);
        let mut near = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let farthest = (entry.code.len() / 3).max(1);
            if entry.bag.distance(&bag) > farthest {
                continue;
            }
            let distance = strsim::osa_distance(&wanted, &entry.code);
            if distance <= farthest {
                near.push((distance, place));
            }
        }
        near.sort_by_key(|(distance, _)| *distance);
        near.into_iter().take(most).map(|(_, place)| place).collect()
    }
}

impl Bag {
    fn of(text: &str) -> Self {
        let mut bag = [0_u8; 16];
        for character in text.chars() {
            let count = &mut bag[(u32::from(character) & 0xf) as usize];
            *count = count.saturating_add(1);
        }
        Bag(bag)
    }

    /// At most the number of edits between the texts.
    fn distance(&self, other: &Bag) -> usize {
        let beyond = |one: &Bag, other: &Bag| -> u16 {
            one.0.iter().zip(other.0).map(|(a, b)| u16::from(a.saturating_sub(b))).sum()
        };
        beyond(self, other).max(beyond(other, self)).into()
    }
}

/// What is left of a code when case, blanks, marks and zeros in front of numbers are left out.
fn bare(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut in_number = false;
    for character in code.chars().filter(char::is_ascii_alphanumeric) {
        let digit = character.is_ascii_digit();
        if !digit || character != '0' || in_number {
            in_number = digit;
            out.push(character.to_ascii_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bags_are_never_farther_apart_than_texts(
            one in "[0-9a-f é☃]{0,12}", other in "[0-9a-f é☃]{0,12}",
        ) {
            let distance = Bag::of(&one).distance(&Bag::of(&other));
            prop_assert!(distance <= strsim::osa_distance(&one, &other));
        }
    }
}
