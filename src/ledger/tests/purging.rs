//! Deleting personal data: it is gone from every file, and everything else is as it was.

use jiff::civil::Date;

use super::chain::{Copies, run_sql};
use super::*;

/// What must not be found any more, by a mark that everything personal carries.
const NAME: &str = "Jane Roe";

/// A record with somebody's name wherever one can be.
fn personal(reference: &str, content: &str) -> Incoming {
    let payload = format!(
        r#"{{"apiCode":"a","yourUniqueReference":"{reference}","specialHandlingRequirements":"ask {NAME}","wasteItems":[{{"wasteDescription":"{content}"}}],"carrier":{{"organisationName":"{NAME} Haulage","emailAddress":"{NAME}@example.com"}},"receiver":{{"authorisationNumber":"S"}}}}"#
    );
    let finding = Finding::new(
        Severity::Advice,
        "carrier.emailAddress",
        ErrorType::InvalidFormat,
        format!("\"{NAME}@example.com\" is no e-mail address"),
    );
    Incoming { findings: vec![finding], ..Incoming::example("a", reference, payload.into_bytes()) }
}

/// The same content with another name.
fn renamed(incoming: Incoming) -> Incoming {
    let text = String::from_utf8(incoming.payload).expect("UTF-8").replace(NAME, "Joan Doe");
    let reference = incoming.key.expect("a key").reference;
    Incoming::example("a", &reference, text.into_bytes())
}

