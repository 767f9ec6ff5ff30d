//! What was carried through the slices of an object, as it was at several times: so that an undo comes back to
//! it without computing.

use std::collections::BTreeMap;

use boxel_imaging::{Error, Mask, Size};

use super::structure::StructureSlice;

/// A slice that was carried on, and its mask.
pub(super) type CarriedSlice = (u32, Mask, StructureSlice);

/// Carried slices by the caller's number of a version.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(BTreeMap<u32, Vec<Kept>>);

/// A slice with its mask in runs: there may be a hundred versions of a hundred slices.
#[derive(Debug, Clone)]
struct Kept {
    slice: u32,
    /// Lengths of the runs of 0 and 1 in turn, row by row.
    runs: Vec<u32>,
    about: StructureSlice,
}

impl Versions {
    pub(super) fn keep(&mut self, version: u32, slices: &[CarriedSlice]) {
        let kept = slices.iter().map(|(slice, mask, about)| Kept {
            slice: *slice,
            runs: runs_of(mask.values()),
            about: about.clone(),
        });
        self.0.insert(version, kept.collect());
    }

    /// Nothing where the version was not kept.
    pub(super) fn get(&self, version: u32, size: Size) -> Result<Option<Vec<CarriedSlice>>, Error> {
        let Some(kept) = self.0.get(&version) else {
            return Ok(None);
        };
        let slices = kept.iter().map(|Kept { slice, runs, about }| {
            let mask = Mask::new(size.width, size.height, values_of(runs))?;
            Ok((*slice, mask, about.clone()))
        });
        slices.collect::<Result<_, Error>>().map(Some)
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
