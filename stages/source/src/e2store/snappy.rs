//! Snappy frames: <https://github.com/google/snappy/blob/main/framing_format.txt>.

use std::io::Read;
use std::path::Path;

use snap::read::FrameDecoder;

use super::entry::Entry;
use crate::error::{FilePlace, SourceError};

/// No body and no receipts of a block are larger: the gas limit before the merge allowed a few MiB.
pub(crate) const MAX_PAYLOAD_BYTES: u64 = 64 << 20;

/// No header is larger: most are half a kilobyte; clique headers list their signers.
pub(crate) const MAX_HEADER_BYTES: u64 = 1 << 20;

/// What is reserved on the word of chunk headers; more than that grows as it comes.
const MOST_RESERVED_BYTES: usize = 1 << 20;

/// The chunk that every stream starts with.
const STREAM_IDENTIFIER: &[u8] = b"\xff\x06\x00\x00sNaPpY";

/// Unpacks entries one after the other with the same buffers: a decoder of its own for each would spend more time
/// clearing 140 KiB than unpacking.
#[derive(Default)]
pub(crate) struct Unpacker<'a> {
    decoder: Option<FrameDecoder<&'a [u8]>>,
}

impl<'a> Unpacker<'a> {
    /// The unpacked data of an entry, at most `limit_bytes` of it; its checksums hold.
    pub(crate) fn unpack(
        &mut self,
        entry: Entry<'a>,
        what: &'static str,
        limit_bytes: u64,
        file: &Path,
    ) -> Result<Vec<u8>, SourceError> {
        let place = || FilePlace::byte(file, entry.offset);
        if !entry.data.starts_with(STREAM_IDENTIFIER) {
            return Err(SourceError::Format {
                place: place(),
                problem: format!("{what} is not a snappy stream"),
            });
        }
        let mut decoder = self.decoder.take().unwrap_or_else(|| FrameDecoder::new(&[]));
        *decoder.get_mut() = entry.data;
        let mut unpacked = Vec::with_capacity(announced_bytes(entry.data).min(MOST_RESERVED_BYTES));
        let read = decoder.by_ref().take(limit_bytes + 1).read_to_end(&mut unpacked);
        read.map_err(|source| SourceError::Unpack { place: place(), what, source })?;
        if unpacked.len() as u64 > limit_bytes {
            return Err(SourceError::TooLarge { place: place(), what, limit_bytes });
        }
        // Only a decoder that reached the end of its stream can start another.
        self.decoder = Some(decoder);
        Ok(unpacked)
    }
}

/// How many bytes the chunk headers announce. Nothing is unpacked: it serves to plan a batch, and the unpacker refuses
/// data that turns out longer or shorter.
pub(crate) fn announced_bytes(mut stream: &[u8]) -> usize {
    const COMPRESSED: u8 = 0x00;
    const UNCOMPRESSED: u8 = 0x01;
    /// In front of the data of both.
    const CHECKSUM_BYTES: usize = 4;
    let mut bytes = 0_usize;
    while let Some((&[kind, l0, l1, l2], rest)) = stream.split_first_chunk() {
        let length = u32::from_le_bytes([l0, l1, l2, 0]) as usize;
        let (chunk, next) = rest.split_at(length.min(rest.len()));
        let data = chunk.get(CHECKSUM_BYTES..).unwrap_or_default();
        bytes += match kind {
            COMPRESSED => snap::raw::decompress_len(data).unwrap_or(0),
            UNCOMPRESSED => data.len(),
            _ => 0,
        };
        stream = next;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        snap::read::FrameEncoder::new(data).read_to_end(&mut out).unwrap();
        out
    }

    fn entry(data: &[u8]) -> Entry<'_> {
        Entry { kind: 0, offset: 0, data }
    }

    proptest! {
        #[test]
        fn what_is_announced_is_what_comes_out(data in proptest::collection::vec(0_u8..4, 1..200_000)) {
            let stream = packed(&data);
            let unpacked =
                Unpacker::default().unpack(entry(&stream), "data", MAX_PAYLOAD_BYTES, Path::new("x")).unwrap();
            prop_assert_eq!(announced_bytes(&stream), data.len());
            prop_assert_eq!(unpacked, data);
        }

        #[test]
        fn garbage_is_never_a_panic(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            announced_bytes(&data);
            let stream = [STREAM_IDENTIFIER, &data].concat();
            let _ = Unpacker::default().unpack(entry(&stream), "data", 100, Path::new("x"));
        }
    }

    #[test]
    fn a_stream_longer_than_its_limit_is_refused() {
        let stream = packed(&[0; 1_001]);
        let mut unpacker = Unpacker::default();
        let file = Path::new("x");
        let refused = unpacker.unpack(entry(&stream), "data", 1_000, file);
        assert!(matches!(refused, Err(SourceError::TooLarge { limit_bytes: 1_000, .. })));
        assert_eq!(unpacker.unpack(entry(&stream), "data", 1_001, file).unwrap(), [0; 1_001]);
    }
}
