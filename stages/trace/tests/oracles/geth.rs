//! What the two formats of geth have in common, and each deliberate difference by name (stages/trace/README.md).

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, U256, hex};
use blockmill_chain::{Fork, Witness};
use blockmill_testkit::geth_tracers::{self, TracerTest};
use blockmill_testkit::vectors;
use serde_json::{Value, json};

use crate::replayed::{Replayed, seal};
use crate::trace_row::Trace;
use crate::tree::{Node, tree_of};

/// The tests in a folder of `geth-tracers`; `None`, loudly, where it is not there.
pub(crate) fn tests(folder: &str) -> Option<Vec<TracerTest>> {
    let folder = vectors::require(&format!("geth-tracers/{folder}"))?;
    let tests = geth_tracers::all(&folder).unwrap();
    assert!(!tests.is_empty(), "no tests in {}", folder.display());
    Some(tests)
}

/// A test's transaction, replayed with every precompile call listed.
pub(crate) fn replayed(test: &TracerTest) -> (Witness, Replayed) {
    let mut witness = test.witness();
    seal(&test.spec, &mut witness, test);
    let replayed = Replayed::of(&test.spec, &witness, test, true)
        .unwrap_or_else(|error| panic!("{}: {error}", test.path.display()));
    (witness, replayed)
}

/// The frames of the transaction, with the gas that geth writes at the root.
pub(crate) fn frames(test: &TracerTest, witness: &Witness, replayed: &Replayed) -> Node {
    let rows = replayed.traces();
    let frames: Vec<_> = rows.into_iter().filter(|row| row.transaction_index.is_some()).collect();
    let mut tree = tree_of(&frames);
    assert_eq!(tree.row.gas, Some(gas_after_intrinsic(test, witness)), "gas of the root frame");
    difference_root_gas(&mut tree.row, replayed);
    tree
}

/// Difference "root gas": ours are the gas that the frame had and used, geth's the transaction's gas limit and the
/// receipt's gas used.
fn difference_root_gas(root: &mut Trace, replayed: &Replayed) {
    root.gas = Some(replayed.transaction_number("gas_limit"));
    // A halt takes the result away in the flat format; callTracer has it all the same.
    root.gas_used = root.gas_used.map(|_| replayed.transaction_number("gas_used"));
}

/// Gas limit less intrinsic gas (yellow paper g0, EIP-2, EIP-2028, EIP-2930, EIP-3860).
fn gas_after_intrinsic(test: &TracerTest, witness: &Witness) -> u64 {
    let header = witness.block.header();
    let active = |fork| test.spec.is_active(fork, header.number, header.timestamp, header.difficulty);
    let transaction = &witness.block.block.body.transactions[0];
    let input = transaction.input();
    let zeros = input.iter().filter(|byte| **byte == 0).count() as u64;
    let mut intrinsic = 21_000 + 4 * zeros;
    intrinsic += (input.len() as u64 - zeros) * if active(Fork::Istanbul) { 16 } else { 68 };
    if transaction.is_create() && active(Fork::Homestead) {
        intrinsic += 32_000;
    }
    if transaction.is_create() && active(Fork::Shanghai) {
        intrinsic += 2 * input.len().div_ceil(32) as u64;
    }
    for item in transaction.access_list().map(|list| &list.0[..]).unwrap_or_default() {
        intrinsic += 2_400 + 1_900 * item.storage_keys.len() as u64;
    }
    transaction.gas_limit() - intrinsic
}

/// Whether an address is a precompile at the test's block; its last one is 0x0a (Cancun).
pub(crate) fn is_precompile(test: &TracerTest, address: Address) -> bool {
    let header = test.block.header();
    let active = |fork| test.spec.is_active(fork, header.number, header.timestamp, header.difficulty);
    let last = match () {
        () if active(Fork::Cancun) => 10,
        () if active(Fork::Istanbul) => 9,
        () if active(Fork::Byzantium) => 8,
        () => 4,
    };
    (1..=last).any(|byte| address == Address::with_last_byte(byte))
}

/// Difference "error words": geth's text as parity says it.
pub(crate) fn difference_error_words(geth: &str) -> &str {
    match geth {
        "execution reverted" => "Reverted",
        "out of gas"
        | "contract creation code storage out of gas"
        | "gas uint64 overflow"
        | "max code size exceeded" => "Out of gas",
        "invalid jump destination" => "Bad jump destination",
        "return data out of bounds" => "Out of bounds",
        "write protection" => "Mutable Call In Static Context",
        _ if geth.starts_with("invalid opcode: ") => "Bad instruction",
        _ if geth.starts_with("stack underflow") => "Stack underflow",
        _ if geth.starts_with("stack limit reached") => "Out of stack",
        same => same,
    }
}

pub(crate) fn quantity(number: impl TryInto<U256, Error: std::fmt::Debug>) -> Value {
    json!(format!("{:#x}", number.try_into().unwrap()))
}

pub(crate) fn data(bytes: &[u8]) -> Value {
    json!(hex::encode_prefixed(bytes))
}

pub(crate) fn address(address: Address) -> Value {
    data(address.as_slice())
}

/// Equal, or a panic that names the first place where they are not.
pub(crate) fn assert_same(test: &TracerTest, ours: &Value, geths: &Value) {
    if let Some(difference) = first_difference(ours, geths) {
        panic!("{}: {difference}", test.path.display());
    }
}

fn first_difference(ours: &Value, geths: &Value) -> Option<String> {
    match (ours, geths) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys());
            names.into_iter().find_map(|name| below(name, &ours[name], &geths[name]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| below(&index.to_string(), a, b))
        }
        _ => (ours != geths).then(|| format!(": {ours} is not geth's {geths}")),
    }
}

fn below(name: &str, ours: &Value, geths: &Value) -> Option<String> {
    first_difference(ours, geths).map(|difference| format!("/{name}{difference}"))
}
