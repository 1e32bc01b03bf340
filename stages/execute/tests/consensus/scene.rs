//! Single blocks on a state made by hand, under the rules of a chosen fork.

use alloy::consensus::{EMPTY_OMMER_ROOT_HASH, Header, SignableTransaction, Signed, TxLegacy};
use alloy::eips::eip4895::Withdrawals;
use alloy::eips::{eip7002, eip7251, eip8282};
use alloy::genesis::{ChainConfig, Genesis};
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use blockmill_chain::{
    Account, Block, ChainSpec, Fork, GenesisAccount, RecoveredBlock, StateReader, Transaction, Witness,
    WitnessReads,
};
use blockmill_execute::{
    BlockResults, BlockState, CodeCache, ExecuteError, Executed, ExecutedBlock, NoObserver, SliceExecutor,
    SliceInput, TransactionRoots, execute_block,
};
use blockmill_testkit::state_map::MapState;
use blockmill_trace::WitnessState;
use blockmill_trie::StateTrie;

use crate::tables::{Tables, changed, gains};

/// The sender of the transactions, at a gas price of 1,000 wei where the base fee is 7.
pub(crate) const SENDER: Address = Address::repeat_byte(0xaa);
/// Where the fees go.
pub(crate) const COINBASE: Address = Address::repeat_byte(0xcb);
pub(crate) const GAS_PRICE: u64 = 1_000;
pub(crate) const BASE_FEE: u64 = 7;

/// A state, and the rules that a block is executed by on it.
pub(crate) struct Scene {
    pub(crate) spec: ChainSpec,
    fork: Fork,
    pub(crate) gas_limit: u64,
    pub(crate) accounts: Vec<GenesisAccount>,
}

/// A block that was executed, and that its witness replays.
pub(crate) struct Played {
    pub(crate) executed: Executed,
    pub(crate) block: ExecutedBlock,
    recovered: RecoveredBlock,
    before: MapState,
}

impl Scene {
    /// A scene with a rich sender, and the request contracts that the fork calls.
    pub(crate) fn new(fork: Fork) -> Self {
        let mut scene = Self::bare(fork);
        let contracts = [
            (
                Fork::Prague,
                eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
                &eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE,
            ),
            (
                Fork::Prague,
                eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
                &eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE,
            ),
            (
                Fork::Amsterdam,
                eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS,
                &eip8282::BUILDER_DEPOSIT_CONTRACT_CODE,
            ),
            (Fork::Amsterdam, eip8282::BUILDER_EXIT_CONTRACT_ADDRESS, &eip8282::BUILDER_EXIT_CONTRACT_CODE),
        ];
        for (since, address, code) in contracts {
            if fork >= since {
                scene = scene.with(address, 1, 0, code, &[]);
            }
        }
        scene
    }

    /// A scene with a rich sender, without any contract.
    pub(crate) fn bare(fork: Fork) -> Self {
        let genesis = Genesis { config: config(fork), ..Genesis::default() };
        let spec = ChainSpec::custom(&genesis).unwrap();
        Self { spec, fork, gas_limit: 60_000_000, accounts: Vec::new() }.with(SENDER, 0, u64::MAX, &[], &[])
    }

    pub(crate) fn with(
        mut self,
        address: Address,
        nonce: u64,
        balance: u64,
        code: &[u8],
        storage: &[(u64, u64)],
    ) -> Self {
        let code = Bytes::copy_from_slice(code);
        let account = Account { nonce, balance: U256::from(balance), code_hash: keccak256(&code) };
        let storage = storage.iter().map(|&(slot, value)| (U256::from(slot), U256::from(value))).collect();
        self.accounts.push(GenesisAccount { address, account, code, storage });
        self.accounts.sort_unstable_by_key(|account| account.address);
        self
    }

    /// Executes a block with these transactions of the sender.
    pub(crate) fn play(&self, transactions: &[TxLegacy]) -> Result<Played, ExecuteError> {
        self.play_all(transactions.iter().map(|transaction| signed(transaction.clone())).collect())
    }

    /// Executes a block with transactions of any type.
    pub(crate) fn play_all(&self, transactions: Vec<Transaction>) -> Result<Played, ExecuteError> {
        let before = MapState::new(&self.accounts);
        let mut block = self.block(transactions);
        let codes = CodeCache::new(1 << 20);
        let delegations = self.spec.is_prague(block.header().timestamp);
        let mut state = BlockState::new(&before, &codes, delegations);
        let executed = execute_block(&self.spec, &block, &mut state, &mut NoObserver {}, |_| Ok(()))?;
        let mut slice = SliceExecutor::new(&self.spec, &codes, &before);
        BlockResults::new(&self.spec, &block, &executed, &self.roots(&before, &block))
            .write_to(&mut block.block.header);
        let mut trie = StateTrie::new(1 << 16);
        let roots = TransactionRoots::Computed { trie: &mut trie, expected: &[] };
        let input = SliceInput { block: &block, total_difficulty: None, roots, access_list: None };
        let played = slice.execute(input)?;
        let reader = WitnessState::new(&played.reads, &before);
        let mut replayed = BlockState::new(reader, &codes, delegations);
        execute_block(&self.spec, &block, &mut replayed, &mut NoObserver {}, |_| Ok(()))?;
        assert_eq!(replayed.changes(), played.changes, "the witness replays to something else");
        Ok(Played { executed, block: played, recovered: block, before })
    }

