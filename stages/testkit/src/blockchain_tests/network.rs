//! The networks that consensus tests name, as geth configurations.

use alloy::genesis::ChainConfig;
use alloy::primitives::U256;

/// Sets a fork to a block number, a time or (Paris) a terminal total difficulty.
type SetFork = fn(&mut ChainConfig, u64);

/// A network has its own fork and all above it.
const FORKS: [(&str, SetFork); 14] = [
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
    ("Berlin", |config, at| (config.muir_glacier_block, config.berlin_block) = (Some(at), Some(at))),
    ("London", |config, at| config.london_block = Some(at)),
    ("ArrowGlacier", |config, at| config.arrow_glacier_block = Some(at)),
    ("Paris", |config, at| config.terminal_total_difficulty = Some(U256::from(at))),
    ("Shanghai", |config, at| config.shanghai_time = Some(at)),
    ("Cancun", |config, at| config.cancun_time = Some(at)),
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

fn position(fork: &str) -> Option<usize> {
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
        ChainSpec::custom(&Genesis { config, ..Genesis::default() })
    }

    fn active(network: &str, fork: Fork, number: u64, time: u64) -> bool {
        spec(network).is_active(fork, number, time, U256::ZERO)
    }

    #[test]
    fn a_network_has_its_fork_and_the_earlier_ones() {
        assert!(!active("Frontier", Fork::Homestead, 9, 9));
        assert!(active("EIP158", Fork::Tangerine, 0, 0) && !active("EIP158", Fork::Byzantium, 9, 9));
        assert!(active("Cancun", Fork::Cancun, 0, 0) && !active("Cancun", Fork::Prague, 9, 9));
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
    }

    #[test]
    fn an_unknown_network_is_no_network() {
        for network in ["Atlantis", "FrontierToHomestead", "ParisToShanghaiAtTime15", "FrontierToMarsAt5", ""]
        {
            assert!(config(network).is_none(), "{network}");
        }
    }
}
