//! Small ere files, made here from the specification and then damaged: whatever is changed, what is read is refused or is the
//! same.

use alloy::primitives::{B256, U256};
use alloy_rlp::Header as ListHeader;
use blockmill_chain::{Ancestry, BlockRange};

use super::writer::{EreWriter, PackedEntry};
use crate::e2store::accumulator_root;
use crate::e2store::entry::kind;
use crate::era1::damage_tests::{
    Chain, append, check_cuts, check_flipped_bytes, open, packed, read_all, write,
};
use crate::{Checked, FileKind, ReadLimit, SourceError};

/// Sections of entries: the type of each, and the data by block.
type Sections = Vec<(u16, Vec<Vec<u8>>)>;

/// What a file has besides headers and bodies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    receipts: bool,
    proofs: bool,
    total_difficulty: bool,
}

pub(crate) const PROFILES: [Profile; 4] = [
    Profile { receipts: true, proofs: false, total_difficulty: true },
    Profile { receipts: false, proofs: false, total_difficulty: true },
    Profile { receipts: true, proofs: true, total_difficulty: true },
    Profile { receipts: false, proofs: false, total_difficulty: false },
];

fn sections(chain: &Chain, profile: Profile) -> Sections {
    let of = |data: &dyn Fn(usize) -> Vec<u8>| (0..chain.blocks.len()).map(data).collect::<Vec<_>>();
    let mut sections = vec![
        (kind::COMPRESSED_HEADER, of(&|at| packed(&alloy_rlp::encode(&chain.blocks[at].0)))),
        (kind::COMPRESSED_BODY, of(&|at| packed(&alloy_rlp::encode(&chain.blocks[at].1)))),
    ];
    if profile.receipts {
        sections.push((kind::COMPRESSED_SLIM_RECEIPTS, of(&|at| packed(&slim_receipts(at)))));
    }
    if profile.proofs {
        sections.push((kind::PROOF, of(&|at| packed(&[at as u8; 40]))));
    }
    if profile.total_difficulty {
        sections.push((kind::TOTAL_DIFFICULTY, of(&|at| chain.blocks[at].3.to_le_bytes::<32>().to_vec())));
    }
    sections
}

/// `[[tx-type, post-state, cumulative-gas, logs]]`, for the receipt that the chain has in each block.
fn slim_receipts(at: usize) -> Vec<u8> {
    let root = B256::with_last_byte(at as u8 + 1);
    let fields =
        [alloy_rlp::encode(0_u8), alloy_rlp::encode(root), alloy_rlp::encode(21_000_u64), vec![0xc0]]
            .concat();
    list(&list(&fields))
}

fn list(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    ListHeader { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend(payload);
    out
}

fn records(chain: &Chain) -> Vec<(B256, U256)> {
    chain.blocks.iter().map(|(header, .., total)| (header.hash_slow(), *total)).collect()
}

fn file(start: u64, sections: &Sections, accumulator: Option<B256>) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&mut bytes, kind::VERSION, &[]);
    let mut columns = Vec::new();
    for (kind, entries) in sections {
        let mut offsets = Vec::new();
        for data in entries {
            offsets.push(bytes.len() as i64);
            append(&mut bytes, *kind, data);
        }
        columns.push(offsets);
    }
    if let Some(root) = accumulator {
        append(&mut bytes, kind::ACCUMULATOR, root.as_slice());
    }
    let (at, blocks) = (bytes.len() as i64, columns[0].len());
    let mut index = vec![start as i64];
    for block in 0..blocks {
        index.extend(columns.iter().map(|offsets| offsets[block] - at));
    }
    index.extend([columns.len() as i64, blocks as i64]);
    let index: Vec<u8> = index.into_iter().flat_map(i64::to_le_bytes).collect();
    append(&mut bytes, kind::DYNAMIC_BLOCK_INDEX, &index);
    bytes
}

