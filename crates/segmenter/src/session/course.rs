//! The bookkeeping of a propagation: which slice is next, whether its mask is taken, and what an end takes back. It
//! knows no model: where the mask of a slice comes from is the caller's.

use boxel_imaging::{
    Error, ImageBox, Judgement, Mask, PropagationLimits, ReviewReason, Signals, SlicePlane, Stop,
};

use super::propagation::{Direction, Step};
use super::structure::{Origin, Structure, StructureSlice};

/// One object on its way through the slices.
#[derive(Debug)]
pub(super) struct Course {
    from: u32,
    judges: PropagationLimits,
    /// Those that are left, the present one last.
    directions: Vec<Direction>,
    /// The last slice that was taken in the present direction, and its mask.
    at: u32,
    neighbour: Mask,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The mask of this slice is to be found.
    Slice(u32),
    /// The present direction is at its end.
    Stop(Stop),
    /// No direction is left.
    Finished,
}

/// What was found on a slice by its neighbour's mask.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    pub mask: Mask,
    /// As the model predicts it.
    pub iou: f32,
    /// That it was decoded from.
    pub image_box: Option<ImageBox>,
    pub signals: Signals,
}

impl Course {
    /// From a slice, in these directions one after the other; nothing if the object has no mask there.
    pub fn begin(
        structure: &Structure,
        view: &SlicePlane,
        from: u32,
        directions: &[Direction],
        judges: PropagationLimits,
    ) -> Option<Self> {
        structure.slice(from)?;
        Some(Self {
            from,
            at: from,
            neighbour: structure.mask().slice(view, from),
            judges,
            directions: directions.iter().rev().copied().collect(),
        })
    }

    /// What is next. A slice of the user's ends a direction, since when it may have become one.
    pub fn next(&self, structure: &Structure, view: &SlicePlane) -> Next {
        let Some(direction) = self.directions.last() else {
            return Next::Finished;
        };
        match direction.next(self.at, view.slices()) {
            None => Next::Stop(Stop::End),
            Some(slice) if structure.is_touched(slice) => Next::Stop(Stop::Marked),
            Some(slice) => Next::Slice(slice),
        }
    }

    /// The last slice that was taken.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Its mask, which the next one is found by.
    pub fn neighbour(&self) -> &Mask {
        &self.neighbour
    }

    /// Takes the mask of the next slice, or ends the direction with it.
    pub fn take(
        &mut self,
        structure: &mut Structure,
        view: &SlicePlane,
        slice: u32,
        found: Followed,
    ) -> Result<Step, Error> {
        let Followed {
            mask,
            iou,
            image_box,
            signals,
        } = found;
        let mut doubts: Vec<ReviewReason> = match self.judges.judge(&self.neighbour, &mask, iou) {
            Judgement::Stop(reason) => return self.stop(structure, view, reason),
            Judgement::Take(doubts) => doubts,
        };
        for reason in self.judges.review(iou, signals) {
            if !doubts.contains(&reason) {
                doubts.push(reason);
            }
        }
        let about = StructureSlice {
            origin: Origin::Carried,
            iou: Some(iou),
            doubts: doubts.clone(),
            image_box,
        };
        if !structure.carry(view, slice, &mask, about)? {
            return self.stop(structure, view, Stop::Marked);
        }
        let area_px = mask.area_px();
        (self.at, self.neighbour) = (slice, mask);
        Ok(Step::Carried {
            slice,
            iou,
            area_px,
            doubts,
        })
    }

    /// Ends a direction. What an earlier propagation had carried beyond its end is taken back, up to a
    /// slice of the user's.
    pub fn stop(
        &mut self,
        structure: &mut Structure,
        view: &SlicePlane,
        reason: Stop,
    ) -> Result<Step, Error> {
        let direction = self.directions.pop().unwrap_or(Direction::Up);
        let first = direction.next(self.at, view.slices());
        let mut beyond = first;
        while let Some(slice) = beyond
            && structure.take_back(view, slice)?
        {
            beyond = direction.next(slice, view.slices());
        }
        let slice = first.unwrap_or(self.at);
        self.at = self.from;
        // The next direction goes out from the mask that is there then: the user may have changed it.
        self.neighbour = structure.mask().slice(view, self.from);
        Ok(Step::Stopped {
            direction,
            slice,
            reason,
        })
    }
}
