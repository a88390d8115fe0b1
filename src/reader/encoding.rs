//! Bytes to text, by evidence: UTF-8, CP1252, and UTF-16 with or without a mark.
//!
//! While all is ASCII nothing is decided: the first byte beyond it says whether the file is UTF-8
//! or CP1252, however far down it stands, since until there both are the same. What contradicts
//! that later is not read: `UNREADABLE` stands in its place, so that the line is found where the
//! rows are. UTF-16 shows in the first bytes. Must not know: rows, lines.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Stands in decoded text for what has no meaning in its encoding; UTF-8 has no such byte.
const UNREADABLE: u8 = 0xff;

/// These have no character in CP1252.
const HOLES: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/// So much of a file shows whether it is UTF-16.
const SAMPLE: usize = 4_096;

/// An encoding of text files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, and so ASCII.
    Utf8,
    /// What Windows in western Europe calls ANSI.
    Windows1252,
    /// Two bytes a character, the lower one first: Excel's "Unicode Text".
    Utf16Le,
    /// Two bytes a character, the higher one first.
    Utf16Be,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Encoding; 4] =
        [Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be];

    /// Its WHATWG name.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
        }
    }

    /// The encoding of that name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    /// A text in this encoding: for what was read from a file of it, the file's bytes again.
    /// None where it cannot hold the text.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let units = || text.encode_utf16();
        match self {
            Encoding::Utf8 => Some(text.as_bytes().to_vec()),
            Encoding::Windows1252 => {
                let (bytes, _, had_others) = WINDOWS_1252.encode(text);
                (!had_others).then(|| bytes.into_owned())
            }
            Encoding::Utf16Le => Some(units().flat_map(u16::to_le_bytes).collect()),
            Encoding::Utf16Be => Some(units().flat_map(u16::to_be_bytes).collect()),
        }
    }
}

/// Why a line cannot be read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Neither UTF-8 nor, after lines that are UTF-8, anything else.
    AfterUtf8,
    /// UTF-8, after lines that are CP1252.
    Utf8AfterCp1252,
    /// A byte that no character of CP1252 has.
    Hole,
    /// Half a character of UTF-16.
    HalfUtf16,
}

/// What is known of the encoding so far.
#[derive(Debug)]
enum Known {
    /// Nothing but ASCII has been seen.
    Ascii,
    /// Taken as it is: it is UTF-8, or whoever reads it must see that it is not.
    AsItIs,
    Cp1252 {
        /// Whether it was concluded rather than said.
        by_evidence: bool,
    },
    Utf16(Box<encoding_rs::Decoder>, Encoding),
}

/// A source of bytes, read as UTF-8.
pub(super) struct Decoder {
    source: Box<dyn Read + Send>,
    known: Known,
    trouble: Option<Trouble>,
    /// Bytes that were read to find out, and not given yet.
    ahead: Vec<u8>,
}

impl Decoder {
    /// Bytes that are taken as they are.
    pub(super) fn plain(source: Box<dyn Read + Send>) -> Self {
        Decoder { source, known: Known::AsItIs, trouble: None, ahead: Vec::new() }
    }

    /// By evidence, or as somebody said. Nothing but UTF-8 is read where `others` is false.
    pub(super) fn new(
        mut source: Box<dyn Read + Send>,
        said: Option<Encoding>,
        others: bool,
    ) -> io::Result<Self> {
        let mut ahead = Vec::new();
        source.by_ref().take(SAMPLE as u64).read_to_end(&mut ahead)?;
        let known = match said {
            Some(Encoding::Utf8) => Known::AsItIs,
            Some(Encoding::Windows1252) => Known::Cp1252 { by_evidence: false },
            Some(utf16) => of_utf16(utf16),
            None => match looks_like_utf16(&ahead) {
                Some(utf16) if others => of_utf16(utf16),
                None if others => Known::Ascii,
                _ => Known::AsItIs,
            },
        };
        Ok(Decoder { source, known, trouble: None, ahead })
    }

    /// What a look ahead has shown; without it, the same would be found where it matters first.
    pub(super) fn foretell(&mut self, encoding: Encoding) {
        if matches!(self.known, Known::Ascii) && encoding == Encoding::Windows1252 {
            self.known = Known::Cp1252 { by_evidence: true };
        }
    }

    /// The encoding, as far as it is known.
    pub(super) fn encoding(&self) -> Encoding {
        match &self.known {
            Known::Ascii | Known::AsItIs => Encoding::Utf8,
            Known::Cp1252 { .. } => Encoding::Windows1252,
            Known::Utf16(_, encoding) => *encoding,
        }
    }

    /// Why something was unreadable.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Reads about so many bytes of the source and adds their text. Tells whether it has ended.
    pub(super) fn read(&mut self, wanted: usize, text: &mut Vec<u8>) -> io::Result<bool> {
        let start = text.len();
        let ended = match self.known {
            Known::AsItIs | Known::Ascii => self.raw(wanted, text)?,
            Known::Cp1252 { .. } | Known::Utf16(..) => {
                let mut raw = Vec::with_capacity(wanted);
                let ended = self.raw(wanted, &mut raw)?;
                self.decode(&raw, ended, text);
                return Ok(ended);
            }
        };
        if matches!(self.known, Known::Ascii) && !text[start..].is_ascii() {
            return self.decide(start, ended, text);
        }
        Ok(ended)
    }

    fn raw(&mut self, wanted: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let ahead = self.ahead.len().min(wanted);
        bytes.extend(self.ahead.drain(..ahead));
        let missing = wanted - ahead;
        let read = self.source.by_ref().take(missing as u64).read_to_end(bytes)?;
        Ok(read < missing)
    }

