//! What the DAO fork moved ([EIP-779](https://eips.ethereum.org/EIPS/eip-779)).

use alloy::primitives::{Address, U256};
use alloy_evm::eth::dao_fork::DAO_HARDFORK_ACCOUNTS;
pub(crate) use alloy_evm::eth::dao_fork::DAO_HARDFORK_BENEFICIARY as REFUND_CONTRACT;
use blockmill_chain::{ChainSpec, Witness};

/// The accounts that the block emptied before its first transaction, with what each had. None in other blocks.
pub(crate) fn drained<'a>(
    spec: &ChainSpec,
    witness: &'a Witness,
) -> impl Iterator<Item = (Address, U256)> + use<'a> {
    let is_fork = spec.dao_fork_block == Some(witness.block.number());
    let accounts = DAO_HARDFORK_ACCOUNTS.into_iter().filter(move |_| is_fork);
    accounts.map(|address| (address, balance_before(witness, address))).filter(|(_, had)| !had.is_zero())
}

fn balance_before(witness: &Witness, address: Address) -> U256 {
    let accounts = &witness.reads.accounts;
    let found = accounts.binary_search_by_key(&address, |account| account.address).ok();
    found.and_then(|at| accounts[at].account).map_or(U256::ZERO, |account| account.balance)
}
