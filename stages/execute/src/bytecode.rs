//! Code in the form the interpreter runs, analysed once and shared by all workers.

use std::sync::Mutex;

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, Bytes};
use blockmill_chain::{CodeSource, unpoisoned};
use revm::bytecode::Bytecode;

use crate::error::{Read, ReadError};

/// What an EIP-7702 delegation designator starts with, and how long it is.
const DELEGATION_PREFIX: [u8; 3] = [0xef, 0x01, 0x00];
const DELEGATION_BYTES: usize = 23;

/// Analysed bytecode by hash, within a budget of bytes: when it is full it starts anew, which costs one analysis per
/// contract and needs no bookkeeping per hit.
#[derive(Debug)]
pub struct CodeCache {
    budget_bytes: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    by_hash: B256Map<Bytecode>,
    bytes: usize,
}

impl CodeCache {
    /// A cache that holds up to `budget_bytes` of code and jump tables.
    pub fn new(budget_bytes: usize) -> Self {
        Self { budget_bytes, held: Mutex::default() }
    }

    /// Bytes of code and jump tables that it holds.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// The code with this hash, from the cache or from `source`. `delegations`: whether code that looks like a
    /// delegation is one (from Prague on).
    pub(crate) fn get<C: CodeSource>(
        &self,
        hash: B256,
        source: &C,
        delegations: bool,
    ) -> Result<Bytecode, ReadError> {
        if hash == KECCAK_EMPTY {
            return Ok(Bytecode::default());
        }
        if let Some(code) = self.lock().by_hash.get(&hash) {
            return Ok(code.clone());
        }
        let read = |e| ReadError::Source { what: Read::Code(hash), source: Box::new(e) };
        let raw = source.code(hash).map_err(read)?.ok_or(ReadError::MissingCode { hash })?;
        let code = analyse(raw, delegations);
        if !looks_like_delegation(&code.original_bytes()) {
            self.keep(hash, code.clone());
        }
        Ok(code)
    }

    fn keep(&self, hash: B256, code: Bytecode) {
        // The padded code plus one bit per byte for jump destinations, plus the table's share.
        let bytes = code.len() + code.len() / 8 + 128;
        let mut held = self.lock();
        if held.bytes + bytes > self.budget_bytes {
            *held = Held::default();
        }
        // Another worker may have kept it meanwhile.
        if held.by_hash.insert(hash, code).is_none() {
            held.bytes += bytes;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        unpoisoned(self.held.lock())
    }
}

fn analyse(raw: Bytes, delegations: bool) -> Bytecode {
    if looks_like_delegation(&raw) && delegations {
        Bytecode::new_raw(raw)
    } else {
        Bytecode::new_legacy(raw)
    }
}

/// Depends on the fork, so it is never cached.
fn looks_like_delegation(code: &[u8]) -> bool {
    code.len() == DELEGATION_BYTES && code.starts_with(&DELEGATION_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_two_workers_keep_at_once_counts_once() {
        let cache = CodeCache::new(1 << 20);
        let (hash, code) = (B256::repeat_byte(1), Bytecode::new_legacy(Bytes::from_static(&[0x60, 0])));
        cache.keep(hash, code.clone());
        let bytes = cache.bytes();
        cache.keep(hash, code);
        assert!(bytes > 0);
        assert_eq!(cache.bytes(), bytes);
    }
}
