//! The HTTP client: one request at a time, each told as it was.

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, RequestBuilder, redirect, retry};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::scrub::Scrub;
use super::{
    Body, Credentials, Exchange, Failure, Reply, Request, TokenError, Tokens, Unsent, is_loopback,
    token,
};
use crate::clock::Clock;
use crate::submission::Method;

/// An answer longer than this is none of the service's; the rest is not read.
const LONGEST_BODY: usize = 1 << 20;
/// The server drops idle connections after 5 s; one that is reused in that moment breaks, and
/// makes an uncertain outcome out of nothing.
const IDLE: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How to reach the services.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The API's base URL; none where only tokens are wanted.
    pub api_url: Option<Url>,
    /// The token endpoint.
    pub token_url: Url,
    /// Who we are.
    pub credentials: Credentials,
    /// How long a request may take.
    pub timeout: Duration,
    /// How long a busy token endpoint is waited for.
    pub give_up_after: Duration,
    /// When it is cancelled, no token is waited for any more.
    pub stop: CancellationToken,
    /// Certificates (PEM) to trust besides the system's.
    pub ca_file: Option<std::path::PathBuf>,
}

/// The Receipt API.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    receive: Option<Url>,
    movements: Option<Url>,
    api: Option<Url>,
    tokens: Tokens,
    scrub: Scrub,
    timeout: Duration,
    clock: Clock,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The certificates cannot be read.
    #[error("the certificates in {path} cannot be used: {reason}")]
    Certificates {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        reason: String,
    },
    /// The TLS library could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    SetUp(String),
}

/// Why a list of codes could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no token for it.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The service answered something else than a list.
    #[error("{list}: the service answered {status}")]
    Answered {
        /// The list's name.
        list: String,
        /// The HTTP status.
        status: u16,
    },
    /// No whole answer came.
    #[error("{list}: {reason}")]
    Broken {
        /// The list's name.
        list: String,
        /// What broke.
        reason: String,
    },
}

impl Client {
    /// A client; nothing is sent yet.
    pub fn new(options: ClientOptions, clock: Clock) -> Result<Self, ClientError> {
        let ca_file = options.ca_file.as_deref();
        let api_http = http(options.api_url.as_ref(), ca_file, options.timeout)?;
        let token_http = http(Some(&options.token_url), ca_file, token::TIMEOUT)?;
        let scrub = Scrub::of(&options.credentials);
        let tokens = Tokens::new(
            token_http,
            options.token_url,
            options.credentials,
            (clock.clone(), options.give_up_after),
            options.stop,
        );
        let path = |steps: &[&str]| options.api_url.as_ref().map(|base| join(base, steps));
        Ok(Client {
            http: api_http,
            receive: path(&["movements", "receive"]),
            movements: path(&["movements"]),
            api: options.api_url,
            tokens,
            scrub,
            timeout: options.timeout,
            clock,
        })
    }

    /// Where its tokens come from.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Has a token at hand, so that the next request need not wait for one.
    pub async fn ready(&self) -> Result<(), Unsent> {
        self.tokens.current().await?;
        Ok(())
    }

    /// Makes one request. Once this has begun to send, it always says what came of it.
    pub async fn exchange(&self, request: Request) -> Result<Exchange, Unsent> {
        let url = self.url(&request);
        let builder = match request.method {
            Method::Post => self.http.post(url),
            Method::Put => self.http.put(url),
        };
        self.send(builder, request.body).await
    }

    /// Has movements judged by the endpoint for production approval: a JSON list of scenarios and
    /// waste tracking IDs. It stores nothing, so that it may be asked again.
    pub async fn production_approval_tests(&self, list: Vec<u8>) -> Result<Exchange, Unsent> {
        self.send(self.http.post(self.path(&["production-approval-tests"])), list.into()).await
    }

