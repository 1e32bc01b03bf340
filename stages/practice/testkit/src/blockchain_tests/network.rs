//! The networks that consensus tests name, as geth configurations.

use alloy::genesis::ChainConfig;
use alloy::primitives::{Address, U256, address};

/// The contract whose logs are EIP-6110 deposits on every network of the tests: mainnet's.
const DEPOSIT_CONTRACT: Address = address!("00000000219ab540356cbb839cbe05303d7705fa");

/// Sets a fork to a block number, a time or (Paris) a terminal total difficulty.
type SetFork = fn(&mut ChainConfig, u64);

/// A network has its own fork and all above it.
const FORKS: [(&str, SetFork); 24] = [
    ("Frontier", |_, _| {}),
    ("Homestead", |config, at| config.homestead_block = Some(at)),
    ("EIP150", |config, at| config.eip150_block = Some(at)),
    ("EIP158", |config, at| (config.eip155_block, config.eip158_block) = (Some(at), Some(at))),
    ("Byzantium", |config, at| config.byzantium_block = Some(at)),
    // Petersburg comes with Constantinople unless it is said to come later: here, never.
    ("Constantinople", |config, at| {
        (config.constantinople_block, config.petersburg_block) = (Some(at), Some(u64::MAX));
    }),
    ("ConstantinopleFix", |config, at| config.petersburg_block = Some(at)),
    ("Istanbul", |config, at| config.istanbul_block = Some(at)),
    ("MuirGlacier", |config, at| config.muir_glacier_block = Some(at)),
    ("Berlin", |config, at| config.berlin_block = Some(at)),
    ("London", |config, at| config.london_block = Some(at)),
    ("ArrowGlacier", |config, at| config.arrow_glacier_block = Some(at)),
    ("GrayGlacier", |config, at| config.gray_glacier_block = Some(at)),
    ("Paris", |config, at| config.terminal_total_difficulty = Some(U256::from(at))),
    ("Shanghai", |config, at| config.shanghai_time = Some(at)),
    ("Cancun", |config, at| config.cancun_time = Some(at)),
    ("Prague", |config, at| {
        (config.prague_time, config.deposit_contract_address) = (Some(at), Some(DEPOSIT_CONTRACT));
    }),
    ("Osaka", |config, at| config.osaka_time = Some(at)),
    ("BPO1", |config, at| config.bpo1_time = Some(at)),
    ("BPO2", |config, at| config.bpo2_time = Some(at)),
    ("BPO3", |config, at| config.bpo3_time = Some(at)),
    ("BPO4", |config, at| config.bpo4_time = Some(at)),
    ("BPO5", |config, at| config.bpo5_time = Some(at)),
    ("Amsterdam", |config, at| config.amsterdam_time = Some(at)),
];

/// Forks that have one name in ethereum/tests and others in EEST.
const ALIASES: [(&str, &str); 4] = [
    ("Tangerine", "EIP150"),
    ("TangerineWhistle", "EIP150"),
    ("SpuriousDragon", "EIP158"),
    ("Merge", "Paris"),
];

/// The configuration of a network, chain id 1; `None` for a name that is not known.
pub(super) fn config(network: &str) -> Option<ChainConfig> {
    let mut config = ChainConfig { chain_id: 1, ..ChainConfig::default() };
    let Some((before, transition)) = network.split_once("To") else {
        activate(&mut config, 0..=position(network)?, 0);
        return Some(config);
    };
    let (after, at) = transition.split_once("At")?;
    let (before, at) = (position(before)?, activation(at)?);
    activate(&mut config, 0..=before, 0);
    if after == "Dao" {
        (config.dao_fork_block, config.dao_fork_support) = (Some(at), true);
    } else {
        activate(&mut config, before + 1..=position(after)?, at);
    }
    Some(config)
}

/// The name that a geth genesis file's `blobSchedule` has for a fork; `None` for one that is not known.
pub(super) fn blob_schedule_name(fork: &str) -> Option<String> {
    position(fork).map(|position| FORKS[position].0.to_lowercase())
}

fn position(fork: &str) -> Option<usize> {
    let alias = ALIASES.iter().find(|(name, _)| *name == fork);
    let fork = alias.map_or(fork, |(_, name)| name);
    FORKS.iter().position(|(name, _)| *name == fork)
}

fn activate(config: &mut ChainConfig, forks: std::ops::RangeInclusive<usize>, at: u64) {
    for (_, set) in &FORKS[forks] {
        set(config, at);
    }
}

