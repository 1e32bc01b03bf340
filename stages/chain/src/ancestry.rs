//! The last blocks of a chain: what the rules of the next block compare it with.

use std::collections::VecDeque;

use alloy::consensus::Header;
use alloy::primitives::{B256, U256};

use crate::RecoveredBlock;

/// How far back an ommer's parent may lie ([yellow paper](https://ethereum.github.io/yellowpaper/paper.pdf), 11.1): six
/// generations of ommers have parents among the last seven blocks.
const GENERATIONS: usize = 7;

/// A block that can be the parent of another, or of an ommer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// keccak256 of the RLP of the header.
    pub hash: B256,
    /// Its header.
    pub header: Header,
    /// The hashes of its ommers.
    pub ommers: Vec<B256>,
    /// Total difficulty up to and with it, where it is known.
    pub total_difficulty: Option<U256>,
}

/// The end of a chain: its last blocks, as far as they are known and the rules reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ancestry {
    /// The known blocks, oldest first.
    last: VecDeque<Ancestor>,
}

impl Ancestry {
    /// How many blocks back the rules reach.
    pub const DEPTH: u64 = GENERATIONS as u64;

    /// An end of which no block is known.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Appends the next block, which must follow. `total_difficulty` includes it; `None` where it is unknown.
    pub fn push(&mut self, block: &RecoveredBlock, total_difficulty: Option<U256>) {
        if self.last.len() == GENERATIONS {
            self.last.pop_front();
        }
        let ommers = block.block.body.ommers.iter().map(Header::hash_slow).collect();
        let header = block.header().clone();
        self.last.push_back(Ancestor { hash: block.hash, header, ommers, total_difficulty });
    }

    /// The last block; `None` where no block is known.
    pub fn parent(&self) -> Option<&Ancestor> {
        self.last.back()
    }

    /// The blocks that are known, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Ancestor> {
        self.last.iter()
    }

    /// The block with this hash.
    pub fn find(&self, hash: B256) -> Option<&Ancestor> {
        self.last.iter().find(|ancestor| ancestor.hash == hash)
    }

    /// Whether every block that the rules reach is known.
    pub fn is_whole(&self) -> bool {
        self.last.len() == GENERATIONS || self.last.front().is_some_and(|oldest| oldest.header.number == 0)
    }
}
