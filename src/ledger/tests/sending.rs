//! Claims, releases, recoveries, answers.

use super::*;

async fn attempts(world: &World) -> Vec<(String, String, String)> {
    let row = &world.rows().await[0];
    let attempts = world.ledger.attempts(row.movement).await.expect("attempts");
    attempts.into_iter().map(|a| (a.method, a.outcome, a.reason)).collect()
}

#[tokio::test]
async fn a_claim_takes_its_share_of_what_is_due_oldest_receipt_first() {
    let world = World::new().await;
    let at = |received_at, incoming| Incoming { received_at: Some(received_at), ..incoming };
    world
        .read(vec![
            at(30, record("A1", "x")),
            at(10, record("A2", "x")),
            at(20, record("A3", "x")),
            of_operator("b", record("B1", "x")),
            of_operator("b", record("B2", "x")),
        ])
        .await;
    let supply = world.ledger.supply().await.expect("a supply");
    let waiting: Vec<_> = supply.iter().map(|s| (s.api_code.as_str(), s.first_due)).collect();
    assert_eq!(waiting, [("a", Some(0)), ("b", Some(0))]);
    assert_eq!(world.ledger.waiting().await.expect("a count"), 5);
    let shares = [(supply[0].operator, 2), (supply[1].operator, 1)];
    let claimed = world.ledger.claim(&world.run, &shares).await.expect("claimed");
    let references: Vec<_> = claimed.iter().map(|c| c.reference.as_str()).collect();
    assert_eq!(references, ["A2", "A3", "B1"]);
    // It is on the disk: another process sees it.
    let other = Ledger::open(&world.path(), Access::Read, &binding(), world.clock.clone()).await;
    let filter = Filter { states: vec![State::Sending], ..Filter::default() };
    let sending = other.expect("a reader").list(&filter, 0).await.expect("a list");
    assert_eq!(sending.len(), 3);
    let again = world.ledger.claim(&world.run, &shares).await.expect("claimed");
    assert_eq!(again.iter().map(|c| c.reference.as_str()).collect::<Vec<_>>(), ["A1", "B2"]);
    assert!(world.claim().await.is_empty());
}

#[tokio::test]
async fn what_is_deferred_is_claimed_when_it_is_due() {
    let world = World::new().await;
    world.read(vec![record("A1", "x")]).await;
    let claimed = world.claim().await.remove(0);
    let due_at = world.clock.wall_ms() + 60_000;
    let answered = Answered {
        claimed,
        started_at: 0,
        duration_ms: 0,
        status: Some(429),
        outcome: deferred(Reason::Throttled),
        request_id: None,
        service_charge_expiry: None,
        detail: None,
        due_at,
    };
    world.ledger.record(&world.run, vec![answered]).await.expect("recorded");
    assert_eq!(world.ledger.supply().await.expect("a supply")[0].first_due, Some(due_at));
    world.pass(59).await;
    assert!(world.claim().await.is_empty());
    world.pass(1).await;
    assert_eq!(world.claim().await[0].attempt, 2);
}

#[tokio::test]
async fn one_revision_of_a_movement_goes_at_a_time() {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    world.send(uncertain()).await;
    world.read(vec![record("A1", "two")]).await;
    for _ in 0..2 {
        // First the uncertain one, then the one that is held.
        world.decide("A1", Decision::Resend).await.expect("decided");
    }
    world.pass(90).await;
    let claimed = world.claim().await;
    assert_eq!((claimed.len(), &claimed[0].payload[..]), (1, &b"A1 one"[..]));
    assert!(world.claim().await.is_empty(), "two revisions under way");
    assert_eq!(world.ledger.supply().await.expect("a supply")[0].first_due, None);
    // Nobody knows again: the other must not be POSTed.
    world.answer(&claimed[0], uncertain()).await.expect("recorded");
    world.pass(3_600).await;
    assert!(world.claim().await.is_empty(), "POSTed while another may have been stored");
    assert!(world.ledger.supply().await.expect("a supply").is_empty());
    world.accept("A1", "26A").await.expect("decided");
    let claimed = world.send(updated()).await;
    assert_eq!((claimed.method, &claimed.payload[..]), (Method::Put, &b"A1 two"[..]));
}

