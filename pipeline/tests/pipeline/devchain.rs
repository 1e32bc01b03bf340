//! Practice chains: each profile through the whole path, and the same chain each time.

use std::fs;

use blockmill_chain::Cancel;
use blockmill_devchain::{DevchainError, Generated, Profile, Request, generate};
use blockmill_pipeline::{ChainChoice, RootInterval, Settings};
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::QUERIES;

use crate::examples::assert_queries_run;
use crate::harness::{Tables, Workplace, run};

/// Makes the chain in the workplace, and the settings to rebuild it with every root checked.
pub(crate) fn make(place: &Workplace, request: &Request) -> (Generated, Settings) {
    let folder = place.path("chain");
    let made = generate(request, &folder, &Cancel::default(), &mut |_| {}).unwrap().unwrap();
    let chain = ChainChoice::GenesisFile(folder.join("genesis.json"));
    let settings = place.settings(chain, vec![folder.join("chain.rlp")]);
    (made, Settings { root_interval: RootInterval::Blocks(1), ..settings })
}

/// Makes and rebuilds; what any chain must show is looked at here, the rest is up to the caller.
fn rebuilt(request: &Request) -> (Generated, Tables) {
    rebuilt_with(request, Dataset::defaults().collect())
}

fn rebuilt_with(request: &Request, datasets: Vec<Dataset>) -> (Generated, Tables) {
    let place = Workplace::new();
    let (made, settings) = make(&place, request);
    let settings = Settings { datasets, ..settings };
    let census = &made.census;
    assert_eq!(run(&settings).unwrap().last_block, Some(request.blocks));
    let tables = place.tables();
    assert_eq!(tables.broken_checks(), Vec::<String>::new());
    assert_eq!(tables.count("blocks"), request.blocks + 1, "with genesis");
    assert_eq!(tables.count("transactions"), census.transactions);
    assert_eq!(tables.count("logs"), census.logs);
    assert_eq!(tables.count("ommers"), census.ommers);
    assert_eq!(tables.count("withdrawals"), census.withdrawals);
    let failed = tables.value("SELECT count(*) FROM transactions WHERE NOT success");
    assert_eq!(failed, Some(census.failed.to_string()));
    assert_eq!(
        tables.value("SELECT hex0x(block_hash) FROM blocks ORDER BY block_number DESC LIMIT 1"),
        Some(made.head_hash.to_string())
    );
    (made, tables)
}

fn number(tables: &Tables, select: &str) -> u64 {
    tables.value(select).unwrap().parse().unwrap()
}

#[test]
fn a_mainnet_mix_holds_all_that_mainnet_does() {
    let (_, tables) = rebuilt(&Request::new(Profile::MainnetMix, 120, 1));
    assert_eq!(number(&tables, "SELECT count(DISTINCT transaction_type) FROM transactions"), 5);
    for kind in ["call", "callcode", "delegatecall", "staticcall", "create", "create2"] {
        let found = number(&tables, &format!("SELECT count(*) FROM traces WHERE call_type = '{kind}'"));
        assert_eq!(found > 0, kind != "callcode", "{kind}");
    }
    for kind in ["create", "suicide"] {
        assert!(number(&tables, &format!("SELECT count(*) FROM traces WHERE trace_type = '{kind}'")) > 0);
    }
    assert!(number(&tables, "SELECT count(DISTINCT revert_reason) FROM traces") > 5);
    assert!(number(&tables, "SELECT count(*) FROM traces WHERE error ILIKE '%out of gas%'") > 0);
    assert!(
        number(&tables, "SELECT count(*) FROM traces WHERE error IS NOT NULL AND transaction_success") > 0
    );
    // Transfers of fungible tokens without indexed arguments, and amounts that a DECIMAL(38,0) cannot hold.
    let transfer = "topic0 = bin('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')";
    let unindexed = format!("SELECT count(*) FROM logs WHERE {transfer} AND topic1 IS NULL");
    assert!(number(&tables, &unindexed) > 0);
    let huge = format!(
        "SELECT count(*) FROM logs WHERE {transfer} AND octet_length(data) = 32 AND data > u256('1' || repeat('0', 38))"
    );
    assert!(number(&tables, &huge) > 0);
    // What the history of an address says of ether adds up to its balance.
    let history = QUERIES.iter().find(|query| query.name == "address_history").unwrap().sql;
    let adds_up = format!(
        "SELECT sum(CASE
             WHEN what LIKE 'gets ether%' OR what = 'gets tips' THEN amount::HUGEINT
             WHEN what LIKE 'sends ether%' OR what = 'pays a fee' THEN -amount::HUGEINT
         END) = balance_at((
             SELECT from_address FROM transactions GROUP BY from_address ORDER BY count(*) DESC, from_address LIMIT 1
         ), 120)
         FROM (\n{}\n)",
        history.replace("\nLIMIT 10", "")
    );
    assert_eq!(tables.value(&adds_up).as_deref(), Some("true"));
    // No address is poisoned there, and instructions are not filled.
    let answered = assert_queries_run(&tables);
    let silent: Vec<_> =
        QUERIES.iter().map(|query| query.name).filter(|name| !answered.contains(name)).collect();
    assert_eq!(silent, ["gas_by_instruction", "address_poisoning"]);
}

