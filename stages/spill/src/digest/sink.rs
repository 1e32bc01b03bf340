//! Small writes gathered for a hasher that is fast on long inputs only.

/// Bytes gathered before they are hashed: enough for BLAKE3 to use all SIMD lanes, little enough to stay in cache.
const SCRATCH_BYTES: usize = 64 << 10;

/// A hasher with a buffer before it.
pub(super) struct Sink<'a> {
    hasher: &'a mut blake3::Hasher,
    scratch: &'a mut Vec<u8>,
}

impl<'a> Sink<'a> {
    /// `scratch` is reused from sink to sink and empty in between.
    pub(super) fn new(hasher: &'a mut blake3::Hasher, scratch: &'a mut Vec<u8>) -> Self {
        scratch.reserve(SCRATCH_BYTES);
        Self { hasher, scratch }
    }

    /// Bytes whose number the reader knows.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        if self.scratch.len() + bytes.len() > SCRATCH_BYTES {
            self.flush();
        }
        if bytes.len() > SCRATCH_BYTES {
            self.hasher.update(bytes);
        } else {
            self.scratch.extend_from_slice(bytes);
        }
    }

    /// Values of a few bytes each.
    #[inline]
    pub(super) fn put_each<const BYTES: usize>(&mut self, values: impl Iterator<Item = [u8; BYTES]>) {
        for value in values {
            if self.scratch.len() + BYTES > SCRATCH_BYTES {
                self.flush();
            }
            self.scratch.extend_from_slice(&value);
        }
    }

    /// A length of 64 bits.
    pub(super) fn put_len(&mut self, len: usize) {
        self.put(&(len as u64).to_le_bytes());
    }

    /// A byte string that is there: its mark, its length, its bytes.
    #[inline]
    pub(super) fn put_valid_bytes(&mut self, bytes: &[u8]) {
        let mut head = [1; 1 + size_of::<u64>()];
        head[1..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        if self.scratch.len() + head.len() + bytes.len() > SCRATCH_BYTES {
            self.put(&head);
            return self.put(bytes);
        }
        self.scratch.extend_from_slice(&head);
        self.scratch.extend_from_slice(bytes);
    }

    /// A length, then the bytes.
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) {
        self.put_len(bytes.len());
        self.put(bytes);
    }

    /// Hashes what is gathered; to be called before the sink goes.
    pub(super) fn flush(&mut self) {
        self.hasher.update(self.scratch);
        self.scratch.clear();
    }
}
