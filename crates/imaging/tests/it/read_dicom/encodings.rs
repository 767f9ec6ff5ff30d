//! Single DICOM files in every encoding, and invalid ones.

use crate::support::dicom_writer::{Data, Syntax, Value, slice};
use crate::support::scans::{hounsfield, opened, refused, values};
use boxel_imaging::{NoteCode, Rescale, Source, SpacingSource, Stacking, Voxels, Window};

#[test]
fn every_encoding_holds_the_same() {
    let reference = opened(&slice().file(Syntax::Explicit));
    assert_eq!(values(&reference), hounsfield());
    for syntax in [Syntax::Implicit, Syntax::Big, Syntax::Deflated] {
        assert_eq!(opened(&slice().file(syntax)), reference, "{syntax:?}");
    }
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::Big] {
        assert_eq!(opened(&slice().bare(syntax)), reference, "bare, {syntax:?}");
    }
    assert_eq!(opened(&slice().unknown().file(Syntax::Explicit)), reference);
}

#[test]
fn the_length_of_the_meta_information_is_not_believed() {
    let reference = opened(&slice().file(Syntax::Explicit));
    let bytes = slice().file(Syntax::Explicit);
    for wrong in [0u32, 7, 100_000, u32::MAX] {
        let mut bent = bytes.clone();
        bent[140..144].copy_from_slice(&wrong.to_le_bytes());
        assert_eq!(opened(&bent), reference, "{wrong}");
    }
    let without = [&bytes[..132], &bytes[144..]].concat();
    assert_eq!(opened(&without), reference);
}

#[test]
fn a_tiff_in_the_preamble_changes_nothing() {
    let mut bytes = slice().file(Syntax::Explicit);
    bytes[..4].copy_from_slice(b"II\x2a\0");
    assert_eq!(values(&opened(&bytes)), hounsfield());
}

#[test]
fn everything_that_a_slice_says() {
    let scan = opened(&slice().file(Syntax::Explicit));
    let (grid, about) = (scan.grid(), &scan.about);
    assert!(matches!(scan.voxels(), Voxels::I16(_)));
    assert_eq!(grid.size(), [4, 3, 1]);
    assert_eq!(grid.stacking, Stacking::Slices);
    let spacing = grid.pixel_spacing.unwrap();
    assert_eq!((spacing.x_mm, spacing.y_mm), (0.5, 0.75));
    assert_eq!(spacing.source, SpacingSource::PixelSpacing);
    let affine = grid.patient_from_voxel.unwrap();
    assert_eq!(affine.apply([0.0, 0.0, 0.0]), [-10.0, -20.0, 30.0]);
    assert_eq!(affine.apply([1.0, 2.0, 1.0]), [-9.5, -18.5, 35.0]);
    assert_eq!((about.modality.as_str(), about.unit.as_str()), ("CT", "HU"));
    assert_eq!(about.bits, 12);
    assert!(!about.inverted && about.notes.is_empty());
    let windows: Vec<_> = about
        .windows
        .iter()
        .map(|w| (w.name.as_str(), w.window))
        .collect();
    let linear = |level, width| Window::DicomLinear { level, width };
    assert_eq!(
        windows,
        [
            ("SOFT", linear(40.0, 400.0)),
            ("LUNG", linear(-600.0, 1500.0))
        ]
    );
    let slope = Rescale {
        slope: 2.0,
        intercept: -10.0,
    };
    assert_eq!(scan.rescales(), [slope]);
}

#[test]
fn only_the_source_has_the_patients_name() {
    let data = slice().text(0x0028_0301, "CS", "YES");
    let scan = opened(&data.file(Syntax::Implicit));
    let Source::Dicom(source) = &scan.source else {
        panic!("another source");
    };
    let name = source.attributes.iter().find(|a| a.tag == (0x0010, 0x0010));
    let name = name.unwrap();
    assert_eq!((name.vr, name.value.as_slice()), (*b"PN", &b"Doe^Jane"[..]));
    let study = source.attributes.iter().find(|a| a.tag == (0x0020, 0x000d));
    assert_eq!(study.unwrap().value, b"2.25.1");
    assert_eq!(source.frames.len(), 1);
    assert_eq!(source.frames[0].sop_instance_uid, "2.25.100");
    assert_eq!(source.frames[0].frame, None);
    assert_eq!(source.burned_in, Some(true));
    assert_eq!(scan.about.notes[0].code, NoteCode::BurnedIn);
    let about = format!("{:?}", scan.about);
    assert!(!about.contains("Doe") && !about.contains("secret"));
}

#[test]
fn small_values_are_bright_in_monochrome1() {
    let scan = opened(
        &slice()
            .text(0x0028_0004, "CS", "MONOCHROME1")
            .file(Syntax::Explicit),
    );
    assert!(scan.about.inverted);
    assert_eq!(values(&scan), hounsfield());
}

#[test]
fn windows_without_a_width_and_of_other_functions() {
    let data = slice()
        .text(0x0028_1050, "DS", "40\\50\\60")
        .text(0x0028_1051, "DS", "0\\-3\\80")
        .text(0x0028_1056, "CS", "SIGMOID");
    let scan = opened(&data.file(Syntax::Explicit));
    let windows: Vec<Window> = scan.about.windows.iter().map(|w| w.window).collect();
    let sigmoid = Window::Sigmoid {
        level: 60.0,
        width: 80.0,
    };
    assert_eq!(windows, [sigmoid]);
}

