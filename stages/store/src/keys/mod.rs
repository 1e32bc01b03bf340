//! Keys: fixed width, big-endian, so that RocksDB's byte order is the order of the numbers. Addresses and hashes are
//! keys as they are.

mod trie;

use alloy::primitives::{Address, B256, U256};

use crate::RowError;

pub(crate) use trie::{TrieKey, decode_branch_path, decode_leaf_hash};

/// A block number: 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockKey([u8; 8]);

impl BlockKey {
    pub(crate) fn new(number: u64) -> Self {
        Self(number.to_be_bytes())
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<u64, RowError> {
        fixed(bytes).map(u64::from_be_bytes)
    }
}

/// A storage slot: address ‖ slot, 52 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotKey([u8; Self::WIDTH]);

impl SlotKey {
    const WIDTH: usize = Address::len_bytes() + 32;

    pub(crate) fn new(address: Address, slot: U256) -> Self {
        let mut key = [0; Self::WIDTH];
        let (account, within) = key.split_at_mut(Address::len_bytes());
        account.copy_from_slice(address.as_slice());
        within.copy_from_slice(&slot.to_be_bytes::<32>());
        Self(key)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<(Address, U256), RowError> {
        let key: [u8; Self::WIDTH] = fixed(bytes)?;
        let (account, within) = key.split_at(Address::len_bytes());
        Ok((Address::from_slice(account), U256::from_be_slice(within)))
    }
}

/// A storage slot in the order of the state trie: keccak256(address) ‖ keccak256(slot), 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HashedSlotKey([u8; Self::WIDTH]);

impl HashedSlotKey {
    const WIDTH: usize = 64;

    pub(crate) fn new(hashed_address: B256, hashed_slot: B256) -> Self {
        let mut key = [0; Self::WIDTH];
        key[..32].copy_from_slice(hashed_address.as_slice());
        key[32..].copy_from_slice(hashed_slot.as_slice());
        Self(key)
    }

    /// The hashed address and the hashed slot.
    pub(crate) fn decode(bytes: &[u8]) -> Result<(B256, B256), RowError> {
        let key: [u8; Self::WIDTH] = fixed(bytes)?;
        let (account, slot) = key.split_at(32);
        Ok((B256::from_slice(account), B256::from_slice(slot)))
    }
}

macro_rules! as_bytes {
    ($($key:ty),*) => {
        $(impl AsRef<[u8]> for $key {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        })*
    };
}

as_bytes!(BlockKey, SlotKey, HashedSlotKey);

/// Bytes of a known width, whatever they stand for.
pub(crate) fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], RowError> {
    bytes.try_into().map_err(|_| RowError::Width { expected: N, found: bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{address, b256, hex};

    #[test]
    fn a_block_key_is_eight_bytes_big_endian() {
        assert_eq!(BlockKey::new(0x0102_0304_0506_0708).as_ref(), hex!("0102030405060708"));
        assert_eq!(BlockKey::decode(&hex!("00000000000000ff")), Ok(255));
        assert_eq!(BlockKey::decode(&[0; 7]), Err(RowError::Width { expected: 8, found: 7 }));
        assert!(BlockKey::new(255).as_ref() < BlockKey::new(256).as_ref(), "bytes sort like numbers");
    }

    #[test]
    fn a_slot_key_is_the_address_and_the_slot() {
        let account = address!("00000000219ab540356cbb839cbe05303d7705fa");
        let key = SlotKey::new(account, U256::from(0x1234));
        let expected = hex!(
            "00000000219ab540356cbb839cbe05303d7705fa"
            "0000000000000000000000000000000000000000000000000000000000001234"
        );
        assert_eq!(key.as_ref(), expected);
        assert_eq!(SlotKey::decode(&expected), Ok((account, U256::from(0x1234))));
        assert_eq!(SlotKey::decode(&expected[1..]), Err(RowError::Width { expected: 52, found: 51 }));
    }

    #[test]
    fn a_hashed_slot_key_is_both_hashes() {
        let account = b256!("00000000000000000000000000000000000000000000000000000000000000aa");
        let slot = b256!("bb00000000000000000000000000000000000000000000000000000000000000");
        let key = HashedSlotKey::new(account, slot);
        let expected = hex!(
            "00000000000000000000000000000000000000000000000000000000000000aa"
            "bb00000000000000000000000000000000000000000000000000000000000000"
        );
        assert_eq!(key.as_ref(), expected);
        assert_eq!(HashedSlotKey::decode(&expected).map(|(_, slot)| slot), Ok(slot));
        assert_eq!(HashedSlotKey::decode(&[0; 65]), Err(RowError::Width { expected: 64, found: 65 }));
    }
}
