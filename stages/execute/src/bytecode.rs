//! Code in the form the interpreter runs, analysed once and shared by all workers.

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::map::FbBuildHasher;
use alloy::primitives::{B256, Bytes};
use blockmill_chain::CodeSource;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use revm::bytecode::Bytecode;

use crate::error::{Read, ReadError};

/// What an EIP-7702 delegation designator starts with, and how long it is.
const DELEGATION_PREFIX: [u8; 3] = [0xef, 0x01, 0x00];
const DELEGATION_BYTES: usize = 23;

/// What most contracts take, by which the cache estimates how many it will hold.
const TYPICAL_BYTES: usize = 8 << 10;

/// Analysed bytecode by hash, within a budget of bytes. The least used leaves first.
#[derive(Debug)]
pub struct CodeCache(Cache<B256, Bytecode, CodeBytes, FbBuildHasher<32>>);

/// Memory of analysed code: the padded code, one bit per byte for jump destinations, and its share of the table.
#[derive(Debug, Clone)]
struct CodeBytes;

impl Weighter<B256, Bytecode> for CodeBytes {
    fn weight(&self, _: &B256, code: &Bytecode) -> u64 {
        (code.len() + code.len() / 8 + 128) as u64
    }
}

impl CodeCache {
    /// A cache that holds up to `budget_bytes` of code and jump tables.
    pub fn new(budget_bytes: usize) -> Self {
        let typical = budget_bytes / TYPICAL_BYTES;
        Self(Cache::with(
            typical,
            budget_bytes as u64,
            CodeBytes,
            FbBuildHasher::default(),
            Default::default(),
        ))
    }

    /// Bytes of code and jump tables that it holds.
    pub fn bytes(&self) -> usize {
        self.0.weight() as usize
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
        if let Some(code) = self.0.get(&hash) {
            return Ok(code);
        }
        let read = |e| ReadError::Source { what: Read::Code(hash), source: Box::new(e) };
        let raw = source.code(hash).map_err(read)?.ok_or(ReadError::MissingCode { hash })?;
        let code = analyse(raw, delegations);
        if !looks_like_delegation(&code.original_bytes()) {
            self.0.insert(hash, code.clone());
        }
        Ok(code)
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
    use alloy::primitives::keccak256;

    use super::*;

    fn code(number: u64, bytes: usize) -> (B256, Bytecode) {
        (keccak256(number.to_be_bytes()), Bytecode::new_legacy(vec![0x5b; bytes].into()))
    }

    #[test]
    fn code_that_two_workers_keep_at_once_counts_once() {
        let cache = CodeCache::new(1 << 20);
        let (hash, code) = code(1, 100);
        cache.0.insert(hash, code.clone());
        let bytes = cache.bytes();
        cache.0.insert(hash, code);
        assert!(bytes > 100);
        assert_eq!(cache.bytes(), bytes);
    }

    #[test]
    fn a_full_cache_keeps_to_its_budget_and_what_is_used_most() {
        let cache = CodeCache::new(1 << 20);
        let (popular, analysed) = code(0, 1_000);
        cache.0.insert(popular, analysed);
        for number in 1..2_000 {
            let (hash, analysed) = code(number, 10_000);
            cache.0.insert(hash, analysed);
            assert!(cache.0.get(&popular).is_some(), "{number}");
            assert!(cache.bytes() <= 1 << 20);
        }
        assert!(cache.bytes() > 1 << 19);
    }
}
