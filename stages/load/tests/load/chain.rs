//! A small chain of hand-built rows in which every invariant holds: genesis, then blocks of three transactions (a
//! call with sub-calls and logs, a creation, a failed blob transaction that names a huge value).

use std::path::{Path, PathBuf};

use alloy::eips::eip2930::AccessListItem;
use alloy::primitives::{Address, B64, B256, Bloom, U256, b256};
use blockmill_chain::BlockRange;
use blockmill_schemas::Dataset;
use blockmill_schemas::rows::{
    AuthorizationRow, BlockRow, BlockRows, CallType, OmmerRow, OmmerRows, Opcode, OpcodeRow, OpcodeRows,
    Payload, RewardType, RowBatch, TraceRow, TraceRows, TraceType, TransactionGasRow, TransactionGasRows,
    TransactionRow, TransactionRows, WithdrawalRow, WithdrawalRows,
};
use blockmill_spill::{Unit, UnitWriter};

use crate::chain_state::State;
use crate::chain_tokens::Tokens;

const EMPTY_ROOT: B256 = b256!("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
const EMPTY_OMMERS: B256 = b256!("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");
pub(crate) const SENDER: Address = Address::repeat_byte(0xaa);
pub(crate) const CONTRACT: Address = Address::repeat_byte(0xcc);
/// What the second transaction of each block creates.
pub(crate) const CREATED: Address = Address::repeat_byte(0xdd);
pub(crate) const CODE: &[u8] = &[0x60, 0x00];
pub(crate) const MINER: Address = Address::repeat_byte(0x11);
pub(crate) const BLOCK_REWARD: u64 = 2_000;
pub(crate) const OMMER_REWARD: u64 = 1_750_000_000_000_000_000;
/// The block that includes an ommer.
pub(crate) const OMMER_BLOCK: u64 = 2;
/// Gas that the three transactions use.
pub(crate) const GAS: [u64; 3] = [30_000, 60_000, 40_000];

/// A unit with every dataset, sealed below `folder`, and where its segments are.
pub(crate) fn unit(folder: &Path, range: BlockRange) -> (Unit, PathBuf) {
    unit_of(folder, range, &Dataset::ALL, 0)
}

/// Such a unit with chosen datasets and a number that sets its rows apart.
pub(crate) fn unit_of(folder: &Path, range: BlockRange, datasets: &[Dataset], salt: u8) -> (Unit, PathBuf) {
    let mut writer = UnitWriter::create(folder, range, datasets, 8 << 20).unwrap();
    for mut rows in rows_of(range, salt) {
        if datasets.contains(&rows.dataset()) {
            writer.write(rows.dataset(), &rows.finish().unwrap()).unwrap();
        }
    }
    let name = format!("{:012}-{:012}", range.start, range.end);
    (writer.seal().unwrap(), folder.join("units").join(name))
}

fn rows_of(range: BlockRange, salt: u8) -> Vec<Box<dyn RowBatch>> {
    let (mut blocks, mut ommers, mut withdrawals) =
        (BlockRows::new(), OmmerRows::new(), WithdrawalRows::new());
    let (mut transactions, mut traces, mut opcodes) =
        (TransactionRows::new(), TraceRows::new(), OpcodeRows::new());
    let mut gas = TransactionGasRows::new();
    let (mut tokens, mut state) = (Tokens::default(), State::new(range.start));
    (0..range.end).for_each(|number| state.push(number));
    for number in range.numbers() {
        blocks.push(&block(number, salt));
        push_traces(&mut traces, number);
        if number == 0 {
            continue;
        }
        if number == OMMER_BLOCK {
            ommers.push(&ommer(number));
        }
        push_withdrawals(&mut withdrawals, number);
        push_transactions(&mut transactions, number);
        push_gas(&mut gas, number);
        tokens.push(number);
        push_opcodes(&mut opcodes, number);
    }
    let mut rows: Vec<Box<dyn RowBatch>> = vec![
        Box::new(blocks),
        Box::new(ommers),
        Box::new(withdrawals),
        Box::new(transactions),
        Box::new(traces),
        Box::new(gas),
        Box::new(opcodes),
    ];
    rows.extend(tokens.into_rows());
    rows.extend(state.into_rows());
    rows
}

/// A hash that says what it is of.
pub(crate) fn hash(kind: u8, number: u64, index: u64) -> B256 {
    let mut bytes = [kind; 32];
    bytes[16..24].copy_from_slice(&number.to_be_bytes());
    bytes[24..].copy_from_slice(&index.to_be_bytes());
    bytes.into()
}

fn block(number: u64, salt: u8) -> BlockRow<'static> {
    let genesis = number == 0;
    BlockRow {
        block_number: number,
        block_hash: hash(0xb0, number, 0),
        parent_hash: number.checked_sub(1).map_or(B256::ZERO, |parent| hash(0xb0, parent, 0)),
        timestamp: 1_700_000_000 + 12 * number,
        miner: MINER,
        gas_limit: 30_000_000,
        gas_used: if genesis { 0 } else { GAS.iter().sum() },
        base_fee_per_gas: Some(7),
        difficulty: U256::from(131_072),
        total_difficulty: Some(U256::from(131_072 * (number + 1))),
        size: Some(600 + number),
        extra_data: b"it's \"quoted\"",
        logs_bloom: Bloom::repeat_byte(salt),
        state_root: hash(0x57, number, 0),
        transactions_root: if genesis { EMPTY_ROOT } else { hash(0x7a, number, 0) },
        receipts_root: hash(0x4e, number, 0),
        ommers_hash: if number == OMMER_BLOCK { hash(0x0e, number, 0) } else { EMPTY_OMMERS },
        mix_hash: B256::ZERO,
        nonce: B64::ZERO,
        withdrawals_root: Some(if genesis { EMPTY_ROOT } else { hash(0x3d, number, 0) }),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: None,
        blob_gas_used: Some(if genesis { 0 } else { 131_072 }),
        excess_blob_gas: Some(0),
        block_access_list_hash: None,
        slot_number: None,
        transaction_count: if genesis { 0 } else { 3 },
        ommer_count: Some(u32::from(number == OMMER_BLOCK)),
        withdrawal_count: Some(if genesis { 0 } else { 2 }),
    }
}

