//! Logs that token standards define.
//!
//! Arguments are read from the topics first and go on in the data, whatever the number of them that is
//! indexed: early tokens index none. Addresses are the last 20 bytes of their words.

use alloy::eips::eip4788::SYSTEM_ADDRESS;
use alloy::primitives::{Address, B256, Log, U256, b256};

/// `Transfer(address,address,uint256)`: [ERC-20](https://eips.ethereum.org/EIPS/eip-20) and
/// [ERC-721](https://eips.ethereum.org/EIPS/eip-721).
const TRANSFER: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// `Approval(address,address,uint256)`: ERC-20 and ERC-721.
const APPROVAL: B256 = b256!("8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925");
/// `TransferSingle(address,address,address,uint256,uint256)`: [ERC-1155](https://eips.ethereum.org/EIPS/eip-1155).
const TRANSFER_SINGLE: B256 = b256!("c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62");
/// `TransferBatch(address,address,address,uint256[],uint256[])`: ERC-1155.
const TRANSFER_BATCH: B256 = b256!("4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb");

/// Tokens that went from one account to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// The account that gave them.
    pub(crate) from: Address,
    /// The account that received them.
    pub(crate) to: Address,
    /// How many; of ERC-721 which one.
    pub(crate) value: U256,
}

/// What an ERC-20 or ERC-721 log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenEvent {
    /// An ERC-20 transfer.
    Erc20Transfer(Transfer),
    /// An ERC-20 approval: `from` is the owner, `to` the spender.
    Erc20Approval(Transfer),
    /// An ERC-721 transfer.
    Erc721Transfer(Transfer),
}

impl TokenEvent {
    /// What a log says; `None` where it is not of these standards. A log of moved ether
    /// ([EIP-7708](https://eips.ethereum.org/EIPS/eip-7708)) looks like an ERC-20 transfer, but no token writes it.
    pub(crate) fn of(log: &Log) -> Option<Self> {
        let words = DataWords::of(log)?;
        if log.address == SYSTEM_ADDRESS {
            return None;
        }
        if words.len() != 3 || !log.data.data.len().is_multiple_of(32) {
            return None;
        }
        let transfer = Transfer { from: words.address(0)?, to: words.address(1)?, value: words.get(2)? };
        let is_indexed = log.data.topics().len() == 4;
        match (log.data.topics()[0], is_indexed) {
            (TRANSFER, false) => Some(Self::Erc20Transfer(transfer)),
            (TRANSFER, true) => Some(Self::Erc721Transfer(transfer)),
            (APPROVAL, false) => Some(Self::Erc20Approval(transfer)),
            _ => None,
        }
    }
}

/// What an ERC-1155 log says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Erc1155Transfer<'a> {
    /// The account that made the call.
    pub(crate) operator: Address,
    /// The account that gave the tokens.
    pub(crate) from: Address,
    /// The account that received the tokens.
    pub(crate) to: Address,
    ids: &'a [[u8; 32]],
    values: &'a [[u8; 32]],
    /// Id and value of a single transfer, whose words need not be in the data.
    single: Option<(U256, U256)>,
}

impl<'a> Erc1155Transfer<'a> {
    /// What a log says; `None` where it is not of this standard, or its lists do not fit into its data.
    pub(crate) fn of(log: &'a Log) -> Option<Self> {
        let words = DataWords::of(log)?;
        let (operator, from, to) = (words.address(0)?, words.address(1)?, words.address(2)?);
        let transfer = Self { operator, from, to, ids: &[], values: &[], single: None };
        match log.data.topics()[0] {
            TRANSFER_SINGLE if words.len() == 5 => {
                Some(Self { single: Some((words.get(3)?, words.get(4)?)), ..transfer })
            }
            TRANSFER_BATCH => {
                let (ids, values) = (words.list(3)?, words.list(4)?);
                (ids.len() == values.len()).then_some(Self { ids, values, ..transfer })
            }
            _ => None,
        }
    }

    /// Each token type with how many went, in the log's order.
    pub(crate) fn items(self) -> impl Iterator<Item = (U256, U256)> + 'a {
        let number = |word: &[u8; 32]| U256::from_be_bytes(*word);
        let pairs = self.ids.iter().zip(self.values).map(move |(id, value)| (number(id), number(value)));
        self.single.into_iter().chain(pairs)
    }
}

/// The arguments of an event: topics after the first, then the words of the data.
#[derive(Debug, Clone, Copy)]
struct DataWords<'a> {
    topics: &'a [B256],
    data: &'a [[u8; 32]],
}

impl<'a> DataWords<'a> {
    fn of(log: &'a Log) -> Option<Self> {
        let (_, topics) = log.data.topics().split_first()?;
        Some(Self { topics, data: log.data.data.as_chunks().0 })
    }

    fn len(self) -> usize {
        self.topics.len() + self.data.len()
    }

    fn get(self, at: usize) -> Option<U256> {
        match self.topics.get(at) {
            Some(topic) => Some(U256::from_be_bytes(topic.0)),
            None => self.data.get(at - self.topics.len()).map(|word| U256::from_be_bytes(*word)),
        }
    }

    fn address(self, at: usize) -> Option<Address> {
        self.get(at).map(|word| Address::from_word(word.into()))
    }

