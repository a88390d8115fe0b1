//! A sliding window over a stream of bytes: what is being worked on, and no more.
//!
//! Must not know: what the bytes mean.

use std::io;

use crate::reader::encoding::{Decoder, Encoding, Trouble};

/// How much is read at a time, at least.
pub(super) const CHUNK: usize = 256 * 1024;

/// The bytes that were read and not yet consumed.
pub(super) struct Window {
    source: Decoder,
    bytes: Vec<u8>,
    start: usize,
    ended: bool,
    consumed: u64,
}

impl Window {
    pub(super) fn new(source: Decoder) -> Self {
        Window { source, bytes: Vec::new(), start: 0, ended: false, consumed: 0 }
    }

    /// What is held. Positions in it stay true until [`Window::consume`] is called.
    pub(super) fn held(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Whether nothing follows what is held.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// How many bytes have been consumed.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Reads more. What is held at least doubles, so that whoever starts again from the beginning
    /// after each call still does work in proportion to the length.
    pub(super) fn grow(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.start);
        self.start = 0;
        let wanted = self.bytes.len().max(CHUNK);
        self.bytes.reserve(wanted);
        self.ended = self.source.read(wanted, &mut self.bytes)?;
        Ok(())
    }

    /// The encoding of what is read, as far as it is known.
    pub(super) fn encoding(&self) -> Encoding {
        self.source.encoding()
    }

    /// Why something that was read is no text.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.source.trouble()
    }

    /// Lets go of the first `count` bytes held.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.held().len());
        self.start += count;
        self.consumed += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_passes_through_once() {
        let data: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut window = Window::new(Decoder::plain(Box::new(io::Cursor::new(data.clone()))));
        let mut seen = Vec::new();
        loop {
            if window.held().len() < 100_000 && !window.ended() {
                window.grow().expect("a cursor does not fail");
                continue;
            }
            let piece = window.held().len().min(77_777);
            seen.extend_from_slice(&window.held()[..piece]);
            window.consume(piece);
            if window.ended() && window.held().is_empty() {
                break;
            }
        }
        assert!(seen == data);
        assert_eq!(window.consumed(), data.len() as u64);
    }
}
