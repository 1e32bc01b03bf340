//! Whole chains: every root right, every transaction in the tables, the state at the head as other clients have it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use alloy::primitives::{Address, U256};
use blockmill_chain::{CodeSource, KnownChain, StateReader};
use blockmill_pipeline::{
    ChainChoice, RootInterval, Settings, StateDifferences, StatePart, UnitLimits, dry_run,
};
use blockmill_testkit::expected_state::{ExpectedAccount, ExpectedState};
use blockmill_testkit::{headstate, vectors};

use crate::harness::{Tables, Workplace, run};

/// Rebuilds a chain with every root checked and looks at what any rebuilt chain must show.
fn rebuilt(chain: &str, blocks: u64, transactions: u64) -> Option<Workplace> {
    let place = Workplace::new();
    let settings = Settings { root_interval: RootInterval::Blocks(1), ..place.chain(chain)? };
    let summary = run(&settings).unwrap();
    assert_eq!(summary.last_block, Some(blocks));
    let tables = place.tables();
    assert_eq!(tables.count("blocks"), blocks + 1, "with genesis");
    assert_eq!(tables.count("transactions"), transactions);
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    let store = place.store();
    for part in StatePart::ALL {
        let compared = part.compare(tables.database(), Some(&store), blocks).unwrap();
        assert_eq!(compared, Ok(StateDifferences::default()), "{part:?}");
    }
    drop(store);
    Some(place)
}

/// Every account of the store, read through its public doors.
pub(crate) fn state_of(place: &Workplace) -> ExpectedState {
    let store = place.store();
    let accounts: Vec<_> = store.accounts().collect::<Result<_, _>>().unwrap();
    let whole = accounts.into_iter().map(|(address, account)| {
        let storage = store.storage_of(address).unwrap().into_iter().collect();
        let code = store.code(account.code_hash).unwrap().unwrap();
        (address, ExpectedAccount::new(account.balance, account.nonce, code, storage))
    });
    whole.collect()
}

/// Every account as the diffs leave it.
pub(crate) fn state_of_diffs(tables: &Tables) -> ExpectedState {
    let last = |columns: &str, table: &str| {
        format!(
            "(SELECT DISTINCT ON (address) address, {columns} FROM {table} ORDER BY block_number DESC, change_index DESC)"
        )
    };
    let accounts = tables.query(&format!(
        "SELECT hex0x(address), coalesce(balance::VARCHAR, u256_dec(balance_u256)) AS balance, nonce, hex0x(coalesce(code, payload(code_block, code_hash)))
         FROM {} JOIN {} USING (address) JOIN {} USING (address)
         WHERE nonce IS NOT NULL",
        last("to_value AS balance, to_value_u256 AS balance_u256", "balance_diffs"),
        last("to_value AS nonce", "nonce_diffs"),
        last("to_value AS code, to_value_hash AS code_hash, block_number AS code_block", "code_diffs"),
    ));
    let slots = tables.query(
        "SELECT hex0x(address), u256_dec(slot), u256_dec(value) AS value
         FROM (SELECT address, slot, arg_max(to_value, (block_number, change_index)) AS value
             FROM storage_diffs GROUP BY address, slot)
         WHERE value <> u256(0)",
    );
    let mut storage: BTreeMap<Address, BTreeMap<U256, U256>> = BTreeMap::new();
    for row in slots.rows {
        storage.entry(parsed(&row[0])).or_default().insert(parsed(&row[1]), parsed(&row[2]));
    }
    let account = |row: Vec<Option<String>>| {
        let address = parsed(&row[0]);
        let slots = storage.remove(&address).unwrap_or_default();
        (address, ExpectedAccount::new(parsed(&row[1]), parsed(&row[2]), parsed(&row[3]), slots))
    };
    accounts.rows.into_iter().map(account).collect()
}

fn parsed<T: FromStr<Err: Debug>>(text: &Option<String>) -> T {
    text.as_deref().unwrap().parse().unwrap()
}

/// The store has geth's state at the head, and so have the diffs, from genesis on.
fn assert_head_state(place: &Workplace, chain: &str) {
    let Some(path) = vectors::require(&format!("chains/{chain}/headstate.json.gz")) else { return };
    let geths = headstate::read(&path).unwrap().accounts;
    assert_eq!(state_of(place), geths);
    assert_eq!(state_of_diffs(&place.tables()), geths);
}

#[test]
fn execution_apis_crosses_every_fork_with_every_root_right() {
    let Some(place) = rebuilt("execution-apis", 54, 249) else { return };
    assert_head_state(&place, "execution-apis");
}

#[test]
fn geth_ethtest_ends_with_geths_head_state() {
    let Some(place) = rebuilt("geth-ethtest", 600, 603) else { return };
    assert_head_state(&place, "geth-ethtest");
}

#[test]
fn hive_sync_has_every_root_right() {
    rebuilt("hive-sync", 3_000, 546);
}

