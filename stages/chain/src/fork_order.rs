//! The order of the forks of a genesis file: each includes those before it, so that one without them has no rules.
//!
//! As geth's `CheckConfigForkOrder`, and stricter where geth lets later forks by time stand without earlier ones: under such a
//! configuration no block of theirs is valid anywhere. `mergeNetsplitBlock` is left out, it changes no rules.

use alloy::genesis::ChainConfig;

use crate::forks::ForkError;

/// One key of `config` that schedules a fork.
struct ForkStep {
    key: &'static str,
    at: fn(&ChainConfig) -> Option<u64>,
    /// Whether later forks may be there without it: it changes the difficulty, the state of one block, or parameters.
    is_optional: bool,
}

const fn needed(key: &'static str, at: fn(&ChainConfig) -> Option<u64>) -> ForkStep {
    ForkStep { key, at, is_optional: false }
}

const fn optional(key: &'static str, at: fn(&ChainConfig) -> Option<u64>) -> ForkStep {
    ForkStep { key, at, is_optional: true }
}

/// The forks that go by block number, in the order of history.
const BY_BLOCK: [ForkStep; 14] = [
    needed("homesteadBlock", |config| config.homestead_block),
    optional("daoForkBlock", |config| config.dao_fork_block),
    needed("eip150Block", |config| config.eip150_block),
    needed("eip155Block", |config| config.eip155_block),
    needed("eip158Block", |config| config.eip158_block),
    needed("byzantiumBlock", |config| config.byzantium_block),
    needed("constantinopleBlock", |config| config.constantinople_block),
    needed("petersburgBlock", |config| config.petersburg_block),
    needed("istanbulBlock", |config| config.istanbul_block),
    optional("muirGlacierBlock", |config| config.muir_glacier_block),
    needed("berlinBlock", |config| config.berlin_block),
    needed("londonBlock", |config| config.london_block),
    optional("arrowGlacierBlock", |config| config.arrow_glacier_block),
    optional("grayGlacierBlock", |config| config.gray_glacier_block),
];

/// The forks that go by time, in the order of history.
const BY_TIME: [ForkStep; 10] = [
    needed("shanghaiTime", |config| config.shanghai_time),
    needed("cancunTime", |config| config.cancun_time),
    needed("pragueTime", |config| config.prague_time),
    needed("osakaTime", |config| config.osaka_time),
    optional("bpo1Time", |config| config.bpo1_time),
    optional("bpo2Time", |config| config.bpo2_time),
    optional("bpo3Time", |config| config.bpo3_time),
    optional("bpo4Time", |config| config.bpo4_time),
    optional("bpo5Time", |config| config.bpo5_time),
    needed("amsterdamTime", |config| config.amsterdam_time),
];

/// The keys of a genesis file's `config` that schedule forks, as geth writes them.
pub fn fork_keys() -> impl Iterator<Item = &'static str> {
    BY_BLOCK.iter().chain(&BY_TIME).map(|step| step.key)
}

/// That no fork is scheduled without those that it includes, or before them. `has_merge`: proof of work ends some day.
///
/// # Errors
/// The first pair of forks that does not fit.
pub(crate) fn check_order(config: &ChainConfig, has_merge: bool) -> Result<(), ForkError> {
    check_steps(&BY_BLOCK, config, None)?;
    if config.eip155_block != config.eip158_block {
        let (eip155, eip158) = (config.eip155_block, config.eip158_block);
        return Err(ForkError::SplitSpuriousDragon { eip155, eip158 });
    }
    // What proof of stake has to follow.
    let missing = match (config.london_block, has_merge) {
        (None, _) => Some("londonBlock"),
        (Some(_), false) => Some("terminalTotalDifficulty"),
        (Some(_), true) => None,
    };
    check_steps(&BY_TIME, config, missing)
}

