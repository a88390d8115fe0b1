//! `token`: prints an access token.

use std::pin::pin;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use crate::api::{Client, ClientOptions, TokenError};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::settings::{Settings, Target};
use crate::clock::Clock;

/// A token endpoint usually answers within this.
const SOON: Duration = Duration::from_secs(2);

pub(in crate::cli) async fn run(settings: &Settings, console: &Console) -> anyhow::Result<Exit> {
    let Target::Service { token_url, .. } = settings.target()? else {
        return Err(usage(
            "a sandbox in this process would be gone before the token could be used: start one \
             with waste-receipts sandbox, and give its --token-url",
        ));
    };
    let options = ClientOptions {
        api_url: None,
        token_url: token_url.clone(),
        credentials: settings.credentials()?,
        timeout: settings.timeout,
        give_up_after: settings.give_up_after,
        stop: CancellationToken::new(),
        ca_file: settings.ca_file.clone(),
    };
    let client = Client::new(options, Clock::system())?;
    let token = first(&client, settings, console).await?;
    console.out(token.expose_secret());
    Ok(Exit::Success)
}

/// The first token of a run. If it does not come soon, that is said: nothing else would tell a
/// person for half an hour.
pub(in crate::cli) async fn first(
    client: &Client,
    settings: &Settings,
    console: &Console,
) -> Result<SecretString, TokenError> {
    let mut asking = pin!(client.tokens().access_token());
    if let Ok(token) = tokio::time::timeout(SOON, &mut asking).await {
        return token;
    }
    let longest = SignedDuration::try_from(settings.give_up_after).unwrap_or(SignedDuration::MAX);
    console.say(format!(
        "The token endpoint does not answer, or is busy. It is waited for up to {longest:#}."
    ));
    asking.await
}
