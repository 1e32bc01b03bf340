//! The two kinds of rows that are sorted: accounts and slots.

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::{Address, B256, B512, U256, keccak256};
use alloy_rlp::{Decodable, Encodable};
use blockmill_chain::Account;

use super::FlatState;

/// The longest value of any kind, in bytes: an account's nonce, balance and code hash.
pub(super) const MAX_VALUE_BYTES: usize = 9 + 33 + 32;

/// A row to sort.
pub(super) type Entry<K> = (<K as Kind>::Key, <K as Kind>::Value);

/// What differs between sorting accounts and sorting slots.
pub(super) trait Kind: Sized + 'static {
    /// What errors call it.
    const NAME: &'static str;
    /// A hashed key. Before hashing it holds the plain key, which sorts as plain keys do: an address in its first 20
    /// bytes, a slot's number in its last 32.
    type Key: Copy + Ord + Default + AsRef<[u8]> + AsMut<[u8]> + Send + Sync;
    /// What is stored under it.
    type Value: Copy + Default + Send + Sync;

    /// The rows of the flat state, under their plain keys.
    fn rows<F: FlatState>(flat: &F) -> impl Iterator<Item = Result<Entry<Self>, F::Error>>;

    /// Replaces plain keys by hashed ones.
    fn hash(entries: &mut [Entry<Self>]);

    /// Appends a value: at most [`MAX_VALUE_BYTES`].
    fn encode(value: &Self::Value, out: &mut Vec<u8>);

    /// A value from exactly its bytes; `None` if they are not one.
    fn decode(bytes: &[u8]) -> Option<Self::Value>;
}

/// Accounts by hashed address.
#[derive(Debug)]
pub(super) struct Accounts;

/// Non-zero slots by hashed address and hashed key.
#[derive(Debug)]
pub(super) struct Slots;

impl Kind for Accounts {
    const NAME: &'static str = "accounts";
    type Key = B256;
    type Value = Account;

    fn rows<F: FlatState>(flat: &F) -> impl Iterator<Item = Result<Entry<Self>, F::Error>> {
        flat.accounts()
            .map(|row| row.map(|(address, account)| (B256::right_padding_from(address.as_slice()), account)))
    }

    fn hash(entries: &mut [Entry<Self>]) {
        for (key, _) in entries {
            *key = keccak256(&key[..20]);
        }
    }

    /// The code hash is left out where there is no code, as most accounts have none.
    fn encode(account: &Account, out: &mut Vec<u8>) {
        account.nonce.encode(out);
        account.balance.encode(out);
        if account.code_hash != KECCAK_EMPTY {
            out.extend_from_slice(account.code_hash.as_slice());
        }
    }

    fn decode(mut bytes: &[u8]) -> Option<Account> {
        let nonce = u64::decode(&mut bytes).ok()?;
        let balance = U256::decode(&mut bytes).ok()?;
        let code_hash = if bytes.is_empty() { KECCAK_EMPTY } else { B256::try_from(bytes).ok()? };
        Some(Account { nonce, balance, code_hash })
    }
}

impl Kind for Slots {
    const NAME: &'static str = "slots";
    type Key = B512;
    type Value = U256;

    fn rows<F: FlatState>(flat: &F) -> impl Iterator<Item = Result<Entry<Self>, F::Error>> {
        let rows = flat.slots().filter(|row| !matches!(row, Ok((.., value)) if value.is_zero()));
        rows.map(|row| row.map(|(address, slot, value)| (plain_key(address, slot), value)))
    }

    fn hash(entries: &mut [Entry<Self>]) {
        let mut owner = (Address::ZERO, keccak256(Address::ZERO));
        for (key, _) in entries {
            let address = Address::from_slice(&key[..20]);
            if owner.0 != address {
                owner = (address, keccak256(address));
            }
            let slot = keccak256(&key[32..]);
            key[..32].copy_from_slice(owner.1.as_slice());
            key[32..].copy_from_slice(slot.as_slice());
        }
    }

    fn encode(value: &U256, out: &mut Vec<u8>) {
        let bytes = value.to_be_bytes::<32>();
        out.extend_from_slice(&bytes[value.leading_zeros() / 8..]);
    }

    fn decode(bytes: &[u8]) -> Option<U256> {
        U256::try_from_be_slice(bytes)
    }
}

fn plain_key(address: Address, slot: U256) -> B512 {
    let mut key = B512::ZERO;
    key[..20].copy_from_slice(address.as_slice());
    key[32..].copy_from_slice(&slot.to_be_bytes::<32>());
    key
}

/// The two halves of a slot's hashed key: its account's hashed address, and its own.
pub(super) fn split_key(key: &B512) -> (B256, B256) {
    (B256::from_slice(&key[..32]), B256::from_slice(&key[32..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<K: Kind>(value: &K::Value) -> Option<K::Value> {
        let mut bytes = Vec::new();
        K::encode(value, &mut bytes);
        assert!(bytes.len() <= MAX_VALUE_BYTES);
        K::decode(&bytes)
    }

    #[test]
    fn values_survive_their_encoding() {
        for value in [U256::ZERO, U256::from(1), U256::from(256), U256::MAX] {
            assert_eq!(round_trip::<Slots>(&value), Some(value));
            for (nonce, code_hash) in [(0, KECCAK_EMPTY), (u64::MAX, B256::repeat_byte(7))] {
                let account = Account { nonce, balance: value, code_hash };
                assert_eq!(round_trip::<Accounts>(&account), Some(account));
            }
        }
    }

    #[test]
    fn plain_keys_are_replaced_by_the_hashes_of_both_halves() {
        let address = Address::repeat_byte(3);
        let mut entries = [(plain_key(address, U256::from(9)), U256::from(1))];
        Slots::hash(&mut entries);
        let expected = (keccak256(address), keccak256(B256::from(U256::from(9))));
        assert_eq!(split_key(&entries[0].0), expected);
    }
}