#[tokio::test]
async fn what_was_released_was_never_tried() {
    let world = World::new().await;
    world.read(vec![record("A1", "x")]).await;
    let claimed = world.claim().await;
    world.ledger.release(&world.run, &claimed).await.expect("released");
    assert_eq!(world.rows().await[0].state, State::Ready);
    assert!(attempts(&world).await.is_empty());
    assert_eq!(world.send(stored("26A")).await.attempt, 1);
    let released = world.ledger.release(&world.run, &claimed).await;
    assert!(matches!(released, Err(LedgerError::Illegal { .. })), "{released:?}");
}

#[tokio::test]
async fn what_a_killed_process_left_is_uncertain_or_tried_again() {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    world.claim().await;
    let world = world.next_process().await;
    assert_eq!(world.ledger.recover(&world.run).await.expect("recovered"), 1);
    assert_eq!(world.ledger.recover(&world.run).await.expect("recovered"), 0);
    let interrupted = |method: &str, outcome: &str| {
        (method.to_owned(), outcome.to_owned(), "interrupted".to_owned())
    };
    assert_eq!(attempts(&world).await, [interrupted("POST", "uncertain")]);
    world.pass(3_600).await;
    assert!(world.claim().await.is_empty());
    world.accept("A1", "26A").await.expect("decided");
    // A correction is idempotent: it goes again, once the one before cannot be applied any more.
    world.read_as(vec![record("A1", "two")], OnChange::Update).await;
    world.claim().await;
    let world = world.next_process().await;
    world.ledger.recover(&world.run).await.expect("recovered");
    assert_eq!(attempts(&world).await[1], interrupted("PUT", "deferred"));
    world.pass(89).await;
    assert!(world.claim().await.is_empty());
    world.pass(1).await;
    let claimed = world.send(updated()).await;
    assert_eq!((claimed.method, claimed.attempt), (Method::Put, 2));
}

#[tokio::test]
async fn an_answer_is_recorded_with_what_it_said() {
    let world = World::new().await;
    world.read(vec![record("A1", "x")]).await;
    world.send(rejected()).await;
    let row = world.rows().await.remove(0);
    assert_eq!((row.state, row.attempts), (State::Rejected, 1));
    assert!(row.findings[0].by_api && row.findings[0].message == "the API says no");
    world.decide("A1", Decision::Resend).await.expect("decided");
    let warning = Finding::new(Severity::Warning, "k", ErrorType::NotProvided, "look at this");
    let warnings = vec![warning];
    let outcome = Outcome::Accepted { waste_tracking_id: Some("26A".into()), warnings };
    world.send(outcome).await;
    let row = world.rows().await.remove(0);
    assert_eq!((row.state, row.waste_tracking_id.as_deref()), (State::Accepted, Some("26A")));
    let said: Vec<_> = row.findings.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(said, ["look at this"], "what the last answer said, not an older one");
    let tally = world.tally().await.read;
    assert_eq!((tally.accepted, tally.accepted_with_warnings), (1, 1));
}

#[tokio::test]
async fn answers_are_recorded_together_or_not_at_all() {
    let world = World::new().await;
    world.read(vec![record("A1", "x"), record("A2", "x")]).await;
    let claimed = world.claim().await;
    world.answer(&claimed[1], stored("26B")).await.expect("recorded");
    let now = world.clock.wall_ms();
    let both = claimed.iter().map(|claimed| Answered {
        claimed: claimed.clone(),
        started_at: now,
        duration_ms: 1,
        status: Some(201),
        outcome: stored("26A"),
        request_id: None,
        service_charge_expiry: None,
        detail: None,
        due_at: now,
    });
    let recorded = world.ledger.record(&world.run, both.collect()).await;
    assert!(matches!(recorded, Err(LedgerError::Illegal { .. })), "{recorded:?}");
    let rows = world.rows().await;
    assert_eq!((rows[0].state, &rows[0].waste_tracking_id), (State::Sending, &None));
    assert_eq!(rows[1].waste_tracking_id.as_deref(), Some("26B"));
}

