//! E-mail addresses as the API takes them (section 8). Must not know: fields, findings.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::values::utf16_length;
use crate::reference::is_top_level_domain;

/// The greatest length of an address, in UTF-16 units.
const MOST_UNITS: usize = 254;
/// The greatest length of the part before the @, in bytes.
const MOST_LOCAL_BYTES: usize = 64;
/// The greatest length of one label of the domain.
const MOST_LABEL: usize = 63;

/// Whether the API takes a text as an e-mail address.
pub(super) fn is_taken(text: &str) -> bool {
    let text: Cow<'_, str> =
        if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) };
    let Some((local, domain)) = text.split_once('@') else { return false };
    !domain.contains('@')
        && (text.len() <= MOST_UNITS || utf16_length(&text) <= MOST_UNITS)
        && local.len() <= MOST_LOCAL_BYTES
        && local.as_bytes().split(|byte| *byte == b'.').all(is_atom)
        && is_domain(domain)
}

/// A run of the characters that may stand unquoted before the @.
fn is_atom(run: &[u8]) -> bool {
    let allowed = |byte: &u8| {
        !byte.is_ascii() || byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(byte)
    };
    !run.is_empty() && run.iter().all(allowed)
}

fn is_domain(domain: &str) -> bool {
    if domain.is_ascii() {
        return has_taken_labels(domain);
    }
    // An ASCII domain is compared without regard to case anyway, so only others need the mapping;
    // one that cannot be mapped stays as it is, and fails for its letters. A percent sign would
    // be decoded by the mapping, which the service prevents.
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(mapped)) => !domain.contains('%') && has_taken_labels(&mapped),
        _ => false,
    }
}

fn has_taken_labels(domain: &str) -> bool {
    let Some((_, last)) = domain.rsplit_once('.') else { return false };
    // The list holds names that begin with a letter only, so the last label needs no rule more.
    domain.as_bytes().split(|byte| *byte == b'.').all(is_label) && is_taken_last(last)
}

fn is_taken_last(label: &str) -> bool {
    if label.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return is_top_level_domain(&label.to_ascii_lowercase());
    }
    is_top_level_domain(label)
}

fn is_label(label: &[u8]) -> bool {
    (1..=MOST_LABEL).contains(&label.len())
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && !label.starts_with(b"-")
        && !label.ends_with(b"-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken() {
        for text in [
            "a@example.com",
            "A.B+c@EXAMPLE.CO.UK",
            "a!#$%&'*+-/=?^_`{|}~@example.com",
            "\u{e9}@example.com",
            "a@b\u{fc}cher.de",
            "a@fa\u{df}.de",
            "a@\u{ff45}xample.com",
            "a@example\u{3002}com",
            "a@exam\u{ad}ple.com",
            "a@\u{2603}.com",
            "a@ex--ample.com",
            "a@example.xn--p1ai",
            "\u{1f600}\u{200b}\u{a0}@example.com",
        ] {
            assert!(is_taken(text), "{text:?}");
        }
        assert!(is_taken(&format!("{}@example.com", "\u{e9}".repeat(32))));
        assert!(is_taken(&format!("a@{}.com", "l".repeat(63))));
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@@example.com",
            "a@b@example.com",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "a b@example.com",
            "\"a\"@example.com",
            "a@example",
            "a@example.com.",
            "a@.example.com",
            "a@-example.com",
            "a@example-.com",
            "a@exa_mple.com",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@example.test",
            "a@example.com\n",
            " a@example.com",
            "a@b\u{fc}%63her.de",
            "a@b\u{fc}\u{ff0f}cher.de",
            "a(b)@example.com",
        ] {
            assert!(!is_taken(text), "{text:?}");
        }
        assert!(!is_taken(&format!("{}@example.com", "\u{e9}".repeat(33))));
        assert!(!is_taken(&format!("a@{}.com", "l".repeat(64))));
        let long = ["d".repeat(60), "d".repeat(60), "d".repeat(60), "d".repeat(60)].join(".");
        assert!(is_taken(&format!("{}@{long}.com", "l".repeat(6))));
        assert!(!is_taken(&format!("{}@{long}.com", "l".repeat(7))));
    }
}
