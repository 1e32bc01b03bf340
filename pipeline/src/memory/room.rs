//! Room for a number of bytes that several threads share.
//!
//! An item counts from when there is room for it until its holder drops it. One that is larger than the room
//! is admitted alone.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use blockmill_chain::unpoisoned;

use super::{Gauge, Share};

/// What a block or a change set takes in memory for a byte of its encoded form, about (measured: two and a half). It is what
/// is known before it is read; see [`Held::set`].
pub(crate) const DECODED_PER_ENCODED_BYTE: usize = 3;

/// Room for items of some bytes.
pub(crate) struct Room {
    limit_bytes: usize,
    state: Mutex<RoomState>,
    changed: Condvar,
}

#[derive(Default)]
struct RoomState {
    bytes: usize,
    is_closed: bool,
    /// First come, first served: small items do not pass a large one for ever.
    next_ticket: u64,
    served: u64,
}

/// The room that an item takes; it counts until this goes.
pub(crate) struct Held<'a> {
    room: Arc<Room>,
    bytes: usize,
    share: Share<'a>,
}

impl Room {
    pub(crate) fn new(limit_bytes: usize) -> Arc<Self> {
        Arc::new(Self { limit_bytes, state: Mutex::default(), changed: Condvar::new() })
    }

    /// Waits until there is room, which is then in the gauge as well; `None` where the room was closed.
    ///
    /// A thread that waits here must hold none of the room: others give back what they have only if they wait
    /// for nothing.
    pub(crate) fn enter<'a>(self: &Arc<Self>, bytes: usize, gauge: &'a Gauge) -> Option<Held<'a>> {
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let must_wait = |state: &mut RoomState| {
            let is_full = state.bytes > 0 && state.bytes.saturating_add(bytes) > self.limit_bytes;
            !state.is_closed && (is_full || state.served != ticket)
        };
        let mut state = unpoisoned(self.changed.wait_while(state, must_wait));
        if state.is_closed {
            return None;
        }
        state.served += 1;
        state.bytes += bytes;
        drop(state);
        // Wakes the thread that has the next ticket.
        self.changed.notify_all();
        let mut share = gauge.share();
        share.set(bytes);
        Some(Held { room: Arc::clone(self), bytes, share })
    }

    /// Closes the room: threads that wait for it are woken, and get none.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// The numbers are whole after every change.
    fn lock(&self) -> MutexGuard<'_, RoomState> {
        unpoisoned(self.state.lock())
    }
}

impl Held<'_> {
    /// The item turns out to take so many bytes. It is there already: where that is more than there is room for, only those
    /// that come later wait.
    pub(crate) fn set(&mut self, bytes: usize) {
        self.share.set(bytes);
        let mut state = self.room.lock();
        state.bytes = state.bytes - self.bytes + bytes;
        self.bytes = bytes;
        drop(state);
        self.room.changed.notify_all();
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn what_all_threads_hold_stays_within_the_room_and_a_larger_item_is_alone() {
        const LARGE: usize = 100;
        let (gauge, room, holders) = (Gauge::default(), Room::new(10), AtomicUsize::new(0));
        thread::scope(|scope| {
            for worker in 0..4 {
                let (gauge, room, holders) = (&gauge, &room, &holders);
                scope.spawn(move || {
                    for number in 0..300 {
                        let bytes = if number % 100 == worker { LARGE } else { 3 + number % 4 };
                        let _held = room.enter(bytes, gauge).unwrap();
                        let others = holders.fetch_add(1, Ordering::SeqCst);
                        assert!(bytes < LARGE || others == 0, "a large item beside {others} others");
                        assert!(others < 3, "{others} others");
                        thread::yield_now();
                        holders.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(gauge.peak(), LARGE as u64);
        assert_eq!(room.lock().bytes, 0);
    }

    #[test]
    fn an_item_that_grows_keeps_others_out_until_it_goes() {
        let (gauge, room) = (Gauge::default(), Room::new(10));
        let mut first = room.enter(2, &gauge).unwrap();
        first.set(9);
        thread::scope(|scope| {
            let second = scope.spawn(|| room.enter(2, &gauge).is_some());
            thread::sleep(std::time::Duration::from_millis(20));
            assert!(!second.is_finished());
            drop(first);
            assert!(second.join().unwrap());
        });
        assert_eq!(gauge.peak(), 9);
    }

    #[test]
    fn small_items_do_not_pass_a_large_one() {
        let (gauge, room) = (Gauge::default(), Room::new(10));
        let first = room.enter(5, &gauge).unwrap();
        thread::scope(|scope| {
            let large = scope.spawn(|| room.enter(50, &gauge).map(|held| held.bytes));
            while room.lock().next_ticket < 2 {
                thread::yield_now();
            }
            let small = scope.spawn(|| room.enter(1, &gauge).map(|held| held.bytes));
            thread::sleep(std::time::Duration::from_millis(20));
            assert!(!small.is_finished() && !large.is_finished());
            drop(first);
            assert_eq!((large.join().unwrap(), small.join().unwrap()), (Some(50), Some(1)));
        });
    }
}
