//! `POST /sandbox/faults` and `GET /sandbox/movements`: the sandbox's own paths, without a token.
//!
//! Must not know: how faults work.

use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use super::World;
use super::answer::Answer;
use super::fault::FaultError;
use super::plan::{FaultRate, duration};
use super::store::{Reference, Snapshot};

/// What `POST /sandbox/faults` takes. What is left out stays as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    faults: Option<Vec<String>>,
    latency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    rate_limit: Limit,
    api_codes: Option<Vec<String>>,
}

/// A rate limit: `null` means none, which is not the same as saying nothing of it.
#[derive(Default)]
enum Limit {
    #[default]
    AsItIs,
    Given(Option<u32>),
}

fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Limit, D::Error> {
    Option::deserialize(from).map(Limit::Given)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InForce {
    faults: Vec<String>,
    latency: String,
    rate_limit: Option<u32>,
    api_codes: Vec<String>,
}

impl World {
    /// Changes what the body says, all of it or nothing.
    pub(super) fn change(&mut self, body: &str) -> Answer {
        match self.try_change(body) {
            Ok(()) => self.in_force(),
            Err(error) => Answer::failure(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    fn try_change(&mut self, body: &str) -> Result<(), FaultError> {
        let wanted: Wanted =
            serde_json::from_str(body).map_err(|error| FaultError(error.to_string()))?;
        let latency = wanted.latency.as_deref().map(duration).transpose()?;
        if let Some(faults) = wanted.faults {
            let read = |text: &String| text.parse::<FaultRate>();
            self.plan.replace(faults.iter().map(read).collect::<Result<_, _>>()?)?;
        }
        self.latency = latency.unwrap_or(self.latency);
        if let Limit::Given(limit) = wanted.rate_limit {
            self.limiter.set(limit);
        }
        if let Some(codes) = wanted.api_codes {
            self.organisations.replace_further(codes);
        }
        Ok(())
    }

    /// The faults and settings in force.
    pub(super) fn in_force(&self) -> Answer {
        let in_force = InForce {
            faults: self.plan.faults().iter().map(ToString::to_string).collect(),
            latency: shown(self.latency),
            rate_limit: self.limiter.limit(),
            api_codes: self.organisations.codes(),
        };
        Answer::json(StatusCode::OK, &in_force)
    }
}

fn shown(latency: Duration) -> String {
    format!("{}ms", latency.as_millis())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    references: &'a [Reference],
    requests: u64,
    token_requests: u64,
    worst_second: usize,
}

/// All that is known, as JSON. The bodies stand in it as they were sent, letter by letter: a
/// value that went through a parser would not show what a client really wrote.
pub(super) fn written(snapshot: &Snapshot) -> Vec<u8> {
    let bodies: usize = snapshot.movements.iter().map(|movement| movement.body.len() + 256).sum();
    let mut out = Vec::with_capacity(bodies + 1_024);
    out.extend_from_slice(b"{\"movements\":[");
    for (index, movement) in snapshot.movements.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        append(&mut out, movement);
        out.pop();
        out.extend_from_slice(b",\"body\":");
        out.extend_from_slice(movement.body.as_bytes());
        out.push(b'}');
    }
    out.extend_from_slice(b"],");
    let rest = Rest {
        references: &snapshot.references,
        requests: snapshot.requests,
        token_requests: snapshot.token_requests,
        worst_second: snapshot.worst_second,
    };
    let start = out.len();
    append(&mut out, &rest);
    out.remove(start);
    out
}

fn append(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("these shapes have text keys only");
}
