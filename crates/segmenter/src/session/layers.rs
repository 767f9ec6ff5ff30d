//! What an object has on each slice, layer by layer, and the versions of it that an undo comes back to without
//! computing.

use std::collections::BTreeMap;

use boxel_imaging::{Error, Mask, Size, Stroke};

use super::structure::StructureSlice;

/// A mask in runs, and what is known of it: there may be a hundred versions of a hundred slices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    /// Lengths of the runs of 0 and 1 in turn, row by row.
    runs: Vec<u32>,
    pub about: StructureSlice,
}

impl Layer {
    pub fn new(mask: &Mask, about: StructureSlice) -> Self {
        let runs = runs_of(mask.values());
        Self { runs, about }
    }

    pub fn mask(&self, size: Size) -> Result<Mask, Error> {
        Mask::new(size.width, size.height, values_of(&self.runs))
    }
}

/// The masks that were found on a slice. A prompt's lies over a propagation's.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Found {
    pub carried: Option<Layer>,
    pub prompted: Option<Layer>,
    /// Whether the prompt started from what was carried: then that is needed to ask it again.
    pub refines_carried: bool,
}

impl Found {
    /// The mask that strokes are drawn on.
    pub fn top(&self) -> Option<&Layer> {
        self.prompted.as_ref().or(self.carried.as_ref())
    }
}

/// One slice of an object.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub found: Found,
    /// The user's, over what was found.
    pub strokes: Vec<Stroke>,
}

impl Part {
    /// Whether the slice is the user's: it has a prompt or strokes.
    pub fn is_touched(&self) -> bool {
        self.found.prompted.is_some() || !self.strokes.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.found.top().is_none() && self.strokes.is_empty()
    }

    /// Whether anything depends on what was carried there: it is seen, or strokes or a refinement lie on it.
    pub fn needs_carried(&self) -> bool {
        self.found.prompted.is_none() || self.found.refines_carried
    }
}

/// What was found on all slices, by the caller's number of a version. Strokes are not versioned: the caller has
/// them all.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(BTreeMap<u32, BTreeMap<u32, Found>>);

impl Versions {
    pub fn keep(&mut self, version: u32, parts: &BTreeMap<u32, Part>) {
        let found = parts
            .iter()
            .map(|(slice, part)| (*slice, part.found.clone()));
        let found = found.filter(|(_, found)| found.top().is_some());
        self.0.insert(version, found.collect());
    }

    pub fn get(&self, version: u32) -> Option<&BTreeMap<u32, Found>> {
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
