//! Transactions as they stand in a file: their root in the header is over these bytes.

use alloy::primitives::B256;
use alloy_rlp::Header;
use blockmill_hash::ordered_root;

/// The root of the transactions of a body, which is a list whose first element is the list of transactions.
pub(crate) fn root_of_body(body: &[u8]) -> alloy_rlp::Result<B256> {
    Ok(root(&transactions(Header::decode_bytes(&mut &*body, true)?)?))
}

/// Like [`root_of_body`], of a block: a list whose first element is the header.
pub(crate) fn root_of_block(block: &[u8]) -> alloy_rlp::Result<B256> {
    let mut elements = Header::decode_bytes(&mut &*block, true)?;
    Header::decode_bytes(&mut elements, true)?;
    Ok(root(&transactions(elements)?))
}

/// The root of transactions as [`transactions`] gives them.
pub(crate) fn root(transactions: &[&[u8]]) -> B256 {
    ordered_root(transactions, |transaction, out| out.put_slice(transaction))
}

/// The transactions of the list that comes next, as they are in the trie
/// ([EIP-2718](https://eips.ethereum.org/EIPS/eip-2718)): a typed one is a string of its type and a list, one without a type a list.
pub(crate) fn transactions(mut elements: &[u8]) -> alloy_rlp::Result<Vec<&[u8]>> {
    let mut list = Header::decode_bytes(&mut elements, true)?;
    let mut transactions = Vec::new();
    while !list.is_empty() {
        let whole = list;
        let header = Header::decode(&mut list)?;
        let (payload, rest) =
            list.split_at_checked(header.payload_length).ok_or(alloy_rlp::Error::InputTooShort)?;
        transactions.push(if header.list { &whole[..whole.len() - rest.len()] } else { payload });
        list = rest;
    }
    Ok(transactions)
}
