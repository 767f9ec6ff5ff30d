use boxel_imaging::edit::EditScene;
use boxel_imaging::{
    About, Affine, EditStep, Format, Grid, PixelSpacing, Rescale, Scan, Source, SpacingSource,
    Stacking, VolumeMask, Voxels,
};

use super::{not_our_fault, take, within_memory};

/// Columns, rows and slices at most: an edit takes longer the larger they are, and does the same.
const MAX_SIDES: [u8; 3] = [40, 24, 12];

/// The input says the size of a scan and what is known of it, then the length of an edit as JSON, the edit, and values, of
/// which the first bits are the masks.
pub fn edits(mut input: &[u8]) {
    let sides: [u8; 3] = take(&mut input);
    let [form, low, high] = take(&mut input);
    let length = usize::from(u16::from_le_bytes([low, high]));
    let (json, values) = input.split_at(length.min(input.len()));
    let Ok(edit) = serde_json::from_slice::<EditStep>(json) else {
        return;
    };
    let grid = grid(
        [0, 1, 2].map(|axis| u32::from(sides[axis] % MAX_SIDES[axis]) + 1),
        form,
    );
    let count = grid.voxels() as usize;
    let value = |at: usize| values.get(at % values.len().max(1)).copied().unwrap_or(1);
    let mask = |bit: u8| {
        let bits = (0..count).map(|at| value(at) >> bit & 1);
        VolumeMask::from_values(&grid, &bits.collect::<Vec<_>>()).expect("a value for each voxel")
    };
    let (before, other) = (mask(0), mask(1));
    let scan = scan(grid.clone(), form, (0..count).map(value));
    let scene = EditScene {
        other: &|object| (object < 1 << 16).then_some(&other),
        ..EditScene::new(&scan)
    };
    let edited = within_memory(|| edit.apply(&before, &scene));
    let Some(after) = not_our_fault(edited) else {
        return;
    };
    assert_eq!(after.size(), before.size());
    assert!(after.voxels().all(|voxel| after.get(voxel)));
    let lengths = after.run_lengths();
    let again = VolumeMask::from_run_lengths(&grid, &lengths).expect("its own lengths");
    assert_eq!(again, after);
    assert_eq!(edit.apply(&before, &scene).expect("it was possible"), after);
    // A session file holds it.
    let json = serde_json::to_string(&edit).expect("numbers and names");
    let read: EditStep = serde_json::from_str(&json).expect("its own text");
    assert_eq!(read.name(), edit.name());
    let cancelled = EditScene {
        progress: &|_| false,
        ..scene
    };
    match edit.apply(&before, &cancelled) {
        Ok(after) => assert_eq!(after, again, "it reports no progress"),
        Err(error) => assert_eq!(error.code(), "edit_cancelled"),
    }
}

/// With or without lengths, a place, and even distances; the first axis of the patient along each axis of the grid.
fn grid([columns, rows, slices]: [u32; 3], form: u8) -> Grid {
    let (x_mm, y_mm, z_mm) = (0.7, f64::from(form % 3) + 0.5, 2.5);
    let spacing = PixelSpacing {
        x_mm,
        y_mm,
        source: SpacingSource::PixelSpacing,
    };
    let has = |bit: u8| form >> bit & 1 == 1;
    let along = match has(4) {
        true => [
            [x_mm, 0.0, 0.0, 9.0],
            [0.0, y_mm, 0.0, -7.0],
            [0.0, 0.0, z_mm, 3.0],
        ],
        false => [
            [0.0, 0.0, z_mm, 9.0],
            [-x_mm, 0.0, 0.0, -7.0],
            [0.0, -y_mm, 0.0, 3.0],
        ],
    };
    let positions = (0..slices).map(|k| f64::from(k * k + k) * z_mm / 2.0);
    Grid {
        slices,
        stacking: match has(3) {
            true => Stacking::Frames,
            false => Stacking::Slices,
        },
        pixel_spacing: has(0).then_some(spacing),
        slice_spacing_mm: has(1).then_some(z_mm),
        slice_positions_mm: has(5).then(|| positions.collect()),
        patient_from_voxel: has(2).then_some(Affine(along)),
        ..Grid::image(columns, rows)
    }
}

/// Values of several types, some of them NaN.
fn scan(grid: Grid, form: u8, values: impl Iterator<Item = u8>) -> Scan {
    let voxels = match form >> 6 {
        0 => Voxels::U8(values.collect()),
        1 => Voxels::I16(values.map(|value| i16::from(value) * 100 - 9000).collect()),
        2 => Voxels::F32(
            values
                .map(|value| f32::from_bits(u32::from(value) * 0x0101_0101))
                .collect(),
        ),
        _ => Voxels::Rgb8(values.flat_map(|value| [value; 3]).collect()),
    };
    let about = About::new(Format::Nifti1, 8);
    let rescales = vec![Rescale::IDENTITY];
    Scan::new(grid, voxels, rescales, about, Source::Raster).expect("a sound scan")
}
