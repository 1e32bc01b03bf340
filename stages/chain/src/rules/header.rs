//! What a header must be like, by itself and after its parent.

use alloy::consensus::Header;
use alloy::consensus::constants::MAXIMUM_EXTRA_DATA_SIZE;
use alloy::eips::eip4844::DATA_GAS_PER_BLOB;
use alloy::primitives::U256;

use super::error::RuleError;
use crate::{Ancestor, ChainSpec, Fork};

/// What the first ten blocks of the DAO fork carry ([EIP-779](https://eips.ethereum.org/EIPS/eip-779)).
const DAO_MARK: &[u8] = b"dao-hard-fork";
const DAO_MARKED_BLOCKS: u64 = 10;

const LEAST_GAS_LIMIT: u64 = 5_000;
const MOST_GAS_LIMIT: u64 = i64::MAX as u64;
/// A gas limit changes by less than its parent's divided by this.
const GAS_LIMIT_BOUND: u64 = 1_024;
/// London doubled the limit, because the target became half of it ([EIP-1559](https://eips.ethereum.org/EIPS/eip-1559)).
const ELASTICITY: u64 = 2;

impl ChainSpec {
    /// The rules of a header that need no other block.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check_header(&self, header: &Header) -> Result<(), RuleError> {
        self.check_extra_data(header)?;
        let (used, limit) = (header.gas_used, header.gas_limit);
        if !(LEAST_GAS_LIMIT..=MOST_GAS_LIMIT).contains(&limit) {
            return Err(RuleError::GasLimitRange { actual: limit });
        }
        if used > limit {
            return Err(RuleError::GasUsed { used, limit });
        }
        if self.is_merged(header.number, header.difficulty)
            && (!header.difficulty.is_zero() || !header.nonce.is_zero())
        {
            return Err(RuleError::SealAfterTheMerge);
        }
        self.check_fields(header)?;
        self.check_blob_gas_used(header)
    }

    fn check_extra_data(&self, header: &Header) -> Result<(), RuleError> {
        let bytes = header.extra_data.len();
        if bytes > MAXIMUM_EXTRA_DATA_SIZE {
            return Err(RuleError::ExtraDataTooLong { bytes });
        }
        let since_fork = self.dao_fork_block.and_then(|fork| header.number.checked_sub(fork));
        match since_fork {
            Some(0..DAO_MARKED_BLOCKS) if *header.extra_data != *DAO_MARK => Err(RuleError::DaoMark),
            _ => Ok(()),
        }
    }

    /// The fields that came with a fork: whether a header has them, and with which.
    pub(crate) fn forked_fields(header: &Header) -> [(&'static str, bool, Fork); 8] {
        [
            ("base fee", header.base_fee_per_gas.is_some(), Fork::London),
            ("withdrawals root", header.withdrawals_root.is_some(), Fork::Shanghai),
            ("blob gas used", header.blob_gas_used.is_some(), Fork::Cancun),
            ("excess blob gas", header.excess_blob_gas.is_some(), Fork::Cancun),
            ("parent beacon block root", header.parent_beacon_block_root.is_some(), Fork::Cancun),
            ("requests hash", header.requests_hash.is_some(), Fork::Prague),
            ("block access list hash", header.block_access_list_hash.is_some(), Fork::Amsterdam),
            ("slot number", header.slot_number.is_some(), Fork::Amsterdam),
        ]
    }

    /// Each fork's fields are there from its first block on.
    fn check_fields(&self, header: &Header) -> Result<(), RuleError> {
        let is_active = |fork| self.is_active(fork, header.number, header.timestamp, header.difficulty);
        for (field, is_there, fork) in Self::forked_fields(header) {
            match (is_there, is_active(fork)) {
                (false, true) => return Err(RuleError::MissingField { field }),
                (true, false) => return Err(RuleError::EarlyField { field }),
                _ => {}
            }
        }
        Ok(())
    }

    fn check_blob_gas_used(&self, header: &Header) -> Result<(), RuleError> {
        let (Some(params), Some(actual)) = (self.blob_params(header.timestamp), header.blob_gas_used) else {
            return Ok(());
        };
        let most = params.max_blob_gas_per_block();
        match actual > most || !actual.is_multiple_of(DATA_GAS_PER_BLOB) {
            true => Err(RuleError::BlobGasUsed { actual, most }),
            false => Ok(()),
        }
    }

    /// The rules of a header after its parent. The caller checks number and parent hash.
    pub(super) fn check_child(&self, header: &Header, parent: &Header) -> Result<(), RuleError> {
        if header.timestamp <= parent.timestamp {
            return Err(RuleError::Timestamp { actual: header.timestamp, parent: parent.timestamp });
        }
        self.check_gas_limit(header, parent)?;
        if !self.is_merged(header.number, header.difficulty) {
            let (expected, actual) = (self.difficulty(parent, header.timestamp), header.difficulty);
            if expected != actual {
                return Err(RuleError::Difficulty { expected, actual });
            }
        }
        if let (Some(expected), Some(actual)) = (self.base_fee(parent), header.base_fee_per_gas)
            && expected != actual
        {
            return Err(RuleError::BaseFee { expected, actual });
        }
        let excess = self.excess_blob_gas(parent, header.timestamp);
        match (excess, header.excess_blob_gas) {
            (Some(expected), Some(actual)) if expected != actual => {
                Err(RuleError::ExcessBlobGas { expected, actual })
            }
            _ => Ok(()),
        }
    }

    fn check_gas_limit(&self, header: &Header, parent: &Header) -> Result<(), RuleError> {
        let is_londons_first = parent.base_fee_per_gas.is_none() && header.base_fee_per_gas.is_some();
        let before = parent.gas_limit.saturating_mul(if is_londons_first { ELASTICITY } else { 1 });
        match header.gas_limit.abs_diff(before) < before / GAS_LIMIT_BOUND {
            true => Ok(()),
            false => Err(RuleError::GasLimitStep { actual: header.gas_limit, parent: before }),
        }
    }

    /// Whether a block stands where proof of work, or of stake, is due. Nothing is said where the total difficulty is not
    /// known, or the merge is at a known block.
    pub(super) fn check_side_of_merge(&self, header: &Header, parent: &Ancestor) -> Result<(), RuleError> {
        let (Some(terminal), Some(total)) = (self.terminal_total_difficulty(), parent.total_difficulty)
        else {
            return Ok(());
        };
        let is_stake = self.is_merged(header.number, header.difficulty);
        let is_due: bool = total >= terminal;
        let kind = if is_stake { "stake" } else { "work" };
        match is_stake == is_due {
            true => Ok(()),
            false => Err(RuleError::WrongSideOfTheMerge { kind, total, terminal }),
        }
    }

    fn terminal_total_difficulty(&self) -> Option<U256> {
        match self.merge {
            crate::spec::Merge::ByDifficulty(terminal) => Some(terminal),
            _ => None,
        }
    }
}
