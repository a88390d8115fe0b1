//! Any bytes as a workbook.
//!
//! What begins like a file is one. Anything else is the insides of a template, apart at U+001E: the
//! workbook's own part, the rows of both sheets, the shared texts, the styles. Bytes of an archive
//! teach a fuzzer little: what is wrong with them is found before a sheet is.

use super::parts::Parts;

pub(crate) fn workbook(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf]) {
        return bytes.to_vec();
    }
    let text = String::from_utf8_lossy(bytes);
    let mut pieces = text.split('\u{1e}');
    let mut piece = || pieces.next().unwrap_or_default();
    let mut parts = Parts::new(piece(), piece(), piece());
    for name in ["xl/sharedStrings.xml", "xl/styles.xml"] {
        let part = piece();
        if !part.is_empty() {
            parts = parts.with(name, part);
        }
    }
    parts.bytes()
}
