//! What must hold after every process, and what people do between them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use waste_receipts::dispatcher::Event;
use waste_receipts::ledger::{
    Filter, Ledger, MovementRow, Order, RevisionRow, Run, Selector, verify,
};
use waste_receipts::submission::{Answer, Decision, Method, Outcome, State};

use crate::world::{End, World};

async fn movements(ledger: &Ledger) -> Vec<MovementRow> {
    let filter = Filter { states: State::ALL.to_vec(), ..Filter::default() };
    ledger.list(&filter, 0).await.expect("a list")
}

async fn revisions(ledger: &Ledger, movement: i64) -> Vec<RevisionRow> {
    ledger.revisions(movement).await.expect("revisions")
}

fn is_waiting(state: &str) -> bool {
    matches!(state, "ready" | "deferred" | "sending")
}

/// The contents that may be sent, with their movements.
pub(crate) async fn waiting(ledger: &Ledger) -> BTreeMap<Vec<u8>, i64> {
    let mut all = BTreeMap::new();
    for row in movements(ledger).await {
        for revision in revisions(ledger, row.movement).await {
            if is_waiting(&revision.state) {
                let before = all.insert(revision.payload.expect("a payload"), row.movement);
                assert!(before.is_none_or(|known| known == row.movement), "a content waits twice");
            }
        }
    }
    all
}

/// Whether nothing waits for a decision.
pub(crate) async fn nobody_waits(ledger: &Ledger) -> bool {
    let rows = movements(ledger).await;
    !rows.iter().any(|row| matches!(row.state, State::Uncertain | State::Held))
}

/// People look at what waits for them. At the end they know what the service has.
pub(crate) async fn people(ledger: &Ledger, run: &Run, world: &mut World, calm: bool) {
    for row in movements(ledger).await {
        if !calm && world.rng.u8(..3) > 0 {
            continue;
        }
        let Some((decision, id)) = choose(ledger, world, &row, calm).await else { continue };
        let order = Order {
            decision,
            waste_tracking_id: id.clone(),
            note: None,
            user: "somebody".to_owned(),
        };
        let selectors = [Selector::Movement(row.movement)];
        let decided = ledger.decide(run, &selectors, &order).await;
        let said = format!("{decision:?} {id:?} of {} ({}): {decided:?}", row.reference, row.state);
        world.model.log(&said);
        assert!(decided.is_ok() || !calm, "{said}");
        if decided.is_ok() {
            world.model.state().not_before.remove(&row.movement);
        }
        if decided.is_ok() && decision == Decision::Resend {
            world.model.state().blocked.remove(&row.movement);
        }
        if decided.is_ok() && decision == Decision::Accepted {
            world.model.state().blocked.insert(row.movement);
        }
    }
}

async fn choose(
    ledger: &Ledger,
    world: &mut World,
    row: &MovementRow,
    calm: bool,
) -> Option<(Decision, Option<String>)> {
    let current = revisions(ledger, row.movement).await;
    let current = current.into_iter().find(|revision| revision.id == row.revision)?;
    let known = {
        let state = world.model.state();
        let stored = state.stored.iter().rev().find(|(_, stored)| {
            stored.movement == row.movement && Some(&stored.posted) == current.payload.as_ref()
        });
        stored.map(|(id, _)| id.clone())
    };
    let is_put = row.waste_tracking_id.is_some();
    let decision = if calm {
        match (row.state, &known) {
            (State::Uncertain, Some(_)) => Decision::Accepted,
            (State::Held, _) if is_put => Decision::Update,
            (State::Uncertain | State::Held, _) => Decision::Resend,
            _ => return None,
        }
    } else {
        Decision::ALL[world.rng.usize(..Decision::ALL.len())]
    };
    match decision {
        Decision::Accepted if is_put => None,
        Decision::Accepted => known.map(|id| (decision, Some(id))),
        _ => Some((decision, None)),
    }
}

