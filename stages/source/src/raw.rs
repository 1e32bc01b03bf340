//! Transactions and receipts as they stand in a file: the roots in the header are over these bytes, so that nothing has to be
//! encoded again.

use alloy::primitives::{B256, Bloom};
use alloy_rlp::{BufMut, Decodable, Error, Header, Result};
use blockmill_hash::{LogBlooms, ordered_root};

/// The root of the transactions of a body, which is a list whose first element is the list of transactions.
pub(crate) fn root_of_body(body: &[u8]) -> Result<B256> {
    Ok(root(&values(Header::decode_bytes(&mut &*body, true)?)?))
}

/// Like [`root_of_body`], of a block: a list whose first element is the header.
pub(crate) fn root_of_block(block: &[u8]) -> Result<B256> {
    let mut elements = Header::decode_bytes(&mut &*block, true)?;
    Header::decode_bytes(&mut elements, true)?;
    Ok(root(&values(elements)?))
}

/// The root of transactions or receipts as [`values`] gives them.
pub(crate) fn root(values: &[&[u8]]) -> B256 {
    ordered_root(values, |value, out| out.put_slice(value))
}

/// The transactions or receipts of the list that comes next, as they are in the trie
/// ([EIP-2718](https://eips.ethereum.org/EIPS/eip-2718)): one with a type is a string of it and a list, one without a list.
pub(crate) fn values(mut elements: &[u8]) -> Result<Vec<&[u8]>> {
    let mut list = Header::decode_bytes(&mut elements, true)?;
    let mut values = Vec::new();
    while !list.is_empty() {
        let item = Item::next(&mut list)?;
        values.push(if item.is_list { item.whole } else { item.payload });
    }
    Ok(values)
}

/// The root of a block's receipts, and the roots of the state in them: none from Byzantium on.
pub(crate) struct ReceiptRoots {
    pub(crate) of_receipts: B256,
    pub(crate) of_state: Vec<B256>,
}

/// Of receipts with blooms, in one list.
pub(crate) fn roots_of_receipts(rlp: &[u8]) -> Result<ReceiptRoots> {
    let mut after = rlp;
    Header::decode_bytes(&mut after, true)?;
    end(after)?;
    let values = values(rlp)?;
    let mut of_state = Vec::new();
    for value in &values {
        // A type is below 0x80, a list above.
        let mut list = if value.first().is_some_and(|first| *first < 0x80) { &value[1..] } else { value };
        let mut fields = Header::decode_bytes(&mut list, true)?;
        of_state.extend(state_root(Item::next(&mut fields)?.payload));
    }
    Ok(ReceiptRoots { of_receipts: root(&values), of_state })
}

/// A receipt without its bloom, as eth/69 has it ([EIP-7642](https://eips.ethereum.org/EIPS/eip-7642)):
/// `[type, status or state root, cumulative gas, logs]`.
struct RawReceipt<'a> {
    kind: u8,
    /// Status or state root, and cumulative gas.
    start: &'a [u8],
    logs: &'a [u8],
    bloom: Bloom,
}

/// Of receipts without blooms, in one list; the blooms are those of their logs.
pub(crate) fn roots_of_slim_receipts(mut rlp: &[u8]) -> Result<ReceiptRoots> {
    let mut list = Header::decode_bytes(&mut rlp, true)?;
    end(rlp)?;
    let (mut receipts, mut of_state, mut blooms) = (Vec::new(), Vec::new(), LogBlooms::default());
    while !list.is_empty() {
        let mut fields = Header::decode_bytes(&mut list, true)?;
        let kind = u8::decode(&mut fields)?;
        let after_kind = fields;
        of_state.extend(state_root(Item::next(&mut fields)?.payload));
        Item::next(&mut fields)?;
        let start = &after_kind[..after_kind.len() - fields.len()];
        let logs = Item::next(&mut fields)?;
        end(fields)?;
        let bloom = blooms.of_values(logged(logs.payload)?.into_iter());
        receipts.push(RawReceipt { kind, start, logs: logs.whole, bloom });
    }
    Ok(ReceiptRoots { of_receipts: ordered_root(&receipts, RawReceipt::encode), of_state })
}

impl RawReceipt<'_> {
    /// Writes the receipt as it is in the trie, with its bloom.
    fn encode(&self, out: &mut dyn BufMut) {
        /// The header of a string of 256 bytes.
        const BLOOM_HEADER: [u8; 3] = [0xb9, 0x01, 0x00];
        if self.kind > 0 {
            out.put_u8(self.kind);
        }
        let payload_length = self.start.len() + BLOOM_HEADER.len() + Bloom::len_bytes() + self.logs.len();
        Header { list: true, payload_length }.encode(out);
        out.put_slice(self.start);
        out.put_slice(&BLOOM_HEADER);
        out.put_slice(self.bloom.as_slice());
        out.put_slice(self.logs);
    }
}

