//! Quick ways with texts, for what is asked of every text of every record: a hash that takes up
//! to sixteen bytes a step, and whether two are the same.
//!
//! The hash has no key of its own, so nothing that depends on nobody choosing the texts may be built on
//! it: tables of ours that others only look into, and advice. Must not know: anything of ours.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are ours.
pub type BuildFold = BuildHasherDefault<Fold>;

/// What was folded so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fold(u64);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const SPREAD: u64 = 0xd6e8_feb8_6659_fd93;

impl Fold {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Fold(seed)
    }

    /// What came out.
    pub fn value(self) -> u64 {
        self.0
    }

    /// Takes eight bytes.
    pub fn word(&mut self, word: u64) {
        self.mix(word, 0);
    }

    /// Takes a text of some kind: its length, its bytes by sixteen, and its last sixteen (again,
    /// in part), so that no two texts of a kind are taken in the same way.
    pub fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.0 ^= ((bytes.len() as u64) << 8 | u64::from(kind)).wrapping_mul(SPREAD);
        let pair = |pair: &[u8; 16]| {
            let pair = u128::from_le_bytes(*pair);
            #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
            let halves = (pair as u64, (pair >> 64) as u64);
            halves
        };
        if let Some(last) = bytes.last_chunk::<16>() {
            let (pairs, rest) = bytes.as_chunks::<16>();
            for (first, second) in pairs.iter().map(pair) {
                self.mix(first, second);
            }
            if !rest.is_empty() {
                let (first, second) = pair(last);
                self.mix(first, second);
            }
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            self.mix(u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        } else {
            self.mix(short(bytes), 0);
        }
    }

    fn mix(&mut self, first: u64, second: u64) {
        let product = u128::from(self.0 ^ first) * u128::from(second ^ FACTOR);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
        let folded = (product >> 64) as u64 ^ product as u64;
        self.0 = folded;
    }

    /// Takes a short text that is one of few, by its first eight bytes and its length.
    pub fn name(&mut self, name: &str) {
        let bytes = name.as_bytes();
        let first = bytes.first_chunk().map_or_else(|| short(bytes), |w| u64::from_le_bytes(*w));
        self.0 = (self.0 ^ first).rotate_left(27) ^ (bytes.len() as u64).wrapping_mul(SPREAD);
    }
}

/// Whether two texts are the same. Keys and codes are short, and calling upon the general way of
/// comparing costs more than theirs.
#[inline]
pub fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        4..8 => {
            one.first_chunk::<4>() == other.first_chunk()
                && one.last_chunk::<4>() == other.last_chunk()
        }
        8..=16 => {
            one.first_chunk::<8>() == other.first_chunk()
                && one.last_chunk::<8>() == other.last_chunk()
        }
        17..=32 => {
            one.first_chunk::<16>() == other.first_chunk()
                && one.last_chunk::<16>() == other.last_chunk()
        }
        _ => one == other,
    }
}

/// Fewer than eight bytes as a number.
fn short(bytes: &[u8]) -> u64 {
    let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return half(first) << 32 | half(last);
    }
    bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        self.bytes(0, bytes);
    }

    /// What marks the end of a text: its length has been taken.
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_are_the_same_or_not_at_any_length() {
        for length in 0..40 {
            let text = "a".repeat(length);
            assert!(is_same(&text, &text.clone()));
            assert!(!is_same(&text, &"a".repeat(length + 1)));
            for at in 0..length {
                let mut other = text.clone();
                other.replace_range(at..=at, "b");
                assert!(!is_same(&text, &other) && !is_same(&other, &text), "{other}");
            }
        }
    }

    #[test]
    fn texts_that_differ_little_fold_apart() {
        let mut texts: Vec<Vec<u8>> = (0..70).map(|length| vec![b'a'; length]).collect();
        for length in [1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48] {
            for at in 0..length {
                let mut text = vec![b'a'; length];
                text[at] = b'b';
                texts.push(text);
            }
        }
        texts.extend((0..100_000_u32).map(|n| format!("LM-{n:07}").into_bytes()));
        let folded = |kind, text: &Vec<u8>| {
            let mut fold = Fold::new(7);
            fold.bytes(kind, text);
            fold.value()
        };
        let seen: HashSet<u64> =
            texts.iter().flat_map(|text| [folded(1, text), folded(2, text)]).collect();
        assert_eq!(seen.len(), 2 * texts.len());
    }
}