fn ommer(number: u64) -> OmmerRow {
    OmmerRow {
        block_number: number,
        ommer_index: 0,
        block_hash: hash(0xb1, number - 1, 0),
        ommer_number: number - 1,
        miner: Address::repeat_byte(0x22),
        timestamp: 1_700_000_000,
        difficulty: U256::from(131_072),
        gas_limit: 30_000_000,
        gas_used: 0,
        reward: U256::from(OMMER_REWARD),
    }
}

fn push_withdrawals(rows: &mut WithdrawalRows, number: u64) {
    for position in 0..2 {
        rows.push(&WithdrawalRow {
            block_number: number,
            withdrawal_index: 2 * (number - 1) + position,
            validator_index: 7,
            address: SENDER,
            amount: 32_000_000_000,
        });
    }
}

/// A legacy call; the others differ from it in what makes them what they are.
fn call(number: u64) -> TransactionRow<'static> {
    TransactionRow {
        block_number: number,
        transaction_index: 0,
        transaction_hash: hash(0x7c, number, 0),
        transaction_type: 0,
        from_address: SENDER,
        to_address: Some(CONTRACT),
        nonce: 3 * number,
        value: U256::from(5),
        input: Payload::Short(&[1, 0, 2, 0]),
        gas_limit: 100_000,
        gas_price: Some(10),
        max_fee_per_gas: None,
        max_priority_fee_per_gas: None,
        effective_gas_price: 10,
        gas_used: GAS[0],
        cumulative_gas_used: GAS[0],
        success: true,
        status: Some(1),
        root: None,
        contract_address: None,
        max_fee_per_blob_gas: None,
        blob_gas_used: None,
        blob_gas_price: None,
        blob_versioned_hashes: None,
        access_list: None,
        authorization_list: None,
        v: Some(37),
        r: U256::from(1),
        s: U256::from(2),
        n_input_bytes: 4,
        n_input_zero_bytes: 2,
    }
}

