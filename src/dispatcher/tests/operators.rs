//! Operators that must wait while the others' movements go on; tokens.

use super::*;

fn unknown() -> Said {
    let body =
        r#"{"validation":{"errors":[{"key":"apiCode","errorType":"InvalidValue","message":"m"}]}}"#;
    Said(Duration::from_millis(50), Ok(reply(400, body)))
}

#[test]
fn one_that_is_unpaid_or_unknown_waits_alone_and_is_probed_thrice() {
    for refusal in [|| says(402), unknown as fn() -> Said] {
        let supply = [("paid", 200), ("unpaid", 80), ("other", 200)];
        let done = case(&supply).run(move |seen| match seen.api_code.as_str() {
            "unpaid" => refusal(),
            _ => stores(seen),
        });
        assert!(matches!(done.stop, Ok(Stop::GaveUp(_))), "{:?}", done.stop);
        let times = done.times("unpaid");
        let first: Vec<u64> = times.iter().copied().filter(|at| *at < 10).collect();
        assert!(first.len() <= 16, "{} before it was known", first.len());
        assert_eq!(times[first.len()..], [60, 360, 1_260], "{times:?}");
        let others = done.seen.iter().filter(|seen| seen.api_code != "unpaid");
        assert!(others.clone().all(|seen| seen.at < seconds(8)), "the others waited");
        assert_eq!(done.count(State::Accepted), 400);
        assert_eq!(done.count(State::Deferred) + done.count(State::Ready), 80);
    }
}

#[test]
fn one_that_has_paid_meanwhile_goes_on() {
    let done = case(&[("a", 50), ("b", 50)]).run(|seen| {
        if seen.api_code == "a" && seen.at < seconds(200) { says(402) } else { stores(seen) }
    });
    assert!(matches!(done.stop, Ok(Stop::Done)), "{:?}", done.stop);
    assert_eq!(done.count(State::Accepted), 100);
}

#[test]
fn one_that_waits_beside_one_that_is_due_later_makes_nobody_spin() {
    // The poll count of the harness is the assertion.
    let done = case(&[("a", 3), ("b", 1)]).run(|seen| match seen.api_code.as_str() {
        "a" if seen.at < seconds(60) => says(402),
        "b" if seen.number < 8 && seen.at < seconds(55) => asks_to_wait(503, 50),
        _ => stores(seen),
    });
    assert_eq!(done.count(State::Accepted), 4);
}

#[test]
fn claims_go_round_the_operators() {
    let mut case = case(&[("many", 500), ("few", 5)]);
    case.options.in_flight = 4;
    let done = case.run(stores);
    assert!(done.times("few").iter().all(|at| *at == 0), "{:?}", done.times("few"));
}

#[test]
fn a_renewed_token_goes_on_and_late_refusals_of_the_old_one_cost_nothing() {
    // Two tokens in turn are revoked while many requests with them are under way.
    let done = case(&[("a", 100)]).run(|seen| match (seen.token, seen.number % 2) {
        (1, 0) | (2, _) => says(401),
        (1, _) => Said(seconds(2), Ok(reply(401, ""))),
        _ => Said(seconds(5), stores(seen).1),
    });
    assert!(matches!(done.stop, Ok(Stop::Done)), "{:?}", done.stop);
    assert_eq!(done.count(State::Accepted), 100);
}

#[test]
fn three_fresh_tokens_refused_without_an_acceptance_stop_the_run() {
    let done = case(&[("a", 100)]).run(|_| says(401));
    assert!(matches!(done.stop, Ok(Stop::Unauthorised)), "{:?}", done.stop);
    assert!(done.seen.len() <= 3 * 16, "{}", done.seen.len());
    assert_eq!(done.count(State::Deferred) + done.count(State::Ready), 100);
    let mut lives = 0;
    let done = case(&[("a", 100)]).run(move |seen| {
        // Each token is good for one request.
        let fresh = seen.token != lives;
        lives = seen.token;
        if fresh { stores(seen) } else { says(401) }
    });
    assert!(matches!(done.stop, Ok(Stop::Done)), "{:?}", done.stop);
    assert_eq!(done.count(State::Accepted), 100);
}
