//! Fills a block with transactions.

use alloy::consensus::{EthereumTypedTransaction, TxEip4844};
use alloy::primitives::U256;
use alloy::primitives::map::HashMap;
use blockmill_chain::StateReader;

use super::Traffic;
use crate::compose::{Fees, compose};
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::roles::KeyId;
use crate::scene::Scene;
use crate::town::FOUNDING;

/// A transaction that only lacks its signature.
pub(crate) struct Unsigned {
    pub(crate) sender: KeyId,
    pub(crate) label: &'static str,
    pub(crate) transaction: EthereumTypedTransaction<TxEip4844>,
}

/// Fills blocks; what does not fit into one comes first in the next.
pub(crate) struct Filler {
    traffic: Box<dyn Traffic>,
    carried: Option<Draft>,
    nonces: Vec<u64>,
    /// Gas used for every thousand that was expected, as seen lately.
    used_per_thousand: u64,
}

/// Transactions of a block, in bytes; from Osaka on a block may have 8 MiB (EIP-7934).
const MOST_BLOCK_BYTES: u64 = 7 << 20;

/// A block ends when so many transactions in a row were of no use.
const USELESS: usize = 8;

impl Filler {
    /// A filler for a chain in which no key has sent anything yet.
    pub(crate) fn new(traffic: Box<dyn Traffic>, keys: usize) -> Self {
        Self { traffic, carried: None, nonces: vec![0; keys], used_per_thousand: 1_000 }
    }

    /// Transactions that will use about as much as the block's plan says, and fit into it whatever they use.
    pub(crate) fn fill(&mut self, scene: &mut Scene<'_>, fees: &Fees) -> Result<Filled, DevchainError> {
        let mut filled = Filled { transactions: Vec::new(), expected_gas: 0 };
        let wanted = scene.block.target_gas * 1_000 / self.used_per_thousand;
        let (mut room, mut blobs, mut useless) = (scene.block.gas_limit, scene.block.max_blobs, 0);
        let (mut ordinary_gas, mut bytes, mut spent) = (0, MOST_BLOCK_BYTES, HashMap::default());
        while ordinary_gas < wanted && useless < USELESS {
            let Some(draft) = self.next(scene)? else { break };
            if !is_possible(scene, &draft, fees, &spent) {
                refuse_if_founding(scene, &draft)?;
                useless += 1;
                continue;
            }
            if draft.blobs() > blobs {
                useless += 1;
                continue;
            }
            bytes = bytes.saturating_sub(draft.bytes());
            if draft.gas_limit > room || bytes == 0 {
                self.carried = Some(draft);
                break;
            }
            (room, blobs, useless) = (room - draft.gas_limit, blobs - draft.blobs(), 0);
            *spent.entry(draft.sender).or_default() += fees.at_most(&draft);
            let gas = draft.expected_gas.min(draft.gas_limit);
            filled.expected_gas += gas;
            ordinary_gas += if draft.label == FOUNDING { 0 } else { gas };
            filled.transactions.push(compose(draft, scene, &mut self.nonces, fees)?);
        }
        Ok(filled)
    }

    /// Tells what a block has used, so that the next is better met.
    pub(crate) fn learn(&mut self, expected: u64, used: u64) {
        /// Slow enough not to follow a single block.
        const INERTIA: u64 = 15;
        if let Some(now) = used.saturating_mul(1_000).checked_div(expected) {
            let now = now.clamp(100, 2_000);
            self.used_per_thousand = (self.used_per_thousand * INERTIA + now) / (INERTIA + 1);
        }
    }

    fn next(&mut self, scene: &mut Scene<'_>) -> Result<Option<Draft>, DevchainError> {
        let draft = match self.carried.take() {
            Some(draft) => Some(draft),
            None => self.traffic.next(scene, &self.nonces)?.map(|draft| draft.priced(scene)),
        };
        let most = scene.most_transaction_gas();
        Ok(draft.map(|draft| Draft { gas_limit: draft.gas_limit.min(most), ..draft }))
    }
}

/// The transactions of a block.
pub(crate) struct Filled {
    pub(crate) transactions: Vec<Unsigned>,
    pub(crate) expected_gas: u64,
}

/// Refuses to leave out a draft that deploys what all accounts use.
fn refuse_if_founding(scene: &Scene<'_>, draft: &Draft) -> Result<(), DevchainError> {
    if draft.label != FOUNDING {
        return Ok(());
    }
    let (limit, number) = (scene.block.gas_limit, scene.block.number);
    Err(DevchainError::Settings(format!(
        "block {number} has a gas limit of {limit}, and a contract is to be deployed with {}: ask for more gas per block",
        draft.gas_limit
    )))
}

/// Whether a block can hold it, and its sender pay for it after all that was `spent` in the block.
fn is_possible(scene: &Scene<'_>, draft: &Draft, fees: &Fees, spent: &HashMap<KeyId, U256>) -> bool {
    let Ok(account) = scene.state.account(scene.address(draft.sender));
    // Half is left for what a delegated account sends from inside a call.
    let at_most =
        (spent.get(&draft.sender).copied().unwrap_or_default() + fees.at_most(draft)) * U256::from(2);
    let can_pay = account.is_some_and(|account| account.balance >= at_most);
    can_pay && draft.gas_limit <= scene.block.gas_limit
}
