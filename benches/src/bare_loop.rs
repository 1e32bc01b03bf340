//! The bare loop: alloy-evm's `EthBlockExecutor` over revm's `State`, everything in memory, code analysed beforehand,
//! nothing checked or recorded. Nothing that executes blocks with these libraries can be faster; so it is what every
//! other speed is given as a part of.
//!
//! Only the rules of the chain are ours: practice chains have forks of their own.

use std::borrow::Cow;
use std::error::Error;
use std::time::{Duration, Instant};

use alloy::consensus::TxEnvelope;
use alloy::consensus::transaction::Recovered;
use alloy::primitives::map::B256Map;
use alloy::primitives::{B256, U256};
use alloy_evm::EvmFactory;
use alloy_evm::block::BlockExecutor;
use alloy_evm::eth::receipt_builder::AlloyReceiptBuilder;
use alloy_evm::eth::{EthBlockExecutionCtx, EthBlockExecutor, EthEvmFactory};
use blockmill_chain::{ChainSpec, CodeSource, Witness};
use blockmill_execute::BlockRules;
use revm::bytecode::Bytecode;
use revm::database::{CacheDB, EmptyDB, State};
use revm::database_interface::WrapDatabaseRef;
use revm::state::AccountInfo;

use crate::RealBlocks;

/// Blocks, each with the state before it as revm's own in-memory database has it.
pub struct BareLoop<'a> {
    spec: &'a ChainSpec,
    blocks: Vec<Prepared<'a>>,
}

/// A block with everything that running it takes.
struct Prepared<'a> {
    witness: &'a Witness,
    /// In the shape that alloy-evm's own receipts want.
    transactions: Vec<TxEnvelope>,
    database: CacheDB<EmptyDB>,
}

impl<'a> BareLoop<'a> {
    /// Takes the states out of witnesses.
    ///
    /// # Errors
    /// Code that is not there.
    pub fn new<C: CodeSource>(
        spec: &'a ChainSpec,
        witnesses: &'a [Witness],
        codes: &C,
    ) -> Result<Self, Box<dyn Error>> {
        let mut analysed = Analysed { codes, by_hash: B256Map::default() };
        let executed = witnesses.iter().filter(|witness| witness.block.number() > 0);
        let blocks = executed.map(|witness| Prepared::new(witness, &mut analysed));
        Ok(Self { spec, blocks: blocks.collect::<Result<_, Box<dyn Error>>>()? })
    }

    /// That of the real blocks.
    ///
    /// # Errors
    /// Code that is not there.
    pub fn of_real(blocks: &'a RealBlocks) -> Result<Self, Box<dyn Error>> {
        Self::new(&blocks.spec, &blocks.witnesses, blocks)
    }

    /// Gas used by all blocks.
    pub fn gas(&self) -> u64 {
        self.blocks.iter().map(|block| block.witness.block.header().gas_used).sum()
    }

    /// Executes every block; returns the gas used.
    pub fn run(&self) -> u64 {
        self.blocks.iter().map(|block| block.execute(self.spec)).sum()
    }

    /// The best time of so many runs.
    pub fn best_of(&self, rounds: usize) -> Duration {
        let once = |_| {
            let started = Instant::now();
            std::hint::black_box(self.run());
            started.elapsed()
        };
        (0..rounds).map(once).min().unwrap_or_default()
    }
}

/// Code in the form the interpreter runs, each once.
struct Analysed<'c, C> {
    codes: &'c C,
    by_hash: B256Map<Bytecode>,
}

impl<C: CodeSource> Analysed<'_, C> {
    fn get(&mut self, hash: B256) -> Result<Bytecode, Box<dyn Error>> {
        if let Some(code) = self.by_hash.get(&hash) {
            return Ok(code.clone());
        }
        let code = Bytecode::new_raw(self.codes.code(hash)?.unwrap_or_default());
        self.by_hash.insert(hash, code.clone());
        Ok(code)
    }
}

fn in_memory<C: CodeSource>(
    witness: &Witness,
    codes: &mut Analysed<'_, C>,
) -> Result<CacheDB<EmptyDB>, Box<dyn Error>> {
    let mut database = CacheDB::new(EmptyDB::new());
    for account in &witness.reads.accounts {
        let Some(state) = account.account else { continue };
        let info = AccountInfo {
            balance: state.balance,
            nonce: state.nonce,
            code_hash: state.code_hash,
            account_id: None,
            code: Some(codes.get(state.code_hash)?),
        };
        database.insert_account_info(account.address, info);
        for (slot, value) in &account.storage {
            database.insert_account_storage(account.address, *slot, *value)?;
        }
    }
    for (number, hash) in &witness.reads.block_hashes {
        database.cache.block_hashes.insert(U256::from(*number), *hash);
    }
    Ok(database)
}

impl<'a> Prepared<'a> {
    fn new<C: CodeSource>(witness: &'a Witness, codes: &mut Analysed<'_, C>) -> Result<Self, Box<dyn Error>> {
        let transactions = witness.block.block.body.transactions.iter();
        let transactions = transactions.map(|transaction| transaction.clone().into()).collect();
        Ok(Self { witness, transactions, database: in_memory(witness, codes)? })
    }

    fn execute(&self, spec: &ChainSpec) -> u64 {
        let header = self.witness.block.header();
        let rules = BlockRules::new(spec, header);
        let mut state = State::builder().with_database(WrapDatabaseRef(&self.database)).build();
        let evm = EthEvmFactory::default().create_evm(&mut state, rules.evm_env(header));
        let receipts = AlloyReceiptBuilder::default();
        let mut executor = EthBlockExecutor::new(evm, self.context(), rules, receipts);
        executor.apply_pre_execution_changes().expect("the blocks are valid");
        for (transaction, sender) in self.transactions.iter().zip(&self.witness.block.senders) {
            let recovered = Recovered::new_unchecked(transaction, *sender);
            executor.execute_transaction(recovered).expect("the blocks are valid");
        }
        executor.finish().expect("the blocks are valid").1.gas_used
    }

    fn context(&self) -> EthBlockExecutionCtx<'_> {
        let (header, body) = (self.witness.block.header(), &self.witness.block.block.body);
        EthBlockExecutionCtx {
            parent_hash: header.parent_hash,
            parent_beacon_block_root: header.parent_beacon_block_root,
            ommers: &body.ommers,
            withdrawals: body.withdrawals.as_ref().map(|w| Cow::Borrowed(w.as_slice())),
            extra_data: header.extra_data.clone(),
            tx_count_hint: Some(body.transactions.len()),
            slot_number: None,
        }
    }
}