/// Addresses and topics of logs, each `[address, topics, data]`.
fn logged(mut logs: &[u8]) -> Result<Vec<&[u8]>> {
    let mut values = Vec::new();
    while !logs.is_empty() {
        let mut fields = Header::decode_bytes(&mut logs, true)?;
        values.push(Header::decode_bytes(&mut fields, false)?);
        let mut topics = Header::decode_bytes(&mut fields, true)?;
        while !topics.is_empty() {
            values.push(Header::decode_bytes(&mut topics, false)?);
        }
        Header::decode_bytes(&mut fields, false)?;
        end(fields)?;
    }
    Ok(values)
}

fn state_root(status: &[u8]) -> Option<B256> {
    B256::try_from(status).ok()
}

fn end(rest: &[u8]) -> Result<()> {
    if rest.is_empty() { Ok(()) } else { Err(Error::UnexpectedLength) }
}

/// An element of a list.
pub(crate) struct Item<'a> {
    is_list: bool,
    whole: &'a [u8],
    pub(crate) payload: &'a [u8],
}

impl<'a> Item<'a> {
    /// The one that comes next in the payload of a list.
    pub(crate) fn next(list: &mut &'a [u8]) -> Result<Self> {
        let before = *list;
        let header = Header::decode(list)?;
        let (payload, rest) = list.split_at_checked(header.payload_length).ok_or(Error::InputTooShort)?;
        *list = rest;
        Ok(Self { is_list: header.list, whole: &before[..before.len() - rest.len()], payload })
    }
}

#[cfg(test)]
mod tests {
    use alloy::consensus::proofs::calculate_receipt_root;
    use alloy::consensus::{Eip658Value, Receipt as ReceiptFields, ReceiptWithBloom, TxType};
    use alloy::primitives::{Address, Bytes, Log};
    use blockmill_chain::Receipt;
    use proptest::prelude::*;

    use super::*;
    use crate::ere::SlimReceipt;

    fn receipt() -> impl Strategy<Value = Receipt> {
        let status = prop_oneof![
            any::<bool>().prop_map(Eip658Value::Eip658),
            any::<[u8; 32]>().prop_map(|root| Eip658Value::PostState(root.into())),
        ];
        let log = (
            any::<[u8; 20]>(),
            prop::collection::vec(0_u8..20, 0..5),
            prop::collection::vec(any::<u8>(), 0..90),
        );
        let logs = prop::collection::vec(log, 0..6);
        (0_u8..5, status, any::<u64>(), logs).prop_map(|(kind, status, cumulative_gas_used, logs)| {
            let log = |(address, topics, data): ([u8; 20], Vec<u8>, Vec<u8>)| {
                let topics = topics.into_iter().map(B256::repeat_byte).collect();
                Log::new_unchecked(Address::from(address), topics, Bytes::from(data))
            };
            let receipt =
                ReceiptFields { status, cumulative_gas_used, logs: logs.into_iter().map(log).collect() };
            Receipt::from_typed(TxType::try_from(kind).unwrap(), ReceiptWithBloom::from(receipt))
        })
    }

    proptest! {
        #[test]
        fn receipts_with_and_without_blooms_give_the_roots_of_alloy(
            receipts in prop::collection::vec(receipt(), 0..20),
            at in any::<prop::sample::Index>(),
        ) {
            let of_state = |receipt: &Receipt| receipt.as_receipt().and_then(|fields| fields.status.as_post_state());
            let of_state: Vec<B256> = receipts.iter().filter_map(of_state).collect();
            let slim: Vec<_> = receipts.iter().map(SlimReceipt::from).collect();
            let both = [
                (alloy_rlp::encode(&receipts), roots_of_receipts as fn(&[u8]) -> Result<ReceiptRoots>),
                (alloy_rlp::encode(&slim), roots_of_slim_receipts),
            ];
            for (mut rlp, roots) in both {
                let read = roots(&rlp).unwrap();
                prop_assert_eq!(read.of_receipts, calculate_receipt_root(&receipts));
                prop_assert_eq!(&read.of_state, &of_state);
                prop_assert!(roots(&rlp[..at.index(rlp.len())]).is_err());
                rlp.push(0);
                prop_assert!(roots(&rlp).is_err());
            }
        }
    }
}
