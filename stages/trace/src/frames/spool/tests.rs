//! A spool gives back what it was given, whatever fits into memory.

use alloy::primitives::{Address, U256};
use proptest::prelude::*;

use super::*;
use crate::frames::end::Halt;
use crate::frames::{Frame, FrameKind};

#[derive(Debug, Clone)]
enum Step {
    Enter(Vec<u8>),
    EnterUnlisted,
    Pass(Vec<u8>),
    Leave(FrameEnd, Vec<u8>),
}

/// A frame as it is expected back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    header: FrameHeader,
    input: Vec<u8>,
    output: Vec<u8>,
}

/// Few different ones, so that many are equal to an earlier one, also in length alone.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![4 => 0_usize..70, 2 => Just(500), 1 => Just(20_000)];
    (length, 0_u8..3).prop_map(|(length, last)| {
        let mut payload = vec![7; length];
        if let Some(byte) = payload.last_mut() {
            *byte = last;
        }
        payload
    })
}

fn end() -> impl Strategy<Value = FrameEnd> {
    let halt = (0..Halt::ALL.len()).prop_map(|index| FrameEnd::Halted(Halt::ALL[index]));
    prop_oneof![Just(FrameEnd::Succeeded), Just(FrameEnd::Reverted), halt]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => payload().prop_map(Step::Enter),
        1 => Just(Step::EnterUnlisted),
        1 => payload().prop_map(Step::Pass),
        4 => (end(), payload()).prop_map(|(end, output)| Step::Leave(end, output)),
    ];
    proptest::collection::vec(step, 0..300)
}

fn header(number: usize) -> FrameHeader {
    FrameHeader {
        kind: FrameKind::ALL[number % FrameKind::ALL.len()],
        depth: 0,
        subtraces: 0,
        from: Address::with_last_byte(number as u8),
        to: (!number.is_multiple_of(3)).then(|| Address::repeat_byte(number as u8)),
        value: U256::MAX - U256::from(number),
        gas: u64::MAX - number as u64,
        gas_used: 0,
        end: FrameEnd::Succeeded,
    }
}

/// All frames in a list, closed or not: what the spool replaces.
#[derive(Default)]
struct Model {
    frames: Vec<Kept>,
    open: Vec<Option<usize>>,
}

impl Model {
    fn push(&mut self, input: &[u8]) -> usize {
        let header = FrameHeader { depth: self.open.len() as u32, ..header(self.frames.len()) };
        if let Some(parent) = self.open.last().copied().flatten() {
            self.frames[parent].header.subtraces += 1;
        }
        self.frames.push(Kept { header, input: input.to_vec(), output: Vec::new() });
        self.frames.len() - 1
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Enter(input) => {
                let index = self.push(input);
                self.open.push(Some(index));
            }
            Step::EnterUnlisted => self.open.push(None),
            Step::Pass(input) => {
                self.push(input);
            }
            Step::Leave(end, output) => {
                let Some(index) = self.open.pop().flatten() else { return };
                let frame = &mut self.frames[index];
                (frame.header.end, frame.header.gas_used) = (*end, output.len() as u64);
                frame.output = output.clone();
            }
        }
    }
}

fn apply(spool: &mut FrameSpool, step: &Step) {
    let header = header(spool.entered() as usize);
    match step {
        Step::Enter(input) => spool.enter(header, input).unwrap(),
        Step::EnterUnlisted => spool.enter_unlisted(),
        Step::Pass(input) => spool.pass(header, input).unwrap(),
        Step::Leave(end, output) => spool.leave(*end, output.len() as u64, output).unwrap(),
    }
}

fn read(spool: &FrameSpool) -> Vec<Kept> {
    let mut reader = spool.read();
    let mut frames = Vec::new();
    while let Some(Frame { header, input, output, .. }) = reader.next().unwrap() {
        frames.push(Kept { header, input: input.to_vec(), output: output.to_vec() });
    }
    frames
}

/// A spool with so little memory, and what it may hold in all.
fn small(slots_bytes: usize, payloads_bytes: usize) -> (FrameSpool, usize) {
    let folder = std::env::temp_dir();
    let memory = FrameMemory { limit_bytes: 0, folder };
    (FrameSpool::with_shares(memory, slots_bytes, payloads_bytes), OPEN_BYTES + slots_bytes + payloads_bytes)
}

proptest! {
    #[test]
    fn frames_come_back_whatever_fits_into_memory(
        blocks in proptest::collection::vec(steps(), 1..3),
        slots in 0_usize..40,
        payloads_bytes in prop_oneof![Just(0), 100_usize..3_000, 30_000_usize..100_000],
    ) {
        let (mut spool, limit_bytes) = small(slots * SLOT_BYTES, payloads_bytes);
        let mut roomy = FrameSpool::new(FrameMemory::unlimited());
        for steps in blocks {
            let mut model = Model::default();
            spool.clear().unwrap();
            roomy.clear().unwrap();
            let leave_all = Step::Leave(FrameEnd::Reverted, b"closed".to_vec());
            let opened = steps.iter().filter(|step| matches!(step, Step::Enter(_) | Step::EnterUnlisted)).count();
            for step in steps.iter().chain(std::iter::repeat_n(&leave_all, opened)) {
                model.apply(step);
                apply(&mut spool, step);
                apply(&mut roomy, step);
            }
            prop_assert!(read(&spool) == model.frames, "in a file");
            prop_assert!(read(&roomy) == model.frames, "in memory");
        }
        // The largest pair of payloads is read even where there is no room for it.
        let beyond_bytes = (2 * 20_000_usize).saturating_sub(payloads_bytes);
        prop_assert!(spool.most_bytes() <= limit_bytes + beyond_bytes, "{}", spool.most_bytes());
    }
}

#[test]
fn a_payload_that_comes_again_and_again_is_stored_once() {
    let (mut spool, limit_bytes) = small(1 << 20, 200_000);
    let (input, output) = (vec![1; 90_000], vec![2; 1_000]);
    for number in 0..5_000 {
        spool.enter(header(number), &input).unwrap();
        spool.leave(FrameEnd::Succeeded, 0, &output).unwrap();
        // What is empty does not make the last one forgotten.
        spool.pass(header(number), &[]).unwrap();
    }
    assert_eq!(spool.payloads.len(), 91_000);
    assert!(spool.most_bytes() <= limit_bytes);
    let different = [&input[..89_999], &[3]].concat();
    spool.pass(header(0), &different).unwrap();
    assert_eq!(spool.payloads.len(), 181_000);
}

#[test]
fn a_payload_larger_than_memory_is_stored_once_too() {
    let (mut spool, _) = small(1 << 20, 1_000);
    for number in 0..100 {
        spool.pass(header(number), &[5; 50_000]).unwrap();
    }
    assert_eq!(spool.payloads.len(), 50_000);
    assert!(read(&spool).iter().all(|frame| frame.input == [5; 50_000]));
}

#[test]
fn a_file_is_made_only_when_memory_does_not_suffice() {
    let memory = FrameMemory { limit_bytes: 1 << 20, folder: "/nowhere/at/all".into() };
    let mut spool = FrameSpool::new(memory);
    spool.enter(header(0), &[1; 1_000]).unwrap();
    spool.leave(FrameEnd::Succeeded, 0, &[]).unwrap();
    assert_eq!(read(&spool).len(), 1);
    let error = spool.enter(header(1), &[2; 1 << 20]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}
