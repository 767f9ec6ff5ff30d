//! ZIP and gzip files are opened within one budget, or rejected with advice on what to do instead.

use std::io::Write;

use crate::support::dicom_writer::{Syntax, nth};
use crate::support::gzip::gzipped;
use boxel_imaging::{Error, Limits, NamedFile, Scan, Voxels, open, open_choice, survey};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A file in a ZIP: name, content, method (0 stored, 8 deflated), general flags.
struct Entry<'a> {
    name: &'a str,
    bytes: Vec<u8>,
    method: u16,
    flags: u16,
}

fn entry(name: &str, bytes: Vec<u8>) -> Entry<'_> {
    Entry {
        name,
        bytes,
        method: 8,
        flags: 0,
    }
}

/// A ZIP archive (APPNOTE 4.3.7, 4.3.12 and 4.3.16).
fn zipped(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for Entry {
        name,
        bytes,
        method,
        flags,
    } in entries
    {
        let stored = match method {
            8 => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            _ => bytes.clone(),
        };
        let at = file.len() as u32;
        let mut common = [20u16, *flags, *method, 0, 0]
            .map(u16::to_le_bytes)
            .concat();
        common.extend(rawzip::crc32(bytes).to_le_bytes());
        common.extend((stored.len() as u32).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        file.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &stored].concat());
        directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10]].concat());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, count) = (file.len() as u32, entries.len() as u16);
    let length = directory.len() as u32;
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].map(u16::to_le_bytes).concat());
    file.extend([length, at].map(u32::to_le_bytes).concat());
    file.extend([0, 0]);
    file
}

/// A NIfTI-1 file of 3 × 2 × 2 voxels.
fn nifti() -> Vec<u8> {
    let mut bytes = vec![0; 352];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, &348i32.to_le_bytes());
    put(
        40,
        &[3i16, 3, 2, 2, 1, 1, 1, 1].map(i16::to_le_bytes).concat(),
    );
    put(70, &[4i16, 16].map(i16::to_le_bytes).concat());
    put(76, &[1f32, 0.5, 1.5, 2.0].map(f32::to_le_bytes).concat());
    put(108, &352f32.to_le_bytes());
    put(344, b"n+1\0");
    bytes.extend((0..12i16).flat_map(i16::to_le_bytes));
    bytes
}

/// A series of three slices.
fn series() -> Vec<Vec<u8>> {
    let slices = [(1, 0.0, 10), (2, 2.0, 20), (3, 4.0, 30)];
    let files = slices.map(|(number, z, stored)| nth(number, z, stored).file(Syntax::Explicit));
    files.to_vec()
}

fn all(name: &str, bytes: &[u8]) -> Vec<Scan> {
    let files = [NamedFile { name, bytes }];
    let choices = survey(&files, &Limits::default()).unwrap();
    let open = |choice| open_choice(&files, choice, &Limits::default()).unwrap();
    choices.iter().map(open).collect()
}

fn refused(bytes: &[u8], limits: &Limits) -> Error {
    open(bytes, limits).unwrap_err()
}

#[test]
fn a_zipped_folder_is_a_folder() {
    let files = series();
    let parts: Vec<NamedFile<'_>> = files
        .iter()
        .map(|bytes| NamedFile { name: "", bytes })
        .collect();
    let choices = survey(&parts, &Limits::default()).unwrap();
    let expected = open_choice(&parts, &choices[0], &Limits::default()).unwrap();
    assert_eq!(expected.grid().slices, 3);

    let names = ["study/1.dcm", "study/2.dcm", "study/3.dcm"];
    let entries = |method: u16, wrap: fn(&[u8]) -> Vec<u8>| {
        let mut entries = vec![
            entry("study/", Vec::new()),
            entry("study/readme.txt", b"hello".to_vec()),
        ];
        for (name, bytes) in names.into_iter().zip(&files) {
            entries.push(Entry {
                method,
                ..entry(name, wrap(bytes))
            });
        }
        entries
    };
    let deflated = zipped(&entries(8, <[u8]>::to_vec));
    let stored = zipped(&entries(0, <[u8]>::to_vec));
    let of_gzips = zipped(&entries(0, gzipped));
    let of_zip = zipped(&[entry("inner.zip", deflated.clone())]);
    for bytes in [deflated, stored, of_gzips, of_zip] {
        assert_eq!(all("study.zip", &bytes), std::slice::from_ref(&expected));
    }
}

