//! Runs that nobody watches: what is set for them, and what they must not be silent about.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::args::{UnattendedArgs, duration};
use super::console::Console;
use super::exit::Exit;
use super::session::Session;
use crate::calendar;

/// The settings, resolved.
#[derive(Debug, Clone, Default)]
pub(super) struct Unattended {
    pub(super) wait: Duration,
    pub(super) stop_at: Option<StopAt>,
    pub(super) expect_records: Option<u64>,
    pub(super) hooks: Hooks,
}

/// What is to be done after a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Hooks {
    pub(super) heartbeat: Option<String>,
    pub(super) notify: Option<String>,
    pub(super) metrics: Option<PathBuf>,
}

impl From<&UnattendedArgs> for Unattended {
    fn from(args: &UnattendedArgs) -> Self {
        Unattended {
            wait: args.wait.unwrap_or_default(),
            stop_at: args.stop_at,
            expect_records: args.expect_records,
            hooks: Hooks::from(args),
        }
    }
}

impl From<&UnattendedArgs> for Hooks {
    fn from(args: &UnattendedArgs) -> Self {
        let command = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        Hooks {
            heartbeat: command(&args.heartbeat),
            notify: command(&args.notify),
            metrics: args.metrics.clone(),
        }
    }
}

/// When a run is to be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopAt {
    /// At the next time that clocks in London show this.
    Clock(Time),
    /// At this moment.
    Moment(Timestamp),
}

impl FromStr for StopAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(':');
        if digits && text.len() <= 8 {
            if let Ok(time) = text.parse::<Time>() {
                return Ok(StopAt::Clock(time));
            }
        } else if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(StopAt::Moment(moment));
        } else if let Ok(local) = text.parse::<DateTime>()
            && let Some(moment) = calendar::from_london(local)
        {
            return Ok(StopAt::Moment(moment));
        }
        Err(format!("\"{text}\" is not a time of day: write 05:30, or 2026-11-22T05:30"))
    }
}

impl StopAt {
    /// The moment that it means for a run that begins now.
    pub(super) fn after(self, now: Timestamp) -> Timestamp {
        let StopAt::Clock(time) = self else {
            let StopAt::Moment(moment) = self else { return now };
            return moment;
        };
        let today = calendar::london_day(now);
        let days = std::iter::successors(Some(today), |day| day.tomorrow().ok()).take(3);
        let moments = days.filter_map(|day| calendar::from_london(day.to_datetime(time)));
        // In the hour that spring skips, the clock shows it an hour later.
        moments.into_iter().find(|moment| *moment > now).unwrap_or(now)
    }

    /// How long a run that begins now may claim: a request that is claimed then can still take its
    /// whole time and be recorded.
    pub(super) fn claiming(self, now: Timestamp, timeout: Duration) -> Duration {
        let longest = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
        let left = self.after(now).duration_since(now).saturating_sub(longest);
        Duration::try_from(left).unwrap_or(Duration::ZERO)
    }
}

/// A size in bytes: `500KB`, `10MB`, `1GB` or a bare number.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let digits = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match upper[digits.len()..].trim() {
        "" | "B" => Some(1),
        "K" | "KB" => Some(1_000),
        "M" | "MB" => Some(1_000_000),
        "G" | "GB" => Some(1_000_000_000),
        _ => None,
    };
    let number = digits.trim().parse::<u64>().ok();
    let size = number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    size.ok_or_else(|| format!("\"{text}\" is not a size: write 500KB, 10MB or 1GB"))
}

/// How long after the last submit its absence is an alarm.
pub(super) fn stale_after(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it is always longer ago than that: write 26h, for example".into()),
        time => Ok(time),
    }
}

/// Counts the records that this run was the first to see, and objects to too few.
pub(super) async fn expected(
    session: &Session,
    expect: Option<u64>,
    console: &Console,
) -> anyhow::Result<(u64, Exit)> {
    let new = session.ledger.new_records(&session.run).await?;
    let Some(expect) = expect.filter(|expect| new < *expect) else {
        return Ok((new, Exit::Success));
    };
    console.warn(format!(
        "{new} new records were read, and at least {expect} were expected: has the export been \
         written? (expect-records)"
    ));
    Ok((new, Exit::NeedsAPerson))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_time_of_day_is_the_next_one_in_london() {
        let stop: StopAt = "05:30".parse().expect("a time");
        // Winter, summer, and the same evening.
        assert_eq!(stop.after(at("2026-11-21T22:00:00Z")), at("2026-11-22T05:30:00Z"));
        assert_eq!(stop.after(at("2026-07-01T22:00:00Z")), at("2026-07-02T04:30:00Z"));
        assert_eq!(stop.after(at("2026-11-21T03:00:00Z")), at("2026-11-21T05:30:00Z"));
        assert_eq!(stop.after(at("2026-11-21T05:30:00Z")), at("2026-11-22T05:30:00Z"));
        // 01:30 does not exist on the day when the clocks go forward, and is there twice when back.
        let half_past_one: StopAt = "01:30".parse().expect("a time");
        let spring = half_past_one.after(at("2027-03-28T00:10:00Z"));
        assert_eq!(spring, at("2027-03-28T01:30:00Z"));
        assert_eq!(half_past_one.after(at("2026-10-25T00:10:00Z")), at("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_moment_is_itself() {
        let moment: StopAt = "2026-11-22T05:30:00Z".parse().expect("a moment");
        assert_eq!(moment.after(at("2026-01-01T00:00:00Z")), at("2026-11-22T05:30:00Z"));
        let local: StopAt = "2026-07-02T05:30".parse().expect("a moment");
        assert_eq!(local.after(at("2026-01-01T00:00:00Z")), at("2026-07-02T04:30:00Z"));
        for wrong in ["", "soon", "25:00", "5", "05.30", "tomorrow 05:30"] {
            assert!(wrong.parse::<StopAt>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn claiming_ends_a_request_s_time_before() {
        let stop: StopAt = "05:30".parse().expect("a time");
        let timeout = Duration::from_secs(90);
        let claiming = |now: &str| stop.claiming(at(now), timeout);
        assert_eq!(claiming("2026-11-22T05:00:00Z"), Duration::from_secs(30 * 60 - 90));
        assert_eq!(claiming("2026-11-22T05:29:00Z"), Duration::ZERO);
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("10MB"), Ok(10_000_000));
        assert_eq!(size("500 kb"), Ok(500_000));
        assert_eq!(size("0"), Ok(0));
        for wrong in ["", "MB", "-1", "10 parsecs", "99999999999GB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
