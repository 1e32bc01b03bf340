//! The rows of the table.

use blockmill_benches::{BlockMix, ExecutionCounts, Family};
use revm::bytecode::opcode;

use crate::Column;
use crate::number::{percent, ratio, readable, share};
use Cell::{Number, Share};

/// What a row says of blocks.
enum Cell {
    Number(fn(&BlockMix) -> f64),
    /// A part of a whole, in percent.
    Share(fn(&BlockMix) -> f64),
}

const GAS_IN_MGAS: f64 = 1e6;

/// Markdown: a column for each source of blocks.
pub(crate) fn table(columns: &[Column]) -> String {
    let names = columns.iter().map(|column| column.name.clone());
    let mut text = line("", names) + &line("---", columns.iter().map(|_| "---:".into()));
    for (label, cell) in BLOCKS.iter().chain(BODIES).chain(FRAMES).chain(STATE) {
        let cells = columns.iter().map(|column| match cell {
            Number(value) => readable(column.value(value)),
            Share(value) => percent(column.value(value)),
        });
        text += &line(label, cells);
    }
    for (family, name) in Family::ALL {
        let of_family = |mix: &BlockMix| {
            let opcodes = &mix.execution().opcodes;
            share(opcodes.of_family(family), opcodes.total())
        };
        let cells = columns.iter().map(|column| percent(column.value(of_family)));
        text += &line(&format!("of them {name}"), cells);
    }
    text
}

fn line(label: &str, cells: impl Iterator<Item = String>) -> String {
    cells.fold(format!("| {label} |"), |line, cell| line + " " + &cell + " |") + "\n"
}

fn per_mgas(mix: &BlockMix, count: u64) -> f64 {
    ratio(count, mix.bodies().gas) * GAS_IN_MGAS
}

fn per_transaction(mix: &BlockMix, count: u64) -> f64 {
    ratio(count, mix.bodies().transactions)
}

fn of_transactions(mix: &BlockMix, count: u64) -> f64 {
    share(count, mix.bodies().transactions)
}

fn with_topics(mix: &BlockMix, topics: usize) -> f64 {
    let by_topics = mix.execution().logs_by_topics;
    share(by_topics[topics], by_topics.iter().sum())
}

fn internal(counts: &ExecutionCounts) -> u64 {
    let of = &counts.internal;
    of.call + of.call_code + of.delegate_call + of.static_call + of.create + of.create2
}

const BLOCKS: &[(&str, Cell)] = &[
    ("blocks", Number(|mix| mix.bodies().blocks as f64)),
    ("Mgas", Number(|mix| mix.bodies().gas as f64 / GAS_IN_MGAS)),
    ("transactions", Number(|mix| mix.bodies().transactions as f64)),
    ("Mgas per block", Number(|mix| ratio(mix.bodies().gas, mix.bodies().blocks) / GAS_IN_MGAS)),
];

const BODIES: &[(&str, Cell)] = &[
    ("**transactions** per Mgas", Number(|mix| per_mgas(mix, mix.bodies().transactions))),
    ("of type 0 (legacy)", Share(|mix| of_transactions(mix, mix.bodies().by_type[0]))),
    ("of type 1 (access list)", Share(|mix| of_transactions(mix, mix.bodies().by_type[1]))),
    ("of type 2 (1559)", Share(|mix| of_transactions(mix, mix.bodies().by_type[2]))),
    ("of type 3 (blobs)", Share(|mix| of_transactions(mix, mix.bodies().by_type[3]))),
    ("of type 4 (delegations)", Share(|mix| of_transactions(mix, mix.bodies().by_type[4]))),
    ("creations", Share(|mix| of_transactions(mix, mix.bodies().creations))),
    ("plain transfers", Share(|mix| of_transactions(mix, mix.execution().plain_transfers))),
    ("failed", Share(|mix| of_transactions(mix, mix.execution().failed))),
    ("bytes of a transaction", Number(|mix| per_transaction(mix, mix.bodies().transaction_bytes))),
    ("transaction bytes per Mgas", Number(|mix| per_mgas(mix, mix.bodies().transaction_bytes))),
    ("zero input bytes per Mgas", Number(|mix| per_mgas(mix, mix.bodies().zero_input_bytes))),
    ("other input bytes per Mgas", Number(|mix| per_mgas(mix, mix.bodies().nonzero_input_bytes))),
    ("senders of a block per Mgas", Number(|mix| per_mgas(mix, mix.bodies().senders_by_block))),
    ("recipients of a block per Mgas", Number(|mix| per_mgas(mix, mix.bodies().recipients_by_block))),
    (
        "to the 10 most frequent recipients of a block",
        Share(|mix| of_transactions(mix, mix.bodies().to_top_recipients_by_block)),
    ),
    ("recipients of all blocks per Mgas", Number(|mix| per_mgas(mix, mix.bodies().recipients()))),
    (
        "to the 10 most frequent recipients of all blocks",
        Share(|mix| of_transactions(mix, mix.bodies().to_top_recipients())),
    ),
];

