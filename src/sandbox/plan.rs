//! Which request meets which fault: rates, drawn from a seeded generator.
//!
//! Must not know: what a fault does, HTTP.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::fault::{Fault, FaultError};

/// What the header `Retry-After` says, where a fault answers with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryAfter {
    /// By turns one second and nothing at all.
    #[default]
    Alternate,
    /// Never there.
    Never,
    /// Always so many seconds.
    Seconds(u32),
}

/// A fault, and how often it strikes.
///
/// As text: `hang` (every request), `lose-response=20%`, `slow=0.1,delay=3s`,
/// `unpaid,api-code=1f83215e-4b90-4785-9ab2-2614839aa2e9`, `status-429=5%,retry-after=2` (or
/// `retry-after=never`), `status-500,method=put`, `lose-response,times=3`,
/// `refuse=10%,key=wasteItems.0.ewcCodes.0,type=InvalidValue`.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRate {
    /// The fault.
    pub fault: Fault,
    /// The share of requests that meet it, 0 to 1.
    pub rate: f64,
    /// Only requests whose body has this apiCode.
    pub api_code: Option<String>,
    /// Only requests with this method, `POST` or `PUT`.
    pub method: Option<&'static str>,
    /// How often at most, counting the requests that did meet it.
    pub times: Option<u32>,
    /// How long it takes to answer; `slow` takes a second if nothing is said.
    pub delay: Option<Duration>,
    /// What `Retry-After` says in an answer of 429 (by turns, if nothing is said) or 503 (never).
    pub retry_after: Option<RetryAfter>,
    /// The key that `refuse` objects to; an EWC code if nothing is said.
    pub key: Option<String>,
    /// The kind of error that `refuse` gives; `InvalidValue` if nothing is said.
    pub error_type: Option<String>,
}

impl FaultRate {
    /// A fault that strikes this share of all requests.
    pub fn new(fault: Fault, rate: f64) -> Self {
        FaultRate {
            fault,
            rate,
            api_code: None,
            method: None,
            times: None,
            delay: None,
            retry_after: None,
            key: None,
            error_type: None,
        }
    }

    /// A fault that strikes every request.
    pub fn always(fault: Fault) -> Self {
        Self::new(fault, 1.0)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), FaultError> {
        match name {
            "api-code" => self.api_code = Some(value.to_owned()),
            "method" => {
                let known = ["POST", "PUT"].into_iter().find(|m| m.eq_ignore_ascii_case(value));
                let method = known.ok_or_else(|| bad(value, "a method: post or put"))?;
                self.method = Some(method);
            }
            "times" => {
                self.times = Some(value.parse().map_err(|_| bad(value, "a number of times"))?);
            }
            "key" => self.key = Some(value.to_owned()),
            "type" => self.error_type = Some(value.to_owned()),
            "delay" => self.delay = Some(duration(value)?),
            "retry-after" => {
                let seconds = |_| bad(value, "a number of seconds, or never");
                self.retry_after = Some(match value {
                    "never" => RetryAfter::Never,
                    _ => RetryAfter::Seconds(value.parse().map_err(seconds)?),
                });
            }
            _ => {
                return Err(FaultError(format!(
                    "a fault has no setting '{name}'; there are api-code, method, times, \
                     delay, retry-after, key and type"
                )));
            }
        }
        Ok(())
    }

    fn concerns(&self, request: Request<'_>) -> bool {
        self.api_code.as_deref().is_none_or(|code| request.api_code == Some(code))
            && self.method.is_none_or(|method| method == request.method)
    }
}

impl FromStr for FaultRate {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut parts = text.split(',').map(str::trim);
        let first = parts.next().unwrap_or_default();
        let (name, rate) = match first.split_once('=') {
            Some((name, rate)) => (name.trim_end(), share(rate.trim_start())?),
            None => (first, 1.0),
        };
        let mut fault = FaultRate::new(name.parse()?, rate);
        for part in parts {
            let (name, value) = part.split_once('=').ok_or_else(|| bad(part, "name=value"))?;
            fault.set(name.trim_end(), value.trim_start())?;
        }
        Ok(fault)
    }
}

