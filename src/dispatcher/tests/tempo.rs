//! Pace, pauses, back-off, and how many are in flight.

use super::*;

#[test]
fn everything_is_sent_once_at_the_pace() {
    for (rate, count) in [(1_u32, 5_u32), (7, 30), (100, 350)] {
        let mut case = case(&[("a", count as usize)]);
        case.options.rate = rate;
        let done = case.run(stores);
        assert!(matches!(done.stop, Ok(Stop::Done)), "{:?}", done.stop);
        assert_eq!(
            (done.seen.len(), done.count(State::Accepted)),
            (count as usize, count as usize)
        );
        assert!(worst_second(&done.starts()) <= rate as usize);
        let least = (f64::from(count) - 1.0) / f64::from(rate);
        let ended = done.ended.as_secs_f64();
        assert!(ended < least * 1.3 + 1.0, "rate {rate}: {ended} s instead of {least} s");
    }
}

#[test]
fn slow_answers_do_not_slow_the_starts() {
    let mut case = case(&[("a", 300)]);
    case.options.in_flight = 500;
    let done = case.run(|seen| Said(seconds(60), stores(seen).1));
    let last = done.starts().last().copied().expect("a start");
    assert!(last < Duration::from_millis(3_600), "the last one started at {last:?}");
}

#[test]
fn no_more_in_flight_than_allowed_until_they_are_recorded() {
    let mut case = case(&[("a", 60)]);
    case.options.in_flight = 4;
    // An answer takes 50 ms, and may wait 20 ms for its commit.
    let done = case.run(stores);
    let starts = done.starts();
    for (start, fourth) in starts.iter().zip(&starts[4..]) {
        assert!(*fourth >= *start + Duration::from_millis(50), "{start:?}, {fourth:?}");
    }
    assert_eq!(done.count(State::Accepted), 60);
}

#[test]
fn retry_after_is_kept_in_full_by_everybody() {
    for status in [408, 429, 503] {
        let done = case(&[("a", 60), ("b", 60)]).run(move |seen| match seen.number {
            20 => asks_to_wait(status, 37),
            _ => stores(seen),
        });
        let asked = done.seen[20].at + Duration::from_millis(50);
        let early = done.seen.iter().filter(|s| s.at > asked && s.at < asked + seconds(37));
        assert_eq!(early.count(), 0, "{status}: somebody did not wait");
        assert!(done.seen.iter().any(|seen| seen.at < asked + seconds(39)), "waited too long");
        assert_eq!(done.count(State::Accepted), 120);
        assert!(done.events.iter().any(|event| matches!(event, Event::Waited { .. })));
    }
}

#[test]
fn a_date_to_come_back_at_is_kept_too() {
    let done = case(&[("a", 3)]).run(|seen| match seen.at.as_secs() {
        0 => {
            let at = Timestamp::from_second(1_790_000_000 + 100).expect("a time");
            let at = std::time::SystemTime::from(at);
            let retry_after = Some(httpdate::fmt_http_date(at));
            Said(Duration::from_millis(50), Ok(Reply { retry_after, ..reply(429, "") }))
        }
        _ => stores(seen),
    });
    assert!(done.seen.iter().all(|seen| seen.at.as_secs() == 0 || seen.at >= seconds(100)));
    assert_eq!(done.count(State::Accepted), 3);
}

#[test]
fn without_retry_after_a_movement_comes_back_within_its_bound() {
    let done = case(&[("a", 1)]).run(|seen| if seen.number < 6 { says(429) } else { stores(seen) });
    let gaps: Vec<Duration> =
        done.starts().windows(2).map(|two| two[1].saturating_sub(two[0])).collect();
    for (number, gap) in gaps.iter().enumerate() {
        let bound = seconds(1 << number) + Duration::from_millis(400);
        assert!(*gap <= bound, "attempt {number} came back after {gap:?}");
    }
    assert_eq!((done.seen.len(), done.count(State::Accepted)), (7, 1));
}

