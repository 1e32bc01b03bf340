//! The fields of geth's answers out of columns: one SQL expression per kind of object.

use super::json::{list, object, object_with, plain, quantity, quantity_of_bytes};

/// A block of `hex.blocks`, with the hashes of its transactions.
pub(super) fn block() -> String {
    let transactions = "hex.transactions AS t WHERE t.block_number = blocks.block_number";
    let ommers = "hex.ommers AS o WHERE o.block_number = blocks.block_number";
    let withdrawals = list(
        &withdrawal(),
        "hex.withdrawals AS w WHERE w.block_number = blocks.block_number",
        "w.withdrawal_index",
    );
    let always = [
        ("number", quantity("block_number")),
        ("hash", plain("block_hash")),
        ("parentHash", plain("parent_hash")),
        ("timestamp", quantity("epoch_us(timestamp) // 1000000")),
        ("miner", plain("miner")),
        ("gasLimit", quantity("gas_limit")),
        ("gasUsed", quantity("gas_used")),
        ("difficulty", quantity("difficulty")),
        ("size", quantity("size")),
        ("extraData", plain("extra_data")),
        ("logsBloom", plain("logs_bloom")),
        ("stateRoot", plain("state_root")),
        ("transactionsRoot", plain("transactions_root")),
        ("receiptsRoot", plain("receipts_root")),
        ("sha3Uncles", plain("ommers_hash")),
        ("mixHash", plain("mix_hash")),
        ("nonce", plain("nonce")),
        ("transactions", list("t.transaction_hash", transactions, "t.transaction_index")),
        ("uncles", list("o.block_hash", ommers, "o.ommer_index")),
    ];
    let if_known = [
        ("baseFeePerGas", quantity("base_fee_per_gas")),
        ("withdrawals", format!("CASE WHEN withdrawal_count IS NOT NULL THEN {withdrawals} END")),
        ("withdrawalsRoot", plain("withdrawals_root")),
        ("parentBeaconBlockRoot", plain("parent_beacon_block_root")),
        ("requestsHash", plain("requests_hash")),
        ("blobGasUsed", quantity("blob_gas_used")),
        ("excessBlobGas", quantity("excess_blob_gas")),
    ];
    object_with(&always, &if_known)
}

fn withdrawal() -> String {
    let fields = [
        ("index", quantity("w.withdrawal_index")),
        ("validatorIndex", quantity("w.validator_index")),
        ("address", plain("w.address")),
        ("amount", quantity("w.amount")),
    ];
    object(&fields)
}

/// A row of `hex.transactions`; `blocks` is in scope, as it is for the receipt and the log.
pub(super) fn transaction() -> String {
    /// Types 1 and up sign the chain's own id, which is in no row; type 0 has it in `v`, or none.
    const CHAIN_ID: &str = "CASE
        WHEN transaction_type > 0 THEN (SELECT value::UHUGEINT FROM _meta WHERE key = 'chain_id')
        WHEN v >= 35 THEN (v - 35) // 2 END";
    let access_list =
        object(&[("address", plain("item.address")), ("storageKeys", plain("item.storage_keys"))]);
    let always = [
        ("blockHash", plain("block_hash")),
        ("blockNumber", quantity("block_number")),
        ("blockTimestamp", quantity("epoch_us(block_timestamp) // 1000000")),
        ("from", plain("from_address")),
        ("gas", quantity("transactions.gas_limit")),
        ("gasPrice", quantity("coalesce(gas_price, effective_gas_price)")),
        ("hash", plain("transaction_hash")),
        ("input", plain("input")),
        ("nonce", quantity("transactions.nonce")),
        ("to", plain("to_address")),
        ("transactionIndex", quantity("transaction_index")),
        ("value", format!("coalesce({}, {})", quantity("value"), quantity_of_bytes("value_u256"))),
        ("type", quantity("transaction_type")),
        ("v", quantity("v")),
        ("r", quantity_of_bytes("r")),
        ("s", quantity_of_bytes("s")),
    ];
    let if_known = [
        ("chainId", quantity(CHAIN_ID)),
        ("yParity", quantity("CASE WHEN transaction_type > 0 THEN v END")),
        ("accessList", format!("list_transform(access_list, lambda item: {access_list})")),
        ("maxFeePerGas", quantity("max_fee_per_gas")),
        ("maxPriorityFeePerGas", quantity("max_priority_fee_per_gas")),
        ("maxFeePerBlobGas", quantity("max_fee_per_blob_gas")),
        ("blobVersionedHashes", plain("blob_versioned_hashes")),
        (
            "authorizationList",
            format!("list_transform(authorization_list, lambda item: {})", authorization()),
        ),
    ];
    object_with(&always, &if_known)
}

