//! DICOM files in memory, and helpers to inspect their scans.

use boxel_imaging::{Choice, Limits, NamedFile, Scan, open_choice, survey};

use crate::support::dicom_writer::{Data, Syntax};

/// DICOM files that are opened together.
pub struct Files(pub Vec<Vec<u8>>);

impl Files {
    pub fn of(data: &[Data]) -> Files {
        let files = data.iter().map(|data| data.file(Syntax::Explicit));
        Files(files.collect())
    }

    pub fn named(&self) -> Vec<NamedFile<'_>> {
        let files = self.0.iter();
        files.map(|bytes| NamedFile { name: "x", bytes }).collect()
    }

    pub fn choices(&self) -> Vec<Choice> {
        survey(&self.named(), &Limits::default()).unwrap()
    }

    pub fn labels(&self) -> Vec<String> {
        let choices = self.choices().into_iter();
        choices.map(|choice| choice.label).collect()
    }

    pub fn scan(&self, choice: usize) -> Scan {
        open_choice(&self.named(), &self.choices()[choice], &Limits::default()).unwrap()
    }

    /// The stored value of the first pixel of each slice, for each scan.
    pub fn all_firsts(&self) -> Vec<Vec<f64>> {
        (0..self.choices().len())
            .map(|choice| firsts(&self.scan(choice)))
            .collect()
    }
}

/// The stored value of the first pixel of each slice.
pub fn firsts(scan: &Scan) -> Vec<f64> {
    let slice = scan.grid().slice_size().pixels() as usize;
    let at = |k: u32| scan.voxels().grey(k as usize * slice).unwrap();
    (0..scan.grid().slices).map(at).collect()
}

/// Centre of a voxel in patient space.
pub fn place(scan: &Scan, voxel: [f64; 3]) -> [f64; 3] {
    scan.grid().patient_from_voxel.unwrap().apply(voxel)
}

/// Checks that two points are equal within a nanometre.
pub fn assert_near(a: [f64; 3], b: [f64; 3]) {
    let far = (0..3).any(|axis| (a[axis] - b[axis]).abs() > 1e-6);
    assert!(!far, "{a:?} is not {b:?}");
}
