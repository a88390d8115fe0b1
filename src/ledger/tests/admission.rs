//! A file is admitted as a whole or not at all.

use super::*;

async fn files(world: &World) -> Vec<(String, Option<String>, i64, i64)> {
    sqlx::query_as("SELECT outcome, refusal, records, invalid FROM file ORDER BY id")
        .fetch_all(&mut *world.ledger.connection().await)
        .await
        .expect("files")
}

async fn count(world: &World, table: &'static str) -> i64 {
    let sql = match table {
        "movement" => "SELECT count(*) FROM movement",
        "finding" => "SELECT count(*) FROM finding",
        "unidentified" => "SELECT count(*) FROM unidentified",
        _ => "SELECT count(*) FROM operator",
    };
    let (count,): (i64,) = sqlx::query_as(sql)
        .fetch_one(&mut *world.ledger.connection().await)
        .await
        .expect("a count");
    count
}

#[tokio::test]
async fn every_record_is_kept_with_its_state_its_findings_and_its_place() {
    let world = World::new().await;
    let nameless = Incoming { key: None, line: 7, ..invalid("", "?") };
    let admitted = world.read(vec![record("A1", "x"), invalid("A2", "x"), nameless]).await;
    assert_eq!((admitted.records, admitted.invalid, admitted.ready), (3, 2, 1));
    assert_eq!(files(&world).await, [("admitted".to_owned(), None, 3, 2)]);
    let rows = world.rows().await;
    let seen: Vec<_> = rows.iter().map(|r| (r.state, r.file.as_str(), r.line)).collect();
    assert_eq!(seen, [(State::Ready, "/loads.csv", 2), (State::Invalid, "/loads.csv", 2)]);
    assert_eq!(rows[1].findings[0].message, "it is missing");
    let nameless = world.ledger.unidentified(&world.run).await.expect("records");
    assert_eq!((nameless.len(), nameless[0].1), (1, 7));
    let tally = world.tally().await;
    assert_eq!((tally.read.ready, tally.read.invalid, tally.read.total()), (1, 2, 3));
}

#[tokio::test]
async fn a_refused_file_leaves_one_record_of_the_refusal_and_nothing_else() {
    let records =
        || Admission::Records(vec![record("A1", "x"), Incoming { key: None, ..invalid("", "?") }]);
    let refused = vec![records(), Admission::Refuse("too many are invalid".to_owned())];
    for (batches, why) in
        [(refused, "too many are invalid"), (vec![records()], "it was not read to its end")]
    {
        let world = World::new().await;
        let admitted = world.feed(batches, OnChange::Hold).await.expect("refused");
        assert_eq!(admitted.refusal.as_deref(), Some(why));
        assert_eq!(files(&world).await, [("refused".to_owned(), Some(why.to_owned()), 0, 0)]);
        for table in ["movement", "finding", "unidentified", "operator"] {
            assert_eq!(count(&world, table).await, 0, "{table}");
        }
        assert_eq!(world.tally().await.read.total(), 0);
        assert!(world.claim().await.is_empty());
    }
}

#[tokio::test]
async fn nothing_of_a_file_can_be_claimed_before_its_end() {
    let world = World::new().await;
    let (to_ledger, from_reader) = channel(2);
    to_ledger.send(Admission::Records(vec![record("A1", "x")])).await.expect("room");
    let facts = file_facts();
    let admission = world.ledger.admit(&world.run, &facts, OnChange::Hold, from_reader);
    let staged = tokio::time::timeout(Duration::from_millis(100), admission).await;
    assert!(staged.is_err(), "it did not wait for the end");
    // The process died there: the transaction was never committed.
    let world = world.next_process().await;
    assert_eq!(count(&world, "movement").await, 0);
    assert!(files(&world).await.is_empty() && world.claim().await.is_empty());
    assert_eq!(world.read(vec![record("A1", "x")]).await.ready, 1);
}

#[tokio::test]
async fn records_with_one_reference_in_a_file_are_not_sent_whatever_they_say() {
    let again = |incoming: Incoming| {
        let finding = Finding::new(
            Severity::Blocking,
            "yourUniqueReference",
            ErrorType::BusinessRuleViolation,
            "used twice",
        );
        Incoming { line: 9, repeats: Some(2), findings: vec![finding], ..incoming }
    };
    let other_site = of_operator("b", record("A1", "x"));
    for second in [record("A1", "x"), record("A1", "y"), other_site] {
        for earlier in [None, Some(of_operator("b", invalid("A1", "z")))] {
            let world = World::new().await;
            if let Some(earlier) = earlier {
                world.read(vec![earlier]).await;
            }
            for _ in 0..2 {
                world.read(vec![record("A1", "x"), again(second.clone())]).await;
                assert!(world.claim().await.is_empty(), "{:?}", world.all().await);
            }
            // Once one of the two has a reference of its own, both are sent.
            world.read(vec![record("A1", "x"), record("A2", "y")]).await;
            assert_eq!(world.claim().await.len(), 2, "{:?}", world.all().await);
        }
    }
}

#[tokio::test]
async fn a_corrected_key_takes_the_place_of_one_that_was_at_fault() {
    let world = World::new().await;
    let unsure = Incoming { key_is_sure: false, ..of_operator("wrong", invalid("A1", "x")) };
    world.read(vec![unsure.clone()]).await;
    world.read(vec![record("A1", "x")]).await;
    assert_eq!(world.all().await, ["A1 x: POST superseded (read)", "A1 x: POST ready (read)"]);
    assert_eq!(world.tally().await.read.total(), 1);
    // The faulty file again is faulty again, and takes nothing away.
    world.read(vec![unsure]).await;
    assert_eq!(world.claim().await.len(), 1);
}

#[tokio::test]
async fn the_counts_add_up_in_every_state() {
    let world = World::new().await;
    let references = ["acc", "rej", "def", "unc", "out"];
    world.read(references.map(|reference| record(reference, "x")).to_vec()).await;
    let claimed = world.claim().await;
    for claim in &claimed {
        let outcome = match claim.reference.as_str() {
            "acc" => stored("26A"),
            "rej" => rejected(),
            "def" => deferred(Reason::Unavailable),
            "unc" => uncertain(),
            _ => {
                world
                    .ledger
                    .release(&world.run, std::slice::from_ref(claim))
                    .await
                    .expect("released");
                continue;
            }
        };
        world.answer(claim, outcome).await.expect("recorded");
    }
    world.decide("out", Decision::Withdraw).await.expect("decided");
    let here = world.tally().await;
    assert_eq!(here.read.total(), 5);
    assert_eq!((here.read.accepted, here.read.withdrawn), (1, 1));
    let world = world.next_process().await;
    let mut again: Vec<Incoming> = references.map(|r| record(r, "x")).to_vec();
    again.extend([
        record("acc2", "x"),
        invalid("inv", "x"),
        Incoming { key: None, ..invalid("", "") },
    ]);
    again[3] = record("unc", "changed");
    world.read(again).await;
    let tally = world.tally().await;
    let read = tally.read;
    assert_eq!(
        (read.skipped, read.invalid, read.held, read.withdrawn, read.ready, read.accepted),
        (1, 2, 1, 1, 1, 0)
    );
    assert_eq!((read.rejected, read.deferred, read.uncertain, read.total()), (1, 1, 0, 8));
    assert_eq!(tally.resumed.total(), 0);
    world.decide("unc", Decision::Resend).await.expect("decided");
    assert_eq!(world.tally().await.resumed.ready, 1, "an older one that this run worked on");
}
