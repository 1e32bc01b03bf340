//! The rules that hold at a block: forks, blob parameters, deposit contract, known genesis hash.

use std::collections::BTreeMap;

use alloy::eips::eip7840::BlobParams;
use alloy::genesis::{ChainConfig, Genesis};
use alloy::primitives::{Address, B256, U256};
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};

use crate::fork_order::check_order;
use crate::forks::{ForkError, check_seals, forks_of};
use crate::known_chain::KnownChain;

/// The name of a fork.
pub type Fork = EthereumHardfork;

/// When the chain went from proof of work to proof of stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Never, as far as this chain knows.
    Never,
    /// The first block of proof of stake has this number.
    At(u64),
    /// When the total difficulty reached its terminal value; a block after it has difficulty zero (EIP-3675).
    ByDifficulty(U256),
}

/// The rules of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainSpec {
    /// Its name, or `custom`.
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The genesis hash that the genesis file must give, where it is known.
    pub genesis_hash: Option<B256>,
    /// The contract whose logs are EIP-6110 deposits.
    pub deposit_contract: Option<Address>,
    /// The block before whose first transaction the DAO accounts are drained (EIP-779).
    pub dao_fork_block: Option<u64>,
    pub(crate) forks: Vec<(Fork, ForkCondition)>,
    pub(crate) merge: Merge,
    /// Blob parameters by the time from which they hold, oldest first.
    blob_schedule: Vec<(u64, BlobParams)>,
}

impl ChainSpec {
    /// A chain known by name.
    pub fn known(chain: KnownChain) -> Self {
        let forks = chain.forks();
        let merge = forks.iter().find(|(fork, _)| *fork == Fork::Paris);
        let merge = match merge.map(|(_, condition)| *condition) {
            Some(ForkCondition::TTD { activation_block_number, .. }) => Merge::At(activation_block_number),
            Some(ForkCondition::Block(number)) => Merge::At(number),
            _ => Merge::Never,
        };
        let mut spec = Self {
            name: chain.name().into(),
            chain_id: chain.chain_id(),
            genesis_hash: Some(chain.genesis_hash()),
            deposit_contract: Some(chain.deposit_contract()),
            dao_fork_block: (chain == KnownChain::Mainnet).then_some(1_920_000),
            forks,
            merge,
            blob_schedule: Vec::new(),
        };
        spec.blob_schedule = spec.schedule_blobs(default_blob_params);
        spec
    }

    /// The chain that a geth genesis file describes.
    ///
    /// # Errors
    /// A fork that this build does not execute, forks with a hole or in a wrong order, or blocks that others seal than miners
    /// and proposers.
    pub fn custom(genesis: &Genesis) -> Result<Self, ForkError> {
        let merge = merge_of(genesis);
        let rules = Self::rules(genesis)?;
        check_order(&genesis.config, merge != Merge::Never)?;
        check_seals(&genesis.config, is_merged_from_block_1(merge, genesis.difficulty))?;
        Ok(rules)
    }

    /// The rules that a config names for one block, whether or not a chain could have them: geth's tracer tests have configs with
    /// forks out of order, and of chains that others seal.
    ///
    /// # Errors
    /// A fork that this build does not execute.
    pub fn rules(genesis: &Genesis) -> Result<Self, ForkError> {
        let config = &genesis.config;
        let forks = forks_of(config)?;
        let merge = merge_of(genesis);
        let mut spec = Self {
            name: "custom".into(),
            chain_id: config.chain_id,
            genesis_hash: None,
            deposit_contract: config.deposit_contract_address,
            dao_fork_block: config.dao_fork_block.filter(|_| config.dao_fork_support),
            forks,
            merge,
            blob_schedule: Vec::new(),
        };
        spec.blob_schedule =
            spec.schedule_blobs(|fork| blob_params_of(config, fork).or_else(|| default_blob_params(fork)));
        Ok(spec)
    }

    /// The same chain with one more fork, for tests of forks to come. Blob parameters stay what they are.
    pub fn with_fork(mut self, fork: Fork, at: ForkCondition) -> Self {
        self.forks.push((fork, at));
        self
    }

    /// Whether `fork` holds at a block. Forks up to Gray Glacier go by number, the merge by number or difficulty,
    /// later ones by timestamp.
    pub fn is_active(&self, fork: Fork, number: u64, timestamp: u64, difficulty: U256) -> bool {
        match fork {
            Fork::Paris => self.is_merged(number, difficulty),
            _ => self.condition(fork).active_at_timestamp_or_number(timestamp, number),
        }
    }

