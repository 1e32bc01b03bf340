//! A queue between two threads that is bounded in bytes.
//!
//! An item counts from when there is room for it until its receiver drops it, so that what is being worked on
//! is in the bound too. One that is larger than the bound is admitted alone.

use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender, unbounded};

use crate::memory::{Gauge, Held, Room};

/// The sending end.
pub(crate) struct Giver<'a, T> {
    items: Sender<Item<'a, T>>,
    room: Arc<Room>,
    gauge: &'a Gauge,
}

/// The receiving end. Senders that wait for room are woken when it is dropped.
pub(crate) struct Taker<'a, T> {
    items: Receiver<Item<'a, T>>,
    room: Arc<Room>,
}

/// An item taken out of the queue.
pub(crate) struct Item<'a, T> {
    pub(crate) value: T,
    /// The item counts until this is dropped.
    pub(crate) held: Held<'a>,
}

/// A queue that holds up to `limit_bytes`; what it holds is in the gauge.
pub(crate) fn byte_queue<T>(limit_bytes: usize, gauge: &Gauge) -> (Giver<'_, T>, Taker<'_, T>) {
    let (give, take) = unbounded();
    let room = Room::new(limit_bytes);
    (Giver { items: give, room: Arc::clone(&room), gauge }, Taker { items: take, room })
}

impl<T> Giver<'_, T> {
    /// Waits for room; `false` where the receiving end is gone.
    pub(crate) fn give(&self, value: T, bytes: usize) -> bool {
        let Some(held) = self.room.enter(bytes, self.gauge) else { return false };
        self.items.send(Item { value, held }).is_ok()
    }
}

impl<'a, T> Taker<'a, T> {
    /// The items in order, until the sending end is gone.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Item<'a, T>> + '_ {
        self.items.iter()
    }
}

impl<T> Drop for Taker<'_, T> {
    fn drop(&mut self) {
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn items_come_in_order_and_never_more_bytes_than_the_limit() {
        let gauge = Gauge::default();
        let (give, take) = byte_queue(10, &gauge);
        let taken: Vec<usize> = thread::scope(|scope| {
            scope.spawn(move || (0..1_000).for_each(|number| assert!(give.give(number, 1 + number % 4))));
            take.iter().map(|item| item.value).collect()
        });
        assert_eq!(taken, (0..1_000).collect::<Vec<_>>());
        assert!((4..=10).contains(&gauge.peak()), "{} bytes at a time", gauge.peak());
    }

    #[test]
    fn an_item_larger_than_the_limit_is_admitted_alone() {
        let gauge = Gauge::default();
        let (give, take) = byte_queue(10, &gauge);
        thread::scope(|scope| {
            scope.spawn(move || (0..20).for_each(|number| assert!(give.give(number, 100))));
            assert_eq!(take.iter().count(), 20);
        });
        assert_eq!(gauge.peak(), 100);
    }

    #[test]
    fn what_is_being_worked_on_still_counts() {
        let gauge = Gauge::default();
        let (give, take) = byte_queue(10, &gauge);
        assert!(give.give("first", 6));
        let first = take.iter().next();
        thread::scope(|scope| {
            let second = scope.spawn(move || give.give("second", 6));
            thread::sleep(std::time::Duration::from_millis(20));
            assert!(!second.is_finished(), "there is no room while the first is in hand");
            drop(first);
            assert!(second.join().unwrap());
        });
        assert_eq!(gauge.peak(), 6);
    }

    #[test]
    fn who_waits_for_room_hears_that_nobody_takes_any_more() {
        let gauge = Gauge::default();
        let (give, take) = byte_queue(10, &gauge);
        assert!(give.give(1, 10));
        thread::scope(|scope| {
            let second = scope.spawn(|| give.give(2, 10));
            drop(take);
            assert!(!second.join().unwrap());
        });
    }
}
