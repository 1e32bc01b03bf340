//! The forks that this build executes, and the refusal of all others: executed under older rules, a block would fail late,
//! at a root, with a reason that misleads.

use alloy::consensus::Header;
use alloy::genesis::ChainConfig;
use alloy_hardforks::ForkCondition;

use crate::{ChainSpec, Fork};

/// When a genesis file activates a fork.
type Scheduled = fn(&ChainConfig) -> Option<ForkCondition>;

/// The forks that this build executes, in the order of history.
const EXECUTED: [(Fork, Scheduled); 25] = [
    (Fork::Frontier, |_| block(Some(0))),
    (Fork::Homestead, |config| block(config.homestead_block)),
    // `ChainSpec::dao_fork_block`.
    (Fork::Dao, |_| None),
    (Fork::Tangerine, |config| block(config.eip150_block)),
    (Fork::SpuriousDragon, |config| block(config.eip158_block.or(config.eip155_block))),
    (Fork::Byzantium, |config| block(config.byzantium_block)),
    (Fork::Constantinople, |config| block(config.constantinople_block)),
    // geth: without a Petersburg block of its own, it comes with Constantinople.
    (Fork::Petersburg, |config| block(config.petersburg_block.or(config.constantinople_block))),
    (Fork::Istanbul, |config| block(config.istanbul_block)),
    (Fork::MuirGlacier, |config| block(config.muir_glacier_block)),
    (Fork::Berlin, |config| block(config.berlin_block)),
    (Fork::London, |config| block(config.london_block)),
    (Fork::ArrowGlacier, |config| block(config.arrow_glacier_block)),
    (Fork::GrayGlacier, |config| block(config.gray_glacier_block)),
    // By difficulty: `ChainSpec::is_merged`.
    (Fork::Paris, |_| None),
    (Fork::Shanghai, |config| time(config.shanghai_time)),
    (Fork::Cancun, |config| time(config.cancun_time)),
    (Fork::Prague, |config| time(config.prague_time)),
    (Fork::Osaka, |config| time(config.osaka_time)),
    (Fork::Bpo1, |config| time(config.bpo1_time)),
    (Fork::Bpo2, |config| time(config.bpo2_time)),
    (Fork::Bpo3, |config| time(config.bpo3_time)),
    (Fork::Bpo4, |config| time(config.bpo4_time)),
    (Fork::Bpo5, |config| time(config.bpo5_time)),
    (Fork::Amsterdam, |config| time(config.amsterdam_time)),
];

/// The last of `EXECUTED`.
const LAST_EXECUTED: Fork = EXECUTED[EXECUTED.len() - 1].0;

/// How the keys of a genesis file's `config` end that schedule a fork: with its block, its time, or (geth's switch for
/// Verkle trees) a flag.
const KEY_ENDINGS: [&str; 3] = ["Block", "Time", "AtGenesis"];

/// Other names that `mergeNetsplitBlock` has or had, the mark at which nodes of a merged network part from others (EIP-3675).
/// It changes no rules.
const NETSPLIT_KEYS: [&str; 3] = ["mergeNetSplitBlock", "mergeForkBlock", "preMergeForkBlock"];

/// Whose seals of blocks are not checked here, by the key of `config` that names them: clients execute such blocks by rules
/// of their own (who is paid, which difficulty is right).
const FOREIGN_SEALS: [(&str, &str); 9] = [
    ("clique", "proof of authority (Clique)"),
    ("aura", "proof of authority (Aura)"),
    ("ibft", "proof of authority (IBFT)"),
    ("ibft2", "proof of authority (IBFT 2.0)"),
    ("qbft", "proof of authority (QBFT)"),
    ("istanbul", "proof of authority (Istanbul BFT)"),
    ("parlia", "proof of staked authority (Parlia)"),
    ("congress", "proof of staked authority (Congress)"),
    ("bor", "proof of stake of Polygon (Bor)"),
];

