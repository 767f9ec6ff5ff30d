//! Headers of NRRD, MetaImage and MGH, made by hand: their notes, and that wrong ones are refused by name. The content of
//! sound files is compared with SimpleITK and nibabel in `interop/volumes.rs`.

use crate::support::gzip::gzipped;
use crate::support::scans::{choices, codes, opened, refused, texts, values};
use boxel_imaging::{Format, Limits, NoteCode, SpacingSource, Voxels, detect, open};

/// An NRRD of 3 × 2 × 2 numbers that count from 0, with more lines in its header.
pub fn nrrd(lines: &str) -> Vec<u8> {
    let place = "space: RAS\nspace directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (10,20,30)\n";
    nrrd_of(&format!("{place}{lines}"))
}

fn nrrd_of(lines: &str) -> Vec<u8> {
    let head = "NRRD0004\ntype: short\ndimension: 3\nsizes: 3 2 2\nencoding: raw\nendian: little\n";
    let mut bytes = format!("{head}{lines}\n").into_bytes();
    bytes.extend((0..12i16).flat_map(i16::to_le_bytes));
    bytes
}

/// The same with a part of its text replaced.
fn bent(from: &str, to: &str) -> Vec<u8> {
    replaced(&nrrd(""), from, to)
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes
        .windows(from.len())
        .position(|part| part == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("no {from}"));
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

fn metaimage(lines: &str) -> Vec<u8> {
    let head = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nDimSize = 3 2 2\n\
                ElementType = MET_SHORT\nElementSpacing = 1 2 3\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 4 5 6\n";
    let mut bytes = format!("{head}{lines}ElementDataFile = LOCAL\n").into_bytes();
    bytes.extend((0..12i16).flat_map(i16::to_le_bytes));
    bytes
}

fn mgh(kind: i32, has_place: bool) -> Vec<u8> {
    let mut bytes: Vec<u8> = [1, 3, 2, 2, 1, kind, 0]
        .into_iter()
        .flat_map(i32::to_be_bytes)
        .collect();
    bytes.extend(i16::from(has_place).to_be_bytes());
    let place = [
        [1.0f32, 2.0, 3.0],
        [-1.0, 0.0, 0.0],
        [0.0, 0.0, -1.0],
        [0.0, 1.0, 0.0],
        [7.0, 8.0, 9.0],
    ];
    bytes.extend(
        place
            .as_flattened()
            .iter()
            .flat_map(|value| value.to_be_bytes()),
    );
    bytes.resize(284, 0);
    bytes.extend((0..12i16).flat_map(i16::to_be_bytes));
    bytes
}

/// Checks a file's error code, and that its text contains some words.
fn says(bytes: &[u8], code: &str, words: &str) {
    let error = refused(bytes);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn sound_files_open_where_they_lie() {
    let files = [
        (
            nrrd(""),
            Format::Nrrd,
            [-10.0, -20.0, 30.0],
            [-1.0, -2.0, 3.0],
        ),
        (
            metaimage(""),
            Format::MetaImage,
            [4.0, 5.0, 6.0],
            [1.0, 2.0, 3.0],
        ),
    ];
    for (bytes, format, origin, steps) in files {
        assert_eq!(detect(&bytes), Ok(format));
        let scan = opened(&bytes);
        assert_eq!(scan.about.format, format);
        assert_eq!(scan.voxels(), &Voxels::I16((0..12).collect()));
        let grid = scan.grid();
        assert_eq!(
            (grid.size(), grid.spacing_mm()),
            ([3, 2, 2], Some([1.0, 2.0, 3.0]))
        );
        let affine = grid.patient_from_voxel.unwrap();
        assert_eq!(affine.offset(), origin);
        assert_eq!([0, 1, 2].map(|axis| affine.0[axis][axis]), steps);
        let source = grid.pixel_spacing.unwrap().source;
        assert_eq!(source, SpacingSource::VolumeHeader);
        assert!(texts(&scan).is_empty(), "{:?}", texts(&scan));
        assert_eq!(
            (scan.about.modality.as_str(), scan.about.unit.as_str()),
            ("", "")
        );
        // Packed, as in any format.
        assert_eq!(opened(&gzipped(&bytes)), scan);
    }
}

#[test]
fn an_mgh_lies_about_its_centre() {
    let scan = opened(&mgh(4, true));
    assert_eq!(scan.about.format, Format::Mgh);
    assert_eq!(values(&scan), (0..12).map(f64::from).collect::<Vec<_>>());
    // From the centre, half of 3 × 1 mm to the right, 2 × 2 mm down and 2 × 3 mm forwards; RAS becomes LPS.
    let affine = scan.grid().patient_from_voxel.unwrap();
    assert_eq!(affine.offset(), [-7.0 - 1.5, -8.0 + 3.0, 9.0 + 2.0]);
    assert_eq!(affine.column(1), [0.0, 0.0, -2.0]);
    assert_eq!(opened(&gzipped(&mgh(4, true))), scan);
    let unplaced = opened(&mgh(4, false));
    assert_eq!(unplaced.grid().spacing_mm(), Some([1.0; 3]));
    assert!(texts(&unplaced)[0].contains("rows from head to feet"));
    says(&mgh(7, true), "image_unsupported", "voxels of type 7");
    says(&mgh(4, true)[..307], "image_truncated", "307 bytes");
    says(&mgh(4, true)[..40], "image_truncated", "40 bytes");
}

#[test]
fn a_place_that_is_not_given_is_said() {
    let note = |lines: &str| texts(&opened(&nrrd_of(lines)))[0].to_owned();
    assert!(note("spacings: 1 2 3\n").contains("columns from right to left"));
    assert!(note("").contains("no usable size and place"));
    assert!(note("spacings: 0 2 3\n").contains("no usable size and place"));
    let flat = "space: LPS\nspace directions: (1,0,0) (2,0,0) (0,0,3)\n";
    assert!(note(flat).contains("no usable size and place"));
    let in_cm = opened(&nrrd("space units: \"cm\" \"cm\" \"cm\"\n"));
    assert_eq!(in_cm.grid().spacing_mm(), Some([10.0, 20.0, 30.0]));
    let unknown = opened(&nrrd("space units: \"furlong\" \"cm\" \"cm\"\n"));
    assert!(texts(&unknown)[0].contains("the unit of lengths is not known"));
    let scaled = opened(&metaimage("ElementToIntensityFunctionSlope = 2\n"));
    assert!(texts(&scaled)[0].contains("are not applied"));
    assert_eq!(
        opened(&metaimage("Modality = MET_MOD_CT\n")).about.modality,
        "CT"
    );
    assert_eq!(
        opened(&metaimage("Modality = MET_MOD_NM\n")).about.modality,
        ""
    );
}

#[test]
fn not_numbers_are_counted() {
    let head =
        "NRRD0004\ntype: float\ndimension: 3\nsizes: 3 1 1\nspacings: 1 1 1\nencoding: ascii\n\n";
    let scan = opened(format!("{head}1.5 nan -inf").as_bytes());
    let notes = texts(&scan);
    assert!(
        notes
            .iter()
            .any(|note| note.contains("2 of 3 values are NaN or infinite")),
        "{notes:?}"
    );
    let file = format!("{head}nan nan nan");
    says(file.as_bytes(), "image_damaged", "none of the 3 values");
}

#[test]
fn numbers_of_a_voxel_are_colours_or_scans_of_their_own() {
    let head = "NRRD0004\ndimension: 4\nsizes: 3 2 1 2\nencoding: raw\nendian: big\nkinds: ";
    let bytes: Vec<u8> = (0..12).collect();
    let file = |lines: &str| [format!("{head}{lines}\n\n").as_bytes(), &bytes].concat();
    let colour = opened(&file("RGB-color domain domain domain\ntype: uchar"));
    assert_eq!(colour.voxels(), &Voxels::Rgb8(bytes.clone()));
    let channels = choices(&file("list domain domain domain\ntype: uchar"));
    let labels: Vec<&str> = channels.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels[2], "NRRD, channel 3 of 3, 2×1×2");
    assert_eq!(values(&channels[1].1), [1.0, 4.0, 7.0, 10.0]);
    let volumes = choices(&replaced(
        &file("domain domain domain time\ntype: uchar"),
        "3 2 1 2",
        "1 3 1 4",
    ));
    assert_eq!(volumes[3].0, "NRRD, volume 4 of 4, 1×3×1");
    assert_eq!(values(&volumes[3].1), [9.0, 10.0, 11.0]);
    let apart = file("domain list domain domain\ntype: uchar");
    says(&apart, "image_unsupported", "not next to each other");
}

#[test]
fn wrong_headers_are_refused_by_name() {
    let cases = [
        (bent("type: short\n", ""), "no type"),
        (bent("type: short", "type: block"), "voxels of type block"),
        (bent("encoding: raw\n", ""), "no encoding"),
        (
            bent("encoding: raw", "encoding: bzip2"),
            "the encoding bzip2",
        ),
        (bent("endian: little\n", ""), "no endian"),
        (
            bent("endian: little", "endian: middle"),
            "its endian is middle",
        ),
        (bent("sizes: 3 2 2", "sizes: 3 2"), "the sizes of 2"),
        (
            bent("sizes: 3 2 2", "sizes: 3 0 2"),
            "dimension 2 is 0 voxels long",
        ),
        (bent("sizes: 3 2 2", "sizes: 3 -2 2"), "its sizes can't be"),
        (
            bent("dimension: 3", "dimension: 17"),
            "its dimension can't be",
        ),
        (
            bent("dimension: 3", "dimension: 0"),
            "its dimension can't be",
        ),
        (bent("(0,0,3)", "(0,0,x)"), "its spacedirections can't be"),
        (bent(" (0,0,3)", ""), "the directions of 2"),
        (bent("space: RAS", "space: down"), "its space can't be"),
        (
            bent("raw\n", "raw\nbyte skip: x\n"),
            "its byte skip is not a number",
        ),
        (
            bent("raw\n", "gzip\nbyte skip: -1\n"),
            "its byte skip is -1",
        ),
        (bent("encoding: raw", "encoding: gzip"), "damaged"),
        (
            bent("encoding: raw", "encoding: ascii"),
            "no number that fits",
        ),
    ];
    for (bytes, words) in cases {
        let text = refused(&bytes).to_string();
        assert!(text.contains(words), "{words}: {text}");
    }
    let meta = |from: &str, to: &str| refused(&replaced(&metaimage(""), from, to)).to_string();
    assert!(meta("NDims = 3", "NDims = 11").contains("not 1 to 10"));
    assert!(meta("DimSize = 3 2 2", "DimSize = 3 2").contains("the sizes of 2"));
    assert!(meta("MET_SHORT", "MET_STRING").contains("voxels of type MET_STRING"));
    assert!(meta("Offset = 4", "Offset = four").contains("its Offset is not a list"));
    assert!(meta("ElementDataFile", "Element").contains("where its voxels are"));
    assert!(meta("LOCAL", "a%d.raw 1 9 0").contains("it names no files"));
    assert!(meta("BinaryData = True", "CompressedData = True").contains("damaged"));
}

#[test]
fn more_than_memory_is_refused_before_it_is_asked_for() {
    let cases = [
        (
            "sizes: 3 2 2",
            "sizes: 30000 2 2",
            "image_too_large",
            "30000x2 pixels",
        ),
        (
            "sizes: 3 2 2",
            "sizes: 4000 4000 4000",
            "image_too_large",
            "122071 MiB",
        ),
        (
            "sizes: 3 2 2",
            "sizes: 300 200 200",
            "image_truncated",
            "ends too early",
        ),
        (
            "sizes: 3 2 2",
            "sizes: 3 2 99999999999",
            "image_format",
            "dimension 3",
        ),
        (
            "encoding: raw",
            "encoding: raw\nbyte skip: 99999999999999",
            "image_truncated",
            "too early",
        ),
        (
            "encoding: raw",
            "encoding: raw\nline skip: 99999999999999",
            "image_truncated",
            "too early",
        ),
    ];
    for (from, to, code, words) in cases {
        says(&bent(from, to), code, words);
    }
    let many = replaced(
        &bent("dimension: 3", "dimension: 4"),
        "sizes: 3 2 2",
        "sizes: 3 2 2 18446744073709551615",
    );
    let many = replaced(&many, "(0,0,3)", "(0,0,3) none");
    says(&many, "image_format", "more voxels than can be");
}

#[test]
fn wrong_checksums_and_bombs_are_refused() {
    let head = "NRRD0004\ntype: short\ndimension: 3\nsizes: 3 2 2\nencoding: gzip\nendian: little\nspacings: 1 1 1\n\n";
    let voxels: Vec<u8> = (0..12i16).flat_map(i16::to_le_bytes).collect();
    let mut file = [head.as_bytes(), &gzipped(&voxels)].concat();
    assert_eq!(opened(&file).voxels(), &Voxels::I16((0..12).collect()));
    let checksum = file.len() - 8;
    file[checksum] ^= 1;
    says(&file, "image_format", "damaged");
    let mut zipped = gzipped(&mgh(4, true));
    let checksum = zipped.len() - 8;
    zipped[checksum] ^= 1;
    says(&zipped, "image_unsupported", "checksum");
    let bomb = [head.as_bytes(), &gzipped(&vec![0; 64 << 20])].concat();
    let limits = Limits {
        max_bytes: 1 << 20,
        max_steps: 1 << 20,
        ..Limits::default()
    };
    assert_eq!(open(&bomb, &limits).unwrap_err().code(), "image_too_large");
}

#[test]
fn values_that_look_like_labels_are_said() {
    let head =
        "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 8 8 2\nencoding: raw\nspacings: 1 1 1\n\n";
    let file = |value: fn(usize) -> u8| {
        let voxels: Vec<u8> = (0..128).map(value).collect();
        opened(&[head.as_bytes(), &voxels].concat())
    };
    assert!(codes(&file(|at| if at % 8 > 2 { 3 } else { 0 })).contains(&NoteCode::LabelMap));
    assert!(!codes(&file(|at| (at * 7) as u8)).contains(&NoteCode::LabelMap));
    assert!(!codes(&file(|_| 0)).contains(&NoteCode::LabelMap));
}

#[test]
fn every_flipped_bit_gives_an_error_or_a_scan() {
    let limits = Limits {
        max_side: 2048,
        max_pixels: 1 << 20,
        max_bytes: 16 << 20,
        ..Limits::default()
    };
    for mut bytes in [
        nrrd("kinds: domain domain domain\n"),
        metaimage("HeaderSize = 0\n"),
        mgh(4, true),
    ] {
        for position in 0..bytes.len() * 8 {
            let bit = 1 << (position % 8);
            bytes[position / 8] ^= bit;
            if let Err(error) = open(&bytes, &limits) {
                assert_ne!(error.code(), "internal", "{error}");
            }
            bytes[position / 8] ^= bit;
        }
        for length in 0..bytes.len() {
            if let Err(error) = open(&bytes[..length], &limits) {
                assert_ne!(error.code(), "internal", "{error}");
            }
        }
    }
}
