//! Values that are written as words.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use alloy::primitives::U256;
use blockmill_chain::KnownChain;
use blockmill_load::ExportTable;
use blockmill_pipeline::ChainChoice;
use blockmill_schemas::Dataset;

/// A chain's name, or the path of a genesis file.
///
/// A path is told by its slash, by its ending, or by lying there.
pub(crate) fn chain(text: &str) -> Result<ChainChoice, String> {
    let path = PathBuf::from(text);
    let is_path =
        text.contains('/') || text.ends_with(".json") || text.ends_with(".json.gz") || path.is_file();
    match KnownChain::by_name(text) {
        Some(known) => Ok(ChainChoice::Known(known)),
        None if is_path => Ok(ChainChoice::GenesisFile(path)),
        None => Err(format!(
            "no such chain: write {}, or the path of a genesis file (.json or .json.gz)",
            KnownChain::ALL.map(KnownChain::name).join(", ")
        )),
    }
}

/// A dataset by its name.
pub(crate) fn dataset(text: &str) -> Result<Dataset, String> {
    let names = Dataset::ALL.map(Dataset::name);
    Dataset::by_name(text).ok_or_else(|| format!("no such dataset{}", alternatives(text, &names)))
}

/// A dataset or a derived table by its name.
pub(crate) fn table(text: &str) -> Result<ExportTable, String> {
    let names: Vec<_> = ExportTable::all().map(|table| table.name()).collect();
    let named = ExportTable::all().find(|table| table.name() == text);
    named.ok_or_else(|| format!("no such dataset{}", alternatives(text, &names)))
}

/// The most similar name, if any is similar, or all names.
fn alternatives(text: &str, names: &[&str]) -> String {
    /// Below this, names have no more in common than any two words.
    const ALIKE: f64 = 0.8;
    let likeness = |name: &&&str| strsim::jaro_winkler(text, name);
    let nearest = names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|name| likeness(name) >= ALIKE) {
        Some(name) => format!(": did you mean {name}?"),
        None => format!(": there are {}", names.join(", ")),
    }
}

/// Datasets as a list with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatasetList(pub(crate) Vec<Dataset>);

/// The word for all datasets that are filled without being asked for.
pub(crate) const DEFAULT_DATASETS: &str = "default";
/// The word for every dataset there is.
const ALL_DATASETS: &str = "all";

impl FromStr for DatasetList {
    type Err = String;

    /// `blocks,traces`; `default` stands for the default ones, and so does a leading `+`: `+opcodes` is
    /// `default,opcodes`. `all` stands for all.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut chosen = Vec::new();
        for word in text.split(',').map(str::trim) {
            let name = word.strip_prefix('+');
            if word == DEFAULT_DATASETS || name.is_some() {
                chosen.extend(Dataset::defaults());
            }
            match name.unwrap_or(word) {
                DEFAULT_DATASETS => {}
                ALL_DATASETS => chosen.extend(Dataset::ALL),
                name => chosen.push(dataset(name).map_err(|reason| format!("'{word}': {reason}"))?),
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        Ok(Self(chosen))
    }
}

/// Tables to export as a list with commas: datasets as [`DatasetList`] has them, and derived tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableList(pub(crate) Vec<ExportTable>);

impl FromStr for TableList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let derived = || ExportTable::all().filter(|table| matches!(table, ExportTable::Derived(_)));
        let words = text.split(',').map(str::trim);
        let (derived_words, words): (Vec<_>, Vec<_>) =
            words.partition(|word| derived().any(|table| table.name() == *word));
        let mut chosen = Vec::new();
        if !words.is_empty() {
            let names = derived().map(|table| table.name()).collect::<Vec<_>>().join(", ");
            let datasets = words.join(",").parse::<DatasetList>();
            let DatasetList(datasets) =
                datasets.map_err(|reason| format!("{reason}; derived tables: {names}"))?;
            // With what holds the long byte strings of their rows.
            chosen.extend(Dataset::completed(&datasets).into_iter().map(ExportTable::Loaded));
        }
        chosen.extend(derived().filter(|table| derived_words.contains(&table.name())));
        Ok(Self(chosen))
    }
}

/// A storage slot: decimal, or hex with `0x`.
pub(crate) fn slot(text: &str) -> Result<U256, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => U256::from_str_radix(digits, 16),
        None => U256::from_str_radix(text, 10),
    };
    parsed.map_err(|_| "not a storage slot: write a number below 2^256, decimal or hex with 0x".into())
}

/// A path of an existing file or folder.
pub(crate) fn existing_path(text: &str) -> Result<PathBuf, String> {
    match Path::new(text).try_exists() {
        Ok(true) => Ok(text.into()),
        Ok(false) => Err("there is no such file or folder".into()),
        Err(reason) => Err(reason.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_a_name_or_a_genesis_file() {
        assert_eq!(chain("sepolia"), Ok(ChainChoice::Known(KnownChain::Sepolia)));
        assert_eq!(chain("my.json.gz"), Ok(ChainChoice::GenesisFile("my.json.gz".into())));
        assert_eq!(chain("./genesis"), Ok(ChainChoice::GenesisFile("./genesis".into())));
        assert!(chain("manet").unwrap_err().contains("mainnet, sepolia, holesky, hoodi"));
    }

    #[test]
    fn datasets_are_listed_by_name_once_and_in_order() {
        let list = |text: &str| text.parse::<DatasetList>().map(|list| list.0);
        assert_eq!(list("traces, blocks,traces"), Ok(vec![Dataset::Blocks, Dataset::Traces]));
        assert_eq!(list("default"), Ok(Dataset::defaults().collect()));
        assert_eq!(list("all"), Ok(Dataset::ALL.to_vec()));
        assert_eq!(list("+opcodes"), list("default,opcodes"));
        assert_eq!(list("+opcodes").unwrap().len(), Dataset::defaults().count() + 1);
        assert_eq!(list("+logs"), list("default,logs"));
        assert_eq!(list("blocks,trace").unwrap_err(), "'trace': no such dataset: did you mean traces?");
        assert!(list("blocks,xyz").unwrap_err().starts_with("'xyz': no such dataset: there are blocks, "));
        assert!(list("").is_err());
    }

    #[test]
    fn tables_to_export_are_datasets_and_derived_ones() {
        let list = |text: &str| text.parse::<TableList>().map(|list| list.0);
        let (logs, payloads) = (ExportTable::Loaded(Dataset::Logs), ExportTable::Loaded(Dataset::Payloads));
        let tokens = ExportTable::Derived("tokens");
        assert_eq!(list("tokens, logs,tokens"), Ok(vec![logs, payloads, tokens]));
        assert_eq!(list("tokens"), Ok(vec![tokens]));
        assert_eq!(list("default").unwrap().len(), Dataset::defaults().count());
        assert!(list("logs,token").unwrap_err().ends_with("contract_stats, tokens"));
        assert!(list("").is_err());
    }

    #[test]
    fn slots_are_decimal_or_hex() {
        assert_eq!(slot("255"), slot("0xff"));
        assert!(slot("ff").is_err());
        assert!(slot(&format!("0x1{}", "0".repeat(64))).is_err());
    }
}
