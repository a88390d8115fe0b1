//! What people may order, and what comes of it.

use super::*;

/// A world with A1 in this state.
async fn in_state(state: State) -> World {
    let world = World::new().await;
    let first = if state == State::Invalid { invalid("A1", "one") } else { record("A1", "one") };
    world.read(vec![first]).await;
    match state {
        State::Accepted => drop(world.send(stored("26A")).await),
        State::Rejected => drop(world.send(rejected()).await),
        State::Deferred => drop(world.send(deferred(Reason::Unavailable)).await),
        State::Uncertain => drop(world.send(uncertain()).await),
        State::Sending => drop(world.claim().await),
        State::Held => {
            world.send(stored("26A")).await;
            world.read(vec![record("A1", "two")]).await;
        }
        State::Withdrawn => drop(world.decide("A1", Decision::Withdraw).await.expect("decided")),
        State::Ready | State::Invalid | State::Superseded => {}
    }
    assert_eq!(world.rows().await[0].state, state);
    world
}

#[tokio::test]
async fn each_decision_from_each_state_follows_the_table_and_is_kept() {
    for state in State::ALL.into_iter().filter(|state| *state != State::Superseded) {
        for decision in Decision::ALL {
            let world = in_state(state).await;
            let before = world.all().await;
            let method = if state == State::Held { Method::Put } else { Method::Post };
            let allowed = next(state, method, Step::Decide(decision));
            let made = match decision {
                Decision::Accepted => world.accept("A1", "26Z").await,
                _ => world.decide("A1", decision).await,
            };
            let what = format!("{decision:?} of {state}");
            let Ok(to) = allowed else {
                let refused = made.expect_err(&what).to_string();
                assert!(refused.contains("nothing was changed"), "{what}: {refused}");
                assert_eq!(world.all().await, before, "{what}");
                continue;
            };
            assert_eq!(made.expect(&what)[0].1, to, "{what}");
            let (user, from): (String, String) =
                sqlx::query_as("SELECT user_name, from_state FROM decision ORDER BY id DESC")
                    .fetch_one(&mut *world.ledger.connection().await)
                    .await
                    .expect("a decision");
            assert_eq!((user.as_str(), from.as_str()), ("somebody", state.as_str()));
        }
    }
}

#[tokio::test]
async fn an_acceptance_needs_its_tracking_id() {
    let world = in_state(State::Uncertain).await;
    assert!(world.decide("A1", Decision::Accepted).await.is_err());
    world.accept("A1", "26A").await.expect("decided");
    assert_eq!(world.rows().await[0].waste_tracking_id.as_deref(), Some("26A"));
}

#[tokio::test]
async fn what_was_not_answered_is_sent_again_no_sooner_than_after_90_seconds() {
    let world = in_state(State::Uncertain).await;
    world.pass(10).await;
    world.decide("A1", Decision::Withdraw).await.expect("decided");
    world.decide("A1", Decision::Resend).await.expect("decided");
    world.pass(79).await;
    assert!(world.claim().await.is_empty());
    // Nor is what takes its place.
    world.read(vec![record("A1", "two")]).await;
    assert!(world.claim().await.is_empty());
    world.pass(1).await;
    assert_eq!(world.claim().await[0].payload[..], *b"A1 two");
    // A back-off need not be waited for.
    let world = in_state(State::Deferred).await;
    world.decide("A1", Decision::Resend).await.expect("decided");
    assert_eq!(world.claim().await.len(), 1);
}

#[tokio::test]
async fn all_uncertain_ones_are_sent_again_where_that_is_the_policy() {
    let world = World::new().await;
    world.read(vec![record("A1", "x"), record("A2", "x"), record("A3", "x")]).await;
    let claimed = world.claim().await;
    world.answer(&claimed[0], uncertain()).await.expect("recorded");
    world.answer(&claimed[1], uncertain()).await.expect("recorded");
    world.answer(&claimed[2], stored("26A")).await.expect("recorded");
    let count = world.ledger.resend_uncertain(&world.run, "somebody", "policy").await;
    assert_eq!(count.expect("decided"), 2);
    assert!(world.claim().await.is_empty());
    world.pass(90).await;
    assert_eq!(world.claim().await.len(), 2);
}

#[tokio::test]
async fn a_reference_that_fits_several_is_refused_and_they_are_listed() {
    let world = World::new().await;
    let at_site = |site: &str| {
        let incoming = of_operator("b", record("A1", "x"));
        let key = incoming.key.map(|key| Key { site: site.to_owned(), ..key });
        Incoming { key, authorisation_number: site.to_owned(), ..incoming }
    };
    world.read(vec![record("A1", "x"), at_site("S1"), at_site("S2")]).await;
    let refused = world.decide("A1", Decision::Withdraw).await.expect_err("ambiguous").to_string();
    for said in ["several", "--movement 1", "--movement 2", "--movement 3", "S2", "API code b"] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    let narrowed = Selector::Reference {
        reference: " A1 ".to_owned(),
        api_code: Some("b".to_owned()),
        site: Some("epr/s2".to_owned()),
    };
    let withdraw = order(Decision::Withdraw);
    let decided = world.ledger.decide(&world.run, &[narrowed], &withdraw).await;
    assert_eq!(decided.expect("one"), [(3, State::Withdrawn)]);
    let unknown = world.decide("A9", Decision::Withdraw).await.expect_err("unknown").to_string();
    assert!(unknown.contains("no movement with reference A9"), "{unknown}");
}

#[tokio::test]
async fn orders_are_carried_out_all_or_none() {
    let world = World::new().await;
    world.read(vec![record("A1", "x"), record("A2", "x")]).await;
    let selectors = [by_reference("A1"), by_reference("A9")];
    let withdraw = order(Decision::Withdraw);
    assert!(world.ledger.decide(&world.run, &selectors, &withdraw).await.is_err());
    assert!(world.rows().await.iter().all(|row| row.state == State::Ready));
    let selectors = [by_reference("A1"), Selector::Movement(2)];
    let decided = world.ledger.decide(&world.run, &selectors, &withdraw).await.expect("decided");
    assert_eq!(decided, [(1, State::Withdrawn), (2, State::Withdrawn)]);
}

#[tokio::test]
async fn another_load_gets_a_movement_and_a_post_of_its_own() {
    let world = in_state(State::Held).await;
    world.decide("A1", Decision::New).await.expect("decided");
    let rows = world.rows().await;
    let seen: Vec<_> = rows.iter().map(|r| (r.state, r.waste_tracking_id.as_deref())).collect();
    assert_eq!(seen, [(State::Accepted, Some("26A")), (State::Ready, None)]);
    assert_eq!(world.send(stored("26B")).await.method, Method::Post);
    let rows = world.rows().await;
    assert_eq!(rows[1].waste_tracking_id.as_deref(), Some("26B"));
}