#[test]
fn nested_gzip_is_unpacked() {
    let expected = Voxels::I16((0..12).collect());
    for bytes in [
        gzipped(&nifti()),
        gzipped(&gzipped(&nifti())),
        gzipped(&gzipped(&gzipped(&nifti()))),
    ] {
        assert_eq!(all("a.nii.gz", &bytes)[0].voxels(), &expected);
    }
    let slice = series().remove(0);
    assert_eq!(all("1.dcm.gz", &gzipped(&slice)), all("1.dcm", &slice));
    let deep = (0..5).fold(slice, |bytes, _| gzipped(&bytes));
    let error = refused(&deep, &Limits::default());
    assert_eq!(error.code(), "image_unsupported");
    assert!(error.to_string().ends_with("unpack it first"), "{error}");
}

/// A header finds its voxels by the file's name with folders.
#[test]
fn a_pair_in_a_zip_is_a_pair() {
    let whole = nifti();
    let mut header = whole[..348].to_vec();
    header[344..348].copy_from_slice(b"ni1\0");
    header[108..112].fill(0);
    let voxels = |first: u8| [&[first, 0], &whole[354..]].concat();
    let bytes = zipped(&[
        entry("b/scan.img", voxels(7)),
        entry("a/scan.hdr", header),
        entry("a/scan.img", voxels(0)),
    ]);
    let scans = all("x.zip", &bytes);
    assert_eq!(scans.len(), 1);
    assert_eq!(scans[0].voxels(), &Voxels::I16((0..12).collect()));

    // Gzipped, but not in a ZIP: the voxels are read as they are, and don't count as an archive.
    let mut header = whole[..348].to_vec();
    header[344..348].copy_from_slice(b"ni1\0");
    header[108..112].fill(0);
    let zipped = [gzipped(&header), gzipped(&voxels(0))];
    let files = [
        NamedFile {
            name: "scan.hdr.gz",
            bytes: &zipped[0],
        },
        NamedFile {
            name: "scan.img.gz",
            bytes: &zipped[1],
        },
    ];
    let choices = survey(&files, &Limits::default()).unwrap();
    let scan = open_choice(&files, &choices[0], &Limits::default()).unwrap();
    assert_eq!(
        (choices.len(), scan.voxels()),
        (1, &Voxels::I16((0..12).collect()))
    );
}

/// A DICOM file without pixels that is as long as a few kilobytes of zeros are when they are unpacked.
fn long_dicom(bytes: usize) -> Vec<u8> {
    let mut file = series().remove(0);
    // Private data after the pixels: a header of 12 bytes.
    file.extend(*b"\xe1\x7f\x10\x00OB\0\0");
    file.extend((bytes as u32).to_le_bytes());
    file.resize(file.len() + bytes, 0);
    file
}

