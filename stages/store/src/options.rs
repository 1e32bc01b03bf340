//! RocksDB's settings: memory, compression, and what it must refuse.

use rocksdb::{
    BlockBasedOptions, BottommostLevelCompaction, Cache, CompactOptions, DBCompressionType, DBRecoveryMode,
    Options, ReadOptions, SliceTransform,
};

use crate::StoreError;
use crate::columns::{Compression, Family};
use crate::open_files::rocksdb_files;

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// Memory for the block cache (which holds index and filter blocks too) and the memtables, in bytes. A batch
    /// goes into the memtables whole: its bytes are its writer's to bound.
    pub budget_bytes: usize,
}

impl StoreOptions {
    /// Below this, a memtable's share falls under RocksDB's own minimum of 64 KiB.
    pub const SMALLEST_BUDGET_BYTES: usize = 16 << 20;

    pub(crate) fn check(self) -> Result<(), StoreError> {
        if self.budget_bytes < Self::SMALLEST_BUDGET_BYTES {
            return Err(StoreError::Budget {
                budget_bytes: self.budget_bytes,
                smallest_bytes: Self::SMALLEST_BUDGET_BYTES,
            });
        }
        Ok(())
    }

    /// A third for what was written last, up to what helps; execution lives from the cache.
    pub(crate) fn memtable_bytes(self) -> usize {
        (self.budget_bytes / 3).min(MOST_MEMTABLE_BYTES)
    }

    pub(crate) fn cache_bytes(self) -> usize {
        self.budget_bytes - self.memtable_bytes()
    }

    /// How many rows have filters that fit into the cache beside data. From then on a read that needs one must not fetch the
    /// whole filter of a file, megabytes, so that filters and indexes are written in parts.
    pub fn rows_with_whole_filters(self) -> u64 {
        (self.cache_bytes() / 2 * 8) as u64 / BLOOM_BITS_PER_KEY
    }
}

/// Larger memtables would only make the log longer that opening replays.
const MOST_MEMTABLE_BYTES: usize = 512 << 20;

/// One that is written to, one that is being flushed.
const MEMTABLES_PER_FAMILY: usize = 2;
/// Log kept for families that are rarely flushed, in multiples of the memtables: bounds how long opening replays.
const WAL_PER_MEMTABLE_BYTES: u64 = 2;
/// The log may always grow to this, or small stores would flush all the time.
const SMALLEST_WAL_BYTES: u64 = 16 << 20;
/// RocksDB's own log of what it does: 4 files of 8 MiB.
const INFO_LOG_FILES: usize = 4;
const INFO_LOG_BYTES: usize = 8 << 20;
/// Flushes and compactions at a time: two at least, and never more than disks like.
const BACKGROUND_JOBS: std::ops::RangeInclusive<usize> = 2..=8;
/// About one false positive in a hundred.
const BLOOM_BITS_PER_KEY: u64 = 10;
/// Bytes of a part of an index or filter.
const PART_BYTES: usize = 4 << 10;
const DICTIONARY_BYTES: i32 = 16 << 10;
/// ZSTD recommends a hundred times the dictionary.
const DICTIONARY_TRAINING_BYTES: i32 = 100 * DICTIONARY_BYTES;
/// Read ahead of a scan of a whole family.
const SCAN_READAHEAD_BYTES: usize = 2 << 20;

/// Settings of the database as a whole.
pub(crate) fn database(options: StoreOptions) -> Options {
    let mut settings = Options::default();
    settings.create_if_missing(true);
    settings.create_missing_column_families(true);
    settings.set_paranoid_checks(true);
    // A torn last record is what a killed process leaves behind; damage before it refuses to open. The default mode
    // would silently drop everything after the damage.
    settings.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    settings.set_track_and_verify_wals_in_manifest(true);
    let wal_bytes = WAL_PER_MEMTABLE_BYTES * options.memtable_bytes() as u64;
    settings.set_max_total_wal_size(wal_bytes.max(SMALLEST_WAL_BYTES));
    settings.set_max_open_files(rocksdb_files());
    settings.set_keep_log_file_num(INFO_LOG_FILES);
    settings.set_max_log_file_size(INFO_LOG_BYTES);
    settings.set_max_background_jobs(background_jobs());
    settings
}

/// Settings of a database that is only read: nothing is created. RocksDB ends the process where it is opened read-only without
/// the logs in its file list being verified, and that list has one (a log that was full, synced and not yet flushed).
pub(crate) fn database_to_read(options: StoreOptions) -> Options {
    let mut settings = database(options);
    settings.create_if_missing(false);
    settings.create_missing_column_families(false);
    settings
}

