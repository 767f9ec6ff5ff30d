//! What a propagation knows besides the model's answers: the user's box, and the grey levels of the first slice.

use boxel_imaging::{GreyLevels, ImageBox, ModelBox, Placement, PropagationRule, Recipe};

use super::box_propagation::BoxPropagation;
use super::object_mask::Origin;
use super::open_scan::OpenScan;
use crate::checkpoint::Model;
use crate::rendering::Rendering;

/// What the slice that a direction starts from says about the object. Each direction has its own, so that a replay may
/// go in one direction alone.
#[derive(Debug, Default)]
pub(super) struct DirectionStart {
    /// The user's box.
    drawn: Option<ImageBox>,
    /// Whether the mask leaves a part of that box empty. Then the model has probably missed a part of the object.
    is_partial: bool,
    /// Not of a partial mask.
    levels: Option<GreyLevels>,
}

impl BoxPropagation {
    /// The box in which the next slice is decoded.
    pub fn next_box(&self, recipe: Recipe) -> Option<ModelBox> {
        let neighbour = self.course().neighbour();
        match self.start().drawn {
            Some(drawn) if self.course().is_at_start() => Some(recipe.first_box(neighbour, drawn)),
            _ => recipe.next_box(neighbour),
        }
    }

    /// Whether the last mask leaves a part of the user's box empty.
    pub fn follows_partial(&self) -> bool {
        self.course().is_at_start() && self.start().is_partial
    }
}

impl OpenScan {
    /// Looks at the slice that a direction starts from.
    pub(super) fn direction_start(
        &self,
        propagation: &BoxPropagation,
        model: &Model,
    ) -> DirectionStart {
        let first = propagation.last();
        let object = self.objects.get(&propagation.object());
        let is_first_rule = propagation.course().rule() == PropagationRule::NextBox;
        let Some(object) = object.filter(|_| !is_first_rule) else {
            return DirectionStart::default();
        };
        let about = object.slice(first.slice);
        let about = about.filter(|about| about.origin == Origin::Marked);
        // Strokes say more than the box that they followed.
        let has_strokes = !object.strokes(first.slice).is_empty();
        let drawn = about.and_then(|about| about.image_box);
        let drawn = drawn.filter(|_| !has_strokes);
        let mask = propagation.course().neighbour();
        let is_partial = drawn.is_some_and(|drawn| !mask.fills(drawn));
        let placement = model.kind().recipe().placement(mask.size());
        let count = || GreyLevels::count(&first.image(&self.scan), mask, &placement);
        DirectionStart {
            drawn,
            is_partial,
            levels: if is_partial { None } else { count() },
        }
    }

    /// What the object's grey levels say against a mask on a slice, to be added to the logits. `None` by the first rule,
    /// or next to a partial mask.
    pub(super) fn evidence(
        &self,
        propagation: &BoxPropagation,
        slice: &Rendering,
        placement: &Placement,
    ) -> Option<Vec<f32>> {
        let is_weighed = propagation.course().rule() != PropagationRule::NextBox;
        if !is_weighed || propagation.follows_partial() {
            return None;
        }
        let last = propagation.last();
        let count = || {
            let image = last.image(&self.scan);
            GreyLevels::count(&image, propagation.course().neighbour(), placement)
        };
        let levels = propagation.start().levels.clone().or_else(count)?;
        Some(levels.evidence(&slice.image(&self.scan), placement))
    }
}
