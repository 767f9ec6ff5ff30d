//! Windows: values rendered in 8 bits.

use crate::support::fixtures::file;
use boxel_imaging::{
    About, Format, Grid, Lut, NamedWindow, PRESETS, Rescale, Scan, SlicePlane, Source, Voxels,
    Window,
};
use safetensors::SafeTensors;

/// Renders an image of one row in its default window.
fn row(voxels: Voxels) -> Vec<u8> {
    let width = (voxels.len() / voxels.channels()) as u32;
    let about = About::new(Format::Png, voxels.bits());
    let scan = Scan::from_image(width, 1, voxels, about).unwrap();
    scan.first_image().pixels().to_vec()
}

fn windowed(samples: Vec<u16>) -> Vec<u8> {
    row(Voxels::U16(samples)).into_iter().step_by(3).collect()
}

/// Compared with the reference's NumPy code (`fixtures/make.py`, `make_window`).
#[test]
fn equals_the_reference() {
    let fixture = file("window.safetensors");
    let fixture = SafeTensors::deserialize(&fixture).unwrap();
    let from = fixture.tensor("from").unwrap();
    let samples = from
        .data()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|&x| u16::from_le_bytes(x))
        .collect();
    assert_eq!(windowed(samples), fixture.tensor("to").unwrap().data());
}

#[test]
fn eight_bits_pass_unchanged() {
    assert_eq!(row(Voxels::U8(vec![7, 200])), [7, 7, 7, 200, 200, 200]);
    assert_eq!(row(Voxels::Rgb8(vec![1, 2, 3])), [1, 2, 3]);
}

#[test]
fn a_flat_foreground_is_white() {
    assert_eq!(windowed(vec![0, 500, 500, 0]), [0, 255, 255, 0]);
    assert_eq!(windowed(vec![0, 0]), [0, 0]);
    assert_eq!(windowed(vec![65_535]), [255]);
}

/// The three channels share one window.
#[test]
fn colour_keeps_its_order() {
    let pixels = vec![0, 1000, 2000, 3000, 4000, 5000];
    assert_eq!(row(Voxels::Rgb16(pixels)), [0, 0, 63, 127, 191, 255]);
}

/// An image of one row with values `slope · stored + intercept`.
fn scan(voxels: Voxels, [slope, intercept]: [f64; 2]) -> Scan {
    let grid = Grid::image(voxels.len() as u32, 1);
    let about = About::new(Format::Dicom, voxels.bits());
    let rescales = vec![Rescale { slope, intercept }];
    Scan::new(grid, voxels, rescales, about, Source::Raster).unwrap()
}

fn levels(scan: &Scan, window: Window) -> Vec<u8> {
    let image = scan.render(&SlicePlane::first(scan.grid()), 0, window);
    image.pixels().iter().step_by(3).copied().collect()
}

const IDENTITY: [f64; 2] = [1.0, 0.0];

/// Compared with the reference's code for CT in every preset (`fixtures/make.py`, `make_values`).
#[test]
fn presets_equal_the_reference() {
    let fixture = file("values.safetensors");
    let fixture = SafeTensors::deserialize(&fixture).unwrap();
    let bytes = fixture.tensor("ct.from").unwrap();
    let stored = bytes.data().as_chunks::<2>().0;
    let stored = stored.iter().map(|&x| i16::from_le_bytes(x)).collect();
    let ct = scan(Voxels::I16(stored), IDENTITY);
    for preset in PRESETS {
        let name = format!("ct.{}.{}", preset.level, preset.width);
        let expected = fixture.tensor(&name).unwrap();
        assert_eq!(levels(&ct, preset.window()), expected.data(), "{name}");
    }
}