pub(crate) fn whole(chain: &Chain, profile: Profile) -> Vec<u8> {
    let root = profile.total_difficulty.then(|| accumulator_root(&records(chain)));
    file(0, &sections(chain, profile), root)
}

#[test]
fn every_profile_gives_its_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(9);
    for profile in PROFILES {
        let path = write(folder.path(), "x.ere", &whole(&chain, profile));
        let source = open(std::slice::from_ref(&path)).unwrap();
        assert_eq!((source.files()[0].kind, source.range()), (FileKind::Ere, BlockRange::new(0, 9)));
        assert_eq!(source.notes().iter().any(|note| note.contains("9 proofs")), profile.proofs);
        let (blocks, error) = read_all(&[path]);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(blocks.len(), 9);
        for (block, (header, body, _, total)) in blocks.iter().zip(&chain.blocks) {
            assert_eq!((block.block.header(), &block.block.block.body), (header, body));
            assert_eq!(
                block.total_difficulty,
                Some(*total),
                "summed from block 0 on where it is not written"
            );
            let roots =
                if profile.receipts { vec![B256::with_last_byte(header.number as u8 + 1)] } else { vec![] };
            assert_eq!(block.transaction_roots, roots);
        }
    }
}

#[test]
fn the_writer_writes_what_the_specification_says() {
    let chain = Chain::new(5);
    for profile in PROFILES.into_iter().filter(|profile| !profile.proofs) {
        let mut writer = EreWriter::new(Vec::new(), 0).unwrap();
        for (header, ..) in &chain.blocks {
            writer.header(&PackedEntry::header(header).unwrap()).unwrap();
        }
        for (_, body, ..) in &chain.blocks {
            writer.body(&PackedEntry::body(body).unwrap()).unwrap();
        }
        for (_, _, receipts, _) in chain.blocks.iter().filter(|_| profile.receipts) {
            writer.receipts(&PackedEntry::receipts(receipts).unwrap()).unwrap();
        }
        let mut before_merge = Vec::new();
        if profile.total_difficulty {
            chain.blocks.iter().for_each(|(.., total)| writer.total_difficulty(*total).unwrap());
            before_merge = records(&chain);
        }
        assert!(writer.finish(&before_merge).unwrap() == whole(&chain, profile), "{profile:?}");
    }
}

#[test]
fn total_difficulty_without_an_accumulator_is_compared_and_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(6);
    let mut late = sections(&chain, PROFILES[0]);
    late.iter_mut().for_each(|(_, entries)| drop(entries.drain(..3)));
    let (blocks, error) = read_all(&[write(folder.path(), "late.ere", &file(3, &late, None))]);
    assert!(error.is_none() && blocks.iter().all(|block| block.total_difficulty.is_none()), "{error:?}");
    let known: Vec<_> = records(&chain).drain(3..).collect();
    let vouched = file(3, &late, Some(accumulator_root(&known)));
    let (blocks, error) = read_all(&[write(folder.path(), "late.ere", &vouched)]);
    assert!(error.is_none() && blocks[0].total_difficulty == Some(chain.blocks[3].3), "{error:?}");
    late.last_mut().unwrap().1[2] = vec![9; 32];
    let (_, error) = read_all(&[write(folder.path(), "late.ere", &file(3, &late, None))]);
    assert!(matches!(error, Some(SourceError::TotalDifficulty { .. })), "{error:?}");
}

#[test]
fn no_flipped_byte_gives_another_block() {
    check_flipped_bytes(&whole(&Chain::new(3), PROFILES[2]), 3, "ere");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    check_cuts(&whole(&Chain::new(3), PROFILES[0]), "ere");
}

