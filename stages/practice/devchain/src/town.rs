//! The contracts that all accounts use: which there are, where, and the transactions that put them there.

use std::collections::VecDeque;

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::sol_types::{SolCall, SolValue};

use crate::abi::{Erc20, PairFactory, Router};
use crate::compiled::{Compiled, Target};
use crate::draft::Draft;
use crate::error::DevchainError;
use crate::keys::Key;
use crate::roles::{DEPOSITS_DEPLOYER, KeyId};

/// Tokens with a part of their own; all others are ordinary.
const UNINDEXED_TOKEN: usize = 1;
const HUGE_TOKEN: usize = 2;

/// The label of deployments of contracts that all accounts use; they are made as fast as blocks can hold
/// them.
pub(crate) const FOUNDING: &str = "town: deployments";

/// A fungible token that is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) address: Address,
    /// Whether the token's amounts are over 10^38, which a DECIMAL(38,0) cannot hold.
    pub(crate) is_huge: bool,
}

/// The contracts that all accounts use, hot ones first.
#[derive(Debug, Clone)]
pub(crate) struct Town {
    pub(crate) tokens: Vec<Token>,
    /// Tokens that have a pool together, by index.
    pub(crate) pools: Vec<(usize, usize)>,
    pub(crate) collections: Vec<Address>,
    pub(crate) items: Address,
    pub(crate) router: Address,
    pub(crate) vaults: Vec<Address>,
    pub(crate) vault_code: Address,
    pub(crate) factory: Address,
    pub(crate) reverter: Address,
    pub(crate) splitters: Vec<Address>,
    pub(crate) precompiles: Address,
    pub(crate) worker: Address,
    pub(crate) inbox: Address,
    /// What only later rules allow.
    pub(crate) modern: Option<Modern>,
    /// Creation code of a token and of a contract that destroys itself, which people deploy for themselves.
    pub(crate) token_code: Bytes,
    pub(crate) mortal_code: Bytes,
    /// Creation code of what the factories make, without its argument.
    pub(crate) child_code: Bytes,
}

/// Contracts that exist for Cancun and later only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Modern {
    pub(crate) create2: Address,
    pub(crate) multicall: Address,
    pub(crate) wallet: Address,
    pub(crate) deposits: Address,
}

/// Where the deposit contract will be.
pub(crate) fn deposits_address(keys: &[Key]) -> Address {
    keys[DEPOSITS_DEPLOYER].address.create(0)
}

/// Puts contracts on a chain: collects the transactions and knows where each will be.
pub(crate) struct Deployment<'a> {
    compiled: &'a Compiled,
    target: Target,
    deployer: KeyId,
    address: Address,
    nonce: u64,
    drafts: VecDeque<Draft>,
}

impl<'a> Deployment<'a> {
    /// Begins with the deployer's next nonce. The deployer sends nothing else until the drafts are sent.
    pub(crate) fn new(
        compiled: &'a Compiled,
        target: Target,
        keys: &[Key],
        deployer: KeyId,
        nonce: u64,
    ) -> Self {
        let address = keys[deployer].address;
        Self { compiled, target, deployer, address, nonce, drafts: VecDeque::new() }
    }

    /// The transactions, in order.
    pub(crate) fn into_drafts(self) -> VecDeque<Draft> {
        self.drafts
    }

    /// Creation code followed by its arguments.
    pub(crate) fn code(&self, name: &str, arguments: &[u8]) -> Result<Bytes, DevchainError> {
        let mut code = self.compiled.code(name, self.target)?.to_vec();
        code.extend_from_slice(arguments);
        Ok(code.into())
    }

    /// Deploys a contract whose constructor costs about `constructor_gas`.
    pub(crate) fn deploy(
        &mut self,
        name: &str,
        arguments: &[u8],
        constructor_gas: u64,
    ) -> Result<Address, DevchainError> {
        let code = self.code(name, arguments)?;
        Ok(self.deploy_code(code, constructor_gas))
    }

    /// Deploys creation code that is not compiled.
    pub(crate) fn deploy_code(&mut self, code: Bytes, constructor_gas: u64) -> Address {
        self.push(Draft::create(self.deployer, code, constructor_gas));
        self.address.create(self.nonce - 1)
    }

    fn push(&mut self, draft: Draft) {
        self.nonce += 1;
        self.drafts.push_back(Draft { label: FOUNDING, ..draft });
    }

    fn call(&mut self, to: Address, input: Vec<u8>, gas: u64) {
        self.push(Draft::call(self.deployer, to, input, gas));
    }

    /// Deploys the town, with so many tokens.
    pub(crate) fn town(&mut self, keys: &[Key], tokens: usize) -> Result<Town, DevchainError> {
        let tokens = self.tokens(tokens)?;
        let pair_factory = self.deploy("PairFactory", &[], 0)?;
        let router = self.deploy("Router", &pair_factory.abi_encode(), 0)?;
        let pools = self.pools(&tokens, pair_factory, router);
        let vault_code = self.deploy("Vault", &[], 0)?;
        let vault = vault_code.abi_encode();
        let collection = |name: &str, symbol: &str| (name.to_owned(), symbol.to_owned()).abi_encode_params();
        Ok(Town {
            collections: vec![
                self.deploy("Erc721", &collection("Grindstones", "GRIND"), 60_000)?,
                self.deploy("Erc721", &collection("Water Wheels", "WHEEL"), 60_000)?,
            ],
            items: self.deploy("Erc1155", &[], 0)?,
            vaults: vec![
                self.deploy("Proxy", &vault, 25_000)?,
                self.deploy("Proxy", &vault, 25_000)?,
                self.deploy("Proxy", &vault, 25_000)?,
            ],
            factory: self.deploy("Factory", &[], 0)?,
            reverter: self.deploy("Reverter", &[], 0)?,
            splitters: vec![
                self.deploy("Splitter", &[], 0)?,
                self.deploy("Splitter", &[], 0)?,
                self.deploy("Splitter", &[], 0)?,
            ],
            precompiles: self.deploy("Precompiles", &[], 0)?,
            worker: self.deploy("Worker", &[], 0)?,
            inbox: self.deploy("Inbox", &[], 0)?,
            modern: self.modern(keys)?,
            token_code: self.code("Erc20", &[])?,
            mortal_code: self.code("Mortal", &[])?,
            child_code: self.code("Child", &[])?,
            tokens,
            pools,
            router,
            vault_code,
        })
    }

