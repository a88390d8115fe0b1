//! What came before in a file, by 64-bit hashes: a few bytes a record, and no jumps in memory.
//!
//! A hash table doubles, and for a moment needs the old and the new one; a night's file of a
//! million rows would feel that. Many short sorted lists grow by little and little instead.

/// The high bits of a hash say which list it belongs to.
const LIST_BITS: u32 = 12;

/// The first value for each hash.
#[derive(Debug)]
pub(super) struct Seen<V> {
    lists: Vec<Vec<Entry<V>>>,
}

/// A hash in two halves, so that an entry with a small value has no padding.
#[derive(Debug, Clone, Copy)]
struct Entry<V> {
    high: u32,
    low: u32,
    value: V,
}

impl<V> Default for Seen<V> {
    fn default() -> Self {
        Seen { lists: (0..1 << LIST_BITS).map(|_| Vec::new()).collect() }
    }
}

impl<V> Seen<V> {
    /// The value that was given for this hash before; if there is none, this one stays.
    pub(super) fn first(&mut self, hash: u64, value: V) -> Option<&mut V> {
        let (high, low) = halves(hash);
        let list = self.lists.get_mut((hash >> (u64::BITS - LIST_BITS)) as usize)?;
        match list.binary_search_by_key(&(high, low), |entry| (entry.high, entry.low)) {
            Ok(at) => list.get_mut(at).map(|entry| &mut entry.value),
            Err(at) => {
                if list.len() == list.capacity() {
                    list.reserve_exact(8 + list.len() / 8);
                }
                list.insert(at, Entry { high, low, value });
                None
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn halves(hash: u64) -> (u32, u32) {
    ((hash >> 32) as u32, hash as u32)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn the_first_value_stays() {
        let mut seen = Seen::default();
        let mut model: HashMap<u64, u32> = HashMap::new();
        let mut random = fastrand::Rng::with_seed(1);
        for value in 0..50_000 {
            // Few enough hashes that many come again, spread over all lists.
            let hash = random.u64(..20_000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            assert_eq!(seen.first(hash, value).copied(), model.get(&hash).copied());
            model.entry(hash).or_insert(value);
        }
    }
}
