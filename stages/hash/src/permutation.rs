//! Keccak-f[1600] over four states at a time ([FIPS 202](https://doi.org/10.6028/NIST.FIPS.202), section 3): one state is a chain
//! of instructions that wait for each other, and four independent ones fill the lanes of AVX2.

use std::arch::x86_64::{
    __m256i, _mm256_andnot_si256, _mm256_or_si256, _mm256_set1_epi64x, _mm256_setzero_si256,
    _mm256_slli_epi64, _mm256_srli_epi64, _mm256_xor_si256,
};

/// One word of each of the four states.
pub(crate) type Lanes = __m256i;

/// The constants of the step ι.
const ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Every word rotated to the left; shifts take their distance from the instruction, so that it has to be a literal.
macro_rules! rotated {
    ($word:expr, $by:literal) => {
        _mm256_or_si256(_mm256_slli_epi64::<$by>($word), _mm256_srli_epi64::<{ 64 - $by }>($word))
    };
}

/// A row after the steps θ, ρ, π and χ: the five words that π moves there, each with how far ρ rotates it.
macro_rules! row {
    ($from:ident, $added:ident: $($at:literal << $by:literal),*) => {{
        let row = [$(rotated!(xor($from[$at], $added[$at % 5]), $by)),*];
        [
            xor(row[0], _mm256_andnot_si256(row[1], row[2])),
            xor(row[1], _mm256_andnot_si256(row[2], row[3])),
            xor(row[2], _mm256_andnot_si256(row[3], row[4])),
            xor(row[3], _mm256_andnot_si256(row[4], row[0])),
            xor(row[4], _mm256_andnot_si256(row[0], row[1])),
        ]
    }};
}

/// Permutes four states; `state[x + 5 * y]` has the words at (x, y).
#[target_feature(enable = "avx2")]
pub(crate) fn permute(state: &mut [Lanes; 25]) {
    let mut next = [_mm256_setzero_si256(); 25];
    for [first, second] in ROUNDS.as_chunks().0 {
        round(state, &mut next, *first);
        round(&next, state, *second);
    }
}

/// From one array into another: each word is read and written once.
#[inline]
#[target_feature(enable = "avx2")]
fn round(from: &[Lanes; 25], to: &mut [Lanes; 25], constant: u64) {
    let mut columns = [from[0], from[1], from[2], from[3], from[4]];
    for at in 5..25 {
        columns[at % 5] = xor(columns[at % 5], from[at]);
    }
    let mut added = columns;
    for x in 0..5 {
        added[x] = xor(columns[(x + 4) % 5], rotated!(columns[(x + 1) % 5], 1));
    }
    let rows = to.as_chunks_mut().0;
    rows[0] = row!(from, added: 0 << 0, 6 << 44, 12 << 43, 18 << 21, 24 << 14);
    rows[1] = row!(from, added: 3 << 28, 9 << 20, 10 << 3, 16 << 45, 22 << 61);
    rows[2] = row!(from, added: 1 << 1, 7 << 6, 13 << 25, 19 << 8, 20 << 18);
    rows[3] = row!(from, added: 4 << 27, 5 << 36, 11 << 10, 17 << 15, 23 << 56);
    rows[4] = row!(from, added: 2 << 62, 8 << 55, 14 << 39, 15 << 41, 21 << 2);
    to[0] = xor(to[0], _mm256_set1_epi64x(constant.cast_signed()));
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor(a: Lanes, b: Lanes) -> Lanes {
    _mm256_xor_si256(a, b)
}
