//! References that cover a part of the scan (sparse Segmentations, cropped and rotated label maps), and references that
//! don't lie on its voxels.

use crate::support::dicom_writer::{Data, Syntax, Value, nth, slice};
use crate::support::scans::placed;
use crate::support::tools;
use boxel_imaging::export::{self, Identity, NewInstance, SegForm, Segment};
use boxel_imaging::{
    About, Choice, Format, Grid, Limits, NamedFile, Rescale, Scan, Source, VolumeMask, Voxels,
    labels, mask_of_label, open, open_choice, open_reference, survey,
};

fn named(files: &[Vec<u8>]) -> Vec<NamedFile<'_>> {
    let files = files.iter();
    files.map(|bytes| NamedFile { name: "x", bytes }).collect()
}

fn choices(files: &[Vec<u8>]) -> Vec<Choice> {
    survey(&named(files), &Limits::default()).unwrap()
}

fn opened(files: &[Vec<u8>], choice: usize) -> Scan {
    open_choice(&named(files), &choices(files)[choice], &Limits::default()).unwrap()
}

/// A CT of 4×3 pixels of 0.5 mm × 0.75 mm, with slices at these heights and corners at (−10, −20).
fn ct(heights: &[f64]) -> Scan {
    let slices = (1..).zip(heights).map(|(n, z)| nth(n, *z, 1));
    let files: Vec<Vec<u8>> = slices.map(|data| data.file(Syntax::Explicit)).collect();
    opened(&files, 0)
}

/// A CT of ten slices, 5 mm apart.
fn even() -> Scan {
    ct(&(0..10).map(|k| 5.0 * f64::from(k)).collect::<Vec<_>>())
}

fn mask(grid: &Grid, voxels: &[[u32; 3]]) -> VolumeMask {
    let mut values = vec![0; grid.voxels() as usize];
    for voxel in voxels {
        values[grid.index(*voxel).unwrap()] = 1;
    }
    VolumeMask::from_values(grid, &values).unwrap()
}

fn seg(scan: &Scan, masks: &[&VolumeMask]) -> Vec<u8> {
    let instance = NewInstance {
        seed: [7; 16],
        date: "20261128",
        time: "120000",
        software_version: "0",
    };
    let segments: Vec<Segment<'_>> = masks
        .iter()
        .map(|mask| Segment::new("a", [0; 3], mask))
        .collect();
    export::dicom_seg(
        scan,
        &segments,
        Identity::Linked,
        SegForm::Binary,
        &instance,
    )
    .unwrap()
}

/// A label map with a place, like one from NIfTI.
fn label_map(affine: [[f64; 4]; 3], size: [u32; 3], values: Vec<u8>) -> Scan {
    let about = About::new(Format::Nifti1, 8);
    Scan::new(
        placed(size, affine),
        Voxels::U8(values),
        vec![Rescale::IDENTITY],
        about,
        Source::Raster,
    )
    .unwrap()
}

fn refusal(scan: &Scan, reference: &Scan) -> String {
    let error = mask_of_label(scan.grid(), reference, 1.0).unwrap_err();
    assert_eq!(error.code(), "grids_differ");
    error.to_string()
}

#[test]
fn our_sparse_segmentation_is_a_reference() {
    for scan in [even(), ct(&[0.0, 4.0, 8.0, 15.0, 22.0, 29.0])] {
        // Frames for slices 1, 2 and 4, and a single frame.
        for voxels in [&[[3, 2, 1], [0, 0, 2], [1, 2, 4]][..], &[[1, 0, 3]]] {
            let drawn = mask(scan.grid(), voxels);
            let reference = opened(&[seg(&scan, &[&drawn])], 0);
            assert!(reference.grid().slices < scan.grid().slices);
            assert_eq!(labels(&reference).unwrap(), [1.0]);
            assert_eq!(mask_of_label(scan.grid(), &reference, 1.0).unwrap(), drawn);
        }
    }
}

#[test]
fn segments_on_different_slices_stay_apart() {
    let scan = even();
    let a = mask(scan.grid(), &[[1, 1, 1], [2, 1, 2]]);
    let b = mask(scan.grid(), &[[3, 0, 6], [3, 1, 7]]);
    let file = [seg(&scan, &[&a, &b])];
    assert_eq!(choices(&file).len(), 2);
    for (choice, drawn) in [&a, &b].into_iter().enumerate() {
        let reference = opened(&file, choice);
        assert_eq!(&mask_of_label(scan.grid(), &reference, 1.0).unwrap(), drawn);
    }
}

