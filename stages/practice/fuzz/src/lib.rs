//! What the fuzz targets share: files for the readers, an allocator that gives no file more than it may ask for, and the
//! way through a chain.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use blockmill_chain::{Ancestry, ChainSpec, KnownChain};
use blockmill_source::{ReadLimit, Source, SourceError};

/// What no file of some kilobytes may make the program ask for at once: more than the largest block there can be, and the
/// buffers of readers.
const MOST_BYTES: usize = 64 << 20;

/// Ends the process where more is asked for at once; the fuzzer keeps the file that did it.
struct Stingy;

// SAFETY: everything that is not refused is handed to the system's allocator as it came.
#[expect(unsafe_code, reason = "an allocator is the only one who sees every allocation")]
unsafe impl GlobalAlloc for Stingy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > MOST_BYTES {
            process::abort();
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > MOST_BYTES {
            process::abort();
        }
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Stingy = Stingy;

/// A path of this process in the folder for temporary files, for a file or a folder of this name.
pub fn scratch(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("blockmill-fuzz-{}", process::id()));
    fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    folder.join(name)
}

/// Gives the bytes to a reader, as a file of this name.
pub fn as_file<T>(name: &str, bytes: &[u8], read: impl FnOnce(&Path) -> Result<T, SourceError>) {
    let path = scratch(name);
    fs::write(&path, bytes).expect("the folder for temporary files can be written");
    let _ = read(&path);
}

/// Reads all blocks of a file, as far as they are good.
pub fn read_blocks(path: &Path) -> Result<(), SourceError> {
    let mut source = Source::open(&[path.to_path_buf()], &ChainSpec::known(KnownChain::Mainnet))?;
    let (mut next, mut ancestry) = (source.range().start, Ancestry::unknown());
    loop {
        let batch = source.read(next, &ancestry, ReadLimit { blocks: 64, bytes: 1 << 20 })?;
        let Some(last) = batch.last() else { return Ok(()) };
        next = last.block.number() + 1;
        batch.iter().for_each(|block| ancestry.push(&block.block, block.total_difficulty));
    }
}
