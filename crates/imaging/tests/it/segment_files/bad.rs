//! Files of masks that can't be opened: an error by name.

use boxel_imaging::{ScanPlace, open_segments};

use super::{opened, scan};

fn refused(bytes: &[u8]) -> (String, String) {
    let error = opened(&ScanPlace::of(&scan()), &[("", bytes)]).unwrap_err();
    (error.code().to_owned(), error.to_string())
}

/// An array of NumPy, whose header is as NumPy writes it.
fn array(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [&b"\x93NUMPY\x01\0"[..], &length, header.as_bytes(), data].concat()
}

#[test]
fn arrays_of_other_numbers_and_shapes_are_named() {
    let voxels = 4 * 64 * 64;
    let large = 70_000u32.to_le_bytes().repeat(voxels);
    for (file, words) in [
        (
            array("<f4", "(4, 64, 64)", &vec![0; 4 * voxels]),
            "its numbers are \"<f4\"",
        ),
        (
            array("<u4", "(4, 64, 64)", &large),
            "the label 70000, and labels go up to 65,535",
        ),
        (
            array("|i1", "(4, 64, 64)", &vec![0xff; voxels]),
            "the label -1",
        ),
        (
            array("|u1", "(4, 64, 64, 1)", &vec![1; voxels]),
            "it has 4 axes",
        ),
        (
            array("|u1", "(4, 64, 64)", &vec![1; voxels - 1]),
            "does not fit its 16383 bytes",
        ),
        (
            array("|u1", "(4, 64, 999999999)", &vec![1; voxels]),
            "does not fit",
        ),
        (
            array("|u1", "(64, 64, 4)", &vec![1; voxels]),
            "[4, 64, 64] voxels",
        ),
        (array("|u1", "4", &[1; 4]), "its header is damaged"),
        (
            b"\x93NUMPY\x01\0\xff\xff{".to_vec(),
            "its header is damaged",
        ),
    ] {
        let (_, text) = refused(&file);
        assert!(text.contains(words), "{text}");
    }
    let ends = array(">u2", "(4, 64, 64)", &[0u8, 5].repeat(voxels));
    let found = opened(&ScanPlace::of(&scan()), &[("", &ends)]).unwrap();
    assert_eq!(
        (found[0].named.label, found[0].mask.count()),
        (5, voxels as u64)
    );
}

#[test]
fn labels_beyond_65535_are_named() {
    let head = "NRRD0004\ntype: uint32\nendian: little\ndimension: 3\nspace: LPS\nsizes: 64 64 4\nencoding: raw\n\
                space directions: (0.7,0,0) (0,0.7,0) (0,0,2.5)\nspace origin: (-10,-20,-7.3)\n\n";
    let voxels = 65_536u32.to_le_bytes().repeat(4 * 64 * 64);
    let file = [head.as_bytes(), &voxels].concat();
    assert!(
        super::is_one(&file),
        "so that it is not opened as a scan without a question"
    );
    let (code, text) = refused(&file);
    assert_eq!(code, "reference_labels");
    assert!(
        text.contains("the label 65536, and labels go up to 65,535"),
        "{text}"
    );
}