    fn modern(&mut self, keys: &[Key]) -> Result<Option<Modern>, DevchainError> {
        if self.target == Target::Legacy {
            return Ok(None);
        }
        let create2 = self.deploy("Create2Factory", &[], 0)?;
        let multicall = self.deploy("Multicall", &[], 0)?;
        let wallet = self.deploy("BatchWallet", &[], 25_000)?;
        let deposits = Draft::create(DEPOSITS_DEPLOYER, self.code("DepositContract", &[])?, 0);
        self.drafts.push_back(Draft { label: FOUNDING, ..deposits });
        Ok(Some(Modern { create2, multicall, wallet, deposits: deposits_address(keys) }))
    }

    fn tokens(&mut self, count: usize) -> Result<Vec<Token>, DevchainError> {
        /// Three strings' worth of storage, the supply and the deployer's balance.
        const CONSTRUCTOR_GAS: u64 = 180_000;
        let deploy = |at| {
            let address = match at {
                UNINDEXED_TOKEN => self.deploy("UnindexedErc20", &unindexed_token(), CONSTRUCTOR_GAS)?,
                _ => self.deploy("Erc20", &token_arguments(at as u64, supply(at)), CONSTRUCTOR_GAS)?,
            };
            Ok(Token { address, is_huge: at == HUGE_TOKEN })
        };
        (0..count).map(deploy).collect()
    }

    /// A pool of each ordinary token with the first, and some between neighbours.
    fn pools(&mut self, tokens: &[Token], factory: Address, router: Address) -> Vec<(usize, usize)> {
        let pooled: Vec<usize> = (1..tokens.len()).filter(|at| !tokens[*at].is_huge).collect();
        let mut pools: Vec<_> = pooled.iter().map(|at| (0, *at)).collect();
        pools.extend(pooled.windows(2).step_by(3).map(|pair| (pair[0], pair[1])));
        for token in tokens.iter().filter(|token| !token.is_huge) {
            let approve = Erc20::approveCall { spender: router, amount: U256::MAX };
            self.call(token.address, approve.abi_encode(), 46_000);
        }
        for (a, b) in &pools {
            let (token_a, token_b) = (tokens[*a].address, tokens[*b].address);
            let create = PairFactory::createPairCall { tokenA: token_a, tokenB: token_b };
            self.call(factory, create.abi_encode(), 1_400_000);
            let amount = U256::from(10).pow(U256::from(24));
            let (amount_a, amount_b) = (amount, amount * U256::from(*b as u64));
            let add = Router::addLiquidityCall {
                tokenA: token_a,
                tokenB: token_b,
                amountA: amount_a,
                amountB: amount_b,
                to: self.address,
            };
            self.call(router, add.abi_encode(), 260_000);
        }
        pools
    }
}

fn supply(token: usize) -> U256 {
    let power = if token == HUGE_TOKEN { 60 } else { 30 };
    U256::from(10).pow(U256::from(power))
}

/// Constructor arguments of an ERC-20 token, named by its number.
pub(crate) fn token_arguments(number: u64, supply: U256) -> Vec<u8> {
    const NAMES: [(&str, &str); 8] = [
        ("Milled Ether", "mETH"),
        ("Grist", "GRIST"),
        ("Boulder", "BLDR"),
        ("Rye Dollar", "RYED"),
        ("Oat", "OAT"),
        ("Spelt Finance", "SPELT"),
        ("Barley Governance Token", "BGT"),
        ("Chaff", "CHAFF"),
    ];
    let (name, symbol) = NAMES[number as usize % NAMES.len()];
    let series = number / NAMES.len() as u64;
    let suffix = if series == 0 { String::new() } else { format!(" {}", series + 1) };
    let decimals = U256::from([18, 18, 18, 6, 18, 8][number as usize % 6]);
    (format!("{name}{suffix}"), symbol.to_owned(), decimals, supply).abi_encode_params()
}

fn unindexed_token() -> Vec<u8> {
    let text = |text: &[u8]| {
        let mut word = B256::ZERO;
        word[..text.len()].copy_from_slice(text);
        word
    };
    (text(b"Old Millstone"), text(b"OLD"), supply(UNINDEXED_TOKEN)).abi_encode_params()
}

/// The address of a `CREATE2` of creation code followed by one word.
pub(crate) fn create2_address(factory: Address, salt: B256, code: &[u8], argument: U256) -> Address {
    let mut whole = code.to_vec();
    whole.extend_from_slice(&argument.to_be_bytes::<32>());
    factory.create2(salt, keccak256(whole))
}
