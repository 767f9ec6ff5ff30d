//! Data sets that contradict their pixel data: colours, sizes, number of frames, bits, signs.

use crate::support::dicom_writer::{Data, Syntax, Value, slice};
use crate::support::fixtures;
use crate::support::jpeg_writer;
use crate::support::scans::{opened, texts};
use boxel_imaging::{Limits, Scan, Voxels, open};
use safetensors::SafeTensors;

use crate::support::jpeg_writer::{Component, Jpeg, adobe, jfif, lossless};

const BASELINE: Syntax = Syntax::Other("1.2.840.10008.1.2.4.50");
const LOSSLESS: Syntax = Syntax::Other("1.2.840.10008.1.2.4.70");
const JPEG_2000: Syntax = Syntax::Other("1.2.840.10008.1.2.4.90");

fn refused(bytes: &[u8]) -> String {
    open(bytes, &Limits::default()).unwrap_err().to_string()
}

/// The only note of a scan.
fn note(scan: &Scan) -> &str {
    let notes = texts(scan);
    assert_eq!(notes.len(), 1, "{notes:?}");
    notes[0]
}

fn rgb(scan: &Scan) -> &[u8] {
    match scan.voxels() {
        Voxels::Rgb8(values) => values,
        other => panic!("{} channels of {} bits", other.channels(), other.bits()),
    }
}

/// An 8-bit image with this many samples per pixel; values are the stored ones.
fn image(width: u16, height: u16, samples: u16, photometric: &str) -> Data {
    slice()
        // Frames without this attribute get a note.
        .text(0x0018_0088, "DS", "5")
        .u16(0x0028_0002, samples)
        .text(0x0028_0004, "CS", photometric)
        .u16(0x0028_0010, height)
        .u16(0x0028_0011, width)
        .u16(0x0028_0100, 8)
        .u16(0x0028_0101, 8)
        .u16(0x0028_0102, 7)
        .u16(0x0028_0103, 0)
        .without(0x0028_1052)
        .without(0x0028_1053)
}

fn bytes(values: &[u8]) -> Value {
    Value::Bytes(values.to_vec())
}

fn fragments(frames: &[Vec<u8>]) -> Value {
    let even = |frame: &Vec<u8>| {
        let mut frame = frame.clone();
        frame.resize(frame.len().next_multiple_of(2), 0);
        frame
    };
    let table = vec![Vec::new()].into_iter();
    Value::Fragments(table.chain(frames.iter().map(even)).collect())
}

/// 16 by 16 pixels with the levels 76, 85 and 255, which are red in YCbCr.
fn red(factors: [u8; 2], ids: [u8; 3], segments: Vec<(u8, Vec<u8>)>) -> Jpeg {
    let component = |id, factors, level| Component { id, factors, level };
    Jpeg {
        width: 16,
        height: 16,
        components: vec![
            component(ids[0], factors, |_, _| 76),
            component(ids[1], [1, 1], |_, _| 85),
            component(ids[2], [1, 1], |_, _| 255),
        ],
        segments,
        restart_interval: 0,
    }
}

fn red_labelled(photometric: &str, jpeg: &Jpeg) -> Scan {
    let data = image(16, 16, 3, photometric).u16(0x0028_0006, 1);
    let data = data.set(0x7fe0_0010, "OB", fragments(&[jpeg.file()]));
    opened(&data.file(BASELINE))
}

const YCBCR: [u8; 3] = [254, 0, 0];
const RGB: [u8; 3] = [76, 85, 255];

