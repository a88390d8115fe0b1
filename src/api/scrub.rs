//! A server may say anything, even what it was told: secrets are taken out of what it says before
//! anybody can write it down.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded::byte_serialize;

use super::Credentials;

/// Shorter ones are no real secrets, and stand in harmless words.
const SHORTEST: usize = 12;

/// What must not be repeated.
#[derive(Debug, Clone)]
pub(super) struct Scrub(Vec<SecretString>);

impl Scrub {
    /// The client secret in every form in which it is sent.
    pub(super) fn of(credentials: &Credentials) -> Self {
        let secret = credentials.client_secret.expose_secret();
        let basic = STANDARD.encode(format!("{}:{secret}", credentials.client_id));
        let in_form: String = byte_serialize(secret.as_bytes()).collect();
        Scrub([basic, in_form, secret.to_owned()].map(SecretString::from).to_vec())
    }

    /// These, and a token.
    pub(super) fn and(&self, token: &SecretString) -> Self {
        let all = self.0.iter().chain([token]);
        Scrub(all.cloned().collect())
    }

    /// What was said, without them.
    pub(super) fn clean(&self, said: Vec<u8>) -> Vec<u8> {
        let secrets = self.0.iter().map(ExposeSecret::expose_secret);
        let mut said = said;
        for secret in secrets.filter(|secret| secret.len() >= SHORTEST) {
            if said.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                let text = String::from_utf8_lossy(&said);
                said = text.replace(secret, "(a secret)").into_bytes();
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Presentation;

    #[test]
    fn a_secret_is_taken_out_in_every_form() {
        let credentials = Credentials {
            client_id: "an-id".to_owned(),
            client_secret: "a secret/of+some length".to_owned().into(),
            presentation: Presentation::Both,
        };
        let scrub = Scrub::of(&credentials).and(&"the-token-of-the-hour".to_owned().into());
        let said = "a secret/of+some length, a+secret%2Fof%2Bsome+length, \
                    YW4taWQ6YSBzZWNyZXQvb2Yrc29tZSBsZW5ndGg=, the-token-of-the-hour";
        let clean = String::from_utf8(scrub.clean(said.as_bytes().to_vec()));
        let expected = "(a secret), (a secret), (a secret), (a secret)";
        assert_eq!(clean.as_deref(), Ok(expected));
        let short = Scrub(vec!["t".to_owned().into()]);
        assert_eq!(short.clean(b"wasteTrackingId".to_vec()), b"wasteTrackingId");
    }
}