/// What holds after every process, however it ended.
pub(crate) async fn after(ledger: &Ledger, world: &mut World, end: &End) {
    let rows = movements(ledger).await;
    let mut known: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut sending = 0;
    let mut ids = BTreeMap::new();
    let mut answers = Vec::new();
    for row in &rows {
        if let Some(id) = &row.waste_tracking_id {
            let before = ids.insert(id.clone(), row.movement);
            assert!(before.is_none(), "{id} is that of two movements");
        }
        let attempts = ledger.attempts(row.movement).await.expect("attempts");
        let decisions = ledger.decisions(row.movement).await.expect("decisions");
        for revision in revisions(ledger, row.movement).await {
            sending += usize::from(revision.state == "sending");
            let accepted = |outcome: &str, of: i64| outcome == "accepted" && of == revision.id;
            let cause = attempts.iter().any(|a| accepted(&a.outcome, a.revision_id))
                || decisions.iter().any(|d| accepted(&d.decision, d.revision_id));
            assert!(revision.state != "accepted" || cause, "accepted by nobody: {row:?}");
            known.insert(revision.payload.expect("a payload"));
        }
        for attempt in attempts {
            if let Some(id) = attempt.waste_tracking_id {
                let stored = world.model.state().stored.get(&id).cloned();
                let stored = stored.unwrap_or_else(|| panic!("{id} was never stored: {row:?}"));
                assert_eq!(stored.movement, row.movement, "{id} is another movement's");
            }
            // Those of killed processes are written by the next one.
            if attempt.reason != "interrupted" {
                answers.push((row.reference.clone(), attempt.number, attempt.outcome));
            }
        }
    }
    for (payload, reference) in &world.admitted {
        assert!(known.contains(payload), "a reading of {reference} is lost");
    }
    let made = answers.len() - world.attempts;
    world.attempts = answers.len();
    let mut state = world.model.state();
    if matches!(end, End::Killed) {
        // The answers that asked to wait may not have been recorded.
        state.not_before.clear();
    }
    let life = &mut state.life;
    life.listen();
    match end {
        End::Stopped(_) => {
            assert_eq!(sending, 0, "left sending");
            assert_eq!(made, life.started, "requests in the ledger");
            assert_eq!(life.delivered, life.started, "stopped before the answers came");
            assert_eq!(life.recorded.len(), life.started, "answers told");
            // It may take as long as the slowest answer, and a little for its commit.
            let limit = life.drained.map(|at| at + Duration::from_secs(91));
            let now = world.clock.now();
            assert!(limit.is_none_or(|at| now < at), "told to stop, it ended only at {now:?}");
        }
        End::Killed => {
            assert!(sending <= life.options.in_flight, "{sending} are left uncertain");
            assert!(made <= life.delivered, "recorded before it was answered");
        }
    }
    for event in &life.recorded {
        let Event::Recorded { reference, attempt, outcome, .. } = event else { continue };
        let told = (reference.clone(), *attempt, outcome.answer().as_str().to_owned());
        assert!(answers.contains(&told), "told but not recorded: {told:?}");
        if let (Outcome::Accepted { waste_tracking_id: Some(id), .. }, Answer::Accepted) =
            (outcome, outcome.answer())
        {
            assert!(ids.contains_key(id), "{id} was told and is not in the ledger");
        }
    }
}

/// Once the service is well and people have decided, nothing is left open and both sides agree.
pub(crate) async fn settled(ledger: &Ledger, world: &World) {
    let now = world.clock.now() + Duration::from_secs(3_600);
    world.model.state().apply_late(now);
    for row in movements(ledger).await {
        use State::{Accepted, Invalid, Rejected, Superseded, Withdrawn};
        let is_settled =
            matches!(row.state, Accepted | Rejected | Invalid | Withdrawn | Superseded);
        assert!(is_settled, "left open: {row:?}");
        let all = revisions(ledger, row.movement).await;
        let Some(newest) = all.iter().rev().find(|revision| revision.state == "accepted") else {
            continue;
        };
        let id = row.waste_tracking_id.clone().expect("an ID");
        let stored = world.model.state().stored.get(&id).cloned().expect("stored");
        let attempts = ledger.attempts(row.movement).await.expect("attempts");
        // A correction that was refused, or taken out, after it may have been applied leaves a
        // content that only a person can put right.
        let open = attempts.iter().any(|attempt| {
            attempt.method == Method::Put.as_str()
                && attempt.outcome == "deferred"
                && all.iter().any(|r| r.id == attempt.revision_id && r.state != "accepted")
        });
        assert!(open || Some(&stored.payload) == newest.payload.as_ref(), "{row:?}: {stored:?}");
    }
}

/// The history is whole, and every state follows from it.
pub(crate) async fn as_written(ledger: &Path) {
    let verified = verify(ledger, None).await.expect("a ledger");
    assert_eq!(verified.altered, None, "{verified:?}");
}
