//! Real mainnet blocks, from Frontier to Cancun, as witnesses that another program recorded.

use std::convert::Infallible;

use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, Bytes, keccak256};
use blockmill_chain::{Absence, Ancestry, ChainSpec, CodeSource, KnownChain, Witness, WitnessReads};
use blockmill_schemas::Dataset;
use blockmill_source::{ForeignWitness, ReadLimit, Source, SourcedBlock};
use blockmill_testkit::vectors;
use blockmill_trace::{EmptyAccounts, settle_empty_accounts};

use crate::replayed::Replayed;
use crate::tree::tree_of;

/// A witness with the code that its file holds.
pub(crate) struct MainnetBlock {
    pub(crate) witness: Witness,
    pub(crate) empty_accounts: EmptyAccounts,
    codes: B256Map<Bytes>,
    /// Whether the file has the ommers, not only their hashes.
    pub(crate) ommers_known: bool,
}

impl CodeSource for MainnetBlock {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.codes.get(&hash).cloned())
    }
}

pub(crate) fn mainnet() -> ChainSpec {
    ChainSpec::known(KnownChain::Mainnet)
}

/// The blocks from `start` on, one at a time; none, loudly, where the vectors are not there.
pub(crate) fn blocks_from(start: u64) -> impl Iterator<Item = MainnetBlock> {
    let folder = vectors::require("mainnet-blocks");
    let mut source = folder.map(|folder| Source::open(&[folder], &mainnet()).unwrap());
    let mut next = start;
    std::iter::from_fn(move || {
        let one = ReadLimit { blocks: 1, bytes: usize::MAX };
        let block = source.as_mut()?.read(next, &Ancestry::unknown(), one).unwrap().pop()?;
        next = block.block.number() + 1;
        Some(mainnet_block(block))
    })
}

fn mainnet_block(sourced: SourcedBlock) -> MainnetBlock {
    let ForeignWitness { accounts, block_hashes, codes, .. } = sourced.witness.expect("a witness file");
    let reads = WitnessReads {
        absence: Absence::MeansNonexistent,
        accounts,
        creation_checks: Vec::new(),
        block_hashes,
        transaction_roots: sourced.transaction_roots,
        total_difficulty: sourced.total_difficulty,
    };
    let mut witness = Witness { block: sourced.block, reads };
    let empty_accounts = settle_empty_accounts(&mainnet(), &mut witness, &codes);
    MainnetBlock {
        witness,
        empty_accounts,
        codes: codes.into_iter().map(|code| (keccak256(&code), code)).collect(),
        ommers_known: sourced.ommers_known,
    }
}

#[test]
fn mainnet_blocks_replay_to_their_headers_and_give_all_transactions() {
    let (mut blocks, mut transactions, mut gas, mut existing) = (0, 0, 0, 0);
    for block in blocks_from(0) {
        let number = block.witness.block.number();
        let replayed = Replayed::of(&mainnet(), &block.witness, &block, false)
            .unwrap_or_else(|error| panic!("block {number}: {error}"));
        let rows = |dataset| replayed.batch(dataset).map_or(0, |batch| batch.num_rows());
        assert_eq!(rows(Dataset::Blocks), 1);
        blocks += 1;
        transactions += rows(Dataset::Transactions);
        gas += block.witness.block.header().gas_used;
        assert_ne!(
            block.empty_accounts,
            EmptyAccounts::Absent,
            "block {number}: this recorder lists what exists"
        );
        existing += usize::from(block.empty_accounts == EmptyAccounts::Existing);
        check_traces(&block, &replayed);
    }
    if blocks > 0 {
        assert_eq!((blocks, transactions), (46, 11_521));
        assert_eq!(gas / 1_000_000, 509);
        println!("{existing} blocks list empty accounts, which existed");
    }
}

/// Every transaction has a tree; the indices run through; the rewards come last, and where they are known.
fn check_traces(block: &MainnetBlock, replayed: &Replayed) {
    let traces = replayed.traces();
    assert!(traces.iter().zip(0..).all(|(trace, index)| trace.trace_index == index));
    let transactions = block.witness.block.block.body.transactions.len() as u32;
    let mut rest = &traces[..];
    for index in 0..transactions {
        let end = rest.iter().position(|trace| trace.transaction_index != Some(index)).unwrap_or(rest.len());
        let tree = tree_of(&rest[..end]);
        assert_eq!(tree.row.transaction_success, Some(tree.row.success));
        rest = &rest[end..];
    }
    let rewards: Vec<_> = rest.iter().map(|trace| trace.reward_type.as_deref()).collect();
    let header = block.witness.block.header();
    let is_rewarded = !header.difficulty.is_zero() && block.ommers_known;
    assert_eq!(
        rewards,
        if is_rewarded { vec![Some("block")] } else { Vec::new() },
        "block {}",
        header.number
    );
}