#[test]
fn the_gas_of_instructions_adds_up_to_what_transactions_used() {
    let request = Request::new(Profile::MainnetMix, 20, 1);
    let (_, tables) = rebuilt_with(&request, Dataset::defaults().chain([Dataset::Opcodes]).collect());
    // Each transaction that ran code, with what its creations stored; a root frame that halted lost all it had.
    let differences = "WITH own AS (
            SELECT block_number, transaction_index, sum(own_gas) AS gas FROM own_gas(0, 20) GROUP BY ALL
        ), stored AS (
            SELECT block_number, transaction_index, 200 * sum(octet_length(code)) AS gas
            FROM (SELECT block_number, transaction_index, coalesce(output, payload(block_number, output_hash)) AS code
                FROM traces WHERE trace_type = 'create' AND error IS NULL)
            GROUP BY ALL
        ), roots AS (
            SELECT block_number, transaction_index, coalesce(gas_used, gas) AS gas FROM traces
            WHERE trace_address = [] AND transaction_index IS NOT NULL
        )
        SELECT count(*) AS transactions, count(*) FILTER (own.gas + coalesce(stored.gas, 0) IS DISTINCT FROM roots.gas) AS wrong
        FROM own
        JOIN roots USING (block_number, transaction_index)
        LEFT JOIN stored USING (block_number, transaction_index)";
    let found = tables.query(differences).rows.remove(0);
    assert!(found[0].as_ref().unwrap().parse::<u64>().unwrap() > 500, "{found:?}");
    assert_eq!(found[1].as_deref(), Some("0"));
    // What gas_cost says is several times of it.
    let counted = "SELECT sum(gas_cost) > 2 * (SELECT sum(own_gas) FROM own_gas(0, 20)) FROM opcodes";
    assert_eq!(tables.value(counted).as_deref(), Some("true"));
    let instructions = QUERIES.iter().find(|query| query.name == "gas_by_instruction").unwrap();
    assert_eq!(tables.query(instructions.sql).rows[0][0].as_deref(), Some("SSTORE"));
}

#[test]
fn an_opcode_storm_is_long_deep_and_heavy() {
    let request = Request { gas_per_block: 4_000_000, ..Request::new(Profile::OpcodeStorm, 24, 1) };
    let (made, tables) = rebuilt(&request);
    // The cheapest opcodes cost one gas, and the sled is nothing but those.
    let long = "SELECT max(gas_used) FROM transactions WHERE success AND n_input_bytes = 32";
    assert!(number(&tables, long) > 1_000_000);
    assert!(number(&tables, "SELECT max(len(trace_address)) FROM traces") > 150, "deep");
    assert!(
        number(&tables, "SELECT max(payload_bytes(block_number, input_hash)) FROM traces") >= 10_000,
        "large inputs"
    );
    assert!(number(&tables, "SELECT max(subtraces) FROM traces") > 1_000, "many calls");
    assert!(made.census.by_kind.len() >= 4, "{:?}", made.census.by_kind);
}

#[test]
fn a_bloated_state_holds_accounts_that_a_sweep_removes_again() {
    let request = Request { gas_per_block: 600_000, ..Request::new(Profile::StateBloat, 60, 1) };
    let (made, tables) = rebuilt(&request);
    let created = number(
        &tables,
        "SELECT count(DISTINCT to_address) FROM traces WHERE trace_type = 'suicide' AND success",
    );
    assert!(created > 20_000, "{created}");
    assert!(made.census.accounts < created, "{} are left of {created}", made.census.accounts);
    assert!(made.census.by_kind.contains_key("bloat: sweeps"));
}

#[test]
fn a_skewed_chain_costs_more_and_more_with_storms_in_between() {
    let request = Request { gas_per_block: 1_500_000, ..Request::new(Profile::Skewed, 150, 1) };
    let (_, tables) = rebuilt(&request);
    let mean = |range: &str| {
        let calm = "(block_number + 1) % 37 <> 0";
        number(&tables, &format!("SELECT avg(gas_used)::BIGINT FROM blocks WHERE {calm} AND {range}"))
    };
    let (early, late) = (mean("block_number BETWEEN 40 AND 60"), mean("block_number > 130"));
    assert!(late > 7 * early, "{early} to {late} in a little more than half of two orders of magnitude");
    let storm = number(&tables, "SELECT gas_used FROM blocks WHERE block_number = 73");
    assert!(storm > 2 * mean("block_number BETWEEN 66 AND 80"), "{storm}");
}

