//! Block ranges, written as people in this field write them: `15M:16M`, `15M:+1000`, `:1000`; the end is exclusive.

use std::fmt;
use std::str::FromStr;

/// A half-open range of block numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockRange {
    /// The first block of the range.
    pub start: u64,
    /// One past the last block.
    pub end: u64,
}

impl BlockRange {
    /// The range `start..end`; an end before the start gives an empty range at `start`.
    pub fn new(start: u64, end: u64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// How many block numbers lie in it.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether no block number lies in it.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether `number` lies in it.
    pub fn contains(&self, number: u64) -> bool {
        (self.start..self.end).contains(&number)
    }

    /// The block numbers, in order.
    pub fn numbers(&self) -> std::ops::Range<u64> {
        self.start..self.end
    }
}

impl fmt::Display for BlockRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.start, self.end)
    }
}

/// A range as the user wrote it, either side possibly open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RangeRequest {
    /// First block, where given.
    pub start: Option<u64>,
    /// One past the last block, where given.
    pub end: Option<u64>,
}

impl RangeRequest {
    /// The part of `available` that was asked for.
    pub fn within(&self, available: BlockRange) -> BlockRange {
        let start = self.start.unwrap_or(available.start).max(available.start);
        BlockRange::new(start, self.end.unwrap_or(available.end).min(available.end))
    }
}

/// Why a range could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseRangeError {
    /// There is no colon.
    #[error("'{0}' is not a range: write START:END, START:+COUNT, :END or START: (the end is exclusive)")]
    NoColon(String),
    /// One side is not a number.
    #[error("'{0}' is not a number: write digits, optionally followed by k, M or G (15M, 1500k)")]
    BadNumber(String),
    /// The end is not greater than the start.
    #[error("the range {start}:{end} is empty: the end is exclusive and must be greater than the start")]
    Empty {
        /// The first block, as given.
        start: u64,
        /// The exclusive end, as given.
        end: u64,
    },
}

impl FromStr for RangeRequest {
    type Err = ParseRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, end) = text.split_once(':').ok_or_else(|| ParseRangeError::NoColon(text.into()))?;
        let start = optional_number(start)?;
        let end = match end.strip_prefix('+') {
            Some(count) => {
                let (from, count) = (start.unwrap_or(0), parse_count(count)?);
                Some(from.checked_add(count).ok_or_else(|| ParseRangeError::BadNumber(text.into()))?)
            }
            None => optional_number(end)?,
        };
        match (start.unwrap_or(0), end) {
            (start, Some(end)) if end <= start => Err(ParseRangeError::Empty { start, end }),
            _ => Ok(Self { start, end }),
        }
    }
}

fn optional_number(text: &str) -> Result<Option<u64>, ParseRangeError> {
    if text.is_empty() { Ok(None) } else { parse_count(text).map(Some) }
}

/// A number as people in this field write it: digits with an optional `k`, `M` or `G`, underscores allowed.
pub fn parse_count(text: &str) -> Result<u64, ParseRangeError> {
    let bad = || ParseRangeError::BadNumber(text.into());
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, 'm' | 'M')) => (&text[..at], 1_000_000),
        Some((at, 'g' | 'G')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    let value: u64 = digits.replace('_', "").parse().map_err(|_| bad())?;
    value.checked_mul(unit).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(Option<u64>, Option<u64>), ParseRangeError> {
        text.parse::<RangeRequest>().map(|r| (r.start, r.end))
    }

    #[test]
    fn ranges_read_as_people_write_them() {
        assert_eq!(parse("15M:16M"), Ok((Some(15_000_000), Some(16_000_000))));
        assert_eq!(parse("15M:+1000"), Ok((Some(15_000_000), Some(15_001_000))));
        assert_eq!(parse(":1000"), Ok((None, Some(1_000))));
        assert_eq!(parse("5k:"), Ok((Some(5_000), None)));
        assert_eq!(parse("1_000:2_000"), Ok((Some(1_000), Some(2_000))));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        assert!(matches!(parse("12"), Err(ParseRangeError::NoColon(_))));
        assert!(matches!(parse("a:b"), Err(ParseRangeError::BadNumber(_))));
        assert!(matches!(parse("ä:1"), Err(ParseRangeError::BadNumber(_))));
        assert!(matches!(parse("5:5"), Err(ParseRangeError::Empty { .. })));
        assert!(matches!(parse("1:+99999999999999999999"), Err(ParseRangeError::BadNumber(_))));
        assert!(matches!(parse("18446744073709551615:+1"), Err(ParseRangeError::BadNumber(_))));
    }

    #[test]
    fn a_request_is_cut_to_what_is_there() {
        let available = BlockRange::new(0, 100);
        let cut = |text: &str| text.parse::<RangeRequest>().unwrap().within(available);
        assert_eq!(cut("10:20"), BlockRange::new(10, 20));
        assert_eq!(cut("90:200"), BlockRange::new(90, 100));
        assert!(cut("200:300").is_empty());
    }
}
