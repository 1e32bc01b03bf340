//! The state of the hand-built chain: what each part of a block moves, reads and changes.

use std::collections::BTreeMap;

use alloy::primitives::{Address, FixedBytes, U256, keccak256};
use blockmill_schemas::rows::{
    AddressAppearanceRow, AddressAppearanceRows, BalanceDiffRow, BalanceDiffRows, BalanceReadRow,
    BalanceReadRows, CodeDiffRow, CodeDiffRows, CodeReadRow, CodeReadRows, ContractRow, ContractRows,
    FourByteCountRow, FourByteCountRows, NativeTransferRow, NativeTransferRows, NonceDiffRow, NonceDiffRows,
    NonceReadRow, NonceReadRows, Payload, Relationship, RowBatch, StorageDiffRow, StorageDiffRows,
    StorageReadRow, StorageReadRows, TransferType,
};

use crate::chain::{BLOCK_REWARD, CODE, CONTRACT, CREATED, GAS, MINER, OMMER_BLOCK, OMMER_REWARD, SENDER};

/// What the sender has before the first block.
const FORTUNE: u128 = 1_000_000_000_000_000_000_000;
const BASE_FEE: u128 = 7;
const GWEI: u128 = 1_000_000_000;

/// Balances as the chain goes on, and the rows of blocks from the first wanted one on.
pub(crate) struct State {
    first: u64,
    balances: BTreeMap<Address, u128>,
    rows: Rows,
    transfer_index: u32,
    change_index: u32,
}

#[derive(Default)]
struct Rows {
    transfers: NativeTransferRows,
    contracts: ContractRows,
    balances: BalanceDiffRows,
    nonces: NonceDiffRows,
    codes: CodeDiffRows,
    storage: StorageDiffRows,
    balance_reads: BalanceReadRows,
    nonce_reads: NonceReadRows,
    code_reads: CodeReadRows,
    storage_reads: StorageReadRows,
    calls: FourByteCountRows,
    appearances: AddressAppearanceRows,
}

/// A part of a block: what it moves, and what its sender pays.
struct Part<'a> {
    number: u64,
    transaction: Option<u32>,
    moves: &'a [(TransferType, Option<Address>, Option<Address>, u128)],
    /// From the sender, and of it to the miner.
    fees: (u128, u128),
}

impl State {
    /// Rows of blocks from `first` on; the blocks before are to be pushed too.
    pub(crate) fn new(first: u64) -> Self {
        let balances = [(SENDER, FORTUNE)].into();
        Self { first, balances, rows: Rows::default(), transfer_index: 0, change_index: 0 }
    }

    pub(crate) fn push(&mut self, number: u64) {
        (self.transfer_index, self.change_index) = (0, 0);
        if number == 0 {
            let moves = [(TransferType::Genesis, None, Some(CONTRACT), 5)];
            return self.push_part(&Part { number, transaction: None, moves: &moves, fees: (0, 0) });
        }
        let sent = [CONTRACT, CREATED].map(|to| (TransferType::Transaction, Some(SENDER), Some(to), 5));
        let fees = |gas: u64, price: u128| (u128::from(gas) * price, u128::from(gas) * (price - BASE_FEE));
        let part = |transaction, moves, fees| Part { number, transaction: Some(transaction), moves, fees };
        self.push_part(&part(0, &sent[..1], fees(GAS[0], 10)));
        self.push_part(&part(1, &sent[1..], fees(GAS[1], 9)));
        let (paid, tip) = fees(GAS[2], 8);
        self.push_part(&part(2, &[], (paid + 131_072, tip)));
        self.push_payments(number);
        if number >= self.first {
            self.push_code_and_storage(number);
            self.push_calls(number);
        }
    }

    fn push_payments(&mut self, number: u64) {
        let made = |kind, to, wei| (kind, None, Some(to), wei);
        let mut moves = vec![made(TransferType::Reward, CONTRACT, u128::from(BLOCK_REWARD))];
        if number == OMMER_BLOCK {
            moves.push(made(TransferType::OmmerReward, CONTRACT, u128::from(OMMER_REWARD)));
        }
        moves.extend([made(TransferType::Withdrawal, SENDER, 32 * GWEI * GWEI); 2]);
        self.push_part(&Part { number, transaction: None, moves: &moves, fees: (0, 0) });
    }

    fn push_part(&mut self, part: &Part<'_>) {
        let before = self.balances.clone();
        let mut pay = |address: Option<Address>, wei: i128| {
            if let Some(address) = address {
                let balance = self.balances.entry(address).or_default();
                *balance = balance.checked_add_signed(wei).unwrap();
            }
        };
        pay(Some(SENDER), -(part.fees.0 as i128));
        pay(Some(MINER), part.fees.1 as i128);
        for (_, from, to, wei) in part.moves {
            pay(*from, -(*wei as i128));
            pay(*to, *wei as i128);
        }
        if part.number >= self.first {
            self.push_transfers(part);
            self.push_balances(part, &before);
            self.push_nonce(part);
        }
    }

