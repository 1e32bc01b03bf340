//! What a chain is made from; the same request gives the same bytes.

use std::fmt;
use std::str::FromStr;

use blockmill_chain::Fork;

use crate::error::DevchainError;
use crate::forks::ForkPlan;
use crate::profile::Profile;
use crate::roles::ROLES;
use crate::traffic::storm_weight;

/// What a chain is made from; the same request gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Number of blocks after the genesis block.
    pub blocks: u64,
    /// The seed of all randomness.
    pub seed: u64,
    /// What kind of chain.
    pub profile: Profile,
    /// Gas that a block uses on average, about.
    pub gas_per_block: u64,
    /// Accounts with keys, which send the transactions.
    pub accounts: usize,
    /// The forks that the chain crosses, and where.
    pub forks: ForkPlan,
    /// From where on it is another chain than without this.
    pub branch: Option<Branch>,
}

/// A chain that has its first blocks in common with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The first block that is another.
    pub block: u64,
    /// The seed of randomness in that block and those after it.
    pub seed: u64,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.block, self.seed)
    }
}

impl FromStr for Branch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once(':').and_then(|(block, seed)| Some((block.parse().ok()?, seed.parse().ok()?)));
        let (block, seed) = parts.ok_or("write BLOCK:SEED, two numbers")?;
        Ok(Self { block, seed })
    }
}

/// From London on a block may use twice what it should (EIP-1559), so at London the limit doubles. Where London never
/// comes there is room for blocks that use more than others, too.
const ELASTICITY: u64 = 2;

/// What no chain needs: more than any public chain has, or a machine holds. Beyond, fees and gas limits would overflow
/// somewhere, and the keys alone would take gigabytes.
const MOST_BLOCKS: u64 = 100_000_000;
const MOST_GAS_PER_BLOCK: u64 = 1_000_000_000;
const MOST_ACCOUNTS: usize = 1_000_000;

impl Request {
    /// A request with what the profile chooses.
    pub fn new(profile: Profile, blocks: u64, seed: u64) -> Self {
        let defaults = profile.defaults();
        Self {
            blocks,
            seed,
            profile,
            gas_per_block: defaults.gas_per_block,
            accounts: defaults.accounts,
            forks: profile.default_forks(blocks),
            branch: None,
        }
    }

    /// Refuses what cannot be made.
    pub(crate) fn check(&self) -> Result<(), DevchainError> {
        let refuse = |reason| Err(DevchainError::Settings(reason));
        if !(1..=MOST_BLOCKS).contains(&self.blocks) {
            return refuse(format!("{} blocks: a chain has 1 to {MOST_BLOCKS} after genesis", self.blocks));
        }
        if self.gas_per_block > MOST_GAS_PER_BLOCK {
            return refuse(format!("{} gas per block: {MOST_GAS_PER_BLOCK} is the most", self.gas_per_block));
        }
        let (least, limit) = (self.profile.defaults().least_gas_limit, self.gas_limit(1));
        if limit < least {
            return refuse(format!(
                "{} gas per block make a gas limit of {limit}, and profile {} needs {least}: ask for more",
                self.gas_per_block, self.profile
            ));
        }
        if !(1..=MOST_ACCOUNTS).contains(&self.accounts) {
            return refuse(format!("{} accounts: 1 to {MOST_ACCOUNTS} send the transactions", self.accounts));
        }
        Ok(())
    }

    /// Keys: those of the roles, then those of ordinary accounts.
    pub(crate) fn keys(&self) -> usize {
        ROLES + self.accounts
    }

    /// The gas limit of a block.
    pub(crate) fn gas_limit(&self, number: u64) -> u64 {
        let room = self.peak_gas() * self.amsterdam_room();
        match self.forks.block(Fork::London) {
            Some(london) if number >= london => room * ELASTICITY,
            Some(_) => room,
            None => room * 8 / 5,
        }
    }

    /// Where Amsterdam comes, blocks have more room from the beginning, as the limit may only creep: contracts of usual size
    /// cost more than eight million gas then.
    fn amsterdam_room(&self) -> u64 {
        if self.forks.block(Fork::Amsterdam).is_some() { 2 } else { 1 }
    }

    /// What the blocks that use the most should use.
    fn peak_gas(&self) -> u64 {
        /// The mean of 1 to 100 with even steps of the logarithm is 21.5; storms add a tenth.
        const PEAK_TO_MEAN_THOUSANDTHS: u64 = 4_190;
        match self.profile {
            Profile::Skewed => self.gas_per_block * PEAK_TO_MEAN_THOUSANDTHS / 1_000,
            _ => self.gas_per_block,
        }
    }

    /// The gas that block `number` should use, about.
    pub(crate) fn target_gas(&self, number: u64) -> u64 {
        match self.profile {
            Profile::Skewed => {
                let calm = self.peak_gas() / 100 * growth_thousandths(number, self.blocks) / 1_000;
                (calm * storm_weight(number)).min(self.gas_limit(number))
            }
            _ => self.gas_per_block,
        }
    }
}

/// 1,000 times 100^(number / blocks), in whole numbers: each tenth of an order of magnitude is a straight line.
fn growth_thousandths(number: u64, blocks: u64) -> u64 {
    /// 1,000 · 10^(n / 10).
    const TENTHS: [u64; 11] = [1_000, 1_259, 1_585, 1_995, 2_512, 3_162, 3_981, 5_012, 6_310, 7_943, 10_000];
    let at = number.min(blocks).saturating_mul(20_000) / blocks.max(1);
    let (order, tenth, rest) = (at / 10_000, (at % 10_000 / 1_000) as usize, at % 1_000);
    let (from, to) = (TENTHS[tenth], TENTHS[tenth + 1]);
    let within = from + (to - from) * rest / 1_000;
    within * 10u64.pow(order as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skewed_blocks_grow_a_hundredfold() {
        assert_eq!(growth_thousandths(0, 1_000), 1_000);
        assert_eq!(growth_thousandths(500, 1_000), 10_000);
        assert_eq!(growth_thousandths(1_000, 1_000), 100_000);
        let request = Request::new(Profile::Skewed, 1_000, 1);
        let total: u64 = (1..=1_000).map(|number| request.target_gas(number)).sum();
        let mean = total / 1_000;
        assert!(mean.abs_diff(request.gas_per_block) < request.gas_per_block / 20, "{mean}");
    }

    #[test]
    fn what_cannot_be_made_is_refused_with_what_would_do() {
        let refused = |request: Request| request.check().unwrap_err().to_string();
        let request = Request::new(Profile::MainnetMix, 10, 1);
        assert!(request.check().is_ok());
        assert!(refused(Request { blocks: 0, ..request.clone() }).contains("1 to 100000000"));
        assert!(refused(Request { gas_per_block: 1_000, ..request.clone() }).contains("needs 2200000"));
        assert!(refused(Request { gas_per_block: u64::MAX, ..request.clone() }).contains("is the most"));
        assert!(refused(Request { accounts: 0, ..request }).contains("1 to 1000000 send"));
    }
}
