//! Reading again, from each state that a movement can be in.

use super::*;

/// A world with A1 read as "one" and sent with this end.
async fn sent(outcome: Outcome) -> World {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    world.send(outcome).await;
    world
}

#[tokio::test]
async fn known_content_is_skipped_in_every_state() {
    for outcome in [stored("26A"), rejected(), deferred(Reason::Throttled), uncertain()] {
        let world = sent(outcome).await.next_process().await;
        let before = world.all().await;
        let admitted = world.read(vec![record("A1", "one")]).await;
        assert_eq!((admitted.known, admitted.ready), (1, 0));
        assert_eq!(world.all().await, before);
        assert_eq!(world.tally().await.read.total(), 1);
    }
}

#[tokio::test]
async fn other_content_of_what_was_never_stored_takes_its_place() {
    for outcome in [rejected(), deferred(Reason::Throttled)] {
        let world = sent(outcome).await;
        world.read(vec![record("A1", "two")]).await;
        assert_eq!(world.all().await[1], "A1 two: POST ready (read)");
        assert!(world.all().await[0].contains("superseded"));
        assert_eq!(world.send(stored("26A")).await.payload[..], *b"A1 two");
    }
    let world = World::new().await;
    world.read(vec![invalid("A1", "one")]).await;
    world.read(vec![record("A1", "one")]).await;
    assert_eq!(world.all().await, ["A1 one: POST superseded (read)", "A1 one: POST ready (read)"]);
    world.read(vec![invalid("A1", "two")]).await;
    assert!(world.claim().await.is_empty());
}

#[tokio::test]
async fn other_content_of_an_accepted_one_waits_or_corrects_it() {
    let world = sent(stored("26A")).await;
    world.read(vec![record("A1", "two")]).await;
    assert_eq!(world.all().await[1], "A1 two: PUT held (changed)");
    assert!(world.claim().await.is_empty());
    // Read again with --on-change update, what was held goes.
    world.read_as(vec![record("A1", "two")], OnChange::Update).await;
    let claimed = world.send(updated()).await;
    assert_eq!((claimed.method, claimed.waste_tracking_id.as_deref()), (Method::Put, Some("26A")));
    assert!(world.all().await[2].starts_with("A1 two: PUT accepted"));
    // The first content now is a change as well.
    world.read(vec![record("A1", "one")]).await;
    assert_eq!(world.all().await[3], "A1 one: PUT held (changed)");
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test]
async fn another_day_under_a_used_reference_is_always_held() {
    let world = sent(stored("26A")).await;
    let next_year = Incoming { received_on: Some("2027-10-05".into()), ..record("A1", "two") };
    world.read_as(vec![next_year], OnChange::Update).await;
    assert_eq!(world.all().await[1], "A1 two: PUT held (reference-used-again)");
    assert!(world.claim().await.is_empty());
}

#[tokio::test]
async fn what_may_have_been_stored_is_not_replaced() {
    let world = sent(uncertain()).await;
    world.read_as(vec![record("A1", "two")], OnChange::Update).await;
    assert_eq!(world.all().await[1], "A1 two: POST held (undecided)");
    assert_eq!(world.rows().await[0].state, State::Uncertain, "it is shown first");
    assert!(world.claim().await.is_empty());
    world.accept("A1", "26A").await.expect("decided");
    assert_eq!(world.all().await[1], "A1 two: PUT held (undecided)", "it became a correction");
}

#[tokio::test]
async fn accepted_content_that_comes_back_drops_what_waited() {
    let world = sent(stored("26A")).await;
    world.read(vec![record("A1", "two")]).await;
    let admitted = world.read(vec![record("A1", "one")]).await;
    assert_eq!(admitted.known, 1);
    assert_eq!(world.all().await[1], "A1 two: PUT superseded (changed)");
    assert_eq!(world.rows().await[0].state, State::Accepted);
    assert_eq!(world.tally().await.read.total(), 1);
}

#[tokio::test]
async fn a_correction_that_may_be_applied_is_itself_corrected_and_not_too_soon() {
    let world = sent(stored("26A")).await;
    world.read_as(vec![record("A1", "two")], OnChange::Update).await;
    world.send(deferred(Reason::Timeout)).await;
    world.read_as(vec![record("A1", "one")], OnChange::Update).await;
    assert_eq!(world.all().await[2], "A1 one: PUT ready (changed)", "a revert would leave two");
    world.pass(89).await;
    assert!(world.claim().await.is_empty(), "the one before may be applied after it");
    world.pass(2).await;
    assert_eq!(world.send(updated()).await.payload[..], *b"A1 one");
}

