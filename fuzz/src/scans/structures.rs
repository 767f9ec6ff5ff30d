use std::sync::LazyLock;

use boxel_imaging::{
    About, Affine, Format, Grid, NamedFile, Rescale, Scan, ScanPlace, Source, Stacking, Voxels,
    open_segments,
};

use super::dicom::{SYNTAXES, deflated};
use super::part10;
use super::{LIMITS, listed, not_our_fault, take, within_memory};

/// The scan that structures are opened on: 16 × 12 × 5 voxels of 1 mm.
static SCAN: LazyLock<Scan> = LazyLock::new(|| {
    let grid = Grid {
        slices: 5,
        stacking: Stacking::Slices,
        slice_spacing_mm: Some(1.0),
        patient_from_voxel: Some(Affine([
            [1.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0],
        ])),
        ..Grid::image(16, 12)
    };
    let voxels = Voxels::U8(vec![0; grid.voxels() as usize]);
    let about = About::new(Format::Dicom, 8);
    let rescales = vec![Rescale::IDENTITY];
    Scan::new(grid, voxels, rescales, about, Source::Raster).expect("a sound scan")
});

/// The input is the number of a transfer syntax and the data set of an RT Structure Set.
pub fn structures(mut input: &[u8]) {
    let [choice] = take(&mut input);
    let choice = usize::from(choice) % SYNTAXES.len();
    let bytes = match choice {
        3 => part10::file(SYNTAXES[choice], &deflated(input)),
        _ => part10::file(SYNTAXES[choice], input),
    };
    let files = [NamedFile {
        name: "a.dcm",
        bytes: &bytes,
    }];
    let Some(choices) = listed(&files) else {
        return;
    };
    let opened =
        within_memory(|| open_segments(&files, &choices, &ScanPlace::of(&SCAN), |_| true, &LIMITS));
    not_our_fault(opened);
}
