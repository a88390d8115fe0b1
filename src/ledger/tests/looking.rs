//! Looking at the ledger: the backlog by what deadlines depend on, and lists of a few among many.

use sqlx::AssertSqlSafe;

use super::*;

const HOUR: i64 = 3_600_000;

fn received(at: i64, by_pipe: bool, one: Incoming) -> Incoming {
    Incoming { received_at: Some(at), by_pipe, ..one }
}

async fn days(ledger: &Ledger) -> Vec<(String, bool, u64)> {
    let days = ledger.overview().await.expect("an overview").open_days;
    days.into_iter().map(|day| (day.received_on, day.by_pipe, day.movements)).collect()
}

#[tokio::test]
async fn what_waits_is_counted_by_the_day_in_london_and_by_pipe() {
    let world = World::new().await;
    // In summer a day begins in London at 23:00 UTC.
    let evening = "2026-07-01T22:59:59Z".parse::<Timestamp>().expect("a time").as_millisecond();
    world
        .read(vec![
            received(evening, false, record("A1", "one")),
            received(evening + 2_000, false, record("A2", "two")),
            received(evening + HOUR, true, record("A3", "three")),
            received(evening + 2 * HOUR, false, record("A4", "four")),
            Incoming { received_at: None, received_on: None, ..record("A5", "five") },
        ])
        .await;
    let expected = [
        ("2026-07-01".to_owned(), false, 1),
        ("2026-07-02".to_owned(), false, 2),
        ("2026-07-02".to_owned(), true, 1),
    ];
    assert_eq!(days(&world.ledger).await, expected);
    world.decide("A1", Decision::Withdraw).await.expect("withdrawn");
    assert_eq!(days(&world.ledger).await, expected[1..]);
}

#[tokio::test]
async fn a_ledger_from_before_learns_what_came_by_pipe() {
    let world = World::new().await;
    let by_pipe = r#"{"carrier":{"meansOfTransport":"Piped"}}"#;
    let named_so = r#"{"carrier":{"name":"Piped","meansOfTransport":"Road"}}"#;
    let no_text = r#"{"carrier":{"meansOfTransport":"Piped""#;
    for (reference, payload) in [("A1", by_pipe), ("A2", named_so), ("A3", no_text)] {
        world.read(vec![Incoming::example("a", reference, payload.into())]).await;
    }
    let migration = include_str!("../../../migrations/0010_know_what_came_by_pipe.sql");
    let update = migration.split(';').find(|statement| statement.contains("UPDATE"));
    let update = AssertSqlSafe(update.expect("an update").to_owned());
    let mut connection = world.ledger.connection().await;
    sqlx::query(update).execute(&mut *connection).await.expect("updated");
    let piped: Vec<(i64,)> = sqlx::query_as("SELECT by_pipe FROM revision ORDER BY id")
        .fetch_all(&mut *connection)
        .await
        .expect("rows");
    assert_eq!(piped, [(1,), (0,), (0,)]);
}

#[tokio::test]
async fn lists_hold_what_was_asked_for_and_nothing_else() {
    let world = World::new().await;
    world.read(vec![record("A1", "one"), record("A2", "two"), invalid("A3", "three")]).await;
    let first = world.run.id;
    let run = world.ledger.begin_run(&run_facts()).await.expect("a run");
    let later = World { run, ..world };
    later.read(vec![record("A2", "two"), record("A4", "four")]).await;
    let list = async |filter: Filter| {
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let page = later.ledger.list(&filter, after).await.expect("a list");
            let Some(last) = page.last() else { return found.join(" ") };
            after = last.movement;
            found.extend(page.into_iter().map(|row| row.reference));
        }
    };
    let all = Filter::default;
    let states = |states: &[State]| states.to_vec();
    assert_eq!(list(all()).await, "A1 A2 A3 A4");
    assert_eq!(list(Filter { reference: Some(" A3 ".into()), ..all() }).await, "A3");
    assert_eq!(list(Filter { reference: Some("A9".into()), ..all() }).await, "");
    assert_eq!(list(Filter { run: Some(first), ..all() }).await, "A1 A3");
    assert_eq!(list(Filter { run: Some(later.run.id), ..all() }).await, "A2 A4");
    let ready = states(&[State::Ready]);
    assert_eq!(list(Filter { states: ready.clone(), ..all() }).await, "A1 A2 A4");
    let (run, reference) = (Some(later.run.id), None);
    assert_eq!(list(Filter { states: ready, run, reference, ..all() }).await, "A2 A4");
    let open = states(&[State::Invalid, State::Accepted]);
    assert_eq!(list(Filter { states: open, ..all() }).await, "A3");
}

#[tokio::test]
async fn only_answers_that_somebody_did_not_foresee_are_judged_again() {
    let world = World::new().await;
    let with = |severity: Severity, reference: &str| {
        let finding =
            Finding::new(severity, "wasteItems", ErrorType::BusinessRuleViolation, "said by us");
        Incoming { findings: vec![finding], ..record(reference, "x") }
    };
    let earlier = record("A0", "read by a run before");
    world.read(vec![earlier]).await;
    let run = world.ledger.begin_run(&run_facts()).await.expect("a run");
    let world = World { run, ..world };
    let records = vec![
        record("A1", "nobody said anything"),
        with(Severity::Advice, "A2"),
        with(Severity::Warning, "A3"),
        record("A4", "the API warned"),
        record("A5", "the API refused"),
    ];
    world.read(records).await;
    for claimed in world.claim().await {
        let warning = Finding::new(Severity::Warning, "carrier", ErrorType::NotProvided, "by it");
        let mut outcome = match claimed.reference.as_str() {
            "A5" => rejected(),
            reference => stored(&format!("26{reference}")),
        };
        if let ("A4", Outcome::Accepted { warnings, .. }) = (&*claimed.reference, &mut outcome) {
            warnings.push(warning);
        }
        let answered = Answered {
            status: Some(if claimed.reference == "A5" { 400 } else { 201 }),
            ..world.answered(&claimed, outcome)
        };
        world.ledger.record(&world.run, vec![answered]).await.expect("recorded");
    }
    let judged = async |foreseen| {
        let judged = world.ledger.judged(&world.run, 0, foreseen).await.expect("a page");
        let said = |one: &Judged| format!("{} {}", one.reference, one.said.len());
        judged.iter().map(said).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(judged(false).await, "A0 0, A1 0, A2 0, A3 0, A4 1, A5 1");
    assert_eq!(judged(true).await, "A0 0, A3 0, A4 1, A5 1");
}
