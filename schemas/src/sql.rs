//! SQL that belongs to the database as a whole: its books, macros, views, and the checks that `verify` runs.

use crate::Dataset;

/// Creates `_loaded` and `_meta`; running it again changes nothing.
pub const BOOKKEEPING: &str = include_str!("../bookkeeping.sql");

/// Creates or replaces the macros of the database file.
pub const MACROS: &str = include_str!("../macros.sql");

/// Create or replace the views, one script per schema. They need the tables and the macros.
pub const VIEWS: &[&str] = &[include_str!("../views/hex.sql")];

/// A SELECT that returns a row for every place where an invariant is broken. `checks/README.md` says how they are
/// written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Its name: that of the file, without `.sql`.
    pub name: &'static str,
    /// The file: two comment lines, then the SELECT, without a semicolon.
    pub sql: &'static str,
}

impl Check {
    /// What holds, for people: the first line of the file.
    pub fn description(&self) -> &'static str {
        self.comment("-- ").next().unwrap_or(self.name)
    }

    /// The datasets without which it says nothing: the line `-- needs …`.
    pub fn needs(&self) -> impl Iterator<Item = Dataset> {
        self.needed_names().filter_map(Dataset::by_name)
    }

    fn needed_names(&self) -> impl Iterator<Item = &'static str> {
        self.comment("-- needs ").flat_map(|names| names.split(',')).map(str::trim)
    }

    fn comment(&self, prefix: &'static str) -> impl Iterator<Item = &'static str> {
        self.sql.lines().filter_map(move |line| line.strip_prefix(prefix))
    }
}

macro_rules! checks {
    ($($name:literal),* $(,)?) => {
        &[$(Check { name: $name, sql: include_str!(concat!("../checks/", $name, ".sql")) }),*]
    };
}

/// Every check: first whether the books are right, then per dataset in their order.
pub const CHECKS: &[Check] = checks![
    "loaded_ranges_are_contiguous",
    "loaded_rows_match_tables",
    "rows_lie_in_loaded_ranges",
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
    "blob_gas_sums_to_the_header",
    "contract_address_only_for_creations",
    "status_agrees_with_success",
    "input_byte_counts_are_right",
    "transaction_values_have_one_form",
    "log_indices_are_contiguous",
    "log_topics_leave_no_gap",
    "logs_belong_to_successful_transactions",
    "trace_indices_are_contiguous",
    "traces_have_one_root",
    "root_traces_agree_with_transactions",
    "subtraces_count_the_children",
    "trace_success_reaches_the_root",
    "successful_traces_have_no_error",
    "transaction_success_agrees",
    "trace_values_have_one_form",
    "ommer_rewards_match_traces",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_check_file_is_listed_once() {
        // Where the test runs, not where it was compiled: clones share their target directory.
        let folder = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("checks");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".sql")?.to_owned()))
            .collect();
        let listed: BTreeSet<String> = CHECKS.iter().map(|check| check.name.to_owned()).collect();
        assert_eq!(files, listed);
        assert_eq!(listed.len(), CHECKS.len(), "a check is listed twice");
    }

    #[test]
    fn every_check_says_what_holds_and_names_datasets_that_exist() {
        for check in CHECKS {
            assert!(check.sql.starts_with("-- "), "{} has no description", check.name);
            assert!(!check.description().starts_with("needs"), "{} has no description", check.name);
            for name in check.needed_names() {
                assert!(
                    Dataset::by_name(name).is_some(),
                    "{} needs '{name}', which is no dataset",
                    check.name
                );
            }
            assert!(!check.sql.trim_end().ends_with(';'), "{} must fit into a subquery", check.name);
        }
    }
}
