//! Keys of the trie's rows: branches by path, leaves by hash; in front of both the owner, where the trie is that of an
//! account's storage.

use alloy::primitives::B256;
use blockmill_trie::{Nibbles, TrieId};

use crate::RowError;
use crate::keys::{HashedSlotKey, fixed};

const OWNER_BYTES: usize = 32;
/// Bytes of 64 packed nibbles.
const PACKED_BYTES: usize = 32;
/// The packed path, filled up with zeros, and the number of its nibbles: a path sorts before those that begin with it.
const PATH_BYTES: usize = PACKED_BYTES + 1;
/// More than any number of nibbles.
const PAST_EVERY_LENGTH: u8 = 0xff;

/// A key or a bound of either trie. Kept on the stack: reading the trie needs one per row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrieKey {
    /// Owner ‖ path; the owner is not part of the key of an account's row.
    bytes: [u8; OWNER_BYTES + PATH_BYTES],
    start: usize,
    end: usize,
}

impl TrieKey {
    /// The branch at `path`: 33 bytes, or 65 with the owner.
    pub(crate) fn branch(trie: TrieId, path: &Nibbles) -> Self {
        let mut key = Self::filled(trie, 0);
        path.pack_to(&mut key.bytes[OWNER_BYTES..]);
        key.bytes[OWNER_BYTES + PACKED_BYTES] = path.len() as u8;
        key
    }

    /// The leaf `hash`: 32 bytes, or 64 with the owner.
    pub(crate) fn leaf(trie: TrieId, hash: B256) -> Self {
        let mut key = Self::filled(trie, 0);
        key.bytes[OWNER_BYTES..][..PACKED_BYTES].copy_from_slice(hash.as_slice());
        key.end = OWNER_BYTES + PACKED_BYTES;
        key
    }

    /// Where leaves that begin with `prefix` start; there need not be one.
    pub(crate) fn first_leaf(trie: TrieId, prefix: &Nibbles) -> Self {
        Self { end: OWNER_BYTES + PACKED_BYTES, ..Self::branch(trie, prefix) }
    }

    /// A bound after every branch and leaf that begins with `prefix`, and before all that sort later.
    pub(crate) fn end_of(trie: TrieId, prefix: &Nibbles) -> Self {
        let mut key = Self::filled(trie, PAST_EVERY_LENGTH);
        let path = &mut key.bytes[OWNER_BYTES..];
        prefix.pack_to(path);
        if prefix.len() % 2 == 1 {
            path[prefix.len() / 2] |= 0x0f;
        }
        key
    }

    fn filled(trie: TrieId, with: u8) -> Self {
        let mut bytes = [with; OWNER_BYTES + PATH_BYTES];
        let end = bytes.len();
        match trie {
            TrieId::Accounts => Self { bytes, start: OWNER_BYTES, end },
            TrieId::Storage(owner) => {
                bytes[..OWNER_BYTES].copy_from_slice(owner.as_slice());
                Self { bytes, start: 0, end }
            }
        }
    }
}

impl AsRef<[u8]> for TrieKey {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }
}

/// The path in the key of a branch.
pub(crate) fn decode_branch_path(trie: TrieId, key: &[u8]) -> Result<Nibbles, RowError> {
    match trie {
        TrieId::Accounts => decode_path(fixed(key)?),
        TrieId::Storage(_) => {
            let key: [u8; OWNER_BYTES + PATH_BYTES] = fixed(key)?;
            decode_path(fixed(&key[OWNER_BYTES..])?)
        }
    }
}

/// The hash in the key of a leaf.
pub(crate) fn decode_leaf_hash(trie: TrieId, key: &[u8]) -> Result<B256, RowError> {
    match trie {
        TrieId::Accounts => Ok(B256::from(fixed::<32>(key)?)),
        TrieId::Storage(_) => Ok(HashedSlotKey::decode(key)?.1),
    }
}

