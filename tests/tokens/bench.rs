//! A client on a clock that the test turns, and a scripted token endpoint.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;
use waste_receipts::api::{Client, ClientOptions, Credentials, Presentation, Request, TokenError};
use waste_receipts::clock::Clock;
use waste_receipts::submission::Method;

use super::support::wire::{Act, Wire, answer};

pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(60);
pub(crate) const ID: &str = "the-client-id";
pub(crate) const SECRET: &str = "a+b/c= d&e%f in all";

pub(crate) struct Bench {
    pub(crate) wire: Wire,
    pub(crate) clock: Clock,
    pub(crate) client: Arc<Client>,
    pub(crate) stop: CancellationToken,
}

/// An answer without a token.
pub(crate) fn busy(status: &str, headers: &str) -> Act {
    Act::Say(answer(status, headers, ""))
}

pub(crate) fn refused() -> Act {
    Act::Say(answer("400 Bad Request", "", r#"{"error":"invalid_client"}"#))
}

impl Bench {
    pub(crate) async fn new(script: impl IntoIterator<Item = Act>) -> Bench {
        Bench::presenting(Presentation::Both, script).await
    }

    pub(crate) async fn presenting(
        presentation: Presentation,
        script: impl IntoIterator<Item = Act>,
    ) -> Bench {
        let stored = answer("201 Created", "", r#"{"wasteTrackingId":"26BHUT6U"}"#);
        let wire = Wire::start(script, [Act::Say(stored)]).await;
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let stop = CancellationToken::new();
        let options = ClientOptions {
            api_url: Some(wire.url().parse().expect("a URL")),
            token_url: format!("{}/oauth2/token", wire.url()).parse().expect("a URL"),
            credentials: Credentials {
                client_id: ID.to_owned(),
                client_secret: SECRET.to_owned().into(),
                presentation,
            },
            timeout: Duration::from_secs(60),
            give_up_after: GIVE_UP_AFTER,
            stop: stop.clone(),
            ca_file: None,
        };
        let client = Arc::new(Client::new(options, clock.clone()).expect("a client"));
        Bench { wire, clock, client, stop }
    }

    /// The token that is had now, without any waiting.
    pub(crate) async fn now(&self) -> Result<String, TokenError> {
        token(self.client.tokens().access_token().await)
    }

    /// The token that is had in the end: the clock goes on wherever somebody waits for it.
    pub(crate) async fn in_the_end(&self) -> Result<String, TokenError> {
        let client = Arc::clone(&self.client);
        token(self.turning(async move { client.tokens().access_token().await }).await)
    }

    /// Turns the clock until something is done.
    pub(crate) async fn turning<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let task = tokio::spawn(what);
        while !task.is_finished() {
            self.clock.turn();
            tokio::task::yield_now().await;
        }
        task.await.expect("no panic")
    }

    /// Turns the clock to a moment.
    pub(crate) async fn at(&self, seconds: f64) {
        let (clock, moment) = (self.clock.clone(), Duration::from_secs_f64(seconds));
        self.turning(async move { clock.sleep_until(moment).await }).await;
    }

    /// Sends a movement, and says which token that was.
    pub(crate) async fn generation(&self) -> u64 {
        let request =
            Request { method: Method::Post, waste_tracking_id: None, body: b"{}"[..].into() };
        self.client.exchange(request).await.expect("a token").token_generation
    }

    /// How many tokens were asked for.
    pub(crate) fn asked(&self) -> usize {
        self.wire.count("/oauth2/token")
    }
}

pub(crate) fn token(token: Result<SecretString, TokenError>) -> Result<String, TokenError> {
    token.map(|token| token.expose_secret().to_owned())
}
