//! Invalid headers that ITK and nibabel accept: accepted here too, with a note.

use boxel_imaging::{Limits, NoteCode, Scan, Voxels, open};

/// A NIfTI-1 file of 16-bit numbers that count from 0, with these dimensions and bits per voxel.
fn file(dim: [i16; 8], bitpix: i16, voxels: i16) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &348i32.to_le_bytes());
    put(40, &dim.map(i16::to_le_bytes).concat());
    put(70, &4i16.to_le_bytes());
    put(72, &bitpix.to_le_bytes());
    put(
        76,
        &[1f32, 0.5, 1.5, 2.0, 0.0].map(f32::to_le_bytes).concat(),
    );
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    bytes.extend((0..voxels).flat_map(i16::to_le_bytes));
    bytes
}

/// The scan and its notes, except the one about the missing place.
fn opened(bytes: &[u8]) -> (Scan, Vec<String>) {
    let scan = open(bytes, &Limits::default()).unwrap();
    let notes = scan.about.notes.iter();
    let notes = notes.filter(|note| note.code == NoteCode::Reading);
    let notes = notes.map(|note| note.text.clone());
    let notes = notes.filter(|text| text.contains("the header's")).collect();
    (scan, notes)
}

/// ITK reads a length of 0 as 1; nibabel returns an array without voxels.
#[test]
fn a_length_of_0_from_the_third_dimension_on_is_1() {
    for (dim, size, axis) in [
        ([4, 3, 2, 2, 0, 0, 0, 0], [3, 2, 2], 4),
        ([3, 3, 4, 0, 0, 0, 0, 0], [3, 4, 1], 3),
        ([5, 3, 2, 2, 1, 0, 0, 0], [3, 2, 2], 5),
    ] {
        let (scan, notes) = opened(&file(dim, 16, 12));
        assert_eq!(scan.grid().size(), size);
        assert_eq!(scan.voxels(), &Voxels::I16((0..12).collect()));
        let text = format!("the header's dimension {axis} is 0 voxels long; it is taken as 1");
        assert_eq!(notes, [text]);
    }
}

#[test]
fn the_datatype_decides_and_not_bitpix() {
    for bitpix in [0, 8, 32, -16] {
        let (scan, notes) = opened(&file([3, 3, 2, 2, 1, 1, 1, 1], bitpix, 12));
        assert_eq!(scan.voxels(), &Voxels::I16((0..12).collect()));
        let text = format!(
            "the header's bitpix is {bitpix}; it is ignored, since voxels of its datatype 4 have 16 bits"
        );
        assert_eq!(notes, [text]);
    }
    let (_, notes) = opened(&file([3, 3, 2, 2, 1, 1, 1, 1], 16, 12));
    assert_eq!(notes, [""; 0]);
}
