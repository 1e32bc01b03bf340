//! The witness: a block and everything that executing it reads, with the values from before the block.
//!
//! Replay is a pure function of a chain specification, a witness and code found by hash. Code is not inside: in real
//! blocks it outweighs the state ten to one and repeats from block to block.

use alloy::primitives::{Address, B256, U256};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};

use crate::{Account, RecoveredBlock};

/// What it means that a read is not in the witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The witness holds every read: one that is missing is an error.
    Exact,
    /// The witness was made elsewhere and leaves out what does not exist: a missing account is nonexistent, a
    /// missing slot is zero.
    MeansNonexistent,
}

/// One account of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWitness {
    /// The address of the account.
    pub address: Address,
    /// The account before the block; `None` where it did not exist.
    pub account: Option<Account>,
    /// Slots read, with their values before the block, zero ones included; sorted by slot.
    pub storage: Vec<(U256, U256)>,
}

/// The state part of a witness, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessReads {
    /// What a missing read means.
    pub absence: Absence,
    /// Accounts read, sorted by address. Of block 0, which reads nothing: the accounts that it makes.
    pub accounts: Vec<AccountWitness>,
    /// Existing accounts without nonce and code at which a contract was to be created, with whether they had storage
    /// before the block, which is a collision ([EIP-7610](https://eips.ethereum.org/EIPS/eip-7610)); sorted by address.
    pub creation_checks: Vec<(Address, bool)>,
    /// Ancestors asked for by `BLOCKHASH`, sorted by number.
    pub block_hashes: Vec<(u64, B256)>,
    /// Before Byzantium: the state root after each transaction, which its receipt carries. Empty from then on, and
    /// where they are not known.
    pub transaction_roots: Vec<B256>,
    /// Total difficulty up to and with this block, where it is known.
    pub total_difficulty: Option<U256>,
}

/// A block and everything that executing it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The block with its senders.
    pub block: RecoveredBlock,
    /// The state before it.
    pub reads: WitnessReads,
}

/// A stored witness that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessDecodeError {
    /// Not RLP of the expected shape.
    #[error("the stored witness is damaged: {0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// Written by another version.
    #[error("the stored witness has format {found}, this program reads format {}", WitnessReads::FORMAT)]
    Format {
        /// The format number found.
        found: u8,
    },
}

impl Witness {
    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        self.block.bytes() + self.reads.bytes()
    }
}

impl WitnessReads {
    /// About how many bytes they take in memory.
    pub fn bytes(&self) -> usize {
        let slots: usize = self.accounts.iter().map(|account| account.storage.len()).sum();
        let checks = size_of_val(self.creation_checks.as_slice());
        size_of_val(self.accounts.as_slice()) + slots * size_of::<(U256, U256)>() + checks
    }

    /// The format number in front of every encoded witness.
    pub const FORMAT: u8 = 1;

    /// A format byte, then RLP; `schemas/store.md` shows the shape.
    pub fn encode(&self) -> Vec<u8> {
        let wire = WireReads::from(self);
        let mut out = Vec::with_capacity(wire.length() + 1);
        out.push(Self::FORMAT);
        wire.encode(&mut out);
        out
    }

    /// The inverse of [`encode`](Self::encode).
    pub fn decode(bytes: &[u8]) -> Result<Self, WitnessDecodeError> {
        let (format, mut rest) = bytes.split_first().ok_or(alloy_rlp::Error::InputTooShort)?;
        if *format != Self::FORMAT {
            return Err(WitnessDecodeError::Format { found: *format });
        }
        let wire = WireReads::decode(&mut rest)?;
        if !rest.is_empty() {
            return Err(alloy_rlp::Error::UnexpectedLength.into());
        }
        Ok(wire.into())
    }
}

// The wire shape: plain lists, optional values as lists of none or one.

