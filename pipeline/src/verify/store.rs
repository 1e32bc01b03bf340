//! Reads everything of a store that can be recomputed, and compares.

use std::sync::Arc;

use alloy::consensus::proofs::{
    calculate_ommers_root, calculate_transaction_root, calculate_withdrawals_root,
};
use alloy::consensus::transaction::SignerRecoverable;
use alloy::consensus::{BlockBody, Header};
use alloy::primitives::{B256, keccak256};
use blockmill_chain::{BlockRange, Transaction};
use blockmill_store::{Store, StoreError, StoredBlock};
use rayon::prelude::*;

use crate::memory::{DECODED_PER_ENCODED_BYTE, Gauge, Room};

/// What is wrong in a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreDamage {
    /// How many rows, or groups of rows, are wrong or cannot be read.
    pub count: u64,
    /// The first of them, for people.
    pub samples: Vec<String>,
}

/// Places that are shown.
const SHOWN: usize = 5;
/// Blocks that threads take from; how many are in memory at a time is a matter of their bytes.
const WINDOW_BLOCKS: u64 = 256;

/// Recomputes the hash of every block, of its transactions, withdrawals and ommers, the senders, and the hash of all code;
/// reads every change set and witness. The state is compared elsewhere: by its tries.
///
/// All threads together hold blocks of about `memory_bytes`; one that is larger is checked alone.
pub fn check_store(store: &Store, memory_bytes: usize) -> StoreDamage {
    let mut damage = StoreDamage::default();
    check_blocks(store, memory_bytes, &mut damage);
    for row in store.codes() {
        match row {
            Ok((hash, code)) if keccak256(&code) == hash => {}
            Ok((hash, code)) => damage.add(format!("code {hash} hashes to {}", keccak256(&code))),
            Err(error) => damage.add(error.to_string()),
        }
    }
    damage
}

fn check_blocks(store: &Store, memory_bytes: usize, damage: &mut StoreDamage) {
    let last = match store.last_block() {
        Ok(Some(last)) => last,
        Ok(None) => return,
        Err(error) => return damage.add(error.to_string()),
    };
    let (room, gauge) = (Room::new(memory_bytes), Gauge::default());
    for start in (0..=last).step_by(WINDOW_BLOCKS as usize) {
        let window = BlockRange::new(start, (start + WINDOW_BLOCKS).min(last + 1));
        let numbers: Vec<_> = store.numbers(window).collect();
        let found: Vec<_> = numbers
            .into_par_iter()
            .filter_map(|number| {
                let number = number.map_err(|error| error.to_string());
                number.and_then(|number| wrong_within(&room, &gauge, store, number)).err()
            })
            .collect();
        found.into_iter().for_each(|problem| damage.add(problem));
    }
}

/// What is wrong with a block, as soon as there is room for it.
fn wrong_within(room: &Arc<Room>, gauge: &Gauge, store: &Store, number: u64) -> Result<(), String> {
    let size = |size: Result<u64, StoreError>| size.map_err(|error| error.to_string());
    let encoded = size(store.body_size(number))?
        + size(store.change_set_size(number))?
        + size(store.witness_size(number))?;
    // This room is never closed.
    let _held = room.enter((encoded as usize).saturating_mul(DECODED_PER_ENCODED_BYTE), gauge);
    wrong(store, number)
}

/// What is wrong with a block.
fn wrong(store: &Store, number: u64) -> Result<(), String> {
    let text = |error: StoreError| error.to_string();
    let stored = store.block(number).map_err(text)?.ok_or_else(|| format!("block {number} is gone"))?;
    store.change_set(number).map_err(text)?;
    store.witness(number).map_err(text)?;
    if store.number_of(stored.block.hash).map_err(text)? != Some(number) {
        return Err(format!("block {number}: its hash leads to another number"));
    }
    let parent =
        number.checked_sub(1).map(|parent| store.block_hash(parent)).transpose().map_err(text)?.flatten();
    check_block(&stored, parent).map_err(|what| format!("block {number}: {what}"))
}

fn check_block(stored: &StoredBlock, parent: Option<B256>) -> Result<(), &'static str> {
    let (block, header) = (&stored.block.block, stored.block.header());
    check_header(header, stored.block.hash, parent)?;
    // Blocks of witness files may have none of the ommers that the header names.
    check_body(header, &block.body, stored.block.knows_ommers())?;
    let mut pairs = block.body.transactions.iter().zip(&stored.block.senders);
    let is_signed =
        pairs.all(|(transaction, sender)| transaction.recover_signer_unchecked().ok() == Some(*sender));
    is(is_signed, "a sender is not the one who signed")
}

/// The header has the hash that its block is known by, and that of the parent.
pub(crate) fn check_header(header: &Header, hash: B256, parent: Option<B256>) -> Result<(), &'static str> {
    is(header.hash_slow() == hash, "the header does not have the block's hash")?;
    is(parent.is_none_or(|parent| parent == header.parent_hash), "it does not follow the block before")
}

/// The body is that of the header.
pub(crate) fn check_body(
    header: &Header,
    body: &BlockBody<Transaction>,
    knows_ommers: bool,
) -> Result<(), &'static str> {
    is(
        calculate_transaction_root(&body.transactions) == header.transactions_root,
        "the transactions are not those of the header",
    )?;
    let has_ommers = !knows_ommers || calculate_ommers_root(&body.ommers) == header.ommers_hash;
    is(has_ommers, "the ommers are not those of the header")?;
    let withdrawals = body.withdrawals.as_ref().map(|withdrawals| calculate_withdrawals_root(withdrawals));
    is(withdrawals == header.withdrawals_root, "the withdrawals are not those of the header")
}

fn is(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

impl StoreDamage {
    fn add(&mut self, problem: String) {
        self.count += 1;
        if self.samples.len() < SHOWN {
            self.samples.push(problem);
        }
    }
}