#[test]
fn a_broken_header_of_slicers_file_is_named() {
    let head = |sizes: &str, encoding: &str| {
        format!(
            "NRRD0004\ntype: uchar\ndimension: 3\nspace: LPS\nsizes: {sizes}\nencoding: {encoding}\n\
             space directions: (0.7,0,0) (0,0.7,0) (0,0,2.5)\nspace origin: (-10,-20,-7.3)\nSegment0_Name:=Liver\n\n"
        )
    };
    for (head, words) in [
        (head("64 64", "raw"), "NRRD"),
        (head("64 64 four", "raw"), "NRRD"),
        (head("64 64 4", "zstd"), "zstd"),
        (head("64 64 4000", "raw"), "NRRD"),
    ] {
        let (code, text) = refused(&[head.as_bytes(), &[1; 4 * 64 * 64]].concat());
        assert!(code.starts_with("image_"), "{code}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn annotations_that_do_not_fit_are_named() {
    let file = |images: &str, segmentation: &str| {
        format!(
            r#"{{"images": [{images}], "categories": [{{"id": 3, "name": "Liver"}}], "annotations": [{{"id": 1, "image_id": 2,
            "category_id": 3, "segmentation": {segmentation}}}]}}"#
        )
    };
    let image = |width: u32, slice: u32| {
        format!(r#"{{"id": 2, "width": {width}, "height": 64, "file_name": "slice-{slice}.png"}}"#)
    };
    let runs = r#"{"size": [64, 64], "counts": [64, 64, 3968]}"#;
    for (text, words) in [
        (
            file(&image(65, 1), runs),
            "an image has 65 × 64 pixels, and the slices have 64 × 64",
        ),
        (
            file(&image(64, 5), runs),
            "it has an image of slice 5, and the scan has 4",
        ),
        (file(&image(64, 0), runs), "an image of slice"),
        (file("", runs), "annotation 1 names no image"),
        (
            file(&image(64, 1), "[[1, 2, 3, 4, 5, 6]]"),
            "annotation 1 has no run-length mask",
        ),
        (
            file(&image(64, 1), r#"{"counts": [5, 6]}"#),
            "annotation 1 has runs of 11 pixels",
        ),
        (
            file(&image(64, 1), r#"{"counts": "0!"}"#),
            "damaged run-length mask",
        ),
        (
            file(&image(64, 1), runs).replace("\"annotations\"", "\"other\""),
            "no list \"annotations\"",
        ),
        (
            file(&image(64, 1), runs).replace("]}", "]"),
            "not valid JSON",
        ),
    ] {
        let (code, said) = refused(text.as_bytes());
        assert_eq!(code, "image_unsupported", "{said}");
        assert!(said.contains(words), "{said}");
    }
    let found = opened(
        &ScanPlace::of(&scan()),
        &[("", file(&image(64, 2), runs).as_bytes())],
    );
    let found = found.unwrap();
    assert_eq!(
        (found[0].named.name.as_str(), found[0].mask.count()),
        ("Liver", 64)
    );
    assert!(
        found[0]
            .mask
            .voxels()
            .all(|voxel| voxel[0] == 1 && voxel[2] == 1)
    );
}

/// Each byte of small files in turn becomes others: the answer is an error or masks, and no reader stops.
#[test]
fn damaged_files_stop_no_reader() {
    let scan = scan();
    let place = ScanPlace::of(&scan).showing(boxel_imaging::Plane::Axial, 1);
    let image = super::images::png(
        [64, 64],
        png::BitDepth::Two,
        Some(&[0u8; 12][..]),
        |x, y| ((x + y) % 4) as u16,
    );
    let annotations = br#"{"images": [{"id": 2, "width": 64, "height": 64, "file_name": "slice-2.png"}], "categories": [{"id": 3}],
        "annotations": [{"image_id": 2, "category_id": 3, "segmentation": {"counts": "PP2_3Poh1"}}]}"#;
    for file in [
        array("|u1", "(4, 64, 64)", &vec![1; 4 * 64 * 64]),
        annotations.to_vec(),
        image,
    ] {
        for at in 0..file.len().min(150) {
            for value in [0, 0x7f, 0xff, file[at] ^ 1, file[at].wrapping_add(1)] {
                let mut damaged = file.clone();
                damaged[at] = value;
                if let Err(error) = opened(&place, &[("", &damaged)]) {
                    assert!(
                        !matches!(error, boxel_imaging::Error::ReaderStopped { .. }),
                        "{at} {value}: {error}"
                    );
                }
            }
            let _ = opened(&place, &[("", &file[..at])]);
        }
    }
}

/// A SEG may name other images: what counts is where it lies.
#[test]
fn nothing_is_opened_without_a_scan_that_fits() {
    let place = ScanPlace::of(&scan());
    let error = open_segments(&[], &[], &place, |_| true, &Default::default()).unwrap_err();
    assert_eq!(error.code(), "image_empty");
}
