//! Access tokens (OAuth 2.0 client credentials): one for everybody, renewed before it ends.

use std::sync::Mutex as StdMutex;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::Body;
use crate::clock::{Clock, Moment};

/// How long a token request may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// The first wait for a busy token endpoint; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What a token is taken to live when the answer does not say.
const USUAL_LIFE: Duration = Duration::from_secs(3_600);

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
    current: StdMutex<Option<Token>>,
    /// Held by whoever asks for a new one: one request at a time, however many wait.
    asking: Mutex<u64>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    expires_in: Option<u64>,
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
    /// A source of tokens; nothing is asked for yet.
    pub fn new(
        http: reqwest::Client,
        url: Url,
        credentials: Credentials,
        clock: Clock,
        give_up_after: Duration,
    ) -> Self {
        Tokens {
            http,
            url,
            credentials,
            clock,
            give_up_after,
            current: StdMutex::new(None),
            asking: Mutex::new(0),
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
        let mut generation = match self.kept(|token, now| now < token.ends_at) {
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
        let asked_at = self.clock.now();
        let (secret, life) = match self.ask(asked_at).await {
            Ok(answer) => answer,
            Err(error) => return self.make_do(error),
        };
        *generation += 1;
        let token = Token {
            secret,
            generation: *generation,
            renew_at: asked_at + life * 3 / 4,
            ends_at: asked_at + life,
        };
        tracing::debug!(
            generation = token.generation,
            life_seconds = life.as_secs(),
            "new access token"
        );
        *self.lock() = Some(token.clone());
        Ok(token)
    }

    /// Notes that the service refused a token. One that was replaced meanwhile changes nothing.
    pub fn refused(&self, generation: u64) {
        let mut current = self.lock();
        if current.as_ref().is_some_and(|token| token.generation == generation) {
            *current = None;
        }
    }

    /// A renewal that failed is no trouble while the old token lives; it is tried again later.
    fn make_do(&self, error: TokenError) -> Result<Token, TokenError> {
        let now = self.clock.now();
        let mut current = self.lock();
        match current.as_mut() {
            Some(token) if now < token.ends_at => {
                token.renew_at = token.ends_at.min(now + FIRST_WAIT * 4);
                Ok(token.clone())
            }
            _ => Err(error),
        }
    }

    async fn ask(&self, since: Moment) -> Result<(SecretString, Duration), TokenError> {
        let mut wait = FIRST_WAIT;
        // With a token that still lives, one try is enough for now.
        let patience = match self.kept(|token, now| now < token.ends_at) {
            Some(_) => Duration::ZERO,
            None => self.give_up_after,
        };
        loop {
            let (why, asked) = match self.ask_once().await? {
                Attempt::Token(secret, life) => return Ok((secret, life)),
                Attempt::Busy(why, asked) => (why, asked),
            };
            let pause = asked.unwrap_or_else(|| jittered(wait));
            if self.clock.now() + pause > since + patience {
                return Err(TokenError::Unavailable(why));
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
            Err(error) => return Ok(Attempt::Busy(super::client::chain(&error), None)),
        };
        let status = response.status();
        let asked = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let Body::Whole(body) = super::client::read_body(response).await else {
            return Ok(Attempt::Busy("the token endpoint's answer was cut off".to_owned(), asked));
        };
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Ok(Attempt::Busy(format!("the token endpoint answers {status}"), asked));
        }
        if status.is_success() {
            let answer: Answer = serde_json::from_slice(&body)
                .map_err(|_| TokenError::Unreadable(format!("status {status} but no token")))?;
            let life = answer.expires_in.map_or(USUAL_LIFE, Duration::from_secs);
            return Ok(Attempt::Token(answer.access_token, life.max(Duration::from_secs(1))));
        }
        match serde_json::from_slice::<Refusal>(&body) {
            Ok(refusal) => {
                let code = refusal.error.chars().filter(|c| !c.is_control()).take(80).collect();
                Err(TokenError::Refused { code })
            }
            Err(_) if matches!(status.as_u16(), 400 | 401 | 403) => {
                Err(TokenError::Refused { code: format!("status {status}") })
            }
            Err(_) => Err(TokenError::Unreadable(format!("status {status}"))),
        }
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