const FRAMES: &[(&str, Cell)] = &[
    ("**internal calls** per Mgas", Number(|mix| per_mgas(mix, internal(mix.execution())))),
    ("`CALL`", Number(|mix| per_mgas(mix, mix.execution().internal.call))),
    ("`CALLCODE`", Number(|mix| per_mgas(mix, mix.execution().internal.call_code))),
    ("`DELEGATECALL`", Number(|mix| per_mgas(mix, mix.execution().internal.delegate_call))),
    ("`STATICCALL`", Number(|mix| per_mgas(mix, mix.execution().internal.static_call))),
    ("`CREATE`", Number(|mix| per_mgas(mix, mix.execution().internal.create))),
    ("`CREATE2`", Number(|mix| per_mgas(mix, mix.execution().internal.create2))),
    ("with value", Number(|mix| per_mgas(mix, mix.execution().internal.with_value))),
    (
        "failed, of all internal calls",
        Share(|mix| share(mix.execution().internal.failed, internal(mix.execution()))),
    ),
    (
        "`SELFDESTRUCT` per Mgas",
        Number(|mix| per_mgas(mix, mix.execution().opcodes.of(opcode::SELFDESTRUCT))),
    ),
    ("precompile calls per Mgas", Number(|mix| per_mgas(mix, mix.execution().precompiles.iter().sum()))),
    ("`ecrecover`", Number(|mix| per_mgas(mix, mix.execution().precompiles[1]))),
    ("`identity`", Number(|mix| per_mgas(mix, mix.execution().precompiles[4]))),
    ("deepest frame", Number(|mix| mix.execution().deepest as f64)),
    ("mean depth of frames", Number(|mix| ratio(mix.execution().frame_depths, mix.execution().frames))),
    (
        "mean depth of the deepest frame of transactions that run code",
        Number(|mix| ratio(mix.execution().transaction_depths, mix.execution().transactions_with_code)),
    ),
    (
        "bytes of code that a call enters",
        Number(|mix| ratio(mix.execution().code_bytes_entered, mix.execution().code_entered)),
    ),
    ("different codes", Number(|mix| mix.execution().codes.len() as f64)),
    ("KiB of different code", Number(|mix| mix.execution().codes.values().sum::<u64>() as f64 / 1_024.0)),
];

const STATE: &[(&str, Cell)] = &[
    ("**logs** per Mgas", Number(|mix| per_mgas(mix, mix.execution().logs_by_topics.iter().sum()))),
    ("with 0 topics", Share(|mix| with_topics(mix, 0))),
    ("with 1 topic", Share(|mix| with_topics(mix, 1))),
    ("with 2 topics", Share(|mix| with_topics(mix, 2))),
    ("with 3 topics", Share(|mix| with_topics(mix, 3))),
    ("with 4 topics", Share(|mix| with_topics(mix, 4))),
    (
        "data bytes of a log",
        Number(|mix| {
            let counts = mix.execution();
            ratio(counts.log_data_bytes, counts.logs_by_topics.iter().sum())
        }),
    ),
    ("**state**: `SLOAD` per Mgas", Number(|mix| per_mgas(mix, mix.execution().opcodes.of(opcode::SLOAD)))),
    ("`SSTORE` per Mgas", Number(|mix| per_mgas(mix, mix.execution().opcodes.of(opcode::SSTORE)))),
    ("slots that transactions change, per Mgas", Number(|mix| per_mgas(mix, mix.execution().slots_changed))),
    ("of them zero before", Share(|mix| share(mix.execution().slots_created, mix.execution().slots_changed))),
    ("of them zero after", Share(|mix| share(mix.execution().slots_cleared, mix.execution().slots_changed))),
    ("different slots of a block, per Mgas", Number(|mix| per_mgas(mix, mix.execution().slots_by_block))),
    (
        "different accounts of a block, per Mgas",
        Number(|mix| per_mgas(mix, mix.execution().accounts_by_block)),
    ),
    (
        "different accounts of a transaction",
        Number(|mix| per_transaction(mix, mix.execution().accounts_by_transaction)),
    ),
    ("**opcodes** per Mgas", Number(|mix| per_mgas(mix, mix.execution().opcodes.total()))),
];