    /// Whether a block is one of proof of stake.
    pub fn is_merged(&self, number: u64, difficulty: U256) -> bool {
        match self.merge {
            Merge::Never => false,
            Merge::At(block) => number >= block,
            Merge::ByDifficulty(_) => number > 0 && difficulty.is_zero(),
        }
    }

    /// Whether the merge goes by a total difficulty and not by a number that is known.
    pub fn merges_by_difficulty(&self) -> bool {
        matches!(self.merge, Merge::ByDifficulty(_))
    }

    /// When `fork` activates on this chain.
    pub fn condition(&self, fork: Fork) -> ForkCondition {
        let found = self.forks.iter().find(|(known, _)| *known == fork);
        found.map_or(ForkCondition::Never, |(_, condition)| *condition)
    }

    /// Whether the rules of Homestead hold (EIP-2 forbids high-s signatures from here on).
    pub fn is_homestead(&self, number: u64) -> bool {
        self.condition(Fork::Homestead).active_at_block(number)
    }

    /// Whether receipts carry a status instead of a state root (EIP-658).
    pub fn is_byzantium(&self, number: u64) -> bool {
        self.condition(Fork::Byzantium).active_at_block(number)
    }

    /// Whether code that starts with `0xef0100` is a delegation (EIP-7702).
    pub fn is_prague(&self, timestamp: u64) -> bool {
        self.condition(Fork::Prague).active_at_timestamp(timestamp)
    }

    /// The blob parameters that hold at a time; `None` before Cancun.
    pub fn blob_params(&self, timestamp: u64) -> Option<BlobParams> {
        let held = self.blob_schedule.iter().take_while(|(from, _)| *from <= timestamp).last();
        held.map(|(_, params)| *params)
    }

    /// The parameters that the public chains have for those of its forks that set some, by the names of a genesis file's
    /// `blobSchedule`.
    pub fn public_blob_schedule(&self) -> BTreeMap<String, BlobParams> {
        let forks = BLOB_FORKS.iter().filter(|(fork, _)| self.condition(*fork) != ForkCondition::Never);
        forks.filter_map(|&(fork, name)| Some((name.to_owned(), default_blob_params(fork)?))).collect()
    }

    /// The forks of the schedule that change blob parameters, with the time from which they hold.
    fn schedule_blobs(&self, params: impl Fn(Fork) -> Option<BlobParams>) -> Vec<(u64, BlobParams)> {
        let time = |fork| match self.condition(fork) {
            ForkCondition::Timestamp(time) => Some(time),
            _ => None,
        };
        let mut schedule: Vec<_> =
            BLOB_FORKS.iter().filter_map(|&(fork, _)| Some((time(fork)?, params(fork)?))).collect();
        // A stable sort: forks at the same time keep their order, so that the later fork holds.
        schedule.sort_by_key(|(from, _)| *from);
        schedule
    }
}

impl EthereumHardforks for ChainSpec {
    fn ethereum_fork_activation(&self, fork: Fork) -> ForkCondition {
        self.condition(fork)
    }
}

/// The forks that can set blob parameters, with their names in a genesis file's `blobSchedule`.
const BLOB_FORKS: [(Fork, &str); 9] = [
    (Fork::Cancun, "cancun"),
    (Fork::Prague, "prague"),
    (Fork::Osaka, "osaka"),
    (Fork::Bpo1, "bpo1"),
    (Fork::Bpo2, "bpo2"),
    (Fork::Bpo3, "bpo3"),
    (Fork::Bpo4, "bpo4"),
    (Fork::Bpo5, "bpo5"),
    (Fork::Amsterdam, "amsterdam"),
];

/// The parameters of the public chains (EIP-4844, EIP-7691, EIP-7594, EIP-7892).
fn default_blob_params(fork: Fork) -> Option<BlobParams> {
    match fork {
        Fork::Cancun => Some(BlobParams::cancun()),
        Fork::Prague => Some(BlobParams::prague()),
        Fork::Osaka => Some(BlobParams::osaka()),
        Fork::Bpo1 => Some(BlobParams::bpo1()),
        Fork::Bpo2 => Some(BlobParams::bpo2()),
        _ => None,
    }
}

/// What a genesis file says; the limits that its `blobSchedule` cannot name come from the fork.
fn blob_params_of(config: &ChainConfig, fork: Fork) -> Option<BlobParams> {
    let (_, name) = BLOB_FORKS.iter().find(|(known, _)| *known == fork)?;
    let written = config.blob_schedule.get(*name)?;
    let fixed = if fork >= Fork::Osaka { BlobParams::osaka() } else { BlobParams::cancun() };
    let max_blobs_per_tx = if fork >= Fork::Osaka { fixed.max_blobs_per_tx } else { written.max_blob_count };
    Some(BlobParams { max_blobs_per_tx, blob_base_cost: fixed.blob_base_cost, ..*written })
}