fn push_transactions(rows: &mut TransactionRows, number: u64) {
    rows.push(&call(number));
    let access_list =
        [AccessListItem { address: CONTRACT, storage_keys: vec![B256::ZERO, hash(0x51, number, 1)] }];
    rows.push(&TransactionRow {
        transaction_index: 1,
        nonce: 3 * number + 1,
        transaction_hash: hash(0x7c, number, 1),
        transaction_type: 2,
        to_address: None,
        contract_address: Some(CREATED),
        gas_price: None,
        max_fee_per_gas: Some(20),
        max_priority_fee_per_gas: Some(2),
        effective_gas_price: 9,
        gas_used: GAS[1],
        cumulative_gas_used: GAS[0] + GAS[1],
        access_list: Some(&access_list),
        v: Some(1),
        ..call(number)
    });
    let authorization = AuthorizationRow {
        chain_id: U256::from(1),
        address: CONTRACT,
        nonce: 4,
        y_parity: 1,
        r: U256::from(3),
        s: U256::MAX,
        authority: None,
    };
    rows.push(&TransactionRow {
        transaction_index: 2,
        nonce: 3 * number + 2,
        transaction_hash: hash(0x7c, number, 2),
        transaction_type: 3,
        value: U256::MAX,
        gas_price: None,
        max_fee_per_gas: Some(8),
        max_priority_fee_per_gas: Some(5),
        effective_gas_price: 8,
        gas_used: GAS[2],
        cumulative_gas_used: GAS.iter().sum(),
        success: false,
        status: Some(0),
        max_fee_per_blob_gas: Some(1),
        blob_gas_used: Some(131_072),
        blob_gas_price: Some(1),
        blob_versioned_hashes: Some(&[hash(0x01, number, 0)]),
        access_list: Some(&[]),
        authorization_list: Some(&[authorization]),
        v: Some(0),
        ..call(number)
    });
}

/// The first transaction gets gas back, the last one uses its floor.
fn push_gas(rows: &mut TransactionGasRows, number: u64) {
    let [first, second, last] = GAS;
    let parts = [(first + 4_800, 4_800, 21_000), (second, 0, 21_000), (last - 100, 10, last)];
    for (index, (gas_spent, gas_refunded, floor)) in parts.into_iter().enumerate() {
        rows.push(&TransactionGasRow {
            block_number: number,
            transaction_index: index as u32,
            gas_spent,
            gas_refunded,
            floor_gas: Some(floor),
        });
    }
}

/// The root call of a transaction; other traces differ from it.
fn root_call(number: u64) -> TraceRow<'static> {
    TraceRow {
        block_number: number,
        transaction_index: Some(0),
        trace_index: 0,
        trace_address: &[],
        trace_type: TraceType::Call,
        call_type: Some(CallType::Call),
        from_address: Some(SENDER),
        to_address: Some(CONTRACT),
        value: Some(U256::from(5)),
        gas: Some(79_000),
        gas_used: Some(9_000),
        input: Some(Payload::Short(&[1, 0, 2, 0])),
        output: Some(Payload::Short(&[])),
        subtraces: 2,
        error: None,
        revert_reason: None,
        success: true,
        transaction_success: Some(true),
        reward_type: None,
    }
}

