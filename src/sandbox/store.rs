//! What was stored and what was asked: the truth that tests compare a ledger with.
//!
//! Must not know: HTTP, faults' workings.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tokio::sync::watch;

use super::fault::Fault;
use crate::movement::Key;

/// Letters and digits that nobody confuses. Without Z, so that `26ZZZZZZ` is never an ID.
const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRTUVWXY2346789";

/// A movement that the sandbox holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredMovement {
    /// The ID that was drawn for it; none where the service failed to draw one (`empty-201`).
    pub waste_tracking_id: Option<String>,
    /// `apiCode` of its latest contents.
    pub api_code: String,
    /// `receiver.authorisationNumber` in its comparable form (without `EPR/`, in capitals).
    pub site: String,
    /// `yourUniqueReference`, trimmed; none where it has no usable one.
    pub your_unique_reference: Option<String>,
    /// How many PUTs it has had.
    pub updates: u32,
    /// When its latest contents came.
    pub stored_at: Timestamp,
    /// Its latest contents, as they were sent.
    #[serde(skip)]
    pub body: Arc<str>,
}

/// What became of a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The fault that it met.
    pub fault: Option<Fault>,
    /// The status that it was answered with; none when there was no answer.
    pub status: Option<u16>,
    /// Whether it was stored.
    pub stored: bool,
}

impl Outcome {
    /// The fault's name, or the status.
    pub fn what(&self) -> String {
        match (self.fault, self.status) {
            (Some(fault), _) => fault.name().to_owned(),
            (None, Some(status)) => status.to_string(),
            (None, None) => "no answer".to_owned(),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            what: String,
            status: Option<u16>,
            stored: bool,
        }
        let shown = Shown { what: self.what(), status: self.status, stored: self.stored };
        shown.serialize(serializer)
    }
}

/// What was asked for one reference of one site.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// `apiCode`, as the requests had it.
    pub api_code: String,
    /// `receiver.authorisationNumber` in its comparable form.
    pub site: String,
    /// `yourUniqueReference`, trimmed.
    pub your_unique_reference: String,
    /// POSTs whose body could be read, whatever came of them.
    pub posts: u32,
    /// PUTs whose body could be read, whatever came of them.
    pub puts: u32,
    /// How many of the POSTs were stored.
    pub stored: u32,
    /// What became of each POST, in order.
    pub outcomes: Vec<Outcome>,
}

/// All that the sandbox knows at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// Every movement, in the order stored.
    pub movements: Vec<StoredMovement>,
    /// Every reference, in the order first seen.
    pub references: Vec<Reference>,
    /// Requests to the API's own paths, those for movements included.
    pub requests: u64,
    /// Requests to the token endpoint.
    pub token_requests: u64,
    /// The most POSTs and PUTs of movements that arrived within one second, however placed.
    pub worst_second: usize,
}

/// A movement's new contents.
pub(super) struct Contents<'a> {
    pub(super) api_code: &'a str,
    pub(super) site: String,
    pub(super) reference: Option<&'a str>,
    pub(super) body: &'a str,
}

/// A movement's owner, as the service knows it: not the apiCode, but who holds it.
pub(super) type Organisation = u32;

#[derive(Debug)]
pub(super) struct Store {
    known: Snapshot,
    owners: Vec<Organisation>,
    by_id: HashMap<String, usize>,
    by_key: HashMap<Key, usize>,
    /// Arrivals of the last second.
    recent: VecDeque<Instant>,
    ids: fastrand::Rng,
    /// How many requests there were, for whoever waits for them.
    counter: watch::Sender<u64>,
}

impl Store {
    /// An empty store. Its IDs are drawn from `seed`, which must be another one in every sandbox:
    /// a ledger that outlives one must not meet the same IDs again in the next.
    pub(super) fn new(seed: u64) -> Self {
        Store {
            known: Snapshot::default(),
            owners: Vec::new(),
            by_id: HashMap::new(),
            by_key: HashMap::new(),
            recent: VecDeque::new(),
            ids: fastrand::Rng::with_seed(seed),
            counter: watch::Sender::new(0),
        }
    }

    /// The number of requests, as it grows.
    pub(super) fn counter(&self) -> watch::Receiver<u64> {
        self.counter.subscribe()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.known.clone()
    }

