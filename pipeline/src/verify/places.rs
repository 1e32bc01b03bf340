//! Where something does not hold.

use super::Outcome;
use super::row::Row;

/// Places shown of a check that does not hold.
const SHOWN: usize = 5;

/// Places where a check does not hold: all are counted, the first are shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    count: u64,
    shown: Vec<String>,
}

impl Places {
    /// One more: where, and what is there.
    pub(super) fn add(&mut self, place: impl Into<String>) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(place.into());
        }
    }

    /// The block of a row of `table`, which is its first column; a place where it cannot be read.
    pub(super) fn block_of(&mut self, row: &Row, table: &str) -> Option<u64> {
        let number = row.number(0, "block_number");
        number.map_err(|what| self.add(format!("a row of {table}: {what}"))).ok()
    }

    /// The first place.
    pub(crate) fn first(&self) -> Option<&str> {
        self.shown.first().map(String::as_str)
    }

    /// The check holds where there are none.
    pub(super) fn outcome(self) -> Outcome {
        Outcome::of(self.count, self.shown)
    }
}
