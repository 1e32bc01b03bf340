//! keccak256 of addresses and slot keys, remembered: the same few are changed in block after block.

use alloy::primitives::{Address, B256, U256, keccak256};

/// A direct-mapped cache: what is new displaces what was in its place, so that its size is fixed.
#[derive(Debug)]
pub(crate) struct HashedKeys {
    addresses: KeyPlaces<Address>,
    slots: KeyPlaces<U256>,
}

/// A place per key that may be remembered.
#[derive(Debug)]
struct KeyPlaces<K>(Vec<(K, B256)>);

impl HashedKeys {
    /// A cache of about `bytes`.
    pub(crate) fn new(bytes: usize) -> Self {
        /// There are some slots for every account that changes.
        const ADDRESS_SHARE: usize = 4;
        let addresses = bytes / ADDRESS_SHARE;
        Self { addresses: KeyPlaces::new(addresses), slots: KeyPlaces::new(bytes - addresses) }
    }

    /// keccak256 of the address.
    pub(crate) fn address(&mut self, address: Address) -> B256 {
        // The last bytes: vanity addresses begin alike.
        let at = address.last_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        self.addresses.get(address, at, keccak256)
    }

    /// keccak256 of the slot's key as 32 bytes, big-endian.
    pub(crate) fn slot(&mut self, slot: U256) -> B256 {
        self.slots.get(slot, slot.as_limbs()[0], |slot| keccak256(slot.to_be_bytes::<32>()))
    }
}

impl<K: Copy + Default + PartialEq> KeyPlaces<K> {
    fn new(bytes: usize) -> Self {
        let places = (bytes / size_of::<(K, B256)>()).max(1);
        // No key hashes to zero, so an unused place is never taken for an answer.
        Self(vec![(K::default(), B256::ZERO); places])
    }

    fn get(&mut self, key: K, spread: u64, hash: impl Fn(K) -> B256) -> B256 {
        /// 2^64 / golden ratio: spreads neighbouring keys (Fibonacci hashing).
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let spread = u128::from(spread.wrapping_mul(GOLDEN));
        let at = (spread * self.0.len() as u128) >> 64;
        let place = &mut self.0[at as usize];
        if place.0 != key || place.1.is_zero() {
            *place = (key, hash(key));
        }
        place.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_remembered_hash_is_the_hash(keys in proptest::collection::vec(0u64..40, 1..200), bytes in 0usize..4096) {
            let mut hashed = HashedKeys::new(bytes);
            for key in keys {
                let (slot, address) = (U256::from(key), Address::left_padding_from(&key.to_be_bytes()));
                prop_assert_eq!(hashed.slot(slot), keccak256(slot.to_be_bytes::<32>()));
                prop_assert_eq!(hashed.address(address), keccak256(address));
            }
        }
    }
}
