//! Every check holds on sound tables and is seen to fail on broken ones.

use std::collections::BTreeSet;
use std::fs;

use blockmill_chain::BlockRange;
use blockmill_load::{CheckOutcome, Database, LoadError, LoadOptions, OWN_CHECKS, Verdict};
use blockmill_schemas::Dataset;
use blockmill_schemas::sql::CHECKS;

use crate::Workbench;
use crate::chain::{unit, unit_of};
use crate::deriving::derive_tokens;
use crate::opening::tamper;

pub(crate) fn loaded(bench: &Workbench) -> Database {
    let mut database = bench.open();
    database
        .load(&[unit(bench.folder(), BlockRange::new(0, 3)), unit(bench.folder(), BlockRange::new(3, 5))])
        .unwrap();
    database.set_meta("kind", "chain").unwrap();
    database.derive(|_| {}).unwrap();
    derive_tokens(&mut database);
    database
}

pub(crate) fn verify(database: &Database) -> Vec<CheckOutcome> {
    let mut reported = Vec::new();
    let outcomes = database.verify(|outcome| reported.push(outcome.clone())).unwrap();
    assert_eq!(reported, outcomes);
    outcomes
}

/// Check, and a change that breaks what it says.
const VIOLATIONS: &[(&str, &str)] = &[
    (
        "loaded_ranges_are_contiguous",
        "UPDATE _loaded SET end_block = 4 WHERE dataset = 'logs' AND start_block = 0",
    ),
    ("loaded_ranges_are_contiguous", "DELETE FROM _loaded WHERE dataset = 'logs' AND start_block = 3"),
    ("gas_used_is_what_was_spent", "UPDATE transaction_gas SET gas_refunded = 0 WHERE transaction_index = 0"),
    ("gas_used_is_what_was_spent", "UPDATE transaction_gas SET floor_gas = NULL WHERE transaction_index = 2"),
    ("gas_used_is_what_was_spent", "DELETE FROM transaction_gas WHERE block_number = 1"),
    ("loaded_rows_match_tables", "DELETE FROM logs WHERE block_number = 1"),
    ("loaded_rows_match_tables", "DELETE FROM _loaded WHERE dataset = 'ommers'"),
    ("rows_lie_in_loaded_ranges", "UPDATE withdrawals SET block_number = 5 WHERE block_number = 4"),
    ("rows_lie_in_loaded_ranges", "DELETE FROM _loaded WHERE dataset = 'traces'"),
    ("block_numbers_are_unique", "INSERT INTO blocks SELECT * FROM blocks WHERE block_number = 1"),
    ("blocks_are_contiguous", "DELETE FROM blocks WHERE block_number = 2"),
    ("blocks_are_contiguous", "DELETE FROM blocks WHERE block_number = 0"),
    ("blocks_are_contiguous", "DELETE FROM blocks WHERE block_number = 4"),
    ("blocks_link_to_their_parents", "UPDATE blocks SET parent_hash = bin('0x00') WHERE block_number = 2"),
    ("blocks_link_to_their_parents", "UPDATE blocks SET timestamp = '2001-01-01' WHERE block_number = 2"),
    ("block_size_is_positive", "UPDATE blocks SET size = 0 WHERE block_number = 2"),
    ("block_gas_is_within_its_limit", "UPDATE blocks SET gas_limit = gas_used - 1 WHERE block_number = 2"),
    (
        "header_roots_agree_with_counts",
        "UPDATE blocks SET transactions_root =
            bin('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421') WHERE block_number = 1",
    ),
    ("header_roots_agree_with_counts", "UPDATE blocks SET ommers_hash = bin('0x00') WHERE block_number = 1"),
    ("header_roots_agree_with_counts", "UPDATE blocks SET withdrawals_root = NULL WHERE block_number = 1"),
    ("ommer_counts_match_blocks", "UPDATE blocks SET ommer_count = 2 WHERE block_number = 2"),
    ("ommer_counts_match_blocks", "UPDATE ommers SET ommer_index = 1"),
    ("withdrawal_counts_match_blocks", "DELETE FROM withdrawals WHERE block_number = 2"),
    ("withdrawal_counts_match_blocks", "UPDATE withdrawals SET block_number = 9 WHERE block_number = 2"),
    ("transaction_counts_match_blocks", "DELETE FROM transactions WHERE block_number = 2"),
    (
        "transaction_counts_match_blocks",
        "UPDATE transactions SET transaction_index = 7 WHERE block_number = 1 AND transaction_index = 2",
    ),
    ("transaction_counts_match_blocks", "UPDATE transactions SET block_number = 9 WHERE block_number = 4"),
    (
        "transaction_gas_sums_to_the_header",
        "UPDATE blocks SET gas_used = gas_used - 1 WHERE block_number = 1",
    ),
    ("transaction_gas_is_within_its_limit", "UPDATE transactions SET gas_limit = 1 WHERE block_number = 1"),
    ("transaction_gas_is_within_its_limit", "UPDATE transactions SET gas_used = 0 WHERE block_number = 1"),
    (
        "cumulative_gas_is_the_running_sum",
        "UPDATE transactions SET cumulative_gas_used = cumulative_gas_used + 1 WHERE transaction_index = 1",
    ),
    (
        "effective_gas_price_follows_the_fees",
        "UPDATE blocks SET base_fee_per_gas = 11 WHERE block_number = 1",
    ),
    (
        "effective_gas_price_follows_the_fees",
        "UPDATE transactions SET effective_gas_price = 11 WHERE transaction_index = 0",
    ),
    (
        "effective_gas_price_follows_the_fees",
        "UPDATE transactions SET effective_gas_price = 10 WHERE transaction_index = 1",
    ),
    ("blob_gas_sums_to_the_header", "UPDATE blocks SET blob_gas_used = NULL WHERE block_number = 1"),
    ("blob_gas_sums_to_the_header", "UPDATE transactions SET blob_versioned_hashes = []"),
    ("contract_address_only_for_creations", "UPDATE transactions SET contract_address = NULL"),
    ("contract_address_only_for_creations", "UPDATE transactions SET contract_address = from_address"),
    ("status_agrees_with_success", "UPDATE transactions SET status = 0"),
    ("status_agrees_with_success", "UPDATE transactions SET root = transaction_hash"),
    ("input_byte_counts_are_right", "UPDATE transactions SET n_input_bytes = 3"),
    ("input_byte_counts_are_right", "UPDATE transactions SET n_input_zero_bytes = 5"),
    ("transaction_values_have_one_form", "UPDATE transactions SET value = NULL"),
    ("transaction_values_have_one_form", "UPDATE transactions SET value = 1"),
    ("transaction_values_have_one_form", "UPDATE transactions SET value_u256 = u256(1) WHERE value IS NULL"),
    ("payloads_are_whole", "DELETE FROM payloads WHERE block_number = 1"),
    ("payloads_are_whole", "DELETE FROM payloads WHERE block_number = 1 AND piece_index = 0"),
    ("payloads_are_whole", "UPDATE payloads SET piece = ''::BLOB WHERE piece_index = 1"),
    ("payloads_are_whole", "UPDATE logs SET data_hash = NULL WHERE block_number = 1"),
    ("log_indices_are_contiguous", "UPDATE logs SET log_index = 9 WHERE log_index = 1"),
    ("log_indices_are_contiguous", "UPDATE logs SET transaction_index = 2 WHERE log_index = 0"),
    ("log_topics_leave_no_gap", "UPDATE logs SET topic0 = NULL"),
    ("logs_belong_to_successful_transactions", "UPDATE logs SET transaction_index = 2 WHERE log_index = 2"),
    ("logs_belong_to_successful_transactions", "UPDATE logs SET transaction_index = 3 WHERE log_index = 2"),
    ("trace_indices_are_contiguous", "UPDATE traces SET trace_index = 90 WHERE trace_index = 2"),
    ("trace_indices_are_contiguous", "UPDATE traces SET trace_index = trace_index + 1"),
    ("traces_have_one_root", "UPDATE traces SET trace_address = [] WHERE trace_address = [0]"),
    ("traces_have_one_root", "DELETE FROM traces WHERE transaction_index = 1"),
    ("traces_have_one_root", "UPDATE traces SET trace_type = 'call' WHERE trace_type = 'create'"),
    ("traces_have_one_root", "UPDATE traces SET transaction_index = 9 WHERE transaction_index = 1"),
    ("root_traces_agree_with_transactions", "UPDATE traces SET value = 6 WHERE trace_index = 0"),
    ("root_traces_agree_with_transactions", "UPDATE traces SET value_u256 = NULL"),
    (
        "root_traces_agree_with_transactions",
        "UPDATE traces SET from_address = to_address WHERE trace_index = 0",
    ),
    ("subtraces_count_the_children", "UPDATE traces SET subtraces = 3 WHERE trace_index = 0"),
    ("subtraces_count_the_children", "DELETE FROM traces WHERE trace_address = [0]"),
    ("trace_success_reaches_the_root", "UPDATE traces SET success = true WHERE trace_index = 6"),
    ("trace_success_reaches_the_root", "UPDATE traces SET transaction_success = false WHERE trace_index = 0"),
    ("successful_traces_have_no_error", "UPDATE traces SET success = true"),
    ("transaction_success_agrees", "UPDATE traces SET transaction_success = NOT transaction_success"),
    (
        "transaction_success_agrees",
        "UPDATE traces SET transaction_success = true WHERE transaction_index IS NULL",
    ),
    ("trace_values_have_one_form", "UPDATE traces SET value = 1 WHERE value_u256 IS NOT NULL"),
    ("trace_values_have_one_form", "UPDATE traces SET value_u256 = u256(1) WHERE value_u256 IS NOT NULL"),
    ("ommer_rewards_match_traces", "UPDATE ommers SET reward = reward + 1"),
    ("ommer_rewards_match_traces", "DELETE FROM traces WHERE reward_type = 'uncle'"),
    (
        "ether_logs_are_the_transfers",
        "UPDATE logs SET address = bin('0xfffffffffffffffffffffffffffffffffffffffe') WHERE log_index = 3",
    ),
    ("ether_logs_are_the_transfers", "UPDATE blocks SET slot_number = 1 WHERE block_number = 1"),
    ("erc20_transfers_are_those_in_the_logs", "DELETE FROM erc20_transfers WHERE block_number = 1"),
    ("erc20_transfers_are_those_in_the_logs", "UPDATE erc20_transfers SET value = value + 1"),
    ("erc20_transfers_are_those_in_the_logs", "UPDATE erc20_transfers SET to_address = from_address"),
    ("erc20_transfers_are_those_in_the_logs", "UPDATE erc20_transfers SET token_address = from_address"),
    ("erc20_transfers_are_those_in_the_logs", "UPDATE logs SET data = '' WHERE log_index = 3"),
    ("erc20_approvals_are_those_in_the_logs", "UPDATE erc20_approvals SET spender = owner"),
    ("erc20_approvals_are_those_in_the_logs", "UPDATE erc20_approvals SET log_index = 3"),
    ("erc721_transfers_are_those_in_the_logs", "UPDATE erc721_transfers SET token_id = u256(8)"),
    ("erc721_transfers_are_those_in_the_logs", "DELETE FROM erc721_transfers WHERE block_number = 3"),
    ("erc1155_transfers_belong_to_logs", "UPDATE erc1155_transfers SET batch_index = 1"),
    ("erc1155_transfers_belong_to_logs", "UPDATE erc1155_transfers SET log_index = 5"),
    ("erc1155_transfers_belong_to_logs", "UPDATE erc1155_transfers SET token_address = operator"),
    ("contracts_are_the_creations_in_traces", "DELETE FROM contracts WHERE block_number = 1"),
    ("contracts_are_the_creations_in_traces", "UPDATE contracts SET deployer = contract_address"),
    ("contracts_are_the_creations_in_traces", "UPDATE contracts SET code = init_code"),
    ("contracts_are_the_creations_in_traces", "UPDATE contracts SET code_hash = NULL"),
    ("contracts_are_the_creations_in_traces", "UPDATE contracts SET success = false"),
    (
        "transfer_indices_are_contiguous",
        "UPDATE native_transfers SET transfer_index = 9 WHERE transfer_index = 1",
    ),
    (
        "transfer_indices_are_contiguous",
        "UPDATE native_transfers SET value = 0 WHERE transfer_type = 'withdrawal'",
    ),
    ("transfer_indices_are_contiguous", "UPDATE native_transfers SET value_u256 = u256(value)"),
    ("transfer_indices_are_contiguous", "UPDATE native_transfers SET from_address = to_address"),
    ("transfer_indices_are_contiguous", "UPDATE native_transfers SET to_address = NULL"),
    ("transfer_indices_are_contiguous", "UPDATE native_transfers SET transaction_index = 0"),
    (
        "transfers_are_those_of_the_traces",
        "DELETE FROM native_transfers WHERE transfer_type = 'transaction' AND block_number = 1",
    ),
    (
        "transfers_are_those_of_the_traces",
        "UPDATE native_transfers SET value = 6 WHERE transfer_type = 'genesis'",
    ),
    ("transfers_are_those_of_the_traces", "UPDATE traces SET value = 2001 WHERE reward_type = 'block'"),
    ("transfers_have_the_withdrawals", "DELETE FROM withdrawals WHERE withdrawal_index = 0"),
    (
        "transfers_have_the_withdrawals",
        "UPDATE native_transfers SET value = value + 1 WHERE transfer_type = 'withdrawal'",
    ),
    (
        "balances_follow_the_transfers",
        "UPDATE native_transfers SET value = 6 WHERE transfer_type = 'transaction'",
    ),
    (
        "balances_follow_the_transfers",
        "UPDATE transactions SET gas_used = gas_used + 1 WHERE transaction_index = 0",
    ),
    ("balances_follow_the_transfers", "UPDATE blocks SET base_fee_per_gas = 6 WHERE block_number = 3"),
    (
        "balances_follow_the_transfers",
        "UPDATE transactions SET blob_gas_price = 2 WHERE transaction_index = 2",
    ),
    ("balances_follow_the_transfers", "DELETE FROM balance_diffs WHERE transaction_index IS NULL"),
    ("diffs_change_something", "UPDATE balance_diffs SET to_value = from_value WHERE transaction_index = 1"),
    ("diffs_change_something", "UPDATE nonce_diffs SET change_index = 5 WHERE change_index = 1"),
    ("diffs_change_something", "UPDATE code_diffs SET to_value = from_value"),
    ("diffs_change_something", "UPDATE storage_diffs SET to_value = from_value WHERE block_number = 2"),
    ("diffs_change_something", "UPDATE nonce_diffs SET transaction_index = 3 WHERE change_index = 1"),
    ("balance_diffs_chain_up", "UPDATE balance_diffs SET from_value = from_value + 1 WHERE block_number = 3"),
    ("nonce_diffs_chain_up", "DELETE FROM nonce_diffs WHERE block_number = 2"),
    (
        "code_diffs_chain_up",
        "UPDATE code_diffs SET from_value = '' WHERE block_number = 2 AND change_index = 0",
    ),
    ("storage_diffs_chain_up", "UPDATE storage_diffs SET from_value = u256(9) WHERE block_number = 2"),
    (
        "senders_spend_their_nonce",
        "UPDATE nonce_diffs SET from_value = from_value + 1 WHERE block_number = 2",
    ),
    ("senders_spend_their_nonce", "DELETE FROM nonce_diffs WHERE transaction_index = 2"),
    ("code_comes_from_creations", "UPDATE contracts SET success = false WHERE block_number = 1"),
    (
        "code_comes_from_creations",
        "UPDATE code_diffs SET to_value = bin('0xef0100') WHERE transaction_index = 1",
    ),
    ("what_changed_was_read", "DELETE FROM balance_reads WHERE transaction_index = 0"),
    ("what_changed_was_read", "UPDATE nonce_reads SET value = value + 1"),
    ("what_changed_was_read", "UPDATE storage_reads SET value = u256(77)"),
    ("code_reads_are_of_accounts_that_were_read", "UPDATE code_reads SET address = bin('0x00')"),
    ("code_reads_are_of_accounts_that_were_read", "UPDATE code_reads SET value = ''"),
    ("four_byte_counts_match_traces", "UPDATE four_byte_counts SET count = count + 1"),
    ("four_byte_counts_match_traces", "UPDATE four_byte_counts SET calldata_size = 1"),
    ("four_byte_counts_match_traces", "DELETE FROM four_byte_counts WHERE transaction_index = 2"),
    ("senders_and_recipients_appear", "DELETE FROM address_appearances WHERE relationship = 'tx_to'"),
    ("senders_and_recipients_appear", "UPDATE address_appearances SET relationship = 'tx_to'"),
    ("loaded_rows_match_tables", "DELETE FROM opcodes WHERE block_number = 1"),
    ("rows_lie_in_loaded_ranges", "UPDATE opcodes SET block_number = 5 WHERE block_number = 4"),
    ("steps_are_contiguous", "DELETE FROM opcodes WHERE step = 1"),
    ("steps_are_contiguous", "DELETE FROM opcodes WHERE step = 0 AND transaction_index = 0"),
    ("steps_are_contiguous", "UPDATE opcodes SET step = 1 WHERE step = 2"),
    ("steps_belong_to_transactions", "UPDATE opcodes SET transaction_index = 7 WHERE step = 0"),
    ("steps_belong_to_transactions", "UPDATE opcodes SET gas = 100001 WHERE step = 2"),
    ("steps_lie_in_frames", "UPDATE opcodes SET trace_index = 7 WHERE step = 2"),
    ("steps_lie_in_frames", "UPDATE opcodes SET trace_index = 90 WHERE step = 2"),
    ("steps_lie_in_frames", "UPDATE opcodes SET trace_index = 4 WHERE transaction_index = 2"),
    ("steps_lie_in_frames", "UPDATE opcodes SET depth = 3 WHERE step = 2"),
    ("root_frames_start_at_depth_1", "UPDATE opcodes SET pc = 1 WHERE step = 0"),
    ("root_frames_start_at_depth_1", "UPDATE opcodes SET depth = 2 WHERE step = 0"),
    ("gas_falls_from_step_to_step", "UPDATE opcodes SET gas_cost = 3 WHERE step = 0"),
    ("gas_falls_from_step_to_step", "UPDATE opcodes SET gas_cost = NULL WHERE step = 0"),
    ("tables_have_their_columns", "ALTER TABLE traces DROP COLUMN gas"),
    ("tables_have_their_columns", "ALTER TABLE native_transfers ALTER value TYPE DOUBLE"),
    ("tables_have_their_columns", "ALTER TABLE logs ALTER address DROP NOT NULL"),
    ("tables_have_their_columns", "ALTER TABLE contracts ADD COLUMN note VARCHAR"),
    ("values_have_their_form", "UPDATE blocks SET logs_bloom = logs_bloom[2:] WHERE block_number = 2"),
    ("values_have_their_form", "UPDATE blocks SET timestamp = '1969-12-31' WHERE block_number = 2"),
    ("values_have_their_form", "UPDATE blocks SET timestamp = 'infinity' WHERE block_number = 2"),
    ("values_have_their_form", "UPDATE transactions SET from_address = '' WHERE block_number = 2"),
    ("values_have_their_form", "UPDATE transactions SET effective_gas_price = -8 WHERE block_number = 2"),
    (
        "values_have_their_form",
        "UPDATE transactions SET blob_versioned_hashes = [bin('0x01')] WHERE block_number = 2",
    ),
    (
        "values_have_their_form",
        "UPDATE transactions SET access_list = [{'address': from_address, 'storage_keys': [NULL]}]",
    ),
    ("values_have_their_form", "UPDATE transactions SET access_list = [{'address': s, 'storage_keys': []}]"),
    ("values_have_their_form", "UPDATE traces SET value = -5 WHERE block_number = 2"),
    ("values_have_their_form", "UPDATE balance_diffs SET to_value_u256 = u256(1) WHERE block_number = 2"),
    ("status_agrees_with_success", "UPDATE transactions SET status = NULL WHERE block_number = 2"),
    ("values_have_their_form", "UPDATE opcodes SET address = '' WHERE step = 2"),
    ("values_have_their_form", "UPDATE opcodes SET stack = [bin('0x07')] WHERE step = 2"),
    (
        "values_have_their_form",
        "ALTER TABLE logs ALTER address DROP NOT NULL; UPDATE logs SET address = NULL WHERE log_index = 2",
    ),
    // The sender of the hand-built chain has sent what he never got.
    ("well_behaved_tokens_have_no_negative_balance", "UPDATE tokens SET balances_agree = true"),
];

