//! The name of a folder in a spill (the first line), and the manifest inside it (the rest).
#![no_main]

use std::fs;
use std::path::{Component, Path};

use blockmill_fuzz::scratch;
use blockmill_spill::{SpillDir, Unit};
use libfuzzer_sys::fuzz_target;

/// Asserts that no path in a manifest leads out of its unit's folder.
fn assert_stays_inside(unit: &Unit) {
    for segment in &unit.segments {
        let parts: Vec<_> = Path::new(&segment.file_name).components().collect();
        assert!(matches!(parts[..], [Component::Normal(_)]), "{}", segment.file_name);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some(split) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(name) = std::str::from_utf8(&bytes[..split]) else { return };
    // What no entry of a folder can be called.
    if name.contains(['/', '\0']) || ["", ".", ".."].contains(&name) || name.len() > 100 {
        return;
    }
    let folder = scratch("spill");
    let _ = fs::remove_dir_all(&folder);
    let unit = folder.join("units").join(name);
    fs::create_dir_all(&unit).expect("the folder for temporary files can be written");
    fs::write(unit.join("manifest.json"), &bytes[split + 1..]).expect("a manifest can be written");
    let Ok(spill) = SpillDir::open(&folder) else { return };
    for unit in spill.units().into_iter().flatten() {
        assert_stays_inside(&unit);
        let _ = spill.check(&unit);
        let _ = spill.remove(unit.range);
    }
});