#[test]
fn segments_are_the_labels_of_one_reference() {
    for scan in [even(), ct(&[0.0, 4.0, 8.0, 15.0, 22.0, 29.0, 36.0, 43.0])] {
        // The second segment begins below the first, and they share one slice.
        let a = mask(scan.grid(), &[[1, 1, 3], [2, 1, 5]]);
        let b = mask(scan.grid(), &[[3, 0, 1], [3, 1, 3]]);
        let c = mask(scan.grid(), &[[0, 2, 7]]);
        let file = [seg(&scan, &[&a, &b, &c])];
        let reference = open_reference(&named(&file), &choices(&file), &Limits::default()).unwrap();
        assert_eq!(labels(&reference).unwrap(), [1.0, 2.0, 3.0]);
        for (label, drawn) in [(1.0, &a), (2.0, &b), (3.0, &c)] {
            let found = mask_of_label(scan.grid(), &reference, label).unwrap();
            assert_eq!(&found, drawn, "{label}");
        }
        let file = [seg(&scan, &[&a, &a])];
        let error = open_reference(&named(&file), &choices(&file), &Limits::default());
        let text = error.unwrap_err().to_string();
        assert!(text.contains("segments 1 and 2"), "{text}");
        // A single segment and a scan are opened as usual.
        for file in [[seg(&scan, &[&a])], [seg(&scan, &[&c])]] {
            let reference = open_reference(&named(&file), &choices(&file), &Limits::default());
            assert_eq!(labels(&reference.unwrap()).unwrap(), [1.0]);
        }
    }
}

/// A binary Segmentation with rows to the right, and frames in no particular order.
#[test]
fn frames_are_placed_by_their_positions() {
    let scan = even();
    let heights = [30.0, 5.0, 45.0];
    // Columns run from x = −8.5 to −10: the opposite of the scan's.
    let frames = heights.map(|z| {
        let position = Data::default().text(0x0020_0032, "DS", &format!("-8.5\\-20\\{z}"));
        Data::default().items(0x0020_9113, vec![position])
    });
    let measures = Data::default().text(0x0028_0030, "DS", "0.75\\0.5");
    let orientation = Data::default().text(0x0020_0037, "DS", "-1\\0\\0\\0\\1\\0");
    let shared = Data::default()
        .items(0x0028_9110, vec![measures])
        .items(0x0020_9116, vec![orientation]);
    // In frame n, pixel n of row n is set; a frame has 12 bits.
    let mut bits = vec![0u8; 6];
    for n in 0..3 {
        let bit = 12 * n + 4 * n + n;
        bits[bit / 8] |= 1 << (bit % 8);
    }
    let data = [
        0x0028_0030,
        0x0020_0032,
        0x0020_0037,
        0x0028_1050,
        0x0028_1051,
        0x0028_1052,
        0x0028_1053,
        0x0028_1055,
    ]
    .into_iter()
    .fold(slice(), Data::without)
    .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.66.4")
    .text(0x0008_0060, "CS", "SEG")
    .text(0x0028_0008, "IS", "3")
    .u16(0x0028_0100, 1)
    .u16(0x0028_0101, 1)
    .u16(0x0028_0102, 0)
    .u16(0x0028_0103, 0)
    .items(0x5200_9229, vec![shared])
    .items(0x5200_9230, frames.to_vec())
    .set(0x7fe0_0010, "OB", Value::Bytes(bits));
    let reference = opened(&[data.file(Syntax::Explicit)], 0);
    assert_eq!(reference.grid().slices, 3);
    let expected = mask(scan.grid(), &[[3, 0, 6], [2, 1, 1], [1, 2, 9]]);
    assert_eq!(
        mask_of_label(scan.grid(), &reference, 1.0).unwrap(),
        expected
    );
}

#[test]
fn a_part_of_the_scan_is_a_reference() {
    let scan = even();
    // Columns 1 to 3, rows 1 to 2, slices 3 to 6.
    let values = (0..24).map(|at| u8::from(at == 0 || at == 23)).collect();
    let cropped = label_map(
        [
            [0.5, 0.0, 0.0, -9.5],
            [0.0, 0.75, 0.0, -19.25],
            [0.0, 0.0, 5.0, 15.0],
        ],
        [3, 2, 4],
        values,
    );
    let expected = mask(scan.grid(), &[[1, 1, 3], [3, 2, 6]]);
    assert_eq!(mask_of_label(scan.grid(), &cropped, 1.0).unwrap(), expected);

    // The same part as sagittal slices from the head downwards: axes z (reversed), y, x.
    let mut values = vec![0; 24];
    values[3] = 1;
    values[4 + 2 * 8] = 1;
    let turned = label_map(
        [
            [0.0, 0.0, 0.5, -9.5],
            [0.0, 0.75, 0.0, -19.25],
            [-5.0, 0.0, 0.0, 30.0],
        ],
        [4, 2, 3],
        values,
    );
    assert_eq!(mask_of_label(scan.grid(), &turned, 1.0).unwrap(), expected);

    // One slice of one column.
    let one = label_map(
        [
            [0.5, 0.0, 0.0, -9.0],
            [0.0, 0.75, 0.0, -20.0],
            [0.0, 0.0, 5.0, 20.0],
        ],
        [1, 3, 1],
        vec![0, 0, 1],
    );
    let expected = mask(scan.grid(), &[[2, 2, 4]]);
    assert_eq!(mask_of_label(scan.grid(), &one, 1.0).unwrap(), expected);
}

