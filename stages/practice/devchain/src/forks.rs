//! The forks that a chain crosses, with their blocks.

use std::fmt;
use std::str::FromStr;

use alloy::genesis::ChainConfig;
use blockmill_chain::Fork;

/// The forks that a chain can cross, in the order of history, with the names that people write.
const FORKS: [(Fork, &str); 22] = [
    (Fork::Frontier, "frontier"),
    (Fork::Homestead, "homestead"),
    (Fork::Dao, "dao"),
    (Fork::Tangerine, "tangerine"),
    (Fork::SpuriousDragon, "spurious-dragon"),
    (Fork::Byzantium, "byzantium"),
    (Fork::Constantinople, "constantinople"),
    (Fork::Petersburg, "petersburg"),
    (Fork::Istanbul, "istanbul"),
    (Fork::MuirGlacier, "muir-glacier"),
    (Fork::Berlin, "berlin"),
    (Fork::London, "london"),
    (Fork::ArrowGlacier, "arrow-glacier"),
    (Fork::GrayGlacier, "gray-glacier"),
    (Fork::Paris, "paris"),
    (Fork::Shanghai, "shanghai"),
    (Fork::Cancun, "cancun"),
    (Fork::Prague, "prague"),
    (Fork::Osaka, "osaka"),
    (Fork::Bpo1, "bpo1"),
    (Fork::Bpo2, "bpo2"),
    (Fork::Amsterdam, "amsterdam"),
];

/// The forks of a chain with the block from which each holds, in the order of history.
///
/// Written as `london@0,paris@100,shanghai@250`: forks before the first one named hold from genesis, those
/// after the last one never, and those between two named ones come with the later of them. A single name,
/// `prague`, is the whole history up to that fork from genesis on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkPlan(Vec<(Fork, u64)>);

/// Forks that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForkPlanError {
    /// There is no fork of that name.
    #[error("no fork '{name}': there are {}", known_names())]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// A step is not a fork and a block number.
    #[error("'{text}' is not FORK@BLOCK, as in shanghai@250")]
    Block {
        /// The text that was given.
        text: String,
    },
    /// The forks are not in the order of history.
    #[error(
        "{later} cannot come before {earlier}: list the forks in the order of history, at blocks that never go back"
    )]
    Order {
        /// The fork that was named first.
        earlier: &'static str,
        /// The fork that was named after it.
        later: &'static str,
    },
}

impl ForkPlan {
    /// Everything up to and with `last` from genesis on.
    pub(crate) fn from_genesis(last: Fork) -> Self {
        Self(up_to(last).map(|fork| (fork, 0)).collect())
    }

    /// All forks from Frontier to the last, spread evenly over a chain of so many blocks.
    pub(crate) fn spread(blocks: u64) -> Self {
        let eras = FORKS.len() as u64;
        Self((0..eras).zip(FORKS).map(|(at, (fork, _))| (fork, part(blocks, at, eras))).collect())
    }

    /// The first forks from genesis on, then each of `later` after this share (in thousandths) of the blocks.
    pub(crate) fn stepped(blocks: u64, first: Fork, later: &[(Fork, u64)]) -> Self {
        let steps = later.iter().map(|(fork, thousandths)| (*fork, part(blocks, *thousandths, 1_000)));
        Self(up_to(first).map(|fork| (fork, 0)).chain(steps).collect())
    }

    /// The block from which a fork holds.
    pub(crate) fn block(&self, fork: Fork) -> Option<u64> {
        self.0.iter().find(|(known, _)| *known == fork).map(|(_, block)| *block)
    }

    /// Each fork with its block.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(fork, block)| (name(*fork), *block))
    }

    /// The forks that a chain of so many blocks reaches. That of the DAO is one only if something came before it.
    pub(crate) fn reached_by(&self, blocks: u64) -> Self {
        let is_reached = |&(fork, block): &(Fork, u64)| block <= blocks && (fork, block) != (Fork::Dao, 0);
        Self(self.0.iter().copied().filter(is_reached).collect())
    }

    /// Sets the forks that go by block number. The merge is set with its difficulty, later forks with their times.
    pub(crate) fn set_blocks(&self, config: &mut ChainConfig) {
        let at = |fork| self.block(fork);
        config.homestead_block = at(Fork::Homestead);
        config.dao_fork_block = at(Fork::Dao);
        config.dao_fork_support = config.dao_fork_block.is_some();
        config.eip150_block = at(Fork::Tangerine);
        config.eip155_block = at(Fork::SpuriousDragon);
        config.eip158_block = at(Fork::SpuriousDragon);
        config.byzantium_block = at(Fork::Byzantium);
        config.constantinople_block = at(Fork::Constantinople);
        config.petersburg_block = at(Fork::Petersburg);
        config.istanbul_block = at(Fork::Istanbul);
        config.muir_glacier_block = at(Fork::MuirGlacier);
        config.berlin_block = at(Fork::Berlin);
        config.london_block = at(Fork::London);
        config.arrow_glacier_block = at(Fork::ArrowGlacier);
        config.gray_glacier_block = at(Fork::GrayGlacier);
        config.merge_netsplit_block = at(Fork::Paris);
    }

    /// Sets the forks that go by time; `time_of` knows the timestamps of blocks.
    pub(crate) fn set_times(&self, config: &mut ChainConfig, time_of: impl Fn(u64) -> u64) {
        let at = |fork| self.block(fork).map(&time_of);
        config.shanghai_time = at(Fork::Shanghai);
        config.cancun_time = at(Fork::Cancun);
        config.prague_time = at(Fork::Prague);
        config.osaka_time = at(Fork::Osaka);
        config.bpo1_time = at(Fork::Bpo1);
        config.bpo2_time = at(Fork::Bpo2);
        config.amsterdam_time = at(Fork::Amsterdam);
    }
}

