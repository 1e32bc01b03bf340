//! Small inputs that went wrong once: chains by the executable specification, with what is right beside each.

use std::path::Path;

use blockmill_testkit::vectors;

use crate::{code, run, stderr, stdout};

/// Rebuilds the files of a folder of `faults`, by the genesis file of that name, in the least memory there is.
fn rebuild(folder: &Path, genesis: &str, files: &[&str], data_dir: &str) -> std::process::Output {
    let path = |name: &str| folder.join(name).display().to_string();
    let genesis = path(genesis);
    let files: Vec<_> = files.iter().map(|file| path(file)).collect();
    let mut arguments =
        vec!["rebuild", "--chain", &genesis, "--data-dir", data_dir, "--memory", "384MiB", "--threads", "1"];
    files.iter().for_each(|file| arguments.extend(["--source", file]));
    run(&arguments)
}

#[test]
fn what_is_valid_is_rebuilt_and_verified() {
    let Some(faults) = vectors::require("faults") else { return };
    for (name, files, last) in [
        ("netsplit", &["chain.rlp"][..], 11),
        ("inputs", &["chain.rlp"], 1),
        ("approve", &["chain.rlp"], 3),
        ("bigttd", &["chain.rlp"], 8),
        ("syscall", &["chain.rlp"], 3),
        ("overlap", &["a.rlp", "b.rlp"], 20),
        ("append", &["chain.rlp"], 20),
    ] {
        let temp = tempfile::tempdir().unwrap();
        let data_dir = temp.path().join("data").display().to_string();
        let rebuilt = rebuild(&faults.join(name), "genesis.json", files, &data_dir);
        assert_eq!(code(&rebuilt), Some(0), "{name}: {}", stderr(&rebuilt));
        let reached = format!("holds blocks up to {last} (");
        assert!(stdout(&rebuilt).contains(&reached), "{name}: {}", stdout(&rebuilt));
        let verified = run(&["verify", "--data-dir", &data_dir]);
        assert_eq!(code(&verified), Some(0), "{name}: {}", stdout(&verified));
    }
}

#[test]
fn what_is_not_for_this_program_is_refused_by_name_and_leaves_nothing() {
    let Some(faults) = vectors::require("faults") else { return };
    let another = &["another genesis", "0x5242e9a4", "0x224226f1", "--chain"][..];
    for (name, genesis, file, exit_code, words) in [
        ("clique", "genesis.json", "chain.rlp", 1, &["proof of authority", "not supported"][..]),
        ("wronggenesis", "other-genesis.json", "with-genesis-block.rlp", 3, another),
        ("wronggenesis", "other-genesis.json", "without.rlp", 3, another),
    ] {
        let temp = tempfile::tempdir().unwrap();
        let data_dir = temp.path().join("data");
        let refused = rebuild(&faults.join(name), genesis, &[file], &data_dir.display().to_string());
        assert_eq!(code(&refused), Some(exit_code), "{name}: {}", stderr(&refused));
        assert!(words.iter().all(|word| stderr(&refused).contains(word)), "{name}: {}", stderr(&refused));
        assert!(!stderr(&refused).contains("damaged"), "{name}: {}", stderr(&refused));
        assert!(!data_dir.exists(), "{name} left a folder");
    }
}

#[test]
fn a_limit_of_the_program_is_not_called_damage() {
    let Some(faults) = vectors::require("faults") else { return };
    let temp = tempfile::tempdir().unwrap();
    let data_dir = temp.path().join("data").display().to_string();
    let refused = rebuild(&faults.join("hugeprice"), "genesis.json", &["chain.rlp"], &data_dir);
    assert_eq!(code(&refused), Some(1), "{}", stderr(&refused));
    for words in ["block 1: transaction 0: the gas price is", "above 2^128-1", "not supported by Blockmill"] {
        assert!(stderr(&refused).contains(words), "{}", stderr(&refused));
    }
    assert!(!stderr(&refused).contains("damaged"), "{}", stderr(&refused));
}
