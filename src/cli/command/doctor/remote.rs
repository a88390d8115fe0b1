//! What is elsewhere: names, proxies, certificates, clocks, tokens, the API.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Check;
use crate::api::{Client, ClientOptions, FetchError, is_loopback, probe};
use crate::cli::settings::{Settings, Target};
use crate::clock::Clock;
use crate::reference::List;

/// A server that takes longer to show itself is as good as away.
const PATIENCE: Duration = Duration::from_secs(15);
/// A clock that is wrong by this is worth a word,
const ODD: SignedDuration = SignedDuration::from_secs(30);
/// and by this spoils tokens and dates.
const WRONG: SignedDuration = SignedDuration::from_secs(300);
const PROXY_VARIABLES: [&str; 5] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY"];

pub(super) async fn all(settings: &Settings) -> Vec<Check> {
    let Ok(Target::Service { api_url, token_url, .. }) = settings.target() else {
        return Vec::new();
    };
    let proxy = proxy();
    let mut checks = vec![proxy_check(proxy.as_deref())];
    let mut date = None;
    let mut reached = true;
    for (name, url) in [("token URL", Some(token_url)), ("API URL", api_url.as_ref())] {
        let Some(url) = url else { continue };
        checks.push(names(name, url, proxy.is_some()).await);
        let (check, said) = server(name, url, settings).await;
        reached &= check.verdict != super::Verdict::Failed;
        checks.push(check);
        date = said.or(date);
    }
    checks.extend(date.map(|date| clock(date, Timestamp::now())));
    if reached {
        checks.extend(access(settings, api_url.clone(), token_url.clone()).await);
    }
    checks
}

/// The proxy that the variables name, without what may be a password in it.
fn proxy() -> Option<String> {
    PROXY_VARIABLES[..4].iter().find_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.trim().is_empty())?;
        let shown = value.rsplit('@').next().unwrap_or_default();
        Some(format!("{name} is {shown}"))
    })
}

fn proxy_check(proxy: Option<&str>) -> Check {
    match proxy {
        Some(proxy) => Check::ok("proxy", format!("{proxy}; this machine itself is never proxied")),
        None => Check::ok("proxy", "no variable names one; the system's settings count"),
    }
}

/// Whether a host's name leads anywhere. Behind a proxy it need not.
async fn names(of: &'static str, url: &Url, proxied: bool) -> Check {
    const NAME: &str = "DNS";
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
    let found = tokio::net::lookup_host((host.trim_matches(['[', ']']), port.unwrap_or(443))).await;
    match found.map(|mut addresses| addresses.next()) {
        Ok(Some(address)) => Check::ok(NAME, format!("{of}: {host} is {}", address.ip())),
        Ok(None) | Err(_) if proxied => {
            Check::ok(NAME, format!("{of}: {host} has no address here; the proxy has to know it"))
        }
        Ok(None) => Check::failed(NAME, format!("{of}: {host} has no address"), dns_remedy()),
        Err(error) => Check::failed(NAME, format!("{of}: {host}: {error}"), dns_remedy()),
    }
}

fn dns_remedy() -> &'static str {
    "is the name right, and has this machine a network? A company's network may need a proxy: set \
     HTTPS_PROXY"
}

/// Whether a server answers, over TLS where it is not this machine.
async fn server(of: &'static str, url: &Url, settings: &Settings) -> (Check, Option<Timestamp>) {
    let name = if is_loopback(url) { "connection" } else { "TLS" };
    match probe(url, settings.ca_file.as_deref(), PATIENCE).await {
        Ok(probe) => {
            let found =
                format!("{of}: {} answered {}", url.host_str().unwrap_or_default(), probe.status);
            (Check::ok(name, found), probe.date)
        }
        Err(error) => {
            let words = error.to_string();
            (Check::failed(name, format!("{of}: {words}"), remedy_of(&words)), None)
        }
    }
}

