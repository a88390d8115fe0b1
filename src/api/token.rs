//! Access tokens (OAuth 2.0 client credentials): one for everybody, renewed before it ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::client::{chain, read_body};
use super::findings::printable;
use super::reply::{Body, retry_after};
use super::scrub::Scrub;
use crate::clock::{Clock, Moment};

/// How long a token request may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// The first wait for a busy token endpoint; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What a token is taken to live when the answer does not say.
const USUAL_LIFE: Duration = Duration::from_secs(3_600);
const SHORTEST_LIFE: Duration = Duration::from_secs(1);
/// Longer lives, and longer waits asked for, are mistakes: sums of time would overflow with them.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// While the old token lives, a renewal that failed is tried again no sooner than this,
const NEXT_RENEWAL: Duration = Duration::from_secs(2);
/// and than this where it was not for the endpoint being busy: that changes seldom by itself.
const NEXT_AFTER_REFUSAL: Duration = Duration::from_secs(60);

/// How the credentials are presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presentation {
    /// Basic header and form fields together, as the Receipt of Waste guide does it.
    #[default]
    Both,
    /// `Authorization: Basic`.
    Basic,
    /// Form fields.
    Form,
}

/// Who we are to the token endpoint.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The client ID.
    pub client_id: String,
    /// The client secret.
    pub client_secret: SecretString,
    /// How both are presented.
    pub presentation: Presentation,
}

/// Why there is no token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// The credentials were refused.
    #[error(
        "the token endpoint refused the credentials ({code}). Check the client ID and the client \
         secret, and that both were issued for this environment; --credentials says how they are \
         presented"
    )]
    Refused {
        /// The endpoint's word, `invalid_client` for example.
        code: String,
    },
    /// The endpoint is not there, or busy for too long.
    #[error("no access token could be had: {0}. Nothing was sent; run retry when it is back")]
    Unavailable(String),
    /// The endpoint answered something else than a token.
    #[error(
        "the token endpoint answered with {0}; is the token URL right? It is the one that ends in \
         /oauth2/token"
    )]
    Unreadable(String),
}

/// A token and which one it is.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    pub(super) generation: u64,
    renew_at: Moment,
    ends_at: Moment,
}

/// The one token of a run, asked for when it is first needed.
#[derive(Debug)]
pub struct Tokens {
    http: reqwest::Client,
    url: Url,
    credentials: Credentials,
    clock: Clock,
    give_up_after: Duration,
    stop: CancellationToken,
    current: StdMutex<Option<Token>>,
    /// How often there was no token to be had.
    failures: AtomicU64,
    /// Held by whoever asks for a new one: one request at a time, however many wait.
    asking: Mutex<Asking>,
}

#[derive(Debug, Default)]
struct Asking {
    generation: u64,
    last_failure: Option<TokenError>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    token_type: Option<Value>,
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

enum Attempt {
    Token(SecretString, Duration),
    Busy(String, Option<Duration>),
}

impl Tokens {
    /// A source of tokens; nothing is asked for yet. Once `stop` is cancelled, nothing is waited
    /// for any more.
    pub fn new(
        http: reqwest::Client,
        url: Url,
        credentials: Credentials,
        (clock, give_up_after): (Clock, Duration),
        stop: CancellationToken,
    ) -> Self {
        Tokens {
            http,
            url,
            credentials,
            clock,
            give_up_after,
            stop,
            current: StdMutex::new(None),
            failures: AtomicU64::new(0),
            asking: Mutex::default(),
        }
    }

    /// The current token's text, for whoever wants to print it.
    pub async fn access_token(&self) -> Result<SecretString, TokenError> {
        Ok(self.current().await?.secret)
    }

    /// The current token, a new one when three quarters of its life are over.
    pub(super) async fn current(&self) -> Result<Token, TokenError> {
        if let Some(token) = self.kept(|token, now| now < token.renew_at) {
            return Ok(token);
        }
        let failures = self.failures.load(Ordering::SeqCst);
        let mut asking = match self.kept(|token, now| now < token.ends_at) {
            // Somebody is at it, and the old one will do meanwhile.
            Some(token) => match self.asking.try_lock() {
                Ok(asking) => asking,
                Err(_) => return Ok(token),
            },
            None => self.asking.lock().await,
        };
        if let Some(token) = self.kept(|token, now| now < token.renew_at) {
            return Ok(token);
        }
        // Whoever waited while somebody else asked in vain, waited for the same answer.
        if failures != self.failures.load(Ordering::SeqCst)
            && let Some(error) = &asking.last_failure
        {
            return Err(error.clone());
        }
        let answer = tokio::select! {
            biased;
            answer = self.ask(asking.generation + 1) => answer,
            () = self.stop.cancelled() => {
                Err((TokenError::Unavailable("it was stopped".to_owned()), NEXT_RENEWAL))
            }
        };
        match answer {
            Ok(token) => {
                asking.generation = token.generation;
                *self.lock() = Some(token.clone());
                Ok(token)
            }
            Err((error, pause)) => self.make_do(error, pause).inspect_err(|error| {
                asking.last_failure = Some(error.clone());
                self.failures.fetch_add(1, Ordering::SeqCst);
            }),
        }
    }