impl fmt::Display for FaultRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.fault, self.rate)?;
        if let Some(code) = &self.api_code {
            write!(f, ",api-code={code}")?;
        }
        if let Some(method) = self.method {
            write!(f, ",method={}", method.to_ascii_lowercase())?;
        }
        if let Some(times) = self.times {
            write!(f, ",times={times}")?;
        }
        if let Some(delay) = self.delay {
            write!(f, ",delay={}ms", delay.as_millis())?;
        }
        for (name, value) in [("key", &self.key), ("type", &self.error_type)] {
            if let Some(value) = value {
                write!(f, ",{name}={value}")?;
            }
        }
        match self.retry_after {
            Some(RetryAfter::Never) => f.write_str(",retry-after=never"),
            Some(RetryAfter::Seconds(seconds)) => write!(f, ",retry-after={seconds}"),
            Some(RetryAfter::Alternate) | None => Ok(()),
        }
    }
}

fn bad(value: &str, wanted: &str) -> FaultError {
    FaultError(format!("'{value}' is not {wanted}"))
}

/// `0.2` or `20%`.
fn share(text: &str) -> Result<f64, FaultError> {
    let wanted = "a rate between 0 and 1, or 0% and 100%";
    let (number, unit) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let rate = number.parse::<f64>().map_err(|_| bad(text, wanted))? / unit;
    if (0.0..=1.0).contains(&rate) { Ok(rate) } else { Err(bad(text, wanted)) }
}

/// `50ms`, `2s`, `1h`.
pub(super) fn duration(text: &str) -> Result<Duration, FaultError> {
    let read = text.parse::<jiff::SignedDuration>().ok();
    let wanted = "a length of time, such as 50ms or 2s";
    read.and_then(|read| Duration::try_from(read).ok()).ok_or_else(|| bad(text, wanted))
}

/// What the plan needs to know of a request for a movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) method: &'static str,
    pub(super) api_code: Option<&'a str>,
}

/// The faults in force. Requests for tokens have a generator of their own: they come when a
/// client's clock wants them, and must not shift what the movements meet.
#[derive(Debug)]
pub(super) struct Plan {
    faults: Vec<FaultRate>,
    for_movements: fastrand::Rng,
    for_tokens: fastrand::Rng,
}

impl Plan {
    pub(super) fn new(faults: Vec<FaultRate>, seed: u64) -> Result<Self, FaultError> {
        let mut plan = Plan {
            faults: Vec::new(),
            for_movements: fastrand::Rng::with_seed(seed),
            for_tokens: fastrand::Rng::with_seed(!seed),
        };
        plan.replace(faults)?;
        Ok(plan)
    }

    pub(super) fn faults(&self) -> &[FaultRate] {
        &self.faults
    }

    /// Puts other faults into force; the generators go on.
    pub(super) fn replace(&mut self, faults: Vec<FaultRate>) -> Result<(), FaultError> {
        add_up(&faults)?;
        self.faults = faults;
        Ok(())
    }

    /// What a request for a movement is to meet: one draw. Whether it does depends on the
    /// request, so [`Plan::struck`] must say that it did.
    pub(super) fn draw(&mut self, request: Request<'_>) -> Option<FaultRate> {
        let drawn = self.for_movements.f64();
        pick(&self.faults, drawn, |rate| !rate.fault.is_of_tokens() && rate.concerns(request))
    }

    /// What a request for a token is to meet: one draw.
    pub(super) fn draw_for_token(&mut self) -> Option<FaultRate> {
        let drawn = self.for_tokens.f64();
        pick(&self.faults, drawn, |rate| rate.fault.is_of_tokens())
    }

    /// Counts a fault that was drawn just now, and that did strike.
    pub(super) fn struck(&mut self, met: &FaultRate) {
        let entry = self.faults.iter_mut().find(|rate| *rate == met);
        if let Some(times) = entry.and_then(|rate| rate.times.as_mut()) {
            *times = times.saturating_sub(1);
        }
    }
}

fn pick(
    faults: &[FaultRate],
    drawn: f64,
    concerned: impl Fn(&FaultRate) -> bool,
) -> Option<FaultRate> {
    let mut up_to = 0.0;
    for rate in faults.iter().filter(|rate| concerned(rate)) {
        up_to += rate.rate;
        if drawn < up_to {
            return (rate.times != Some(0)).then(|| rate.clone());
        }
    }
    None
}