/// Why the forks of a chain, or of a block, are not executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// A genesis file schedules it.
    #[error(
        "config.{key} is {value}, which schedules {fork}, but this build executes the forks up to {LAST_EXECUTED} only: a \
         newer blockmill is needed. If the key is a known one in another case than geth writes it, or schedules no fork, \
         correct the file"
    )]
    Scheduled {
        /// The fork, as the key names it.
        fork: String,
        /// The key in `config`.
        key: String,
        /// Block number, seconds since 1970, or `true`.
        value: String,
    },
    /// A genesis file schedules a fork without one that it includes.
    #[error(
        "config.{later} is {at}, but config.{missing} is not set: each fork includes those before it. Set {missing} too, or \
         take {later} out"
    )]
    Hole {
        /// The key that is there.
        later: &'static str,
        /// Block number, or seconds since 1970.
        at: u64,
        /// The key that is not.
        missing: &'static str,
    },
    /// A genesis file schedules a fork before one that it includes.
    #[error(
        "config.{later} is {at}, which is before config.{earlier} with {from}: each fork includes those before it. Correct \
         the file"
    )]
    Order {
        /// The fork that includes the other.
        later: &'static str,
        /// Block number, or seconds since 1970.
        at: u64,
        /// The one that must not come after it.
        earlier: &'static str,
        /// Its block number, or seconds since 1970.
        from: u64,
    },
    /// Two EIPs of Spurious Dragon come at different blocks.
    #[error(
        "config.eip155Block is {} and config.eip158Block is {}: chains that do not have both from the same block on are not \
         supported by Blockmill", or_unset(*eip155), or_unset(*eip158)
    )]
    SplitSpuriousDragon {
        /// The block number of `eip155Block`; `None` where it is not set.
        eip155: Option<u64>,
        /// The block number of `eip158Block`; `None` where it is not set.
        eip158: Option<u64>,
    },
    /// Blocks are sealed neither by proof of work nor by Ethereum's proof of stake.
    #[error(
        "config.{key}: {seal} is not supported by Blockmill, which executes chains of proof of work and of proof of stake"
    )]
    ForeignSeal {
        /// The key in `config` that names the seal.
        key: &'static str,
        /// How blocks are sealed.
        seal: &'static str,
    },
    /// A block is under its rules.
    #[error(
        "with the time {timestamp} the block is under the rules of {fork}, which began on {chain} at {from}, but this build \
         executes the forks up to {LAST_EXECUTED} only: a newer blockmill is needed"
    )]
    Active {
        /// The block's time, seconds since 1970.
        timestamp: u64,
        /// The name of the fork whose rules hold.
        fork: Fork,
        /// The chain's name, as `--chain` takes it.
        chain: String,
        /// Its block number or time.
        from: String,
    },
    /// A block of a chain known by name is under rules that this build has, but no date of.
    #[error(
        "the header has a {field}, which came with {fork}, but this build does not know when {fork} began on {chain}: a \
         newer blockmill is needed, or the block is of another chain"
    )]
    Undated {
        /// The field of the header.
        field: &'static str,
        /// The name of the fork that the field belongs to.
        fork: Fork,
        /// The chain's name, as `--chain` takes it.
        chain: String,
    },
}

/// The forks that a genesis file schedules.
///
/// # Errors
/// One of them is not executed by this build, however far away it is.
pub(crate) fn forks_of(config: &ChainConfig) -> Result<Vec<(Fork, ForkCondition)>, ForkError> {
    refuse_others(config)?;
    Ok(EXECUTED.iter().filter_map(|(fork, scheduled)| Some((*fork, scheduled(config)?))).collect())
}

/// Refuses forks that the reader of genesis files knows, and keys that it does not know.
fn refuse_others(config: &ChainConfig) -> Result<(), ForkError> {
    let refused = |key: &str, fork: &str, value: String| {
        let (fork, key) = (capitalized(fork), key.to_owned());
        Err(ForkError::Scheduled { fork, key, value })
    };
    if let Some(time) = config.bogota_time {
        return refused("bogotaTime", "bogota", time.to_string());
    }
    for (key, value) in config.extra_fields.iter() {
        let is_off = value.is_null() || value.as_bool() == Some(false);
        let fork = KEY_ENDINGS.iter().find_map(|ending| key.strip_suffix(ending));
        if let Some(fork) = fork
            && !is_off
            && !NETSPLIT_KEYS.contains(&key.as_str())
        {
            return refused(key, fork, value.to_string());
        }
    }
    Ok(())
}

