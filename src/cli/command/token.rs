//! `token`: prints an access token.

use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use crate::api::{Client, ClientOptions};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::settings::{Settings, Target};
use crate::clock::Clock;

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
    let token = client.tokens().access_token().await?;
    console.out(token.expose_secret());
    Ok(Exit::Success)
}
