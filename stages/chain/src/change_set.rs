//! Change sets: what the changes of a block replaced, so that they can be taken back.

use alloy::primitives::{Address, U256};
use alloy_rlp::{Decodable, Encodable};

use crate::witness::{AccountWitness, WireAccount};
use crate::{BlockChanges, StorageChanges};

/// Every account and slot that a block changed, with the value from before it.
///
/// Of a destroyed account every slot is there that held something before or after, so that taking the block back is
/// nothing but writing these values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Sorted by address; storage sorted by slot, zero ones included.
    pub accounts: Vec<AccountWitness>,
}

impl ChangeSet {
    /// What `changes` replaced. `reads` are the values that the same block read: they hold every account that it
    /// changed, every slot that was not zero before, and every slot of an account that it destroyed.
    pub fn new(reads: &[AccountWitness], changes: &BlockChanges) -> Self {
        let is_changed = |a: &&AccountWitness| {
            changes.accounts.contains_key(&a.address) || changes.storage.contains_key(&a.address)
        };
        let before = |a: &AccountWitness| AccountWitness {
            address: a.address,
            account: a.account,
            storage: changes
                .storage
                .get(&a.address)
                .map_or_else(Vec::new, |now| slots_before(&a.storage, now)),
        };
        Self { accounts: reads.iter().filter(is_changed).map(before).collect() }
    }

    /// The changes that lead back to the state before the block.
    pub fn into_changes(self) -> BlockChanges {
        let mut back = BlockChanges::default();
        for AccountWitness { address, account, storage } in self.accounts {
            back.accounts.insert(address, account);
            if !storage.is_empty() {
                let slots = storage.into_iter().collect();
                back.storage.insert(address, StorageChanges { wiped: false, slots });
            }
        }
        back
    }

    /// RLP; `schemas/store.md` shows the shape.
    pub fn encode(&self) -> Vec<u8> {
        let wire: Vec<_> = self.accounts.iter().map(WireAccount::from).collect();
        let mut out = Vec::with_capacity(wire.length());
        wire.encode(&mut out);
        out
    }

    /// The inverse of [`encode`](Self::encode).
    pub fn decode(mut bytes: &[u8]) -> alloy_rlp::Result<Self> {
        let wire = Vec::<WireAccount>::decode(&mut bytes)?;
        if !bytes.is_empty() {
            return Err(alloy_rlp::Error::UnexpectedLength);
        }
        Ok(Self { accounts: wire.into_iter().map(AccountWitness::from).collect() })
    }

    /// Addresses of the accounts that changed, ascending.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        self.accounts.iter().map(|account| account.address)
    }
}

/// The values that `now` replaced, sorted by slot; a slot that was not read was zero.
fn slots_before(reads: &[(U256, U256)], now: &StorageChanges) -> Vec<(U256, U256)> {
    let is_gone =
        |(slot, value): &&(U256, U256)| now.slots.contains_key(slot) || (now.wiped && !value.is_zero());
    let mut before: Vec<_> = reads.iter().filter(is_gone).copied().collect();
    let unread = now.slots.keys().filter(|slot| reads.binary_search_by_key(slot, |(read, _)| read).is_err());
    before.extend(unread.map(|slot| (*slot, U256::ZERO)));
    before.sort_unstable();
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Account;

    const OWNER: Address = Address::repeat_byte(0x11);

    fn slot(n: u64) -> U256 {
        U256::from(n)
    }

    fn owner(storage: &[(u64, u64)]) -> AccountWitness {
        let storage = storage.iter().map(|&(k, v)| (slot(k), slot(v))).collect();
        AccountWitness { address: OWNER, account: Some(Account::default()), storage }
    }

    fn written(wiped: bool, slots: &[(u64, u64)]) -> BlockChanges {
        let slots = slots.iter().map(|&(k, v)| (slot(k), slot(v))).collect();
        let mut changes = BlockChanges::default();
        changes.storage.insert(OWNER, StorageChanges { wiped, slots });
        changes
    }

    #[test]
    fn only_what_changed_is_kept() {
        let bystander =
            AccountWitness { address: Address::ZERO, account: None, storage: vec![(slot(1), slot(1))] };
        let reads = [bystander, owner(&[(1, 10), (2, 20)])];
        let set = ChangeSet::new(&reads, &written(false, &[(2, 21), (3, 30)]));
        assert_eq!(set.accounts, [owner(&[(2, 20), (3, 0)])]);
    }

    #[test]
    fn a_wiped_storage_comes_back_whole() {
        let reads = [owner(&[(1, 10), (2, 0), (3, 30)])];
        let set = ChangeSet::new(&reads, &written(true, &[(3, 31), (4, 40)]));
        assert_eq!(set.accounts, [owner(&[(1, 10), (3, 30), (4, 0)])]);
        assert_eq!(set.into_changes().storage, written(false, &[(1, 10), (3, 30), (4, 0)]).storage);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let set = ChangeSet { accounts: vec![owner(&[(1, 0), (2, 20)])] };
        let bytes = set.encode();
        assert_eq!(ChangeSet::decode(&bytes), Ok(set));
        assert!(ChangeSet::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(ChangeSet::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
}