    pub(super) fn count_request(&mut self) {
        self.known.requests += 1;
        self.counter.send_replace(self.known.requests);
    }

    pub(super) fn count_token_request(&mut self) {
        self.known.token_requests += 1;
    }

    /// Counts the arrival of a POST or PUT of a movement.
    pub(super) fn arrival(&mut self, now: Instant) {
        let second = Duration::from_secs(1);
        while self.recent.front().is_some_and(|first| now.duration_since(*first) >= second) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.known.worst_second = self.known.worst_second.max(self.recent.len());
    }

    /// Where a movement stands, and whose it is.
    pub(super) fn find(&self, id: &str) -> Option<(usize, Organisation)> {
        let at = *self.by_id.get(id)?;
        Some((at, self.owners[at]))
    }

    /// A movement's latest contents, as they were sent.
    pub(super) fn body(&self, id: &str) -> Option<Arc<str>> {
        let (at, _) = self.find(id)?;
        Some(Arc::clone(&self.known.movements[at].body))
    }

    /// Stores a new movement under a new ID, or under none.
    pub(super) fn insert(
        &mut self,
        owner: Organisation,
        contents: &Contents<'_>,
        with_id: bool,
    ) -> Option<String> {
        let now = Timestamp::now();
        let id = with_id.then(|| self.draw_id(now));
        if let Some(id) = &id {
            self.by_id.insert(id.clone(), self.known.movements.len());
        }
        self.owners.push(owner);
        self.known.movements.push(StoredMovement {
            waste_tracking_id: id.clone(),
            api_code: contents.api_code.to_owned(),
            site: contents.site.clone(),
            your_unique_reference: contents.reference.map(str::to_owned),
            updates: 0,
            stored_at: now,
            body: contents.body.into(),
        });
        id
    }

    /// Puts other contents in the place of a movement's.
    pub(super) fn update(&mut self, at: usize, contents: &Contents<'_>) {
        let movement = &mut self.known.movements[at];
        contents.api_code.clone_into(&mut movement.api_code);
        movement.site.clone_from(&contents.site);
        movement.your_unique_reference = contents.reference.map(str::to_owned);
        movement.updates += 1;
        movement.stored_at = Timestamp::now();
        movement.body = contents.body.into();
    }

    /// Remembers what became of a POST.
    pub(super) fn record_post(&mut self, key: Key, outcome: Outcome) {
        let reference = self.reference(key);
        reference.posts += 1;
        reference.stored += u32::from(outcome.stored);
        reference.outcomes.push(outcome);
    }

    /// Remembers a PUT.
    pub(super) fn record_put(&mut self, key: Key) {
        self.reference(key).puts += 1;
    }

    fn reference(&mut self, key: Key) -> &mut Reference {
        let references = &mut self.known.references;
        let at = *self.by_key.entry(key).or_insert_with_key(|key| {
            references.push(Reference {
                api_code: key.api_code.clone(),
                site: key.site.clone(),
                your_unique_reference: key.reference.clone(),
                posts: 0,
                puts: 0,
                stored: 0,
                outcomes: Vec::new(),
            });
            references.len() - 1
        });
        &mut references[at]
    }

    /// The year and six letters or digits, such as `26BHUT6U`.
    fn draw_id(&mut self, now: Timestamp) -> String {
        let year = now.to_zoned(jiff::tz::TimeZone::UTC).year().rem_euclid(100);
        loop {
            let mut id = format!("{year:02}");
            id.extend((0..6).map(|_| char::from(ALPHABET[self.ids.usize(..ALPHABET.len())])));
            if !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_second_is_found_however_it_is_placed() {
        let mut store = Store::new(0);
        let start = Instant::now();
        for milliseconds in [0, 900, 950, 1_000, 1_850, 1_899, 1_900, 5_000] {
            store.arrival(start + Duration::from_millis(milliseconds));
        }
        assert_eq!(store.snapshot().worst_second, 5);
        assert_eq!(store.recent.len(), 1);
    }

    #[test]
    fn ids_have_the_service_s_shape() {
        let mut store = Store::new(0);
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().expect("a time");
        let id = store.draw_id(now);
        assert!(id.starts_with("26") && id.len() == 8, "{id}");
        assert_eq!(id, Store::new(0).draw_id(now));
    }
}