#[test]
fn references_off_the_lattice_are_rejected_with_the_difference() {
    let scan = even();
    let at = |affine, size: [u32; 3]| {
        label_map(affine, size, vec![1; size.iter().product::<u32>() as usize])
    };
    let (x, y, z) = (
        [0.5, 0.0, 0.0, -10.0],
        [0.0, 0.75, 0.0, -20.0],
        [0.0, 0.0, 5.0, 0.0],
    );
    assert!(mask_of_label(scan.grid(), &at([x, y, z], [4, 3, 10]), 1.0).is_ok());

    let between = at([x, y, [0.0, 0.0, 5.0, 2.0]], [4, 3, 9]);
    let text = refusal(&scan, &between);
    assert!(
        text.contains("slices lie between") && text.contains("2.00 mm"),
        "{text}"
    );

    let sparse = at([x, y, [0.0, 0.0, 10.0, 0.0]], [4, 3, 5]);
    let text = refusal(&scan, &sparse);
    assert!(text.contains("slices are 2 times as far apart"), "{text}");

    let coarse = at([[1.0, 0.0, 0.0, -10.0], y, z], [2, 3, 10]);
    assert!(refusal(&scan, &coarse).contains("columns are 2 times"));

    let (s, c) = (0.1f64.sin(), 0.1f64.cos());
    let turned = at(
        [
            [0.5 * c, -0.75 * s, 0.0, -10.0],
            [0.5 * s, 0.75 * c, 0.0, -20.0],
            z,
        ],
        [4, 3, 10],
    );
    assert!(refusal(&scan, &turned).contains("not parallel"));

    let beyond = at([x, y, [0.0, 0.0, 5.0, 25.0]], [4, 3, 10]);
    assert!(refusal(&scan, &beyond).contains("slice 11"));
    // Voxels outside the scan are allowed if they have no label.
    let mut values = vec![0; 120];
    values[0] = 1;
    let beyond = label_map([x, y, [0.0, 0.0, 5.0, 25.0]], [4, 3, 10], values);
    let expected = mask(scan.grid(), &[[0, 0, 5]]);
    assert_eq!(mask_of_label(scan.grid(), &beyond, 1.0).unwrap(), expected);

    // Evenly spaced slices over a scan with unevenly spaced ones.
    let uneven = ct(&[0.0, 4.0, 8.0, 15.0, 22.0, 29.0]);
    let even = at([x, y, [0.0, 0.0, 4.0, 0.0]], [4, 3, 6]);
    assert!(refusal(&uneven, &even).contains("slices lie between"));
    let part = at([x, y, [0.0, 0.0, 7.0, 8.0]], [4, 3, 3]);
    assert_eq!(
        mask_of_label(uneven.grid(), &part, 1.0).unwrap().count(),
        36
    );
}

/// highdicom makes a volume of the slices from the first frame to the last, in its own order.
#[test]
fn highdicoms_volume_is_a_reference() {
    let scan = even();
    let drawn = mask(scan.grid(), &[[3, 2, 2], [0, 0, 3], [1, 2, 6]]);
    let folder = std::env::temp_dir().join(format!("boxel-volume-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, volume) = (folder.join("seg.dcm"), folder.join("volume.nii"));
    std::fs::write(&file, seg(&scan, &[&drawn])).unwrap();
    let said = tools::python("highdicom_volume.py", &[&file, &volume]);
    let bytes = std::fs::read(&volume);
    std::fs::remove_dir_all(&folder).unwrap();
    if said.is_none() {
        return;
    }
    let reference = open(&bytes.unwrap(), &Limits::default()).unwrap();
    assert_ne!(reference.grid().size(), scan.grid().size());
    assert_eq!(mask_of_label(scan.grid(), &reference, 1.0).unwrap(), drawn);
}