/// The other tensors of the same function: signs, fractions, and a negative slope.
#[test]
fn percentiles_equal_numpys() {
    let fixture = file("values.safetensors");
    let fixture = SafeTensors::deserialize(&fixture).unwrap();
    let bytes = |name: &str| fixture.tensor(name).unwrap().data().to_vec();
    let pairs = |name: &str| bytes(name).as_chunks::<2>().0.to_vec();
    let signed = pairs("signed.from").into_iter().map(i16::from_le_bytes);
    let stored = pairs("rescaled.from").into_iter().map(u16::from_le_bytes);
    let fractions = bytes("fractions.from");
    let fractions = fractions.as_chunks::<4>().0.iter();
    let fractions: Vec<f32> = fractions.map(|&x| f32::from_le_bytes(x)).collect();
    let doubled = fractions.iter().map(|&x| f64::from(x)).collect();
    let cases = [
        ("signed", Voxels::I16(signed.clone().collect()), IDENTITY),
        (
            "signed",
            Voxels::I32(signed.map(i32::from).collect()),
            IDENTITY,
        ),
        (
            "rescaled",
            Voxels::U16(stored.clone().collect()),
            [-0.5, 100.0],
        ),
        (
            "rescaled",
            Voxels::U32(stored.map(u32::from).collect()),
            [-0.5, 100.0],
        ),
        ("fractions", Voxels::F32(fractions), IDENTITY),
        ("fractions", Voxels::F64(doubled), IDENTITY),
    ];
    for (name, voxels, rescale) in cases {
        let scan = scan(voxels, rescale);
        let range = bytes(&format!("{name}.range"));
        let range = range
            .as_chunks::<8>()
            .0
            .iter()
            .map(|&x| f64::from_le_bytes(x));
        for (got, expected) in scan.percentile_range().into_iter().zip(range) {
            assert!(
                (got - expected).abs() < 1e-6,
                "{name}: {got} for {expected}"
            );
        }
        // In the reference 0 is black here too; with values below 0 it is an ordinary value.
        let [lower, upper] = scan.percentile_range();
        assert!(lower < 0.0, "{name}");
        let of_zero = (-lower / (upper - lower) * 255.0) as u8;
        assert!(of_zero > 0, "{name}");
        let values = scan.slice_values(&SlicePlane::first(scan.grid()), 0);
        let to = bytes(&format!("{name}.to")).into_iter().zip(values);
        let expected = to.map(|(to, value)| if value == 0.0 { of_zero } else { to });
        let expected: Vec<u8> = expected.collect();
        assert_eq!(levels(&scan, Window::Percentiles), expected, "{name}");
    }
}

/// Signed 8-bit samples, for which the histogram has another offset.
#[test]
fn percentiles_of_signed_bytes() {
    let bytes = scan(Voxels::I8(vec![-128, 0, 127]), IDENTITY);
    let [lower, upper] = bytes.percentile_range();
    assert!((lower + 126.725).abs() < 1e-9 && (upper - 125.725).abs() < 1e-9);
    assert_eq!(levels(&bytes, Window::Percentiles), [0, 128, 255]);
    assert_eq!(
        levels(&bytes, Window::Stored),
        [0, 128, 255],
        "can't be had"
    );
}

/// By hand: ⌊255 (x − lower) / width⌋.
#[test]
fn linear_is_cut_at_both_ends() {
    let values = scan(
        Voxels::I16(vec![-500, -160, -159, 40, 239, 240, 900]),
        IDENTITY,
    );
    let soft_tissue = PRESETS[0].window();
    assert_eq!(levels(&values, soft_tissue), [0, 0, 0, 127, 254, 255, 255]);
    // Levels are in Hounsfield units, not in stored units.
    let stored = scan(Voxels::U16(vec![0, 864, 1064, 1264]), [1.0, -1024.0]);
    assert_eq!(levels(&stored, soft_tissue), [0, 0, 127, 255]);
}

/// DICOM PS3.3 C.11.2.1.3.1, by hand: one half at the centre, and 1 / (1 + e⁻¹) = 0.7311 a quarter of the width above.
#[test]
fn sigmoid_has_its_formula() {
    let values = scan(Voxels::I16(vec![-2000, 40, 140, -60, 2000]), IDENTITY);
    let window = Window::Sigmoid {
        level: 40.0,
        width: 400.0,
    };
    assert_eq!(levels(&values, window), [0, 127, 186, 68, 254]);
}