#[test]
fn sound_tables_break_no_check() {
    let bench = Workbench::new();
    let outcomes = verify(&loaded(&bench));
    assert_eq!(outcomes.len(), OWN_CHECKS.len() + CHECKS.len());
    for outcome in outcomes {
        assert_eq!(outcome.verdict, Verdict::Holds, "{}", outcome.name);
    }
}

#[test]
fn every_check_finds_what_it_is_for() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    for (name, change) in VIOLATIONS {
        let broken = Workbench::new();
        fs::copy(bench.database_path(), broken.database_path()).unwrap();
        tamper(&broken.database_path(), change);
        let database = Database::open_read_only(&broken.database_path(), &broken.options()).unwrap();
        // Asked alone: all of them take a second each time.
        let check = CHECKS.iter().find(|check| check.name == *name);
        let alone = check.map(|check| format!("SELECT * FROM (\n{}\n) LIMIT 1", check.sql));
        if let Some(found) = alone.and_then(|select| database.query_text(&select).ok()) {
            assert_eq!(found.rows.len(), 1, "{name} did not see: {change}");
            continue;
        }
        let outcomes = verify(&database);
        let outcome = outcomes.iter().find(|outcome| outcome.name == *name).unwrap();
        let Verdict::Broken { violations, samples } = &outcome.verdict else {
            panic!("{name} did not see: {change}");
        };
        assert!(*violations >= samples.len() as u64 && !samples.is_empty(), "{name}: {change}");
        assert!(samples[0].contains('='), "{samples:?}");
    }
}

