//! The ends of a run: nothing that was claimed is left behind, and every run ends.

use super::*;

#[test]
fn a_wrong_set_up_stops_the_run_at_once() {
    for status in [301, 302, 307, 403, 404] {
        let done = case(&[("a", 300)]).run(move |seen| match seen.number {
            30 => says(status),
            _ => stores(seen),
        });
        let stop = done.stop.as_ref().expect("the ledger works");
        assert!(matches!(stop, Stop::SetUp { status: said, .. } if *said == status), "{stop:?}");
        let said = done.seen[30].at + Duration::from_millis(50);
        assert!(done.seen.iter().all(|seen| seen.at <= said), "{status}: went on");
        assert_eq!(done.count(State::Sending), 0);
        assert_eq!(done.count(State::Deferred), 1);
        assert_eq!(done.count(State::Accepted), done.seen.len() - 1);
        assert!(done.ended < seconds(2));
    }
}

#[test]
fn draining_records_what_is_under_way_and_gives_the_rest_back() {
    for millis in [0, 1, 55, 333, 777] {
        let mut case = case(&[("a", 300)]);
        case.drain_at = Some(Duration::from_millis(millis));
        let done = case.run(|seen| Said(seconds(9), stores(seen).1));
        assert!(matches!(done.stop, Ok(Stop::Interrupted)), "{:?}", done.stop);
        let told = Duration::from_millis(millis);
        assert!(done.seen.iter().all(|seen| seen.at <= told), "started after the order");
        assert_eq!(done.count(State::Accepted), done.seen.len());
        assert_eq!(done.count(State::Ready), 300 - done.seen.len());
        assert!(done.ended <= told + seconds(10));
    }
}

#[test]
fn draining_ends_every_kind_of_wait() {
    let waits: [fn() -> Said; 4] =
        [|| asks_to_wait(429, 900), || says(402), || says(500), || says(503)];
    for (index, wait) in waits.into_iter().enumerate() {
        let mut case = case(&[("a", 100)]);
        case.drain_at = Some(seconds(20));
        let done = case.run(move |_| wait());
        assert!(matches!(done.stop, Ok(Stop::Interrupted)), "{index}: {:?}", done.stop);
        assert!(done.ended <= seconds(21), "{index}: {:?}", done.ended);
        assert_eq!(done.count(State::Sending), 0);
    }
}

#[test]
fn what_cannot_be_recorded_stops_the_run_before_the_next_request() {
    let mut case = case(&[("a", 300)]);
    case.options.in_flight = 8;
    case.broken_ledger = true;
    let done = case.run(stores);
    assert!(done.stop.is_err(), "{:?}", done.stop);
    assert!(done.seen.len() <= 8, "{} requests", done.seen.len());
    assert_eq!(done.count(State::Sending), done.seen.len(), "they stay as they were claimed");
    assert!(!done.events.iter().any(|event| matches!(event, Event::Recorded { .. })));
}

#[test]
fn without_a_token_what_was_claimed_goes_back() {
    let mut case = case(&[("a", 100)]);
    case.no_token_from = 25;
    let done = case.run(stores);
    assert!(matches!(done.stop, Ok(Stop::Token(_))), "{:?}", done.stop);
    assert_eq!((done.count(State::Accepted), done.count(State::Ready)), (25, 75));
}

#[test]
fn a_run_with_nothing_to_do_ends() {
    let done = case(&[]).run(stores);
    assert!(matches!(done.stop, Ok(Stop::Done)));
    assert_eq!(done.ended, Duration::ZERO);
}
