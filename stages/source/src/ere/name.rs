//! The name of an ere file: `<network>-<era>-<hash>(-noproofs)?(-noreceipts)?.ere`.

use std::path::Path;

use alloy::primitives::{FixedBytes, hex};

/// First bytes of the hash of the file's last block.
pub(crate) type ShortHash = FixedBytes<4>;

/// The hash in a name, where it is named in this way.
pub(super) fn short_hash(path: &Path) -> Option<ShortHash> {
    let name = path.file_stem()?.to_str()?;
    let hash = hex::decode(name.split('-').skip_while(|part| !is_era(part)).nth(1)?).ok()?;
    ShortHash::try_from(hash.as_slice()).ok()
}

/// Whether a part of the name of an archive is the number of its era.
pub(crate) fn is_era(part: &str) -> bool {
    part.len() >= 5 && part.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_follows_the_era() {
        let hash = |name: &str| short_hash(Path::new(name)).map(|hash| hash.to_string());
        assert_eq!(hash("mainnet-01897-4d6ab8d1.ere").as_deref(), Some("0x4d6ab8d1"));
        assert_eq!(hash("x/my-net-00000-deadbeef-noproofs-noreceipts.erae").as_deref(), Some("0xdeadbeef"));
        for other in ["mainnet-01897.ere", "mainnet-01897-noreceipts.ere", "chain.ere", "a-1-deadbeef.ere"] {
            assert_eq!(hash(other), None, "{other}");
        }
    }
}
