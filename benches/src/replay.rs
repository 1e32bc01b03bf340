//! Blocks replayed from their witnesses, nothing recorded: what tracing starts from.

use blockmill_chain::{ChainSpec, CodeSource, Witness};
use blockmill_execute::{BlockState, CodeCache, ExecuteError, NoObserver, execute_block};
use blockmill_trace::WitnessState;

use crate::RealBlocks;

/// Blocks that are replayed with one cache of code, which is warm from the second run on.
pub struct Replay<'a, C> {
    spec: &'a ChainSpec,
    witnesses: &'a [Witness],
    codes: &'a C,
    cache: CodeCache,
}

/// More than the code of all blocks takes.
const CODE_BYTES: usize = 1 << 30;

impl<'a, C: CodeSource> Replay<'a, C> {
    /// Blocks with the code of their contracts.
    pub fn new(spec: &'a ChainSpec, witnesses: &'a [Witness], codes: &'a C) -> Self {
        Self { spec, witnesses, codes, cache: CodeCache::new(CODE_BYTES) }
    }

    /// The cache of code.
    pub fn cache(&self) -> &CodeCache {
        &self.cache
    }

    /// Executes every block; returns the gas used.
    ///
    /// # Errors
    /// A block that is refused.
    pub fn run(&self) -> Result<u64, ExecuteError> {
        self.witnesses.iter().map(|witness| self.block(witness)).sum()
    }

    fn block(&self, witness: &Witness) -> Result<u64, ExecuteError> {
        let reader = WitnessState::new(&witness.reads, self.codes);
        let delegations = self.spec.is_prague(witness.block.header().timestamp);
        let mut state = BlockState::new(reader, &self.cache, delegations);
        let executed = execute_block(self.spec, &witness.block, &mut state, &mut NoObserver {}, |_| Ok(()))?;
        Ok(executed.gas_used)
    }
}

impl<'a> Replay<'a, RealBlocks> {
    /// A replay of the real blocks.
    pub fn of_real(blocks: &'a RealBlocks) -> Self {
        Self::new(&blocks.spec, &blocks.witnesses, blocks)
    }
}