#[test]
fn jpeg_declares_whether_it_is_rgb() {
    const IDS: [u8; 3] = [1, 2, 3];
    let whole = |segments: Vec<(u8, Vec<u8>)>| red([1, 1], IDS, segments);
    let cases = [
        // JPEG says YCbCr: by a JFIF segment, an Adobe segment, or chroma subsampling.
        (whole(vec![jfif()]), "RGB", YCBCR, true),
        (whole(vec![adobe(1)]), "RGB", YCBCR, true),
        (red([2, 1], IDS, Vec::new()), "RGB", YCBCR, true),
        (red([2, 2], IDS, Vec::new()), "RGB", YCBCR, true),
        (red([2, 2], IDS, vec![jfif()]), "RGB", YCBCR, true),
        (whole(vec![jfif()]), "YBR_FULL_422", YCBCR, false),
        (red([2, 1], IDS, vec![jfif()]), "YBR_FULL_422", YCBCR, false),
        // JPEG says RGB: by an Adobe segment, or its component names.
        (whole(vec![adobe(0)]), "YBR_FULL_422", RGB, true),
        (whole(vec![adobe(0)]), "RGB", RGB, false),
        (red([1, 1], *b"RGB", Vec::new()), "YBR_FULL", RGB, true),
        (red([1, 1], *b"RGB", Vec::new()), "RGB", RGB, false),
        // JPEG says both: the data set decides.
        (whole(vec![jfif(), adobe(0)]), "RGB", RGB, false),
        (whole(vec![jfif(), adobe(0)]), "YBR_FULL_422", YCBCR, false),
        // JPEG says nothing: the data set decides.
        (whole(Vec::new()), "RGB", RGB, false),
        (whole(Vec::new()), "YBR_FULL", YCBCR, false),
    ];
    for (at, (jpeg, photometric, pixel, is_noted)) in cases.iter().enumerate() {
        let scan = red_labelled(photometric, jpeg);
        assert!(
            rgb(&scan).chunks(3).all(|found| found == pixel),
            "case {at}: {:?}",
            &rgb(&scan)[..3]
        );
        match is_noted {
            true => assert!(note(&scan).contains("its JPEG data are"), "case {at}"),
            false => assert!(texts(&scan).is_empty(), "case {at}: {:?}", texts(&scan)),
        }
    }
}

#[test]
fn native_chroma_of_full_resolution_is_not_halved() {
    // Two pixels: red, and grey 50.
    let full = [76, 85, 255, 50, 128, 128];
    let planes = [76, 50, 85, 128, 255, 128];
    let red_and_grey = [254, 0, 0, 50, 50, 50];
    for (planar, pixels) in [(0, full), (1, planes)] {
        let data = image(2, 1, 3, "YBR_FULL_422").u16(0x0028_0006, planar).set(
            0x7fe0_0010,
            "OB",
            bytes(&pixels),
        );
        let scan = opened(&data.file(Syntax::Explicit));
        assert_eq!(rgb(&scan), red_and_grey);
        assert!(note(&scan).contains("4:2:2"));
    }
    // Two frames with full-resolution chroma are as long as three with half resolution.
    let twice = image(2, 1, 3, "YBR_FULL_422")
        .text(0x0028_0008, "IS", "2")
        .set(0x7fe0_0010, "OB", bytes(&[full, full].concat()));
    assert_eq!(
        rgb(&opened(&twice.file(Syntax::Explicit))),
        [red_and_grey, red_and_grey].concat()
    );
    let partial = image(2, 1, 3, "YBR_PARTIAL_422").set(
        0x7fe0_0010,
        "OB",
        bytes(&[16, 128, 128, 235, 128, 128]),
    );
    assert_eq!(
        rgb(&opened(&partial.file(Syntax::Explicit))),
        [0, 0, 0, 255, 255, 255]
    );
    // Half resolution, as declared: no note.
    let halved = image(2, 1, 3, "YBR_FULL_422").set(0x7fe0_0010, "OB", bytes(&[76, 76, 85, 255]));
    let scan = opened(&halved.file(Syntax::Explicit));
    assert_eq!(
        (rgb(&scan), texts(&scan).len()),
        (&[254, 0, 0, 254, 0, 0][..], 0)
    );
    // The other way round, bytes are missing.
    let halved = image(2, 1, 3, "RGB").set(0x7fe0_0010, "OB", bytes(&[76, 76, 85, 255]));
    assert!(refused(&halved.file(Syntax::Explicit)).contains("4 bytes, and its size calls for 6"));
}

#[test]
fn surplus_bytes_are_counted() {
    let of = |count: usize| {
        let pixels: Vec<u8> = (0..count as u8).collect();
        let data = image(3, 3, 1, "MONOCHROME2").set(0x7fe0_0010, "OB", bytes(&pixels));
        opened(&data.file(Syntax::Explicit))
    };
    // A tenth byte is padding.
    for count in [9, 10] {
        assert!(texts(&of(count)).is_empty());
    }
    let scan = of(14);
    assert!(note(&scan).contains("5 bytes more"), "{}", note(&scan));
    assert_eq!(scan.voxels(), &Voxels::U8((0..9).collect()));
}

