//! Reading tries from one end to the other, to compare them with what they should be.

use alloy::primitives::{B256, U256};
use blockmill_trie::{BranchCounts, TrieScan, Visit};

use crate::codec::decode_slot_value;
use crate::keys::HashedSlotKey;
use crate::options::{read_from, read_whole_family};
use crate::{Family, Store, StoreError};

impl TrieScan for Store {
    fn slot_leaves_from(
        &self,
        (owner, slot): (B256, B256),
        visit: &mut dyn FnMut((B256, B256), U256) -> Visit,
    ) -> Result<(), StoreError> {
        let start = HashedSlotKey::new(owner, slot);
        let slots = self.scan(Family::HashedStorage, read_from(start.as_ref()), |key, value| {
            Ok((HashedSlotKey::decode(key)?, decode_slot_value(value)?))
        });
        for slot in slots {
            let (key, value) = slot?;
            if visit(key, value) == Visit::Stop {
                break;
            }
        }
        Ok(())
    }

    fn branch_counts(&self) -> Result<BranchCounts, StoreError> {
        let count = |family| {
            let mut rows = self.scan(family, read_whole_family(), |_, _| Ok(()));
            rows.try_fold(0, |count, row| row.map(|()| count + 1))
        };
        Ok(BranchCounts {
            accounts: count(Family::AccountBranches)?,
            storage: count(Family::StorageBranches)?,
        })
    }
}
