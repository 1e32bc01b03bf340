//! Receipts without their blooms, as eth/69 has them ([EIP-7642](https://eips.ethereum.org/EIPS/eip-7642)).

use alloy::consensus::{Eip658Value, Receipt as ReceiptBody, ReceiptWithBloom, TxReceipt, TxType};
use alloy::primitives::Log;
use alloy_rlp::{Decodable, RlpDecodable, RlpEncodable};
use blockmill_chain::Receipt;
use blockmill_hash::LogBlooms;

/// One receipt; no envelope is around it, and transactions without a type have type 0.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
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

impl SlimReceipt {
    /// With the bloom of its logs.
    fn complete(self, blooms: &mut LogBlooms) -> alloy_rlp::Result<Receipt> {
        let kind = TxType::try_from(self.kind);
        let kind =
            kind.map_err(|_| alloy_rlp::Error::Custom("a receipt has an unknown type of transaction"))?;
        let Self { status, cumulative_gas_used, logs, .. } = self;
        let logs_bloom = blooms.bloom(&logs);
        let receipt = ReceiptBody { status, cumulative_gas_used, logs };
        Ok(Receipt::from_typed(kind, ReceiptWithBloom { receipt, logs_bloom }))
    }
}

/// The receipts of a block.
pub(crate) fn decode_receipts(rlp: &[u8]) -> alloy_rlp::Result<Vec<Receipt>> {
    let mut rest = rlp;
    let slim = Vec::<SlimReceipt>::decode(&mut rest)?;
    if !rest.is_empty() {
        return Err(alloy_rlp::Error::UnexpectedLength);
    }
    let mut blooms = LogBlooms::default();
    slim.into_iter().map(|receipt| receipt.complete(&mut blooms)).collect()
}