#[test]
fn a_storm_of_429_for_half_the_requests_ends_with_all_accepted() {
    let mut half = false;
    let done = case(&[("a", 200)]).run(move |seen| {
        half = !half;
        if half { says(429) } else { stores(seen) }
    });
    assert!(matches!(done.stop, Ok(Stop::Done)));
    assert_eq!(done.count(State::Accepted), 200);
    assert!(done.events.iter().any(|event| matches!(event, Event::Pace(pace) if *pace < 100)));
}

#[test]
fn an_absurd_retry_after_ends_the_run_and_nothing_else() {
    let done = case(&[("a", 30)]).run(|_| asks_to_wait(429, u64::MAX));
    assert!(matches!(done.stop, Ok(Stop::GaveUp(_))), "{:?}", done.stop);
    assert_eq!(done.count(State::Deferred) + done.count(State::Ready), 30);
}

/// Somebody sets the clock, or a time server does: nothing waits longer for it, or less.
#[test]
fn a_wall_clock_that_jumps_moves_nothing() {
    let hour = SignedDuration::from_hours(1);
    let run = |jump: Option<SignedDuration>| {
        let (mut case, jumping) = (case(&[("a", 60), ("b", 20)]), Arc::new(Mutex::new(None)));
        case.clock = Arc::clone(&jumping);
        let done = case.run(move |seen| {
            if let Some((jump, clock)) = jump.zip(jumping.lock().expect("no panic").as_ref())
                && [10, 40].contains(&seen.number)
            {
                Clock::jump(clock, jump);
            }
            match seen.number {
                5 | 12 | 30 => asks_to_wait(503, 7),
                8 | 31 => says(503),
                _ if seen.api_code == "b" && seen.at < seconds(50) => says(402),
                _ => stores(seen),
            }
        });
        assert_eq!(done.count(State::Accepted), 80, "{jump:?}");
        (done.starts(), done.ended)
    };
    let undisturbed = run(None);
    assert_eq!(run(Some(hour)), undisturbed);
    assert_eq!(run(Some(-hour)), undisturbed);
}

/// By Little's law, whatever the latency; the first answers tell what it is.
#[test]
fn in_flight_finds_what_the_pace_needs() {
    for (latency, count, in_time) in [(50, 600, 8), (2_000, 2_400, 36)] {
        let mut case = case(&[("a", count)]);
        case.options.in_flight = 512;
        case.options.adapts = true;
        let done = case.run(move |seen| Said(Duration::from_millis(latency), stores(seen).1));
        assert_eq!(done.count(State::Accepted), count);
        assert!(done.ended < seconds(in_time), "{latency} ms: {:?}", done.ended);
        let last = *done.starts().last().expect("a start");
        let lately = done.starts().iter().filter(|at| **at + seconds(4) > last).count();
        assert!(lately >= 380, "{latency} ms: {lately} in the last four seconds");
        assert!(worst_second(&done.starts()) <= 100);
    }
}

#[test]
fn an_outage_does_not_raise_what_is_in_flight() {
    for reason in [Failure::Timeout, Failure::ConnectionLost("reset".to_owned())] {
        let mut case = case(&[("a", 2_000)]);
        case.options.in_flight = 512;
        case.options.adapts = true;
        let done = case.run(move |seen| match seen.at.as_secs() {
            0..5 => stores(seen),
            _ => Said(seconds(60), Err(reason.clone())),
        });
        // 100 a second at 50 ms need 18; then the breaker sends single requests.
        let uncertain = done.count(State::Uncertain);
        assert!(uncertain <= 18 + 10 + 10, "{uncertain} are uncertain");
    }
}

#[test]
fn answers_are_recorded_while_a_token_is_waited_for() {
    let mut case = case(&[("a", 60)]);
    let back = seconds(40);
    case.token_is_late = Some((30, back));
    let done = case.run(stores);
    assert_eq!(done.count(State::Accepted), 60);
    let (before, after): (Vec<Moment>, Vec<Moment>) =
        done.recorded.iter().partition(|at| **at < back);
    let started = done.seen.iter().filter(|seen| seen.at < back).count();
    assert_eq!((before.len(), after.len()), (started, 60 - started));
    assert!(before.iter().all(|at| *at < seconds(2)), "{before:?}");
}