fn remedy_of(words: &str) -> &'static str {
    let words = words.to_lowercase();
    if words.contains("certificate") || words.contains("issuer") {
        "something between here and there shows a certificate of its own, as company networks do: \
         name its authority's file with --ca-file"
    } else if words.contains("timed out") || words.contains("timeout") {
        "nothing came back: does a firewall stop it, or is a proxy needed (HTTPS_PROXY)?"
    } else if words.contains("refused") {
        "nobody listens there: is the URL right, and is the service or the sandbox running?"
    } else {
        "is the URL right, and may this machine reach it? Ask whoever runs the network"
    }
}

/// This machine's clock against a server's.
fn clock(server: Timestamp, here: Timestamp) -> Check {
    const NAME: &str = "clock";
    // The header has no fractions.
    let off = here.duration_since(server);
    let found = if off.abs() < SignedDuration::from_secs(2) {
        "right to the second or so".to_owned()
    } else {
        let which = if off.is_negative() { "behind" } else { "ahead of" };
        format!("{} s {which} the server's", off.abs().as_secs())
    };
    let remedy =
        "let the system set its clock (timedatectl set-ntp true; on Windows w32tm /resync)";
    match off.abs() {
        off if off >= WRONG => Check::failed(NAME, found, remedy),
        off if off >= ODD => Check::warning(NAME, found, remedy),
        _ => Check::ok(NAME, found),
    }
}

/// A token, and what it opens.
async fn access(settings: &Settings, api_url: Option<Url>, token_url: Url) -> Vec<Check> {
    let credentials = match settings.credentials() {
        Ok(credentials) => credentials,
        Err(error) => {
            return vec![Check::failed(
                "token",
                error.to_string(),
                "without it nothing is given out",
            )];
        }
    };
    let has_api = api_url.is_some();
    let options = ClientOptions {
        api_url,
        token_url,
        credentials,
        timeout: PATIENCE,
        give_up_after: Duration::ZERO,
        stop: CancellationToken::new(),
        ca_file: settings.ca_file.clone(),
    };
    let client = match Client::new(options, Clock::system()) {
        Ok(client) => client,
        Err(error) => return vec![Check::failed("token", error.to_string(), "check --ca-file")],
    };
    if let Err(error) = client.tokens().access_token().await {
        let remedy = "client ID and secret must be of this environment, and typed in full";
        return vec![Check::failed("token", error.to_string(), remedy)];
    }
    let mut checks = vec![Check::ok("token", "one was given out")];
    if has_api {
        checks.push(match client.reference_data(List::ContainerTypes.name()).await {
            Ok(_) => Check::ok("API", "it takes the token, and serves its code lists"),
            Err(error) => Check::failed("API", error.to_string(), api_remedy(&error)),
        });
    }
    checks
}

fn api_remedy(error: &FetchError) -> &'static str {
    match error {
        FetchError::Answered { status: 401, .. } => {
            "it does not take the token: are API URL and token URL of the same environment?"
        }
        FetchError::Answered { status: 402, .. } => "have the service charge paid",
        FetchError::Answered { status: 300..=404, .. } => "is the API URL right?",
        _ => "the service may be down: try again in some minutes",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_is_told() {
        let server = Timestamp::UNIX_EPOCH;
        let off = |seconds| clock(server, server + SignedDuration::from_secs(seconds)).verdict;
        assert_eq!([0, -29].map(off), [Verdict::Ok; 2]);
        assert_eq!([30, -299].map(off), [Verdict::Warning; 2]);
        assert_eq!([300, -4_000].map(off), [Verdict::Failed; 2]);
        let check = clock(server, server - SignedDuration::from_secs(60));
        assert_eq!(check.found, "60 s behind the server's");
    }

    #[test]
    fn what_breaks_has_its_remedy() {
        assert!(remedy_of("invalid peer certificate: UnknownIssuer").contains("--ca-file"));
        assert!(remedy_of("operation timed out").contains("firewall"));
        assert!(remedy_of("Connection refused (os error 111)").contains("nobody listens"));
    }
}
