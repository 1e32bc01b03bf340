//! What the DAO fork moved ([EIP-779](https://eips.ethereum.org/EIPS/eip-779)).

use alloy::primitives::{Address, U256};
pub(crate) use alloy_evm::eth::dao_fork::DAO_HARDFORK_BENEFICIARY as REFUND_CONTRACT;

use crate::trace::TracedBlock;

/// The accounts that the block emptied, with what each had. None in other blocks.
pub(crate) fn drained<'a>(traced: &TracedBlock<'a>) -> impl Iterator<Item = (Address, U256)> + use<'a> {
    let is_fork = traced.spec.dao_fork_block == Some(traced.block().number());
    // Balances are moved before anything runs; the refund contract gains.
    let parts = traced.parts.iter().take_while(|part| part.transaction.is_none()).filter(move |_| is_fork);
    let balance =
        |account: Option<blockmill_chain::Account>| account.map_or(U256::ZERO, |account| account.balance);
    let accounts = parts.flat_map(|part| &part.accounts);
    accounts
        .map(move |account| (account.address, balance(account.before).saturating_sub(balance(account.after))))
        .filter(|(_, loss)| !loss.is_zero())
}
