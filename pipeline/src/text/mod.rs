//! Text for people: numbers with their units, aligned tables, wrapped sentences.

mod numbers;
mod table;
mod wrap;

pub(crate) use numbers::{count, duration, mgas, rate};
pub(crate) use table::{Align, Table, fields};
pub(crate) use wrap::wrapped;
