//! `inspect`: what can be shown.

use std::path::PathBuf;
use std::str::FromStr;

use alloy::primitives::{Address, B256, U256};
use clap::{Args, Subcommand};

use super::{DataDir, DatabaseArgs, values};

/// The arguments of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    #[command(subcommand)]
    pub(crate) target: InspectTarget,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub(crate) enum InspectTarget {
    /// A block in the store: its header and its transactions
    Block {
        /// The block's number or hash
        #[arg(value_name = "NUMBER|HASH")]
        block: BlockName,

        #[command(flatten)]
        data_dir: DataDir,
    },
    /// A transaction in the DuckDB file
    Tx {
        /// Hash of the transaction, 32 bytes in hex
        hash: B256,

        /// Also show its fee, its calls as a tree, the ether and the tokens that it moved, its logs, and what it changed in
        /// the state; amounts of tokens in whole ones where `blockmill derive` has asked for their decimals
        #[arg(long)]
        full: bool,

        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// An account in the store, as of the last executed block
    Account {
        /// Address, 20 bytes in hex
        address: Address,

        /// Also show this storage slot: a number, decimal or hex with 0x; may be given several times
        #[arg(long = "slot", value_name = "SLOT", value_parser = values::slot)]
        slots: Vec<U256>,

        /// Print the Merkle proof of the account and the slots instead (EIP-1186, as eth_getProof answers)
        #[arg(long)]
        proof: bool,

        #[command(flatten)]
        data_dir: DataDir,
    },
    /// A chain file, or a folder of them: kind, blocks, size
    File {
        /// .era1, .ere, .erae, .rlp, .rlp.gz, witness file (.json, .json.gz), or a folder
        #[arg(value_parser = values::existing_path)]
        path: PathBuf,

        /// Verify every file against checksums_sha256.txt or checksums.txt beside it
        #[arg(long)]
        checksums: bool,
    },
    /// A sealed unit of rows in the spill: its blocks, its segments and their digests
    Unit {
        /// The unit's folder: DIR/spill/units/START-END
        #[arg(value_parser = values::existing_path)]
        path: PathBuf,
    },
    /// A signature: the topic of its events, the selector of its calls and errors
    Signature {
        /// 'Transfer(address,address,uint256)'; with names, `indexed` and results too, as in Solidity
        #[arg(value_name = "SIGNATURE")]
        text: String,
    },
}

/// How a block is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockName {
    Number(u64),
    Hash(B256),
}

impl FromStr for BlockName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let reason = || "not a block: write its number, or its hash (0x and 64 hex digits)".to_owned();
        match text.strip_prefix("0x") {
            Some(_) => text.parse().map(Self::Hash).map_err(|_| reason()),
            None => text.replace(['_', ','], "").parse().map(Self::Number).map_err(|_| reason()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_named_by_number_or_hash() {
        assert_eq!("1_000".parse(), Ok(BlockName::Number(1_000)));
        let hash = format!("0x{}", "ab".repeat(32));
        assert_eq!(hash.parse(), Ok(BlockName::Hash(B256::repeat_byte(0xab))));
        assert!("0xab".parse::<BlockName>().is_err());
        assert!("latest".parse::<BlockName>().is_err());
    }
}