#[test]
fn a_value_without_its_form_is_named_with_its_block_and_transaction() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    tamper(
        &bench.database_path(),
        "UPDATE transactions SET s = s[1:31] WHERE block_number = 3 AND transaction_index = 1",
    );
    let outcomes = verify(&Database::open_read_only(&bench.database_path(), &bench.options()).unwrap());
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Holds).collect();
    let [CheckOutcome { name: "values_have_their_form", verdict, .. }] = broken[..] else {
        panic!("{broken:?}");
    };
    let sample = "dataset=transactions, block_number=3, transaction_index=1, column_name=s";
    assert_eq!(*verdict, Verdict::Broken { violations: 1, samples: vec![sample.to_owned()] });
}

/// What DuckDB says where a query meets such a value: its words are all there is to tell it from a full disk.
#[test]
fn a_check_that_stumbles_over_a_value_has_found_something_and_keeps_no_other_from_being_run() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    tamper(
        &bench.database_path(),
        "CREATE OR REPLACE MACRO u256(decimal_text) AS error('no number: ' || decimal_text::VARCHAR)",
    );
    let outcomes = verify(&Database::open_read_only(&bench.database_path(), &bench.options()).unwrap());
    assert_eq!(outcomes.len(), OWN_CHECKS.len() + CHECKS.len());
    let found = outcomes.iter().find(|outcome| outcome.name == "trace_values_have_one_form").unwrap();
    let Verdict::Broken { violations: 1, samples } = &found.verdict else { panic!("{found:?}") };
    assert!(samples[0].contains("no number: 9999"), "{samples:?}");
    tamper(&bench.database_path(), "DROP MACRO hex0x");
    let outcomes = verify(&Database::open_read_only(&bench.database_path(), &bench.options()).unwrap());
    assert_eq!(outcomes.len(), OWN_CHECKS.len() + CHECKS.len());
    let failed = outcomes.iter().find(|outcome| outcome.name == "transfer_indices_are_contiguous").unwrap();
    assert!(matches!(&failed.verdict, Verdict::Failed { reason } if reason.contains("hex0x")), "{failed:?}");
}