    /// Notes that the service refused a token. One that was replaced meanwhile changes nothing.
    pub fn refused(&self, generation: u64) {
        let mut current = self.lock();
        if current.as_ref().is_some_and(|token| token.generation == generation) {
            *current = None;
        }
    }

    /// A renewal that failed is no trouble while the old token lives; it is tried again later.
    fn make_do(&self, error: TokenError, pause: Duration) -> Result<Token, TokenError> {
        let now = self.clock.now();
        let mut current = self.lock();
        match current.as_mut() {
            Some(token) if now < token.ends_at => {
                tracing::warn!(%error, "the token was not renewed; the old one lives on");
                token.renew_at = token.ends_at.min(now + pause.max(NEXT_RENEWAL));
                Ok(token.clone())
            }
            _ => Err(error),
        }
    }

    /// A new token, or why there is none and how soon it makes sense to ask again.
    async fn ask(&self, generation: u64) -> Result<Token, (TokenError, Duration)> {
        let begun = self.clock.now();
        let mut wait = FIRST_WAIT;
        loop {
            let asked_at = self.clock.now();
            let attempt = self.ask_once().await.map_err(|error| (error, NEXT_AFTER_REFUSAL))?;
            let (why, asked) = match attempt {
                Attempt::Token(secret, life) => {
                    let life_seconds = life.as_secs();
                    tracing::debug!(generation, life_seconds, "new access token");
                    let (renew_at, ends_at) = (asked_at + life * 3 / 4, asked_at + life);
                    return Ok(Token { secret, generation, renew_at, ends_at });
                }
                Attempt::Busy(why, asked) => (why, asked),
            };
            let pause = asked.unwrap_or_else(|| jittered(wait));
            // With a token that still lives, one try is enough for now.
            let lives = self.kept(|token, now| now < token.ends_at).is_some();
            if lives || self.clock.now() + pause > begun + self.give_up_after {
                return Err((TokenError::Unavailable(why), pause));
            }
            tracing::warn!(%why, wait_ms = pause.as_millis(), "token endpoint is busy");
            self.clock.sleep_until(self.clock.now() + pause).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn ask_once(&self) -> Result<Attempt, TokenError> {
        let Credentials { client_id, client_secret, presentation } = &self.credentials;
        let mut form = vec![("grant_type", "client_credentials")];
        let mut request = self.http.post(self.url.clone()).timeout(TIMEOUT);
        if *presentation != Presentation::Form {
            request = request.basic_auth(client_id, Some(client_secret.expose_secret()));
        }
        if *presentation != Presentation::Basic {
            form.push(("client_id", client_id));
            form.push(("client_secret", client_secret.expose_secret()));
        }
        let response = match request.form(&form).send().await {
            Ok(response) => response,
            Err(error) => return Ok(Attempt::Busy(chain(&error), None)),
        };
        let status = response.status();
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let asked = asked.and_then(|text| retry_after(text, self.clock.wall()));
        let Body::Whole(body) = read_body(response, Instant::now() + TIMEOUT).await else {
            return Ok(Attempt::Busy("the token endpoint's answer was cut off".to_owned(), asked));
        };
        let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
        if busy || status.is_server_error() {
            return Ok(Attempt::Busy(format!("the token endpoint answers {status}"), asked));
        }
        if status.is_success() {
            let (secret, life) = token(&body)
                .map_err(|what| TokenError::Unreadable(format!("status {status} but {what}")))?;
            return Ok(Attempt::Token(secret, life));
        }
        let code = match serde_json::from_slice::<Refusal>(&body) {
            Ok(refusal) if matches!(status.as_u16(), 400 | 401 | 403) => refusal.error,
            _ if status == StatusCode::UNAUTHORIZED => format!("status {status}"),
            _ => return Err(TokenError::Unreadable(format!("status {status}"))),
        };
        let code = Scrub::of(&self.credentials).clean(code.into_bytes());
        let code = String::from_utf8_lossy(&code);
        Err(TokenError::Refused { code: printable(&code, 80) })
    }

    fn kept(&self, good: impl Fn(&Token, Moment) -> bool) -> Option<Token> {
        let now = self.clock.now();
        self.lock().as_ref().filter(|token| good(token, now)).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Token>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Between half a wait and the whole of it, so that many programs do not come back at once.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// The token of an answer and how long it lives, or what it is instead.
fn token(body: &[u8]) -> Result<(SecretString, Duration), String> {
    let no_token = || "no token".to_owned();
    let answer: Answer = serde_json::from_slice(body).map_err(|_| no_token())?;
    let secret = answer.access_token.expose_secret();
    if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(no_token());
    }
    match answer.token_type {
        Some(Value::String(kind)) if !kind.eq_ignore_ascii_case("bearer") => {
            return Err(format!("a token of the type \"{}\"", printable(&kind, 20)));
        }
        _ => {}
    }
    // A number, or one in quotes.
    let seconds = match answer.expires_in {
        Some(Value::String(text)) => text.trim().parse().ok(),
        other => other.as_ref().and_then(Value::as_f64),
    };
    let life = seconds.map_or(USUAL_LIFE, |seconds: f64| {
        Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST)
    });
    Ok((answer.access_token, life.clamp(SHORTEST_LIFE, LONGEST)))
}