/// Refuses chains whose blocks are sealed by authorities. One that is merged from block 1 on has no such block: geth's
/// developer networks keep the key.
pub(crate) fn check_seals(config: &ChainConfig, is_merged_from_block_1: bool) -> Result<(), ForkError> {
    let is_set = |key: &str| match key {
        "clique" => config.clique.is_some(),
        "parlia" => config.parlia.is_some(),
        _ => config.extra_fields.get(key).is_some_and(|value| value.is_object()),
    };
    match FOREIGN_SEALS.into_iter().find(|(key, _)| is_set(key)) {
        Some((key, seal)) if !is_merged_from_block_1 => Err(ForkError::ForeignSeal { key, seal }),
        _ => Ok(()),
    }
}

fn or_unset(block: Option<u64>) -> String {
    block.map_or("not set".into(), |block| block.to_string())
}

fn capitalized(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

fn block(at: Option<u64>) -> Option<ForkCondition> {
    at.map(ForkCondition::Block)
}

fn time(at: Option<u64>) -> Option<ForkCondition> {
    at.map(ForkCondition::Timestamp)
}

impl ChainSpec {
    /// That this build has the rules of a block with this header.
    ///
    /// # Errors
    /// [`check_schedule`](Self::check_schedule), or on a chain known by name a field of a fork that had no date there when
    /// this build was made.
    pub fn check_fork(&self, header: &Header) -> Result<(), ForkError> {
        self.check_schedule(header.number, header.timestamp)?;
        // Whether a custom chain has a fork is its genesis file's to say.
        let is_known = self.genesis_hash.is_some();
        let has_no_date = |fork| is_known && self.condition(fork) == ForkCondition::Never;
        match Self::forked_fields(header)
            .into_iter()
            .find(|(_, is_there, fork)| *is_there && has_no_date(*fork))
        {
            Some((field, _, fork)) => Err(ForkError::Undated { field, fork, chain: self.name.clone() }),
            None => Ok(()),
        }
    }

    /// That no fork holds at a block which this build does not execute.
    ///
    /// # Errors
    /// One that the schedule of the chain has.
    pub fn check_schedule(&self, number: u64, timestamp: u64) -> Result<(), ForkError> {
        let is_executed = |fork| EXECUTED.iter().any(|(executed, _)| *executed == fork);
        let is_active = |condition: ForkCondition| condition.active_at_timestamp_or_number(timestamp, number);
        match self.forks.iter().find(|(fork, condition)| !is_executed(*fork) && is_active(*condition)) {
            Some((fork, condition)) => Err(ForkError::Active {
                timestamp,
                fork: *fork,
                chain: self.name.clone(),
                from: match condition {
                    ForkCondition::Timestamp(time) => format!("the time {time}"),
                    _ => format!("block {}", condition.block_number().unwrap_or(number)),
                },
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::genesis::Genesis;
    use alloy::primitives::B256;

    use super::*;
    use crate::KnownChain;

    /// What is said of a `config` with one more key than `chainId`.
    fn custom(key: &str, value: &str) -> Result<ChainSpec, ForkError> {
        let text = format!(r#"{{"config": {{"chainId": 7, "{key}": {value}}}}}"#);
        ChainSpec::custom(&serde_json::from_str::<Genesis>(&text).unwrap())
    }

    #[track_caller]
    fn assert_refused(key: &str, value: &str, fork: &str) {
        let error = custom(key, value).unwrap_err();
        let written = value.to_owned();
        assert_eq!(error, ForkError::Scheduled { fork: fork.into(), key: key.into(), value: written });
        let said = format!("config.{key} is {value}, which schedules {fork}");
        assert!(error.to_string().starts_with(&said), "{error}");
    }

    #[test]
    fn a_genesis_file_with_a_fork_that_is_not_executed_is_refused_however_far_away_it_is() {
        assert_refused("bogotaTime", "0", "Bogota");
        assert_refused("bogotaTime", &u64::MAX.to_string(), "Bogota");
        assert_refused("bpo6Time", "1800000000", "Bpo6");
        assert_refused("verkleTime", "\"0x6b49d200\"", "Verkle");
        assert_refused("enableVerkleAtGenesis", "true", "EnableVerkle");
        assert_refused("bedrockBlock", "0", "Bedrock");
        assert_refused("LondonBlock", "5", "London");
    }

    #[test]
    fn every_fork_that_exists_is_executed_or_refused() {
        for fork in Fork::VARIANTS {
            let is_executed = EXECUTED.iter().any(|(executed, _)| executed == fork);
            assert!(
                is_executed || custom(&format!("{}Time", fork.name().to_lowercase()), "1").is_err(),
                "{fork}"
            );
        }
    }

    #[test]
    fn keys_that_schedule_no_fork_are_let_pass() {
        let harmless = [
            ("terminalTotalDifficultyPassed", "true"),
            ("terminalTotalDifficulty", "0"),
            ("mergeNetsplitBlock", "0"),
            ("mergeNetSplitBlock", "0"),
            ("mergeForkBlock", "0"),
            ("daoForkSupport", "true"),
            ("daoForkBlock", "0, \"homesteadBlock\": 0"),
            ("eip150Hash", "\"0x00\""),
            ("ethash", "{}"),
            ("blobSchedule", "{\"bpo6\": {\"target\": 3, \"max\": 6, \"baseFeeUpdateFraction\": 3338477}}"),
            ("depositContractAddress", "\"0x00000000219ab540356cbb839cbe05303d7705fa\""),
            ("bogotaTime", "null"),
            ("verkleTime", "null"),
            ("enableVerkleAtGenesis", "false"),
        ];
        for (key, value) in harmless {
            assert!(custom(key, value).is_ok(), "{key}: {value}");
        }
    }

    #[test]
    fn authorities_that_seal_blocks_are_refused_by_name_unless_they_never_do() {
        let clique = "{\"period\": 15, \"epoch\": 30000}";
        let error = custom("clique", clique).unwrap_err();
        assert!(
            error.to_string().contains("config.clique: proof of authority (Clique) is not supported"),
            "{error}"
        );
        assert!(matches!(custom("qbft", "{}"), Err(ForkError::ForeignSeal { key: "qbft", .. })));
        let merged = format!("{clique}, \"terminalTotalDifficulty\": 0, \"londonBlock\": null");
        assert!(custom("clique", &merged).is_ok(), "no block of this chain is sealed by an authority");
        let late = format!("{clique}, \"terminalTotalDifficulty\": 10");
        assert!(custom("clique", &late).is_err(), "the first blocks are");
    }

    #[test]
    fn a_named_chain_ends_where_its_schedule_has_a_fork_that_is_not_executed() {
        let at = ForkCondition::Timestamp(1_900_000_000);
        let spec = ChainSpec::known(KnownChain::Mainnet).with_fork(Fork::Bogota, at);
        assert_eq!(spec.check_schedule(30_000_000, 1_899_999_999), Ok(()));
        let error = spec.check_schedule(30_000_000, 1_900_000_000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "with the time 1900000000 the block is under the rules of Bogota, which began on mainnet at the time \
             1900000000, but this build executes the forks up to Amsterdam only: a newer blockmill is needed"
        );
    }

    #[test]
    fn nothing_that_is_scheduled_today_is_refused() {
        for chain in KnownChain::ALL {
            assert_eq!(
                ChainSpec::known(chain).check_schedule(u64::MAX, u64::MAX),
                Ok(()),
                "{}",
                chain.name()
            );
        }
    }

    #[test]
    fn a_header_of_a_fork_without_a_date_is_refused_by_the_forks_name() {
        let header = Header { block_access_list_hash: Some(B256::ZERO), ..Header::default() };
        let error = ChainSpec::known(KnownChain::Mainnet).check_fork(&header).unwrap_err();
        let field = "block access list hash";
        assert_eq!(error, ForkError::Undated { field, fork: Fork::Amsterdam, chain: "mainnet".into() });
        // Sepolia has a date, and a custom chain has what its file says: there the rules of headers decide.
        assert_eq!(ChainSpec::known(KnownChain::Sepolia).check_fork(&header), Ok(()));
        assert_eq!(custom("londonBlock", "null").unwrap().check_fork(&header), Ok(()));
    }
}
