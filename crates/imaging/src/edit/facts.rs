//! What an edit needs besides the mask, and what it is called.

use super::step::EditStep;

impl EditStep {
    /// Whether the edit looks at the scan's values, and not only at its grid.
    pub fn needs_values(&self) -> bool {
        match self {
            EditStep::ThresholdWithin { .. }
            | EditStep::Threshold { .. }
            | EditStep::Grow { .. } => true,
            EditStep::Sphere { range, .. } => range.is_some(),
            _ => false,
        }
    }

    /// The name in errors, such as `fill holes`.
    pub fn name(&self) -> &'static str {
        match self {
            EditStep::Interpolate { .. } => "interpolate",
            EditStep::Largest { .. } => "largest",
            EditStep::RemoveIslands { .. } => "remove islands",
            EditStep::FillHoles { .. } => "fill holes",
            EditStep::Smooth { .. } => "smooth",
            EditStep::Margin { .. } => "margin",
            EditStep::ThresholdWithin { .. } => "threshold within",
            EditStep::Threshold { .. } => "threshold",
            EditStep::Grow { .. } => "grow",
            EditStep::Sphere { .. } => "sphere",
            EditStep::Lasso { .. } => "lasso",
            EditStep::CopySlice { .. } => "copy slice",
            EditStep::Union { .. } => "union",
            EditStep::Subtract { .. } => "subtract",
            EditStep::Intersect { .. } => "intersect",
        }
    }

    /// The number of the object that it combines the mask with.
    pub fn other(&self) -> Option<u32> {
        match self {
            EditStep::Union { object }
            | EditStep::Subtract { object }
            | EditStep::Intersect { object } => Some(*object),
            _ => None,
        }
    }

    /// Whether the user draws each voxel of it, instead of a method.
    pub fn is_by_hand(&self) -> bool {
        match self {
            EditStep::Sphere { range, .. } => range.is_none(),
            EditStep::Lasso { .. } => true,
            _ => false,
        }
    }

    /// Points of a path or a polygon.
    pub fn points(&self) -> usize {
        match self {
            EditStep::Sphere { path, .. } => path.len(),
            EditStep::Lasso { polygon, .. } => polygon.len(),
            _ => 0,
        }
    }
}
