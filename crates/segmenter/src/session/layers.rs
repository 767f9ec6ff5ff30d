//! The layers of each slice of an object, and stored versions of them, so that an undo computes nothing.

use std::collections::BTreeMap;

use boxel_imaging::{Error, Mask, Size, Stroke};

use super::object_mask::{ObjectSlice, Origin};

/// A run-length encoded mask: an object may have a hundred versions of a hundred slices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    /// Alternating lengths of runs of 0 and 1, row by row, starting with 0.
    runs: Vec<u32>,
    pub about: ObjectSlice,
}

impl Layer {
    pub fn new(mask: &Mask, about: ObjectSlice) -> Self {
        let runs = runs_of(mask.values());
        Self { runs, about }
    }

    pub fn mask(&self, size: Size) -> Result<Mask, Error> {
        Mask::new(size.width, size.height, values_of(&self.runs))
    }
}

/// The masks of a slice below the user's strokes. A prompt's mask covers a propagated or loaded one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ModelLayers {
    /// The lowest layer: a propagated mask, or one that was loaded from a file, as its origin says.
    pub propagated: Option<Layer>,
    pub prompted: Option<Layer>,
    /// Whether the prompt refined the propagated mask, which is then needed to decode the prompt again.
    pub refines_propagated: bool,
}

impl ModelLayers {
    /// The layer that strokes are drawn on.
    pub fn top(&self) -> Option<&Layer> {
        self.prompted.as_ref().or(self.propagated.as_ref())
    }

    /// Whether the lowest layer was loaded from a file.
    pub fn is_loaded(&self) -> bool {
        let lowest = self.propagated.as_ref();
        lowest.is_some_and(|layer| layer.about.origin == Origin::Loaded)
    }
}

/// All layers of one slice.
#[derive(Debug, Clone, Default)]
pub(super) struct SliceLayers {
    pub model: ModelLayers,
    /// The user's strokes, over the model's masks.
    pub strokes: Vec<Stroke>,
}

impl SliceLayers {
    /// Whether the slice is the user's: it has a prompt or strokes, or was loaded from a file.
    pub fn is_touched(&self) -> bool {
        self.is_marked() || self.model.is_loaded()
    }

    /// Whether a prompt or strokes are on the slice.
    pub fn is_marked(&self) -> bool {
        self.model.prompted.is_some() || !self.strokes.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.model.top().is_none() && self.strokes.is_empty()
    }

    /// Whether the lowest mask is visible or loaded, or strokes or a refinement depend on it.
    pub fn needs_propagated(&self) -> bool {
        self.model.prompted.is_none() || self.model.refines_propagated || self.model.is_loaded()
    }
}

/// The model's layers of all slices by version number. Strokes are not versioned: the caller has all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(BTreeMap<u32, BTreeMap<u32, ModelLayers>>);

impl Versions {
    pub fn keep(&mut self, version: u32, slices: &BTreeMap<u32, SliceLayers>) {
        let layers = slices
            .iter()
            .map(|(slice, layers)| (*slice, layers.model.clone()));
        let layers = layers.filter(|(_, layers)| layers.top().is_some());
        self.0.insert(version, layers.collect());
    }

    pub fn get(&self, version: u32) -> Option<&BTreeMap<u32, ModelLayers>> {
        self.0.get(&version)
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

fn runs_of(values: &[u8]) -> Vec<u32> {
    let mut runs = vec![0];
    let mut inside = false;
    for value in values {
        if (*value != 0) != inside {
            inside = !inside;
            runs.push(0);
        }
        if let Some(run) = runs.last_mut() {
            *run += 1;
        }
    }
    runs
}

fn values_of(runs: &[u32]) -> Vec<u8> {
    let runs = runs.iter().zip([0, 1].iter().cycle());
    runs.flat_map(|(&run, &value)| std::iter::repeat_n(value, run as usize))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_begin_with_those_outside() {
        for (values, runs) in [
            (vec![1, 1, 0, 1], vec![0, 2, 1, 1]),
            (vec![0, 0, 1], vec![2, 1]),
            (vec![0; 4], vec![4]),
        ] {
            assert_eq!(runs_of(&values), runs);
            assert_eq!(values_of(&runs), values);
        }
    }
}
