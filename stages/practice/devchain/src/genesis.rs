//! The genesis file: forks, system contracts, and accounts with ether.

use std::collections::BTreeMap;

use alloy::eips::{eip2935, eip4788, eip7002, eip7251, eip8282};
use alloy::genesis::{ChainConfig, Genesis, GenesisAccount};
use alloy::primitives::{Address, B256, Bytes, U256, address, bytes};
use alloy_evm::eth::dao_fork::DAO_HARDFORK_ACCOUNTS;
use blockmill_chain::{ChainSpec, Fork, ForkError, GenesisBlock};

use crate::forks::ForkPlan;
use crate::keys::Key;
use crate::request::Request;
use crate::schedule::Schedule;

/// EIP-155 id of every chain made here; no public chain has it.
pub(crate) const CHAIN_ID: u64 = 45_324;

/// The time of the genesis block: 2024-01-01 00:00 UTC.
const TIMESTAMP: u64 = 1_704_067_200;

/// The least that a block can have.
const DIFFICULTY: u64 = 131_072;

/// The deployer that Amsterdam asks for ([EIP-7997](https://eips.ethereum.org/EIPS/eip-7997)).
const CREATE2_FACTORY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
static CREATE2_FACTORY_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe036016000816020"
    "82378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Each key holder starts with a million ether.
const ETHER_PER_KEY: u64 = 1_000_000;

/// A genesis file and what follows from it.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) genesis: Genesis,
    pub(crate) spec: ChainSpec,
    pub(crate) schedule: Schedule,
}

impl Start {
    /// Puts the chain of a request on its way. `deposits`: where the deposit contract will be.
    pub(crate) fn new(request: &Request, keys: &[Key], deposits: Address) -> Result<Self, ForkError> {
        let forks = &request.forks.reached_by(request.blocks);
        let merge = forks.block(Fork::Paris);
        let mut genesis = Genesis {
            config: ChainConfig { chain_id: CHAIN_ID, ..ChainConfig::default() },
            timestamp: TIMESTAMP,
            extra_data: Bytes::from_static(b"blockmill devchain"),
            gas_limit: request.gas_limit(0),
            difficulty: if merge == Some(0) { U256::ZERO } else { U256::from(DIFFICULTY) },
            alloc: alloc(forks, keys),
            ..Genesis::default()
        };
        forks.set_blocks(&mut genesis.config);
        let schedule = Schedule::new(request.seed, TIMESTAMP, merge);
        set_later_forks(&mut genesis, forks, &schedule)?;
        if forks.block(Fork::Prague).is_some() {
            genesis.config.deposit_contract_address = Some(deposits);
        }
        let spec = ChainSpec::custom(&genesis)?;
        Ok(Self { genesis, spec, schedule })
    }
}

/// The merge and the forks after it, which go by difficulty and by time.
fn set_later_forks(genesis: &mut Genesis, forks: &ForkPlan, schedule: &Schedule) -> Result<(), ForkError> {
    let spec = ChainSpec::custom(genesis)?;
    let header = GenesisBlock::new(genesis, &spec).header(Default::default());
    let blocks: Vec<u64> = forks.steps().map(|(_, block)| block).collect();
    let forecast = schedule.clone().forecast(&spec, &header, &blocks);
    let config = &mut genesis.config;
    match forks.block(Fork::Paris) {
        None => {}
        Some(0) => {
            config.terminal_total_difficulty = Some(U256::ZERO);
            config.terminal_total_difficulty_passed = true;
        }
        Some(_) => config.terminal_total_difficulty = Some(forecast.terminal_total_difficulty),
    }
    // What holds from genesis holds always.
    forks.set_times(config, |block| if block == 0 { 0 } else { forecast.time_of(block) });
    genesis.config.blob_schedule = ChainSpec::custom(genesis)?.public_blob_schedule();
    Ok(())
}

fn alloc(forks: &ForkPlan, keys: &[Key]) -> BTreeMap<Address, GenesisAccount> {
    let ether = U256::from(10).pow(U256::from(18));
    let with = |balance| GenesisAccount { balance, ..GenesisAccount::default() };
    let mut alloc: BTreeMap<_, _> =
        keys.iter().map(|key| (key.address, with(U256::from(ETHER_PER_KEY) * ether))).collect();
    if forks.block(Fork::Dao).is_some() {
        // Something for the fork to move; what it does not find it leaves alone.
        let some = DAO_HARDFORK_ACCOUNTS.iter().step_by(7);
        alloc.extend(some.zip(1..).map(|(address, tens)| (*address, with(U256::from(10 * tens) * ether))));
    }
    alloc.extend(system_contracts(forks));
    alloc
}

/// The contracts that later forks call, as they stand on the public chains.
fn system_contracts(forks: &ForkPlan) -> impl Iterator<Item = (Address, GenesisAccount)> {
    let contract = |code: &Bytes| GenesisAccount {
        nonce: Some(1),
        code: Some(code.clone()),
        ..GenesisAccount::default()
    };
    // What their constructors leave in slot 0: until the fork's first system call no request is taken.
    let closed =
        |account| GenesisAccount { storage: Some([(B256::ZERO, B256::repeat_byte(0xff))].into()), ..account };
    let all = [
        (Fork::Cancun, eip4788::BEACON_ROOTS_ADDRESS, contract(&eip4788::BEACON_ROOTS_CODE)),
        (Fork::Prague, eip2935::HISTORY_STORAGE_ADDRESS, contract(&eip2935::HISTORY_STORAGE_CODE)),
        (
            Fork::Prague,
            eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
            closed(contract(&eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE)),
        ),
        (
            Fork::Prague,
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
            closed(contract(&eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE)),
        ),
        (
            Fork::Amsterdam,
            eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS,
            closed(contract(&eip8282::BUILDER_DEPOSIT_CONTRACT_CODE)),
        ),
        (
            Fork::Amsterdam,
            eip8282::BUILDER_EXIT_CONTRACT_ADDRESS,
            closed(contract(&eip8282::BUILDER_EXIT_CONTRACT_CODE)),
        ),
        (Fork::Amsterdam, CREATE2_FACTORY, contract(&CREATE2_FACTORY_CODE)),
    ];
    let wanted = all.map(|(fork, address, account)| forks.block(fork).map(|_| (address, account)));
    wanted.into_iter().flatten()
}
