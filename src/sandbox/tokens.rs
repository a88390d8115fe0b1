//! Access tokens: given out for the sandbox's own client, accepted while they live.
//!
//! Must not know: movements, HTTP beyond the two headers that carry credentials.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// The client ID of every sandbox.
pub(super) const CLIENT_ID: &str = "sandbox-client";

/// Above this many tokens, dead ones are forgotten.
const MANY: usize = 10_000;

#[derive(Debug)]
pub(super) struct Tokens {
    secret: SecretString,
    life: Duration,
    /// Each token with the end of its life.
    given: HashMap<String, Instant>,
}

/// A token is refused with this word, or, where none was there, without one.
pub(super) type Refusal = Option<&'static str>;

impl Tokens {
    pub(super) fn new(life: Duration) -> Result<Self, getrandom::Error> {
        Ok(Tokens { secret: random_text()?.into(), life, given: HashMap::new() })
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.secret
    }

    pub(super) fn life(&self) -> Duration {
        self.life
    }

    /// A new token: of a JWT's shape, and plainly none.
    pub(super) fn issue(&mut self, now: Instant) -> Result<String, getrandom::Error> {
        if self.given.len() >= MANY {
            self.given.retain(|_, end| *end > now);
        }
        let token = format!("not-a-real-token.{}.{}", random_text()?, random_text()?);
        self.given.insert(token.clone(), now + self.life);
        Ok(token)
    }

    /// Judges an `Authorization` header; what is good is the token.
    pub(super) fn check<'a>(
        &self,
        authorization: Option<&'a HeaderValue>,
        now: Instant,
    ) -> Result<&'a str, Refusal> {
        let Some(given) = authorization.and_then(|header| header.to_str().ok()) else {
            return Err(None);
        };
        let (scheme, token) = given.split_once(' ').unwrap_or((given, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(None);
        }
        let token = token.trim();
        match self.given.get(token) {
            Some(end) if *end > now => Ok(token),
            Some(_) => Err(Some("Token expired")),
            None => Err(Some("Invalid token")),
        }
    }

    /// Makes a token die at once.
    pub(super) fn revoke(&mut self, token: &str) {
        self.given.remove(token);
    }

    /// Whether a request for a token proves who it comes from: in a Basic header, in its form, or
    /// in both; where it says so twice, both must be right.
    pub(super) fn proves(
        &self,
        authorization: Option<&HeaderValue>,
        form_id: Option<&str>,
        form_secret: Option<&str>,
    ) -> bool {
        let in_form = (form_id.is_some() || form_secret.is_some())
            .then(|| self.matches(form_id.unwrap_or_default(), form_secret.unwrap_or_default()));
        let in_header = authorization.map(|header| {
            basic(header).is_some_and(|credentials| {
                let (id, secret) = credentials.split_once(':').unwrap_or((&credentials, ""));
                self.matches(id, secret)
            })
        });
        let proofs = [in_form, in_header];
        proofs.contains(&Some(true)) && !proofs.contains(&Some(false))
    }

    fn matches(&self, id: &str, secret: &str) -> bool {
        id == CLIENT_ID && secret == self.secret.expose_secret()
    }
}

fn basic(header: &HeaderValue) -> Option<String> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    scheme.eq_ignore_ascii_case("basic").then(|| String::from_utf8(decoded).ok()).flatten()
}

fn random_text() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(Duration::from_secs(10)).expect("randomness")
    }

    #[test]
    fn a_token_lives_as_long_as_it_should() {
        let mut tokens = tokens();
        let now = Instant::now();
        let token = tokens.issue(now).expect("randomness");
        let bearer = |text: String| HeaderValue::try_from(text).expect("a header");
        let header = bearer(format!("bEARER   {token}"));
        assert_eq!(tokens.check(Some(&header), now), Ok(token.as_str()));
        let late = now + Duration::from_secs(10);
        assert_eq!(tokens.check(Some(&header), late), Err(Some("Token expired")));
        let more = bearer(format!("Bearer {token} x"));
        assert_eq!(tokens.check(Some(&more), now), Err(Some("Invalid token")));
        let other = bearer(format!("Basic {token}"));
        assert_eq!(tokens.check(Some(&other), now), Err(None));
        assert_eq!(tokens.check(None, now), Err(None));
        tokens.revoke(&token);
        assert_eq!(tokens.check(Some(&header), now), Err(Some("Invalid token")));
    }

    #[test]
    fn credentials_come_in_three_ways() {
        let tokens = tokens();
        let secret = tokens.secret().expose_secret().to_owned();
        let basic = |text: &str| {
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(text))).expect("a header")
        };
        let good = basic(&format!("{CLIENT_ID}:{secret}"));
        let bad = basic(&format!("{CLIENT_ID}:wrong"));
        let (id, secret) = (Some(CLIENT_ID), Some(secret.as_str()));
        assert!(tokens.proves(Some(&good), None, None));
        assert!(tokens.proves(None, id, secret));
        assert!(tokens.proves(Some(&good), id, secret));
        assert!(!tokens.proves(Some(&bad), id, secret));
        assert!(!tokens.proves(Some(&good), id, Some("wrong")));
        assert!(!tokens.proves(Some(&good), id, None));
        assert!(!tokens.proves(None, None, None));
    }
}
