//! The files that are read of the paths given.

use blockmill_chain::ChainSpec;
use blockmill_source::{Source, SourceError, SourceKind, read_genesis};
use blockmill_testkit::vectors;

use crate::{mainnet, write};

#[test]
fn no_path_and_empty_folders_are_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "readme.txt", b"nothing here");
    let open = |paths: &[_]| Source::open(paths, &mainnet()).err().unwrap();
    assert!(matches!(open(&[]), SourceError::NoPaths));
    let refused = open(&[folder.path().to_path_buf()]);
    assert!(matches!(refused, SourceError::EmptyFolder { .. }) && refused.to_string().contains(".era1"));
    write(folder.path(), "genesis.json", b"{ \"alloc\": {} }");
    assert!(matches!(open(&[folder.path().to_path_buf()]), SourceError::EmptyFolder { .. }));
    let missing = open(&[folder.path().join("missing.era1")]);
    assert!(matches!(missing, SourceError::Io { .. }) && missing.to_string().contains("missing.era1"));
}

#[test]
fn a_folder_with_a_chain_and_its_genesis_gives_the_chain() {
    let Some(folder) = vectors::require("chains/geth-ethtest") else { return };
    let spec = ChainSpec::custom(&read_genesis(&folder.join("genesis.json")).unwrap()).unwrap();
    let source = Source::open(&[folder], &spec).unwrap();
    assert_eq!((source.kind(), source.files().len()), (SourceKind::Chain, 1));
}

#[test]
fn chain_files_and_witness_files_do_not_mix() {
    let Some(chain) = vectors::require("chains/hive-sync/chain.rlp") else { return };
    let Some(witness) = vectors::require("mainnet-blocks/46147.json.gz") else { return };
    let refused = Source::open(&[chain.clone(), witness.clone()], &mainnet()).err().unwrap();
    assert!(!refused.is_verification());
    let SourceError::MixedKinds { chain: one, witness: other } = refused else { panic!("{refused}") };
    assert_eq!((one, other), (chain, witness));
}

#[test]
fn what_is_no_chain_file_beside_chain_files_is_skipped_and_reported() {
    let Some(chain) = vectors::require("chains/execution-apis/chain.rlp") else { return };
    let bytes = std::fs::read(chain).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "chain.rlp", &bytes);
    write(folder.path(), "._chain.rlp", &[0, 5, 22, 7, 0, 2, 0, 0]);
    let empty = write(folder.path(), "empty.rlp.gz", b"");
    write(folder.path(), "nothing.rlp.gz", &crate::chains::gzip(b""));
    let mut reasons = vec![
        "._chain.rlp: macOS keeps there",
        "empty.rlp.gz: it is empty",
        "nothing.rlp.gz: what is packed in it is empty",
    ];
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.rlp");
        std::fs::write(folder.path().join(name), &bytes).unwrap();
        reasons.push("its name is not UTF-8");
    }
    let source = Source::open(&[folder.path().to_path_buf()], &mainnet()).unwrap();
    assert_eq!(source.files().len(), 1);
    assert_eq!(source.notes().len(), reasons.len(), "{:?}", source.notes());
    for reason in reasons {
        assert!(source.notes().iter().any(|note| note.contains(reason)), "{reason}: {:?}", source.notes());
    }
    let named = Source::open(&[empty.clone(), good], &mainnet()).unwrap();
    assert!(named.notes()[0].contains("skipped") && named.notes()[0].contains("empty.rlp.gz"));
    assert!(Source::open(&[empty], &mainnet()).is_err(), "nothing else was named");
}

#[test]
fn a_named_json_file_must_be_a_witness() {
    let Some(genesis) = vectors::require("genesis/sepolia.json.gz") else { return };
    let refused = Source::open(&[genesis], &mainnet()).err().unwrap();
    assert!(matches!(refused, SourceError::UnknownKind { .. }), "{refused}");
}
