//! The tokens of the hand-built chain: a log of each standard per block, and the rows that say the same.

use alloy::primitives::{Address, B256, U256, b256, keccak256};
use blockmill_schemas::rows::{
    Erc20ApprovalRow, Erc20ApprovalRows, Erc20TransferRow, Erc20TransferRows, Erc721TransferRow,
    Erc721TransferRows, Erc1155TransferRow, Erc1155TransferRows, LogRow, LogRows, MOST_BYTES_IN_PLACE,
    Payload, PayloadRow, PayloadRows, RowBatch,
};

use crate::chain::{CONTRACT, SENDER, hash};

const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
const APPROVAL: B256 = b256!("8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925");
const TRANSFER_SINGLE: B256 = b256!("c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62");

/// Rows of logs and of the tables made from them.
#[derive(Default)]
pub(crate) struct Tokens {
    logs: LogRows,
    transfers: Erc20TransferRows,
    approvals: Erc20ApprovalRows,
    singles: Erc721TransferRows,
    multiples: Erc1155TransferRows,
    payloads: PayloadRows,
}

impl Tokens {
    pub(crate) fn push(&mut self, number: u64) {
        self.push_other_logs(number);
        let value = U256::from(7);
        let (from, to) = (SENDER.into_word(), CONTRACT.into_word());
        let log = LogRow {
            block_number: number,
            transaction_index: 1,
            log_index: 3,
            address: CONTRACT,
            topic0: Some(TRANSFER),
            topic1: Some(from),
            topic2: Some(to),
            topic3: None,
            data: Payload::Short(&value.to_be_bytes::<32>()),
        };
        self.logs.push(&log);
        self.logs.push(&LogRow { log_index: 4, topic0: Some(APPROVAL), ..log });
        self.logs.push(&LogRow {
            log_index: 5,
            topic3: Some(value.into()),
            data: Payload::Short(&[]),
            ..log
        });
        let pair = [value.to_be_bytes::<32>(), U256::MAX.to_be_bytes::<32>()].concat();
        let (topic0, topic3) = (Some(TRANSFER_SINGLE), Some(to));
        self.logs.push(&LogRow {
            log_index: 6,
            topic0,
            topic2: Some(from),
            topic3,
            data: Payload::Short(&pair),
            ..log
        });
        self.push_token_rows(number, value);
    }

    fn push_token_rows(&mut self, block_number: u64, value: U256) {
        let (transaction_index, token_address) = (1, CONTRACT);
        let (from_address, to_address): (Address, Address) = (SENDER, CONTRACT);
        self.transfers.push(&Erc20TransferRow {
            block_number,
            transaction_index,
            log_index: 3,
            token_address,
            from_address,
            to_address,
            value,
        });
        let (owner, spender) = (from_address, to_address);
        self.approvals.push(&Erc20ApprovalRow {
            block_number,
            transaction_index,
            log_index: 4,
            token_address,
            owner,
            spender,
            value,
        });
        self.singles.push(&Erc721TransferRow {
            block_number,
            transaction_index,
            log_index: 5,
            token_address,
            from_address,
            to_address,
            token_id: value,
        });
        self.multiples.push(&Erc1155TransferRow {
            block_number,
            transaction_index,
            log_index: 6,
            batch_index: 0,
            token_address,
            operator: SENDER,
            from_address,
            to_address,
            token_id: value,
            value: U256::MAX,
        });
    }

    /// Data of a log that are too long for its row.
    fn push_payload(&mut self, block_number: u64) -> B256 {
        let data = [0xda; MOST_BYTES_IN_PLACE + 5];
        let payload_hash = keccak256(data);
        for (piece_index, piece) in (0..).zip(data.chunks(MOST_BYTES_IN_PLACE)) {
            self.payloads.push(&PayloadRow { block_number, payload_hash, piece_index, piece });
        }
        payload_hash
    }

    fn push_other_logs(&mut self, number: u64) {
        let long = self.push_payload(number);
        for (log_index, transaction_index) in [(0, 0), (1, 0), (2, 1)] {
            self.logs.push(&LogRow {
                block_number: number,
                transaction_index,
                log_index,
                address: CONTRACT,
                topic0: (log_index > 0).then(|| hash(0x10, number, 0)),
                topic1: (log_index > 1).then(|| hash(0x11, number, 0)),
                topic2: None,
                topic3: None,
                data: if log_index == 1 { Payload::Long(long) } else { Payload::Short(&[0xde, 0xad]) },
            });
        }
    }

    pub(crate) fn into_rows(self) -> Vec<Box<dyn RowBatch>> {
        let Self { logs, transfers, approvals, singles, multiples, payloads } = self;
        vec![
            Box::new(logs),
            Box::new(transfers),
            Box::new(approvals),
            Box::new(singles),
            Box::new(multiples),
            Box::new(payloads),
        ]
    }
}
