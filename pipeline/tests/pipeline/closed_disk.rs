//! Disks that may not be written, and files of another user: a clean stop that says where, and a run that
//! goes on when it may.

use std::ffi::OsStr;

use blockmill_devchain::{Profile, Request};
use blockmill_pipeline::Settings;

use crate::devchain::make;
use crate::full_disk::with_mounts;
use crate::harness::{Workplace, command, run};

/// Arguments: a folder, where the tables are wanted, and a command that rebuilds into `data` and `out.duckdb` of the folder.
/// Each line that it writes is a way in which the command is refused, then what it says.
const SCRIPT: &str = r#"
    folder=$1 tables=$2; shift 2
    mount -t tmpfs none "$folder" || exit 77
    refused() {
        what=$1; shift
        said=$("$@" 2>&1 >/dev/null) && { echo "$what: it was not refused" >&2; exit 1; }
        echo "$what: $(echo "$said" | tail -n 1)"
    }
    # Root may do everything until it is taken away.
    bound="setpriv --bounding-set -dac_override,-dac_read_search --inh-caps -dac_override,-dac_read_search"
    mount -o remount,ro "$folder"; refused "nothing there" "$@"; mount -o remount,rw "$folder"
    mkdir "$folder"/data
    chmod 500 "$folder"; refused "no new file" $bound "$@"; chmod 700 "$folder"
    "$@" --range :20 >/dev/null 2>&1 || exit 1
    mount -o remount,ro "$folder"; refused "a read-only disk" "$@"; mount -o remount,rw "$folder"
    chmod 400 "$folder"/out.duckdb; refused "read-only tables" $bound "$@"; chmod 600 "$folder"/out.duckdb
    chmod 000 "$folder"/data/store/rocksdb/CURRENT
    refused "a file of the store" $bound "$@"
    chmod 600 "$folder"/data/store/rocksdb/CURRENT
    chmod 500 "$folder"/data/spill/units
    refused "where rows wait" $bound "$@"
    chmod 700 "$folder"/data/spill/units
    "$@" >/dev/null && cp "$folder"/out.duckdb "$tables"
"#;

#[test]
fn a_disk_that_may_not_be_written_stops_the_run_which_goes_on_when_it_may() {
    let (whole, place) = (Workplace::new(), Workplace::new());
    let (_, settings) = make(&whole, &Request::new(Profile::MainnetMix, 40, 6));
    for end in [":20", ":"] {
        run(&Settings { range: end.parse().unwrap(), ..settings.clone() }).unwrap();
    }
    let folder = place.path("closed");
    std::fs::create_dir_all(&folder).unwrap();
    let rebuild =
        command(&Settings { data_dir: folder.join("data"), out: folder.join("out.duckdb"), ..settings });
    let tables = place.out();
    let mut arguments: Vec<&OsStr> = vec![folder.as_ref(), tables.as_ref(), rebuild.get_program()];
    arguments.extend(rebuild.get_args());
    let Some(output) = with_mounts(SCRIPT, &arguments) else { return };
    let [said, log] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{said}{log}");
    let refusals: Vec<_> = said.lines().collect();
    for (refusal, (what, at, why)) in refusals.iter().zip([
        ("nothing there", "data", "Read-only file system"),
        ("no new file", "out.duckdb", "Permission denied"),
        ("a read-only disk", "store", "Read-only file system"),
        ("read-only tables", "out.duckdb", "Permission denied"),
        ("a file of the store", "CURRENT", "Permission denied"),
        ("where rows wait", "spill", "Permission denied"),
    ]) {
        let [is, names, tells] = [refusal.starts_with(what), refusal.contains(at), refusal.contains(why)];
        assert!(is && names && tells && refusal.contains("check that"), "{what}: {refusal}");
    }
    assert_eq!(refusals.len(), 6, "{said}");
    assert!(place.tables().contents() == whole.tables().contents());
}
