//! Blocks: reading them by number and by hash, and putting them into a batch.

use alloy::consensus::Header;
use alloy::eips::eip7928::BlockAccessList;
use alloy::primitives::{Address, B256, U256};
use blockmill_chain::{Block, BlockRange, RecoveredBlock};

use crate::codec::{BlockMeta, decode_rlp, decode_senders, decode_u64, encode_senders};
use crate::keys::BlockKey;
use crate::options::{read_between, read_whole_family};
use crate::{Batch, Family, RowError, RowId, Store, StoreError};

/// A block as the source stage found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    /// Header, body, hash and verified senders.
    pub block: RecoveredBlock,
    /// Total difficulty up to and with this block, where the source says it or it could be summed.
    pub total_difficulty: Option<U256>,
    /// Before Byzantium, from a source that carries receipts: the state root after each transaction. Empty otherwise.
    pub transaction_roots: Vec<B256>,
}

impl AsRef<RecoveredBlock> for StoredBlock {
    fn as_ref(&self) -> &RecoveredBlock {
        &self.block
    }
}

impl Store {
    /// The block with this number, or `None` where it is not stored.
    pub fn block(&self, number: u64) -> Result<Option<StoredBlock>, StoreError> {
        let Some(meta) = self.block_meta(number)? else { return Ok(None) };
        let header = self.part(Family::Headers, number, decode_rlp)?;
        let body = self.part(Family::Bodies, number, decode_rlp)?;
        let senders = self.part(Family::Senders, number, decode_senders)?;
        let block = Block { header, body };
        let transactions = block.body.transactions.len();
        if senders.len() != transactions {
            let source = RowError::Senders { senders: senders.len(), transactions };
            return Err(StoreError::Row { row: RowId::new(Family::Senders, BlockKey::new(number)), source });
        }
        Ok(Some(StoredBlock {
            total_difficulty: meta.total_difficulty(),
            block: RecoveredBlock { hash: meta.hash, block, senders },
            transaction_roots: meta.transaction_roots,
        }))
    }

    /// The block access list that the source had with a block.
    pub fn access_list(&self, number: u64) -> Result<Option<BlockAccessList>, StoreError> {
        self.get_decoded(Family::AccessLists, BlockKey::new(number), decode_rlp)
    }

    /// The header of a block.
    pub fn header(&self, number: u64) -> Result<Option<Header>, StoreError> {
        self.get_decoded(Family::Headers, BlockKey::new(number), decode_rlp)
    }

    /// The hash of a block.
    pub fn block_hash(&self, number: u64) -> Result<Option<B256>, StoreError> {
        Ok(self.block_meta(number)?.map(|meta| meta.hash))
    }

    /// The number of the block with this hash.
    pub fn number_of(&self, hash: B256) -> Result<Option<u64>, StoreError> {
        self.get_decoded(Family::HeaderNumbers, hash, decode_u64)
    }

    /// The sender of each transaction of a block, in order.
    pub fn transaction_senders(&self, number: u64) -> Result<Option<Vec<Address>>, StoreError> {
        self.get_decoded(Family::Senders, BlockKey::new(number), decode_senders)
    }

    /// The numbers of the blocks stored within `range`, ascending; sources of single blocks leave gaps.
    pub fn numbers(&self, range: BlockRange) -> impl Iterator<Item = Result<u64, StoreError>> + '_ {
        let bounds = read_between(BlockKey::new(range.start).as_ref(), BlockKey::new(range.end).as_ref());
        self.scan(Family::BlockMeta, bounds, |key, _| BlockKey::decode(key))
    }

    /// The highest block number stored.
    pub fn last_block(&self) -> Result<Option<u64>, StoreError> {
        let family = Family::BlockMeta;
        let mut rows = self.db.raw_iterator_cf_opt(self.column(family), read_whole_family());
        rows.seek_to_last();
        let Some(key) = rows.key() else {
            let status = rows.status().map(|()| None);
            return status.map_err(|source| StoreError::Read { row: RowId::new(family, b""), source });
        };
        let number = BlockKey::decode(key).map(Some);
        number.map_err(|source| StoreError::Row { row: RowId::new(family, key), source })
    }

    /// The RLP of a block's body: transactions, ommers, withdrawals.
    pub fn encoded_body(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(Family::Bodies, BlockKey::new(number))?.map(|encoded| encoded.to_vec()))
    }

    /// Encoded bytes of a block's body, zero where there is none: how large it is can be known before it is decoded.
    pub fn body_size(&self, number: u64) -> Result<u64, StoreError> {
        let body = self.get(Family::Bodies, BlockKey::new(number))?;
        Ok(body.map_or(0, |encoded| encoded.len() as u64))
    }

    /// The total difficulty up to and with a block, where it is known.
    pub fn total_difficulty(&self, number: u64) -> Result<Option<U256>, StoreError> {
        Ok(self.block_meta(number)?.and_then(|meta| meta.total_difficulty()))
    }

    fn block_meta(&self, number: u64) -> Result<Option<BlockMeta>, StoreError> {
        self.get_decoded(Family::BlockMeta, BlockKey::new(number), BlockMeta::decode_row)
    }

    /// A row that every stored block has.
    fn part<T>(
        &self,
        family: Family,
        number: u64,
        decode: impl FnOnce(&[u8]) -> Result<T, RowError>,
    ) -> Result<T, StoreError> {
        let key = BlockKey::new(number);
        let row = self.get_decoded(family, key, decode)?;
        row.ok_or_else(|| StoreError::MissingRow { row: RowId::new(family, key) })
    }
}

impl Batch<'_> {
    /// Removes a block; one that is not stored is passed over.
    pub fn delete_block(&mut self, number: u64) -> Result<(), StoreError> {
        let Some(hash) = self.store.block_hash(number)? else { return Ok(()) };
        let key = BlockKey::new(number);
        for family in
            [Family::Headers, Family::Bodies, Family::Senders, Family::BlockMeta, Family::AccessLists]
        {
            self.delete(family, key);
        }
        self.delete(Family::HeaderNumbers, hash);
        Ok(())
    }

    /// Stores the block access list that a source has with a block.
    pub fn put_access_list(&mut self, number: u64, list: &BlockAccessList) {
        self.put(Family::AccessLists, BlockKey::new(number), alloy_rlp::encode(list));
    }

    /// Stores a block; one that was stored under the same number before is replaced.
    pub fn put_block(&mut self, stored: &StoredBlock) -> Result<(), StoreError> {
        let RecoveredBlock { hash, block, senders } = &stored.block;
        let number = block.header.number;
        let key = BlockKey::new(number);
        if let Some(replaced) = self.store.block_hash(number)?.filter(|before| before != hash) {
            self.delete(Family::HeaderNumbers, replaced);
            self.delete(Family::AccessLists, key);
        }
        self.put(Family::Headers, key, alloy_rlp::encode(&block.header));
        self.put(Family::Bodies, key, alloy_rlp::encode(&block.body));
        self.put(Family::Senders, key, encode_senders(senders));
        self.put(Family::BlockMeta, key, alloy_rlp::encode(BlockMeta::of(stored)));
        self.put(Family::HeaderNumbers, hash, key);
        Ok(())
    }
}
