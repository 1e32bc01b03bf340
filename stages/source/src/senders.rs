//! Senders, recovered from signatures on all cores.

use alloy::consensus::transaction::SignerRecoverable;
use alloy::primitives::Address;
use blockmill_chain::{Block, ChainSpec, Transaction};
use rayon::prelude::*;

use crate::error::{FilePlace, SourceError};

/// The sender of each transaction. From Homestead on, a signature with a high `s` is refused (EIP-2).
pub(crate) fn recover(
    block: &Block,
    spec: &ChainSpec,
    place: impl Fn() -> Box<FilePlace>,
) -> Result<Vec<Address>, SourceError> {
    let recover = match spec.is_homestead(block.header.number) {
        true => Transaction::recover_signer,
        false => Transaction::recover_signer_unchecked,
    };
    let senders: Vec<_> = block.body.transactions.par_iter().map(recover).collect();
    let senders = senders.into_iter().enumerate();
    let refused = |transaction, source| SourceError::Signature { place: place(), transaction, source };
    senders.map(|(index, sender)| sender.map_err(|source| refused(index, source))).collect()
}
