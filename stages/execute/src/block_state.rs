//! The state as one block sees it: reads go down once, writes stay here.
//!
//! Because it keeps the value from before the block beside the present one, the same structure is the EVM's cache, the
//! record of what the block read (the witness) and the list of what it changed. It lives for one block only: a record
//! kept beneath a cache that spans blocks would miss reads.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use alloy::consensus::constants::KECCAK_EMPTY;
use alloy::eips::eip7928::BlockAccessList;
use alloy::primitives::map::{AddressMap, B256Map, U256Map, hash_map::Entry};
use alloy::primitives::{Address, B256, Bytes, U256};
use blockmill_chain::{Account, AccountWitness, BlockChanges, CodeSource, StateReader, StorageChanges};
use revm::bytecode::Bytecode;
use revm::database_interface::DBErrorMarker;
use revm::state::{Account as EvmAccount, AccountInfo};
use revm::{Database, DatabaseCommit};

use crate::access_list::AccessListBuilder;
use crate::accesses::{AccountAccess, Before, BlockPart, CommittedAs, EtherMove, sorted};
use crate::account_state::{AccountState, SlotState};
use crate::bytecode::CodeCache;
use crate::error::{Read, ReadError};
use crate::evm::BlockDatabase;
use crate::touched::Touched;

/// The state under one block.
pub struct BlockState<'a, R> {
    reader: R,
    codes: &'a CodeCache,
    /// Whether code that looks like an EIP-7702 delegation is one.
    delegations: bool,
    accounts: AddressMap<AccountState>,
    created_code: B256Map<Bytecode>,
    block_hashes: Vec<(u64, B256)>,
    /// What commits touched since it was last asked for, where it is wanted.
    touched: Option<Touched>,
    /// What each part of the block read and changed, where it is wanted.
    parts: Option<Vec<BlockPart>>,
    /// What the system call moved that is to be committed next.
    moves: Vec<EtherMove>,
    /// What the block accesses and changes, where its header commits to it.
    access_list: Option<AccessListBuilder>,
    /// The read that failed; the EVM only learns that one did.
    failure: FailureSlot,
}

/// The reason of a failed read, shared with the code that started the EVM.
pub(crate) type FailureSlot = Rc<Cell<Option<ReadError>>>;

/// A read under the EVM failed; the reason is in the error of [`execute_block`](crate::execute_block).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reading state failed")]
pub struct ReadFailed;

impl DBErrorMarker for ReadFailed {}

/// What a block read, sorted: the state part of its witness.
pub(crate) struct BlockReads {
    pub(crate) accounts: Vec<AccountWitness>,
    pub(crate) creation_checks: Vec<(Address, bool)>,
    pub(crate) block_hashes: Vec<(u64, B256)>,
}

impl<'a, R: StateReader> BlockState<'a, R> {
    /// An empty view on `reader`. `delegations`: whether Prague is active.
    pub fn new(reader: R, codes: &'a CodeCache, delegations: bool) -> Self {
        Self {
            reader,
            codes,
            delegations,
            accounts: AddressMap::default(),
            created_code: B256Map::default(),
            block_hashes: Vec::new(),
            touched: None,
            parts: None,
            moves: Vec::new(),
            access_list: None,
            failure: FailureSlot::default(),
        }
    }

    /// Keeps a record for [`take_latest_changes`](Self::take_latest_changes) from now on.
    pub fn record_latest_changes(&mut self) {
        self.touched = Some(Touched::default());
    }

    /// What changed since this was last called. A slot that is back at its value from before the block is there too, as
    /// is an account: an earlier answer may have held something else.
    pub fn take_latest_changes(&mut self) -> BlockChanges {
        let mut changes = BlockChanges::default();
        for (address, touched) in self.touched.replace(Touched::default()).unwrap_or_default().0 {
            let Some(account) = self.accounts.get(&address) else { continue };
            changes.accounts.insert(address, account.now);
            let now = |slot: &U256| account.slots.get(slot).map_or(U256::ZERO, |state| state.now);
            let slots: U256Map<_> = touched.slots.iter().map(|slot| (*slot, now(slot))).collect();
            if touched.wiped || !slots.is_empty() {
                changes.storage.insert(address, StorageChanges { wiped: touched.wiped, slots });
            }
        }
        changes
    }