/// `parts` / `of` of the whole, without overflow.
fn part(whole: u64, parts: u64, of: u64) -> u64 {
    (u128::from(whole) * u128::from(parts) / u128::from(of)) as u64
}

/// The history up to and with a fork.
fn up_to(last: Fork) -> impl Iterator<Item = Fork> {
    FORKS.into_iter().map(|(fork, _)| fork).filter(move |fork| *fork <= last)
}

fn name(fork: Fork) -> &'static str {
    FORKS.iter().find(|(known, _)| *known == fork).map_or("", |(_, name)| name)
}

fn known_names() -> String {
    FORKS.map(|(_, name)| name).join(", ")
}

impl FromStr for ForkPlan {
    type Err = ForkPlanError;

    fn from_str(text: &str) -> Result<Self, ForkPlanError> {
        let named = text.split(',').map(|word| step(word.trim())).collect::<Result<Vec<_>, _>>()?;
        for pair in named.windows(2) {
            let ((earlier, from), (later, to)) = (pair[0], pair[1]);
            if later <= earlier || to < from {
                return Err(ForkPlanError::Order { earlier: name(earlier), later: name(later) });
            }
        }
        let mut steps = Vec::new();
        for (at, &(last, block)) in named.iter().enumerate() {
            let known = steps.len();
            // What comes before the first fork named holds from genesis.
            let block_of = |fork| if at == 0 && fork != last { 0 } else { block };
            steps.extend(up_to(last).skip(known).map(|fork| (fork, block_of(fork))));
        }
        Ok(Self(steps))
    }
}

fn step(word: &str) -> Result<(Fork, u64), ForkPlanError> {
    let (fork, block) = word.split_once('@').unwrap_or((word, "0"));
    let found = FORKS.into_iter().find(|(_, name)| *name == fork);
    let (fork, _) = found.ok_or_else(|| ForkPlanError::Unknown { name: fork.to_owned() })?;
    let block = block.parse().map_err(|_| ForkPlanError::Block { text: word.to_owned() })?;
    Ok((fork, block))
}

impl fmt::Display for ForkPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.steps().map(|(name, block)| format!("{name}@{block}")).collect();
        f.write_str(&steps.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn plan(text: &str) -> ForkPlan {
        text.parse().unwrap()
    }

    #[test]
    fn a_single_name_is_the_history_up_to_it() {
        let prague = plan("prague");
        assert_eq!(prague.block(Fork::London), Some(0));
        assert_eq!(prague.block(Fork::Prague), Some(0));
        assert_eq!(prague.block(Fork::Osaka), None);
    }

    #[test]
    fn forks_between_two_named_ones_come_with_the_later() {
        let plan = plan("london@5, cancun@100");
        assert_eq!(plan.block(Fork::Berlin), Some(0));
        assert_eq!(plan.block(Fork::London), Some(5));
        assert_eq!(plan.block(Fork::Paris), Some(100));
        assert_eq!(plan.to_string().parse(), Ok(plan));
    }

    #[test]
    fn all_forks_are_spread_over_the_chain() {
        let plan = ForkPlan::spread(220);
        assert_eq!((plan.block(Fork::Frontier), plan.block(Fork::Homestead)), (Some(0), Some(10)));
        assert_eq!((plan.block(Fork::Bpo2), plan.block(Fork::Amsterdam)), (Some(200), Some(210)));
    }

    #[test]
    fn a_fork_past_the_end_is_never_reached() {
        let plan = plan("london@5,cancun@100").reached_by(99);
        assert_eq!((plan.block(Fork::London), plan.block(Fork::Paris)), (Some(5), None));
    }

    #[test]
    fn what_every_profile_chooses_can_be_written_down() {
        for profile in Profile::ALL {
            let plan = profile.default_forks(1_000);
            assert_eq!(plan.to_string().parse(), Ok(plan), "{profile}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do() {
        let message = |text: &str| text.parse::<ForkPlan>().unwrap_err().to_string();
        assert!(message("pargue").starts_with("no fork 'pargue': there are frontier, "));
        assert!(message("paris@x").contains("FORK@BLOCK"));
        assert!(message("cancun@5,london@9").contains("order of history"));
        assert!(message("london@9,cancun@5").contains("never go back"));
    }
}
