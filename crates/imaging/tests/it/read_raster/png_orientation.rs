//! PNG orientation: eXIf before or after the pixels is applied; orientations that only some programs apply give a note.

use crate::support::scans::opened;
use std::io::Write;

use boxel_imaging::{NoteCode, Voxels};
use flate2::write::ZlibEncoder;

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let checksum = rawzip::crc32(&[name, data].concat());
    [
        &(data.len() as u32).to_be_bytes(),
        &name[..],
        data,
        &checksum.to_be_bytes(),
    ]
    .concat()
}

/// A PNG of 3×2 pixels, 1 to 6, with chunks before and after the pixels.
fn png(before: &[u8], behind: &[u8]) -> Vec<u8> {
    let mut pixels = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    pixels.write_all(&[0, 1, 2, 3, 0, 4, 5, 6]).unwrap();
    let header = [0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0];
    [
        b"\x89PNG\r\n\x1a\n",
        &chunk(b"IHDR", &header)[..],
        before,
        &chunk(b"IDAT", &pixels.finish().unwrap()),
        behind,
        &chunk(b"IEND", &[]),
    ]
    .concat()
}

/// Exif data with only an orientation, in either byte order.
fn exif(orientation: u8, is_big: bool) -> Vec<u8> {
    match is_big {
        true => [
            b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
            &[orientation, 0, 0, 0, 0, 0, 0][..],
        ]
        .concat(),
        false => [
            b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[orientation, 0, 0, 0, 0, 0, 0, 0][..],
        ]
        .concat(),
    }
}

#[test]
fn exif_before_and_after_the_pixels_is_applied() {
    // TIFF 6.0, tag 274: the stored rows are the shown columns from the right.
    let turned = Voxels::U8(vec![4, 1, 5, 2, 6, 3]);
    for is_big in [true, false] {
        let exif = chunk(b"eXIf", &exif(6, is_big));
        for bytes in [png(&exif, &[]), png(&[], &exif)] {
            let scan = opened(&bytes);
            assert_eq!(scan.grid().size(), [2, 3, 1]);
            assert_eq!(scan.voxels(), &turned);
            assert_eq!(scan.about.notes, []);
        }
    }
    let mirrored = opened(&png(&[], &chunk(b"eXIf", &exif(2, true))));
    assert_eq!(mirrored.voxels(), &Voxels::U8(vec![3, 2, 1, 6, 5, 4]));
}

/// Browsers and most viewers ignore XMP, and the Exif that ImageMagick writes as text.
#[test]
fn orientations_that_only_some_programs_apply_are_noted() {
    let xmp = |form: &str| {
        let packet = format!("XML:com.adobe.xmp\0\0\0\0\0<rdf:Description {form}");
        chunk(b"iTXt", packet.as_bytes())
    };
    let whole = [b"Exif\0\0", &exif(6, true)[..]].concat();
    let hex: String = whole.iter().map(|byte| format!("{byte:02x}")).collect();
    let (first, rest) = hex.split_at(40);
    let text = format!("Raw profile type exif\0\nexif\n      32\n{first}\n{rest}\n");
    for (chunk, place) in [
        (xmp(r#"tiff:Orientation="6"/>"#), "XMP"),
        (xmp("><tiff:Orientation>6</tiff:Orientation>"), "XMP"),
        (chunk(b"tEXt", text.as_bytes()), "its Exif text"),
    ] {
        let scan = opened(&png(&chunk, &[]));
        assert_eq!(scan.voxels(), &Voxels::U8((1..=6).collect()));
        let [note] = scan.about.notes.as_slice() else {
            panic!("{place}: {:?}", scan.about.notes);
        };
        assert_eq!(note.code, NoteCode::Reading);
        let start = format!(
            "the file says in {place} that it should be rotated or mirrored (orientation 6)"
        );
        assert!(note.text.starts_with(&start), "{}", note.text);
    }
    let upright = opened(&png(&xmp(r#"tiff:Orientation="1"/>"#), &[]));
    assert_eq!(upright.about.notes, []);
    // If there is an eXIf chunk, it decides.
    let both = [
        xmp(r#"tiff:Orientation="6"/>"#),
        chunk(b"eXIf", &exif(1, true)),
    ]
    .concat();
    assert_eq!(opened(&png(&both, &[])).about.notes, []);
}
