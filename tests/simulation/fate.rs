//! What the model of the service does with a request, drawn from the seed.

use std::time::Duration;

use fastrand::Rng;
use waste_receipts::api::{Body, Failure, Reply};

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Stored {
        warned: bool,
    },
    /// Stored, and the answer tells no ID.
    StoredSilently {
        cut: bool,
    },
    Refused {
        cut: bool,
    },
    ApiCodeUnknown,
    Unauthorised,
    Unpaid,
    SetUp,
    Throttled {
        status: u16,
        retry_after: Option<u64>,
    },
    Busy {
        retry_after: Option<u64>,
    },
    LateBusy {
        stored: bool,
    },
    Error {
        status: u16,
        stored: bool,
    },
    Timeout {
        stored: bool,
    },
    Lost {
        stored: bool,
    },
    NoConnection,
}

const ALL: usize = 14;

impl Fate {
    fn of_kind(kind: usize, rng: &mut Rng) -> Self {
        let retry_after = rng.bool().then(|| rng.u64(1..120));
        let stored = rng.bool();
        match kind {
            0 => Fate::Stored { warned: stored },
            1 => Fate::StoredSilently { cut: stored },
            2 => Fate::Refused { cut: rng.u8(..4) == 0 },
            3 => Fate::ApiCodeUnknown,
            4 => Fate::Unauthorised,
            5 => Fate::Unpaid,
            6 => Fate::SetUp,
            7 => Fate::Throttled { status: if stored { 429 } else { 408 }, retry_after },
            8 => Fate::Busy { retry_after },
            9 => Fate::LateBusy { stored },
            10 => Fate::Error { status: [500, 502, 504, 409][rng.usize(..4)], stored },
            11 => Fate::Timeout { stored },
            12 => Fate::Lost { stored },
            _ => Fate::NoConnection,
        }
    }

    /// Whether the service stores what was sent.
    pub(crate) fn stores(self) -> bool {
        match self {
            Fate::Stored { .. } | Fate::StoredSilently { .. } => true,
            Fate::LateBusy { stored }
            | Fate::Error { stored, .. }
            | Fate::Timeout { stored }
            | Fate::Lost { stored } => stored,
            _ => false,
        }
    }

    /// Whether the answer tells that nothing was stored.
    pub(crate) fn clears(self) -> bool {
        use Fate::{
            ApiCodeUnknown, Busy, NoConnection, Refused, SetUp, Throttled, Unauthorised, Unpaid,
        };
        matches!(
            self,
            Refused { .. }
                | ApiCodeUnknown
                | Unauthorised
                | Unpaid
                | SetUp
                | Throttled { .. }
                | Busy { .. }
                | NoConnection
        )
    }

    /// Whether what was sent may be applied after the answer.
    pub(crate) fn may_come_late(self) -> bool {
        matches!(self, Fate::Timeout { stored: true } | Fate::Lost { stored: true })
    }

    pub(crate) fn retry_after(self) -> Option<Duration> {
        match self {
            Fate::Throttled { retry_after, .. } | Fate::Busy { retry_after } => {
                retry_after.map(Duration::from_secs)
            }
            _ => None,
        }
    }

    /// How long the answer takes.
    pub(crate) fn latency(self, rng: &mut Rng) -> Duration {
        match self {
            Fate::Timeout { .. } => Duration::from_secs(90),
            Fate::LateBusy { .. } => Duration::from_millis(rng.u64(5_000..69_000)),
            _ if rng.u8(..20) == 0 => Duration::from_millis(rng.u64(500..4_900)),
            _ => Duration::from_millis(rng.u64(2..300)),
        }
    }

