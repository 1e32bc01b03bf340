//! Many inputs, four of them at a time where the processor can.

use alloy::primitives::{B256, keccak256};

/// keccak256 of every input, in their order.
///
/// With AVX2, four inputs are hashed side by side, each in about a third of the time that it takes alone; without it, and for a
/// single input, this is alloy's `keccak256`, one by one.
pub fn keccak256_each(inputs: &[&[u8]]) -> Vec<B256> {
    #[cfg(target_arch = "x86_64")]
    if inputs.len() > 1 && is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "functions for AVX2 may only be called where the processor has it")]
        // SAFETY: it was asked for in the condition.
        return unsafe { four::keccak256_each(inputs) };
    }
    inputs.iter().map(keccak256).collect()
}

#[cfg(target_arch = "x86_64")]
mod four {
    use std::arch::x86_64::{
        _mm256_and_si256, _mm256_extract_epi64, _mm256_set_epi64x, _mm256_setzero_si256, _mm256_xor_si256,
    };
    use std::array;

    use alloy::primitives::B256;

    use crate::permutation::{Lanes, permute};

    /// Bytes of input that go into a state between two permutations: the rate of keccak256.
    const BLOCK_BYTES: usize = 136;
    /// A block for a state that has no input.
    const IDLE: [u8; BLOCK_BYTES] = [0; BLOCK_BYTES];

    /// An input on its way into one of the four states.
    struct Input<'a> {
        /// Its place among the inputs.
        index: usize,
        /// What has not been taken in.
        rest: &'a [u8],
        is_over: bool,
    }

    impl<'a> Input<'a> {
        fn new((index, input): (usize, &&'a [u8])) -> Self {
            Self { index, rest: input, is_over: false }
        }

        /// The next block; the last one with the padding, in `last`.
        fn next_block<'b>(&mut self, last: &'b mut [u8; BLOCK_BYTES]) -> &'b [u8; BLOCK_BYTES]
        where
            'a: 'b,
        {
            if let Some((block, rest)) = self.rest.split_first_chunk() {
                self.rest = rest;
                return block;
            }
            let (end, padding) = last.split_at_mut(self.rest.len());
            end.copy_from_slice(self.rest);
            padding.fill(0);
            padding[0] = 0x01;
            last[BLOCK_BYTES - 1] |= 0x80;
            self.is_over = true;
            last
        }
    }

    /// A state takes the next input as soon as one is done: inputs of very different lengths keep all four busy.
    #[target_feature(enable = "avx2")]
    pub(super) fn keccak256_each(inputs: &[&[u8]]) -> Vec<B256> {
        let mut hashes = vec![B256::ZERO; inputs.len()];
        let mut waiting = inputs.iter().enumerate().map(Input::new);
        let mut inputs: [_; 4] = array::from_fn(|_| waiting.next());
        let mut last = [IDLE; 4];
        let mut state = [_mm256_setzero_si256(); 25];
        while inputs.iter().any(Option::is_some) {
            let mut blocks = [&IDLE; 4];
            for ((block, input), last) in blocks.iter_mut().zip(&mut inputs).zip(&mut last) {
                if let Some(input) = input {
                    *block = input.next_block(last);
                }
            }
            absorb(&mut state, blocks);
            permute(&mut state);
            if !inputs.iter().flatten().any(|input| input.is_over) {
                continue;
            }
            let words = [lanes(state[0]), lanes(state[1]), lanes(state[2]), lanes(state[3])];
            let mut kept = [u64::MAX; 4];
            for (lane, input) in inputs.iter_mut().enumerate() {
                let Some(Input { index, is_over: true, .. }) = input else { continue };
                for (bytes, word) in hashes[*index].as_chunks_mut().0.iter_mut().zip(&words) {
                    *bytes = word[lane].to_le_bytes();
                }
                *input = waiting.next();
                kept[lane] = 0;
            }
            let kept = vector(kept);
            for words in &mut state {
                *words = _mm256_and_si256(*words, kept);
            }
        }
        hashes
    }

    #[target_feature(enable = "avx2")]
    fn absorb(state: &mut [Lanes; 25], blocks: [&[u8; BLOCK_BYTES]; 4]) {
        let [a, b, c, d] = blocks.map(|block| block.as_chunks::<8>().0);
        for (((word, a), (b, c)), d) in state.iter_mut().zip(a).zip(b.iter().zip(c)).zip(d) {
            *word = _mm256_xor_si256(*word, vector([*a, *b, *c, *d].map(u64::from_le_bytes)));
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn vector(words: [u64; 4]) -> Lanes {
        let [a, b, c, d] = words.map(u64::cast_signed);
        _mm256_set_epi64x(d, c, b, a)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn lanes(words: Lanes) -> [u64; 4] {
        [
            _mm256_extract_epi64::<0>(words),
            _mm256_extract_epi64::<1>(words),
            _mm256_extract_epi64::<2>(words),
            _mm256_extract_epi64::<3>(words),
        ]
        .map(i64::cast_unsigned)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_by_one(inputs: &[Vec<u8>]) -> Vec<B256> {
        inputs.iter().map(keccak256).collect()
    }

    fn together(inputs: &[Vec<u8>]) -> Vec<B256> {
        keccak256_each(&inputs.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    #[test]
    fn every_length_around_the_borders_of_blocks_is_hashed_as_alone() {
        let inputs: Vec<Vec<u8>> =
            (0..420).map(|length| (0..length).map(|at| (at * 7 + length) as u8).collect()).collect();
        assert_eq!(together(&inputs), one_by_one(&inputs));
        for count in 0..9 {
            assert_eq!(together(&inputs[130..130 + count]), one_by_one(&inputs[130..130 + count]));
        }
    }

    proptest! {
        #[test]
        fn inputs_of_any_lengths_are_hashed_as_alone(
            inputs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 0..40),
        ) {
            prop_assert_eq!(together(&inputs), one_by_one(&inputs));
        }
    }
}
