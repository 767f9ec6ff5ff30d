//! Headers whose voxels are in other files: which file is taken, and what is said where it is missing.

use boxel_imaging::{Error, Limits, NamedFile, Scan, Voxels, names_of_parts, open_choice, survey};

use crate::support::gzip::gzipped;

const NHDR: &str = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 2 2\nspacings: 1 1 1\nencoding: raw\ndata file: ";
const MHD: &str = "ObjectType = Image\nNDims = 3\nDimSize = 3 2 2\nElementSpacing = 1 1 1\nElementType = MET_UCHAR\n\
                   ElementDataFile = ";

fn opened(files: &[(&str, Vec<u8>)]) -> Result<Vec<Scan>, Error> {
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let choices = survey(&files, &Limits::default())?;
    let open = |choice| open_choice(&files, choice, &Limits::default());
    choices.iter().map(open).collect()
}

fn header(start: &str, name: &str) -> Vec<u8> {
    format!("{start}{name}\n").into_bytes()
}

fn numbers() -> Vec<u8> {
    (5..17).collect()
}

/// One scan with these numbers.
fn is_sound(files: &[(&str, Vec<u8>)]) {
    let scans = opened(files).unwrap();
    assert_eq!(scans.len(), 1);
    assert_eq!(scans[0].voxels(), &Voxels::U8(numbers()));
}

#[test]
fn a_header_finds_its_file_by_name() {
    for start in [NHDR, MHD] {
        is_sound(&[("a.x", header(start, "a.raw")), ("a.raw", numbers())]);
        is_sound(&[("a.raw", numbers()), ("a.x", header(start, "./a.raw"))]);
        is_sound(&[
            ("a.raw", numbers()),
            ("a.x", header(start, "C:\\scans\\a.raw")),
        ]);
        let other = vec![0; 12];
        is_sound(&[
            ("2/a.raw", other.clone()),
            ("1/a.raw", numbers()),
            ("1/a.x", header(start, "a.raw")),
        ]);
        let nested = [
            ("data/a.raw", numbers()),
            ("a.raw", other),
            ("a.x", header(start, "data/a.raw")),
        ];
        is_sound(&nested);
    }
}

#[test]
fn a_file_with_voxels_is_no_scan_of_its_own() {
    // It begins like a Windows bitmap.
    let mut bitmap = numbers();
    bitmap[..2].copy_from_slice(b"BM");
    let scans = opened(&[("a.nhdr", header(NHDR, "a.raw")), ("a.raw", bitmap)]).unwrap();
    assert_eq!(scans.len(), 1);
    assert_eq!(scans[0].value([1, 0, 0]), Some(f64::from(b'M')));
}

#[test]
fn a_gzipped_file_is_found_though_it_is_unpacked() {
    let zipped = NHDR.replace("raw", "gzip");
    is_sound(&[
        ("a.nhdr", header(&zipped, "a.raw.gz")),
        ("a.raw.gz", gzipped(&numbers())),
    ]);
    is_sound(&[
        ("a.nhdr", header(NHDR, "a.raw")),
        ("a.raw.gz", gzipped(&numbers())),
    ]);
}

#[test]
fn a_missing_file_is_said() {
    for (start, words) in [(NHDR, ".nhdr"), (MHD, ".mhd")] {
        let error = opened(&[("a.x", header(start, "a.raw"))]).unwrap_err();
        assert_eq!(error.code(), "image_incomplete");
        assert!(error.to_string().contains(words), "{error}");
        let other = opened(&[("a.x", header(start, "a.raw")), ("b.raw", numbers())]);
        assert_eq!(other.unwrap_err(), error);
        let short = [
            ("a.x", header(start, "a.raw")),
            ("a.raw", numbers()[1..].to_vec()),
        ];
        assert_eq!(opened(&short).unwrap_err().code(), "image_truncated");
    }
}

#[test]
fn a_header_says_which_files_it_needs() {
    assert_eq!(names_of_parts(&header(NHDR, "a/b.raw")), ["a/b.raw"]);
    assert_eq!(
        names_of_parts(&header(MHD, "b%02d.raw 1 2 1")),
        ["b01.raw", "b02.raw"]
    );
    assert!(names_of_parts(&header(MHD, "LOCAL")).is_empty());
    assert!(names_of_parts(b"BM").is_empty());
}
