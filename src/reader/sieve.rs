//! Whether a hash can have come before: most that did not are told by a few bits each.

/// The smallest and the largest, in words of 64 bits: 16 KiB to 4 MiB.
const LEAST: usize = 1 << 11;
const MOST: usize = 1 << 19;

/// With fewer bits for each hash than this a larger one is made, of twice as many.
const BITS: usize = 12;

/// Two bits in one word for each hash that was noted.
#[derive(Debug)]
pub(super) struct Sieve {
    /// As many as a power of two.
    words: Vec<u64>,
}

impl Default for Sieve {
    fn default() -> Self {
        Sieve { words: vec![0; LEAST] }
    }
}

impl Sieve {
    /// One for so many hashes and as many again, with these noted.
    pub(super) fn of(count: usize, hashes: impl Iterator<Item = u64>) -> Self {
        let words = (count * 2 * BITS / 64).next_power_of_two().clamp(LEAST, MOST);
        let mut sieve = Sieve { words: vec![0; words] };
        hashes.for_each(|hash| {
            sieve.note(hash);
        });
        sieve
    }

    /// Whether it holds too many hashes to tell well, and a larger one could be made.
    pub(super) fn is_worn(&self, count: usize) -> bool {
        self.words.len() < MOST && count * BITS > self.words.len() * 64
    }

    /// Notes a hash. If it gives `false`, the hash was not noted before.
    pub(super) fn note(&mut self, hash: u64) -> bool {
        let bits = 1 << (hash & 63) | 1 << (hash >> 6 & 63);
        let at = (hash >> 12) as usize & (self.words.len() - 1);
        let word = &mut self.words[at];
        let held = *word & bits == bits;
        *word |= bits;
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_held_and_little_else() {
        let mut random = fastrand::Rng::with_seed(1);
        let hashes: Vec<u64> = (0..50_000).map(|_| random.u64(..)).collect();
        let mut sieve = Sieve::default();
        assert!(sieve.is_worn(hashes.len()) && !sieve.is_worn(100));
        sieve = Sieve::of(hashes.len(), hashes.iter().copied());
        assert!(!sieve.is_worn(hashes.len()));
        assert!(hashes.iter().all(|hash| sieve.note(*hash)));
        let others = (0..1_000).filter(|_| sieve.note(random.u64(..))).count();
        assert!(others < 100, "{others}");
    }
}