    async fn send(&self, builder: RequestBuilder, body: Bytes) -> Result<Exchange, Unsent> {
        let token = self.tokens.current().await?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.secret.expose_secret()))
            .unwrap_or(HeaderValue::from_static("Bearer"));
        bearer.set_sensitive(true);
        let begun = self.clock.now();
        let sent = builder
            .header(AUTHORIZATION, bearer)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send();
        // Not the library's own time-out, which is looked at before the connection's: when both
        // have passed at once, after a machine slept, a connect that failed must win.
        let deadline = Instant::now() + self.timeout;
        let result = match timeout_at(deadline, sent).await {
            Ok(Ok(response)) => Ok(read(response, deadline, &self.scrub.and(&token.secret)).await),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Failure::Timeout),
        };
        let elapsed = self.clock.now().saturating_sub(begun);
        Ok(Exchange { result, elapsed, token_generation: token.generation })
    }

    /// Fetches one of the lists of codes, as the service wrote it.
    pub async fn reference_data(&self, list: &str) -> Result<Vec<u8>, FetchError> {
        let token = self.tokens.access_token().await?;
        let broken = |reason: String| FetchError::Broken { list: list.to_owned(), reason };
        let base = self.api.as_ref().ok_or_else(|| broken("there is no API".into()))?;
        let response = self
            .http
            .get(join(base, &["reference-data", list]))
            .bearer_auth(token.expose_secret())
            .timeout(self.timeout)
            .send()
            .await
            .map_err(|error| broken(chain(&error)))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchError::Answered { list: list.to_owned(), status });
        }
        match read_body(response, Instant::now() + self.timeout).await {
            Body::Whole(bytes) => Ok(bytes),
            Body::CutOff(_) => Err(broken("the answer broke off".to_owned())),
        }
    }

    fn url(&self, request: &Request) -> Url {
        let base = match &request.waste_tracking_id {
            Some(id) => self.movements.as_ref().map(|base| join(base, &[id, "receive"])),
            None => self.receive.clone(),
        };
        base.unwrap_or_else(nowhere)
    }

    /// A path of the API's.
    fn path(&self, steps: &[&str]) -> Url {
        self.api.as_ref().map_or_else(nowhere, |base| join(base, steps))
    }
}

/// Only `token` makes a client without an API, and it sends nothing.
fn nowhere() -> Url {
    Url::parse("http://127.0.0.1:0/").expect("a constant URL")
}

/// A base URL and further steps of its path, each escaped.
fn join(base: &Url, steps: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(steps);
    }
    url
}

pub(super) fn http(
    url: Option<&Url>,
    ca_file: Option<&Path>,
    timeout: Duration,
) -> Result<reqwest::Client, ClientError> {
    // One cryptography for the whole program; a second client finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .pool_idle_timeout(IDLE)
        // Were the whole request's time to run out first, nothing would tell that no byte left.
        .connect_timeout(CONNECT_TIMEOUT.min(timeout / 2))
        .tcp_nodelay(true)
        .referer(false)
        .user_agent(concat!("waste-receipts/", env!("CARGO_PKG_VERSION")));
    if url.is_some_and(is_loopback) {
        builder = builder.no_proxy();
    }
    if url.is_some_and(|url| url.scheme() == "http") {
        // Nothing is encrypted there: the system's certificates, which take a while to read, are not
        // asked for.
        builder = builder.tls_certs_only([]);
    }
    if let Some(path) = ca_file {
        let unusable = |reason: String| ClientError::Certificates { path: path.to_owned(), reason };
        let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let certificates = Certificate::from_pem_bundle(&pem)
            .map_err(|_| unusable("they are not in PEM form".to_owned()))?;
        if certificates.is_empty() {
            return Err(unusable("there is none in it".to_owned()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| ClientError::SetUp(chain(&error)))
}

async fn read(response: reqwest::Response, deadline: Instant, scrub: &Scrub) -> Reply {
    let status = response.status().as_u16();
    let text = |headers: &HeaderMap, name: &str| {
        let said = headers.get(name)?.to_str().ok()?.as_bytes().to_vec();
        String::from_utf8(scrub.clean(said)).ok()
    };
    let headers = response.headers();
    let reply = Reply {
        status,
        retry_after: text(headers, RETRY_AFTER.as_str()),
        request_id: text(headers, "x-request-id"),
        service_charge_expiry: text(headers, "x-dwt-service-charge-expiry-date")
            .or_else(|| text(headers, "service-charge-expiry-date")),
        body: Body::default(),
    };
    let body = match read_body(response, deadline).await {
        Body::Whole(bytes) => Body::Whole(scrub.clean(bytes)),
        Body::CutOff(bytes) => Body::CutOff(scrub.clean(bytes)),
    };
    Reply { body, ..reply }
}

/// A body to its end, or as much of it as anybody would read.
pub(super) async fn read_body(mut response: reqwest::Response, deadline: Instant) -> Body {
    let mut bytes = Vec::new();
    loop {
        let Ok(chunk) = timeout_at(deadline, response.chunk()).await else {
            return Body::CutOff(bytes);
        };
        match chunk {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= LONGEST_BODY => {
                bytes.extend_from_slice(&chunk);
            }
            Ok(Some(_) | None) => return Body::Whole(bytes),
            Err(_) => return Body::CutOff(bytes),
        }
    }
}

/// Where a request broke. A connect time-out is both a connect error and a time-out: what counts
/// is that no byte left.
fn failure(error: &reqwest::Error) -> Failure {
    if error.is_connect() || error.is_builder() {
        Failure::NoConnection(chain(error))
    } else if error.is_timeout() {
        Failure::Timeout
    } else {
        Failure::ConnectionLost(chain(error))
    }
}

/// An error with its causes, without the URL (which people know, and which may be long).
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut parts = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        source = cause.source();
    }
    if parts.is_empty() { "the request failed".to_owned() } else { parts.join(": ") }
}
