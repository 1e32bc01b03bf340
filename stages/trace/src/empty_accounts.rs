//! Decides whether the empty accounts that a foreign witness lists existed before its block.
//!
//! Before EIP-161 (mainnet's block 2,675,000) an account that exists and is empty is not the same as one that does not exist:
//! a call to it costs 25,000 gas less. prestateTracer lists an existing empty account like any other; some recorders list
//! accounts that were read and not found in the same way.

use std::convert::Infallible;

use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, Bytes, keccak256};
use blockmill_chain::{Account, AccountWitness, ChainSpec, CodeSource, Fork, Witness};
use blockmill_execute::{BlockState, CodeCache, ExecuteError, NoObserver, check_block, execute_block};

use crate::witness_state::WitnessState;

/// What the empty accounts of a foreign witness are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyAccounts {
    /// The witness lists none, or the block is one after EIP-161, where an empty account is as good as none.
    Irrelevant,
    /// The accounts existed: the block verifies so. Also where it verifies in neither reading, which a replay
    /// will tell.
    Existing,
    /// The accounts did not exist: only so the block verifies.
    Absent,
}

/// Decides what the empty accounts of a foreign witness are, and removes those that did not exist. The block is executed for it,
/// where it matters. `codes` are those that the witness came with.
pub fn settle_empty_accounts(spec: &ChainSpec, witness: &mut Witness, codes: &[Bytes]) -> EmptyAccounts {
    let number = witness.block.number();
    if !witness.reads.accounts.iter().any(is_listed_empty) {
        return EmptyAccounts::Irrelevant;
    }
    if spec.condition(Fork::SpuriousDragon).active_at_block(number) {
        remove_empty(witness);
        return EmptyAccounts::Irrelevant;
    }
    let codes = ListedCodes(codes.iter().map(|code| (keccak256(code), code.clone())).collect());
    if verify(spec, witness, &codes).is_ok() {
        return EmptyAccounts::Existing;
    }
    let mut other = witness.clone();
    remove_empty(&mut other);
    if verify(spec, &other, &codes).is_err() {
        return EmptyAccounts::Existing;
    }
    *witness = other;
    EmptyAccounts::Absent
}

/// An account with storage exists, whatever else it has.
fn is_listed_empty(listed: &AccountWitness) -> bool {
    listed.account.as_ref().is_some_and(Account::is_empty) && listed.storage.is_empty()
}

fn remove_empty(witness: &mut Witness) {
    witness.reads.accounts.iter_mut().filter(|listed| is_listed_empty(listed)).for_each(|listed| {
        listed.account = None;
    });
}

/// Replays the block and compares it with its header.
fn verify(spec: &ChainSpec, witness: &Witness, codes: &ListedCodes) -> Result<(), ExecuteError> {
    let (block, reads) = (&witness.block, &witness.reads);
    // Holds nothing: code is used once.
    let cache = CodeCache::new(0);
    let delegations = spec.is_prague(block.header().timestamp);
    let mut state = BlockState::new(WitnessState::new(reads, codes), &cache, delegations);
    let executed = execute_block(spec, block, &mut state, &mut NoObserver {}, |_| Ok(()))?;
    check_block(spec, block, &executed, &reads.transaction_roots)
}

struct ListedCodes(B256Map<Bytes>);

impl CodeSource for ListedCodes {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.0.get(&hash).cloned())
    }
}