/// The check may hold or not; the message helps a user who has never heard of DuckDB's settings.
#[test]
fn a_check_that_runs_out_of_memory_was_not_run_and_names_the_argument() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    let endless = "(SELECT string_agg(range::VARCHAR, '') FROM range(100000000))";
    tamper(&bench.database_path(), &format!("CREATE OR REPLACE MACRO hex0x(bytes) AS {endless}"));
    let options = LoadOptions { memory_bytes: 30 << 20, ..bench.options() };
    let database = Database::open_read_only(&bench.database_path(), &options).unwrap();
    let error = database.query_text(&format!("SELECT {endless} AS text")).unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, LoadError::Shortage { .. }), "{error:?}");
    assert!(
        said.contains("cannot run a query: DuckDB had 30.0 MiB of the memory, which does not suffice"),
        "{said}"
    );
    let outcomes = verify(&database);
    let failed = outcomes.iter().find(|outcome| outcome.name == "transfer_indices_are_contiguous").unwrap();
    let Verdict::Failed { reason } = &failed.verdict else { panic!("{failed:?}") };
    assert!(reason.contains("more memory") && !reason.contains("SET "), "{reason}");
}

/// Two amounts that columns hold, of which the sum is too large for every type there is.
#[test]
fn balances_are_followed_whatever_their_size() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    let found = |change: &str| {
        tamper(&bench.database_path(), change);
        let database = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap();
        let outcomes = verify(&database);
        outcomes.into_iter().find(|outcome| outcome.name == "balances_follow_the_transfers").unwrap().verdict
    };
    let rich = "bin('0xb1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1')";
    let (half, whole) = ("9".to_owned() + &"0".repeat(37), "18".to_owned() + &"0".repeat(37));
    let rewards = format!(
        "INSERT INTO native_transfers (block_number, transfer_index, to_address, value, transfer_type)
             VALUES (3, 90, {rich}, {half}, 'reward'), (3, 91, {rich}, {half}, 'reward');
         INSERT INTO balance_diffs (block_number, change_index, address, to_value_u256)
             VALUES (3, 90, {rich}, u256('{whole}'))"
    );
    assert_eq!(found(&rewards), Verdict::Holds);
    let more = format!("{}1", &whole[..whole.len() - 1]);
    let more = format!("UPDATE balance_diffs SET to_value_u256 = u256('{more}') WHERE address = {rich}");
    let Verdict::Broken { violations: 1, samples } = found(&more) else {
        panic!("a wei too much is not seen")
    };
    assert!(
        samples[0].ends_with("address=0xb1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1, difference=1"),
        "{samples:?}"
    );
}

