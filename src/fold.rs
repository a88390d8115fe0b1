//! A quick hash: eight bytes a step, for what is asked of every text of every record.
//!
//! It has no key of its own, so nothing that depends on nobody choosing the texts may be built on
//! it: tables of ours that others only look into, and advice. Must not know: anything of ours.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are ours.
pub type BuildFold = BuildHasherDefault<Fold>;

/// What was folded so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fold(u64);

const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
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
        let product = u128::from(self.0 ^ word).wrapping_mul(FACTOR);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
        let folded = (product >> 64) as u64 ^ product as u64;
        self.0 = folded;
    }

    /// Takes a text of some kind: its length, its whole words, and its last eight bytes (again,
    /// in part), so that no two texts of a kind are taken in the same way.
    pub fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.0 ^= ((bytes.len() as u64) << 8 | u64::from(kind)).wrapping_mul(SPREAD);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if words.is_empty() || !rest.is_empty() {
            self.word(ending(bytes));
        }
    }

    /// Takes a short text that is one of few, by its first eight bytes and its length.
    pub fn name(&mut self, name: &str) {
        let bytes = name.as_bytes();
        let first = bytes.first_chunk().map_or_else(|| ending(bytes), |w| u64::from_le_bytes(*w));
        self.0 = (self.0 ^ first).rotate_left(27) ^ (bytes.len() as u64).wrapping_mul(SPREAD);
    }
}

/// The last eight bytes; all of a shorter text.
fn ending(bytes: &[u8]) -> u64 {
    let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
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
    fn texts_that_differ_little_fold_apart() {
        let mut texts: Vec<Vec<u8>> = (0..40).map(|length| vec![b'a'; length]).collect();
        for at in 0..33 {
            let mut text = vec![b'a'; 33];
            text[at] = b'b';
            texts.push(text);
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
