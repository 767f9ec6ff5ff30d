//! NIfTI files made byte by byte: their notes, and that hostile ones are rejected before memory is allocated. The
//! content of sound files is compared with nibabel in `nibabel.rs`.

use crate::support::gzip::gzipped;
use crate::support::scans::{opened, refused};
use boxel_imaging::{
    Format, Limits, NamedFile, NoteCode, Plane, SlicePlane, Source, SpacingSource, Voxels, open,
    open_choice, survey,
};

/// A little-endian NIfTI-1 file of `i16`: 3 × 2 × 2 voxels that count from 0.
fn sound() -> Vec<u8> {
    let mut bytes = vec![0; 352];
    put(&mut bytes, 0, &348i32.to_le_bytes());
    for (axis, side) in [3i16, 3, 2, 2, 1, 1, 1, 1].into_iter().enumerate() {
        put(&mut bytes, 40 + 2 * axis, &side.to_le_bytes());
    }
    put(&mut bytes, 70, &4i16.to_le_bytes());
    put(&mut bytes, 72, &16i16.to_le_bytes());
    for (axis, spacing) in [1f32, 0.5, 1.5, 2.0].into_iter().enumerate() {
        put(&mut bytes, 76 + 4 * axis, &spacing.to_le_bytes());
    }
    put(&mut bytes, 108, &352f32.to_le_bytes());
    put(&mut bytes, 112, &1f32.to_le_bytes());
    put(&mut bytes, 148, b"JANE DOE 1970-01-01");
    put(&mut bytes, 254, &1i16.to_le_bytes());
    let rows = [
        [-0.5f32, 0.0, 0.0, 10.0],
        [0.0, 1.5, 0.0, 20.0],
        [0.0, 0.0, 2.0, 30.0],
    ];
    for (index, value) in rows.as_flattened().iter().enumerate() {
        put(&mut bytes, 280 + 4 * index, &value.to_le_bytes());
    }
    put(&mut bytes, 344, b"n+1\0");
    bytes.extend((0..12i16).flat_map(i16::to_le_bytes));
    bytes
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The sound file with altered bytes.
fn bent(at: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = sound();
    put(&mut bytes, at, value);
    bytes
}

/// Checks a file's error code, and that its text contains some words.
fn says(bytes: &[u8], code: &str, words: &str) {
    let error = refused(bytes);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_file_is_opened_where_it_lies() {
    let scan = opened(&sound());
    let grid = scan.grid();
    assert_eq!(grid.size(), [3, 2, 2]);
    assert_eq!(scan.value([2, 1, 1]), Some(11.0));
    assert_eq!(scan.voxels(), &Voxels::I16((0..12).collect()));
    let affine = grid.patient_from_voxel.unwrap();
    assert_eq!(affine.apply([0.0; 3]), [-10.0, -20.0, 30.0]);
    assert_eq!(affine.apply([1.0, 1.0, 1.0]), [-9.5, -21.5, 32.0]);
    assert_eq!(grid.spacing_mm(), Some([0.5, 1.5, 2.0]));
    assert_eq!(grid.pixel_spacing.unwrap().source, SpacingSource::Nifti);
    assert_eq!(SlicePlane::planes(grid)[0], Plane::Axial);
    assert_eq!((scan.about.format, scan.about.bits), (Format::Nifti1, 16));
    assert!(scan.about.notes.is_empty());
    let Source::Nifti(source) = &scan.source else {
        panic!("{:?}", scan.source);
    };
    assert_eq!((source.version, source.big_endian), (1, false));
    assert_eq!(source.header, sound()[..348]);
    let about = serde_json::to_string(&scan.about).unwrap();
    assert!(!about.contains("JANE"), "{about}");
}

#[test]
fn units_become_mm() {
    for (code, spacing) in [
        (0u8, 0.5),
        (1, 500.0),
        (2, 0.5),
        (3, 0.0005),
        (2 + 8, 0.5),
        (7, 0.5),
    ] {
        let scan = opened(&bent(123, &[code]));
        let x_mm = scan.grid().pixel_spacing.unwrap().x_mm;
        assert!((x_mm - spacing).abs() < 1e-9, "{code}: {x_mm}");
    }
}

#[test]
fn volumes_are_choices() {
    let mut bytes = sound();
    put(&mut bytes, 40, &[5, 0, 3, 0, 2, 0, 1, 0, 1, 0, 2, 0]);
    for file in [gzipped(&bytes), bytes] {
        let files = [NamedFile {
            name: "DOE_JANE.nii",
            bytes: &file,
        }];
        let choices = survey(&files, &Limits::default()).unwrap();
        let labels: Vec<_> = choices.iter().map(|choice| &*choice.label).collect();
        assert_eq!(
            labels,
            ["NIfTI, volume 1 of 2, 3×2×1", "NIfTI, volume 2 of 2, 3×2×1"]
        );
        let second = open_choice(&files, &choices[1], &Limits::default()).unwrap();
        assert_eq!(second.voxels(), &Voxels::I16((6..12).collect()));
        assert_eq!(opened(&file).voxels(), &Voxels::I16((0..6).collect()));
    }
}

#[test]
fn a_pair_is_matched_by_its_names() {
    let whole = bent(344, b"ni1\0");
    let header = bent(108, &0f32.to_le_bytes())[..348].to_vec();
    let header = [&header[..344], &whole[344..348]].concat();
    let voxels = &whole[352..];
    let zipped = gzipped(voxels);
    let named = |name, bytes| NamedFile { name, bytes };
    for files in [
        vec![named("a.hdr", &*header), named("a.img", voxels)],
        vec![
            named("b.img", b"??"),
            named("a.IMG.GZ", &zipped),
            named("a.HDR", &*header),
        ],
        vec![
            named("a.img", voxels),
            named("note.txt", b"text"),
            named("a.hdr", &*header),
        ],
    ] {
        let choices = survey(&files, &Limits::default()).unwrap();
        assert_eq!(choices.len(), 1);
        let scan = open_choice(&files, &choices[0], &Limits::default()).unwrap();
        assert_eq!(scan.value([2, 1, 1]), Some(11.0));
    }
    let error = survey(&[named("DOE.hdr", &*header)], &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "image_incomplete");
    assert!(error.to_string().contains(".img") && !error.to_string().contains("DOE"));
}

#[test]
fn missing_information_is_noted() {
    let scan = opened(&bent(254, &[0, 0]));
    assert_eq!(scan.about.notes[0].code, NoteCode::Reading);
    assert!(scan.about.notes[0].text.contains("orientation"));
    let affine = scan.grid().patient_from_voxel.unwrap();
    assert_eq!(affine.column(0), [0.5, 0.0, 0.0]);

    let mut nowhere = bent(254, &[0, 0]);
    put(&mut nowhere, 80, &f32::NAN.to_le_bytes());
    let scan = opened(&nowhere);
    assert_eq!(scan.grid().patient_from_voxel, None);
    assert_eq!(scan.about.notes[0].code, NoteCode::Spacing);
    assert_eq!(SlicePlane::planes(scan.grid()), [Plane::Stored]);
}

/// Some files have a code for a matrix of zeros or NaN; then the next place in the header counts.
#[test]
fn an_unusable_matrix_gives_way() {
    for value in [0f32, f32::NAN, f32::INFINITY] {
        let mut bytes = sound();
        for index in 0..12 {
            put(&mut bytes, 280 + 4 * index, &value.to_le_bytes());
        }
        put(&mut bytes, 252, &1i16.to_le_bytes());
        let affine = opened(&bytes).grid().patient_from_voxel.unwrap();
        assert_eq!(affine.column(0), [-0.5, 0.0, 0.0], "by the quaternion");
    }
}

#[test]
fn large_whole_numbers_are_noted_when_rounded() {
    for (value, is_rounded) in [(1i64 << 53, false), ((1 << 53) + 1, true), (i64::MAX, true)] {
        let mut bytes = sound();
        put(&mut bytes, 40, &[3, 0, 1, 0, 1, 0, 1, 0]);
        put(&mut bytes, 70, &1024i16.to_le_bytes());
        put(&mut bytes, 72, &64i16.to_le_bytes());
        put(&mut bytes, 352, &value.to_le_bytes());
        let scan = opened(&bytes);
        assert_eq!(scan.voxels(), &Voxels::F64(vec![value as f64]));
        assert_eq!(scan.about.notes.len(), usize::from(is_rounded), "{value}");
    }
}

#[test]
fn numbers_that_are_not_read_are_named() {
    for (datatype, bits, words) in [
        (32i16, 64i16, "complex numbers (datatype 32)"),
        (1792, 128, "complex numbers (datatype 1792)"),
        (1536, 128, "128-bit floating-point"),
        (1, 1, "single bits"),
        (7, 16, "datatype 7"),
        (-4, 16, "datatype -4"),
    ] {
        let mut bytes = bent(70, &datatype.to_le_bytes());
        put(&mut bytes, 72, &bits.to_le_bytes());
        says(&bytes, "image_unsupported", words);
    }
}

#[test]
fn wrong_headers_are_rejected_with_their_numbers() {
    let i16 = |value: i16| value.to_le_bytes();
    let f32 = |value: f32| value.to_le_bytes();
    says(&bent(40, &i16(0)), "image_format", "0 dimensions");
    says(&bent(40, &i16(-3)), "image_format", "dimensions");
    says(&bent(42, &i16(0)), "image_format", "dimension 1 is 0");
    says(&bent(46, &i16(-2)), "image_format", "dimension 3 is -2");
    says(&bent(44, &i16(0)), "image_format", "dimension 2 is 0");
    says(&bent(108, &f32(f32::NAN)), "image_format", "byte NaN");
    says(&bent(108, &f32(-352.0)), "image_format", "byte -352");
    says(&bent(108, &f32(100.0)), "image_format", "byte 100");
    says(&bent(108, &f32(1e30)), "image_format", "vox_offset");
    says(&bent(108, &f32(353.0)), "image_truncated", "376 bytes");
    says(&bent(108, &f32(1e9)), "image_truncated", "376 bytes");
    says(
        &bent(116, &f32(f32::NAN)),
        "image_format",
        "scl_inter is NaN",
    );
    says(&bent(42, &i16(30_000)), "image_too_large", "30000x2 pixels");
    says(&bent(46, &i16(30_000)), "image_too_large", "3x30000 pixels");
    says(&sound()[..375], "image_truncated", "375 bytes");
    says(
        &gzipped(&sound()[..375]),
        "image_truncated",
        "ends too early",
    );
}

/// More voxels than memory allows, in a file that is long enough for them.
#[test]
fn volumes_beyond_the_limit_are_refused() {
    let mut bytes = sound();
    for axis in 1..=3 {
        put(&mut bytes, 40 + 2 * axis, &4000i16.to_le_bytes());
    }
    says(
        &bytes,
        "image_too_large",
        "122071 MiB of memory or more to be opened, and the limit is 512 MiB",
    );
    put(&mut bytes, 46, &1i16.to_le_bytes());
    says(&bytes, "image_truncated", "376 bytes");
    let mut most = bent(40, &7i16.to_le_bytes());
    for axis in 4..=7 {
        put(&mut most, 40 + 2 * axis, &i16::MAX.to_le_bytes());
    }
    let files = [NamedFile {
        name: "",
        bytes: &most,
    }];
    let choices = survey(&files, &Limits::default()).unwrap();
    assert_eq!(choices.len(), 4096);
    assert!(open_choice(&files, &choices[1], &Limits::default()).is_err());
}

#[test]
fn gzip_bombs_and_damage_are_refused() {
    let limits = Limits {
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    // The volume is small, but 16 MiB of zeros follow it.
    let mut bomb = sound();
    bomb.resize(16 << 20, 0);
    let bomb = gzipped(&bomb);
    assert!(bomb.len() < 32 << 10);
    let error = open(&bomb, &limits).unwrap_err();
    assert_eq!(error.code(), "image_too_large", "{error}");
    assert!(open(&bomb, &Limits::default()).is_ok());

    let zipped = gzipped(&sound());
    for cut in 0..zipped.len() {
        // Without a complete header it counts as an ordinary gzip file.
        let codes = [
            "image_empty",
            "image_format",
            "image_unsupported",
            "image_truncated",
        ];
        assert!(codes.contains(&refused(&zipped[..cut]).code()));
    }
    let mut wrong = zipped.clone();
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    says(&wrong, "image_format", "checksum");
    let padded = [&*zipped, &[0; 512]].concat();
    assert_eq!(opened(&padded), opened(&sound()));
}

#[test]
fn every_flipped_bit_gives_an_error_or_a_scan() {
    let limits = Limits {
        max_side: 2048,
        max_pixels: 1 << 20,
        max_bytes: 16 << 20,
        ..Limits::default()
    };
    for mut bytes in [sound(), gzipped(&sound())] {
        for position in 0..bytes.len() * 8 {
            let bit = 1 << (position % 8);
            bytes[position / 8] ^= bit;
            if let Err(error) = open(&bytes, &limits) {
                assert_ne!(error.code(), "internal", "{error}");
            }
            bytes[position / 8] ^= bit;
        }
        for position in 0..bytes.len() {
            for value in [[0xff; 8], [0; 8], [0x7f; 8]] {
                let mut bent = bytes.clone();
                let end = bent.len().min(position + 8);
                bent[position..end].copy_from_slice(&value[..end - position]);
                let _ = open(&bent, &limits);
            }
        }
    }
}
