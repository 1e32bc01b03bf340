//! The irregular state change of the DAO fork ([EIP-779](https://eips.ethereum.org/EIPS/eip-779)).

use alloy::primitives::U256;
use alloy_evm::eth::dao_fork::{DAO_HARDFORK_ACCOUNTS, DAO_HARDFORK_BENEFICIARY};
use blockmill_chain::StateReader;

use crate::block_state::BlockState;
use crate::error::ReadError;

/// Moves the balances of the DAO accounts to the refund contract, before the first transaction of the fork block.
/// An account keeps existing at zero balance: EIP-161 came later.
pub(crate) fn drain<R: StateReader>(state: &mut BlockState<'_, R>) -> Result<(), ReadError> {
    let mut drained = U256::ZERO;
    for address in DAO_HARDFORK_ACCOUNTS {
        drained += state.set_balance(address, |_| U256::ZERO)?;
    }
    state.set_balance(DAO_HARDFORK_BENEFICIARY, |balance| balance + drained)?;
    Ok(())
}
