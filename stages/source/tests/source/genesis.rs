//! Genesis files.

use alloy::primitives::B256;
use blockmill_chain::{ChainSpec, GenesisBlock, KnownChain};
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
fn what_is_compiled_in_is_what_the_public_genesis_files_say() {
    for chain in KnownChain::ALL {
        let Some(path) = vectors::require(&format!("genesis/{}.json.gz", chain.name())) else { return };
        let spec = ChainSpec::known(chain);
        let [written, packed] = [read_genesis(&path).unwrap(), chain.genesis()].map(|genesis| {
            let block = GenesisBlock::new(&genesis, &spec);
            (block.header(B256::ZERO), block.accounts)
        });
        let again = "run scripts/pack_genesis.py and commit what it writes";
        assert!(packed == written, "the packed genesis of {} is another: {again}", chain.name());
    }
}

#[test]
fn what_is_not_a_genesis_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let broken = write(folder.path(), "genesis.json", b"{ \"alloc\": ");
    let refused = read_genesis(&broken).unwrap_err();
    assert!(matches!(refused, SourceError::Json { .. }) && refused.to_string().contains("genesis.json"));
}
