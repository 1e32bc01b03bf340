//! The chains known by name, whose genesis blocks are compiled in.
//!
//! A genesis block is packed as gzip of the RLP list `[nonce, timestamp, extraData, gasLimit, difficulty, mixHash, coinbase,
//! accounts]`, with an account as `[address, balance, nonce, code, slots]` and a slot as `[slot, value]`; accounts and slots
//! are sorted. `scripts/python/pack_genesis.py` makes the files out of geth's genesis files.

use std::io::Read;

use alloy::genesis::{Genesis, GenesisAccount};
use alloy::primitives::{Address, B256, Bytes, U256, address, b256};
use alloy_hardforks::{EthereumHardfork, ForkCondition};
use alloy_rlp::RlpDecodable;
use flate2::read::GzDecoder;

use crate::Fork;

/// The chains known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownChain {
    /// Ethereum's main network, chain id 1.
    Mainnet,
    /// Testnet, chain id 11155111.
    Sepolia,
    /// Testnet, chain id 17000.
    Holesky,
    /// Testnet, chain id 560048.
    Hoodi,
}

impl KnownChain {
    /// All known chains, mainnet first.
    pub const ALL: [Self; 4] = [Self::Mainnet, Self::Sepolia, Self::Holesky, Self::Hoodi];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Sepolia => "sepolia",
            Self::Holesky => "holesky",
            Self::Hoodi => "hoodi",
        }
    }

    /// The chain with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == name)
    }

    /// The chain with this genesis hash.
    pub fn by_genesis(hash: B256) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.genesis_hash() == hash)
    }

    /// Its genesis hash, as every client has it.
    pub fn genesis_hash(self) -> B256 {
        match self {
            Self::Mainnet => b256!("d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"),
            Self::Sepolia => b256!("25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9"),
            Self::Holesky => b256!("b5f7f912443c940f21fd611f12828d75b534364ed9e95ca4e307729a4661bde4"),
            Self::Hoodi => b256!("bbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b"),
        }
    }

    pub(crate) fn chain_id(self) -> u64 {
        match self {
            Self::Mainnet => 1,
            Self::Sepolia => 11_155_111,
            Self::Holesky => 17_000,
            Self::Hoodi => 560_048,
        }
    }

    /// The contract whose logs are EIP-6110 deposits.
    pub(crate) fn deposit_contract(self) -> Address {
        match self {
            Self::Mainnet | Self::Hoodi => address!("00000000219ab540356cbb839cbe05303d7705fa"),
            Self::Sepolia => address!("7f02c3e3c98b133055b8b348b2ac625669ed295d"),
            Self::Holesky => address!("4242424242424242424242424242424242424242"),
        }
    }

    /// The published schedule, forks that this build does not execute included.
    pub(crate) fn forks(self) -> Vec<(Fork, ForkCondition)> {
        match self {
            Self::Mainnet => EthereumHardfork::mainnet().to_vec(),
            Self::Sepolia => EthereumHardfork::sepolia().to_vec(),
            Self::Holesky => EthereumHardfork::holesky().to_vec(),
            Self::Hoodi => EthereumHardfork::hoodi().to_vec(),
        }
    }

    /// Its genesis file as it is compiled in: everything but the `config`, which [`ChainSpec::known`](crate::ChainSpec::known)
    /// takes the place of.
    pub fn genesis(self) -> Genesis {
        const PACKED_BY_US: &str = "the genesis is packed as this module's tests unpack it";
        let mut rlp = Vec::new();
        GzDecoder::new(self.packed_genesis()).read_to_end(&mut rlp).expect(PACKED_BY_US);
        let packed: PackedGenesis = alloy_rlp::decode_exact(&rlp).expect(PACKED_BY_US);
        packed.into()
    }

    fn packed_genesis(self) -> &'static [u8] {
        match self {
            Self::Mainnet => include_bytes!("../genesis/mainnet.rlp.gz"),
            Self::Sepolia => include_bytes!("../genesis/sepolia.rlp.gz"),
            Self::Holesky => include_bytes!("../genesis/holesky.rlp.gz"),
            Self::Hoodi => include_bytes!("../genesis/hoodi.rlp.gz"),
        }
    }
}

#[derive(RlpDecodable)]
struct PackedGenesis {
    nonce: u64,
    timestamp: u64,
    extra_data: Bytes,
    gas_limit: u64,
    difficulty: U256,
    mix_hash: B256,
    coinbase: Address,
    accounts: Vec<PackedAccount>,
}

#[derive(RlpDecodable)]
struct PackedAccount {
    address: Address,
    balance: U256,
    nonce: u64,
    code: Bytes,
    slots: Vec<PackedSlot>,
}

#[derive(RlpDecodable)]
struct PackedSlot {
    slot: U256,
    value: U256,
}

impl From<PackedGenesis> for Genesis {
    fn from(packed: PackedGenesis) -> Self {
        Self {
            nonce: packed.nonce,
            timestamp: packed.timestamp,
            extra_data: packed.extra_data,
            gas_limit: packed.gas_limit,
            difficulty: packed.difficulty,
            mix_hash: packed.mix_hash,
            coinbase: packed.coinbase,
            alloc: packed.accounts.into_iter().map(|account| (account.address, account.into())).collect(),
            ..Self::default()
        }
    }
}

impl From<PackedAccount> for GenesisAccount {
    fn from(packed: PackedAccount) -> Self {
        let slots = packed.slots.into_iter().map(|PackedSlot { slot, value }| (slot.into(), value.into()));
        Self {
            nonce: Some(packed.nonce),
            balance: packed.balance,
            code: Some(packed.code),
            storage: Some(slots.collect()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy_trie::root::state_root_ref_unhashed;

    use super::*;
    use crate::{ChainSpec, GenesisBlock};

    #[test]
    fn every_packed_genesis_has_the_state_root_and_the_hash_that_every_client_has() {
        let state_root = |chain| match chain {
            KnownChain::Mainnet => b256!("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"),
            KnownChain::Sepolia => b256!("5eb6e371a698b8d68f665192350ffcecbbbf322916f4b51bd79bb6887da3f494"),
            KnownChain::Holesky => b256!("69d8c9d72f6fa4ad42d4702b433707212f90db395eb54dc20bc85de253788783"),
            KnownChain::Hoodi => b256!("da87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576"),
        };
        for chain in KnownChain::ALL {
            let genesis = chain.genesis();
            let computed = state_root_ref_unhashed(&genesis.alloc);
            assert_eq!(computed, state_root(chain), "{}", chain.name());
            let block = GenesisBlock::new(&genesis, &ChainSpec::known(chain));
            assert_eq!(block.header(computed).hash_slow(), chain.genesis_hash(), "{}", chain.name());
        }
    }

    #[test]
    fn a_packed_account_keeps_its_nonce_code_and_slots() {
        let accounts = KnownChain::Hoodi.genesis().alloc;
        let requests = &accounts[&address!("00000961ef480eb55e80d19ad83579a64c007002")];
        let code_bytes = requests.code.as_ref().map(|code| code.len());
        assert_eq!((requests.nonce, code_bytes), (Some(1), Some(504)));
        assert_eq!(requests.storage, Some([(B256::ZERO, B256::repeat_byte(0xff))].into()));
    }
}
