//! Units and digests through their public doors.
#![cfg(test)]

mod damage;
mod digest;
mod rows;
mod segments;
mod units;