    /// Keeps what each part of the block reads and changes for [`take_parts`](Self::take_parts).
    pub fn record_parts(&mut self) {
        self.parts = Some(Vec::new());
    }

    /// The parts of the block so far; none where they are not recorded.
    pub fn take_parts(&mut self) -> Vec<BlockPart> {
        self.parts.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Records what the block accesses for [`take_access_list`](Self::take_access_list), at index 0 to begin with.
    pub(crate) fn record_access_list(&mut self) {
        self.access_list = Some(AccessListBuilder::default());
    }

    /// The next transaction, or what follows the last one, begins.
    pub(crate) fn next_access_index(&mut self) {
        if let Some(list) = &mut self.access_list {
            list.index.increment();
        }
    }

    /// The block access list, where it was recorded.
    pub(crate) fn take_access_list(&mut self) -> Option<BlockAccessList> {
        self.access_list.take().map(AccessListBuilder::finish)
    }

    /// Whether what the state below does not have does not exist.
    pub(crate) fn is_whole(&self) -> bool {
        self.reader.is_whole()
    }

    /// The last commit was that of a transaction.
    pub(crate) fn transaction_committed(&mut self, index: usize) {
        if let Some(part) = self.parts.as_mut().and_then(|parts| parts.last_mut()) {
            part.transaction = Some(index as u32);
        }
    }

    /// Where to find out why the EVM was told that a read failed, also while it holds the state.
    pub(crate) fn failure(&self) -> FailureSlot {
        self.failure.clone()
    }

    fn keep_failure<T>(&mut self, result: Result<T, ReadError>) -> Result<T, ReadFailed> {
        result.map_err(|error| {
            self.failure.set(Some(error));
            ReadFailed
        })
    }

    /// Sets a balance outside of the EVM and returns the old one; the account exists from then on.
    pub(crate) fn set_balance(
        &mut self,
        address: Address,
        new: impl FnOnce(U256) -> U256,
    ) -> Result<U256, ReadError> {
        let now = &mut self.load(address)?.now;
        let before = *now;
        let account = now.get_or_insert_default();
        let old = account.balance;
        account.balance = new(old);
        let after = Some(*account);
        if let Some(touched) = &mut self.touched {
            touched.add(address);
        }
        if let Some(parts) = &mut self.parts {
            parts.push(BlockPart {
                transaction: None,
                accounts: vec![AccountAccess::of_balance(address, before, after)],
                moves: Vec::new(),
            });
        }
        Ok(old)
    }

    /// What the block changed.
    pub fn changes(&self) -> BlockChanges {
        let mut changes = BlockChanges::default();
        for (&address, account) in &self.accounts {
            if account.now != account.before {
                changes.accounts.insert(address, account.now);
            }
            if let Some(storage) = account.storage_changes() {
                changes.storage.insert(address, storage);
            }
        }
        changes.code = self.created_code.iter().map(|(hash, code)| (*hash, code.original_bytes())).collect();
        changes
    }

    /// What the block read. Slots of a destroyed account that were not read are in no read set; they are
    /// added here, because what follows from a witness (diffs, change sets) needs their old values.
    pub(crate) fn reads(&self) -> Result<BlockReads, ReadError> {
        let mut accounts = self
            .accounts
            .iter()
            .map(|(a, state)| self.witness_of(*a, state))
            .collect::<Result<Vec<_>, _>>()?;
        accounts.sort_unstable_by_key(|account| account.address);
        let checked = self.accounts.iter().filter_map(|(a, state)| Some((*a, state.had_storage?)));
        let mut creation_checks: Vec<_> = checked.collect();
        creation_checks.sort_unstable();
        let mut block_hashes = self.block_hashes.clone();
        block_hashes.sort_unstable();
        block_hashes.dedup();
        Ok(BlockReads { accounts, creation_checks, block_hashes })
    }

    fn witness_of(&self, address: Address, state: &AccountState) -> Result<AccountWitness, ReadError> {
        let mut storage: Vec<_> =
            state.slots.iter().filter_map(|(slot, s)| Some((*slot, s.before?))).collect();
        if state.wiped && state.before.is_some() {
            let all = self.reader.storage_of(address).map_err(|e| failed(Read::Storage(address), e))?;
            let unread =
                all.into_iter().filter(|(slot, _)| state.slots.get(slot).is_none_or(|s| s.before.is_none()));
            storage.extend(unread.collect::<Vec<_>>());
        }
        storage.sort_unstable();
        Ok(AccountWitness { address, account: state.before, storage })
    }

    fn load(&mut self, address: Address) -> Result<&mut AccountState, ReadError> {
        match self.accounts.entry(address) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let before = self.reader.account(address).map_err(|e| failed(Read::Account(address), e))?;
                Ok(entry.insert(AccountState { before, now: before, ..AccountState::default() }))
            }
        }
    }

    /// Whether an account that has no code has storage. What it held before the block is asked for once, and only of an
    /// account that existed and is not made anew: any other has none.
    fn load_has_storage(&mut self, address: Address) -> Result<bool, ReadError> {
        let state = self.load(address)?;
        if state.slots.values().any(|slot| !slot.now.is_zero()) {
            return Ok(true);
        }
        if state.wiped || state.before.is_none() {
            return Ok(false);
        }
        if let Some(had_storage) = state.had_storage {
            return Ok(had_storage);
        }
        let had_storage =
            self.reader.has_storage(address).map_err(|e| failed(Read::HasStorage(address), e))?;
        self.load(address)?.had_storage = Some(had_storage);
        Ok(had_storage)
    }

    fn load_slot(&mut self, address: Address, slot: U256) -> Result<U256, ReadError> {
        self.load(address)?;
        let account = self.accounts.entry(address).or_default();
        match account.slots.entry(slot) {
            Entry::Occupied(entry) => Ok(entry.get().now),
            Entry::Vacant(_) if account.wiped || account.before.is_none() => Ok(U256::ZERO),
            Entry::Vacant(entry) => {
                let value =
                    self.reader.storage(address, slot).map_err(|e| failed(Read::Slot(address, slot), e))?;
                Ok(entry.insert(SlotState { before: Some(value), now: value }).now)
            }
        }
    }

    /// What an account and the slots that a commit is about are before it.
    fn before(&self, address: Address, committed: &EvmAccount) -> Result<Before, ReadError> {
        let known = self.accounts.get(&address);
        let now =
            |slot: &U256| known.and_then(|state| state.slots.get(slot)).map_or(U256::ZERO, |slot| slot.now);
        let mut slots: U256Map<_> = committed.storage.keys().map(|slot| (*slot, (now(slot), true))).collect();
        let removed = committed.is_touched() && (committed.is_selfdestructed() || committed.is_empty());
        if let Some(state) = known.filter(|state| removed && state.now.is_some()) {
            let unseen = |(slot, value): (U256, U256)| (slot, (value, false));
            for (slot, value) in self.storage_now(address, state)?.into_iter().map(unseen) {
                slots.entry(slot).or_insert(value);
            }
        }
        Ok(Before { account: known.and_then(|state| state.now), slots })
    }

    /// The slots of an account that hold something.
    fn storage_now(&self, address: Address, state: &AccountState) -> Result<U256Map<U256>, ReadError> {
        let mut storage: U256Map<U256> = U256Map::default();
        if !state.wiped && state.before.is_some() {
            storage.extend(self.reader.storage_of(address).map_err(|e| failed(Read::Storage(address), e))?);
        }
        storage.extend(state.slots.iter().map(|(slot, state)| (*slot, state.now)));
        storage.retain(|_, value| !value.is_zero());
        Ok(storage)
    }

    /// Takes over a part of the block, and notes what it did.
    fn commit_part(&mut self, changes: AddressMap<EvmAccount>) -> BlockPart {
        let mut accounts = Vec::with_capacity(changes.len());
        for (address, account) in sorted(changes) {
            let committed = CommittedAs::of(&account);
            match self.before(address, &account) {
                Ok(before) => {
                    self.commit_account(address, account);
                    let state = self.accounts.get(&address);
                    let now =
                        |slot| state.and_then(|s| s.slots.get(&slot)).map_or(U256::ZERO, |slot| slot.now);
                    accounts.push(before.access(address, &committed, state.and_then(|state| state.now), now));
                }
                Err(error) => self.failure.set(Some(error)),
            }
        }
        BlockPart { transaction: None, accounts, moves: std::mem::take(&mut self.moves) }
    }

    /// Takes over what a transaction or system call did to one account (EIP-161 is settled by the journal: it lets an
    /// empty touched account through only where it is to be removed).
    fn commit_account(&mut self, address: Address, account: EvmAccount) {
        if !account.is_touched() {
            return;
        }
        let state = self.accounts.entry(address).or_default();
        if account.is_selfdestructed() {
            return state.destroy();
        }
        if account.is_created() {
            state.wipe();
        } else if account.is_empty() {
            return state.destroy();
        }
        if let Some(code) = account.info.code.filter(|_| account.info.code_hash != KECCAK_EMPTY) {
            let known = state.now.is_some_and(|now| now.code_hash == account.info.code_hash);
            if !known {
                self.created_code.insert(account.info.code_hash, code);
            }
        }
        state.now = Some(Account {
            nonce: account.info.nonce,
            balance: account.info.balance,
            code_hash: account.info.code_hash,
        });
        state.write(account.storage);
    }
}

