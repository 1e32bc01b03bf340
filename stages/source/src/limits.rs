//! Numbers that a chain may have and that this program has no room for: told apart from damage by the root of the
//! transactions, which is right over the bytes that are there.

use alloy::primitives::{B256, U256};
use alloy_rlp::Header;

use crate::raw;

/// A number of a transaction that is kept in fewer bits than RLP can have.
struct Field {
    name: &'static str,
    /// Its place among the fields of the transaction.
    position: usize,
    bytes: usize,
}

const fn field(name: &'static str, position: usize, bytes: usize) -> Field {
    Field { name, position, bytes }
}

/// The fields of transactions without a type; `v` has the chain id in it.
const LEGACY: &[Field] = &[field("gas price", 1, 16), field("signature's v", 6, 8)];
/// [EIP-2930](https://eips.ethereum.org/EIPS/eip-2930).
const WITH_ACCESS_LIST: &[Field] = &[field("chain id", 0, 8), field("gas price", 2, 16)];
/// [EIP-1559](https://eips.ethereum.org/EIPS/eip-1559), and the types that followed it.
const WITH_BASE_FEE: &[Field] = &[
    field("chain id", 0, 8),
    field("most priority fee for a unit of gas", 2, 16),
    field("most fee for a unit of gas", 3, 16),
];
/// [EIP-4844](https://eips.ethereum.org/EIPS/eip-4844).
const WITH_BLOBS: &[Field] = &[
    field("chain id", 0, 8),
    field("most priority fee for a unit of gas", 2, 16),
    field("most fee for a unit of gas", 3, 16),
    field("most fee for a unit of blob gas", 9, 16),
];

/// The number in a block that is beyond this program's limits, in words; `None` where there is none, or where the block's
/// transactions are not those of its header.
pub(crate) fn beyond(block: &[u8]) -> Option<String> {
    let mut rest = block;
    let mut elements = Header::decode_bytes(&mut rest, true).ok()?;
    let header = fields(&mut elements)?;
    in_header(&header).or_else(|| in_body(header.get(TRANSACTIONS_ROOT)?, elements))
}

/// Like [`beyond`], for the RLP of a body whose header has this transactions root.
pub(crate) fn beyond_in_body(transactions_root: B256, body: &[u8]) -> Option<String> {
    let mut rest = body;
    in_body(transactions_root.as_slice(), Header::decode_bytes(&mut rest, true).ok()?)
}

const TRANSACTIONS_ROOT: usize = 4;
const BASE_FEE: usize = 15;

/// `header`: the fields of one, the first of them a hash in what is no garbage.
fn in_header(header: &[&[u8]]) -> Option<String> {
    let hashes = header.get(..=TRANSACTIONS_ROOT)?.iter().enumerate().filter(|(position, _)| *position != 2);
    let is_header = hashes.map(|(_, field)| field.len()).all(|bytes| bytes == 32);
    let fee = number_beyond(header.get(BASE_FEE)?, 8).filter(|_| is_header)?;
    Some(format!("the base fee is {fee}, above 2^64-1"))
}

/// `elements`: the elements of the list of a body, or those of a block after its header.
fn in_body(transactions_root: &[u8], elements: &[u8]) -> Option<String> {
    let transactions = raw::values(elements).ok()?;
    if raw::root(&transactions).as_slice() != transactions_root {
        return None;
    }
    transactions.into_iter().enumerate().find_map(|(index, transaction)| {
        Some(format!("transaction {index}: {}", in_transaction(transaction)?))
    })
}

fn in_transaction(transaction: &[u8]) -> Option<String> {
    let (known, mut list) = match transaction {
        [1, list @ ..] => (WITH_ACCESS_LIST, list),
        [2 | 4, list @ ..] => (WITH_BASE_FEE, list),
        [3, list @ ..] => (WITH_BLOBS, list),
        _ => (LEGACY, transaction),
    };
    let fields = fields(&mut list)?;
    known.iter().find_map(|Field { name, position, bytes }| {
        let number = number_beyond(fields.get(*position)?, *bytes)?;
        Some(format!("the {name} is {number}, above 2^{}-1", 8 * bytes))
    })
}

/// The contents of the fields of the list that comes next.
fn fields<'a>(rest: &mut &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let mut list = Header::decode_bytes(rest, true).ok()?;
    let mut fields = Vec::new();
    while !list.is_empty() {
        fields.push(raw::Item::next(&mut list).ok()?.payload);
    }
    Some(fields)
}

/// The number in a field that needs more bytes than these; no number has more than 256 bits.
fn number_beyond(field: &[u8], bytes: usize) -> Option<U256> {
    let is_number = field.len() > bytes && field.len() <= 32 && field.first() != Some(&0);
    is_number.then(|| U256::from_be_slice(field))
}