#[test]
fn rows_that_cannot_be_written_out_leave_no_file_behind() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    tamper(
        &bench.database_path(),
        "ALTER TABLE logs RENAME TO kept;
         CREATE VIEW logs AS SELECT * REPLACE (if(block_number = 2, error('unreadable'), data) AS data) FROM kept",
    );
    let database = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap();
    let folder = bench.folder().join("scratch");
    fs::create_dir(&folder).unwrap();
    let unit = &database.loaded().unwrap()[0];
    let error = database.changed_rows(unit, &folder.join("digest.parquet")).unwrap_err();
    assert!(error.to_string().contains("read blocks 0:3 of logs"), "{error}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn every_check_has_been_seen_to_fail() {
    let seen: BTreeSet<_> = VIOLATIONS.iter().map(|(name, _)| *name).collect();
    let own = OWN_CHECKS.iter().map(|(name, _)| *name);
    let all: BTreeSet<_> = CHECKS.iter().map(|check| check.name).chain(own).collect();
    assert_eq!(seen, all);
}

#[test]
fn violations_are_counted_beyond_the_samples() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    tamper(&bench.database_path(), "UPDATE transactions SET n_input_bytes = 3 WHERE block_number < 3");
    let outcomes = verify(&Database::open_read_only(&bench.database_path(), &bench.options()).unwrap());
    let broken: Vec<_> = outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Holds).collect();
    let [CheckOutcome { name: "input_byte_counts_are_right", verdict, .. }] = broken[..] else {
        panic!("{broken:?}");
    };
    let Verdict::Broken { violations: 6, samples } = verdict else { panic!("{verdict:?}") };
    assert_eq!(samples.len(), 5);
    assert!(samples[0].starts_with("block_number=1, transaction_index=0, n_input_bytes=3"), "{samples:?}");
}

