//! `sandbox`: a local Receipt API, until it is told to stop.

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::cli::args::SandboxArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::signals;
use crate::sandbox::{Options, Sandbox};

pub(in crate::cli) async fn run(args: SandboxArgs, console: &Console) -> anyhow::Result<Exit> {
    let options = Options {
        listen: args.listen,
        latency: args.latency,
        rate_limit: args.rate_limit,
        token_ttl: args.token_ttl,
        seed: args.seed,
        faults: args.faults.into_iter().chain(args.more_faults).collect(),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options)
        .await
        .map_err(|error| usage(format!("the sandbox cannot listen on {}: {error}", args.listen)))?;
    let (api_url, token_url) = (sandbox.api_url(), sandbox.token_url());
    let secret = sandbox.client_secret();
    let (client_id, secret) = (sandbox.client_id(), secret.expose_secret());
    let api_codes = sandbox.api_codes();
    console.out(if args.json {
        json!({
            "apiUrl": api_url,
            "tokenUrl": token_url,
            "clientId": client_id,
            "clientSecret": secret,
            "apiCodes": api_codes,
        })
        .to_string()
    } else {
        let api_code = api_codes.first().map_or("", String::as_str);
        format!(
            "A Receipt API of this machine's own runs until you press Ctrl-C.\n\n\
             API URL        {api_url}\n\
             Token URL      {token_url}\n\
             Client ID      {client_id}\n\
             Client secret  {secret}\n\
             API code       {api_code}\n\n\
             To use it from another terminal:\n\n{}\n\n\
             What it stored: {api_url}/sandbox/movements",
            settings(&[
                ("WASTE_RECEIPTS_API_URL", &api_url),
                ("WASTE_RECEIPTS_TOKEN_URL", &token_url),
                ("WASTE_RECEIPTS_CLIENT_ID", client_id),
                ("WASTE_RECEIPTS_CLIENT_SECRET", secret),
                ("WASTE_RECEIPTS_API_CODE", api_code),
            ])
        )
    });
    signals::told().await;
    sandbox.stop().await;
    Ok(Exit::Success)
}

/// Variables as the shell of this system sets them.
fn settings(variables: &[(&str, &str)]) -> String {
    let line = |(name, value): &(&str, &str)| {
        if cfg!(windows) {
            format!("    $env:{name} = '{value}'")
        } else {
            format!("    export {name}={value}")
        }
    };
    variables.iter().map(line).collect::<Vec<_>>().join("\n")
}
