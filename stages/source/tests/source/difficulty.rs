//! Difficulties of proof of work, computed from the parent and held against every header that the vectors have, those
//! of ommers among them.

use std::collections::HashMap;
use std::path::PathBuf;

use alloy::consensus::Header;
use alloy::primitives::B256;
use blockmill_chain::{ChainSpec, GenesisBlock, KnownChain, RecoveredBlock};
use blockmill_source::{decode_block, read_genesis};
use blockmill_testkit::blockchain_tests::{BlockchainTest, files, read};
use blockmill_testkit::vectors;

use crate::{BATCH, mainnet, read_all};

/// Headers that can be parents, and how many were compared.
struct Known<'a> {
    spec: &'a ChainSpec,
    headers: HashMap<B256, Header>,
    compared: Compared,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Compared {
    blocks: usize,
    ommers: usize,
}

impl<'a> Known<'a> {
    fn new(spec: &'a ChainSpec) -> Self {
        Self { spec, headers: HashMap::new(), compared: Compared::default() }
    }

    /// Compares the header of a block and those of its ommers with what their parents ask for; what is wrong first.
    /// Without a parent that is known, or of proof of stake, a header is not compared.
    fn add(&mut self, block: &RecoveredBlock) -> Result<(), String> {
        for ommer in &block.block.body.ommers {
            self.compared.ommers += usize::from(self.compare(ommer)?);
        }
        self.compared.blocks += usize::from(self.compare(block.header())?);
        self.headers.insert(block.hash, block.header().clone());
        Ok(())
    }

    /// Whether there was something to compare with.
    fn compare(&self, header: &Header) -> Result<bool, String> {
        let Some(parent) = self.headers.get(&header.parent_hash) else { return Ok(false) };
        if self.spec.is_merged(header.number, header.difficulty) {
            return Ok(false);
        }
        let expected = self.spec.difficulty(parent, header.timestamp);
        if header.difficulty == expected {
            return Ok(true);
        }
        Err(format!("block {}: the difficulty is {}, not {expected}", header.number, header.difficulty))
    }

    fn add_all(&mut self, paths: &[PathBuf]) {
        for sourced in read_all(paths, self.spec, BATCH).unwrap() {
            self.add(&sourced.block).unwrap();
        }
    }
}

#[test]
fn difficulties_of_era1_files_are_those_of_the_rules() {
    let Some(era) = vectors::require("era") else { return };
    let (mainnet, sepolia) = (mainnet(), ChainSpec::known(KnownChain::Sepolia));
    let mut known = Known::new(&mainnet);
    known.add_all(&["mainnet-00000-5ec1ffb8.era1", "mainnet-00001-a5364e9a.era1"].map(|name| era.join(name)));
    assert_eq!(known.compared, Compared { blocks: 16_383, ommers: 1_972 }, "all but genesis");
    let mut known = Known::new(&sepolia);
    known.add_all(&[era.join("sepolia-00021-b8814b14.era1")]);
    assert_eq!(known.compared, Compared { blocks: 8_191, ommers: 1_273 }, "all but the first");
}

#[test]
fn difficulties_of_an_export_are_those_of_the_rules_up_to_the_merge() {
    let Some(folder) = vectors::require("chains/execution-apis") else { return };
    let genesis = read_genesis(&folder.join("genesis.json")).unwrap();
    let spec = ChainSpec::custom(&genesis).unwrap();
    let export = [folder.join("chain.rlp")];
    let first = read_all(&export, &spec, BATCH).unwrap().remove(0).block;
    let mut known = Known::new(&spec);
    known.headers.insert(first.header().parent_hash, GenesisBlock::new(&genesis, &spec).header(B256::ZERO));
    known.add_all(&export);
    assert_eq!(known.compared, Compared { blocks: 35, ommers: 18 });
}

#[test]
fn difficulties_of_real_blocks_are_those_of_the_rules_where_the_parent_is_there() {
    let Some(folder) = vectors::require("mainnet-blocks") else { return };
    let spec = mainnet();
    let mut known = Known::new(&spec);
    known.add_all(&[folder]);
    assert_eq!(known.compared, Compared { blocks: 2, ommers: 0 }, "7,280,000 and 12,244,000");
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Headers of valid blocks and of their ommers.
    blocks: usize,
    ommers: usize,
    /// Blocks that must be refused for a difficulty, theirs or an ommer's.
    refused: usize,
}

impl Tally {
    fn run(&mut self, test: &BlockchainTest) {
        let mut known = Known::new(&test.spec);
        known.headers.insert(test.genesis_hash, test.genesis_block().header(test.genesis_state_root));
        for (at, block) in test.blocks.iter().enumerate() {
            let Ok(decoded) = decode_block(&block.rlp, &test.spec, &test.path) else { continue };
            let place = format!("{} [{}] block {at}", test.path.display(), test.name);
            if block.is_valid() {
                known.add(&decoded).unwrap_or_else(|wrong| panic!("{place}: {wrong}"));
            } else if block.expect_exception.as_deref() == Some("InvalidDifficulty") {
                self.refused += 1;
                assert!(known.add(&decoded).is_err(), "{place}: no difficulty is wrong");
            }
        }
        self.blocks += known.compared.blocks;
        self.ommers += known.compared.ommers;
    }
}

#[test]
fn difficulties_of_consensus_tests_are_right_or_wrong_as_they_say() {
    let Some(folder) = vectors::require("blockchain-tests") else { return };
    let mut tally = Tally::default();
    for path in files(&folder).unwrap() {
        read(&path).unwrap().iter().for_each(|test| tally.run(test));
    }
    assert_eq!(tally, Tally { blocks: 2_840, ommers: 110, refused: 21 });
}
