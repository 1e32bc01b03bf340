//! Blooms of logs.

use std::iter;

use alloy::primitives::map::{AddressMap, B256Map};
use alloy::primitives::{Address, B256, Bloom, Log};

use crate::keccak256_each;

/// How many hashes of each kind are kept: half a megabyte at most, and more than the logs of usual blocks need.
const KEPT_HASHES: usize = 4_096;

/// Makes the blooms of the receipts of a block.
///
/// A bloom filter takes the hash of every address and topic. Within a block most of them come again and again (a token, its
/// `Transfer`, a pool), and hashing each anew was a sixth of all that executing the block took.
#[derive(Debug, Default)]
pub struct LogBlooms {
    addresses: AddressMap<B256>,
    topics: B256Map<B256>,
}

impl LogBlooms {
    /// The bloom of the logs of one receipt (yellow paper, section 4.3.1).
    pub fn of_logs(&mut self, logs: &[Log]) -> Bloom {
        self.of_values(logs.iter().flat_map(|log| {
            iter::once(log.address.as_slice()).chain(log.topics().iter().map(|topic| topic.as_slice()))
        }))
    }

    /// The bloom of logs with these addresses (of 20 bytes) and topics (of 32).
    pub fn of_values<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>) -> Bloom {
        let (mut bloom, mut unknown) = (Bloom::ZERO, Vec::new());
        for value in values {
            match self.known(value) {
                Some(hash) => bloom.m3_2048_hashed(hash),
                None => unknown.push(value),
            }
        }
        for (value, hash) in unknown.iter().zip(keccak256_each(&unknown)) {
            bloom.m3_2048_hashed(&hash);
            self.keep(value, hash);
        }
        bloom
    }

    fn known(&self, value: &[u8]) -> Option<&B256> {
        match Address::try_from(value) {
            Ok(address) => self.addresses.get(&address),
            Err(_) => self.topics.get(&B256::try_from(value).ok()?),
        }
    }

    fn keep(&mut self, value: &[u8], hash: B256) {
        if let Ok(address) = Address::try_from(value) {
            if self.addresses.len() < KEPT_HASHES {
                self.addresses.insert(address, hash);
            }
        } else if let Ok(topic) = B256::try_from(value)
            && self.topics.len() < KEPT_HASHES
        {
            self.topics.insert(topic, hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, Bytes, logs_bloom};

    use super::*;

    #[test]
    fn blooms_are_those_of_alloy_before_and_after_hashes_are_known() {
        // More than are kept, each twice; an address and the topic that holds it are not the same.
        let word = |number: usize| B256::left_padding_from(&number.to_be_bytes());
        let log = |number: usize| {
            let topics = (0..number % 5).map(|index| word(number + index * 7)).collect();
            Log::new_unchecked(Address::from_word(word(number)), topics, Bytes::new())
        };
        let mut blooms = LogBlooms::default();
        for number in (0..2 * KEPT_HASHES).chain(0..2 * KEPT_HASHES) {
            let logs = [log(number), log(number + 1)];
            assert_eq!(blooms.of_logs(&logs), logs_bloom(&logs));
        }
        assert_eq!(blooms.addresses.len(), KEPT_HASHES);
    }
}
