//! CT in formats without a modality is recognised by its values, and shown in a CT window.

use crate::support::random::Random;
use boxel_imaging::{
    About, Format, Limits, NoteCode, PRESETS, Scan, SlicePlane, Voxels, Window, open,
};

const SIDE: usize = 32;

/// Number types of a NIfTI-1 file.
enum Samples {
    I16,
    U16,
    F32,
}

/// A NIfTI-1 file of `SIDE`³ values, stored as `(value − intercept) / slope`.
fn nifti(values: &[f64], samples: &Samples, [slope, intercept]: [f32; 2]) -> Vec<u8> {
    let mut bytes = vec![0; 352];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    let (code, bits) = match samples {
        Samples::I16 => (4i16, 16i16),
        Samples::U16 => (512, 16),
        Samples::F32 => (16, 32),
    };
    put(0, &348i32.to_le_bytes());
    let side = SIDE as i16;
    for (axis, side) in [3, side, side, side, 1, 1, 1, 1].into_iter().enumerate() {
        put(40 + 2 * axis, &side.to_le_bytes());
    }
    put(70, &code.to_le_bytes());
    put(72, &bits.to_le_bytes());
    for axis in 0..4 {
        put(76 + 4 * axis, &1f32.to_le_bytes());
    }
    put(108, &352f32.to_le_bytes());
    put(112, &slope.to_le_bytes());
    put(116, &intercept.to_le_bytes());
    put(344, b"n+1\0");
    for value in values {
        let stored = (value - f64::from(intercept)) / f64::from(slope);
        match samples {
            Samples::I16 => bytes.extend((stored as i16).to_le_bytes()),
            Samples::U16 => bytes.extend((stored as u16).to_le_bytes()),
            Samples::F32 => bytes.extend((stored as f32).to_le_bytes()),
        }
    }
    bytes
}

fn opened(values: &[f64]) -> Scan {
    let file = nifti(values, &Samples::F32, [1.0, 0.0]);
    open(&file, &Limits::default()).unwrap()
}

