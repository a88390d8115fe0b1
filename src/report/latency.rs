//! How long answers took: all of them, by kind, and in the course of a run.

use super::model::{Answers, Course, Latency, Millis};
use crate::ledger::AnswerRow;

/// Into how many slices a run is cut.
const SLICES: u64 = 48;

/// Answers of one kind.
#[derive(Debug)]
struct Kind {
    status: Option<i64>,
    outcome: String,
    reason: String,
    times: Vec<u32>,
    /// So many more took a time that is not known.
    untimed: u64,
}

impl Kind {
    fn of(row: &AnswerRow<'_>) -> Self {
        Kind {
            status: row.status,
            outcome: row.outcome.to_owned(),
            reason: row.reason.to_owned(),
            times: Vec::new(),
            untimed: 0,
        }
    }

    fn is_of(&self, row: &AnswerRow<'_>) -> bool {
        self.status == row.status && self.outcome == row.outcome && self.reason == row.reason
    }
}

/// Times of answers.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// They are few.
    kinds: Vec<Kind>,
    /// The newest run that sent something, and its answers: when, how long.
    run: i64,
    points: Vec<(i64, u32)>,
}

impl Times {
    pub(super) fn take(&mut self, row: &AnswerRow<'_>) {
        let known = self.kinds.iter().position(|kind| kind.is_of(row)).unwrap_or_else(|| {
            self.kinds.push(Kind::of(row));
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[known];
        let Some(duration) = row.duration_ms else {
            kind.untimed += 1;
            return;
        };
        let duration = u32::try_from(duration.max(0)).unwrap_or(u32::MAX);
        kind.times.push(duration);
        if row.run_id > self.run {
            self.run = row.run_id;
            self.points.clear();
        }
        if row.run_id == self.run {
            self.points.push((row.started_at, duration));
        }
    }

    /// The run that [`Times::course`] is about.
    pub(super) fn run(&self) -> i64 {
        self.run
    }

    /// All answers, and those of each kind, the most frequent first.
    pub(super) fn answers(&mut self) -> (Latency, Vec<Answers>) {
        let mut all: Vec<u32> = self.kinds.iter().flat_map(|kind| &kind.times).copied().collect();
        let mut overall = latency(&mut all);
        overall.answers += self.kinds.iter().map(|kind| kind.untimed).sum::<u64>();
        let mut answers: Vec<Answers> = std::mem::take(&mut self.kinds)
            .into_iter()
            .map(|Kind { status, outcome, reason, mut times, untimed }| {
                let mut latency = latency(&mut times);
                latency.answers += untimed;
                Answers { status, outcome, reason, latency }
            })
            .collect();
        answers.sort_by(|one, other| {
            let order = other.latency.answers.cmp(&one.latency.answers);
            let kind = |of: &Answers| (of.status, of.outcome.clone(), of.reason.clone());
            order.then_with(|| kind(one).cmp(&kind(other)))
        });
        (overall, answers)
    }

    /// The newest run in slices.
    pub(super) fn course(&self, run: String) -> Option<Course> {
        let from = self.points.iter().map(|(at, _)| *at).min()?;
        let last = self.points.iter().map(|(at, _)| *at).max()?;
        let slice_ms = ((last - from).unsigned_abs() / SLICES + 1).max(1);
        let count = (last - from).unsigned_abs() / slice_ms + 1;
        let mut slices: Vec<Vec<u32>> = (0..count).map(|_| Vec::new()).collect();
        for (at, duration) in &self.points {
            let slice = usize::try_from((at - from).unsigned_abs() / slice_ms).unwrap_or(0);
            if let Some(slice) = slices.get_mut(slice) {
                slice.push(*duration);
            }
        }
        let slices = slices.iter_mut().map(|times| latency(times)).collect();
        Some(Course { run, from: Millis(from), slice_ms, slices })
    }
}

/// Nearest ranks.
fn latency(times: &mut [u32]) -> Latency {
    times.sort_unstable();
    let rank = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100).max(1);
        times.get(rank - 1).copied().map(u64::from)
    };
    Latency {
        answers: times.len() as u64,
        median_ms: rank(50),
        p95_ms: rank(95),
        p99_ms: rank(99),
        slowest_ms: times.last().copied().map(u64::from),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nearest_ranks() {
        let mut times: Vec<u32> = (1..=100).rev().collect();
        let found = latency(&mut times);
        assert_eq!((found.median_ms, found.p95_ms, found.p99_ms), (Some(50), Some(95), Some(99)));
        assert_eq!(found.slowest_ms, Some(100));
        assert_eq!(latency(&mut []), Latency::default());
        assert_eq!(latency(&mut [7]).p99_ms, Some(7));
    }

    fn answer(run_id: i64, started_at: i64, duration_ms: Option<i64>) -> AnswerRow<'static> {
        AnswerRow {
            id: 1,
            movement: 1,
            run_id,
            method: "POST",
            started_at,
            duration_ms,
            outcome: "accepted",
            reason: "stored",
            status: Some(201),
            api_code: "",
            service_charge_expiry: None,
        }
    }

    proptest! {
        /// No answer of the newest run is lost between its slices.
        #[test]
        fn slices_hold_every_answer(at in prop::collection::vec(0i64..100_000, 1..200)) {
            let mut times = Times::default();
            times.take(&answer(1, 5, Some(5)));
            for at in &at {
                times.take(&answer(2, *at, Some(3)));
            }
            times.take(&answer(2, 0, None));
            let course = times.course("run".into()).expect("a course");
            let held: u64 = course.slices.iter().map(|slice| slice.answers).sum();
            prop_assert_eq!(held, at.len() as u64);
            prop_assert!(course.slices.len() as u64 <= SLICES);
            prop_assert_eq!(times.answers().0.answers, at.len() as u64 + 2);
        }
    }
}
