//! Every order of what a block, a slice and two readers do to one row: a row that was read ahead is never older than what is
//! read from the store.

use std::convert::Infallible;

use alloy::primitives::{Address, U256};
use blockmill_chain::{Account, BlockChanges, StorageChanges};

use super::{ReadAhead, StateCache};

/// What the thread that executes does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A block reads the row.
    Read,
    /// A block gives it another value.
    Write,
    /// A block removes it, with all slots of its account.
    Wipe,
    /// Other rows push out what is kept.
    Evict,
    /// The slice ends and is stored; the next begins.
    Store,
}

const STEPS: [Step; 5] = [Step::Read, Step::Write, Step::Wipe, Step::Evict, Step::Store];

/// The row is an account, or a slot.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Account,
    Slot,
}

/// A row, in the store and on the way there, and those who read it ahead.
struct World<'a> {
    kind: Kind,
    cache: &'a StateCache,
    /// One for each slice; who began to read in an earlier slice still has the right of that one.
    rights: Vec<ReadAhead<'a>>,
    stored: u64,
    /// What the slice has changed it to.
    changed: Option<u64>,
    last_value: u64,
    readers: [Reader; 2],
}

/// How far a reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Waits,
    /// It has this from the store, by the right of that slice.
    Has(u64, usize),
    Done,
}

const ADDRESS: Address = Address::ZERO;
const SLOT: U256 = U256::ZERO;

fn account(value: u64) -> Option<Account> {
    (value > 0).then(|| Account { nonce: value, ..Account::default() })
}

impl<'a> World<'a> {
    fn new(kind: Kind, cache: &'a StateCache) -> Self {
        let rights = vec![cache.read_ahead()];
        Self { kind, cache, rights, stored: 1, changed: None, last_value: 1, readers: [Reader::Waits; 2] }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Read => {
                let read = self.changed.unwrap_or_else(|| self.read());
                assert_eq!(read, self.changed.unwrap_or(self.stored));
            }
            Step::Write => {
                self.last_value += 1;
                self.change(self.last_value, false);
            }
            Step::Wipe => self.change(0, true),
            Step::Evict => self.cache.lock().kept.clear(),
            Step::Store => {
                self.stored = self.changed.take().unwrap_or(self.stored);
                self.rights.push(self.cache.read_ahead());
            }
        }
    }

    fn read(&self) -> u64 {
        let read = match self.kind {
            Kind::Account => self
                .cache
                .account(ADDRESS, || Ok::<_, Infallible>(account(self.stored)))
                .map(|account| account.map_or(0, |account| account.nonce)),
            Kind::Slot => self
                .cache
                .slot(ADDRESS, SLOT, || Ok::<_, Infallible>(U256::from(self.stored)))
                .map(|value| value.to()),
        };
        read.unwrap()
    }

    fn change(&mut self, value: u64, wiped: bool) {
        let mut changes = BlockChanges::default();
        match self.kind {
            Kind::Account => {
                changes.accounts.insert(ADDRESS, account(value));
            }
            Kind::Slot => {
                let slots = (!wiped).then(|| (SLOT, U256::from(value))).into_iter().collect();
                changes.storage.insert(ADDRESS, StorageChanges { wiped, slots });
            }
        }
        self.cache.update(&changes);
        self.changed = Some(value);
    }

    /// What is known of the row is no concern of others; else the reader reads it, and puts it in later.
    fn reader(&mut self, which: usize) {
        self.readers[which] = match (self.readers[which], self.kind) {
            (Reader::Waits, kind) => {
                let right = self.rights.last().unwrap();
                let is_known = match kind {
                    Kind::Account => right.known_account(ADDRESS).is_some(),
                    Kind::Slot => right.known_slot(ADDRESS, SLOT).is_some(),
                };
                if is_known { Reader::Done } else { Reader::Has(self.stored, self.rights.len() - 1) }
            }
            (Reader::Has(value, right), Kind::Account) => {
                self.rights[right].keep_account(ADDRESS, account(value));
                Reader::Done
            }
            (Reader::Has(value, right), Kind::Slot) => {
                self.rights[right].keep_slot(ADDRESS, SLOT, U256::from(value));
                Reader::Done
            }
            (Reader::Done, _) => Reader::Done,
        };
    }
}

/// All sequences of so many steps.
fn scripts(length: u32) -> impl Iterator<Item = Vec<Step>> {
    let base = STEPS.len();
    (0..base.pow(length))
        .map(move |number| (0..length).map(|at| STEPS[number / base.pow(at) % base]).collect())
}

/// All ways in which `readers` readers, with two steps each, come between so many steps: who is next, `None` for the execution.
fn orders(steps: usize, readers: usize) -> Vec<Vec<Option<usize>>> {
    let mut orders = Vec::new();
    let mut left = vec![2; readers];
    fn go(
        steps: usize,
        left: &mut Vec<usize>,
        order: &mut Vec<Option<usize>>,
        orders: &mut Vec<Vec<Option<usize>>>,
    ) {
        if steps == 0 && left.iter().all(|left| *left == 0) {
            orders.push(order.clone());
            return;
        }
        if steps > 0 {
            order.push(None);
            go(steps - 1, left, order, orders);
            order.pop();
        }
        for reader in 0..left.len() {
            if left[reader] > 0 {
                left[reader] -= 1;
                order.push(Some(reader));
                go(steps, left, order, orders);
                order.pop();
                left[reader] += 1;
            }
        }
    }
    go(steps, &mut left, &mut Vec::new(), &mut orders);
    orders
}

fn run(kind: Kind, script: &[Step], order: &[Option<usize>]) {
    let cache = StateCache::new(1 << 20);
    let mut world = World::new(kind, &cache);
    let mut steps = script.iter();
    for actor in order {
        match actor {
            Some(reader) => world.reader(*reader),
            None => steps.next().into_iter().for_each(|step| world.step(*step)),
        }
    }
    // Whatever is left of it anywhere.
    world.step(Step::Read);
    world.step(Step::Store);
    world.step(Step::Evict);
    world.step(Step::Read);
}

#[test]
fn no_order_of_events_brings_back_what_was_overwritten() {
    for (length, readers) in [(6, 1), (4, 2)] {
        let orders = orders(length as usize, readers);
        for script in scripts(length) {
            for order in &orders {
                for kind in [Kind::Account, Kind::Slot] {
                    run(kind, &script, order);
                }
            }
        }
    }
}

#[test]
fn a_row_that_was_read_ahead_is_not_read_again() {
    let cache = StateCache::new(1 << 20);
    let mut world = World::new(Kind::Slot, &cache);
    (0..2).for_each(|_| world.reader(0));
    world.stored = 7;
    assert_eq!(world.read(), 1, "it was read before");
    let counted = cache.rows_ahead();
    assert_eq!((counted.read, counted.used), (1, 1));
}