#[test]
fn checks_of_datasets_that_were_not_loaded_are_skipped() {
    let bench = Workbench::new();
    let mut database = bench.open();
    let datasets = [Dataset::Blocks, Dataset::Logs];
    database.load(&[unit_of(bench.folder(), BlockRange::new(0, 4), &datasets, 0)]).unwrap();
    let (own, asked): (Vec<_>, Vec<_>) = verify(&database)
        .into_iter()
        .partition(|outcome| OWN_CHECKS.iter().any(|(name, _)| *name == outcome.name));
    assert!(own.iter().all(|outcome| outcome.verdict == Verdict::Holds), "{own:?}");
    for outcome in asked {
        let check = CHECKS.iter().find(|check| check.name == outcome.name).unwrap();
        let mut missing: Vec<_> =
            check.needs().filter(|dataset| !datasets.contains(dataset)).map(Dataset::name).collect();
        missing.extend(check.needs_derived());
        let expected = if missing.is_empty() { Verdict::Holds } else { Verdict::Skipped { missing } };
        assert_eq!(outcome.verdict, expected, "{}", outcome.name);
    }
}

#[test]
fn blocks_that_are_no_chain_need_no_parents() {
    let bench = Workbench::new();
    loaded(&bench).finish().unwrap();
    tamper(
        &bench.database_path(),
        "UPDATE _meta SET value = 'blocks' WHERE key = 'kind';
         UPDATE blocks SET parent_hash = block_hash WHERE block_number = 2",
    );
    let database = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap();
    assert!(verify(&database).iter().all(|outcome| outcome.verdict == Verdict::Holds));
}

