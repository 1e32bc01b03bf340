//! Asks the contracts that may be tokens who they are: their functions run on our own state, as of the last
//! loaded block.

mod answers;

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol;
use alloy::sol_types::SolCall;
use blockmill_execute::{CodeCache, ReadError, ViewCalls};
use blockmill_load::{Database, Derived, Holder, Token, TokenCandidate};
use blockmill_store::Store;
use rayon::prelude::*;

use crate::error::RunError;
use crate::genesis::Chain;
use crate::head_state::{HeadState, NoHeadState};
use crate::settings::ChainChoice;
use answers::{is_true, number, small_number, text};

sol! {
    function name() returns (string);
    function symbol() returns (string);
    function decimals() returns (uint8);
    function totalSupply() returns (uint256);
    function balanceOf(address holder) returns (uint256);
    function supportsInterface(bytes4 id) returns (bool);
}

/// Gas of a call: a tenth of what `eth_call` gives by default, some hundred times what a name costs.
const CALL_GAS: u64 = 5_000_000;
/// What [ERC-165](https://eips.ethereum.org/EIPS/eip-165) allows, and what the transaction around it costs.
const INTERFACE_GAS: u64 = 30_000 + 25_000;
/// Code that is kept analysed meanwhile.
const CODE_CACHE_BYTES: usize = 32 << 20;

const ERC165: [u8; 4] = [0x01, 0xff, 0xc9, 0xa7];
/// No contract has this interface.
const NO_INTERFACE: [u8; 4] = [0xff; 4];
const ERC721: [u8; 4] = [0x80, 0xac, 0x58, 0xcd];
const ERC1155: [u8; 4] = [0xd9, 0xb6, 0x7a, 0x26];

/// What became of the table of tokens.
#[derive(Debug)]
pub enum TokensOutcome {
    /// The table was made, or was not for a reason that lies in the database.
    Derived(Derived),
    /// There is no state to ask contracts on.
    NoState(NoHeadState),
}

/// Makes the table `tokens` anew where the database has more blocks than it was made from.
///
/// # Errors
/// The chain, the store or the database cannot be read, or the database not be written.
pub fn derive_tokens(
    database: &mut Database,
    store: Option<&Store>,
    chain: &ChainChoice,
) -> Result<TokensOutcome, RunError> {
    let Some(last_block) = database.tokens_wanted()? else {
        // No contract is asked: the database says why.
        return Ok(TokensOutcome::Derived(database.derive_tokens(|_| Ok::<_, RunError>(Vec::new()))?));
    };
    let chain = Chain::resolve(chain, None)?;
    let head = match HeadState::at(store, last_block)? {
        Ok(head) if head.is_of(&chain)? => head,
        Ok(_) => return Ok(TokensOutcome::NoState(NoHeadState::OtherChain)),
        Err(none) => return Ok(TokensOutcome::NoState(none)),
    };
    let codes = CodeCache::new(CODE_CACHE_BYTES);
    let calls = ViewCalls::new(&chain.spec, &head.header, head.store, &codes);
    let derived = database.derive_tokens(|candidates| {
        let ask = |candidate| {
            token(&calls, candidate).map_err(|source| RunError::Token { address: candidate.address, source })
        };
        candidates.par_iter().map(ask).collect::<Result<Vec<_>, RunError>>()
    })?;
    Ok(TokensOutcome::Derived(derived))
}

fn token(calls: &ViewCalls<'_, Store>, candidate: &TokenCandidate) -> Result<Token, ReadError> {
    let contract = Contract { calls, address: candidate.address };
    let standard = contract.standard()?.unwrap_or(&candidate.standard).to_owned();
    let balances_agree = match standard == "erc20" {
        true => contract.agrees_with(&candidate.holders)?,
        false => None,
    };
    Ok(Token {
        address: candidate.address,
        standard,
        name: contract.ask(&nameCall {})?.and_then(|name| text(&name)),
        symbol: contract.ask(&symbolCall {})?.and_then(|symbol| text(&symbol)),
        decimals: contract.ask(&decimalsCall {})?.and_then(|decimals| small_number(&decimals)),
        total_supply: contract.ask(&totalSupplyCall {})?.and_then(|supply| number(&supply)),
        balances_agree,
    })
}

struct Contract<'a> {
    calls: &'a ViewCalls<'a, Store>,
    address: Address,
}

impl Contract<'_> {
    fn ask(&self, call: &impl SolCall) -> Result<Option<Bytes>, ReadError> {
        self.calls.call(self.address, call.abi_encode().into(), CALL_GAS)
    }

    /// The standard that the contract says it follows.
    fn standard(&self) -> Result<Option<&'static str>, ReadError> {
        if !self.supports(ERC165)? || self.supports(NO_INTERFACE)? {
            return Ok(None);
        }
        Ok(match self.supports(ERC721)? {
            true => Some("erc721"),
            false => self.supports(ERC1155)?.then_some("erc1155"),
        })
    }

    fn supports(&self, interface: [u8; 4]) -> Result<bool, ReadError> {
        let call = supportsInterfaceCall { id: interface.into() };
        let returned = self.calls.call(self.address, call.abi_encode().into(), INTERFACE_GAS)?;
        Ok(returned.is_some_and(|returned| is_true(&returned)))
    }

    /// Whether the contract's balance of each holder is what the transfers left it; `None` where no holder is
    /// known.
    fn agrees_with(&self, holders: &[Holder]) -> Result<Option<bool>, ReadError> {
        for holder in holders {
            let returned = self.ask(&balanceOfCall { holder: holder.address })?;
            let balance = returned.and_then(|balance| number(&balance));
            if balance.is_none() || balance != U256::try_from(holder.balance).ok() {
                return Ok(Some(false));
            }
        }
        Ok((!holders.is_empty()).then_some(true))
    }
}
