//! The layers of each slice of an object, and stored versions of them, so that an undo computes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use boxel_imaging::{Error, Mask, Size, Stroke};

use super::object_mask::{ObjectSlice, Origin};

/// A run-length encoded mask: an object may have a hundred versions of a hundred slices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    /// Alternating lengths of runs of 0 and 1, row by row, starting with 0.
    /// Versions share those that an edit has not changed.
    runs: Rc<[u32]>,
    pub about: ObjectSlice,
}

impl Layer {
    pub fn new(mask: &Mask, about: ObjectSlice) -> Self {
        let runs = runs_of(mask.values()).into();
        Self { runs, about }
    }

    pub fn mask(&self, size: Size) -> Result<Mask, Error> {
        Mask::new(size.width, size.height, values_of(&self.runs))
    }
}

/// The masks of a slice below the user's strokes. A prompt's mask covers the lowest one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ModelLayers {
    /// The lowest layer: a mask that was propagated, loaded from a file, or left by an edit of the volume, as its origin
    /// says.
    pub propagated: Option<Layer>,
    pub prompted: Option<Layer>,
    /// Whether the prompt refined the lowest mask, which is then needed to decode the prompt again.
    pub refines_propagated: bool,
    /// The loaded mask that an edit of the volume has replaced. It is not shown: a session file needs it to repeat the steps.
    pub replaced: Option<Layer>,
}

impl ModelLayers {
    /// The layer that strokes are drawn on.
    pub fn top(&self) -> Option<&Layer> {
        self.prompted.as_ref().or(self.propagated.as_ref())
    }

    /// The lowest layer if it is the user's: loaded from a file, or left by an edit of the volume.
    pub fn lowest_of_user(&self) -> Option<&Layer> {
        let lowest = self.propagated.as_ref();
        lowest.filter(|layer| matches!(layer.about.origin, Origin::Loaded | Origin::Edited))
    }

    /// The layers after an edit of the volume: its mask alone.
    pub fn edited(&self, mask: &Mask) -> Self {
        let lowest = self.propagated.as_ref();
        let loaded = lowest.filter(|layer| layer.about.origin == Origin::Loaded);
        Self {
            propagated: Some(Layer::new(mask, ObjectSlice::unpredicted(Origin::Edited))),
            replaced: loaded.or(self.replaced.as_ref()).cloned(),
            ..Self::default()
        }
    }

    /// Whether the lowest mask is the user's, or strokes or a refinement lie on it.
    fn needs_lowest(&self, has_strokes: bool) -> bool {
        let is_base = has_strokes && self.prompted.is_none();
        is_base || self.refines_propagated || self.lowest_of_user().is_some()
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
    /// Whether the slice is the user's: it has a prompt or strokes, was loaded from a file, or was edited in the volume.
    pub fn is_touched(&self) -> bool {
        self.is_marked() || self.model.lowest_of_user().is_some()
    }

    /// Whether a prompt or strokes are on the slice.
    pub fn is_marked(&self) -> bool {
        self.model.prompted.is_some() || !self.strokes.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.model.top().is_none() && self.strokes.is_empty()
    }

    /// Whether the lowest mask is the user's, or strokes or a refinement lie on it.
    pub fn needs_propagated(&self) -> bool {
        self.model.needs_lowest(!self.strokes.is_empty())
    }
}

/// The model's layers of all slices at a time. Strokes are not among them: the caller has all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Version {
    pub slices: BTreeMap<u32, ModelLayers>,
    /// The slices that had strokes.
    with_strokes: BTreeSet<u32>,
    is_of_former_model: bool,
}

impl Version {
    /// Whether a return to the version changes a slice. What a former model made does not come back, except on slices
    /// that were edited in the volume since, or whose edit is undone.
    pub fn changes(&self, now: &ModelLayers, then: &ModelLayers) -> bool {
        match self.is_of_former_model {
            true => now.lowest_of_user() != then.lowest_of_user(),
            false => now != then,
        }
    }
}

/// The versions of an object by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(BTreeMap<u32, Version>);

impl Versions {
    pub fn keep(&mut self, version: u32, slices: &BTreeMap<u32, SliceLayers>) {
        let layers = slices
            .iter()
            .map(|(slice, layers)| (*slice, layers.model.clone()));
        let layers = layers.filter(|(_, layers)| layers.top().is_some());
        let with_strokes = slices
            .iter()
            .filter(|(_, layers)| !layers.strokes.is_empty());
        let kept = Version {
            slices: layers.collect(),
            with_strokes: with_strokes.map(|(slice, _)| *slice).collect(),
            is_of_former_model: false,
        };
        self.0.insert(version, kept);
    }

    pub fn get(&self, version: u32) -> Option<&Version> {
        self.0.get(&version)
    }

    /// Drops what the model propagated, except below strokes and refining prompts.
    pub fn leave_model(&mut self) {
        for version in self.0.values_mut() {
            version.is_of_former_model = true;
            let with_strokes = &version.with_strokes;
            version.slices.retain(|slice, layers| {
                if !layers.needs_lowest(with_strokes.contains(slice)) {
                    layers.propagated = None;
                }
                layers.top().is_some()
            });
        }
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
