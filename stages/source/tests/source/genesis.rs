//! Genesis files.

use blockmill_source::{SourceError, read_genesis};
use blockmill_testkit::vectors;

use crate::write;

#[test]
fn the_public_genesis_files_are_read() {
    let Some(folder) = vectors::require("genesis") else { return };
    for (name, accounts) in [("mainnet", 8_893), ("sepolia", 15), ("holesky", 317), ("hoodi", 335)] {
        let genesis = read_genesis(&folder.join(format!("{name}.json.gz"))).unwrap();
        assert_eq!(genesis.alloc.len(), accounts, "{name}");
    }
}

#[test]
fn what_is_not_a_genesis_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let broken = write(folder.path(), "genesis.json", b"{ \"alloc\": ");
    let refused = read_genesis(&broken).unwrap_err();
    assert!(matches!(refused, SourceError::Json { .. }) && refused.to_string().contains("genesis.json"));
}
