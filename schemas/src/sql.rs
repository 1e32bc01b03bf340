//! SQL that belongs to the database as a whole: its bookkeeping, macros, views, and the checks that `verify`
//! runs.

use std::sync::LazyLock;

use crate::{Dataset, hex};

/// Creates `_loaded` and `_meta`; running it again changes nothing.
pub const BOOKKEEPING: &str = include_str!("../bookkeeping.sql");

/// Creates or replaces the macros of the database file.
pub const MACROS: &str = include_str!("../macros.sql");

/// Create or replace the views: `chain`, `hex.*`, `etl.*` with the columns of ethereum-etl, `cryo.*` with those of cryo. They need
/// the tables and the macros.
pub static VIEWS: LazyLock<[String; 4]> = LazyLock::new(|| {
    let [chain, etl, cryo] = [
        include_str!("../views/chain.sql"),
        include_str!("../views/etl.sql"),
        include_str!("../views/cryo.sql"),
    ]
    .map(str::to_owned);
    [chain, hex::views(), etl, cryo]
});

/// A SELECT in a file of its own, below comment lines: what it is for in a sentence, then, where needed, the datasets
/// that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Its name: that of the file, without `.sql`.
    pub name: &'static str,
    /// The file, which has no semicolon.
    pub sql: &'static str,
}

impl Query {
    /// The purpose of the query, for people: the first line of the file.
    pub fn description(&self) -> &'static str {
        self.comment("-- ").next().unwrap_or(self.name)
    }

    /// The datasets without which it says nothing: the line `-- needs …`.
    pub fn needs(&self) -> impl Iterator<Item = Dataset> {
        self.needed_names().filter_map(Dataset::by_name)
    }

    /// The derived tables without which it says nothing: the line `-- derived …`.
    pub fn needs_derived(&self) -> impl Iterator<Item = &'static str> {
        self.comment("-- derived ").flat_map(|names| names.split(',')).map(str::trim)
    }

    /// The lines of the statement itself, below the comment at the top.
    pub fn statement(&self) -> impl Iterator<Item = &'static str> {
        self.sql.lines().skip_while(|line| line.starts_with("--"))
    }

    fn needed_names(&self) -> impl Iterator<Item = &'static str> {
        self.comment("-- needs ").flat_map(|names| names.split(',')).map(str::trim)
    }

    fn comment(&self, prefix: &'static str) -> impl Iterator<Item = &'static str> {
        self.sql.lines().filter_map(move |line| line.strip_prefix(prefix))
    }
}

macro_rules! queries {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(Query { name: $name, sql: include_str!(concat!("../", $folder, "/", $name, ".sql")) }),*]
    };
}

/// What `report` asks every database: questions with a story, that show how to ask. `examples/README.md` says how they
/// are written.
pub const EXAMPLES: &[Query] = queries![
    "examples":
    "gas_by_contract",
    "failed_calls",
    "token_transfers",
    "ether_in_calls",
    "fees_along_the_chain",
];

/// More questions, none of which is asked by default: `queries/README.md`.
pub const QUERIES: &[Query] = queries![
    "queries":
    "address_history",
    "call_tree",
    "gas_by_instruction",
    "top_senders",
    "innermost_failures",
    "income_of_block_producers",
    "largest_movements",
    "wealth_over_time",
    "token_holders_at_a_block",
    "unlimited_approvals",
    "minted_tokens",
    "creations_by_factory",
    "code_clones",
    "proxy_implementations",
    "delegated_accounts",
    "hot_slots",
    "sandwiches",
    "address_poisoning",
];

