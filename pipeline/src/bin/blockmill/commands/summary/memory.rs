//! How much memory each consumer took.

use blockmill_pipeline::{ByteSize, MemoryUse};

use crate::text::{Align, TextTable};

/// A row per consumer: its share of `--memory`, and the most that it held.
pub(super) fn memory_table(uses: &[MemoryUse]) -> TextTable {
    let mut table =
        TextTable::new([("memory", Align::Left), ("share", Align::Right), ("peak", Align::Right)]);
    for MemoryUse { owner, share_bytes, peak_bytes } in uses {
        let sizes = [*share_bytes, *peak_bytes].map(|bytes| ByteSize(bytes).to_string());
        let [share, peak] = sizes;
        table.row([owner.name().to_owned(), share, peak]);
    }
    table
}