/// The same beside a writer: a log may have gone that the file list still names.
pub(crate) fn database_to_follow(options: StoreOptions) -> Options {
    let mut settings = database_to_read(options);
    settings.set_track_and_verify_wals_in_manifest(false);
    settings
}

fn background_jobs() -> i32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.clamp(*BACKGROUND_JOBS.start(), *BACKGROUND_JOBS.end()) as i32
}

/// Settings of one family; `cache` is shared by all.
pub(crate) fn family(family: Family, options: StoreOptions, cache: &Cache) -> Options {
    let mut settings = Options::default();
    settings.set_write_buffer_size(write_buffer_bytes(family, options));
    settings.set_max_write_buffer_number(MEMTABLES_PER_FAMILY as i32);
    settings.set_block_based_table_factory(&table(family, cache));
    if let Some(bytes) = family.prefix_bytes() {
        settings.set_prefix_extractor(SliceTransform::create_fixed_prefix(bytes));
    }
    compress(&mut settings, family.compression());
    settings
}

fn write_buffer_bytes(family: Family, options: StoreOptions) -> usize {
    options.memtable_bytes() * family.memtable_shares() / Family::TOTAL_SHARES / MEMTABLES_PER_FAMILY
}

fn table(family: Family, cache: &Cache) -> BlockBasedOptions {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_block_size(family.block_bytes());
    table.set_metadata_block_size(PART_BYTES);
    table.set_pin_top_level_index_and_filter(true);
    table.set_cache_index_and_filter_blocks(true);
    table.set_cache_index_and_filter_blocks_with_high_priority(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    table.set_bloom_filter(BLOOM_BITS_PER_KEY as f64, false);
    table.set_optimize_filters_for_memory(true);
    // Pinned: tables written today stay readable by the RocksDB of tomorrow's default.
    table.set_format_version(6);
    table
}

/// A change of settings: from now on files are written with filters and indexes in parts, below a top level that stays in memory.
pub(crate) const IN_PARTS: (&str, &str) =
    ("block_based_table_factory", "{index_type=kTwoLevelIndexSearch;partition_filters=true;}");

fn compress(settings: &mut Options, compression: Compression) {
    if compression == Compression::None {
        settings.set_compression_type(DBCompressionType::None);
        return;
    }
    settings.set_compression_type(DBCompressionType::Lz4);
    if compression == Compression::Fast {
        return;
    }
    settings.set_bottommost_compression_type(DBCompressionType::Zstd);
    if compression == Compression::LayeredWithDictionary {
        let (window_bits, level, strategy) = (-14, 3, 0);
        settings.set_bottommost_compression_options(window_bits, level, strategy, DICTIONARY_BYTES, true);
        settings.set_bottommost_zstd_max_train_bytes(DICTIONARY_TRAINING_BYTES, true);
    }
}

/// For a scan of a whole family: read ahead, and leave the cache to execution.
pub(crate) fn read_whole_family() -> ReadOptions {
    let mut options = ReadOptions::default();
    options.fill_cache(false);
    options.set_readahead_size(SCAN_READAHEAD_BYTES);
    options.set_total_order_seek(true);
    options
}

/// For a scan from `start` to the end of its family.
pub(crate) fn read_from(start: &[u8]) -> ReadOptions {
    let mut options = read_whole_family();
    options.set_iterate_lower_bound(start);
    options
}

/// For the first row of a family: no more than its block.
pub(crate) fn read_first() -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_total_order_seek(true);
    options
}

/// For the rows of one trie up to `end`. Unlike a scan of a whole family it fills the cache, as the next root reads
/// the neighbours of what this one read; where the family has a prefix filter, files without the owner are skipped.
pub(crate) fn read_trie(family: Family, end: &[u8]) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_prefix_same_as_start(family.prefix_bytes().is_some());
    options.set_iterate_upper_bound(end);
    options
}

/// For emptying a family: the last level too, or range tombstones could stay there.
pub(crate) fn compact_everything() -> CompactOptions {
    let mut options = CompactOptions::default();
    options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
    options
}

/// For the rows of one account: the prefix filter skips files that hold none of them.
pub(crate) fn read_prefix(prefix: &[u8]) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.fill_cache(false);
    options.set_prefix_same_as_start(true);
    options.set_iterate_range(rocksdb::PrefixRange(prefix));
    options
}

/// For the rows from `start` up to `end`.
pub(crate) fn read_between(start: &[u8], end: &[u8]) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.fill_cache(false);
    options.set_iterate_range(start.to_vec()..end.to_vec());
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_budget_gives_every_memtable_what_rocksdb_asks_for() {
        let options = StoreOptions { budget_bytes: StoreOptions::SMALLEST_BUDGET_BYTES };
        for family in Family::ALL {
            assert!(write_buffer_bytes(family, options) >= 64 << 10, "{family:?}");
        }
    }
}