/// Refuses rates whose sum no request could meet.
fn add_up(faults: &[FaultRate]) -> Result<(), FaultError> {
    if let Some(wrong) = faults.iter().find(|rate| !(0.0..=1.0).contains(&rate.rate)) {
        return Err(bad(&wrong.rate.to_string(), "a rate between 0 and 1"));
    }
    let codes = faults.iter().filter_map(|rate| rate.api_code.as_deref());
    for api_code in codes.map(Some).chain([None]) {
        for method in ["POST", "PUT"] {
            let request = Request { method, api_code };
            let met = faults.iter().filter(|r| !r.fault.is_of_tokens() && r.concerns(request));
            not_above_one(met)?;
        }
    }
    not_above_one(faults.iter().filter(|rate| rate.fault.is_of_tokens()))
}

fn not_above_one<'a>(faults: impl Iterator<Item = &'a FaultRate>) -> Result<(), FaultError> {
    let sum: f64 = faults.map(|rate| rate.rate).sum();
    if sum > 1.0 + 1e-9 {
        let percent = sum * 100.0;
        return Err(FaultError(format!("the rates of the faults add up to {percent:.0}%")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> FaultRate {
        text.parse().expect("a fault")
    }

    fn error(text: &str) -> String {
        text.parse::<FaultRate>().expect_err("no fault").to_string()
    }

    const POST: Request<'_> = Request { method: "POST", api_code: Some("a") };

    #[test]
    fn rates_are_read() {
        assert_eq!(rate("hang"), FaultRate::always(Fault::Hang));
        assert_eq!(rate("lose-response=0.2"), FaultRate::new(Fault::LoseResponse, 0.2));
        assert_eq!(rate("lose-response = 20 %"), rate("lose-response=0.2"));
        let all = "status-429=0.05,api-code=a,method=put,times=3,delay=1500ms,retry-after=2";
        assert_eq!(rate(all).to_string(), all);
        assert_eq!(rate("status-503,retry-after=never").retry_after, Some(RetryAfter::Never));
    }

    #[test]
    fn mistakes_are_explained() {
        assert!(error("hang=2").contains("'2' is not a rate between 0 and 1"));
        assert!(error("hang=NaN").contains("'NaN' is not a rate"));
        assert!(error("hang,often=yes").contains("no setting 'often'"));
        assert!(error("slow,delay=-1s").contains("'-1s' is not a length of time"));
        assert!(error("slow,delay").contains("'delay' is not name=value"));
        assert!(error("hang,method=get").contains("post or put"));
        let both = vec![rate("hang=60%"), rate("slow=50%")];
        let error = Plan::new(both, 1).expect_err("too much").to_string();
        assert_eq!(error, "the rates of the faults add up to 110%");
    }

    #[test]
    fn rates_add_up_and_a_seed_repeats_itself() {
        let faults = || vec![rate("lose-response=20%"), rate("hang=30%"), rate("token-503")];
        let draw = |seed| {
            let mut plan = Plan::new(faults(), seed).expect("valid");
            (0..10_000).map(|_| plan.draw(POST).map(|r| r.fault)).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
        let count = |fault| drawn.iter().filter(|d| **d == fault).count();
        assert!((1_900..2_100).contains(&count(Some(Fault::LoseResponse))));
        assert!((2_850..3_150).contains(&count(Some(Fault::Hang))));
        assert!((4_850..5_150).contains(&count(None)));
    }

    #[test]
    fn a_fault_keeps_to_its_limits() {
        let faults = vec![rate("unpaid,api-code=a,times=2"), rate("slow,api-code=b,method=put")];
        let mut plan = Plan::new(faults, 1).expect("valid");
        let mut met = |request| {
            let drawn = plan.draw(request);
            drawn.inspect(|rate| plan.struck(rate)).map(|rate| rate.fault)
        };
        assert_eq!(met(Request { method: "POST", api_code: Some("b") }), None);
        assert_eq!(met(Request { method: "PUT", api_code: Some("b") }), Some(Fault::Slow));
        assert_eq!(
            [met(POST), met(POST), met(POST)],
            [Some(Fault::Unpaid), Some(Fault::Unpaid), None]
        );
        assert!(plan.draw_for_token().is_none());
    }
}
