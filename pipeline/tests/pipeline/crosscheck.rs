//! Practice chains before an independent client, with an EVM that is not revm: @ethereumjs/client executes
//! every block and checks its roots. `scripts/crosscheck_setup.sh` fetches it; `BLOCKMILL_ETHEREUMJS` says
//! where it is.

mod client;

use std::path::PathBuf;
use std::{fs, iter};

use alloy::consensus::Transaction as _;
use alloy::genesis::Genesis;
use alloy::primitives::B256;
use alloy::rlp::Decodable;
use blockmill_chain::{Block, ChainSpec, Fork};
use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::{ChainChoice, ExitCode, Settings};

use crate::bad_input::refused_blocks::encode;
use crate::devchain::make;
use crate::harness::{Workplace, run};
use client::{Client, Verdict, shown};

/// A chain as far as the client's forks reach: it knows everything up to Prague.
struct Known {
    place: Workplace,
    settings: Settings,
    blocks: Vec<Block>,
}

impl Known {
    fn new(request: &Request) -> Self {
        let place = Workplace::new();
        let (_, settings) = make(&place, request);
        let folder = place.path("chain");
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        let mut genesis: Genesis = serde_json::from_slice(&read("genesis.json")).unwrap();
        let spec = ChainSpec::custom(&genesis).unwrap();
        let is_known = |block: &Block| {
            let header = &block.header;
            !spec.is_active(Fork::Osaka, header.number, header.timestamp, header.difficulty)
        };
        // Blocks of later forks have a form that the type does not know: reading ends at the first one.
        let export = read("chain.rlp");
        let mut rest = &export[..];
        let next = || (!rest.is_empty()).then(|| Block::decode(&mut rest).unwrap());
        let blocks: Vec<Block> = iter::from_fn(next).take_while(is_known).collect();
        forget_later_forks(&mut genesis);
        let path = place.path("known.json");
        fs::write(&path, serde_json::to_vec(&genesis).unwrap()).unwrap();
        let chain = ChainChoice::GenesisFile(path);
        Self { place, settings: Settings { chain, ..settings }, blocks }
    }

    fn genesis(&self) -> PathBuf {
        self.place.path("known.json")
    }

    /// Writes these blocks to a file.
    fn export(&self, blocks: &[Block]) -> PathBuf {
        let path = self.place.path("known.rlp");
        fs::write(&path, encode(blocks)).unwrap();
        path
    }

    /// The client executes all blocks. It is started anew after the first block of Prague: one that was
    /// started before it has no BLS12-381 precompiles (EIP-2537), and takes all gas for each of them. That
    /// first block must call none.
    fn assert_accepted(&self, client: &Client) {
        let is_prague = |block: &Block| block.header.requests_hash.is_some();
        let prague = self.blocks.iter().position(is_prague).unwrap();
        let calls_bls = self.blocks[prague].body.transactions.iter().any(|transaction| {
            // The two that practice chains call.
            let is_bls = |word: &[u8]| word[..31] == [0; 31] && [0x0b, 0x0d].contains(&word[31]);
            transaction.input().windows(32).any(is_bls)
        });
        assert!(
            !calls_bls,
            "the first block of Prague calls a precompile that the client lacks: take another seed"
        );
        for end in [prague + 1, self.blocks.len()] {
            self.assert_accepted_up_to(client, end);
        }
    }

    fn assert_accepted_up_to(&self, client: &Client, end: usize) {
        let blocks = &self.blocks[..end];
        let verdict = client.judge(&self.genesis(), &self.export(blocks), &self.place.path("client"));
        let Verdict::Accepted { first, .. } = verdict else { panic!("{verdict:?}") };
        let new = blocks[first as usize..].iter();
        let head = &blocks[end - 1].header;
        let expected = Verdict::Accepted {
            first,
            last: head.number,
            hash: shown(head.hash_slow()),
            transactions: new.map(|block| block.body.transactions.len() as u64).sum(),
        };
        assert_eq!(verdict, expected);
    }

    /// Plants something wrong in a block, the last one of a copy, and shows it to the client and to us.
    fn assert_refused(&self, client: &Client, number: u64, field: &str, alter: impl FnOnce(&mut Block)) {
        let mut blocks = self.blocks[..number as usize].to_vec();
        alter(blocks.last_mut().unwrap());
        let data_dir = self.place.path(&format!("refused-{number}-{field}"));
        let refused = client.judge(&self.genesis(), &self.export(&blocks), &data_dir.join("client"));
        assert!(matches!(&refused, Verdict::Refused(_)), "{field} of block {number}: {refused:?}");
        let settings = Settings {
            sources: vec![self.export(&blocks)],
            out: data_dir.join("out.duckdb"),
            data_dir,
            ..self.settings.clone()
        };
        let error = run(&settings).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::NotVerified);
        let message = error.to_string();
        assert!(message.contains(&format!("block {number}")) && message.contains(field), "{message}");
    }
}

/// The client takes Osaka for something else and refuses the names of blob forks that it does not know.
fn forget_later_forks(genesis: &mut Genesis) {
    let config = &mut genesis.config;
    (config.osaka_time, config.amsterdam_time) = (None, None);
    (config.bpo1_time, config.bpo2_time) = (None, None);
    config.blob_schedule.retain(|name, _| ["cancun", "prague"].contains(&name.as_str()));
}

#[test]
fn another_client_executes_a_mainnet_mix_and_refuses_wrong_roots_in_a_copy() {
    let Some(client) = Client::find() else { return };
    let request = Request {
        gas_per_block: 2_000_000,
        accounts: 200,
        forks: "prague".parse().unwrap(),
        ..Request::new(Profile::MainnetMix, 50, 7)
    };
    let chain = Known::new(&request);
    chain.assert_accepted(&client);
    // An early block: the client executes all before it each time.
    let wrong = B256::repeat_byte(0xee);
    chain.assert_refused(&client, 10, "state root", |block| block.header.state_root = wrong);
    chain.assert_refused(&client, 10, "receipts root", |block| block.header.receipts_root = wrong);
    chain.assert_refused(&client, 10, "transactions root", |block| block.header.transactions_root = wrong);
    chain.assert_refused(&client, 10, "gas used", |block| block.header.gas_used += 1);
}

#[test]
fn another_client_executes_every_fork_that_it_knows() {
    let Some(client) = Client::find() else { return };
    let request = Request { accounts: 100, gas_per_block: 1_500_000, ..Request::new(Profile::Forks, 126, 1) };
    let chain = Known::new(&request);
    let head = chain.blocks.last().unwrap().header.clone();
    assert!(head.requests_hash.is_some(), "the chain reaches Prague");
    chain.assert_accepted(&client);
    // Before Byzantium the receipts root is over state roots.
    let wrong = B256::repeat_byte(0xee);
    chain.assert_refused(&client, 20, "state root", |block| block.header.state_root = wrong);
    chain.assert_refused(&client, 20, "receipts root", |block| block.header.receipts_root = wrong);
}