#[test]
fn frames_beyond_their_number_are_named() {
    let of = |frames: usize, said: Option<&str>| {
        let pixels: Vec<u8> = (0..9 * frames as u8).collect();
        let data = image(3, 3, 1, "MONOCHROME2").set(0x7fe0_0010, "OB", bytes(&pixels));
        opened(&match said {
            Some(said) => data.text(0x0028_0008, "IS", said).file(Syntax::Explicit),
            None => data.file(Syntax::Explicit),
        })
    };
    let scan = of(4, None);
    assert_eq!(
        note(&scan),
        "The pixel data hold 4 frames, and the file says 1: the first is shown."
    );
    assert_eq!(scan.voxels(), &Voxels::U8((0..9).collect()));
    let scan = of(4, Some("3"));
    assert_eq!(
        note(&scan),
        "The pixel data hold 4 frames, and the file says 3: the first 3 are shown."
    );
    assert_eq!(scan.grid().slices, 3);
    assert!(texts(&of(4, Some("4"))).is_empty());
}

/// Frames of 8 by 8 pixels with one level each.
fn flat_frames() -> Vec<Vec<u8>> {
    let levels: [fn(u32, u32) -> i32; 3] = [|_, _| 10, |_, _| 20, |_, _| 30];
    let frame = |level| jpeg_writer::grey(8, 8, level).file();
    levels.into_iter().map(frame).collect()
}

fn levels(scan: &Scan) -> Vec<f64> {
    let slices = 0..scan.grid().slices;
    slices.map(|k| scan.value([3, 3, k]).unwrap()).collect()
}

#[test]
fn compressed_frames_beyond_their_number_are_named() {
    let of = |said: &str| {
        let data = image(8, 8, 1, "MONOCHROME2").text(0x0028_0008, "IS", said);
        data.set(0x7fe0_0010, "OB", fragments(&flat_frames()))
            .file(BASELINE)
    };
    let scan = opened(&of("1"));
    assert_eq!(
        note(&scan),
        "The pixel data hold 3 frames, and the file says 1: the first is shown."
    );
    assert_eq!(levels(&scan), [10.0]);
    let scan = opened(&of("2"));
    assert_eq!(
        note(&scan),
        "The pixel data hold 3 frames, and the file says 2: the first 2 are shown."
    );
    assert_eq!(levels(&scan), [10.0, 20.0]);
    let scan = opened(&of("3"));
    assert_eq!(
        (levels(&scan), texts(&scan).len()),
        (vec![10.0, 20.0, 30.0], 0)
    );
    assert!(refused(&of("4")).contains("4 frames"));
    // One frame in several fragments.
    let frame = flat_frames().remove(0);
    let (first, second) = frame.split_at(40);
    let parts = fragments(&[first.to_vec(), second.to_vec()]);
    let data = image(8, 8, 1, "MONOCHROME2").set(0x7fe0_0010, "OB", parts);
    let scan = opened(&data.file(BASELINE));
    assert_eq!((levels(&scan), texts(&scan).len()), (vec![10.0], 0));
}

#[test]
fn several_images_in_one_frame_are_noted() {
    let frames = flat_frames();
    for padding in [&[][..], &[0]] {
        let joined = [&frames[0], padding, &frames[1]].concat();
        let data = image(8, 8, 1, "MONOCHROME2").set(0x7fe0_0010, "OB", fragments(&[joined]));
        let scan = opened(&data.file(BASELINE));
        assert_eq!(levels(&scan), [10.0]);
        assert!(note(&scan).contains("several JPEG images"));
    }
}

#[test]
fn native_colours_that_jpeg_2000_should_have_made_are_rgb() {
    let data = image(2, 1, 3, "YBR_RCT").set(0x7fe0_0010, "OB", bytes(&[1, 2, 3, 4, 5, 6]));
    let scan = opened(&data.file(Syntax::Explicit));
    assert_eq!(rgb(&scan), [1, 2, 3, 4, 5, 6]);
    assert!(note(&scan).contains("not JPEG 2000"));
}

/// The end marker of the fragments is 8 bytes long.
#[test]
fn complete_fragments_need_no_end_marker() {
    let data = image(8, 8, 1, "MONOCHROME2").text(0x0028_0008, "IS", "3");
    let file = data
        .set(0x7fe0_0010, "OB", fragments(&flat_frames()))
        .file(BASELINE);
    let unmarked = &file[..file.len() - 8];
    let zeros = [unmarked, &[0; 12]].concat();
    let next = [unmarked, b"\xfc\xff\xfc\xffOB\0\0\x02\0\0\0\0\0"].concat();
    for bytes in [unmarked, &file[..file.len() - 3], &zeros, &next] {
        let scan = opened(bytes);
        assert_eq!(levels(&scan), [10.0, 20.0, 30.0]);
        assert!(note(&scan).contains("end of the pixel data is not marked"));
    }
    let of_last = flat_frames()[2].len().next_multiple_of(2) + 8;
    for bytes in [
        &unmarked[..unmarked.len() - 4],
        &unmarked[..unmarked.len() - of_last],
    ] {
        assert!(
            refused(bytes).contains("ends too early"),
            "{}",
            refused(bytes)
        );
    }
}