    /// The state roots after each transaction, which receipts hold before Byzantium.
    fn roots(&self, before: &MapState, block: &RecoveredBlock) -> Vec<B256> {
        if self.spec.is_byzantium(1) {
            return Vec::new();
        }
        let codes = CodeCache::new(1 << 20);
        let mut state = BlockState::new(before, &codes, false);
        state.record_latest_changes();
        let (mut trie, mut roots) = (StateTrie::new(1 << 16), Vec::new());
        execute_block(&self.spec, block, &mut state, &mut NoObserver {}, |state| {
            roots.push(trie.apply(before, &state.take_latest_changes()).unwrap());
            Ok(())
        })
        .unwrap();
        roots
    }

    fn block(&self, transactions: Vec<Transaction>) -> RecoveredBlock {
        let since = |fork| self.fork >= fork;
        let header = Header {
            number: 1,
            timestamp: 12,
            beneficiary: COINBASE,
            gas_limit: self.gas_limit,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            difficulty: if since(Fork::Paris) { U256::ZERO } else { U256::from(131_072) },
            base_fee_per_gas: since(Fork::London).then_some(BASE_FEE),
            withdrawals_root: since(Fork::Shanghai).then_some(B256::ZERO),
            blob_gas_used: since(Fork::Cancun).then_some(0),
            excess_blob_gas: since(Fork::Cancun).then_some(0),
            parent_beacon_block_root: since(Fork::Cancun).then_some(B256::ZERO),
            requests_hash: since(Fork::Prague).then_some(B256::ZERO),
            block_access_list_hash: since(Fork::Amsterdam).then_some(B256::ZERO),
            slot_number: since(Fork::Amsterdam).then_some(77),
            ..Header::default()
        };
        let mut block = Block { header, body: Default::default() };
        block.body.withdrawals = since(Fork::Shanghai).then(Withdrawals::default);
        let senders = vec![SENDER; transactions.len()];
        block.body.transactions = transactions;
        RecoveredBlock { hash: B256::ZERO, block, senders }
    }
}

impl Played {
    pub(crate) fn reads(&self) -> &WitnessReads {
        &self.block.reads
    }

    /// An account after the block.
    pub(crate) fn account(&self, address: Address) -> Option<Account> {
        let changed = self.block.changes.accounts.get(&address);
        changed.copied().unwrap_or_else(|| self.before.account(address).unwrap())
    }

    /// Its tables hold what it changed, and ether that moved accounts for its balances. The tables.
    pub(crate) fn assert_tables_agree(&self, spec: &ChainSpec) -> Tables {
        let witness = Witness { block: self.recovered.clone(), reads: self.block.reads.clone() };
        let tables = Tables::of(spec, &witness, &CodeCache::new(1 << 20), &self.before);
        let diffs = tables.diffs();
        assert_eq!(diffs, changed(&self.before, &self.block.changes));
        assert_eq!(tables.gains(&witness), gains(&diffs));
        tables
    }

    /// A slot after the block.
    pub(crate) fn slot(&self, address: Address, slot: u64) -> U256 {
        let slot = U256::from(slot);
        let changed = self.block.changes.storage.get(&address).and_then(|storage| storage.slots.get(&slot));
        changed.copied().unwrap_or_else(|| self.before.storage(address, slot).unwrap())
    }

    /// Whether each transaction succeeded.
    pub(crate) fn statuses(&self) -> Vec<bool> {
        self.executed.receipts.iter().map(|receipt| receipt.is_success()).collect()
    }
}

/// A transaction with a signature that is not checked.
pub(crate) fn signed<T: SignableTransaction<Signature>>(transaction: T) -> Transaction
where
    Signed<T>: Into<Transaction>,
{
    transaction.into_signed(Signature::new(U256::ONE, U256::ONE, false)).into()
}

/// A transaction of the sender; nonces are up to the caller.
pub(crate) fn transaction(nonce: u64, to: TxKind, input: &[u8], value: u64, gas_limit: u64) -> TxLegacy {
    TxLegacy {
        chain_id: None,
        nonce,
        gas_price: GAS_PRICE.into(),
        gas_limit,
        to,
        value: U256::from(value),
        input: Bytes::copy_from_slice(input),
    }
}

/// All forks up to and with `last` from genesis on.
fn config(last: Fork) -> ChainConfig {
    let block = |fork| (last >= fork).then_some(0);
    ChainConfig {
        chain_id: 1,
        homestead_block: block(Fork::Homestead),
        eip150_block: block(Fork::Tangerine),
        eip155_block: block(Fork::SpuriousDragon),
        eip158_block: block(Fork::SpuriousDragon),
        byzantium_block: block(Fork::Byzantium),
        constantinople_block: block(Fork::Constantinople),
        petersburg_block: block(Fork::Petersburg),
        istanbul_block: block(Fork::Istanbul),
        berlin_block: block(Fork::Berlin),
        london_block: block(Fork::London),
        terminal_total_difficulty: (last >= Fork::Paris).then_some(U256::ZERO),
        shanghai_time: block(Fork::Shanghai),
        cancun_time: block(Fork::Cancun),
        prague_time: block(Fork::Prague),
        osaka_time: block(Fork::Osaka),
        bpo1_time: block(Fork::Bpo1),
        bpo2_time: block(Fork::Bpo2),
        amsterdam_time: block(Fork::Amsterdam),
        ..ChainConfig::default()
    }
}
