//! Text into the bytes of a file's encoding.

use std::borrow::Cow;

use encoding_rs::{EncoderResult, Encoding};

/// What stands for a character that an encoding does not have.
const REPLACEMENT: u8 = b'?';

/// Text (UTF-8) in an encoding, named as in the WHATWG standard. What is not UTF-8, in a file that
/// was, stays as it is.
pub(super) fn encode<'t>(text: &'t [u8], encoding: &str) -> Cow<'t, [u8]> {
    let wide = |unit_bytes: fn(u16) -> [u8; 2]| {
        let text = String::from_utf8_lossy(text);
        Cow::Owned(text.encode_utf16().flat_map(unit_bytes).collect())
    };
    match encoding {
        "UTF-8" => Cow::Borrowed(text),
        "UTF-16LE" => wide(u16::to_le_bytes),
        "UTF-16BE" => wide(u16::to_be_bytes),
        label => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) => Cow::Owned(narrow(&String::from_utf8_lossy(text), encoding)),
            None => Cow::Borrowed(text),
        },
    }
}

/// With a question mark for what the encoding does not have.
fn narrow(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let mut encoder = encoding.new_encoder();
    let (mut out, mut rest) = (Vec::with_capacity(text.len() + 16), text);
    loop {
        out.reserve(rest.len() + 16);
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return out,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => out.push(REPLACEMENT),
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_an_encoding_does_not_have_is_replaced_visibly() {
        let text = "caf\u{e9} \u{20ac} \u{2192} \u{1f69b}!";
        assert_eq!(&*encode(text.as_bytes(), "windows-1252"), b"caf\xe9 \x80 ? ?!");
        assert_eq!(&*encode("a\u{1f69b}".as_bytes(), "UTF-16LE"), b"a\0\x3d\xd8\x9b\xde");
        assert_eq!(&*encode("\u{feff}a".as_bytes(), "UTF-16BE"), b"\xfe\xff\0a");
        assert_eq!(&*encode(b"not \xff UTF-8", "UTF-8"), b"not \xff UTF-8");
    }

    proptest! {
        #[test]
        fn what_was_decoded_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
            prop_assert_eq!(&*encode(text.as_bytes(), "windows-1252"), &bytes[..]);
        }
    }
}