impl Random {
    /// An almost normally distributed random number with a standard deviation of 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// A trunk in air: fat around muscle with lungs, a spine, and water of exactly 0 HU.
fn trunk() -> Vec<f64> {
    let mut random = Random(1);
    let mut values = Vec::new();
    for at in 0..SIDE * SIDE * SIDE {
        let [x, y] = [at % SIDE, at / SIDE % SIDE].map(|at| at as f64 - 15.5);
        let mean = match x.hypot(y) {
            radius if radius > 14.0 => -1000.0,
            radius if radius > 12.0 => -100.0,
            _ if (x.abs() - 6.0).hypot(y) < 4.0 => -800.0,
            _ if x.hypot(y - 8.0) < 2.5 => 500.0,
            _ if x.hypot(y + 8.0) < 2.0 => 0.0,
            _ => 50.0,
        };
        let noise = if mean == 0.0 {
            0.0
        } else {
            12.0 * random.normal()
        };
        values.push((mean + noise).round());
    }
    values
}

#[track_caller]
fn assert_ct(scan: &Scan) {
    assert!(scan.about.looks_like_ct && scan.is_ct());
    assert_eq!(scan.about.modality, "");
    let notes = scan.about.notes.iter().map(|note| note.code);
    assert_eq!(
        notes.filter(|code| *code == NoteCode::LooksLikeCt).count(),
        1
    );
    assert_eq!(scan.default_window(), PRESETS[0].window());
}

#[track_caller]
fn assert_other(scan: &Scan, what: &str) {
    assert!(!scan.about.looks_like_ct && !scan.is_ct(), "{what}");
    let mut notes = scan.about.notes.iter();
    assert!(
        notes.all(|note| note.code != NoteCode::LooksLikeCt),
        "{what}"
    );
    assert_ne!(scan.default_window(), PRESETS[0].window(), "{what}");
}

#[test]
fn a_ct_is_recognised_by_its_values() {
    let trunk = trunk();
    for (samples, scale) in [
        (Samples::I16, [1.0, 0.0]),
        (Samples::U16, [1.0, -2048.0]),
        (Samples::U16, [0.5, -2048.0]),
        (Samples::F32, [1.0, 0.0]),
    ] {
        let scan = open(&nifti(&trunk, &samples, scale), &Limits::default()).unwrap();
        assert_ct(&scan);
        // The guess is sent to the engine's worker, and can be overridden.
        let bytes = [&scan.head_bytes().unwrap(), scan.sample_bytes()].concat();
        let mut other = Scan::from_bytes(&bytes).unwrap();
        assert_ct(&other);
        other.about.looks_like_ct = false;
        assert_eq!(other.default_window(), Window::Percentiles);
    }
    // As other tools write it: padded around the field of view, cropped, and resampled.
    let padded = trunk.iter().map(|x| if *x < -980.0 { -3024.0 } else { *x });
    assert_ct(&opened(&padded.collect::<Vec<_>>()));
    let cut = trunk.iter().map(|x| x.clamp(-1024.0, 600.0));
    assert_ct(&opened(&cut.collect::<Vec<_>>()));
    // Synthetic, without noise: only air and two tissues.
    for air in [-1000.0, -1024.0] {
        let drawn = trunk.iter().map(|x| match *x {
            x if x < -500.0 => air,
            x if x < -50.0 => -100.0,
            _ => 40.0,
        });
        assert_ct(&opened(&drawn.collect::<Vec<_>>()));
    }
    let mut resampled = trunk.clone();
    for at in 1..resampled.len() {
        resampled[at] = (trunk[at - 1] + 3.0 * trunk[at]) / 4.0;
    }
    assert_ct(&opened(&resampled));
    let mut nan = trunk;
    nan[..100].fill(f64::NAN);
    assert_ct(&opened(&nan));
}

#[test]
fn negative_values_alone_do_not_make_a_ct() {
    let mut random = Random(2);
    let mut made = |value: &dyn Fn(&mut Random) -> f64| -> Vec<f64> {
        (0..SIDE * SIDE * SIDE)
            .map(|_| value(&mut random))
            .collect()
    };
    let phase = |range: f64| move |random: &mut Random| range * (2.0 * random.unit() - 1.0);
    for range in [500.0, 1000.0, 2048.0, 3142.0, 4096.0] {
        assert_other(&opened(&made(&phase(range))), &format!("phase {range}"));
    }
    for deviation in [1.0, 100.0, 200.0, 400.0, 800.0] {
        let values = made(&|random| deviation * random.normal());
        assert_other(&opened(&values), &format!("noise {deviation}"));
    }
    // MR with ringing below 0; the same standardised; and with padding.
    let mr = made(&|random| match random.unit() < 0.4 {
        true => 3.0 * random.normal(),
        false => 300.0 + 100.0 * random.normal(),
    });
    assert_other(&opened(&mr), "MR");
    let standardised: Vec<f64> = mr.iter().map(|x| (x - 180.0) / 160.0).collect();
    assert_other(&opened(&standardised), "standardised MR");
    let padded: Vec<f64> = mr
        .iter()
        .map(|x| if *x < 5.0 { -999.0 } else { *x })
        .collect();
    assert_other(&opened(&padded), "filled MR");
    // CT clipped to soft tissue, or shifted to start at 0.
    let cut: Vec<f64> = trunk().iter().map(|x| x.clamp(-160.0, 240.0)).collect();
    assert_other(&opened(&cut), "a window of CT");
    let counted: Vec<f64> = trunk().iter().map(|x| x + 1024.0).collect();
    assert_other(&opened(&counted), "CT from 0");
    assert_other(&opened(&[0.0; SIDE * SIDE * SIDE]), "nothing");
    let mut not_numbers = [f64::NAN; SIDE * SIDE * SIDE];
    not_numbers[0] = -700.0;
    assert_other(&opened(&not_numbers), "one number");
}

/// With the "Automatic" window there are no black holes at 0 HU.
#[test]
fn zero_is_black_only_if_no_value_is_below_it() {
    let scan = opened(&trunk());
    let plane = SlicePlane::first(scan.grid());
    let values = scan.slice_values(&plane, 16);
    let levels = scan.render(&plane, 16, Window::Percentiles);
    let level = |at: usize| levels.pixels()[3 * at];
    let [lower, upper] = scan.percentile_range();
    assert!(lower < -1000.0 && upper > 400.0);
    let zero = values.iter().position(|value| *value == 0.0).unwrap();
    let muscle = values.iter().position(|value| *value == 50.0).unwrap();
    let fat = values.iter().position(|value| *value == -100.0).unwrap();
    assert_eq!(level(zero), (-lower / (upper - lower) * 255.0) as u8);
    assert!(level(fat) < level(zero) && level(zero) < level(muscle));
    // As in the reference if there are no values below 0.
    let about = About::new(Format::Nifti1, 16);
    let mr = Scan::from_image(4, 1, Voxels::I16(vec![0, 100, 200, 300]), about).unwrap();
    let levels = mr.render(&SlicePlane::first(mr.grid()), 0, Window::Percentiles);
    assert_eq!(levels.pixels()[0], 0);
    // A mask with a single value, also below 0.
    for value in [-7, 7] {
        let about = About::new(Format::Nifti1, 16);
        let mask = Scan::from_image(2, 1, Voxels::I16(vec![0, value]), about).unwrap();
        let levels = mask.render(&SlicePlane::first(mask.grid()), 0, Window::Percentiles);
        assert_eq!(
            (levels.pixels()[0], levels.pixels()[3]),
            (0, 255),
            "{value}"
        );
    }
}

/// An uncompressed little-endian TIFF page with signed 16-bit samples.
#[test]
fn a_tiff_with_such_values_is_known_too() {
    let slice: Vec<i16> = trunk()[..SIDE * SIDE].iter().map(|x| *x as i16).collect();
    let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
    let side = SIDE as u32;
    let tags: [(u16, u32); 10] = [
        (256, side),
        (257, side),
        (258, 16),
        (259, 1),
        (262, 1),
        (273, 8 + 2 + 10 * 12 + 4),
        (277, 1),
        (278, side),
        (279, 2 * side * side),
        (339, 2),
    ];
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        file.extend(tag.to_le_bytes());
        file.extend(4u16.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    file.extend(slice.iter().flat_map(|value| value.to_le_bytes()));
    let scan = open(&file, &Limits::default()).unwrap();
    assert_eq!(scan.about.format, Format::Tiff);
    assert_ct(&scan);
}