    /// The first bytes beyond ASCII have come, behind `start`.
    fn decide(&mut self, start: usize, ended: bool, text: &mut Vec<u8>) -> io::Result<bool> {
        let is_solid = |byte: &u8| !byte.is_ascii();
        let first = text[start..].iter().position(is_solid).map_or(text.len(), |at| start + at);
        let mut ended = ended;
        if !ended && text.len() - first < 4 {
            // A character may be cut in two.
            ended = self.raw(4, text)?;
        }
        if begins_utf8(&text[first..]) {
            self.known = Known::AsItIs;
            self.trouble = Some(Trouble::AfterUtf8);
            return Ok(ended);
        }
        self.known = Known::Cp1252 { by_evidence: true };
        let raw = text.split_off(first);
        self.decode(&raw, ended, text);
        Ok(ended)
    }

    fn decode(&mut self, raw: &[u8], ended: bool, text: &mut Vec<u8>) {
        match &mut self.known {
            Known::Ascii | Known::AsItIs => text.extend_from_slice(raw),
            Known::Cp1252 { by_evidence } => {
                let trouble = cp1252(raw, *by_evidence, text);
                self.trouble = self.trouble.or(trouble);
            }
            Known::Utf16(decoder, _) => {
                if utf16(decoder, raw, ended, text) {
                    self.trouble = Some(Trouble::HalfUtf16);
                }
            }
        }
    }
}

fn of_utf16(encoding: Encoding) -> Known {
    let decoder = if encoding == Encoding::Utf16Be { UTF_16BE } else { UTF_16LE };
    Known::Utf16(Box::new(decoder.new_decoder_without_bom_handling()), encoding)
}

/// By its mark, or since every other byte of what is mostly ASCII is zero.
fn looks_like_utf16(sample: &[u8]) -> Option<Encoding> {
    if sample.starts_with(b"\xff\xfe") {
        return Some(Encoding::Utf16Le);
    }
    if sample.starts_with(b"\xfe\xff") {
        return Some(Encoding::Utf16Be);
    }
    let pairs = sample.as_chunks::<2>().0;
    let zeros = |which: usize| pairs.iter().filter(|pair| pair[which] == 0).count();
    let (higher, lower) = (zeros(0), zeros(1));
    let many = |count: usize| count > 0 && count * 4 >= pairs.len() * 3;
    match (many(lower) && higher == 0, many(higher) && lower == 0) {
        (true, _) => Some(Encoding::Utf16Le),
        (_, true) => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Whether bytes begin with a character of UTF-8 beyond ASCII.
fn begins_utf8(bytes: &[u8]) -> bool {
    let first = &bytes[..bytes.len().min(4)];
    first.first().is_some_and(|byte| !byte.is_ascii())
        && match str::from_utf8(first) {
            Ok(_) => true,
            Err(error) => error.valid_up_to() > 0,
        }
}

/// Text of CP1252; where it was concluded, a character of UTF-8 contradicts.
fn cp1252(raw: &[u8], by_evidence: bool, text: &mut Vec<u8>) -> Option<Trouble> {
    let mut trouble = None;
    let mut rest = raw;
    loop {
        let solid = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        text.extend_from_slice(&rest[..solid]);
        rest = &rest[solid..];
        let Some(&byte) = rest.first() else { return trouble };
        let why = if HOLES.contains(&byte) {
            Some(Trouble::Hole)
        } else if by_evidence && begins_utf8(rest) {
            Some(Trouble::Utf8AfterCp1252)
        } else {
            None
        };
        if why.is_some() {
            text.push(UNREADABLE);
            trouble = trouble.or(why);
        } else {
            let (character, _) = WINDOWS_1252.decode_without_bom_handling(&rest[..1]);
            text.extend_from_slice(character.as_bytes());
        }
        rest = &rest[1..];
    }
}

/// Text of UTF-16. Tells whether something of it had no meaning.
fn utf16(decoder: &mut encoding_rs::Decoder, raw: &[u8], ended: bool, text: &mut Vec<u8>) -> bool {
    let mut broken = false;
    let mut rest = raw;
    loop {
        let begin = text.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(rest.len());
        text.resize(begin + room.unwrap_or(rest.len() * 3) + 16, 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(rest, &mut text[begin..], ended);
        text.truncate(begin + written);
        rest = &rest[read..];
        match result {
            DecoderResult::InputEmpty => return broken,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                broken = true;
                text.push(UNREADABLE);
            }
        }
    }
}

/// What the bytes of a file show, all of them if need be, so that it is known before the first row
/// is. The source is read from its beginning.
pub(super) fn by_evidence(source: &mut impl Read) -> io::Result<Option<Encoding>> {
    let mut chunk = Vec::with_capacity(SCAN);
    loop {
        chunk.clear();
        source.by_ref().take(SCAN as u64).read_to_end(&mut chunk)?;
        // The whole is asked first: that goes many bytes at a time.
        if !chunk.is_ascii()
            && let Some(first) = chunk.iter().position(|byte| !byte.is_ascii())
        {
            let more = SAMPLE as u64;
            source.by_ref().take(more.min(4)).read_to_end(&mut chunk)?;
            let utf8 = begins_utf8(&chunk[first..]);
            return Ok(Some(if utf8 { Encoding::Utf8 } else { Encoding::Windows1252 }));
        }
        if chunk.len() < SCAN {
            return Ok(None);
        }
    }
}

/// So much is looked at a time.
const SCAN: usize = 256 * 1024;

#[cfg(test)]
mod tests;
