//! The EVM that blocks run in: revm's, with the collision rule that revm does not have.
//!
//! [EIP-7610](https://eips.ethereum.org/EIPS/eip-7610): a creation fails where the address has storage, whatever its nonce
//! and code. revm looks at nonce and code only and offers no hook there, so that creations are looked at before their
//! frames are made. An inspector could not do it: it is not called where nothing is traced.

use std::marker::PhantomData;

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::primitives::{Address, Bytes};
use alloy_evm::eth::EthEvmContext;
use alloy_evm::precompiles::PrecompilesMap;
use alloy_evm::{Database as EvmDatabase, Evm, EvmEnv};
use revm::context::result::{EVMError, ExecutionResult, HaltReason, ResultAndState, ResultGas};
use revm::context::{BlockEnv, CfgEnv, ContextSetters, FrameStack, TxEnv};
use revm::context_interface::journaled_state::account::JournaledAccountTr;
use revm::context_interface::{ContextTr, JournalTr};
use revm::handler::evm::{ContextDbError, FrameInitResult};
use revm::handler::instructions::EthInstructions;
use revm::handler::system_call::SYSTEM_CALL_GAS_LIMIT;
use revm::handler::{
    EthFrame, EvmTr, FrameInitOrResult, FrameResult, Handler, ItemOrResult, MainnetHandler, SystemCallTx,
};
use revm::inspector::{InspectorEvmTr, InspectorHandler};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{
    CreateInputs, CreateOutcome, FrameInput, Gas, GasTracker, InitialAndFloorGas, InstructionResult,
    InterpreterResult,
};
use revm::precompile::{PrecompileSpecId, Precompiles};
use revm::primitives::constants::CALL_STACK_LIMIT;
use revm::primitives::hardfork::SpecId;
use revm::{Context, Inspector, MainBuilder, MainContext};

use crate::accesses::EtherMove;
use crate::constantinople;

/// State that answers what revm does not ask, and hears what revm does not tell.
pub(crate) trait BlockDatabase: EvmDatabase {
    /// Whether any slot of an account without nonce and code is not zero.
    fn has_storage(&mut self, address: Address) -> Result<bool, Self::Error>;

    /// The system call that is to be committed next moved ether.
    fn system_call_moved(&mut self, moved: EtherMove);
}

type RevmEvm<DB, I> = revm::context::Evm<
    EthEvmContext<DB>,
    I,
    EthInstructions<EthInterpreter, EthEvmContext<DB>>,
    PrecompilesMap,
    EthFrame,
>;

/// The EVM of one block.
pub(crate) struct BlockEvm<DB: EvmDatabase, I> {
    inner: RevmEvm<DB, I>,
    /// Whether the inspector is called during transactions; it is not during system calls.
    inspects: bool,
}

impl<DB: BlockDatabase, I: Inspector<EthEvmContext<DB>>> BlockEvm<DB, I> {
    /// An EVM on `db`, with the precompiles of its rules. `bare_constantinople`: Constantinople without Petersburg.
    pub(crate) fn new(
        db: DB,
        env: EvmEnv<SpecId>,
        bare_constantinople: bool,
        inspector: I,
        inspects: bool,
    ) -> Self {
        let precompiles = Precompiles::new(PrecompileSpecId::from_spec_id(env.cfg_env.spec));
        let mut inner = Context::mainnet()
            .with_block(env.block_env)
            .with_cfg(env.cfg_env)
            .with_db(db)
            .build_mainnet_with_inspector(inspector)
            .with_precompiles(PrecompilesMap::from_static(precompiles));
        if bare_constantinople {
            constantinople::set_instructions(&mut inner.instruction);
        }
        Self { inner, inspects }
    }

    /// What a creation comes to that collides with storage. `None` where revm decides: also where it fails before it
    /// accesses the address.
    fn collision(
        &mut self,
        inputs: &CreateInputs,
        depth: usize,
    ) -> Result<Option<CreateOutcome>, ContextDbError<EthEvmContext<DB>>> {
        let journal = &mut self.inner.ctx.journaled_state;
        let caller = &journal.load_account(inputs.caller())?.data.info;
        let nonce = caller.nonce;
        if depth > CALL_STACK_LIMIT as usize || caller.balance < inputs.value() || nonce == u64::MAX {
            return Ok(None);
        }
        let address = inputs.created_address(nonce);
        let info = &journal.load_account(address)?.data.info;
        // The transaction has not changed its storage: without code it ran none, and a creation at this address that
        // did not fail left a nonce (EIP-161), or had the same caller and nonce.
        if info.nonce != 0 || info.code_hash != KECCAK_EMPTY || !journal.database.has_storage(address)? {
            return Ok(None);
        }
        journal.load_account_mut(inputs.caller())?.bump_nonce();
        let gas = Gas::new_with_regular_gas_and_reservoir(inputs.gas_limit(), inputs.reservoir());
        let result =
            InterpreterResult { result: InstructionResult::CreateCollision, gas, output: Bytes::new() };
        let charged_create_state_gas = inputs.charged_create_state_gas();
        Ok(Some(CreateOutcome { result, address: None, charged_create_state_gas }))
    }
}

impl<DB: BlockDatabase, I: Inspector<EthEvmContext<DB>>> EvmTr for BlockEvm<DB, I> {
    type Context = EthEvmContext<DB>;
    type Instructions = EthInstructions<EthInterpreter, EthEvmContext<DB>>;
    type Precompiles = PrecompilesMap;
    type Frame = EthFrame;