fn decode_path(key: [u8; PATH_BYTES]) -> Result<Nibbles, RowError> {
    let (packed, [nibbles]) = (fixed(&key[..PACKED_BYTES])?, fixed(&key[PACKED_BYTES..])?);
    let whole = Nibbles::unpack_array(&packed);
    if usize::from(nibbles) > whole.len() {
        return Err(RowError::PathLength { found: nibbles });
    }
    let path = whole.slice(..usize::from(nibbles));
    if TrieKey::branch(TrieId::Accounts, &path).as_ref() != key {
        return Err(RowError::PathPadding { nibbles });
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::hex;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const OWNER: B256 = B256::repeat_byte(0xaa);

    fn key(path: &[u8]) -> [u8; PATH_BYTES] {
        fixed(TrieKey::branch(TrieId::Accounts, &Nibbles::from_nibbles(path)).as_ref()).unwrap()
    }

    #[test]
    fn a_branch_key_is_the_packed_path_and_its_length() {
        let expected = hex!("ab c0000000000000000000000000000000000000000000000000000000000000 03");
        assert_eq!(key(&[0xa, 0xb, 0xc]), expected);
        let of_storage = TrieKey::branch(TrieId::Storage(OWNER), &Nibbles::from_nibbles([0xa, 0xb, 0xc]));
        assert_eq!(of_storage.as_ref(), [OWNER.as_slice(), &expected].concat());
        assert_eq!(key(&[]), [0; 33]);
        assert_eq!(key(&[0xf; 64]), [[0xff; 32].as_slice(), &[64]].concat().as_slice());
    }

    #[test]
    fn leaf_keys_are_hashes() {
        let hash = B256::repeat_byte(7);
        assert_eq!(TrieKey::leaf(TrieId::Accounts, hash).as_ref(), hash.as_slice());
        let of_storage = TrieKey::leaf(TrieId::Storage(OWNER), hash);
        assert_eq!(of_storage.as_ref(), HashedSlotKey::new(OWNER, hash).as_ref());
    }

    #[test]
    fn a_path_sorts_before_those_that_begin_with_it() {
        let paths: [&[u8]; 6] = [&[], &[0], &[0, 0], &[0, 0, 0xf], &[0, 1], &[1]];
        assert!(paths.is_sorted_by_key(|path| key(path)));
    }

    #[test]
    fn damaged_paths_are_refused() {
        let decode = |key: &[u8]| decode_branch_path(TrieId::Accounts, key);
        assert_eq!(decode(&[0; 34]), Err(RowError::Width { expected: 33, found: 34 }));
        let of_storage = decode_branch_path(TrieId::Storage(OWNER), &[0; 33]);
        assert_eq!(of_storage, Err(RowError::Width { expected: 65, found: 33 }));
        let mut wrong = key(&[0xa, 0xb, 0xc]);
        wrong[PACKED_BYTES] = 65;
        assert_eq!(decode(&wrong), Err(RowError::PathLength { found: 65 }));
        wrong[PACKED_BYTES] = 2;
        assert_eq!(
            decode(&wrong),
            Err(RowError::PathPadding { nibbles: 2 }),
            "the third nibble is not empty"
        );
    }

    fn nibbles() -> impl Strategy<Value = Vec<u8>> {
        let few = vec(prop_oneof![Just(0u8), Just(1), Just(0xf)], 0..6);
        prop_oneof![few, vec(0u8..16, 0..=64), Just(std::vec![0xf; 64])]
    }

    proptest! {
        #[test]
        fn paths_read_back(path in nibbles()) {
            let path = Nibbles::from_nibbles(path);
            for trie in [TrieId::Accounts, TrieId::Storage(OWNER)] {
                let key = TrieKey::branch(trie, &path);
                prop_assert_eq!(decode_branch_path(trie, key.as_ref()), Ok(path));
            }
        }

        #[test]
        fn keys_sort_like_paths(a in nibbles(), b in nibbles()) {
            prop_assert_eq!(key(&a).cmp(&key(&b)), a.cmp(&b));
        }

        #[test]
        fn the_bounds_of_a_prefix_hold_what_begins_with_it(prefix in nibbles(), path in nibbles(), hash in any::<[u8; 32]>()) {
            let (prefix, path) = (Nibbles::from_nibbles(prefix), Nibbles::from_nibbles(path));
            let trie = TrieId::Storage(OWNER);
            let (end, branch) = (TrieKey::end_of(trie, &prefix), TrieKey::branch(trie, &path));
            let is_within = TrieKey::branch(trie, &prefix).as_ref() <= branch.as_ref() && branch.as_ref() < end.as_ref();
            prop_assert_eq!(is_within, path.starts_with(&prefix));
            let leaf = TrieKey::leaf(trie, hash.into());
            let is_within = TrieKey::first_leaf(trie, &prefix).as_ref() <= leaf.as_ref() && leaf.as_ref() < end.as_ref();
            prop_assert_eq!(is_within, Nibbles::unpack(hash).starts_with(&prefix));
        }
    }
}