#[test]
fn mainnet_from_genesis_has_its_ommers_and_rewards() {
    let files = ["era/mainnet-00000-5ec1ffb8.era1", "era/mainnet-00001-a5364e9a.era1"];
    let place = Workplace::new();
    let Some(settings) = place.mainnet(&files) else { return };
    let settings = Settings { root_interval: RootInterval::Blocks(1_024), ..settings };
    assert_eq!(run(&settings).unwrap().last_block, Some(16_383));
    let tables = place.tables();
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    assert_eq!(tables.count("blocks"), 16_384);
    // Every block but genesis pays its author 5 ether and a thirty-second of it per ommer; an ommer's author is paid
    // by how old it is.
    let rewards = "SELECT count(*) FROM traces WHERE trace_type = 'reward' AND reward_type = 'block'";
    assert_eq!(tables.value(rewards).as_deref(), Some("16383"));
    let wrong_author_rewards = "SELECT count(*) FROM traces t JOIN blocks b USING (block_number)
        WHERE reward_type = 'block' AND value <> 5000000000000000000 + b.ommer_count * 156250000000000000";
    assert_eq!(tables.value(wrong_author_rewards).as_deref(), Some("0"));
    let wrong_ommer_rewards = "SELECT count(*) FROM ommers
        WHERE reward <> (8 + ommer_number - block_number)::DECIMAL(38,0) * 5000000000000000000 / 8";
    assert_eq!(tables.value(wrong_ommer_rewards).as_deref(), Some("0"));
    // Block 1 and the first ommer of the chain, as every explorer shows them.
    let first = "SELECT hex0x(block_hash) FROM blocks WHERE block_number = 1";
    let first_hash = "0x88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6";
    assert_eq!(tables.value(first).as_deref(), Some(first_hash));
}

#[test]
fn every_known_chain_starts_with_the_genesis_that_its_file_gives() {
    for chain in KnownChain::ALL {
        let Some(genesis) = vectors::require(&format!("genesis/{}.json.gz", chain.name())) else { return };
        let place = Workplace::new();
        let settings = place.settings(ChainChoice::Known(chain), Vec::new());
        // The root of all accounts is computed, and the header with it must hash to the known value.
        let status = dry_run(&Settings { genesis: Some(genesis), ..settings }).unwrap();
        assert_eq!(status.chain, chain.name());
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let place = Workplace::new();
    let Some(settings) = place.chain("execution-apis") else { return };
    run(&settings).unwrap();
    let before = place.tables().contents();
    let summary = run(&settings).unwrap();
    assert!(summary.stages.iter().all(|stage| stage.blocks == 0), "{summary:?}");
    assert_eq!(place.tables().contents(), before);
}

#[test]
fn a_chain_that_grows_is_continued_where_it_ended() {
    let (whole, grown) = (Workplace::new(), Workplace::new());
    let Some(settings) = whole.chain("geth-ethtest") else { return };
    run(&settings).unwrap();
    for end in ["100", "101", "601"] {
        let range = format!(":{end}").parse().unwrap();
        run(&Settings { range, ..grown.chain("geth-ethtest").unwrap() }).unwrap();
    }
    for table in ["blocks", "transactions", "logs", "traces", "withdrawals", "ommers"] {
        let all = format!("SELECT * FROM {table} ORDER BY ALL");
        assert_eq!(grown.tables().query(&all), whole.tables().query(&all), "{table}");
    }
}

#[test]
fn threads_units_and_memory_do_not_show_in_the_tables() {
    let units = UnitLimits { blocks: 7, gas: 3_000_000 };
    let places: Vec<_> = [(1, 384), (2, 1_024), (3, 2_048)]
        .into_iter()
        .filter_map(|(threads, mib)| {
            let place = Workplace::new();
            let memory = blockmill_pipeline::ByteSize(mib << 20);
            let settings = Settings { threads, memory, units, ..place.chain("execution-apis")? };
            run(&settings).unwrap();
            Some(place)
        })
        .collect();
    for pair in places.windows(2) {
        assert_eq!(pair[0].tables().contents(), pair[1].tables().contents());
    }
}

#[test]
fn tables_have_the_same_digests_whatever_units_and_runs_made_them() {
    let digests = |(blocks, ends): (u64, &[u64])| {
        let place = Workplace::new();
        for end in ends {
            let (units, range) = (UnitLimits { blocks, gas: u64::MAX }, format!(":{end}").parse().unwrap());
            run(&Settings { units, range, ..place.chain("execution-apis")? }).unwrap();
        }
        Some((place.tables().database().loaded().unwrap().len(), place.tables().digests()))
    };
    let ways = [(7, &[55][..]), (1_000, &[55]), (3, &[20, 21, 55]), (1, &[55])];
    let found: Vec<_> = ways.into_iter().filter_map(digests).collect();
    for pair in found.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "other units");
        assert_eq!(pair[0].1, pair[1].1);
    }
}