    fn all(&self) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>) {
        self.inner.all()
    }

    fn all_mut(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut FrameStack<Self::Frame>)
    {
        self.inner.all_mut()
    }

    fn frame_init(
        &mut self,
        init: FrameInit,
    ) -> Result<FrameInitResult<'_, Self::Frame>, ContextDbError<Self::Context>> {
        if let FrameInput::Create(inputs) = &init.frame_input
            && let Some(outcome) = self.collision(inputs, init.depth)?
        {
            return Ok(ItemOrResult::Result(FrameResult::Create(outcome)));
        }
        self.inner.frame_init(init)
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult<Self::Frame>, ContextDbError<Self::Context>> {
        self.inner.frame_run()
    }

    fn frame_return_result(
        &mut self,
        result: FrameResult,
    ) -> Result<Option<FrameResult>, ContextDbError<Self::Context>> {
        self.inner.frame_return_result(result)
    }
}

impl<DB: BlockDatabase, I: Inspector<EthEvmContext<DB>>> InspectorEvmTr for BlockEvm<DB, I> {
    type Inspector = I;

    fn all_inspector(
        &self,
    ) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>, &I) {
        self.inner.all_inspector()
    }

    fn all_mut_inspector(
        &mut self,
    ) -> (
        &mut Self::Context,
        &mut Self::Instructions,
        &mut Self::Precompiles,
        &mut FrameStack<Self::Frame>,
        &mut I,
    ) {
        self.inner.all_mut_inspector()
    }
}

/// Gas that a system call has to execute with. Before Amsterdam that is all of it; from then on
/// ([EIP-8037](https://eips.ethereum.org/EIPS/eip-8037)) what the limit has beyond it is gas for new state.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// How system calls run: revm would give them the gas for new state in every fork, and count the cap of EIP-7825.
struct SystemCalls<E>(PhantomData<E>);

impl<DB: BlockDatabase, I: Inspector<EthEvmContext<DB>>> Handler for SystemCalls<BlockEvm<DB, I>> {
    type Evm = BlockEvm<DB, I>;
    type Error = EVMError<DB::Error>;
    type HaltReason = HaltReason;

    fn tx_gas(&self, evm: &mut Self::Evm, _: &InitialAndFloorGas) -> GasTracker {
        let limit = evm.inner.ctx.tx.gas_limit;
        GasTracker::new(limit, SYSTEM_CALL_GAS, limit - SYSTEM_CALL_GAS)
    }

    /// No inspector sees a system call. What it moved is in the journal until it ends: without what was reverted.
    fn execution_result(
        &mut self,
        evm: &mut Self::Evm,
        result: FrameResult,
        gas: ResultGas,
    ) -> Result<ExecutionResult, Self::Error> {
        let journal = &mut evm.inner.ctx.journaled_state;
        let moves = journal.inner.journal.iter().filter_map(EtherMove::of);
        moves.for_each(|moved| journal.database.system_call_moved(moved));
        MainnetHandler::<_, Self::Error, _>::default().execution_result(evm, result, gas)
    }
}

impl<DB: BlockDatabase, I: Inspector<EthEvmContext<DB>>> Evm for BlockEvm<DB, I> {
    type DB = DB;
    type Tx = TxEnv;
    type Error = EVMError<DB::Error>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = PrecompilesMap;
    type Inspector = I;

    fn block(&self) -> &BlockEnv {
        &self.inner.ctx.block
    }

    fn cfg_env(&self) -> &CfgEnv<SpecId> {
        &self.inner.ctx.cfg
    }

    fn chain_id(&self) -> u64 {
        self.inner.ctx.cfg.chain_id
    }

    fn transact_raw(&mut self, tx: TxEnv) -> Result<ResultAndState, Self::Error> {
        self.inner.ctx.set_tx(tx);
        let mut handler = MainnetHandler::<_, EVMError<DB::Error>, _>::default();
        let result = if self.inspects { handler.inspect_run(self) } else { handler.run(self) };
        // Also after an error: nothing of this transaction is to be seen by the next.
        let state = self.inner.ctx.journal_mut().finalize();
        Ok(ResultAndState::new(result?, state))
    }

    fn transact_system_call(
        &mut self,
        caller: Address,
        contract: Address,
        data: Bytes,
    ) -> Result<ResultAndState, Self::Error> {
        let gas_limit = match self.inner.ctx.cfg.enable_amsterdam_eip8037 {
            true => SYSTEM_CALL_GAS_LIMIT,
            false => SYSTEM_CALL_GAS,
        };
        let call = TxEnv::new_system_tx_with_caller(caller, contract, data);
        self.inner.ctx.set_tx(TxEnv { gas_limit, ..call });
        let result = SystemCalls(PhantomData).run_system_call(self);
        let state = self.inner.ctx.journal_mut().finalize();
        Ok(ResultAndState::new(result?, state))
    }

    fn finish(self) -> (DB, EvmEnv<SpecId>) {
        let Context { block: block_env, cfg: cfg_env, journaled_state, .. } = self.inner.ctx;
        (journaled_state.database, EvmEnv { block_env, cfg_env })
    }

    fn set_inspector_enabled(&mut self, enabled: bool) {
        self.inspects = enabled;
    }

    fn components(&self) -> (&DB, &I, &PrecompilesMap) {
        (&self.inner.ctx.journaled_state.database, &self.inner.inspector, &self.inner.precompiles)
    }

    fn components_mut(&mut self) -> (&mut DB, &mut I, &mut PrecompilesMap) {
        let inner = &mut self.inner;
        (&mut inner.ctx.journaled_state.database, &mut inner.inspector, &mut inner.precompiles)
    }
}