/// What `verify` asks: each returns a row for every place where an invariant is broken. `checks/README.md` says how they
/// are written.
///
/// First whether `_loaded` is right, then per dataset in their order.
pub const CHECKS: &[Query] = queries![
    "checks":
    "loaded_ranges_are_contiguous",
    "block_numbers_are_unique",
    "blocks_are_contiguous",
    "blocks_link_to_their_parents",
    "block_size_is_positive",
    "block_gas_is_within_its_limit",
    "header_roots_agree_with_counts",
    "ommer_counts_match_blocks",
    "withdrawal_counts_match_blocks",
    "transaction_counts_match_blocks",
    "transaction_gas_sums_to_the_header",
    "transaction_gas_is_within_its_limit",
    "cumulative_gas_is_the_running_sum",
    "effective_gas_price_follows_the_fees",
    "gas_used_is_what_was_spent",
    "blob_gas_sums_to_the_header",
    "contract_address_only_for_creations",
    "status_agrees_with_success",
    "input_byte_counts_are_right",
    "transaction_values_have_one_form",
    "payloads_are_whole",
    "log_indices_are_contiguous",
    "log_topics_leave_no_gap",
    "logs_belong_to_successful_transactions",
    "ether_logs_are_the_transfers",
    "erc20_transfers_are_those_in_the_logs",
    "erc20_approvals_are_those_in_the_logs",
    "erc721_transfers_are_those_in_the_logs",
    "erc1155_transfers_belong_to_logs",
    "trace_indices_are_contiguous",
    "traces_have_one_root",
    "root_traces_agree_with_transactions",
    "subtraces_count_the_children",
    "trace_success_reaches_the_root",
    "successful_traces_have_no_error",
    "transaction_success_agrees",
    "trace_values_have_one_form",
    "ommer_rewards_match_traces",
    "contracts_are_the_creations_in_traces",
    "transfer_indices_are_contiguous",
    "transfers_are_those_of_the_traces",
    "transfers_have_the_withdrawals",
    "balances_follow_the_transfers",
    "diffs_change_something",
    "balance_diffs_chain_up",
    "nonce_diffs_chain_up",
    "code_diffs_chain_up",
    "storage_diffs_chain_up",
    "senders_spend_their_nonce",
    "code_comes_from_creations",
    "what_changed_was_read",
    "code_reads_are_of_accounts_that_were_read",
    "four_byte_counts_match_traces",
    "senders_and_recipients_appear",
    "steps_are_contiguous",
    "steps_belong_to_transactions",
    "steps_lie_in_frames",
    "root_frames_start_at_depth_1",
    "gas_falls_from_step_to_step",
    "well_behaved_tokens_have_no_negative_balance",
];

/// A table made out of loaded ones: a file of `derived/`, whose README says how they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derivation(Query);

/// The line of a table whose rows are right from genesis on, and from a loaded state on.
const FROM_GENESIS_OR_STATE: &str = "-- from genesis or a state";

impl Derivation {
    /// The table's name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// What the table holds, for people.
    pub fn description(&self) -> &'static str {
        self.0.description()
    }

    /// The datasets that it is made from.
    pub fn needs(&self) -> impl Iterator<Item = Dataset> {
        self.0.needs()
    }

    /// Whether the table's rows are right only if nothing is missing before the first block.
    pub fn is_from_genesis(&self) -> bool {
        self.0.sql.lines().any(|line| line == "-- from genesis" || line == FROM_GENESIS_OR_STATE)
    }

    /// Whether a state that was loaded is as good as genesis for it.
    pub fn may_start_from_state(&self) -> bool {
        self.0.sql.lines().any(|line| line == FROM_GENESIS_OR_STATE)
    }

    /// Creates the table; running it again changes nothing.
    pub fn ddl(&self) -> &'static str {
        PARTS.iter().fold(self.0.sql, |above, title| above.split(&**title).next().unwrap_or(above))
    }

    /// Takes up the blocks from the variable `start_block` to `end_block`, exclusive.
    pub fn update(&self) -> &'static str {
        self.part(UPDATE)
    }

    /// For [`TOKENS`], SQL that makes `_candidates`, the contracts that may be tokens, out of the blocks
    /// before the variable `end_block`.
    pub fn candidates(&self) -> &'static str {
        self.part(CANDIDATES)
    }

    /// For [`TOKENS`], SQL that makes `_holders`, those whose balance is asked for, out of `_candidates`.
    pub fn holders(&self) -> &'static str {
        self.part(HOLDERS)
    }

    /// What stands below a title, up to the next one.
    fn part(&self, title: &str) -> &'static str {
        let below = self.0.sql.split_once(title).map_or("", |(_, below)| below);
        PARTS.iter().fold(below, |above, next| above.split(&**next).next().unwrap_or(above))
    }
}

