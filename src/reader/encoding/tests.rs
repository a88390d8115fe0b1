//! Bytes to text and back.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;

/// The text of bytes, read so many at a time, the encoding, and the trouble.
fn read(bytes: &[u8], piece: usize) -> (Vec<u8>, Encoding, Option<Trouble>) {
    let source = Box::new(Cursor::new(bytes.to_vec()));
    let mut decoder = Decoder::new(source, None, true).expect("memory");
    let mut text = Vec::new();
    while !decoder.read(piece, &mut text).expect("memory") {}
    (text, decoder.encoding(), decoder.trouble())
}

fn text(bytes: &[u8]) -> (String, Encoding) {
    let (text, encoding, _) = read(bytes, 7);
    (String::from_utf8(text).expect("UTF-8"), encoding)
}

#[test]
fn each_encoding_is_told_by_its_bytes() {
    let words = "Ticket;Größe\r\n1;5 £ – café\r\n";
    for encoding in Encoding::ALL {
        let bytes = encoding.encode(words).expect("it has these characters");
        assert_eq!(text(&bytes), (words.to_owned(), encoding));
        let marked = format!("\u{feff}{words}");
        if let Some(bytes) = encoding.encode(&marked) {
            assert_eq!(text(&bytes), (marked, encoding));
        }
        assert_eq!(Encoding::of_name(&encoding.name().to_lowercase()), Some(encoding));
    }
    assert_eq!(text(b"plain\n"), ("plain\n".into(), Encoding::Utf8));
    assert_eq!(Encoding::Windows1252.encode("→"), None);
}

#[test]
fn the_first_byte_beyond_ascii_decides_however_far_down_it_stands() {
    let mut bytes = vec![b'x'; 1_000_000];
    bytes.extend_from_slice(b"caf\xe9\n");
    let (text, encoding, trouble) = read(&bytes, 10_000);
    assert!(text.ends_with("café\n".as_bytes()));
    assert_eq!((encoding, trouble), (Encoding::Windows1252, None));
    assert_eq!(by_evidence(&mut Cursor::new(&bytes)).expect("memory"), Some(encoding));
    let utf8 = [&bytes[..1_000_000], "é".as_bytes()].concat();
    assert_eq!(by_evidence(&mut Cursor::new(&utf8)).expect("memory"), Some(Encoding::Utf8));
    assert_eq!(by_evidence(&mut Cursor::new(b"ab")).expect("memory"), None);
}

#[test]
fn what_contradicts_is_marked_where_it_stands() {
    let (text, encoding, trouble) = read("ok\né\n\u{e9}".as_bytes(), 3);
    assert_eq!((text.as_slice(), encoding), ("ok\né\né".as_bytes(), Encoding::Utf8));
    assert_eq!(trouble, Some(Trouble::AfterUtf8), "if a line is no UTF-8, that is why");
    let (text, _, trouble) = read(b"a\xe9\nb\xc3\xa9\n", 100);
    assert_eq!(trouble, Some(Trouble::Utf8AfterCp1252));
    assert!(text.starts_with("aé\nb\u{0}".trim_end_matches('\0').as_bytes()));
    assert!(text.contains(&UNREADABLE));
    assert_eq!(read(b"a\xe9\n\x81", 100).2, Some(Trouble::Hole));
    assert_eq!(read(b"\xff\xfea\0\n\0\x00\xd8b\0", 100).2, Some(Trouble::HalfUtf16));
    assert_eq!(read(b"\xff\xfea\0\n", 100).2, Some(Trouble::HalfUtf16));
}

proptest! {
    #[test]
    fn what_is_read_can_be_written_again(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1_usize..64) {
        let (text, encoding, _) = read(&bytes, piece);
        if let Ok(text) = str::from_utf8(&text) {
            prop_assert_eq!(encoding.encode(text), Some(bytes));
        }
    }

    #[test]
    fn pieces_do_not_matter(words in "[a-zé\n]{0,40}", piece in 1_usize..64) {
        for encoding in Encoding::ALL {
            let bytes = encoding.encode(&words).expect("it has these characters");
            let marked = matches!(encoding, Encoding::Utf8 | Encoding::Windows1252);
            let wanted = if marked { words.clone() } else { format!("\u{feff}{words}") };
            let bytes = if marked { bytes } else { encoding.encode(&wanted).expect("text") };
            let (text, _, trouble) = read(&bytes, piece);
            if trouble.is_none() {
                prop_assert_eq!(String::from_utf8(text).expect("UTF-8"), wanted);
            }
        }
    }
}