/// A ledger with a movement in every state that a purge meets.
async fn lived_in() -> World {
    let world = World::new().await;
    let nameless = Incoming { key: None, payload: NAME.into(), ..invalid("", NAME) };
    let stopped = Finding::error("carrier", ErrorType::NotProvided, NAME);
    let unfit = Incoming { findings: vec![stopped], ..personal("A5", "one") };
    let references = ["A1", "A2", "A3", "A4", "A6"];
    let mut records: Vec<Incoming> = references.map(|name| personal(name, "one")).into();
    records.extend([unfit, nameless]);
    world.read(records).await;
    let claimed = world.claim().await;
    let refused = Outcome::Rejected {
        reason: Reason::Refused,
        findings: vec![Finding::error("carrier", ErrorType::InvalidValue, format!("{NAME}?"))],
    };
    let outcomes = [stored("26A"), refused, uncertain(), uncertain(), stored("26F")];
    for (claimed, outcome) in claimed.iter().zip(outcomes) {
        world.answer_saying(claimed, outcome, Some("I know no Jane Roe")).await;
    }
    let order = Order {
        decision: Decision::Withdraw,
        waste_tracking_id: None,
        note: Some(format!("{NAME} called")),
        user: "somebody".to_owned(),
    };
    world.ledger.decide(&world.run, &[by_reference("A3")], &order).await.expect("decided");
    // A6 was accepted, and a correction of it waits for a person.
    world.read(vec![personal("A6", "two")]).await;
    world
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

impl World {
    async fn purge(&self, before: &str) -> Purged {
        self.ledger.purge(&self.run, "the officer", day(before)).await.expect("purged")
    }

    /// The files in which the name stands.
    fn found(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        let has_name = |path: &PathBuf| {
            let bytes = std::fs::read(path).expect("a file");
            bytes.windows(NAME.len()).any(|window| window == NAME.as_bytes())
        };
        files
            .map(|entry| entry.expect("an entry").path())
            .filter(has_name)
            .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
            .collect()
    }
}

#[tokio::test]
async fn nothing_personal_of_what_is_settled_is_left_in_any_file() {
    let world = lived_in().await;
    for reference in ["A4", "A6"] {
        // Both are decided about, and so settled.
        world.decide(reference, Decision::Withdraw).await.expect("decided");
    }
    let before = world.all().await.len();
    assert!(!world.found().is_empty());
    let foreseen = world.ledger.foresee_purge(day("2027-01-01")).await.expect("foreseen");
    let purged = world.purge("2027-01-01").await;
    assert_eq!(purged, Purged { revisions: 7, records: 1, left: 0 });
    assert_eq!(purged, foreseen);
    assert_eq!(world.found(), Vec::<String>::new());
    let verified = world.verify().await;
    assert_eq!((verified.altered, verified.purges, verified.purged), (None, 1, 8));
    // What is no personal data stays, and so do the states.
    let left = world.all().await;
    assert_eq!(left.len(), before);
    assert_eq!(
        left[0],
        r#"{"apiCode":"a","yourUniqueReference":"A1","wasteItems":[{"wasteDescription":"one"}],"carrier":{},"receiver":{"authorisationNumber":"S"}}: POST accepted (read)"#
    );
    // Once more removes nothing more.
    assert_eq!(world.purge("2027-01-01").await, Purged::default());
    assert_eq!(world.verify().await.purges, 1);
    // A new file that is set like the old ones brings back what its rows are set in.
    world.read(vec![personal("B1", "one")]).await;
    assert_eq!(world.verify().await.altered, None);
    assert!(!world.found().is_empty(), "the search itself finds nothing");
}

#[tokio::test]
async fn what_is_open_or_newer_is_left_alone() {
    let world = lived_in().await;
    let purged = world.purge("2027-01-01").await;
    assert_eq!(purged, Purged { revisions: 4, records: 1, left: 3 });
    assert_eq!(world.purge("2026-10-05").await, Purged::default(), "received on that day");
    assert_eq!(world.verify().await.altered, None);
    // The uncertain one can still be sent, with all that it had.
    world.decide("A4", Decision::Resend).await.expect("decided");
    world.pass(100).await;
    let claimed = world.claim().await;
    assert_eq!(claimed.len(), 1);
    assert!(String::from_utf8_lossy(&claimed[0].payload).contains(NAME));
}

#[tokio::test]
async fn what_was_purged_is_known_and_never_sent_again() {
    let world = lived_in().await;
    world.purge("2027-01-01").await;
    let before = world.all().await;
    for on_change in [OnChange::Hold, OnChange::Update] {
        // The same file once more: accepted, and taken out by a person.
        let again = vec![personal("A1", "one"), personal("A3", "one")];
        let admitted = world.read_as(again, on_change).await;
        assert_eq!((admitted.known, admitted.ready, admitted.held), (2, 0, 0));
        assert_eq!(world.all().await, before, "something of it came back");
    }
    // Another name alone cannot be told from it.
    world.read_as(vec![renamed(personal("A1", "one"))], OnChange::Update).await;
    assert_eq!(world.all().await, before);
    assert!(world.claim().await.is_empty());
    // What did change is a correction, never a second record.
    world.read(vec![personal("A1", "two")]).await;
    assert!(world.all().await[1].ends_with("PUT held (changed)"), "{:?}", world.all().await);
    // What was rejected was not stored: a corrected reading of it is sent, were it only the name.
    world.read(vec![renamed(personal("A2", "one"))]).await;
    let claimed = world.claim().await;
    assert_eq!((claimed.len(), claimed[0].reference.as_str()), (1, "A2"));
    assert_eq!(claimed[0].method, Method::Post);
    assert_eq!(world.verify().await.altered, None);
}

#[tokio::test]
async fn what_is_left_of_a_content_is_never_sent() {
    let world = lived_in().await;
    world.purge("2027-01-01").await;
    for reference in ["A2", "A3"] {
        let refused = world.decide(reference, Decision::Resend).await;
        let Err(LedgerError::Refused(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("purged"), "{why}");
    }
    // Not even if a state says so.
    let ready = "UPDATE revision SET state = 'ready' WHERE purge_id IS NOT NULL";
    run_sql(&mut *world.ledger.connection().await, ready).await;
    assert!(world.claim().await.is_empty());
    assert!(world.ledger.supply().await.expect("a supply").is_empty());
}

#[tokio::test]
async fn what_is_altered_after_a_purge_or_called_one_is_found() {
    let world = lived_in().await;
    world.purge("2027-01-01").await;
    let copies = Copies::of(world).await;
    assert_eq!(copies.verify(copies.fresh().await).await, None);
    for (sql, kind) in [
        ("UPDATE revision SET payload = x'7b7d' WHERE id = 1", "purge"),
        ("UPDATE revision SET payload = NULL, salt = NULL, purge_id = 1 WHERE id = 4", "reading"),
        ("UPDATE revision SET payload = NULL, salt = NULL, purge_id = 9 WHERE id = 4", "reading"),
        ("UPDATE revision SET salt = x'00' WHERE id = 1", "reading"),
        ("UPDATE revision SET purge_id = NULL WHERE id = 1", "reading"),
        (
            "UPDATE revision_source SET packed = x'00', salt = x'00' WHERE revision_id = 1",
            "reading",
        ),
        ("UPDATE attempt SET detail = 'x' WHERE id = 1", "attempt"),
        ("UPDATE decision SET note = 'x'", "decision"),
        ("UPDATE purge SET user_name = 'nobody'", "purge"),
        ("UPDATE purge SET purged_at = 1", "purge"),
        ("DELETE FROM purge", "purge"),
    ] {
        let mut connection = copies.fresh().await;
        run_sql(&mut connection, sql).await;
        let found = copies.verify(connection).await.unwrap_or_else(|| panic!("not found: {sql}"));
        assert_eq!(found.kind, kind, "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn a_content_that_was_altered_is_not_purged() {
    let world = lived_in().await;
    let sql = "UPDATE revision SET payload = x'7b7d' WHERE id = 1";
    run_sql(&mut *world.ledger.connection().await, sql).await;
    let refused = world.ledger.purge(&world.run, "the officer", day("2027-01-01")).await;
    assert!(matches!(refused, Err(LedgerError::Damaged(_))), "{refused:?}");
    let purged = world.ledger.foresee_purge(day("2027-01-01")).await.expect("foreseen");
    assert_eq!(purged.revisions, 4, "nothing was");
}
