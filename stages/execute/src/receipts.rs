//! Receipts as the header's receipts root commits to them.

use std::cell::RefCell;

use alloy::consensus::{Eip658Value, Receipt as ReceiptFields, ReceiptWithBloom, TxType};
use alloy::primitives::B256;
use alloy_evm::Evm;
use alloy_evm::eth::receipt_builder::{ReceiptBuilder, ReceiptBuilderCtx};
use blockmill_chain::{Receipt, Transaction};
use blockmill_hash::LogBlooms;

/// Builds the receipts of one block, with a status (EIP-658).
#[derive(Debug, Default)]
pub(crate) struct StatusReceipts {
    blooms: RefCell<LogBlooms>,
}

impl ReceiptBuilder for StatusReceipts {
    type Transaction = Transaction;
    type Receipt = Receipt;

    fn build_receipt<E: Evm>(&self, cx: ReceiptBuilderCtx<'_, TxType, E>) -> Receipt {
        let receipt = ReceiptFields {
            status: Eip658Value::Eip658(cx.result.is_success()),
            cumulative_gas_used: cx.cumulative_gas_used,
            logs: cx.result.into_logs(),
        };
        let receipt =
            ReceiptWithBloom { logs_bloom: self.blooms.borrow_mut().of_logs(&receipt.logs), receipt };
        Receipt::from_typed(cx.tx_type, receipt)
    }
}

/// The same receipt as it was before Byzantium: with the state root after the transaction in place of a status. All
/// transactions were legacy then.
pub(crate) fn with_state_root(receipt: &Receipt, root: B256) -> Receipt {
    let fields = ReceiptFields {
        status: Eip658Value::PostState(root),
        cumulative_gas_used: receipt.cumulative_gas_used(),
        logs: receipt.logs().to_vec(),
    };
    Receipt::Legacy(ReceiptWithBloom { receipt: fields, logs_bloom: *receipt.logs_bloom() })
}