#[test]
fn a_table_is_counted_from_its_first_value() {
    let mut values = scan(Voxels::U16(vec![0, 10, 11, 12, 13, 99]), [0.29, -2.9]);
    values.about.luts = vec![Lut {
        name: String::new(),
        first: 0,
        bits: 12,
        entries: vec![0, 4095, 2048],
    }];
    let table = Window::Lut { index: 0 };
    // Values −2.9, 0, 0.29, 0.58, 0.87 and 25.8 are rounded.
    assert_eq!(levels(&values, table), [0, 0, 0, 255, 255, 128]);
    let missing = Window::Lut { index: 1 };
    assert_eq!(
        levels(&values, missing),
        levels(&values, Window::Percentiles)
    );
    assert_eq!(values.level_and_width(table), None);
    let percentiles = values.level_and_width(Window::Percentiles);
    assert_eq!(values.level_and_width(missing), percentiles);
}

/// DICOM's MONOCHROME1: black and white are exchanged.
#[test]
fn inverted_scans_are_turned_round_in_every_window() {
    let mut values = scan(Voxels::U8(vec![0, 100, 255]), IDENTITY);
    let linear = Window::Linear {
        level: 127.5,
        width: 255.0,
    };
    for window in [Window::Stored, linear, Window::Percentiles] {
        values.about.inverted = false;
        let upright = levels(&values, window);
        values.about.inverted = true;
        let inverted: Vec<u8> = upright.iter().map(|level| 255 - level).collect();
        assert_eq!(levels(&values, window), inverted);
    }
}

/// The file's slope is ignored: 1 / 255 would leave only black.
#[test]
fn stored_samples_are_not_rescaled() {
    let values = scan(Voxels::U8(vec![0, 51, 255]), [1.0 / 255.0, 0.0]);
    assert_eq!(values.default_window(), Window::Stored);
    assert_eq!(levels(&values, Window::Stored), [0, 51, 255]);
    let (level, width) = values.level_and_width(Window::Stored).unwrap();
    assert!((level - 0.5).abs() < 1e-12 && (width - 1.0).abs() < 1e-12);
    let deep = scan(Voxels::U16(vec![1, 2]), IDENTITY);
    let percentiles = deep.level_and_width(Window::Percentiles);
    assert_eq!(deep.level_and_width(Window::Stored), percentiles);
}

#[test]
fn the_first_window_is_the_files_then_soft_tissue() {
    let mut values = scan(Voxels::I16(vec![1, 2]), IDENTITY);
    assert_eq!(values.default_window(), Window::Percentiles);
    values.about.modality = "CT".to_owned();
    assert_eq!(values.default_window(), PRESETS[0].window());
    let brain = PRESETS[3].window();
    values.about.windows = vec![NamedWindow {
        name: "BRAIN".to_owned(),
        window: brain,
    }];
    assert_eq!(values.default_window(), brain);
    assert_eq!(values.level_and_width(brain), Some((40.0, 80.0)));
}

/// Files and users may give any numbers.
#[test]
fn windows_without_width_are_steps() {
    let values = scan(Voxels::I16(vec![-5, 7, 8]), IDENTITY);
    for width in [0.0, -3.0, f64::NAN, f64::INFINITY] {
        let linear = Window::Linear { level: 7.0, width };
        assert_eq!(levels(&values, linear), [0, 0, 255], "{width}");
        levels(&values, Window::Sigmoid { level: 7.0, width });
    }
    for level in [f64::NAN, f64::INFINITY] {
        let linear = Window::Linear { level, width: 1.0 };
        assert_eq!(levels(&values, linear), [0, 0, 0]);
    }
    for slope in [f64::NAN, f64::INFINITY, 1e308] {
        let values = scan(Voxels::I16(vec![-5, 7, 8]), [slope, 0.0]);
        levels(&values, Window::Percentiles);
    }
    let values = scan(
        Voxels::F32(vec![f32::NAN, 1.0, 2.0, f32::INFINITY]),
        IDENTITY,
    );
    assert_eq!(levels(&values, Window::Percentiles)[0], 0);
    let linear = Window::Linear {
        level: 1.0,
        width: 2.0,
    };
    assert_eq!(levels(&values, linear), [0, 127, 255, 255]);
}