fn authorization() -> String {
    let fields = [
        ("chainId", quantity("item.chain_id")),
        ("address", plain("item.address")),
        ("nonce", quantity("item.nonce")),
        ("yParity", quantity("item.y_parity")),
        ("r", quantity_of_bytes("item.r")),
        ("s", quantity_of_bytes("item.s")),
    ];
    object(&fields)
}

/// The receipt of a row of `hex.transactions`, without its logs and their Bloom filter.
pub(super) fn receipt() -> String {
    let always = [
        ("blockHash", plain("blocks.block_hash")),
        ("blockNumber", quantity("transactions.block_number")),
        ("contractAddress", plain("contract_address")),
        ("cumulativeGasUsed", quantity("cumulative_gas_used")),
        ("effectiveGasPrice", quantity("effective_gas_price")),
        ("from", plain("from_address")),
        ("gasUsed", quantity("transactions.gas_used")),
        ("to", plain("to_address")),
        ("transactionHash", plain("transactions.transaction_hash")),
        ("transactionIndex", quantity("transactions.transaction_index")),
        ("type", quantity("transaction_type")),
    ];
    let if_known = [
        ("status", quantity("status")),
        ("root", plain("root")),
        ("blobGasUsed", quantity("transactions.blob_gas_used")),
        ("blobGasPrice", quantity("blob_gas_price")),
    ];
    object_with(&always, &if_known)
}

/// A row of `hex.logs`.
pub(super) fn log() -> String {
    const TOPICS: &str = "list_filter([topic0, topic1, topic2, topic3], lambda topic: topic IS NOT NULL)";
    let fields = [
        ("address", plain("logs.address")),
        ("topics", plain(TOPICS)),
        ("data", plain("logs.data")),
        ("blockNumber", quantity("logs.block_number")),
        ("transactionHash", plain("logs.transaction_hash")),
        ("transactionIndex", quantity("logs.transaction_index")),
        ("blockHash", plain("blocks.block_hash")),
        ("blockTimestamp", quantity("epoch_us(logs.block_timestamp) // 1000000")),
        ("logIndex", quantity("logs.log_index")),
        ("removed", plain("false")),
    ];
    object(&fields)
}

/// What geth's tracer of instructions says of a transaction, out of the root row of `hex.traces`; `transactions` is in
/// scope.
pub(super) fn trace() -> String {
    let steps = "hex.opcodes o WHERE o.block_number = transactions.block_number
        AND o.transaction_index = transactions.transaction_index";
    let fields = [
        ("gas", plain("transactions.gas_used")),
        ("failed", plain("NOT traces.success")),
        ("returnValue", plain("coalesce(traces.output, '0x')")),
        ("structLogs", list(&step(), steps, "o.step")),
    ];
    object(&fields)
}

/// The JSON of an instruction, as a DuckDB expression.
fn step() -> String {
    let word = quantity_of_bytes("word");
    let always = [
        ("pc", plain("o.pc")),
        ("op", plain("o.op")),
        ("gas", plain("o.gas")),
        ("gasCost", plain("o.gas_cost")),
        ("depth", plain("o.depth")),
        ("stack", format!("list_transform(o.stack, lambda word: {word})")),
    ];
    let if_known = [("error", plain("o.error")), ("refund", plain("nullif(o.refund, 0)"))];
    object_with(&always, &if_known)
}

/// A trace with the hash of its transaction, as an item of a list.
pub(super) fn named_trace() -> String {
    object(&[("txHash", plain("transaction_hash")), ("result", trace())])
}