#[test]
fn an_index_that_lies_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(3);
    let good = sections(&chain, PROFILES[0]);
    let refused = |what: &str, bytes: &[u8], says: &str| {
        let (blocks, error) = read_all(&[write(folder.path(), "x.ere", bytes)]);
        let error = error.unwrap_or_else(|| panic!("{what}: {} blocks", blocks.len()));
        assert!(error.is_verification() && error.to_string().contains(says), "{what}: {error}");
    };
    let with = |change: &dyn Fn(&mut Sections)| {
        let mut sections = good.clone();
        change(&mut sections);
        file(0, &sections, None)
    };
    refused("a doubled column", &with(&|sections| sections[2] = sections[1].clone()), "type 0x0004");
    refused(
        "an unknown column",
        &with(&|sections| sections[2].0 = 0x7777),
        "type 0x7777, which is no part of a block",
    );
    refused("no body", &with(&|sections| drop(sections.remove(1))), "no entry that is a body");
    refused("receipts of another block", &with(&|sections| sections[2].1.swap(0, 1)), "receipts root");
    refused("bodies of other blocks", &with(&|sections| sections[1].1.swap(1, 2)), "transactions root");
    refused(
        "headers in another order",
        &with(&|sections| sections[0].1.swap(1, 2)),
        "the block has number 2, 1 should follow",
    );
    refused("another first number", &file(1, &good, None), "the block has number 0, 1 should follow");
    let bytes = file(0, &good, None);
    let number = |from_end: usize, value: u64| {
        let mut bytes = bytes.clone();
        let at = bytes.len() - 8 * from_end;
        bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    for lie in [0, 1, 2, 4, 8_192, 8_193, u64::MAX] {
        refused("a count of blocks", &number(1, lie), "block index");
        refused("a count of components", &number(2, if lie == 4 { 5 } else { lie }), "block index");
    }
    for lie in [0, 1, i64::MIN as u64, i64::MAX as u64, (-8_i64) as u64] {
        refused("an offset", &number(3, lie), "byte");
    }
    let (_, error) = read_all(&[write(folder.path(), "x.ere", &file(0, &good, Some(B256::repeat_byte(1))))]);
    assert!(matches!(error, Some(SourceError::Mismatch { checked: Checked::Accumulator, .. })), "{error:?}");
}

#[test]
fn a_last_block_that_is_not_the_names_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(2);
    let hash = chain.blocks[1].0.hash_slow();
    let named = format!("mainnet-00000-{}.erae", alloy::primitives::hex::encode(&hash[..4]));
    let right = write(folder.path(), &named, &whole(&chain, PROFILES[0]));
    assert_eq!(open(&[right]).unwrap().notes(), Vec::<String>::new());
    let wrong = write(folder.path(), "mainnet-00000-deadbeef.ere", &whole(&chain, PROFILES[0]));
    let notes = open(&[wrong]).unwrap().notes().to_vec();
    assert!(notes[0].contains("0xdeadbeef") && notes[0].contains(&hash.to_string()), "{notes:?}");
}

#[test]
fn archives_of_both_formats_are_one_chain_and_blocks_that_differ_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, mut other) = (Chain::new(9), Chain::new(9));
    let first = write(folder.path(), "a.era1", &chain.file(0..6));
    let mut late = sections(&chain, PROFILES[1]);
    late.iter_mut().for_each(|(_, entries)| drop(entries.drain(..4)));
    let second = write(folder.path(), "b.ere", &file(4, &late, None));
    let (blocks, error) = read_all(&[first.clone(), second.clone()]);
    assert!(error.is_none() && blocks.len() == 9, "{error:?}");
    assert!(open(&[first.clone(), second]).unwrap().notes()[0].contains("blocks 4:6 are in"));
    other.blocks[5].0.extra_data = vec![7].into();
    let mut late = sections(&other, PROFILES[1]);
    late.iter_mut().for_each(|(_, entries)| *entries = vec![entries[5].clone()]);
    let other = write(folder.path(), "b.ere", &file(5, &late, None));
    let Err(error @ SourceError::DifferentBlocks { block: 5, .. }) = open(&[first, other]) else { panic!() };
    assert!(error.to_string().contains("a.era1, byte"), "{error}");
}

/// Pages of mapped files that are in memory, in bytes (proc(5)).
#[cfg(target_os = "linux")]
fn resident_file_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssFile:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