/// The Merge is where the total difficulty reaches its terminal value; `mergeNetsplitBlock` enters the fork id only
/// ([EIP-3675](https://eips.ethereum.org/EIPS/eip-3675)).
fn merge_of(genesis: &Genesis) -> Merge {
    let config = &genesis.config;
    match config.terminal_total_difficulty {
        Some(total) if total.is_zero() => Merge::At(0),
        Some(total) => Merge::ByDifficulty(total),
        // A network that has passed a value which its genesis file does not name: it never had proof of work
        // if its genesis has no difficulty.
        None if config.terminal_total_difficulty_passed && genesis.difficulty.is_zero() => Merge::At(0),
        None => Merge::Never,
    }
}

fn is_merged_from_block_1(merge: Merge, genesis_difficulty: U256) -> bool {
    match merge {
        Merge::Never => false,
        Merge::At(block) => block <= 1,
        Merge::ByDifficulty(terminal) => genesis_difficulty >= terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mainnet_forks_stand_where_history_put_them() {
        let spec = ChainSpec::known(KnownChain::Mainnet);
        assert!(!spec.is_homestead(1_149_999) && spec.is_homestead(1_150_000));
        assert!(!spec.is_byzantium(4_369_999) && spec.is_byzantium(4_370_000));
        assert!(!spec.is_merged(15_537_393, U256::from(1)) && spec.is_merged(15_537_394, U256::ZERO));
        assert_eq!(spec.blob_params(1_710_338_134), None);
        assert_eq!(spec.blob_params(1_710_338_135), Some(BlobParams::cancun()));
        assert_eq!(spec.blob_params(1_765_290_071), Some(BlobParams::bpo1()));
        assert_eq!(spec.blob_params(1_767_747_671), Some(BlobParams::bpo2()));
    }

    #[test]
    fn every_known_chain_merges_and_reaches_osaka() {
        for chain in KnownChain::ALL {
            let spec = ChainSpec::known(chain);
            assert!(spec.is_merged(100_000_000, U256::ZERO), "{} merged", spec.name);
            assert_ne!(spec.condition(Fork::Osaka), ForkCondition::Never, "{}", spec.name);
            assert!(spec.blob_params(u64::MAX).is_some(), "{}", spec.name);
        }
    }

    #[test]
    fn a_merge_without_a_block_number_goes_by_difficulty() {
        let mut genesis = Genesis::default();
        genesis.config.terminal_total_difficulty = Some(U256::from(0xc0000));
        let spec = ChainSpec::custom(&genesis).unwrap();
        assert!(!spec.is_merged(5, U256::from(1)));
        assert!(spec.is_merged(5, U256::ZERO));
        assert!(!spec.is_merged(0, U256::ZERO), "a genesis block is never merged by difficulty");
    }

    #[test]
    fn the_block_of_the_netsplit_does_not_move_the_merge() {
        let mut genesis = Genesis::default();
        genesis.config.terminal_total_difficulty = Some(U256::from(0xc0000));
        genesis.config.merge_netsplit_block = Some(9);
        let spec = ChainSpec::custom(&genesis).unwrap();
        assert!(spec.is_merged(6, U256::ZERO), "before the netsplit");
        assert!(!spec.is_merged(12, U256::from(131_072)), "after the netsplit");
        genesis.config.terminal_total_difficulty = None;
        let spec = ChainSpec::custom(&genesis).unwrap();
        assert!(!spec.is_merged(12, U256::from(131_072)), "no total difficulty ends proof of work");
    }

    #[test]
    fn a_network_that_has_passed_the_merge_begins_with_proof_of_stake() {
        let mut genesis = Genesis::default();
        genesis.config.terminal_total_difficulty_passed = true;
        assert!(ChainSpec::custom(&genesis).unwrap().is_merged(1, U256::ZERO));
        genesis.config.terminal_total_difficulty = Some(U256::ZERO);
        assert!(ChainSpec::custom(&genesis).unwrap().is_merged(1, U256::ZERO));
        genesis.config.terminal_total_difficulty = Some(U256::from(0xc0000));
        assert!(!ChainSpec::custom(&genesis).unwrap().is_merged(1, U256::from(131_072)));
    }
}