    /// A list of words that the word at `at` has the place of, in bytes from the start of the data (Solidity's ABI).
    fn list(self, at: usize) -> Option<&'a [[u8; 32]]> {
        let start = usize::try_from(self.get(at)?).ok().filter(|start| start.is_multiple_of(32))? / 32;
        let length = usize::try_from(U256::from_be_bytes(*self.data.get(start)?)).ok()?;
        self.data.get(start + 1..)?.get(..length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{Bytes, LogData, keccak256};
    use proptest::prelude::*;

    fn word(number: u64) -> B256 {
        U256::from(number).into()
    }

    fn log(topics: &[B256], data: &[B256]) -> Log {
        let data = Bytes::from(data.concat());
        Log { address: Address::ZERO, data: LogData::new_unchecked(topics.to_vec(), data) }
    }

    fn transfer() -> Transfer {
        let address = |number| Address::from_word(word(number));
        Transfer { from: address(1), to: address(2), value: U256::from(3) }
    }

    #[test]
    fn signatures_hash_to_the_topics() {
        for (topic, signature) in [
            (TRANSFER, "Transfer(address,address,uint256)"),
            (APPROVAL, "Approval(address,address,uint256)"),
            (TRANSFER_SINGLE, "TransferSingle(address,address,address,uint256,uint256)"),
            (TRANSFER_BATCH, "TransferBatch(address,address,address,uint256[],uint256[])"),
        ] {
            assert_eq!(topic, keccak256(signature));
        }
    }

    #[test]
    fn arguments_may_be_in_topics_or_in_data() {
        let words = [word(1), word(2), word(3)];
        for indexed in 0..3 {
            let topics = [&[TRANSFER], &words[..indexed]].concat();
            let found = TokenEvent::of(&log(&topics, &words[indexed..]));
            assert_eq!(found, Some(TokenEvent::Erc20Transfer(transfer())), "{indexed} indexed");
        }
        let all = [TRANSFER, words[0], words[1], words[2]];
        assert_eq!(TokenEvent::of(&log(&all, &[])), Some(TokenEvent::Erc721Transfer(transfer())));
        let approval = [APPROVAL, words[0], words[1]];
        assert_eq!(TokenEvent::of(&log(&approval, &words[2..])), Some(TokenEvent::Erc20Approval(transfer())));
    }

    #[test]
    fn what_has_another_shape_is_no_token_event() {
        assert_eq!(TokenEvent::of(&log(&[], &[word(1); 4])), None, "anonymous");
        assert_eq!(TokenEvent::of(&log(&[TRANSFER, word(1), word(2)], &[])), None, "no value");
        assert_eq!(TokenEvent::of(&log(&[TRANSFER, word(1), word(2)], &[word(3); 2])), None, "too much");
        assert_eq!(TokenEvent::of(&log(&[APPROVAL, word(1), word(2), word(3)], &[])), None, "of one token");
        assert_eq!(TokenEvent::of(&log(&[word(9), word(1), word(2)], &[word(3)])), None, "another event");
        let mut uneven = log(&[TRANSFER, word(1), word(2)], &[word(3)]);
        uneven.data.data = Bytes::from([&uneven.data.data[..], &[0]].concat());
        assert_eq!(TokenEvent::of(&uneven), None, "an odd byte");
    }

    fn items(topics: &[B256], data: &[B256]) -> Option<Vec<(u64, u64)>> {
        let log = log(topics, data);
        let transfer = Erc1155Transfer::of(&log)?;
        Some(transfer.items().map(|(id, value)| (id.to(), value.to())).collect())
    }

    #[test]
    fn a_batch_has_an_item_for_each_token_type() {
        let topics = [TRANSFER_BATCH, word(7), word(1), word(2)];
        let data = [64, 160, 2, 10, 11, 2, 20, 21].map(word);
        assert_eq!(items(&topics, &data), Some(vec![(10, 20), (11, 21)]));
        assert_eq!(items(&topics, &data[..7]), None, "cut off");
        assert_eq!(items(&topics, &[64, 128, 1, 10, 2, 20, 21].map(word)), None, "of different lengths");
        assert_eq!(items(&topics, &[u64::MAX, 64, 0].map(word)), None, "far away");
        assert_eq!(items(&topics, &[64, 96, 0, 0].map(word)), Some(vec![]));
        let unindexed = [7, 1, 2, 160, 224, 1, 10, 1, 20].map(word);
        assert_eq!(items(&topics[..1], &unindexed), Some(vec![(10, 20)]));
    }

    #[test]
    fn a_single_transfer_has_one_item() {
        let topics = [TRANSFER_SINGLE, word(7), word(1), word(2)];
        assert_eq!(items(&topics, &[word(10), word(20)]), Some(vec![(10, 20)]));
        assert_eq!(items(&topics, &[word(10)]), None);
    }

    proptest! {
        #[test]
        fn no_data_is_too_strange(numbers in proptest::collection::vec(0_u64..400, 0..12), indexed in 0_usize..4) {
            let data: Vec<_> = numbers.iter().map(|number| word(*number)).collect();
            let topics = [TRANSFER_BATCH, word(1), word(2), word(3)];
            let found = items(&topics[..=indexed], &data);
            prop_assert!(found.is_none_or(|items| items.len() <= data.len()));
        }
    }
}
