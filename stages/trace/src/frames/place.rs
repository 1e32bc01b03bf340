//! Where each frame stands in the tree of its transaction.

use super::end::FrameEnd;
use super::frame::FrameHeader;

/// Walks the frames of one transaction in order. What it keeps is the path to the frame it is at.
#[derive(Debug, Default)]
pub(crate) struct FramePlaces {
    path: Vec<u32>,
    /// For the frame at each depth of the path, the index of its next child.
    next_child: Vec<u32>,
    /// For the frame at each depth of the path, whether it and all above it succeeded.
    success: Vec<bool>,
}

/// The place of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FramePlace<'a> {
    /// The index of the child at each level, from the root.
    pub(crate) trace_address: &'a [u32],
    /// Whether the frame and all above it succeeded.
    pub(crate) success: bool,
}

impl FramePlaces {
    /// Goes on to the next frame.
    pub(crate) fn enter(&mut self, frame: &FrameHeader) -> FramePlace<'_> {
        let depth = frame.depth as usize;
        self.next_child.truncate(depth);
        self.success.truncate(depth);
        self.path.truncate(depth.saturating_sub(1));
        if let Some(index) = self.next_child.last_mut() {
            self.path.push(*index);
            *index += 1;
        }
        let success = self.success.last().is_none_or(|above| *above) && frame.end == FrameEnd::Succeeded;
        self.next_child.push(0);
        self.success.push(success);
        FramePlace { trace_address: &self.path, success }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::FrameKind;
    use alloy::primitives::{Address, U256};
    use proptest::prelude::*;

    fn frame(depth: u32, end: FrameEnd) -> FrameHeader {
        FrameHeader {
            kind: FrameKind::Call,
            depth,
            subtraces: 0,
            from: Address::ZERO,
            to: None,
            value: U256::ZERO,
            gas: 0,
            gas_used: 0,
            end,
        }
    }

    prop_compose! {
        /// Frames as they are entered: each one level below an open one.
        fn frames()(
            steps in proptest::collection::vec((any::<u32>(), any::<bool>()), 0..60),
            root_succeeds in any::<bool>(),
        ) -> Vec<FrameHeader> {
            let end = |succeeds| if succeeds { FrameEnd::Succeeded } else { FrameEnd::Reverted };
            let mut frames = vec![frame(0, end(root_succeeds))];
            for (up, succeeds) in steps {
                let deepest = frames.last().map_or(0, |last: &FrameHeader| last.depth) + 1;
                frames.push(frame(1 + up % deepest, end(succeeds)));
            }
            frames
        }
    }

    proptest! {
        #[test]
        fn every_path_is_new_and_leads_through_its_parent_and_elder_sibling(frames in frames()) {
            let mut places = FramePlaces::default();
            let mut seen: Vec<(Vec<u32>, bool)> = Vec::new();
            for frame in &frames {
                let place = places.enter(frame);
                let path = place.trace_address.to_vec();
                prop_assert_eq!(path.len(), frame.depth as usize);
                prop_assert!(seen.iter().all(|(other, _)| *other < path), "{:?} is out of order", path);
                let find = |wanted: &[u32]| seen.iter().find(|(other, _)| other == wanted);
                let mut above_succeeded = true;
                if let Some((index, above)) = path.split_last() {
                    let parent = find(above);
                    prop_assert!(parent.is_some(), "{:?} has no parent", path);
                    above_succeeded = parent.is_some_and(|(_, success)| *success);
                    let elder = index.checked_sub(1).map(|elder| [above, &[elder]].concat());
                    prop_assert!(elder.is_none_or(|elder| find(&elder).is_some()), "{:?} has a gap before it", path);
                }
                prop_assert_eq!(place.success, above_succeeded && frame.end == FrameEnd::Succeeded);
                seen.push((path, place.success));
            }
        }
    }
}
