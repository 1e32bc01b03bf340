//! The identity row.

use alloy::primitives::B256;
use alloy_rlp::{RlpDecodable, RlpEncodable};

use crate::{Identity, RowError, StoreKind};

#[derive(RlpEncodable, RlpDecodable)]
struct WireIdentity {
    chain_id: u64,
    genesis_hash: B256,
    kind: u8,
    first_block: u64,
}

const CHAIN: u8 = 0;
const WITNESSES: u8 = 1;

/// The RLP list `[chain id, genesis hash, kind, first block]`.
pub(crate) fn encode_identity(identity: &Identity) -> Vec<u8> {
    let kind = match identity.kind {
        StoreKind::Chain => CHAIN,
        StoreKind::Witnesses => WITNESSES,
    };
    let Identity { chain_id, genesis_hash, first_block, .. } = *identity;
    alloy_rlp::encode(WireIdentity { chain_id, genesis_hash, kind, first_block })
}

pub(crate) fn decode_identity(bytes: &[u8]) -> Result<Identity, RowError> {
    let WireIdentity { chain_id, genesis_hash, kind, first_block } = super::decode_rlp(bytes)?;
    let kind = match kind {
        CHAIN => StoreKind::Chain,
        WITNESSES => StoreKind::Witnesses,
        found => return Err(RowError::Kind { found }),
    };
    Ok(Identity { chain_id, genesis_hash, kind, first_block })
}