const UPDATE: &str = "\n-- update\n";
const CANDIDATES: &str = "\n-- candidates\n";
const HOLDERS: &str = "\n-- holders\n";
const PARTS: [&str; 3] = [UPDATE, CANDIDATES, HOLDERS];

const fn derivation(name: &'static str, sql: &'static str) -> Derivation {
    Derivation(Query { name, sql })
}

/// Every table that SQL alone derives.
pub const DERIVED: &[Derivation] = &[
    derivation("account_balances", include_str!("../derived/account_balances.sql")),
    derivation("erc20_balances", include_str!("../derived/erc20_balances.sql")),
    derivation("daily_stats", include_str!("../derived/daily_stats.sql")),
    derivation("contract_stats", include_str!("../derived/contract_stats.sql")),
];

/// The derived table for which contracts are asked: between its candidates and its rows stands the EVM.
pub const TOKENS: Derivation = derivation("tokens", include_str!("../derived/tokens.sql"));

/// Every derived table.
pub fn derivations() -> impl Iterator<Item = &'static Derivation> {
    DERIVED.iter().chain([&TOKENS])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    const FOLDERS: [(&str, &[Query]); 3] = [("checks", CHECKS), ("examples", EXAMPLES), ("queries", QUERIES)];

    #[test]
    fn every_file_is_listed_once() {
        let derived: Vec<_> = derivations().map(|derivation| derivation.0).collect();
        for (folder, queries) in FOLDERS.into_iter().chain([("derived", &derived[..])]) {
            // Where the test runs, not where it was compiled: clones share their target directory.
            let folder = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join(folder);
            let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
            let files: BTreeSet<String> =
                names.filter_map(|name| Some(name.to_str()?.strip_suffix(".sql")?.to_owned())).collect();
            let listed: BTreeSet<String> = queries.iter().map(|query| query.name.to_owned()).collect();
            assert_eq!(files, listed);
            assert_eq!(listed.len(), queries.len(), "one is listed twice");
        }
    }

    #[test]
    fn every_derived_table_creates_itself_and_says_what_it_needs() {
        for derivation in derivations() {
            let name = derivation.name();
            assert!(derivation.ddl().contains(&format!("CREATE TABLE IF NOT EXISTS {name} (")), "{name}");
            assert!(derivation.ddl().contains(&format!("COMMENT ON TABLE {name} IS")), "{name}");
            assert!(!derivation.ddl().contains("getvariable"), "{name}");
            assert!(derivation.needs().count() > 0, "{name}");
            assert_eq!(derivation.needs().count(), derivation.0.needed_names().count(), "{name}");
        }
        for derivation in DERIVED {
            assert!(derivation.update().contains("getvariable('start_block')"), "{}", derivation.name());
        }
        assert!(
            TOKENS.candidates().contains("TABLE _candidates") && !TOKENS.candidates().contains("_holders")
        );
        assert!(TOKENS.holders().contains("TABLE _holders"));
    }

    #[test]
    fn every_file_says_what_it_is_for_and_names_datasets_that_exist() {
        for query in FOLDERS.into_iter().flat_map(|(_, queries)| queries) {
            assert!(query.sql.starts_with("-- "), "{} has no description", query.name);
            assert!(!query.description().starts_with("needs"), "{} has no description", query.name);
            for name in query.needed_names() {
                assert!(
                    Dataset::by_name(name).is_some(),
                    "{} needs '{name}', which is no dataset",
                    query.name
                );
            }
            for name in query.needs_derived() {
                let derived = derivations().any(|table| table.name() == name);
                assert!(derived, "{} needs '{name}', which is not derived", query.name);
            }
            assert!(!query.sql.trim_end().ends_with(';'), "{} must fit into a subquery", query.name);
        }
    }

    #[test]
    fn a_statement_starts_below_the_comment_at_the_top() {
        for query in EXAMPLES.iter().chain(QUERIES) {
            let first = query.statement().next().unwrap_or_default();
            assert!(first.starts_with("SELECT") || first.starts_with("WITH"), "{}: {first}", query.name);
        }
    }
}