fn push_traces(rows: &mut TraceRows, number: u64) {
    let root = root_call(number);
    let outside = TraceRow {
        transaction_index: None,
        transaction_success: None,
        call_type: None,
        from_address: None,
        gas: None,
        gas_used: None,
        input: None,
        output: None,
        subtraces: 0,
        ..root
    };
    if number == 0 {
        return rows.push(&TraceRow { trace_type: TraceType::Genesis, ..outside });
    }
    rows.push(&root);
    push_frames_below(rows, &root);
    rows.push(&TraceRow {
        transaction_index: Some(1),
        trace_index: 4,
        trace_type: TraceType::Create,
        call_type: Some(CallType::Create),
        to_address: Some(CREATED),
        output: Some(Payload::Short(CODE)),
        subtraces: 0,
        ..root
    });
    push_failed_transaction(rows, &root);
    let reward = TraceRow { trace_type: TraceType::Reward, ..outside };
    let reward_type = Some(RewardType::Block);
    rows.push(&TraceRow { trace_index: 7, value: Some(U256::from(BLOCK_REWARD)), reward_type, ..reward });
    if number == OMMER_BLOCK {
        let (value, reward_type) = (Some(U256::from(OMMER_REWARD)), Some(RewardType::Uncle));
        rows.push(&TraceRow { trace_index: 8, value, reward_type, ..reward });
    }
}

fn push_frames_below(rows: &mut TraceRows, root: &TraceRow<'_>) {
    let frame = TraceRow { value: Some(U256::ZERO), from_address: Some(CONTRACT), subtraces: 0, ..*root };
    let call_type = Some(CallType::DelegateCall);
    rows.push(&TraceRow { trace_index: 1, trace_address: &[0], call_type, subtraces: 1, ..frame });
    let call_type = Some(CallType::StaticCall);
    rows.push(&TraceRow { trace_index: 2, trace_address: &[0, 0], call_type, value: None, ..frame });
    rows.push(&TraceRow {
        trace_index: 3,
        trace_address: &[1],
        error: Some("Reverted"),
        revert_reason: Some("it's over"),
        success: false,
        ..frame
    });
}

fn push_failed_transaction(rows: &mut TraceRows, root: &TraceRow<'_>) {
    let failed = TraceRow {
        transaction_index: Some(2),
        trace_index: 5,
        value: Some(U256::MAX),
        error: Some("Out of gas"),
        gas_used: None,
        output: None,
        success: false,
        subtraces: 1,
        transaction_success: Some(false),
        ..*root
    };
    rows.push(&failed);
    // It did not fail itself: the frame above it did.
    rows.push(&TraceRow { trace_index: 6, trace_address: &[0], error: None, subtraces: 0, ..failed });
}

/// Code of the root frame that calls, the frame below it, and what follows the call; the third transaction
/// runs out of gas.
fn push_opcodes(rows: &mut OpcodeRows, number: u64) {
    let first = OpcodeRow {
        block_number: number,
        transaction_index: 0,
        step: 0,
        depth: 1,
        trace_index: 0,
        address: CONTRACT,
        pc: 0,
        op: Opcode(0x5a),
        gas: 79_000,
        gas_cost: Some(2),
        refund: 0,
        stack: Some(&[]),
        error: None,
    };
    let stack = [U256::from(7), U256::MAX];
    rows.push(&first);
    rows.push(&OpcodeRow { step: 1, pc: 1, op: Opcode(0xf4), gas: 78_998, gas_cost: Some(40_000), ..first });
    rows.push(&OpcodeRow { step: 2, depth: 2, trace_index: 1, stack: Some(&stack), ..first });
    rows.push(&OpcodeRow {
        step: 3,
        pc: 2,
        op: Opcode(0),
        gas: 70_000,
        gas_cost: Some(0),
        refund: 4_800,
        ..first
    });
    let (transaction_index, trace_index) = (2, 5);
    rows.push(&OpcodeRow {
        transaction_index,
        trace_index,
        gas_cost: None,
        stack: None,
        error: Some("out of gas"),
        ..first
    });
}