impl<R: StateReader + CodeSource> BlockState<'_, R> {
    /// Code that an account of the block has or had.
    pub fn code(&self, hash: B256) -> Result<Bytes, ReadError> {
        match self.created_code.get(&hash) {
            Some(code) => Ok(code.original_bytes()),
            None => Ok(self.codes.get(hash, &self.reader, self.delegations)?.original_bytes()),
        }
    }
}

impl<R: StateReader + CodeSource> Database for BlockState<'_, R> {
    type Error = ReadFailed;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, ReadFailed> {
        let now = self.load(address).map(|account| account.now);
        let info = |account: Account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            // Fetched by hash when it is run.
            code: None,
        };
        self.keep_failure(now).map(|now| now.map(info))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, ReadFailed> {
        if let Some(code) = self.created_code.get(&hash) {
            return Ok(code.clone());
        }
        let code = self.codes.get(hash, &self.reader, self.delegations);
        self.keep_failure(code)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, ReadFailed> {
        let value = self.load_slot(address, slot);
        self.keep_failure(value)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, ReadFailed> {
        let hash = self.reader.block_hash(number).map_err(|e| failed(Read::BlockHash(number), e));
        let hash = self.keep_failure(hash)?;
        self.block_hashes.push((number, hash));
        Ok(hash)
    }
}

impl<R: StateReader + CodeSource> BlockDatabase for &mut BlockState<'_, R> {
    fn has_storage(&mut self, address: Address) -> Result<bool, ReadFailed> {
        let has_storage = self.load_has_storage(address);
        self.keep_failure(has_storage)
    }

    fn system_call_moved(&mut self, moved: EtherMove) {
        if self.parts.is_some() {
            self.moves.push(moved);
        }
    }
}

impl<R: StateReader> DatabaseCommit for BlockState<'_, R> {
    fn commit(&mut self, changes: AddressMap<EvmAccount>) {
        if let Some(list) = &mut self.access_list {
            list.add(&changes);
        }
        if let Some(touched) = &mut self.touched {
            changes.iter().for_each(|(address, account)| touched.add_committed(*address, account));
        }
        if self.parts.is_some() {
            let part = self.commit_part(changes);
            self.parts.get_or_insert_default().push(part);
        } else {
            changes.into_iter().for_each(|(address, account)| self.commit_account(address, account));
        }
    }
}

impl<R> fmt::Debug for BlockState<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockState").field("accounts", &self.accounts.len()).finish_non_exhaustive()
    }
}

fn failed(what: Read, source: impl std::error::Error + Send + Sync + 'static) -> ReadError {
    ReadError::Source { what, source: Box::new(source) }
}
