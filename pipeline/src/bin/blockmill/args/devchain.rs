//! `devchain`: arguments, and the request that comes of them.

use std::path::PathBuf;

use blockmill_chain::parse_count;
use blockmill_devchain::{Branch, ForkPlan, Profile, Request};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

const EXAMPLES: &str = "\
Examples:
  blockmill devchain --out chain --blocks 2000
  blockmill rebuild --chain chain/genesis.json --source chain/chain.rlp

  A chain that crosses every fork, one that ends with Prague, one that is
  hard to trace:
    blockmill devchain --out forks --blocks 420 --profile forks
    blockmill devchain --out prague --blocks 100 --forks prague
    blockmill devchain --out storm --blocks 50 --profile opcode-storm";

/// The arguments of `devchain`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DevchainArgs {
    /// Folder for genesis.json, chain.rlp and a README of what is in it; it must not hold a chain yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// Blocks after the genesis block: 2000, 100k
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub(crate) blocks: u64,

    /// The seed of all randomness: the same arguments make the same bytes
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,

    /// The kind of chain
    #[arg(long, value_name = "P", default_value = Profile::MainnetMix.name(), value_parser = profiles())]
    pub(crate) profile: Profile,

    /// Gas that a block uses on average, about: 5M [default: what suits the profile, 1M to 10M]
    #[arg(long, value_name = "G", value_parser = parse_count)]
    pub(crate) gas_per_block: Option<u64>,

    /// Accounts with keys, which send the transactions; a few are hot, most cold [default: what suits the profile]
    #[arg(long, value_name = "A", value_parser = parse_count)]
    pub(crate) accounts: Option<u64>,

    /// Forks as FORK@BLOCK with commas between them; those before the first hold from genesis, those after
    /// the last never. A single FORK: everything up to it from genesis [default: what suits the profile,
    /// mostly all forks]
    #[arg(long, value_name = "FORKS")]
    pub(crate) forks: Option<ForkPlan>,

    /// Make another branch: the chain of the other arguments up to the block before BLOCK, from there on one
    /// made from SEED
    #[arg(long, value_name = "BLOCK:SEED")]
    pub(crate) branch: Option<Branch>,
}

impl DevchainArgs {
    /// The request, with the profile's defaults filled in.
    pub(crate) fn request(&self) -> Request {
        let usual = Request::new(self.profile, self.blocks, self.seed);
        Request {
            blocks: self.blocks,
            seed: self.seed,
            profile: self.profile,
            gas_per_block: self.gas_per_block.unwrap_or(usual.gas_per_block),
            accounts: self.accounts.map_or(usual.accounts, |accounts| accounts as usize),
            forks: self.forks.clone().unwrap_or(usual.forks),
            branch: self.branch,
        }
    }
}

/// The profiles by name, each with what it is.
fn profiles() -> impl TypedValueParser<Value = Profile> {
    let known = Profile::ALL.map(|profile| PossibleValue::new(profile.name()).help(profile.about()));
    PossibleValuesParser::new(known).map(|name| {
        let found = Profile::ALL.into_iter().find(|profile| profile.name() == name);
        found.expect("the possible values are the names of all profiles")
    })
}

#[cfg(test)]
mod tests {
    use crate::args::{Cli, Command};
    use blockmill_devchain::{Profile, Request};
    use clap::Parser;

    fn request(arguments: &[&str]) -> Request {
        let command = ["blockmill", "devchain", "--out", "x", "--blocks", "2k"];
        match Cli::parse_from(command.iter().chain(arguments)).command {
            Command::Devchain(arguments) => arguments.request(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_profile_chooses_what_is_not_said() {
        assert_eq!(request(&[]), Request::new(Profile::MainnetMix, 2_000, 1));
        let storm = request(&["--profile", "opcode-storm", "--gas-per-block", "12M", "--seed", "9"]);
        let usual = Request::new(Profile::OpcodeStorm, 2_000, 9);
        assert_eq!(storm, Request { gas_per_block: 12_000_000, ..usual });
        let branch = request(&["--branch", "12:7"]).branch.unwrap();
        assert_eq!((branch.block, branch.seed, branch.to_string()), (12, 7, "12:7".to_owned()));
        assert_eq!(request(&["--forks", "prague"]).forks, "prague".parse().unwrap());
    }
}
