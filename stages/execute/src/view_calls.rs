//! What contracts answer: calls outside of any transaction, on the state after a block, whose effects are
//! dropped.

use alloy::consensus::Header;
use alloy::primitives::{Address, Bytes, TxKind};
use alloy_evm::{Evm, EvmEnv};
use blockmill_chain::{ChainSpec, CodeSource, StateReader};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::inspector::NoOpInspector;
use revm::primitives::hardfork::SpecId;

use crate::block_state::BlockState;
use crate::bytecode::CodeCache;
use crate::error::ReadError;
use crate::evm::BlockEvm;
use crate::rules::BlockRules;

/// Calls on the state after one block, by the rules and with the environment of that block, as `eth_call`
/// makes them: from the zero address, without value, at no price (`BASEFEE` gives zero).
#[derive(Debug)]
pub struct ViewCalls<'a, R> {
    state: &'a R,
    codes: &'a CodeCache,
    env: EvmEnv<SpecId>,
    /// Constantinople without Petersburg, which the libraries do not know.
    is_bare_constantinople: bool,
    delegations: bool,
}

impl<'a, R: StateReader + CodeSource> ViewCalls<'a, R> {
    /// Calls on `state`, which is that after the block with this header.
    pub fn new(spec: &ChainSpec, header: &Header, state: &'a R, codes: &'a CodeCache) -> Self {
        let rules = BlockRules::new(spec, header);
        let mut env = rules.evm_env(header);
        env.block_env.basefee = 0;
        env.block_env.gas_limit = u64::MAX;
        env.cfg_env.disable_nonce_check = true;
        env.cfg_env.tx_gas_limit_cap = Some(u64::MAX);
        Self {
            state,
            codes,
            env,
            is_bare_constantinople: rules.is_bare_constantinople(header.number),
            delegations: spec.is_prague(header.timestamp),
        }
    }

    /// What `to` returns; empty where it has no code. `None` where the call fails, which it does when `gas_limit`, the
    /// cost of a transaction included, is used up.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn call(&self, to: Address, input: Bytes, gas_limit: u64) -> Result<Option<Bytes>, ReadError> {
        let mut state = BlockState::new(self.state, self.codes, self.delegations);
        let failure = state.failure();
        let env = self.env.clone();
        let mut evm = BlockEvm::new(&mut state, env, self.is_bare_constantinople, NoOpInspector {}, false);
        let transaction =
            TxEnv { kind: TxKind::Call(to), data: input, gas_limit, chain_id: None, ..TxEnv::default() };
        let result = evm.transact_raw(transaction);
        match (result, failure.take()) {
            (_, Some(error)) => Err(error),
            (Ok(executed), None) => Ok(returned(executed.result)),
            // The transaction is refused: its gas does not pay for its input.
            (Err(_), None) => Ok(None),
        }
    }
}

fn returned<H>(result: ExecutionResult<H>) -> Option<Bytes> {
    match result {
        ExecutionResult::Success { output: Output::Call(bytes), .. } => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{U256, address, hex, keccak256};
    use blockmill_chain::{Account, BlockChanges, GenesisAccount, KnownChain};
    use blockmill_testkit::state_map::MapState;

    use super::*;

    const CONTRACT: Address = address!("00000000000000000000000000000000000c0de0");

    /// What the code answers at a block of mainnet's present.
    fn answer(code: &[u8], gas_limit: u64) -> Option<Bytes> {
        let account = GenesisAccount {
            address: CONTRACT,
            account: Account { nonce: 1, balance: U256::ZERO, code_hash: keccak256(code) },
            code: Bytes::copy_from_slice(code),
            storage: vec![(U256::ZERO, U256::from(42))],
        };
        let state = MapState::new(&[account]);
        let header = Header {
            number: 25_000_000,
            timestamp: 1_780_000_000,
            base_fee_per_gas: Some(7),
            excess_blob_gas: Some(0),
            gas_limit: 30_000,
            ..Header::default()
        };
        let codes = CodeCache::new(1 << 20);
        let calls = ViewCalls::new(&ChainSpec::known(KnownChain::Mainnet), &header, &state, &codes);
        let first = calls.call(CONTRACT, Bytes::new(), gas_limit).unwrap();
        assert_eq!(calls.call(CONTRACT, Bytes::new(), gas_limit).unwrap(), first, "the first left something");
        assert_eq!(calls.call(Address::repeat_byte(7), Bytes::new(), 5_000_000).unwrap(), Some(Bytes::new()));
        first
    }

    fn word(value: u64) -> Option<Bytes> {
        Some(Bytes::copy_from_slice(&U256::from(value).to_be_bytes::<32>()))
    }

    #[test]
    fn a_call_sees_the_state_and_leaves_nothing() {
        // slot 0 + 1 to slot 0, and return it.
        let count = hex!("5f54600101805f555f5260205ff3");
        assert_eq!(answer(&count, 5_000_000), word(43));
    }

    #[test]
    fn the_block_is_the_header_s_but_for_its_price_and_its_gas_limit() {
        assert_eq!(answer(&hex!("435f5260205ff3"), 5_000_000), word(25_000_000));
        assert_eq!(answer(&hex!("485f5260205ff3"), 5_000_000), word(0));
    }

    #[test]
    fn what_fails_or_never_ends_has_no_answer() {
        assert_eq!(answer(&hex!("5f5ffd"), 5_000_000), None);
        assert_eq!(answer(&hex!("5b5f56"), 5_000_000), None);
        assert_eq!(answer(&hex!("5b5f56"), 20_000), None, "less than a transaction costs");
    }

    #[test]
    fn a_state_without_the_code_is_an_error() {
        let account = Account { code_hash: keccak256("elsewhere"), ..Account::default() };
        let mut state = MapState::default();
        let accounts = [(CONTRACT, Some(account))].into_iter().collect();
        state.apply(&BlockChanges { accounts, ..BlockChanges::default() });
        let (codes, spec) = (CodeCache::new(1 << 20), ChainSpec::known(KnownChain::Mainnet));
        let calls = ViewCalls::new(&spec, &Header::default(), &state, &codes);
        let error = calls.call(CONTRACT, Bytes::new(), 5_000_000).unwrap_err();
        assert!(matches!(error, ReadError::MissingCode { .. }), "{error}");
    }
}