#[tokio::test]
async fn an_unanswered_correction_waits_a_settled_refusal_does_not() {
    for (reason, waits) in [
        (Reason::Timeout, true),
        (Reason::ConnectionLost, true),
        (Reason::ServerError, true),
        (Reason::LateUnavailable, true),
        (Reason::Throttled, false),
        (Reason::NoConnection, false),
        (Reason::Unauthorised, false),
    ] {
        let world = World::new().await;
        world.read(vec![record("A1", "one")]).await;
        world.send(stored("26A")).await;
        world.read_as(vec![record("A1", "two")], OnChange::Update).await;
        world.send(deferred(reason)).await;
        // A person's order does not make it any safer.
        world.decide("A1", Decision::Resend).await.expect("decided");
        world.pass(89).await;
        assert_eq!(world.claim().await.is_empty(), waits, "{reason}");
        world.pass(1).await;
        assert_eq!(world.claim().await.is_empty(), !waits, "{reason}");
    }
}

#[tokio::test]
async fn attempts_and_decisions_cannot_be_altered() {
    let world = World::new().await;
    world.read(vec![record("A1", "x")]).await;
    world.send(uncertain()).await;
    world.decide("A1", Decision::Resend).await.expect("decided");
    for sql in [
        "UPDATE attempt SET outcome = 'accepted'",
        "DELETE FROM attempt",
        "UPDATE decision SET user_name = 'nobody'",
        "DELETE FROM decision",
    ] {
        let altered = sqlx::query(sql).execute(&mut *world.ledger.connection().await).await;
        assert!(altered.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_turn_makes_room_and_fills_it_at_once() {
    let world = World::new().await;
    world.read(vec![record("A1", "x"), record("A2", "x"), record("A3", "x")]).await;
    let shares = vec![(1, 2)];
    let claimed = world.ledger.claim(&world.run, &shares).await.expect("claimed");
    let answers = vec![world.answered(&claimed[0], stored("26A"))];
    let turn = Turn { answers, back: vec![claimed[1].clone()], shares };
    let turned = world.ledger.turn(&world.run, turn).await.expect("written down");
    assert_eq!((turned.answers.len(), turned.released), (1, 1));
    // What went back is there to be claimed.
    assert!(turned.failed.is_none(), "{turned:?}");
    let attempts: Vec<_> =
        turned.claimed.iter().map(|c| (c.reference.as_str(), c.attempt)).collect();
    assert_eq!(attempts, [("A2", 1), ("A3", 1)]);
    let states: Vec<State> = world.rows().await.iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Accepted, State::Sending, State::Sending]);
}

#[tokio::test]
async fn what_cannot_be_written_down_takes_nothing_else_with_it() {
    for (refused, states, attempted) in [
        ("UPDATE OF claimed_at ON revision", [State::Accepted, State::Ready, State::Ready], 1),
        ("INSERT ON attempt", [State::Sending, State::Ready, State::Ready], 0),
    ] {
        let world = World::new().await;
        world.read(vec![record("A1", "x"), record("A2", "x"), record("A3", "x")]).await;
        let shares = vec![(1, 2)];
        let claimed = world.ledger.claim(&world.run, &shares).await.expect("claimed");
        world.ledger.refuse(refused).await;
        let answers = vec![world.answered(&claimed[0], stored("26A"))];
        let turn = Turn { answers, back: vec![claimed[1].clone()], shares };
        let turned = world.ledger.turn(&world.run, turn).await.expect("a part is written down");
        assert!(turned.failed.is_some() && turned.claimed.is_empty(), "{refused}: {turned:?}");
        assert_eq!((turned.answers.len(), turned.released), (attempted, 1), "{refused}");
        let rows = world.rows().await;
        assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), states, "{refused}");
        assert_eq!(attempts(&world).await.len(), attempted, "{refused}");
    }
}