fn deep(stored: u16, high: u16, signed: bool) -> Data {
    slice()
        .u16(0x0028_0010, 1)
        .u16(0x0028_0011, 4)
        .u16(0x0028_0101, stored)
        .u16(0x0028_0102, high)
        .u16(0x0028_0103, signed.into())
        .without(0x0028_1052)
        .without(0x0028_1053)
}

#[test]
fn bits_outside_the_stored_ones_are_noted() {
    let of =
        |data: Data, words: [u16; 4]| opened(&data.words(words.to_vec()).file(Syntax::Explicit));
    let beyond = of(deep(12, 11, false), [1, 4095, 5000, 7]);
    assert!(note(&beyond).contains("Bits Stored"));
    assert_eq!(beyond.voxels(), &Voxels::U16(vec![1, 4095, 904, 7]));
    // Sign extension up to the highest bit is allowed.
    let extended = of(deep(12, 11, true), [0xffff, 0x0fff, 5, 0xf800]);
    assert!(texts(&extended).is_empty());
    assert_eq!(extended.voxels(), &Voxels::I16(vec![-1, -1, 5, -2048]));
    let below = of(deep(12, 15, false), [0x0010, 0x0021, 0, 0]);
    assert!(note(&below).contains("Bits Stored"));
    assert_eq!(below.voxels(), &Voxels::U16(vec![1, 2, 0, 0]));
}

#[test]
fn compressed_samples_of_other_bits_than_the_file_says() {
    let of = |data: Data, precision: u8, samples: [u16; 4]| {
        let coded = lossless(4, 1, precision, &samples);
        opened(
            &data
                .set(0x7fe0_0010, "OB", fragments(&[coded]))
                .file(LOSSLESS),
        )
    };
    let samples = [40, 90, 200, 255];
    let scan = of(deep(12, 11, false), 8, samples);
    assert_eq!(
        (scan.voxels(), texts(&scan).len()),
        (&Voxels::U16(samples.to_vec()), 0)
    );
    let samples = [5000, 0, 4095, 60_000];
    let scan = of(deep(12, 11, false), 16, samples);
    assert_eq!(scan.voxels(), &Voxels::U16(samples.to_vec()));
    assert!(note(&scan).contains("have 16 bits, and the file says 12"));
    let scan = of(deep(12, 11, true), 16, [0xffff, 5, 0x0800, 0x07ff]);
    assert_eq!(scan.voxels(), &Voxels::I16(vec![-1, 5, -2048, 2047]));
    let scan = of(deep(16, 15, true), 12, [0x0fff, 5, 0, 1]);
    assert_eq!(scan.voxels(), &Voxels::I16(vec![4095, 5, 0, 1]));
    assert!(note(&scan).contains("from 0 to 4095"), "{}", note(&scan));
    let scan = of(deep(12, 15, false), 12, [1, 2, 3, 4095]);
    assert_eq!(scan.voxels(), &Voxels::U16(vec![1, 2, 3, 4095]));
    assert!(note(&scan).contains("bit 15"));
}

/// Fixtures made with OpenJPEG: 8 by 8 pixels in which red grows by 1 from pixel to pixel, green is 100 and blue 200;
/// and a 12-bit ramp from 1000 up.
#[test]
fn jpeg_2000_declares_its_own_format() {
    let of = |photometric: &str, name: &str| {
        let codestream = fixtures::file(name);
        let data = image(8, 8, 3, photometric).set(0x7fe0_0010, "OB", fragments(&[codestream]));
        opened(&data.file(JPEG_2000))
    };
    let expected: Vec<u8> = (0..64).flat_map(|red| [red, 100, 200]).collect();
    for (photometric, name, is_noted) in [
        ("YBR_RCT", "transformed.j2k", false),
        ("RGB", "transformed.j2k", false),
        ("YBR_FULL", "transformed.j2k", true),
        ("YBR_FULL_422", "transformed.j2k", true),
        ("RGB", "plain.j2k", false),
        ("YBR_RCT", "plain.j2k", true),
    ] {
        let scan = of(photometric, name);
        assert_eq!(rgb(&scan), expected, "{photometric}, {name}");
        assert_eq!(
            texts(&scan).len(),
            usize::from(is_noted),
            "{photometric}, {name}"
        );
    }
    let full = of("YBR_FULL", "plain.j2k");
    // Cb is 28 below the middle, Cr 72 above: Y + 1.402 · 72 and Y − 1.772 · 28, clamped at 0.
    assert_eq!(rgb(&full)[..3], [101, 0, 0]);
}