#[test]
fn a_window_has_the_function_that_its_file_names() {
    let window = |function: Option<&str>, width: &str| {
        let data = slice()
            .text(0x0028_1050, "DS", "40")
            .text(0x0028_1051, "DS", width);
        let data = match function {
            Some(name) => data.text(0x0028_1056, "CS", name),
            None => data,
        };
        opened(&data.file(Syntax::Explicit)).about.windows[0].window
    };
    let level = 40.0;
    let linear = Window::DicomLinear { level, width: 80.0 };
    assert_eq!(window(None, "80"), linear);
    assert_eq!(window(Some("LINEAR"), "80"), linear);
    let exact = Window::Linear { level, width: 80.0 };
    assert_eq!(window(Some("LINEAR_EXACT"), "80"), exact);
    let sigmoid = Window::Sigmoid { level, width: 80.0 };
    assert_eq!(window(Some("SIGMOID"), "80"), sigmoid);
    let narrow = Window::Linear { level, width: 0.5 };
    assert_eq!(window(None, "0.5"), narrow);
}

#[test]
fn an_invalid_slope_gives_a_note() {
    for slope in ["0", "nan", "1e999", "x"] {
        let data = slice().text(0x0028_1053, "DS", slope);
        let scan = opened(&data.file(Syntax::Explicit));
        assert_eq!(scan.rescales(), [Rescale::IDENTITY], "{slope}");
        assert_eq!(scan.about.notes[0].code, NoteCode::Reading);
    }
}

#[test]
fn the_source_of_a_pixel_size_is_known() {
    let base = slice().without(0x0028_0030);
    let source = |data: &Data| {
        let scan = opened(&data.file(Syntax::Explicit));
        let notes = scan.about.notes.iter().map(|note| note.code).collect();
        (scan.grid().pixel_spacing, notes)
    };
    let (none, notes): (_, Vec<NoteCode>) = source(&base);
    assert_eq!((none, notes), (None, vec![NoteCode::Spacing]));
    let imager = base.text(0x0018_1164, "DS", "0.2\\0.1");
    let (spacing, notes) = source(&imager);
    assert_eq!(spacing.unwrap().source, SpacingSource::ImagerPixelSpacing);
    assert_eq!(
        (spacing.unwrap().x_mm, notes),
        (0.1, vec![NoteCode::Spacing])
    );
}

#[test]
fn other_objects_are_named_in_the_error() {
    let report = slice()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.88.11")
        .without(0x7fe0_0010);
    let error = refused(&report.file(Syntax::Explicit));
    assert_eq!(error.code(), "image_unsupported");
    assert!(error.to_string().contains("a structured report"), "{error}");
}

#[test]
fn an_unknown_transfer_syntax_is_named() {
    let fragments = || Value::Fragments(vec![Vec::new(), vec![0; 20]]);
    for (uid, name) in [
        ("1.2.840.10008.1.2.4.102", "MPEG-4"),
        ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"),
        ("1.2.3.4", "1.2.3.4"),
    ] {
        let data = slice().set(0x7fe0_0010, "OB", fragments());
        let error = refused(&data.file(Syntax::Other(uid)));
        assert_eq!(error.code(), "image_unsupported");
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(uid), "{text}");
    }
}

#[test]
fn missing_or_wrong_attributes_are_named() {
    let cases: [(Data, &str); 5] = [
        (slice().without(0x0028_0010), "Rows (0028,0010) is missing"),
        (slice().u16(0x0028_0100, 12), "12 bits allocated"),
        (slice().u16(0x0028_0101, 17), "17 bits up to bit 11"),
        (slice().text(0x0028_0004, "CS", "CMYK"), "CMYK"),
        (slice().u16(0x0028_0010, 30), "its size calls for 240"),
    ];
    for (data, words) in cases {
        let error = refused(&data.file(Syntax::Explicit)).to_string();
        assert!(error.contains(words), "{error}");
    }
    let bytes = slice().file(Syntax::Explicit);
    assert_eq!(refused(&bytes[..bytes.len() - 1]).code(), "image_truncated");
}

#[test]
fn limits_are_checked_before_anything_is_decoded() {
    let large = slice().u16(0x0028_0010, 60_000).u16(0x0028_0011, 60_000);
    assert_eq!(
        refused(&large.file(Syntax::Explicit)).code(),
        "image_too_large"
    );
    let many = slice()
        .text(0x0028_0008, "IS", "60000")
        .u16(0x0028_0010, 3000);
    assert_eq!(
        refused(&many.file(Syntax::Explicit)).code(),
        "image_too_large"
    );
}

#[test]
fn neither_depth_nor_length_stops_the_reader() {
    let mut deep = slice().file(Syntax::Explicit);
    deep.truncate(deep.len() - 36);
    for _ in 0..200_000 {
        deep.extend([
            0x08, 0x00, 0x40, 0x11, b'S', b'Q', 0, 0, 0xff, 0xff, 0xff, 0xff,
        ]);
        deep.extend([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
    }
    assert!(refused(&deep).to_string().contains("64 deep"));
    let mut long = slice().without(0x7fe0_0010).file(Syntax::Explicit);
    long.extend([
        0x30, 0x00, 0x10, 0x00, b'O', b'B', 0, 0, 0xfe, 0xff, 0xff, 0xff,
    ]);
    assert_eq!(refused(&long).code(), "image_truncated");
}