/// `missing`: a key that is not set, and that the first of the steps needs.
fn check_steps(
    steps: &'static [ForkStep],
    config: &ChainConfig,
    mut missing: Option<&'static str>,
) -> Result<(), ForkError> {
    let mut last: Option<(&'static str, u64)> = None;
    for ForkStep { key: later, at, is_optional } in steps {
        match ((at)(config), missing, last) {
            (Some(at), Some(missing), _) => return Err(ForkError::Hole { later, at, missing }),
            (Some(at), None, Some((earlier, from))) if at < from => {
                return Err(ForkError::Order { later, at, earlier, from });
            }
            (Some(at), None, _) => last = Some((later, at)),
            (None, None, _) if !is_optional => missing = Some(later),
            (None, _, _) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mainnet_like() -> ChainConfig {
        let zero = Some(0);
        ChainConfig {
            homestead_block: zero,
            eip150_block: zero,
            eip155_block: zero,
            eip158_block: zero,
            byzantium_block: zero,
            constantinople_block: zero,
            petersburg_block: zero,
            istanbul_block: zero,
            berlin_block: zero,
            london_block: Some(5),
            shanghai_time: zero,
            cancun_time: Some(100),
            prague_time: Some(200),
            ..ChainConfig::default()
        }
    }

    #[track_caller]
    fn assert_refused(change: impl Fn(&mut ChainConfig), words: &str) {
        let mut config = mainnet_like();
        change(&mut config);
        let said = check_order(&config, true).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
    }

    #[test]
    fn holes_are_named_with_the_fork_that_needs_them() {
        assert_refused(
            |c| c.shanghai_time = None,
            "config.cancunTime is 100, but config.shanghaiTime is not set",
        );
        assert_refused(
            |c| c.cancun_time = None,
            "config.pragueTime is 200, but config.cancunTime is not set",
        );
        assert_refused(
            |c| c.berlin_block = None,
            "config.londonBlock is 5, but config.berlinBlock is not set",
        );
        assert_refused(
            |c| c.london_block = None,
            "config.shanghaiTime is 0, but config.londonBlock is not set",
        );
        assert_refused(
            |c| c.eip158_block = None,
            "config.byzantiumBlock is 0, but config.eip158Block is not set",
        );
        assert_refused(|c| c.amsterdam_time = Some(300), "config.osakaTime is not set");
        let said = check_order(&mainnet_like(), false).unwrap_err().to_string();
        assert!(said.contains("config.terminalTotalDifficulty is not set"), "{said}");
    }

    #[test]
    fn forks_that_go_back_are_named_both() {
        assert_refused(
            |c| c.prague_time = Some(99),
            "config.pragueTime is 99, which is before config.cancunTime with 100",
        );
        assert_refused(|c| c.arrow_glacier_block = Some(4), "before config.londonBlock with 5");
        assert_refused(|c| c.eip158_block = Some(7), "before config.eip158Block with 7");
    }

    #[test]
    fn eip_155_and_eip_158_come_together() {
        let config =
            ChainConfig { homestead_block: Some(0), eip150_block: Some(0), ..ChainConfig::default() };
        let split = ChainConfig { eip155_block: Some(3), eip158_block: Some(4), ..config };
        let said = check_order(&split, false).unwrap_err().to_string();
        assert!(said.contains("config.eip155Block is 3 and config.eip158Block is 4"), "{said}");
        let half = ChainConfig { eip158_block: None, ..split };
        assert!(check_order(&half, false).unwrap_err().to_string().contains("eip158Block is not set"));
    }

    #[test]
    fn optional_forks_may_be_left_out_and_all_may_come_at_once() {
        assert_eq!(check_order(&mainnet_like(), true), Ok(()));
        assert_eq!(check_order(&ChainConfig::default(), false), Ok(()));
        let late = ChainConfig { osaka_time: Some(200), bpo2_time: Some(200), ..mainnet_like() };
        assert_eq!(check_order(&late, true), Ok(()));
    }
}
