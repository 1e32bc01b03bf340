//! Receipts without their blooms, as eth/69 has them ([EIP-7642](https://eips.ethereum.org/EIPS/eip-7642)).

use alloy::consensus::{Eip658Value, TxReceipt};
use alloy::primitives::Log;
use alloy_rlp::RlpEncodable;
use blockmill_chain::Receipt;

/// One receipt; no envelope is around it, and transactions without a type have type 0.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable)]
pub(crate) struct SlimReceipt {
    kind: u8,
    status: Eip658Value,
    cumulative_gas_used: u64,
    logs: Vec<Log>,
}

impl From<&Receipt> for SlimReceipt {
    fn from(receipt: &Receipt) -> Self {
        Self {
            kind: receipt.tx_type() as u8,
            status: receipt.status_or_post_state(),
            cumulative_gas_used: receipt.cumulative_gas_used(),
            logs: receipt.logs().to_vec(),
        }
    }
}