    fn push_transfers(&mut self, part: &Part<'_>) {
        for &(transfer_type, from_address, to_address, wei) in part.moves {
            self.rows.transfers.push(&NativeTransferRow {
                block_number: part.number,
                transaction_index: part.transaction,
                transfer_index: self.transfer_index,
                from_address,
                to_address,
                value: U256::from(wei),
                transfer_type,
            });
            self.transfer_index += 1;
        }
    }

    fn push_balances(&mut self, part: &Part<'_>, before: &BTreeMap<Address, u128>) {
        let (block_number, transaction_index) = (part.number, part.transaction);
        for (&address, &balance) in &self.balances {
            let from_value = before.get(&address).map(|wei| U256::from(*wei));
            let to_value = Some(U256::from(balance));
            if from_value == to_value {
                continue;
            }
            let change_index = self.change_index;
            self.change_index += 1;
            self.rows.balances.push(&BalanceDiffRow {
                block_number,
                transaction_index,
                change_index,
                address,
                from_value,
                to_value,
            });
            self.rows.balance_reads.push(&BalanceReadRow {
                block_number,
                transaction_index,
                address,
                value: from_value,
            });
            let nonce = if address == SENDER { part.nonce() } else { 1 };
            let value = from_value.map(|_| nonce);
            self.rows.nonce_reads.push(&NonceReadRow { block_number, transaction_index, address, value });
        }
    }

    fn push_nonce(&mut self, part: &Part<'_>) {
        let Some(transaction) = part.transaction else { return };
        self.rows.nonces.push(&NonceDiffRow {
            block_number: part.number,
            transaction_index: Some(transaction),
            change_index: transaction,
            address: SENDER,
            from_value: Some(part.nonce()),
            to_value: Some(part.nonce() + 1),
        });
    }

    /// A contract that is created and, after the transactions, gone again; a slot that counts blocks.
    fn push_code_and_storage(&mut self, block_number: u64) {
        let (init_code, code, factory) = (&[1, 0, 2, 0][..], CODE, SENDER);
        self.rows.contracts.push(&ContractRow {
            block_number,
            transaction_index: 1,
            create_index: 0,
            contract_address: Some(CREATED),
            deployer: SENDER,
            factory,
            init_code: Some(init_code),
            code: Some(code),
            init_code_hash: keccak256(init_code),
            code_hash: Some(keccak256(code)),
            success: true,
        });
        let created = CodeDiffRow {
            block_number,
            transaction_index: Some(1),
            change_index: 0,
            address: CREATED,
            from_value: None,
            to_value: Some(Payload::Short(code)),
        };
        self.rows.codes.push(&created);
        let (from_value, to_value) = (created.to_value, created.from_value);
        self.rows.codes.push(&CodeDiffRow {
            transaction_index: None,
            change_index: 1,
            from_value,
            to_value,
            ..created
        });
        let (transaction_index, address, slot) = (Some(0), CONTRACT, U256::from(1));
        let [value, to_value] = [block_number - 1, block_number].map(U256::from);
        self.rows.storage.push(&StorageDiffRow {
            block_number,
            transaction_index,
            change_index: 0,
            address,
            slot,
            from_value: value,
            to_value,
        });
        self.rows.storage_reads.push(&StorageReadRow {
            block_number,
            transaction_index,
            address,
            slot,
            value,
        });
        self.rows.code_reads.push(&CodeReadRow {
            block_number,
            transaction_index,
            address,
            value: Payload::Short(CODE),
        });
    }

    fn push_calls(&mut self, block_number: u64) {
        for (transaction_index, count) in [(0, 4), (2, 2)] {
            self.rows.calls.push(&FourByteCountRow {
                block_number,
                transaction_index,
                address: CONTRACT,
                selector: FixedBytes([1, 0, 2, 0]),
                calldata_size: 0,
                count,
            });
        }
        for (transaction, recipient) in [(0, CONTRACT), (1, CREATED), (2, CONTRACT)] {
            for (address, relationship) in [(SENDER, Relationship::TxFrom), (recipient, Relationship::TxTo)] {
                let transaction_index = Some(transaction);
                self.rows.appearances.push(&AddressAppearanceRow {
                    block_number,
                    transaction_index,
                    address,
                    relationship,
                });
            }
        }
    }

    pub(crate) fn into_rows(self) -> Vec<Box<dyn RowBatch>> {
        let rows = self.rows;
        vec![
            Box::new(rows.transfers),
            Box::new(rows.contracts),
            Box::new(rows.balances),
            Box::new(rows.nonces),
            Box::new(rows.codes),
            Box::new(rows.storage),
            Box::new(rows.balance_reads),
            Box::new(rows.nonce_reads),
            Box::new(rows.code_reads),
            Box::new(rows.storage_reads),
            Box::new(rows.calls),
            Box::new(rows.appearances),
        ]
    }
}

impl Part<'_> {
    /// The sender's nonce before it; three transactions a block.
    fn nonce(&self) -> u64 {
        3 * self.number + u64::from(self.transaction.unwrap_or(0))
    }
}
