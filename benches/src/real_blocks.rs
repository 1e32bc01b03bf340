//! Real mainnet blocks from the public vectors, read once.

use std::collections::BTreeMap;

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::map::B256Map;
use alloy::primitives::{Address, B256, Bytes, keccak256};
use blockmill_chain::{Absence, Ancestry, ChainSpec, CodeSource, KnownChain, Witness, WitnessReads};
use blockmill_source::{ReadLimit, Source, SourceError, SourcedBlock};
use blockmill_testkit::vectors;
use blockmill_trace::settle_empty_accounts;

/// Real blocks as witnesses, and the code of their contracts.
pub struct RealBlocks {
    /// The rules of mainnet.
    pub spec: ChainSpec,
    /// The blocks, in the order of their numbers.
    pub witnesses: Vec<Witness>,
    /// Code by its hash.
    pub codes: B256Map<Bytes>,
}

impl RealBlocks {
    /// The blocks of `mainnet-blocks`; `None` where the vectors are missing.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read() -> Result<Option<Self>, SourceError> {
        let Some(folder) = vectors::require("mainnet-blocks") else { return Ok(None) };
        let spec = ChainSpec::known(KnownChain::Mainnet);
        let mut source = Source::open(&[folder], &spec)?;
        let limit = ReadLimit { blocks: usize::MAX, bytes: usize::MAX };
        let sourced = source.read(0, &Ancestry::unknown(), limit)?;
        let mut blocks = Self { spec, witnesses: Vec::new(), codes: B256Map::default() };
        sourced.into_iter().for_each(|block| blocks.add(block));
        Ok(Some(blocks))
    }

    /// The blocks from Byzantium on: receipts of earlier ones need the state root after each transaction,
    /// which is not there.
    pub fn from_byzantium_on(mut self) -> Self {
        let spec = &self.spec;
        self.witnesses.retain(|witness| spec.is_byzantium(witness.block.number()));
        self
    }

    /// Gas used by all blocks.
    pub fn gas(&self) -> u64 {
        self.witnesses.iter().map(|witness| witness.block.header().gas_used).sum()
    }

    /// The contracts that these blocks find existing, those of which they read the most slots first.
    pub fn contracts(&self) -> Vec<Address> {
        let mut slots: BTreeMap<Address, usize> = BTreeMap::new();
        for account in self.witnesses.iter().flat_map(|witness| &witness.reads.accounts) {
            if account.account.is_some_and(|account| account.code_hash != KECCAK_EMPTY) {
                *slots.entry(account.address).or_default() += account.storage.len();
            }
        }
        let mut contracts: Vec<_> = slots.into_iter().collect();
        contracts.sort_by_key(|(_, slots)| std::cmp::Reverse(*slots));
        contracts.into_iter().map(|(address, _)| address).collect()
    }

    fn add(&mut self, sourced: SourcedBlock) {
        let Some(witness) = sourced.witness else { return };
        let reads = WitnessReads {
            absence: Absence::MeansNonexistent,
            accounts: witness.accounts,
            creation_checks: Vec::new(),
            block_hashes: witness.block_hashes,
            transaction_roots: sourced.transaction_roots,
            total_difficulty: sourced.total_difficulty,
        };
        let mut settled = Witness { block: sourced.block, reads };
        settle_empty_accounts(&self.spec, &mut settled, &witness.codes);
        self.codes.extend(witness.codes.into_iter().map(|code| (keccak256(&code), code)));
        self.witnesses.push(settled);
    }
}

impl CodeSource for RealBlocks {
    type Error = std::convert::Infallible;

    fn code(&self, hash: B256) -> Result<Option<Bytes>, Self::Error> {
        Ok(self.codes.get(&hash).cloned())
    }
}
