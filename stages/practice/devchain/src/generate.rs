//! Makes a chain, block by block.

use std::path::Path;

use alloy::consensus::{BlockBody, Header};
use alloy::primitives::B256;
use blockmill_chain::{Cancel, Fork, GenesisBlock, Progress};
use rayon::prelude::*;

use crate::census::Census;
use crate::chain::{Appended, Chain};
use crate::compose::{Fees, sign};
use crate::dice::Dice;
use crate::error::DevchainError;
use crate::files::ChainFiles;
use crate::genesis::Start;
use crate::keys::Key;
use crate::profile::Profile;
use crate::request::Request;
use crate::scene::{BlockPlan, Scene};
use crate::schedule::Slot;
use crate::traffic::{self, Filler, Unsigned};
use crate::{demand, outline, readme, town, withdrawals};

/// The stream of [`Dice`] that everything but times is drawn from.
const STREAM: u64 = 2;

/// What is known of a generated chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// What the chain holds.
    pub census: Census,
    /// The hash of block 0.
    pub genesis_hash: B256,
    /// The hash of the last block.
    pub head_hash: B256,
}

/// Makes the chain that `request` describes in `folder`, which must not have one yet: `genesis.json` (the shape of geth),
/// `chain.rlp` (what `geth export` writes) and a README. `None` where `cancel` came first: `chain.rlp` is not there then.
///
/// The state is held in memory, about a kilobyte for every account and slot; blocks are written as they are made.
pub fn generate(
    request: &Request,
    folder: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Generated>, DevchainError> {
    request.check()?;
    let mut files = ChainFiles::create(folder)?;
    let keys = Key::derive_all(request.seed, request.keys())?;
    let Start { genesis, spec, mut schedule } = Start::new(request, &keys, town::deposits_address(&keys))?;
    files.write_genesis(&genesis)?;
    let chain = Chain::new(&spec, &GenesisBlock::new(&genesis, &spec))?;
    drop(genesis);
    let genesis_hash = chain.head_hash();
    let mut maker = Maker::new(request, &keys, &spec, chain)?;
    for _ in 0..request.blocks {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let (appended, labels) = maker.make(schedule.advance())?;
        let bytes = files.write_block(&appended.block, appended.executed.access_list.as_ref())?;
        maker.census.add(&appended.block, &appended.executed, &labels, bytes);
        progress(Progress {
            last_block: appended.block.header.number,
            blocks: 1,
            transactions: labels.len() as u64,
            gas: appended.executed.gas_used,
            rows: 0,
            bytes,
        });
    }
    let (census, head_hash) = maker.finish();
    files.finish(&readme::text(request, &census, genesis_hash, head_hash))?;
    Ok(Some(Generated { census, genesis_hash, head_hash }))
}

/// Makes one block after the other.
struct Maker<'a> {
    request: &'a Request,
    keys: &'a [Key],
    spec: &'a blockmill_chain::ChainSpec,
    chain: Chain<'a>,
    filler: Filler,
    dice: Dice,
    withdrawals: u64,
    census: Census,
}

impl<'a> Maker<'a> {
    fn new(
        request: &'a Request,
        keys: &'a [Key],
        spec: &'a blockmill_chain::ChainSpec,
        chain: Chain<'a>,
    ) -> Result<Self, DevchainError> {
        let filler = Filler::new(traffic::of(request)?, keys.len());
        let dice = Dice::new(request.seed, STREAM);
        Ok(Self { request, keys, spec, chain, filler, dice, withdrawals: 0, census: Census::default() })
    }

    /// The next block, and what its transactions are for.
    fn make(&mut self, slot: Slot) -> Result<(Appended, Vec<&'static str>), DevchainError> {
        if let Some(branch) = self.request.branch.filter(|branch| branch.block == slot.number) {
            self.dice = Dice::new(branch.seed, STREAM);
        }
        let gas_limit = self.request.gas_limit(slot.number);
        let (head, head_hash) = (self.chain.head(), self.chain.head_hash());
        let mut header = outline::outline(self.spec, head, head_hash, &slot, gas_limit, &mut self.dice);
        let ommers = if slot.has_ommer { self.ommer() } else { Vec::new() };
        let fees = self.fees(&header);
        let block = self.plan(&header, &fees);
        let (spec, keys, state) = (self.spec, self.keys, self.chain.state());
        let mut scene = Scene { dice: &mut self.dice, keys, state, spec, block };
        let filled = self.filler.fill(&mut scene, &fees)?;
        let pays_out = scene.is_active(Fork::Shanghai);
        let withdrawals = pays_out.then(|| match self.request.profile {
            Profile::Empty => Default::default(),
            _ => withdrawals::draw(&mut scene, self.withdrawals),
        });
        self.withdrawals += withdrawals.as_ref().map_or(0, |all| all.len() as u64);
        let labels = filled.transactions.iter().map(|unsigned| unsigned.label).collect();
        let senders = filled.transactions.iter().map(|unsigned| keys[unsigned.sender].address).collect();
        let transactions = sign_all(filled.transactions, keys)?;
        let body = BlockBody { transactions, ommers, withdrawals };
        outline::set_body_roots(&mut header, &body);
        let appended = self.chain.append(header, body, senders)?;
        self.filler.learn(filled.expected_gas, appended.executed.gas_used);
        Ok((appended, labels))
    }

    /// A block that lost against the last one.
    fn ommer(&mut self) -> Vec<Header> {
        let parent = self.chain.parent();
        let ommer = parent.map(|parent| outline::ommer(self.spec, self.chain.head(), parent, &mut self.dice));
        ommer.into_iter().collect()
    }

    fn fees(&self, header: &Header) -> Fees {
        let params = self.spec.blob_params(header.timestamp);
        let blob_fee = params.and_then(|params| header.blob_fee(params)).unwrap_or_default();
        Fees { base_fee: header.base_fee_per_gas, blob_fee }
    }

    fn plan(&mut self, header: &Header, fees: &Fees) -> BlockPlan {
        let wanted = self.request.target_gas(header.number);
        let target_gas = demand::gas(wanted, fees, &mut self.dice).min(header.gas_limit);
        let params = self.spec.blob_params(header.timestamp);
        BlockPlan {
            number: header.number,
            timestamp: header.timestamp,
            difficulty: header.difficulty,
            gas_limit: header.gas_limit,
            target_gas,
            max_blobs: params.map_or(0, |params| demand::blobs(params.max_blob_count, fees)),
        }
    }

    fn finish(self) -> (Census, B256) {
        let state = self.chain.state();
        let (accounts, slots) = (state.accounts() as u64, state.slots() as u64);
        (Census { accounts, slots, ..self.census }, self.chain.head_hash())
    }
}

fn sign_all(
    transactions: Vec<Unsigned>,
    keys: &[Key],
) -> Result<Vec<blockmill_chain::Transaction>, DevchainError> {
    transactions.into_par_iter().map(|unsigned| sign(unsigned, keys)).collect()
}
