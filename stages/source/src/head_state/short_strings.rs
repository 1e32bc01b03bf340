//! JSON whose strings have a bounded length, so that a reader of single values needs bounded memory.

use std::io::{self, Read};

/// Far more than the longest string in a dump, which is code: twice 64 KiB.
const MAX_STRING_BYTES: u64 = 16 << 20;

/// A string is longer than any valid one.
#[derive(Debug, thiserror::Error)]
#[error("more than {limit_bytes} bytes in one piece")]
pub(super) struct StringTooLong {
    /// The limit.
    pub(super) limit_bytes: u64,
}

/// Fails where no quote comes for too long: what a parser keeps of one key, string or number lies between two.
pub(super) struct ShortStrings {
    inner: Box<dyn Read>,
    bytes_since_quote: u64,
    /// Whether a backslash goes before the next byte that no other backslash escapes.
    is_escaped: bool,
}

impl ShortStrings {
    pub(super) fn new(inner: Box<dyn Read>) -> Self {
        Self { inner, bytes_since_quote: 0, is_escaped: false }
    }
}

impl Read for ShortStrings {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in &buffer[..read] {
            // An escaped quote does not end a string.
            let is_quote = *byte == b'"' && !self.is_escaped;
            self.bytes_since_quote = if is_quote { 0 } else { self.bytes_since_quote + 1 };
            self.is_escaped = *byte == b'\\' && !self.is_escaped;
            if self.bytes_since_quote > MAX_STRING_BYTES {
                return Err(io::Error::other(StringTooLong { limit_bytes: MAX_STRING_BYTES }));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> io::Result<u64> {
        let text = io::Cursor::new(pieces.concat());
        io::copy(&mut ShortStrings::new(Box::new(text)), &mut io::sink())
    }

    #[test]
    fn a_quote_behind_an_escaped_backslash_ends_a_string() {
        let (half, space) = (vec![b'a'; 9 << 20], vec![b' '; 9 << 20]);
        assert!(read(&[b"\"", &half, b"\\\\\"", &space]).is_ok());
        let error = read(&[b"\"", &half, b"\\\"", &half]).unwrap_err();
        assert!(error.to_string().contains("16777216 bytes"), "{error}");
    }
}