#[test]
#[cfg(target_os = "linux")]
fn pages_of_a_large_file_are_given_back_in_every_section() {
    use alloy::consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
    use alloy::consensus::{Eip658Value, Receipt as ReceiptBody, SignableTransaction, TxLegacy};
    use alloy::primitives::{Bytes, Log, Signature, keccak256};

    // Nothing compresses: call data and the data of a log of 64 KiB in each block.
    const BLOCKS: usize = 600;
    let noise = |seed: usize| -> Bytes {
        (0..2_048_usize).flat_map(|n| keccak256([seed.to_le_bytes(), n.to_le_bytes()].concat())).collect()
    };
    let mut chain = Chain::new(BLOCKS as u64);
    let mut parent = B256::ZERO;
    let mut slim = Vec::new();
    for (number, (header, body, receipts, _)) in chain.blocks.iter_mut().enumerate() {
        let transaction = TxLegacy { gas_limit: 21_000, input: noise(2 * number), ..TxLegacy::default() };
        body.transactions = vec![transaction.into_signed(Signature::test_signature()).into()];
        body.ommers.clear();
        let logs = vec![Log::new_unchecked(Default::default(), Vec::new(), noise(2 * number + 1))];
        let status = Eip658Value::Eip658(true);
        let receipt = ReceiptBody { status, cumulative_gas_used: 21_000, logs };
        *receipts = vec![alloy::consensus::ReceiptEnvelope::Legacy(receipt.into())];
        header.parent_hash = if number == 0 { header.parent_hash } else { parent };
        header.ommers_hash = alloy::consensus::EMPTY_OMMER_ROOT_HASH;
        header.transactions_root = calculate_transaction_root(&body.transactions);
        header.receipts_root = calculate_receipt_root(receipts);
        parent = header.hash_slow();
        slim.push(packed(&alloy_rlp::encode(vec![super::receipts::SlimReceipt::from(&receipts[0])])));
    }
    let mut sections = sections(&chain, PROFILES[3]);
    sections.push((kind::COMPRESSED_SLIM_RECEIPTS, slim));
    let bytes = file(0, &sections, None);
    assert!(bytes.len() > 64 << 20);
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "large.ere", &bytes);
    drop((bytes, sections, chain));
    let mut source = open(&[path]).unwrap();
    let (mut next, mut ancestry, before, mut most) = (0, Ancestry::unknown(), resident_file_bytes(), 0);
    loop {
        let batch = source.read(next, &ancestry, ReadLimit { blocks: 1_000, bytes: 2 << 20 }).unwrap();
        most = most.max(resident_file_bytes().saturating_sub(before));
        let Some(last) = batch.last() else { break };
        next = last.block.number() + 1;
        batch.iter().for_each(|block| ancestry.push(&block.block, block.total_difficulty));
    }
    assert_eq!(next, BLOCKS as u64);
    // Three sections, each given back in runs of 4 MiB, and what a batch reads.
    assert!(most < 24 << 20, "{most} bytes of the file were resident");
}

#[test]
fn an_archive_is_told_by_its_index_and_not_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::new(2);
    let kind = |name: &str, bytes: &[u8]| {
        open(&[write(folder.path(), name, bytes)]).map(|source| source.files()[0].kind)
    };
    assert_eq!(kind("archive", &whole(&chain, PROFILES[0])).unwrap(), FileKind::Ere);
    assert_eq!(kind("archive", &chain.file(0..2)).unwrap(), FileKind::Era1);
    assert!(matches!(kind("x.era1", &whole(&chain, PROFILES[0])), Err(SourceError::WrongKind { .. })));
    assert!(matches!(kind("x.ere", &chain.file(0..2)), Err(SourceError::WrongKind { .. })));
    let mut beacon = Vec::new();
    append(&mut beacon, kind::VERSION, &[]);
    append(&mut beacon, 1, &[0; 100]);
    assert!(matches!(kind("beacon.era", &beacon), Err(SourceError::UnknownKind { .. })));
}