/// Reads `5` (a block), `Time15k` (seconds) or `DiffC0000` (a total difficulty, hex).
fn activation(written: &str) -> Option<u64> {
    if let Some(difficulty) = written.strip_prefix("Diff") {
        return u64::from_str_radix(difficulty, 16).ok();
    }
    match written.strip_prefix("Time") {
        Some(time) => time.strip_suffix('k')?.parse::<u64>().ok()?.checked_mul(1_000),
        None => written.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use alloy::genesis::Genesis;
    use blockmill_chain::{ChainSpec, Fork};

    use super::*;

    fn spec(network: &str) -> ChainSpec {
        let config = config(network).unwrap_or_else(|| panic!("{network} is a network"));
        ChainSpec::custom(&Genesis { config, ..Genesis::default() }).unwrap()
    }

    fn active(network: &str, fork: Fork, number: u64, time: u64) -> bool {
        spec(network).is_active(fork, number, time, U256::ZERO)
    }

    #[test]
    fn a_network_has_its_fork_and_the_earlier_ones() {
        assert!(!active("Frontier", Fork::Homestead, 9, 9));
        assert!(active("EIP158", Fork::Tangerine, 0, 0) && !active("EIP158", Fork::Byzantium, 9, 9));
        assert!(active("Cancun", Fork::Cancun, 0, 0) && !active("Cancun", Fork::Prague, 9, 9));
        assert!(active("Osaka", Fork::Osaka, 0, 0) && !active("Osaka", Fork::Bpo1, 9, 9));
    }

    #[test]
    fn constantinople_stays_without_petersburg() {
        assert!(active("Constantinople", Fork::Constantinople, 0, 0));
        assert!(!active("Constantinople", Fork::Petersburg, 1_000_000, 0));
        assert!(active("ConstantinopleFix", Fork::Petersburg, 0, 0));
        assert!(!active("ByzantiumToConstantinopleFixAt5", Fork::Constantinople, 4, 0));
        assert!(active("ByzantiumToConstantinopleFixAt5", Fork::Petersburg, 5, 0));
    }

    #[test]
    fn a_transition_comes_at_its_block_time_or_difficulty() {
        assert!(
            !active("BerlinToLondonAt5", Fork::London, 4, 0)
                && active("BerlinToLondonAt5", Fork::London, 5, 0)
        );
        assert!(!active("ParisToShanghaiAtTime15k", Fork::Shanghai, 9, 14_999));
        assert!(active("ParisToShanghaiAtTime15k", Fork::Shanghai, 9, 15_000));
        let paris = spec("ArrowGlacierToParisAtDiffC0000");
        assert!(!paris.is_merged(1, U256::from(131_072)) && paris.is_merged(9, U256::ZERO));
        assert_eq!(spec("HomesteadToDaoAt5").dao_fork_block, Some(5));
        let (osaka, bpo) = ("PragueToOsakaAtTime15k", "BPO3ToBPO4AtTime15k");
        assert!(active(osaka, Fork::Prague, 9, 0) && !active(osaka, Fork::Osaka, 9, 14_999));
        assert!(active(osaka, Fork::Osaka, 9, 15_000) && !active(osaka, Fork::Bpo1, 9, 15_000));
        assert!(active(bpo, Fork::Bpo3, 9, 0) && !active(bpo, Fork::Bpo4, 9, 14_999));
        assert!(active(bpo, Fork::Bpo4, 9, 15_000) && !active(bpo, Fork::Amsterdam, 9, 15_000));
    }

    #[test]
    fn a_fork_is_known_by_all_its_names() {
        assert_eq!(config("TangerineWhistle"), config("EIP150"));
        assert_eq!(config("SpuriousDragon"), config("EIP158"));
        assert_eq!(config("MergeToShanghaiAtTime15k"), config("ParisToShanghaiAtTime15k"));
        assert_eq!(blob_schedule_name("BPO1").as_deref(), Some("bpo1"));
        assert_eq!(blob_schedule_name("BPO99"), None);
    }

    #[test]
    fn deposits_are_those_of_mainnets_contract_from_prague_on() {
        assert_eq!(spec("Cancun").deposit_contract, None);
        assert_eq!(spec("CancunToPragueAtTime15k").deposit_contract, Some(DEPOSIT_CONTRACT));
        assert_eq!(spec("Osaka").deposit_contract, Some(DEPOSIT_CONTRACT));
    }

    #[test]
    fn an_unknown_network_is_no_network() {
        for network in ["Atlantis", "FrontierToHomestead", "ParisToShanghaiAtTime15", "FrontierToMarsAt5", ""]
        {
            assert!(config(network).is_none(), "{network}");
        }
    }
}
