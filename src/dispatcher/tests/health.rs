//! Outages: the breaker, its probes, giving up.

use super::*;

type Ill = fn() -> Said;

/// An outage looks like this.
fn outages() -> [(&'static str, Ill); 7] {
    [
        ("refused connections", || {
            Said(Duration::from_millis(1), Err(Failure::NoConnection("refused".to_owned())))
        }),
        ("hangs", || Said(seconds(23), Err(Failure::Timeout))),
        ("broken connections", || {
            Said(Duration::from_millis(9), Err(Failure::ConnectionLost("reset".to_owned())))
        }),
        ("500", || says(500)),
        ("503", || says(503)),
        ("late 503", || Said(seconds(40), Ok(reply(503, "")))),
        ("empty 201", || Said(Duration::from_millis(50), Ok(reply(201, "{}")))),
    ]
}

#[test]
fn an_outage_is_probed_seldom_and_the_run_goes_on_after_it() {
    for (what, ill) in outages() {
        let done = case(&[("a", 300)]).run(move |seen| {
            if (seconds(1)..seconds(601)).contains(&seen.at) { ill() } else { stores(seen) }
        });
        assert!(matches!(done.stop, Ok(Stop::Done)), "{what}: {:?}", done.stop);
        let during = done.seen.iter().filter(|s| (1..601).contains(&s.at.as_secs())).count();
        // Probes at 30 s, then after 60, 120, 240 s, and one more as it ends.
        assert!(during <= 16 + 10 + 5, "{what}: {during} requests during the outage");
        let uncertain = done.count(State::Uncertain);
        assert!(uncertain <= during, "{what}: {uncertain} uncertain of {during}");
        assert_eq!(done.count(State::Accepted) + uncertain, 300, "{what}");
        let events = done.events.iter();
        assert!(events.clone().any(|event| matches!(event, Event::Outage { .. })), "{what}");
        assert!(events.clone().any(|event| matches!(event, Event::Recovered)), "{what}");
    }
}

/// A night's work: ten minutes of it without the service leave no more uncertain than
/// docs/guarantees.md says. The kind of outage that takes the most with it, since each takes long.
#[test]
fn of_ten_thousand_an_outage_leaves_few_uncertain() {
    let mut night = case(&[("a", 10_000)]);
    night.options.in_flight = 64;
    let done = night.run(move |seen| {
        let out = (seconds(20)..seconds(620)).contains(&seen.at);
        if out { Said(seconds(23), Err(Failure::Timeout)) } else { stores(seen) }
    });
    assert!(matches!(done.stop, Ok(Stop::Done)), "{:?}", done.stop);
    let uncertain = done.count(State::Uncertain);
    assert!(uncertain <= 64 + 10 + 5, "{uncertain} uncertain");
    assert_eq!(done.count(State::Accepted) + uncertain, 10_000);
}

#[test]
fn it_opens_at_the_tenth_ill_answer_and_probes_one_by_one() {
    let mut case = case(&[("a", 40)]);
    case.options.in_flight = 1;
    let done = case.run(|_| says(500));
    let times = done.times("a");
    assert!(times[9] < 2, "{times:?}");
    let probes: Vec<u64> = times[9..].windows(2).map(|two| two[1] - two[0]).collect();
    let expected = [30, 60, 120, 240, 300, 300, 300, 300];
    for (gap, expected) in probes.iter().zip(expected) {
        assert!((expected..=expected + 1).contains(gap), "{probes:?}");
    }
    // Nothing was settled for half an hour.
    assert!(matches!(done.stop, Ok(Stop::GaveUp(_))), "{:?}", done.stop);
    assert!((1_300..=1_801).contains(&done.ended.as_secs()), "{:?}", done.ended);
    assert_eq!(done.count(State::Uncertain), done.seen.len());
}

#[test]
fn answers_that_say_nothing_of_health_do_not_open_it() {
    let done = case(&[("a", 30)]).run(|seen| match seen.number {
        0..=14 => Said(Duration::from_millis(50), Ok(reply(400, "{}"))),
        15..=29 => says(429),
        _ => stores(seen),
    });
    assert!(!done.events.iter().any(|event| matches!(event, Event::Outage { .. })));
    assert_eq!((done.count(State::Rejected), done.count(State::Accepted)), (15, 15));
}

#[test]
fn a_service_that_never_settles_anything_is_given_up() {
    let mut case = case(&[("a", 2_000)]);
    case.options.give_up_after = seconds(300);
    case.options.rate = 5;
    let done = case.run(|_| says(429));
    assert!(matches!(done.stop, Ok(Stop::GaveUp(_))), "{:?}", done.stop);
    assert!(done.ended < seconds(330), "{:?}", done.ended);
}

#[test]
fn a_wait_of_nothing_gives_up_at_the_first_pause_only() {
    let mut case = case(&[("a", 200)]);
    case.options.give_up_after = Duration::ZERO;
    let done = case.run(|seen| if seen.number == 50 { says(503) } else { stores(seen) });
    assert!(matches!(done.stop, Ok(Stop::GaveUp(_) | Stop::Done)), "{:?}", done.stop);
    assert!(done.count(State::Accepted) >= 199);
}
