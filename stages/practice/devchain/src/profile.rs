//! What kind of chain is wanted.

use std::fmt;

use blockmill_chain::Fork;

use crate::forks::ForkPlan;

/// What kind of chain is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Blocks as mainnet has them today: tokens, exchanges, proxies, blobs, failures, a few hot accounts and many cold.
    MainnetMix,
    /// Blocks full of cheap opcodes, deep recursion, calls with large inputs in a loop.
    OpcodeStorm,
    /// Many new accounts: the attack on mainnet's blocks 2.3 to 2.7 million, and the sweep after it.
    StateBloat,
    /// Cost per block grows a hundredfold along the chain, with storms in between.
    Skewed,
    /// Blocks without transactions.
    Empty,
    /// Every fork from Frontier to the last, with what each of them allows.
    Forks,
}

/// What a profile chooses where nothing else is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Defaults {
    /// Gas that a block uses on average.
    pub(crate) gas_per_block: u64,
    /// A block with a lower gas limit cannot hold the largest transaction that the profile needs.
    pub(crate) least_gas_limit: u64,
    /// Number of accounts with keys.
    pub(crate) accounts: usize,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 6] =
        [Self::MainnetMix, Self::OpcodeStorm, Self::StateBloat, Self::Skewed, Self::Empty, Self::Forks];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::MainnetMix => "mainnet-mix",
            Self::OpcodeStorm => "opcode-storm",
            Self::StateBloat => "state-bloat",
            Self::Skewed => "skewed",
            Self::Empty => "empty",
            Self::Forks => "forks",
        }
    }

    /// The profile in a line.
    pub fn about(self) -> &'static str {
        match self {
            Self::MainnetMix => "blocks as mainnet has them: tokens, swaps, proxies, blobs, failures",
            Self::OpcodeStorm => {
                "blocks full of cheap opcodes, deep recursion, loops of calls with large inputs"
            }
            Self::StateBloat => "many new accounts, as in the attack on mainnet's blocks 2.3 to 2.7 million",
            Self::Skewed => "cost per block grows a hundredfold along the chain, with storms in between",
            Self::Empty => "no transactions",
            Self::Forks => "every fork from Frontier to the last",
        }
    }

    pub(crate) fn defaults(self) -> Defaults {
        let (gas_per_block, least_gas_limit, accounts) = match self {
            Self::MainnetMix | Self::Skewed => (5_000_000, 2_200_000, 5_000),
            Self::OpcodeStorm => (10_000_000, 2_500_000, 50),
            Self::StateBloat => (1_000_000, 700_000, 50),
            Self::Empty => (1_000_000, 100_000, 1),
            Self::Forks => (5_000_000, 2_200_000, 500),
        };
        Defaults { gas_per_block, least_gas_limit, accounts }
    }

    pub(crate) fn default_forks(self, blocks: u64) -> ForkPlan {
        match self {
            Self::Forks => ForkPlan::spread(blocks),
            // The attack came under Homestead's prices; two forks answered it, and the sweep came after the
            // second.
            Self::StateBloat => {
                ForkPlan::stepped(blocks, Fork::Dao, &[(Fork::Tangerine, 550), (Fork::SpuriousDragon, 600)])
            }
            _ => ForkPlan::from_genesis(Fork::Bpo2),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
