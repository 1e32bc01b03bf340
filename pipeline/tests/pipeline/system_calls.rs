//! A chain whose system contracts move ether: the tables account for it.

use blockmill_pipeline::{ChainChoice, Settings};
use blockmill_schemas::Dataset;
use blockmill_testkit::vectors;

use crate::harness::{Workplace, run};

#[test]
fn ether_that_system_calls_move_is_in_the_tables_and_every_check_holds() {
    let Some(folder) = vectors::require("faults/syscall") else { return };
    let place = Workplace::new();
    let chain = ChainChoice::GenesisFile(folder.join("genesis.json"));
    let settings = place.settings(chain, vec![folder.join("chain.rlp")]);
    run(&Settings { datasets: Dataset::ALL.to_vec(), ..settings }).unwrap();
    let tables = place.tables();
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    let moved = tables.query(
        "SELECT block_number, transaction_index, transfer_index, hex0x(from_address), hex0x(to_address), value
         FROM native_transfers WHERE transfer_type = 'system'",
    );
    let beacon_roots = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02";
    let heir = "0x1d96f2f6bef1202e4ce1ff6dad0c2cb002861d3e";
    let row = [Some("1"), None, Some("0"), Some(beacon_roots), Some(heir), Some("50")];
    assert_eq!(moved.rows, [row.map(|value| value.map(str::to_owned)).to_vec()]);
}
