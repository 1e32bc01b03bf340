//! The end of a small practice chain with its witnesses, made in memory and kept in a folder: an input that is the same on
//! every machine and needs no vectors.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::{fs, io};

use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, Bytes, keccak256};
use blockmill_chain::{Ancestry, Cancel, ChainSpec, CodeSource, GenesisBlock, Witness, WitnessReads};
use blockmill_devchain::{Profile, Request, generate};
use blockmill_execute::{CodeCache, SliceExecutor, SliceInput, TransactionRoots};
use blockmill_source::{ReadLimit, Source, SourcedBlock, decode_block, read_genesis};
use blockmill_testkit::state_map::MapState;

/// Blocks after genesis. The first ones deploy what the others call.
const BLOCKS: u64 = 40;
/// Accounts that send transactions: deriving their keys takes longer than all else if they are many.
const ACCOUNTS: usize = 200;
/// How many blocks at the end are kept.
const KEPT: usize = 2;

/// The last blocks of a chain that looks like mainnet.
pub struct SmallChain {
    /// The rules of the chain.
    pub spec: ChainSpec,
    /// The blocks as RLP.
    pub rlp: Vec<Bytes>,
    /// The blocks with what executing them reads.
    pub witnesses: Vec<Witness>,
    /// All code of the chain, by hash.
    pub codes: B256Map<Bytes>,
}

impl SmallChain {
    /// Makes the chain, executes it, and leaves in `folder` what [`read`](Self::read) wants. What was there goes.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn make(folder: &Path) -> Result<(), Box<dyn Error>> {
        remove(folder)?;
        let request = Request { accounts: ACCOUNTS, ..Request::new(Profile::MainnetMix, BLOCKS, 1) };
        generate(&request, folder, &Cancel::default(), &mut |_| {})?;
        let genesis = read_genesis(&folder.join("genesis.json"))?;
        let spec = ChainSpec::custom(&genesis)?;
        let start = GenesisBlock::new(&genesis, &spec);
        // In order: the same chain leaves the same files.
        let mut codes: BTreeMap<B256, Bytes> = start.changes().code.into_iter().collect();
        let mut state = MapState::new(&start.accounts);
        let (cache, mut kept) = (CodeCache::new(1 << 30), Vec::new());
        for sourced in blocks(folder, &spec)? {
            let (number, hash) = (sourced.block.number(), sourced.block.hash);
            if number > 0 {
                let executed = SliceExecutor::new(&spec, &cache, &state).execute(SliceInput {
                    block: &sourced.block,
                    total_difficulty: sourced.total_difficulty,
                    roots: TransactionRoots::Given(&sourced.transaction_roots),
                    access_list: None,
                })?;
                state.apply(&executed.changes);
                codes.extend(executed.changes.code);
                kept.push((alloy_rlp::encode(&sourced.block.block).into(), executed.reads.encode().into()));
            }
            state.set_block_hash(number, hash);
        }
        let (rlp, reads): (Vec<Bytes>, Vec<Bytes>) = kept.split_off(kept.len() - KEPT).into_iter().unzip();
        for (name, content) in FILES.into_iter().zip([rlp, reads, codes.into_values().collect()]) {
            fs::write(folder.join(name), alloy_rlp::encode(&content))?;
        }
        Ok(())
    }

    /// Reads what [`make`](Self::make) has left.
    ///
    /// # Errors
    /// The folder does not have what `make` leaves, or it cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let spec = ChainSpec::custom(&read_genesis(&folder.join("genesis.json"))?)?;
        let list = |name| -> Result<Vec<Bytes>, Box<dyn Error>> {
            Ok(alloy_rlp::decode_exact(fs::read(folder.join(name))?)?)
        };
        let [rlp, reads, codes] = FILES.map(list);
        let rlp = rlp?;
        let mut witnesses = Vec::new();
        for (rlp, reads) in rlp.iter().zip(reads?) {
            let block = decode_block(rlp, &spec, folder)?;
            witnesses.push(Witness { block, reads: WitnessReads::decode(&reads)? });
        }
        let codes = codes?.into_iter().map(|code| (keccak256(&code), code)).collect();
        Ok(Self { spec, rlp, witnesses, codes })
    }
}

impl CodeSource for SmallChain {
    type Error = Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Infallible> {
        Ok(self.codes.get(&hash).cloned())
    }
}

/// Lists of byte strings: blocks, witnesses, code.
const FILES: [&str; 3] = ["blocks", "witnesses", "codes"];

fn blocks(folder: &Path, spec: &ChainSpec) -> Result<Vec<SourcedBlock>, Box<dyn Error>> {
    let mut source = Source::open(&[folder.join("chain.rlp")], spec)?;
    let limit = ReadLimit { blocks: usize::MAX, bytes: usize::MAX };
    Ok(source.read(source.range().start, &Ancestry::unknown(), limit)?)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
