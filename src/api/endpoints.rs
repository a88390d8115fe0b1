//! Which services there are, and which URLs may be given credentials.

use std::net::IpAddr;

use url::{Host, Url};

/// A published environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoints {
    /// Its name in the settings.
    pub name: &'static str,
    /// The token endpoint.
    pub token_url: &'static str,
    /// The API's base URL, where one is published.
    pub api_url: Option<&'static str>,
}

/// The environments of the two published guides.
pub const KNOWN: [Endpoints; 5] = [
    Endpoints {
        name: "production",
        token_url: "https://waste-movement-external-api-75ee2.auth.eu-west-2.amazoncognito.com/oauth2/token",
        api_url: Some("https://waste-tracking.api.defra.gov.uk"),
    },
    Endpoints {
        name: "test",
        token_url: "https://waste-movement-external-api-8ec5c.auth.eu-west-2.amazoncognito.com/oauth2/token",
        api_url: Some("https://waste-tracking.integration.api.defra.gov.uk"),
    },
    Endpoints {
        name: "gdx-dev",
        token_url: "https://dev-gdx-data-share.auth.eu-west-2.amazoncognito.com/oauth2/token",
        api_url: None,
    },
    Endpoints {
        name: "gdx-demo",
        token_url: "https://demo-gdx-data-share.auth.eu-west-2.amazoncognito.com/oauth2/token",
        api_url: None,
    },
    Endpoints {
        name: "gdx-integration",
        token_url: "https://integration-life-events.auth.eu-west-2.amazoncognito.com/oauth2/token",
        api_url: None,
    },
];

/// The published environment of that name.
pub fn known(name: &str) -> Option<&'static Endpoints> {
    KNOWN.iter().find(|endpoints| endpoints.name == name)
}

/// Why a URL cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("{0} is not a URL; one looks like https://host.example")]
    Malformed(String),
    /// Neither https nor loopback.
    #[error(
        "{0} is not an https address: credentials and tokens are only sent over https (http is for \
         this machine itself: localhost, 127.0.0.1)"
    )]
    NotSecure(String),
    /// It holds a user name or a password.
    #[error(
        "the URL of {0} holds a user name or a password; take them out, and give the credentials \
         by --client-id and --client-secret-file"
    )]
    HoldsCredentials(String),
}

/// Reads a URL that credentials or tokens will be sent to.
pub fn secure_url(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text.trim()).map_err(|_| UrlError::Malformed(shown(text)))?;
    let Some(host) = url.host_str() else { return Err(UrlError::Malformed(shown(text))) };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::HoldsCredentials(host.to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(UrlError::NotSecure(shown(text))),
    }
}

/// What may be repeated of a text that was to be a URL: not what stands before an @, which may be
/// a password, nor a query, which may hold one.
fn shown(text: &str) -> String {
    let text = text.trim().split(['?', '#']).next().unwrap_or_default();
    match text.rsplit_once('@') {
        Some((_, host)) => format!("...@{host}"),
        None => text.to_owned(),
    }
}

/// Whether a URL is on this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// The token endpoint of a configured URL, which may be the whole of it or only its base: one
/// guide prints the one, the other guide the other.
pub fn token_endpoint(text: &str) -> Result<Url, UrlError> {
    let mut url = secure_url(text)?;
    let path = url.path().trim_end_matches('/').to_owned();
    if path.is_empty() {
        url.set_path("/oauth2/token");
    } else {
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_url_is_taken_with_and_without_its_path() {
        for text in ["https://a.example", "https://a.example/", "https://a.example/oauth2/token/"] {
            let url = token_endpoint(text).map(|url| url.to_string());
            assert_eq!(url.as_deref(), Ok("https://a.example/oauth2/token"), "{text}");
        }
        for known in KNOWN {
            assert_eq!(
                token_endpoint(known.token_url).map(String::from).as_deref(),
                Ok(known.token_url)
            );
        }
    }

    #[test]
    fn credentials_go_over_https_or_stay_on_this_machine() {
        for fine in
            ["https://a.example", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"]
        {
            assert!(secure_url(fine).is_ok(), "{fine}");
        }
        for refused in
            ["http://a.example", "ftp://a.example", "http://127.0.0.1.a.example", "a.example", ""]
        {
            assert!(secure_url(refused).is_err(), "{refused}");
        }
        for held in [
            "https://me:hidden@a.example",
            "https://me:hidden@a.example:99999",
            "http://hidden@a.example",
            "me:hidden@a.example",
            "https://me:hid@hidden@",
            "ftp://a.example?client_secret=hidden",
            "http://a.example/#hidden",
        ] {
            let error = secure_url(held).expect_err("credentials in a URL").to_string();
            assert!(!error.contains("hidden"), "{error}");
        }
    }
}
