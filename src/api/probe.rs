//! Looking at a server from outside: is it there, and what time does it think it is.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::ClientError;
use super::client::{chain, http};

/// What a server showed of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The HTTP status: any will do, for nothing was asked for.
    pub status: u16,
    /// Its clock, to the second, from the header `Date`.
    pub date: Option<Timestamp>,
}

/// Why a server could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No client could be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No connection could be made, or nothing came back.
    #[error("{0}")]
    NoAnswer(String),
}

/// Asks for the root of a server, without a token.
pub async fn probe(
    url: &Url,
    ca_file: Option<&Path>,
    timeout: Duration,
) -> Result<Probe, ProbeError> {
    let client = http(Some(url), ca_file, timeout)?;
    let mut root = url.clone();
    root.set_path("/");
    let response = client
        .get(root)
        .timeout(timeout)
        .send()
        .await
        .map_err(|error| ProbeError::NoAnswer(chain(&error)))?;
    let said = response.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok());
    let date = said.and_then(|date| httpdate::parse_http_date(date).ok());
    Ok(Probe {
        status: response.status().as_u16(),
        date: date.and_then(|date| Timestamp::try_from(date).ok()),
    })
}
