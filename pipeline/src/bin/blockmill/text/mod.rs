//! Text for people: numbers with their units, aligned tables, wrapped sentences.

mod cut;
mod numbers;
mod shell;
mod table;
mod wrap;

pub(crate) use cut::{cut, visible};
pub(crate) use numbers::{count, duration, grouped, mgas, rate};
pub(crate) use shell::shell_word;
pub(crate) use table::{Align, TextTable, fields};
pub(crate) use wrap::wrapped;
