//! What came before in a file, by 64-bit hashes: a few bytes a record.
//!
//! A hash table doubles, and for a moment needs the old and the new one; a night's file of a
//! million rows would feel that. Many small tables grow by little and little instead. Each keeps
//! its entries in order, with gaps: an entry stands where its hash says it should, or behind it.
//!
//! The tables of a long file lie far away in memory, and nearly every record is new. So a sieve,
//! which stays near, says first whether a hash can have come before; new ones are gathered, and
//! go to their tables many at a time, which then are fetched together.

use std::hint::black_box;

use super::sieve::Sieve;

/// The high bits of a hash say which table it belongs to.
const TABLE_BITS: u32 = 8;

/// So many new ones are gathered.
const GATHERED: usize = 256;

/// The first value for each hash.
#[derive(Debug)]
pub(super) struct Seen<V> {
    sieve: Sieve,
    gathered: Vec<Entry<V>>,
    tables: Vec<Table<V>>,
    held: usize,
}

#[derive(Debug)]
struct Table<V> {
    /// In the order of their hashes, free ones between them. Behind the homes stand those for
    /// which there was no room before the end.
    entries: Vec<Entry<V>>,
    /// So many entries are somebody's home.
    homes: u32,
    held: u32,
}

/// A hash in two halves, so that an entry with a small value has no padding. Both are 0 where
/// the entry is free.
#[derive(Debug, Clone, Copy, Default)]
struct Entry<V> {
    high: u32,
    low: u32,
    value: V,
}

impl<V: Copy + Default> Default for Seen<V> {
    fn default() -> Self {
        let none = || Table { entries: Vec::new(), homes: 0, held: 0 };
        let tables = (0..1 << TABLE_BITS).map(|_| none()).collect();
        Seen { sieve: Sieve::default(), gathered: Vec::new(), tables, held: 0 }
    }
}

impl<V: Copy + Default> Seen<V> {
    /// The value that was given for this hash before; if there is none, this one stays.
    pub(super) fn first(&mut self, hash: u64, value: V) -> Option<&mut V> {
        let hash = hash.max(1);
        let (high, low) = halves(hash);
        let new = Entry { high, low, value };
        if !self.sieve.note(hash) {
            self.gathered.push(new);
            if self.gathered.len() == GATHERED {
                self.settle();
            }
            return None;
        }
        self.settle();
        let table = self.tables.get_mut(new.table())?;
        let before = table.first(new);
        self.held += usize::from(before.is_none());
        before
    }

    /// Puts what was gathered into the tables.
    fn settle(&mut self) {
        let home = |entry: &Entry<V>| {
            let table = self.tables.get(entry.table())?;
            table.entries.get(entry.home(table.homes)).map(|there| there.low)
        };
        // Only asked for so that all of them are on their way at once.
        black_box(self.gathered.iter().filter_map(home).fold(0, |all, low| all ^ low));
        for entry in self.gathered.drain(..) {
            if let Some(table) = self.tables.get_mut(entry.table()) {
                table.first(entry);
                self.held += 1;
            }
        }
        if self.sieve.is_worn(self.held) {
            let entries = self.tables.iter().flat_map(|table| &table.entries);
            let hashes = entries.filter(|entry| !entry.is_free()).map(Entry::hash);
            self.sieve = Sieve::of(self.held, hashes);
        }
    }
}

impl<V: Copy + Default> Table<V> {
    fn first(&mut self, new: Entry<V>) -> Option<&mut V> {
        let mut at = self.place(&new);
        if self.entries.get(at).is_some_and(|entry| entry.hash() == new.hash()) {
            return self.entries.get_mut(at).map(|entry| &mut entry.value);
        }
        // Five homes of six are taken at most: then the next free one is near.
        if u64::from(self.held) * 6 >= u64::from(self.homes) * 5 {
            self.grow();
            at = self.place(&new);
        }
        self.held += 1;
        let mut moved = new;
        for entry in &mut self.entries[at..] {
            std::mem::swap(entry, &mut moved);
            if moved.is_free() {
                return None;
            }
        }
        self.entries.push(moved);
        None
    }

    /// Where the hash stands, or should be put.
    fn place(&self, new: &Entry<V>) -> usize {
        let home = new.home(self.homes);
        let behind = self.entries.get(home..).unwrap_or_default();
        let before = |entry: &Entry<V>| !entry.is_free() && entry.hash() < new.hash();
        home + behind.iter().take_while(|entry| before(entry)).count()
    }

    /// A quarter more homes, and everybody at theirs.
    fn grow(&mut self) {
        self.homes += (self.homes / 4).max(8);
        let mut entries = Vec::with_capacity(self.homes as usize + 16);
        for entry in self.entries.iter().filter(|entry| !entry.is_free()) {
            let home = entry.home(self.homes);
            if entries.len() < home {
                entries.resize(home, Entry::default());
            }
            entries.push(*entry);
        }
        if entries.len() < self.homes as usize {
            entries.resize(self.homes as usize, Entry::default());
        }
        self.entries = entries;
    }
}

impl<V> Entry<V> {
    fn hash(&self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }

    fn is_free(&self) -> bool {
        (self.high | self.low) == 0
    }

    fn table(&self) -> usize {
        (self.high >> (u32::BITS - TABLE_BITS)) as usize
    }

    /// The home of a hash, of so many: what is greater never has one before.
    fn home(&self, homes: u32) -> usize {
        let within = (self.hash() << TABLE_BITS) >> 32;
        ((within * u64::from(homes)) >> 32) as usize
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

    fn agrees_with_a_map(hashes: impl Iterator<Item = u64>) {
        let mut seen = Seen::default();
        let mut model: HashMap<u64, u32> = HashMap::new();
        for (hash, value) in hashes.zip(1..) {
            assert_eq!(seen.first(hash, value).copied(), model.get(&hash).copied());
            model.entry(hash).or_insert(value);
        }
    }

    #[test]
    fn the_first_value_stays() {
        let mut random = fastrand::Rng::with_seed(1);
        // Few enough hashes that many come again, spread over all tables.
        let spread = |hash: u64| hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        agrees_with_a_map((0..100_000).map(|_| spread(random.u64(1..40_000))));
        // All in one table, close together, from both sides, and at its very end.
        agrees_with_a_map((0..3_000).map(|_| random.u64(1..1_000)));
        agrees_with_a_map((0..3_000).map(|_| u64::MAX - random.u64(..1_000)));
        agrees_with_a_map((1..2_000).chain(1..2_000));
        agrees_with_a_map((1..2_000).rev().map(|hash| hash << 40));
    }
}
