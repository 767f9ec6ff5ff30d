//! The bookkeeping of a propagation: which slice is next, whether its mask is taken, and what is discarded at the end.
//! It knows no model: the caller computes the masks.

use boxel_imaging::{
    Error, ImageBox, Judgement, Mask, PropagationLimits, PropagationRule, ReviewReason, Signals,
    SlicePlane, Stop,
};

use super::object_mask::{ObjectMask, ObjectSlice, Origin};
use super::propagation::{Direction, PropagationStep};

/// The course of one object's propagation.
#[derive(Debug)]
pub(super) struct Course {
    object: u32,
    from: u32,
    judges: PropagationLimits,
    /// The remaining directions, the current one last.
    directions: Vec<Direction>,
    /// The last slice that was taken in the current direction.
    at: u32,
    /// The mask of that slice.
    neighbour: Mask,
    /// The model's own mask there, if the grey levels have changed it.
    whole: Option<Mask>,
}

/// What a propagation does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Decode this slice.
    Slice(u32),
    /// End the current direction.
    Stop(Stop),
    /// No direction remains.
    Finished,
}

/// The mask that the model decoded on a slice from its neighbour's mask.
#[derive(Debug, Clone)]
pub(super) struct SliceMask {
    pub mask: Mask,
    /// The predicted IoU.
    pub iou: f32,
    /// The box that the mask was decoded from.
    pub image_box: Option<ImageBox>,
    pub signals: Signals,
    /// The model's own mask, if the grey levels have changed it.
    pub whole: Option<Mask>,
    /// Whether the neighbour's mask leaves a part of the user's box empty.
    pub follows_partial: bool,
}

impl Course {
    /// Starts at a slice and goes in the given directions one after the other; `None` if the object has no mask there.
    pub fn begin(
        number: u32,
        object: &ObjectMask,
        slice_plane: &SlicePlane,
        from: u32,
        directions: &[Direction],
        judges: PropagationLimits,
    ) -> Option<Self> {
        object.slice(from)?;
        Some(Self {
            object: number,
            from,
            at: from,
            neighbour: object.voxels().slice(slice_plane, from),
            whole: None,
            judges,
            directions: directions.iter().rev().copied().collect(),
        })
    }

    /// The object's number.
    pub fn object(&self) -> u32 {
        self.object
    }

    /// How many directions have not ended.
    pub fn directions_left(&self) -> usize {
        self.directions.len()
    }

    /// The current direction, unless all have ended.
    pub fn direction(&self) -> Option<Direction> {
        self.directions.last().copied()
    }

    /// Goes on from a slice with the mask that it has.
    pub fn pass(&mut self, object: &ObjectMask, slice_plane: &SlicePlane, slice: u32) {
        self.at = slice;
        self.neighbour = object.voxels().slice(slice_plane, slice);
    }

    /// The next action. A slice that the user has touched, even during the propagation, ends a direction.
    pub fn next(&self, object: &ObjectMask, slice_plane: &SlicePlane) -> Next {
        let Some(direction) = self.directions.last() else {
            return Next::Finished;
        };
        match direction.next(self.at, slice_plane.slices()) {
            None => Next::Stop(Stop::End),
            Some(slice) if object.is_touched(slice) => Next::Stop(Stop::Marked),
            Some(slice) => Next::Slice(slice),
        }
    }

    /// The slices that follow if no mask ends a direction early, the next one first.
    pub fn coming(
        &self,
        object: &ObjectMask,
        slice_plane: &SlicePlane,
    ) -> impl Iterator<Item = u32> {
        let count = slice_plane.slices();
        let starts = std::iter::once(self.at).chain(std::iter::repeat(self.from));
        let directions = self.directions.iter().rev().zip(starts);
        directions.flat_map(move |(direction, at)| {
            let next = move |slice: &u32| direction.next(*slice, count);
            std::iter::successors(next(&at), next).take_while(|slice| !object.is_touched(*slice))
        })
    }

    /// Whether the next slice is the first one of its direction.
    pub fn is_at_start(&self) -> bool {
        self.at == self.from
    }

    /// How masks are found.
    pub fn rule(&self) -> PropagationRule {
        self.judges.rule
    }

    /// The last slice that was taken.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// The mask of the last slice, from which the next one is decoded.
    pub fn neighbour(&self) -> &Mask {
        &self.neighbour
    }

    /// Takes the mask of the next slice, or ends the direction with it.
    pub fn take(
        &mut self,
        object: &mut ObjectMask,
        slice_plane: &SlicePlane,
        slice: u32,
        found: SliceMask,
    ) -> Result<PropagationStep, Error> {
        let SliceMask {
            mask,
            iou,
            image_box,
            signals,
            whole,
            follows_partial,
        } = found;
        let (judges, neighbour) = (&self.judges, &self.neighbour);
        let judged = match &whole {
            Some(whole) => {
                let before = self.whole.as_ref().unwrap_or(neighbour);
                judges.judge_left([before, whole], [neighbour, &mask], iou)
            }
            None if follows_partial => judges.judge_after_partial(neighbour, &mask, iou),
            None => judges.judge(neighbour, &mask, iou),
        };
        let mut doubts: Vec<ReviewReason> = match judged {
            Judgement::Stop(reason) => return self.stop(object, slice_plane, reason),
            Judgement::Take(doubts) => doubts,
        };
        for reason in self.judges.review(iou, signals) {
            if !doubts.contains(&reason) {
                doubts.push(reason);
            }
        }
        let about = ObjectSlice {
            origin: Origin::Propagated,
            iou: Some(iou),
            doubts: doubts.clone(),
            image_box,
            is_of_box_alone: false,
        };
        if !object.propagate(slice_plane, slice, &mask, about)? {
            return self.stop(object, slice_plane, Stop::Marked);
        }
        let area_px = mask.area_px();
        (self.at, self.neighbour, self.whole) = (slice, mask, whole);
        Ok(PropagationStep::Propagated {
            object: self.object,
            slice,
            iou,
            area_px,
            doubts,
        })
    }

    /// Ends a direction. Masks that an earlier propagation left beyond the end are discarded, up to a slice that the
    /// user has touched. At the end of a range they stay: nothing says that the object ends there.
    pub fn stop(
        &mut self,
        object: &mut ObjectMask,
        slice_plane: &SlicePlane,
        reason: Stop,
    ) -> Result<PropagationStep, Error> {
        let direction = self.directions.pop().unwrap_or(Direction::Up);
        let first = direction.next(self.at, slice_plane.slices());
        let mut beyond = first.filter(|_| reason != Stop::Range);
        while let Some(slice) = beyond
            && object.discard_slice(slice_plane, slice)?
        {
            beyond = direction.next(slice, slice_plane.slices());
        }
        let slice = first.unwrap_or(self.at);
        self.at = self.from;
        // The user may have changed the first slice's mask in the meantime.
        self.neighbour = object.voxels().slice(slice_plane, self.from);
        self.whole = None;
        Ok(PropagationStep::Stopped {
            object: self.object,
            direction,
            slice,
            reason,
        })
    }
}
