//! The program's own client, set up for a bench's server.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;
use waste_receipts::api::{Client, ClientOptions, Credentials, Presentation};
use waste_receipts::clock::Clock;

/// A client of the server at a URL, by the names that every bench uses.
pub(crate) fn client(url: &str, clock: Clock, stop: CancellationToken) -> Client {
    let options = ClientOptions {
        api_url: Some(Url::parse(url).expect("a URL")),
        token_url: Url::parse(&format!("{url}/token")).expect("a URL"),
        credentials: Credentials {
            client_id: "c".to_owned(),
            client_secret: "s".to_owned().into(),
            presentation: Presentation::Both,
        },
        timeout: Duration::from_secs(90),
        give_up_after: Duration::from_secs(60),
        stop,
        ca_file: None,
    };
    Client::new(options, clock).expect("a client")
}