#[test]
fn rows_have_the_digest_in_the_books_until_one_is_gone() {
    let bench = Workbench::new();
    let database = loaded(&bench);
    let scratch = bench.folder().join("digest.parquet");
    let digests = |database: &Database| {
        let mut equal = BTreeSet::new();
        for unit in database.loaded().unwrap() {
            let changed = database.changed_rows(&unit, &scratch).unwrap();
            let datasets = unit.segments.iter().map(|segment| segment.dataset);
            equal.extend(
                datasets
                    .filter(|dataset| !changed.contains(dataset))
                    .map(|dataset| (unit.range.start, dataset)),
            );
        }
        equal
    };
    let all: BTreeSet<_> =
        [0, 3].into_iter().flat_map(|start| Dataset::ALL.map(|dataset| (start, dataset))).collect();
    assert_eq!(digests(&database), all);
    assert!(!scratch.exists());
    database.finish().unwrap();
    for dataset in Dataset::ALL {
        tamper(
            &bench.database_path(),
            &format!("DELETE FROM {dataset} WHERE rowid = (SELECT max(rowid) FROM {dataset})"),
        );
    }
    let database = Database::open_read_only(&bench.database_path(), &bench.options()).unwrap();
    let left = digests(&database);
    for dataset in Dataset::ALL {
        let whole = [0, 3].into_iter().filter(|start| left.contains(&(*start, dataset))).count();
        assert_eq!(whole, 1, "{dataset}: of two units one has lost a row");
    }
}