#[test]
fn jpeg_2000_that_is_cut_off_is_noted() {
    let whole = fixtures::file("grey.j2k");
    let of = |codestream: &[u8], signed: bool| {
        let data = deep(12, 11, signed).u16(0x0028_0010, 8).u16(0x0028_0011, 8);
        let data = data.set(0x7fe0_0010, "OB", fragments(&[codestream.to_vec()]));
        opened(&data.file(JPEG_2000))
    };
    let ramp: Vec<u16> = (0..64).map(|at| 1000 + 40 * at).collect();
    let part = whole
        .windows(2)
        .position(|pair| pair == [0xff, 0x90])
        .unwrap();
    let mut open_ended = whole.clone();
    open_ended[part + 6..part + 10].fill(0);
    // Complete, without the last marker, and with a tile-part of unspecified length.
    for codestream in [&whole[..], &whole[..whole.len() - 2], &open_ended] {
        let scan = of(codestream, false);
        assert_eq!(
            (scan.voxels(), texts(&scan).len()),
            (&Voxels::U16(ramp.clone()), 0)
        );
    }
    let scan = of(&whole[..whole.len() - 20], false);
    assert!(note(&scan).contains("cut off or damaged"));
    // As signed 12-bit samples, those from 2048 up are negative.
    let scan = of(&whole, true);
    assert!(note(&scan).contains("coded without a sign, and the file says with"));
    assert_eq!(
        scan.value([7, 7, 0]),
        Some(f64::from(1000 + 40 * 63 - 4096))
    );
}

/// JPEG-LS chroma has full resolution, whatever the data set says.
#[test]
fn jpeg_ls_is_not_halved() {
    let fixtures = fixtures::file("jpeg_ls.safetensors");
    let tensors = SafeTensors::deserialize(&fixtures).unwrap();
    let bytes = |name: &str| tensors.tensor(name).unwrap().data().to_vec();
    let codestream = bytes("rgb_sample.jls");
    let of = |photometric: &str| {
        // Components are not in separate planes, whatever the data set says.
        let data = image(14, 11, 3, photometric).u16(0x0028_0006, 1);
        let data = data.set(
            0x7fe0_0010,
            "OB",
            fragments(std::slice::from_ref(&codestream)),
        );
        opened(&data.file(Syntax::Other("1.2.840.10008.1.2.4.80")))
    };
    let samples: Vec<u8> = bytes("rgb_sample.samples")
        .chunks(2)
        .map(|pair| pair[0])
        .collect();
    assert_eq!(rgb(&of("RGB")), samples);
    // The last pixel, by hand (PS3.3 C.7.6.3.1.2).
    let [y, cb, cr] = samples.last_chunk().unwrap().map(f64::from);
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    let last = [
        y + 1.402 * cr,
        y - 0.344_136 * cb - 0.714_136 * cr,
        y + 1.772 * cb,
    ];
    let last = last.map(|x| x.round().clamp(0.0, 255.0) as u8);
    for photometric in ["YBR_FULL", "YBR_FULL_422"] {
        assert_eq!(
            rgb(&of(photometric)).last_chunk(),
            Some(&last),
            "{photometric}"
        );
    }
}

#[test]
fn surplus_run_lengths_are_noted() {
    // Two segments of 12 bytes.
    let coded = |surplus: &[u8]| {
        let mut coded = vec![2, 0, 0, 0, 64, 0, 0, 0, 66, 0, 0, 0];
        coded.resize(64, 0);
        coded.extend([(1i8 - 12) as u8, 0x01, 11]);
        coded.extend(0..12u8);
        coded.extend(surplus);
        coded
    };
    let of = |coded: Vec<u8>| {
        let data = slice()
            .u16(0x0028_0103, 0)
            .u16(0x0028_0101, 16)
            .u16(0x0028_0102, 15);
        opened(
            &data
                .set(0x7fe0_0010, "OB", fragments(&[coded]))
                .file(Syntax::Rle),
        )
    };
    for padding in [&[][..], &[0], &[128], &[128, 0, 0]] {
        assert!(texts(&of(coded(padding))).is_empty(), "{padding:?}");
    }
    let scan = of(coded(&[3, 1, 2, 3, 4]));
    assert!(
        note(&scan).contains("5 of their bytes belong to no pixel"),
        "{}",
        note(&scan)
    );
    // The first run has 13 bytes.
    let mut longer = coded(&[]);
    longer[64] = (1i8 - 13) as u8;
    assert!(note(&of(longer)).contains("1 of their bytes"));
}