#[derive(RlpEncodable, RlpDecodable)]
struct WireReads {
    absence_means_nonexistent: bool,
    accounts: Vec<WireAccount>,
    creation_checks: Vec<WireCheck>,
    block_hashes: Vec<WireHash>,
    transaction_roots: Vec<B256>,
    total_difficulty: Vec<U256>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct WireCheck {
    address: Address,
    has_storage: bool,
}

#[derive(RlpEncodable, RlpDecodable)]
pub(crate) struct WireAccount {
    address: Address,
    account: Vec<Account>,
    storage: Vec<WireSlot>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct WireSlot {
    slot: U256,
    value: U256,
}

#[derive(RlpEncodable, RlpDecodable)]
struct WireHash {
    number: u64,
    hash: B256,
}

impl From<&AccountWitness> for WireAccount {
    fn from(account: &AccountWitness) -> Self {
        Self {
            address: account.address,
            account: account.account.into_iter().collect(),
            storage: account.storage.iter().map(|&(slot, value)| WireSlot { slot, value }).collect(),
        }
    }
}

impl From<WireAccount> for AccountWitness {
    fn from(wire: WireAccount) -> Self {
        Self {
            address: wire.address,
            account: wire.account.into_iter().next(),
            storage: wire.storage.into_iter().map(|s| (s.slot, s.value)).collect(),
        }
    }
}

impl From<&WitnessReads> for WireReads {
    fn from(reads: &WitnessReads) -> Self {
        Self {
            absence_means_nonexistent: reads.absence == Absence::MeansNonexistent,
            accounts: reads.accounts.iter().map(WireAccount::from).collect(),
            block_hashes: reads
                .block_hashes
                .iter()
                .map(|&(number, hash)| WireHash { number, hash })
                .collect(),
            transaction_roots: reads.transaction_roots.clone(),
            total_difficulty: reads.total_difficulty.into_iter().collect(),
            creation_checks: reads
                .creation_checks
                .iter()
                .map(|&(address, has_storage)| WireCheck { address, has_storage })
                .collect(),
        }
    }
}

impl From<WireReads> for WitnessReads {
    fn from(wire: WireReads) -> Self {
        Self {
            absence: if wire.absence_means_nonexistent { Absence::MeansNonexistent } else { Absence::Exact },
            accounts: wire.accounts.into_iter().map(AccountWitness::from).collect(),
            creation_checks: wire
                .creation_checks
                .into_iter()
                .map(|check| (check.address, check.has_storage))
                .collect(),
            block_hashes: wire.block_hashes.into_iter().map(|h| (h.number, h.hash)).collect(),
            transaction_roots: wire.transaction_roots,
            total_difficulty: wire.total_difficulty.into_iter().next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn word() -> impl Strategy<Value = U256> {
        any::<[u8; 32]>().prop_map(U256::from_be_bytes)
    }

    fn account() -> impl Strategy<Value = AccountWitness> {
        let state = (any::<u64>(), word(), any::<[u8; 32]>()).prop_map(|(nonce, balance, hash)| Account {
            nonce,
            balance,
            code_hash: hash.into(),
        });
        (any::<[u8; 20]>(), proptest::option::of(state), proptest::collection::vec((word(), word()), 0..5))
            .prop_map(|(address, account, storage)| AccountWitness {
                address: address.into(),
                account,
                storage,
            })
    }

    prop_compose! {
        fn reads()(
            exact in any::<bool>(),
            accounts in proptest::collection::vec(account(), 0..6),
            checks in proptest::collection::vec((any::<[u8; 20]>(), any::<bool>()), 0..3),
            hashes in proptest::collection::vec((any::<u64>(), any::<[u8; 32]>()), 0..4),
            roots in proptest::collection::vec(any::<[u8; 32]>(), 0..4),
            total_difficulty in proptest::option::of(word()),
        ) -> WitnessReads {
            WitnessReads {
                absence: if exact { Absence::Exact } else { Absence::MeansNonexistent },
                accounts,
                creation_checks: checks.into_iter().map(|(address, has)| (address.into(), has)).collect(),
                block_hashes: hashes.into_iter().map(|(n, h)| (n, h.into())).collect(),
                transaction_roots: roots.into_iter().map(Into::into).collect(),
                total_difficulty,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(reads in reads()) {
            prop_assert_eq!(WitnessReads::decode(&reads.encode()), Ok(reads));
        }

        #[test]
        fn damage_never_panics(mut bytes in reads().prop_map(|r| r.encode()), at in any::<usize>(), with in any::<u8>()) {
            let at = at % bytes.len();
            bytes[at] ^= with;
            let _ = WitnessReads::decode(&bytes);
            let _ = WitnessReads::decode(&bytes[..at]);
        }
    }

    #[test]
    fn another_format_is_refused_by_number() {
        assert_eq!(WitnessReads::decode(&[9, 0xc0]), Err(WitnessDecodeError::Format { found: 9 }));
    }
}