/// Whatever sizes an archive claims.
#[test]
fn a_bomb_is_rejected_by_its_unpacked_size() {
    let limits = Limits {
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    let bytes = zipped(&[entry("a", long_dicom(1200 << 10))]);
    assert!(bytes.len() < 4096);
    let mut lying = bytes.clone();
    // The first entry's size in the central directory becomes 1 byte.
    let directory = lying
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    lying[directory + 24..directory + 28].copy_from_slice(&1u32.to_le_bytes());
    for bytes in [
        bytes,
        gzipped(&long_dicom(2 << 20)),
        gzipped(&gzipped(&long_dicom(2 << 20))),
    ] {
        let error = refused(&bytes, &limits);
        assert_eq!(error.code(), "image_too_large", "{error}");
        assert!(
            error.to_string().contains("and the limit is 1 MiB"),
            "{error}"
        );
    }
    assert_ne!(refused(&lying, &limits).code(), "internal");
}

/// Files are unpacked one after the other: together they may be more than fits in memory, and each that can't be unpacked
/// is named.
#[test]
fn an_archive_is_unpacked_file_by_file() {
    let limits = Limits {
        max_bytes: 1 << 20,
        max_held: (9 << 20) + (3 << 18),
        ..Limits::default()
    };
    let files: Vec<Vec<u8>> = series();
    let entries = |first: usize| {
        let long = |at: usize| {
            let mut file = long_dicom(if at == 0 { first } else { 800 << 10 });
            file.splice(..series()[0].len(), files[at].iter().copied());
            entry("a", file)
        };
        zipped(&[long(0), long(1), long(2)])
    };
    let opened = open(&entries(800 << 10), &limits).unwrap();
    assert_eq!(opened.grid().slices, 3);
    // The first is too long, and the others make a scan without it.
    let lacking = open(&entries(1200 << 10), &limits).unwrap();
    assert_eq!(lacking.grid().slices, 2);
    let notes = &lacking.about.notes;
    let note = "1 image is left out: a ZIP archive unpacks to 2 MiB";
    assert!(notes.iter().any(|n| n.text.starts_with(note)), "{notes:?}");
}

#[test]
fn errors_of_archives_say_what_to_do() {
    let slice = series().remove(0);
    let says = |bytes: &[u8], words: &str| {
        let error = refused(bytes, &Limits::default());
        assert_eq!(error.code(), "image_unsupported", "{error}");
        assert!(error.to_string().contains(words), "{error}");
    };
    let with = |method, flags| {
        zipped(&[Entry {
            method,
            flags,
            ..entry("a", slice.clone())
        }])
    };
    says(&with(12, 0), "its file 1: it is compressed by method 12");
    says(&with(0, 1), "its file 1: it is encrypted");
    let mut wrong = with(0, 0);
    wrong[60] ^= 1;
    says(&wrong, "copy or download it again");
    let sound = with(8, 0);
    says(&sound[..sound.len() / 2], "copy or download it again");
    says(&zipped(&[]), "it is empty");
    let mut wrong = gzipped(&slice);
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    says(&wrong, "checksum");
    says(&gzipped(&slice)[..200], "it ends too early");

    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    says(&tar, "a tar archive can't be opened: unpack it");
    says(&gzipped(&tar), "a tar archive can't be opened: unpack it");
    says(
        b"7z\xbc\xaf\x27\x1c\0\x04",
        "a 7z archive can't be opened: unpack it",
    );
    says(
        b"Rar!\x1a\x07\x01\0",
        "a RAR archive can't be opened: unpack it",
    );
}

/// A name in an archive often names the patient.
#[test]
fn no_error_repeats_a_name() {
    let bytes = zipped(&[Entry {
        method: 12,
        ..entry("DOE^JANE.dcm", vec![1, 2, 3])
    }]);
    let error = refused(&bytes, &Limits::default());
    assert!(!error.to_string().contains("DOE"), "{error}");
}

#[test]
fn cut_and_bent_archives_end_in_an_error_or_a_scan() {
    let limits = Limits {
        max_bytes: 4 << 20,
        ..Limits::default()
    };
    let bytes = zipped(&[
        entry("a.nii", nifti()),
        Entry {
            method: 0,
            ..entry("b.nii", nifti())
        },
    ]);
    for at in 0..bytes.len() {
        for value in [0, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x80] {
            let mut bent = bytes.clone();
            bent[at] = value;
            if let Err(error) = open(&bent, &limits) {
                assert_ne!(error.code(), "internal", "{error}");
            }
        }
        assert!(open(&bytes[..at], &limits).is_err(), "{at}");
    }
}
