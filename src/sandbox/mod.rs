//! A Receipt API on this machine, with its token endpoint, and with faults on demand.
//!
//! Two uses: a person starts it and tries a client of any kind against it, and our tests take it
//! as their oracle, since it knows exactly what it stored. It judges with the same [`checks`] as
//! the program, and answers as the service was seen to answer, save that it does not unpack
//! compressed bodies, compress answers, or read claims out of tokens.
//!
//! | path | |
//! |---|---|
//! | `POST /oauth2/token` | a token for the sandbox's own client |
//! | `POST /movements/receive`, `PUT /movements/{id}/receive` | as the service |
//! | `GET /reference-data/...`, `/auth/test`, `/` | as the service |
//! | `POST /production-approval-tests` | judges movements for production approval, as the service |
//! | `GET /sandbox/movements` | everything stored and asked, without a token |
//! | `POST /sandbox/faults` | other faults, latency, rate limit or apiCodes from now on |
//!
//! Must not know: files, the ledger, the client that it will be used with.
//!
//! [`checks`]: crate::checks

mod answer;
mod approval;
mod body;
mod connection;
mod control;
mod fault;
mod limiter;
mod movements;
mod organisations;
mod plan;
mod routes;
mod store;
mod tokens;

pub use fault::{Fault, FaultError};
pub use organisations::{API_CODES, SWITCHED_OFF_API_CODE};
pub use plan::{FaultRate, RetryAfter};
pub use store::{Outcome, Reference, Snapshot, StoredMovement};

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderValue;
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use limiter::Limiter;
use organisations::Organisations;
use plan::Plan;
use store::Store;
use tokens::{CLIENT_ID, Tokens};

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Lets it listen on other than loopback addresses, where others can reach it.
    pub allow_remote: bool,
    /// How long it takes to answer about a movement, after having stored it.
    pub latency: Duration,
    /// POSTs and PUTs of movements a second, above which it answers 429.
    pub rate_limit: Option<u32>,
    /// How long a token lives.
    pub token_ttl: Duration,
    /// What the faults are drawn from: the same seed meets the same requests with the same.
    pub seed: u64,
    /// The faults in force from the start.
    pub faults: Vec<FaultRate>,
    /// apiCodes that it knows beside [`API_CODES`], each an organisation of its own.
    pub api_codes: Vec<String>,
    /// The day on which the service charge runs out, as the answers say it; in a year if none.
    pub service_charge_expires: Option<Date>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_remote: false,
            latency: Duration::ZERO,
            rate_limit: None,
            token_ttl: Duration::from_hours(1),
            seed: 0,
            faults: Vec::new(),
            api_codes: Vec::new(),
            service_charge_expires: None,
        }
    }
}

/// A running sandbox. It stops when it is dropped; [`Sandbox::stop`] waits for that.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What the handlers share.
#[derive(Debug)]
struct Shared(Mutex<World>);

/// Everything that changes.
#[derive(Debug)]
struct World {
    plan: Plan,
    limiter: Limiter,
    latency: Duration,
    tokens: Tokens,
    organisations: Organisations,
    store: Store,
    service_charge: HeaderValue,
    /// Whether the last 429 said when to come again.
    says_when: bool,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        // A panic under the lock is a bug that its own request shows; the others go on.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime.
    pub async fn start(options: Options) -> io::Result<Sandbox> {
        if !options.listen.ip().is_loopback() && !options.allow_remote {
            let problem = format!(
                "{} is not a loopback address: everybody on the network could reach the sandbox",
                options.listen
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let expires = match options.service_charge_expires {
            Some(day) => day,
            None => Zoned::now().date().saturating_add(1.year()),
        };
        let world = World {
            plan: Plan::new(options.faults, options.seed).map_err(invalid)?,
            limiter: Limiter::new(options.rate_limit),
            latency: options.latency,
            tokens: Tokens::new(options.token_ttl).map_err(io::Error::other)?,
            organisations: Organisations::new(options.api_codes),
            store: Store::new(getrandom::u64().map_err(io::Error::other)?),
            service_charge: HeaderValue::try_from(expires.to_string()).map_err(io::Error::other)?,
            says_when: false,
        };
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared(Mutex::new(world)));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let router = routes::router(shared.clone());
        tasks.spawn(connection::accept(listener, router, stop.clone(), tasks.clone()));
        Ok(Sandbox { address, shared, stop, tasks })
    }

    /// Where the API is, such as `http://127.0.0.1:49152`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where tokens are given out.
    pub fn token_url(&self) -> String {
        format!("http://{}/oauth2/token", self.address)
    }

    /// The client ID that the token endpoint takes.
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// The client secret that the token endpoint takes; another one in every sandbox.
    pub fn client_secret(&self) -> SecretString {
        self.shared.world().tokens.secret().clone()
    }

    /// The apiCodes that the sandbox knows.
    pub fn api_codes(&self) -> Vec<String> {
        self.shared.world().organisations.codes()
    }

    /// Puts other faults into force.
    pub fn set_faults(&self, faults: Vec<FaultRate>) -> Result<(), FaultError> {
        self.shared.world().plan.replace(faults)
    }

    /// What was stored and asked so far.
    pub fn stored(&self) -> Snapshot {
        self.shared.world().store.snapshot()
    }

    /// Comes back once so many requests have been made to the API.
    pub async fn until_requests(&self, count: u64) {
        let mut counter = self.shared.world().store.counter();
        // The store outlives this borrow of the sandbox.
        let _ = counter.wait_for(|requests| *requests >= count).await;
    }

    /// Stops, cutting the connections that are open.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