#[test]
fn damage_is_found_and_a_damaged_file_is_set_aside_beside_earlier_ones() {
    let bench = Workbench::new();
    let path = bench.database_path();
    let scratch = bench.folder().join("digest.parquet");
    let find = || Database::find_damage(&path, &bench.options(), &scratch, || true).unwrap();
    assert_eq!(find(), None, "there is nothing yet");
    loaded(&bench).finish().unwrap();
    assert_eq!(find(), None);
    let whole = fs::read(&path).unwrap();
    tamper(&path, "UPDATE transactions SET gas_used = gas_used + 1 WHERE block_number = 4");
    let damage = find().unwrap();
    assert!(damage.contains("rows of transactions in blocks 3:5"), "{damage}");
    let mut broken = whole.clone();
    broken[20] ^= 1;
    fs::write(&path, broken).unwrap();
    let damage = find().unwrap();
    assert!(damage.contains("the database is damaged"), "{damage}");
    for number in 1..3 {
        fs::write(&path, &whole).unwrap();
        fs::write(path.with_extension("duckdb.wal"), "a log").unwrap();
        let aside = Database::set_aside(&path).unwrap();
        assert_eq!(aside, bench.folder().join(format!("chain.duckdb.damaged-{number}")));
        assert!(
            fs::read(&aside).unwrap() == whole
                && aside.with_extension(format!("damaged-{number}.wal")).exists()
        );
        assert!(!path.exists() && !path.with_extension("duckdb.wal").exists());
    }
}