    /// The answer, or what comes in its place.
    pub(crate) fn result(self, id: &str) -> Result<Reply, Failure> {
        let whole = |status, body: &str| Reply {
            status,
            body: Body::Whole(body.as_bytes().to_vec()),
            ..Reply::default()
        };
        let accepted = format!("{{\"wasteTrackingId\":\"{id}\"}}");
        let warned = format!(
            "{{\"wasteTrackingId\":\"{id}\",\"validation\":{{\"warnings\":[{{\"key\":\"a\",\
             \"errorType\":\"NotProvided\",\"message\":\"m\"}}]}}}}"
        );
        let refusal = |key: &str| {
            format!(
                "{{\"validation\":{{\"errors\":[{{\"key\":\"{key}\",\
                 \"errorType\":\"InvalidValue\",\"message\":\"m\"}}]}}}}"
            )
        };
        Ok(match self {
            Fate::Stored { warned: true } => whole(201, &warned),
            Fate::Stored { warned: false } => whole(201, &accepted),
            Fate::StoredSilently { cut: false } => whole(201, "{}"),
            Fate::StoredSilently { cut: true } => {
                Reply { body: Body::CutOff(b"{\"wasteTr".to_vec()), ..whole(201, "") }
            }
            Fate::Refused { cut: false } => whole(400, &refusal("carrier")),
            Fate::Refused { cut: true } => {
                Reply { body: Body::CutOff(b"{\"vali".to_vec()), ..whole(400, "") }
            }
            Fate::ApiCodeUnknown => whole(400, &refusal("apiCode")),
            Fate::Unauthorised => whole(401, ""),
            Fate::Unpaid => whole(402, ""),
            Fate::SetUp => whole(403, "forbidden"),
            Fate::Throttled { status, retry_after } => {
                Reply { retry_after: retry_after.map(|s| s.to_string()), ..whole(status, "") }
            }
            Fate::Busy { retry_after } => {
                Reply { retry_after: retry_after.map(|s| s.to_string()), ..whole(503, "") }
            }
            Fate::LateBusy { .. } => whole(503, ""),
            Fate::Error { status, .. } => whole(status, "oops"),
            Fate::Timeout { .. } => return Err(Failure::Timeout),
            Fate::Lost { .. } => return Err(Failure::ConnectionLost("reset".to_owned())),
            Fate::NoConnection => return Err(Failure::NoConnection("refused".to_owned())),
        })
    }
}

/// What the service is like in a seed's world.
#[derive(Debug, Clone)]
pub(crate) struct Weather {
    /// Of a thousand requests, so many do not go well.
    pub(crate) trouble: u32,
    /// How often each kind of trouble is drawn.
    kinds: [u32; ALL],
    /// Until then every request has this fate.
    outage: Option<(Duration, usize)>,
}

impl Weather {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut kinds = [0; ALL];
        for kind in &mut kinds {
            *kind = if rng.u8(..3) == 0 { rng.u32(1..10) } else { 0 };
        }
        // The set-up is seldom wrong: it ends the run at once.
        kinds[6] = kinds[6].min(1);
        let trouble = [0, 20, 100, 300, 600][rng.usize(..5)];
        Weather { trouble, kinds, outage: None }
    }

    pub(crate) fn calm() -> Self {
        Weather { trouble: 0, kinds: [0; ALL], outage: None }
    }

    pub(crate) fn fate(&mut self, rng: &mut Rng, now: Duration) -> Fate {
        if let Some((until, kind)) = self.outage {
            if now < until {
                return Fate::of_kind(kind, rng);
            }
            self.outage = None;
        }
        let all: u32 = self.kinds.iter().sum();
        if all == 0 || rng.u32(..1_000) >= self.trouble {
            return Fate::Stored { warned: rng.u8(..8) == 0 };
        }
        let mut left = rng.u32(..all);
        let mut drawn = 0;
        for (kind, weight) in self.kinds.iter().enumerate() {
            if left < *weight {
                drawn = kind;
                break;
            }
            left -= weight;
        }
        if drawn >= 7 && rng.u8(..12) == 0 {
            self.outage = Some((now + Duration::from_secs(rng.u64(5..900)), drawn));
        }
        Fate::of_kind(drawn, rng)
    }
}