#[tokio::test]
async fn what_a_person_took_out_stays_out() {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    world.decide("A1", Decision::Withdraw).await.expect("decided");
    world.read(vec![record("A1", "one")]).await;
    assert_eq!(world.all().await, ["A1 one: POST withdrawn (read)"]);
    world.read(vec![record("A1", "two")]).await;
    assert_eq!(world.all().await[1], "A1 two: POST held (taken-out)");
    assert!(world.claim().await.is_empty());
}

#[tokio::test]
async fn dropped_corrections_stay_dropped_and_hide_nothing() {
    let world = sent(stored("26A")).await;
    for content in ["two", "three"] {
        world.read(vec![record("A1", content)]).await;
        world.decide("A1", Decision::Keep).await.expect("decided");
    }
    let before = world.all().await;
    for content in ["one", "two", "three"] {
        world.read_as(vec![record("A1", content)], OnChange::Update).await;
        assert_eq!(world.all().await, before, "{content} came back");
    }
    world.read_as(vec![record("A1", "four")], OnChange::Update).await;
    assert_eq!(world.send(updated()).await.payload[..], *b"A1 four");
}

#[tokio::test]
async fn a_reading_behind_an_uncertain_one_waits_though_another_was_dropped() {
    let world = sent(uncertain()).await;
    world.read(vec![record("A1", "two")]).await;
    world.decide("A1", Decision::Keep).await.expect("decided");
    world.read(vec![record("A1", "three")]).await;
    assert_eq!(world.all().await[2], "A1 three: POST held (undecided)");
    world.read(vec![record("A1", "one")]).await;
    assert_eq!(world.rows().await[0].state, State::Uncertain);
}

/// Found by the simulation (seed 7325): the content that a person had ordered to be sent again came
/// in once more behind another reading, and was sent a second time after the first was taken out.
#[tokio::test]
async fn what_was_ordered_to_be_sent_again_is_not_sent_beside_itself() {
    let world = sent(uncertain()).await;
    world.read(vec![record("A1", "two")]).await;
    world.decide("A1", Decision::Resend).await.expect("decided");
    world.read(vec![record("A1", "three")]).await;
    assert_eq!(world.all().await[2], "A1 three: POST held (undecided)");
    world.read(vec![record("A1", "one")]).await;
    let states = world.all().await;
    let waiting = states.iter().filter(|line| line.contains("ready")).count();
    assert_eq!(waiting, 1, "{states:?}");
}

#[tokio::test]
async fn a_load_of_its_own_is_found_by_its_content() {
    let world = sent(stored("26A")).await;
    world.read(vec![record("A1", "two")]).await;
    world.decide("A1", Decision::New).await.expect("decided");
    let claimed = world.send(stored("26B")).await;
    assert_eq!((claimed.method, &claimed.payload[..]), (Method::Post, &b"A1 two"[..]));
    let admitted = world.read(vec![record("A1", "one"), record("A1", "two")]).await;
    assert_eq!(admitted.known, 2);
    // Anything else is about the newest of them.
    world.read_as(vec![record("A1", "three")], OnChange::Update).await;
    assert_eq!(world.send(updated()).await.waste_tracking_id.as_deref(), Some("26B"));
}

#[tokio::test]
async fn a_record_with_a_tracking_id_is_a_correction() {
    let with_id = |content, id: &str| Incoming {
        waste_tracking_id: Some(id.to_owned()),
        received_on: Some("2027-01-01".into()),
        ..record("A1", content)
    };
    // Known here: it goes without --on-change, whatever its day.
    let world = sent(stored("26A")).await;
    world.read(vec![with_id("two", "26A")]).await;
    assert_eq!(world.send(updated()).await.method, Method::Put);
    // Another ID than the ledger's stops it.
    world.read(vec![with_id("three", "26B")]).await;
    assert!(world.all().await[2].contains("invalid"), "{:?}", world.all().await);
    assert_eq!(world.rows().await[0].waste_tracking_id.as_deref(), Some("26A"));
    // Not known here, and wrong at first: a later file may say it right.
    let world = World::new().await;
    world.read(vec![with_id("one", "26X")]).await;
    assert_eq!(world.send(rejected()).await.waste_tracking_id.as_deref(), Some("26X"));
    world.read(vec![with_id("two", "26Y")]).await;
    assert_eq!(world.send(updated()).await.waste_tracking_id.as_deref(), Some("26Y"));
}

#[tokio::test]
async fn an_id_given_for_what_waits_makes_it_a_correction() {
    let world = World::new().await;
    world.read(vec![record("A1", "one")]).await;
    let given = Incoming { waste_tracking_id: Some("26A".into()), ..record("A1", "one") };
    world.read(vec![given]).await;
    let claimed = world.send(updated()).await;
    assert_eq!((claimed.method, claimed.waste_tracking_id.as_deref()), (Method::Put, Some("26A")));
}
