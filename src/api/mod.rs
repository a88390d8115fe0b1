//! The Receipt API and its token endpoint, over HTTP.
//!
//! [`Client::exchange`] makes one request and says what came back; [`interpret`] says what that
//! means. Nothing here tries a request twice: whether and when is the dispatcher's business.
//! Must not know: the ledger, files, pace.

mod client;
mod endpoints;
mod findings;
mod probe;
mod reply;
mod scrub;
mod token;

pub use client::{Client, ClientError, ClientOptions, FetchError};
pub use endpoints::{Endpoints, KNOWN, UrlError, is_loopback, known, secure_url, token_endpoint};
pub use probe::{Probe, ProbeError, probe};
pub use reply::{Body, Exchange, Failure, Reply, Request, Unsent, interpret};
pub use token::{Credentials, Presentation, TokenError, Tokens};
