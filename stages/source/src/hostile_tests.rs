//! Hostile files: mutations of good ones, as many as there is time for. Nothing panics, and nothing
//! is allocated because a file says so. Mutations are the same each time, as far as the time reaches; `make fuzz` is guided
//! by coverage and takes longer.

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use alloy::consensus::constants::EMPTY_ROOT_HASH;
use blockmill_chain::{Ancestry, Block, ChainSpec, KnownChain};

use crate::era1::damage_tests::Chain;
use crate::ere::damage_tests::{PROFILES, whole};
use crate::{DumpError, ReadLimit, Source, SourceError, read_genesis, read_state_dump};

/// The largest piece of memory that was asked for at once.
static LARGEST: AtomicUsize = AtomicUsize::new(0);

/// Remembers what is asked for.
struct Watched;

// SAFETY: everything is handed to the system's allocator as it came.
#[expect(unsafe_code, reason = "an allocator is the only one who sees every allocation")]
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// What no file of some kilobytes may make the program ask for at once: more than the largest block there can be, and the
/// buffers of readers.
const MOST_BYTES: usize = 64 << 20;

/// Numbers that look random and are the same every time (Knuth's MMIX constants).
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Numbers that lengths and offsets are replaced by.
const NASTY: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// A file like one of `good`, but worse.
fn mutated(good: &[Vec<u8>], random: &mut Lcg) -> Vec<u8> {
    let mut bytes = good[random.below(good.len())].clone();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            1 if !bytes.is_empty() => bytes[at] = random.below(256) as u8,
            2 => bytes.truncate(at),
            3 => {
                let nasty = NASTY[random.below(NASTY.len())].to_le_bytes();
                let width = [1, 2, 4, 8][random.below(4)];
                bytes.iter_mut().skip(at).zip(&nasty[..width]).for_each(|(byte, new)| *byte = *new);
            }
            4 => {
                let end = at + random.below(64.min(bytes.len().saturating_sub(at)));
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                let end = (at + random.below(32)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

/// How long each kind of file is mutated.
const TIME: Duration = Duration::from_secs(3);

/// Gives mutations of `good`, as a file of this name, to `read` until the time is over.
fn assail(name: &str, good: &[Vec<u8>], read: impl Fn(&Path) -> Result<(), SourceError>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    for bytes in good {
        fs::write(&path, bytes).unwrap();
        read(&path).unwrap_or_else(|error| panic!("a good {name}: {error}"));
    }
    let (mut random, started, mut tried, mut refused) = (Lcg(20_150_730), Instant::now(), 0u64, 0u64);
    while started.elapsed() < TIME {
        let bytes = mutated(good, &mut random);
        fs::write(&path, &bytes).unwrap();
        LARGEST.store(0, Ordering::Relaxed);
        refused += u64::from(read(&path).is_err());
        let largest = LARGEST.load(Ordering::Relaxed);
        assert!(largest <= MOST_BYTES, "try {tried}: {} bytes of {name} asked for {largest}", bytes.len());
        tried += 1;
    }
    println!("{name}: {tried} files, {refused} refused");
    assert!(refused > 0 && tried > 10);
}

fn read_blocks(path: &Path) -> Result<(), SourceError> {
    let mut source = Source::open(&[path.to_path_buf()], &ChainSpec::known(KnownChain::Mainnet))?;
    let (mut next, mut ancestry) = (source.range().start, Ancestry::unknown());
    loop {
        let batch = source.read(next, &ancestry, ReadLimit { blocks: 64, bytes: 1 << 20 })?;
        let Some(last) = batch.last() else { return Ok(()) };
        next = last.block.number() + 1;
        batch.iter().for_each(|block| ancestry.push(&block.block, block.total_difficulty));
    }
}

fn blocks(chain: &Chain) -> Vec<Block> {
    let whole = chain.blocks.iter().map(|(header, body, ..)| body.clone().into_block(header.clone()));
    whole.collect()
}

fn export(chain: &Chain) -> Vec<u8> {
    blocks(chain).iter().skip(1).flat_map(alloy_rlp::encode).collect()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, bytes).unwrap();
    packed.finish().unwrap()
}

fn good_era1() -> Vec<Vec<u8>> {
    let chain = Chain::new(5);
    vec![chain.file(0..5), chain.file(2..4)]
}

fn good_eres() -> Vec<Vec<u8>> {
    PROFILES.map(|profile| whole(&Chain::new(5), profile)).to_vec()
}

fn good_exports() -> Vec<Vec<u8>> {
    vec![export(&Chain::new(6)), export(&Chain::new(2))]
}

#[test]
fn era1_files() {
    assail("x.era1", &good_era1(), read_blocks);
}

#[test]
fn ere_files() {
    assail("x.ere", &good_eres(), read_blocks);
}

#[test]
fn exports() {
    assail("x.rlp", &good_exports(), read_blocks);
}

#[test]
fn packed_exports() {
    // A bomb: gigabytes of zeros in a megabyte would be the same, only slower.
    let zeros = gzipped(&vec![0; 40 << 20]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.rlp.gz");
    fs::write(&path, zeros).unwrap();
    LARGEST.store(0, Ordering::Relaxed);
    assert!(read_blocks(&path).is_err());
    assert!(LARGEST.load(Ordering::Relaxed) <= MOST_BYTES / 2);
    assail("x.rlp.gz", &[gzipped(&export(&Chain::new(6)))], read_blocks);
}

const GENESIS: &str = r#"{"config":{"chainId":7,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,
    "byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
    "terminalTotalDifficulty":0,"shanghaiTime":0,"cancunTime":10,"blobSchedule":{"cancun":{"target":3,"max":6,
    "baseFeeUpdateFraction":3338477}}},"nonce":"0x0","timestamp":"0x5","extraData":"0x01","gasLimit":"0x47e7c4",
    "difficulty":"0x0","alloc":{"0x0000000000000000000000000000000000000001":{"balance":"0x1","nonce":"0x2","code":"0x6001",
    "storage":{"0x0000000000000000000000000000000000000000000000000000000000000001":
    "0x0000000000000000000000000000000000000000000000000000000000000002"}}}}"#;

#[test]
fn genesis_files() {
    assail("genesis.json", &[GENESIS.as_bytes().to_vec()], |path| read_genesis(path).map(drop));
    assail("genesis.json.gz", &[gzipped(GENESIS.as_bytes())], |path| read_genesis(path).map(drop));
}

const STATE_DUMP: &str = r#"{"root":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"}
    {"balance":"17","nonce":1,"code":"0x6001","storage":{"0x0000000000000000000000000000000000000000000000000000000000000001":"2a"},
    "address":"0x0000000000000000000000000000000000000001","key":"0x1468288056310c82aa4c01a7e12a10f8111a0560e72b700555479031b86c357d"}"#;

#[test]
fn state_dumps() {
    let folder = tempfile::tempdir().unwrap();
    assail("state.jsonl", &[STATE_DUMP.as_bytes().to_vec()], |path| {
        match read_state_dump(path, folder.path(), &mut |_| Ok(())) {
            Err(DumpError::File(error)) => Err(error),
            _ => Ok(()),
        }
    });
}

fn witness() -> Vec<u8> {
    let mut header = blocks(&Chain::new(2)).remove(1).header;
    header.transactions_root = EMPTY_ROOT_HASH;
    let mut block = serde_json::to_value(&header).unwrap();
    block["hash"] = serde_json::to_value(header.hash_slow()).unwrap();
    block["uncles"] = serde_json::json!([]);
    block["transactions"] = serde_json::json!([]);
    let prestate = serde_json::json!({ "0x0000000000000000000000000000000000000001": { "balance": "0x1", "nonce": 1,
        "code": "0x6001", "storage": { "0x0000000000000000000000000000000000000000000000000000000000000001":
        "0x0000000000000000000000000000000000000000000000000000000000000002" } } });
    serde_json::to_vec(&serde_json::json!({ "block": block, "prestate": prestate, "block_hashes": { "0": header.parent_hash } }))
        .unwrap()
}

#[test]
fn witness_files() {
    assail("1.json", &[witness()], read_blocks);
    assail("1.json.gz", &[gzipped(&witness())], read_blocks);
}

#[test]
fn sixteen_bytes_that_claim_gigabytes_are_refused_without_asking_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut ere = vec![0x65, 0x32, 0, 0, 0, 0, 0, 0, 3, 0, 0xff, 0xff, 0xff, 0xff, 0, 0];
    // The index of a block whose header and body are there; then its own header, which claims as much.
    ere.extend([0x67, 0x32, 0xff, 0xff, 0xff, 0xff, 0, 0]);
    ere.extend([0, -8_i64, -8, 2, 1].into_iter().flat_map(i64::to_le_bytes));
    let claims: [(&str, &[u8]); 5] = [
        ("e.ere", &ere),
        ("a.rlp", &[0xfb, 0xff, 0xff, 0xff, 0xff, 0xf9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("b.rlp", &[0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf9, 1, 2, 3, 4, 5, 6]),
        ("c.era1", &[0x65, 0x32, 0, 0, 0, 0, 0, 0, 3, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]),
        ("d.rlp.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xfb, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ];
    for (name, bytes) in claims {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        LARGEST.store(0, Ordering::Relaxed);
        assert!(read_blocks(&path).is_err(), "{name}");
        assert!(LARGEST.load(Ordering::Relaxed) < 4 << 20, "{name}: {}", LARGEST.load(Ordering::Relaxed));
    }
}

/// `BLOCKMILL_SEEDS` names the folder of the seeds, with one below it for each target.
#[test]
#[ignore = "not a test: writes the good files that coverage-guided fuzzing starts from"]
fn write_seeds() {
    let Some(folder) = env::var_os("BLOCKMILL_SEEDS") else { return };
    let framed = |bytes: Vec<u8>| {
        let mut frames = Vec::new();
        std::io::Read::read_to_end(&mut snap::read::FrameEncoder::new(&bytes[..]), &mut frames).unwrap();
        frames
    };
    let gzips = good_exports().iter().map(|bytes| gzipped(bytes)).collect();
    for (target, files) in [
        ("era1", good_era1()),
        ("state_dump", vec![STATE_DUMP.into()]),
        ("checksums", vec![format!("0x{}\n", "ab".repeat(32)).into()]),
        ("ere", good_eres()),
        ("snappy", good_exports().into_iter().map(framed).collect()),
        ("rlp", good_exports()),
        ("rlp_gz", gzips),
        ("witness", vec![witness()]),
        ("genesis", vec![GENESIS.into()]),
    ] {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder).unwrap();
        for (number, bytes) in files.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), bytes).unwrap();
        }
    }
}