#[test]
fn an_empty_chain_is_rebuilt() {
    let (made, _) = rebuilt(&Request::new(Profile::Empty, 50, 1));
    assert_eq!(made.census.transactions, 0);
}

#[test]
fn a_forks_chain_crosses_every_fork() {
    let (made, tables) = rebuilt_with(&Request::new(Profile::Forks, 126, 1), Dataset::ALL.to_vec());
    assert!(made.census.ommers > 0, "proof of work has ommers");
    let dao = "SELECT count(*) FROM blocks WHERE extra_data = 'dao-hard-fork'::BLOB";
    assert_eq!(number(&tables, dao), 10, "as EIP-779 asks");
    assert!(
        number(&tables, "SELECT count(*) FROM transactions WHERE root IS NOT NULL") > 0,
        "before Byzantium"
    );
    assert!(number(&tables, "SELECT count(*) FROM blocks WHERE difficulty > 0") > 0);
    assert_eq!(number(&tables, "SELECT count(DISTINCT transaction_type) FROM transactions"), 5);
    assert!(number(&tables, "SELECT count(*) FROM blocks WHERE requests_hash IS NOT NULL") > 0);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_the_same_database_twice() {
    let request = Request { accounts: 300, ..Request::new(Profile::MainnetMix, 60, 42) };
    let places = [Workplace::new(), Workplace::new()];
    for place in &places {
        let (_, settings) = make(place, &request);
        run(&settings).unwrap();
    }
    for name in ["genesis.json", "chain.rlp", "README.md"] {
        let [one, other] = places.each_ref().map(|place| fs::read(place.path("chain").join(name)).unwrap());
        assert!(one == other, "{name}");
    }
    assert_eq!(places[0].tables().contents(), places[1].tables().contents());
    let other = Workplace::new();
    make(&other, &Request { seed: 43, ..request });
    let chain = |place: &Workplace| fs::read(place.path("chain").join("chain.rlp")).unwrap();
    assert!(chain(&other) != chain(&places[0]), "another seed is another chain");
}

/// The heads of short chains. They change when a profile does, on purpose; on another machine they must not.
const FROZEN_HEADS: [(Profile, &str); 6] = [
    (Profile::MainnetMix, "0xa517e337a1c2570343080e190ac89cdb68777cf431411ba81c191d3df001bae2"),
    (Profile::OpcodeStorm, "0x7c35bb72fb39a32cca153017ca48abc969e1ac7d0a5c3b029a2950b3607ed66a"),
    (Profile::StateBloat, "0x3d5643f6e47a8f57a3533a53f111ec8c325384a2db43c422d63c81db3e04dea5"),
    (Profile::Skewed, "0x64a6facfa991455eee20f088b7379a7c6366bbaa4e3ea277526795e2fe3ae579"),
    (Profile::Empty, "0xef717961d32f290d3428b32531c755fbe550faef83d225c77be2e9625d5d3e8d"),
    (Profile::Forks, "0x5300f5e20c5710ee0550cc0d5c3e8efa1f6859cf8a08367b5072f04cda763bcc"),
];

#[test]
fn the_same_arguments_give_the_same_chain_on_every_machine() {
    let heads = FROZEN_HEADS.map(|(profile, _)| {
        let request = Request { accounts: 50, ..Request::new(profile, 42, 1) };
        (profile, make(&Workplace::new(), &request).0.head_hash.to_string())
    });
    assert_eq!(heads, FROZEN_HEADS.map(|(profile, head)| (profile, head.to_owned())));
}

#[test]
fn an_interrupted_generator_leaves_no_chain_and_can_begin_anew() {
    let (place, cancel) = (Workplace::new(), Cancel::default());
    let request = Request { accounts: 20, ..Request::new(Profile::MainnetMix, 30, 1) };
    let folder = place.path("chain");
    let stopped = generate(&request, &folder, &cancel, &mut |progress| {
        if progress.last_block == 20 {
            cancel.cancel();
        }
    });
    assert_eq!(stopped.unwrap(), None);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "names are there only when the chain is whole");
    let (_, settings) = make(&place, &request);
    assert_eq!(run(&settings).unwrap().last_block, Some(30));
    let again = generate(&request, &folder, &Cancel::default(), &mut |_| {});
    assert!(matches!(again, Err(DevchainError::Exists { .. })), "a chain is never overwritten");
}
