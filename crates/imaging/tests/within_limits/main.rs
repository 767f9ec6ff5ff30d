//! Small files that ask for much memory or work: whatever the input, opening it holds at most 512 MiB, its own bytes
//! included, and takes a number of steps that follows from its length.
//!
//! `BOMB=name` tries one of them; `--nocapture` shows what each takes.

#![allow(clippy::unwrap_used, reason = "a test may fail in its helpers too")]

mod bombs;
mod peak;

use std::env;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bombs::archives::{gzip, nifti, nifti_header, zip};
use bombs::codestreams::{jpeg, jpeg_2000, jpeg_ls, lossless, rle};
use bombs::dicom::*;
use bombs::images::{bytes, page, png, shorts, single, tiff, zeros};
use bombs::{Files, alone, several};
use boxel_imaging::{Error, Limits, NamedFile, open_choice, open_reference, survey};
use proptest::collection::vec;
use proptest::prelude::*;

/// With the bytes of the files themselves.
const MAX_BYTES: usize = 512 << 20;
/// Inputs of which that holds.
const MAX_INPUT: usize = 20_000_000;

/// The allocator counts for the whole program, so that one test at a time may run.
static ALONE: Mutex<()> = Mutex::new(());

/// How opening ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Opens,
    /// By an error of the files, such as too much memory.
    Refused,
}
use End::{Opens, Refused};

type Case = (&'static str, End, fn() -> Files);

const JPEG: &str = "1.2.840.10008.1.2.4.50";
const LOSSLESS: &str = "1.2.840.10008.1.2.4.70";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
const RLE: &str = "1.2.840.10008.1.2.5";

fn compressed(
    syntax: &str,
    size: [u16; 2],
    channels: u16,
    allocated: u16,
    frame: Vec<u8>,
) -> Vec<u8> {
    let image = Image {
        size,
        channels,
        allocated,
        pixels: Some(fragments(&[frame])),
        ..Image::new(1)
    };
    file(syntax, &image.data_set())
}

/// An ultrasound loop: its pixels take most of the memory there is, and its fragments must not take the rest.
fn loop_of_jpegs() -> Vec<u8> {
    const FRAMES: u32 = 300;
    let size = [800, 600];
    let mut frame = jpeg(0xc0, size, 3);
    let comment = [&[0xff, 0xfe, 0x60, 0x00][..], &[b' '; 0x5ffe]].concat();
    frame.splice(2..2, comment);
    let image = Image {
        size,
        channels: 3,
        pixels: Some(fragments(&vec![frame; FRAMES as usize])),
        ..Image::new(FRAMES)
    };
    file(JPEG, &image.data_set())
}

const CASES: &[Case] = &[
    ("dicom-loop-of-jpegs", Opens, || alone(loop_of_jpegs())),
    // A header's text, or its count, times its frames or files.
    ("dicom-texts-times-frames", Refused, || {
        alone(wordy(65_536, 0).file())
    }),
    ("dicom-texts-times-frames-in-5-files", Refused, || {
        several(5, |at| wordy(65_536, at).file())
    }),
    ("dicom-texts-times-frames-in-100-files", Opens, || {
        several(100, |at| wordy(8_000, at).file())
    }),
    ("dicom-texts-times-frames-deflated", Refused, || {
        several(100, |at| file(DEFLATED, &wordy(65_536, at).data_set()))
    }),
    ("dicom-tables-times-frames", Opens, || {
        let table = |at: usize| {
            [
                element((0x28, 0x3002), "US", &[1, 0, 0, 0, 8, 0]),
                text((0x28, 0x3003), "LO", &long(1000, at)),
                element((0x28, 0x3006), "OW", &[1, 0]),
            ]
            .concat()
        };
        let tables: Vec<Vec<u8>> = (0..32).map(table).collect();
        let windows = sequence((0x28, 0x9132), &[sequence((0x28, 0x3010), &tables)]);
        let own = sequence((0x28, 0x9132), &[text((0x28, 0x1050), "DS", "1")]);
        let each = |frame| {
            if frame % 2 == 0 {
                own.clone()
            } else {
                Vec::new()
            }
        };
        alone(enhanced(60_000, windows, each).file())
    }),
    ("dicom-regions-times-frames", Opens, || {
        alone(regions(65_536, 64).file())
    }),
    ("dicom-frames-of-two-files-in-turn", Opens, || {
        let part = |number: u32| {
            let shared = [orientation(AXIAL), spacing()].concat();
            let image = enhanced(8_000, shared, |frame| {
                position(f64::from(2 * frame + number))
            });
            image
                .with(text((0x20, 0x9161), "UI", "1.2.3"))
                .with(short((0x20, 0x9162), number as u16 + 1))
                .with(regions_of(64))
                .file()
        };
        several(2, |at| part(at as u32))
    }),
    ("dicom-times-that-lack-half", Opens, || {
        let frame = |at: u32| {
            let (place, time) = if at < 30_000 {
                (0, at)
            } else {
                (5, at - 30_000)
            };
            let time = [
                text((0x20, 0x9128), "IS", "1"),
                element((0x20, 0x9128), "UL", &time.to_le_bytes()),
            ];
            let content = sequence((0x20, 0x9111), &[time[1].clone()]);
            [content, position(f64::from(place))].concat()
        };
        let shared = [orientation(AXIAL), spacing()].concat();
        alone(enhanced(45_000, shared, frame).file())
    }),
    ("dicom-texts-of-own-groups", Opens, || {
        let frame = |at: u32| {
            let kind = sequence(
                (0x18, 0x9226),
                &[text((8, 0x9007), "CS", &long(150, at as usize))],
            );
            [kind, position(f64::from(at))].concat()
        };
        alone(enhanced(60_000, orientation(AXIAL), frame).file())
    }),
    ("nifti-4096-volumes-in-500-files", Refused, || {
        let header = nifti_header([5, 2, 2, 2, 4096, 1, 1, 1], 2, 8);
        several(500, |_| header.clone())
    }),
    ("tiff-512-channels-in-2000-files", Opens, || {
        let bits = [8; 512];
        let one = single([1, 1], &bits, 1, &[]);
        several(2_000, |_| one.clone())
    }),
    ("tiff-channels-times-pages", Opens, || {
        let stored = zeros(512);
        let page = page([1, 1], &[8; 512], 1, stored.len());
        alone(tiff(&stored, &page, 60_000))
    }),
    ("tiff-unit-times-channels", Opens, || {
        let said = format!(
            "ImageJ=1\nimages=1\ncf=0\nc0=0\nc1=1\nvunit={}\n",
            "m".repeat(2 << 20)
        );
        alone(single(
            [1, 1],
            &[8; 512],
            1,
            &[bytes(270, 2, said.into_bytes())],
        ))
    }),
    ("tiff-shape-of-many-numbers", Opens, || {
        let said = format!("{{\"shape\": [{}1, 1]}}", "1,".repeat(9 << 20));
        alone(single([1, 1], &[8], 1, &[bytes(270, 2, said.into_bytes())]))
    }),
    ("tiff-shape-of-a-million-times-pages", Refused, || {
        let said = b"{\"shape\": [1048576, 1, 1]}".to_vec();
        let stored = zeros(1);
        let mut page = page([1, 1], &[8], 1, stored.len());
        page.push(bytes(270, 2, said));
        alone(tiff(&stored, &page, 20_000))
    }),
    ("tiff-ome-of-many-attributes", Refused, || {
        let said: String = (0..1_400_000).map(|at| format!(" a{at:x}=''")).collect();
        let said = format!("<OME{said}/>");
        alone(single([1, 1], &[8], 1, &[bytes(270, 2, said.into_bytes())]))
    }),
    ("tiff-ome-of-many-nodes", Opens, || {
        let said = format!("<OME>{}</OME>", "<a/>".repeat(900_000));
        alone(single([1, 1], &[8], 1, &[bytes(270, 2, said.into_bytes())]))
    }),
    ("tiff-tiles-of-a-pixel", Refused, || {
        let mut tags = page([4_000, 4_000], &[8], 1, 0);
        tags.retain(|tag| ![273, 278, 279].contains(&tag.0));
        tags.push(shorts(322, &[1]));
        tags.push(shorts(323, &[1]));
        tags.push(bytes(324, 1, vec![8; 16_000_000]));
        alone(tiff(&zeros(1), &tags, 1))
    }),
    // A decoder's buffer and ours at once.
    ("tiff-of-16-bit-colours", Opens, || {
        alone(single([8_000, 8_000], &[16; 3], 2, &[]))
    }),
    ("tiff-of-16-bit-colours-turned", Refused, || {
        alone(single([8_000, 8_000], &[16; 3], 2, &[shorts(274, &[6])]))
    }),
    ("tiff-of-16-bit-colours-mirrored", Opens, || {
        alone(single([8_000, 8_000], &[16; 3], 2, &[shorts(274, &[3])]))
    }),
    ("tiff-of-16-bit-inks", Refused, || {
        alone(single([8_000, 8_000], &[16; 4], 5, &[]))
    }),
    ("tiff-of-halves", Opens, || {
        alone(single([8_000, 8_000], &[16], 1, &[shorts(339, &[3])]))
    }),
    ("tiff-of-doubles", Refused, || {
        alone(single([8_000, 8_000], &[64], 1, &[shorts(339, &[3])]))
    }),
    ("tiff-of-64-bits-turned", Refused, || {
        alone(single([7_900, 7_900], &[64], 1, &[shorts(274, &[8])]))
    }),
    ("tiff-of-a-palette", Opens, || {
        alone(single([8_000, 8_000], &[8], 3, &[shorts(320, &[7; 768])]))
    }),
    ("tiff-of-jpeg", Opens, || {
        let stored = jpeg(0xc0, [8_000, 8_000], 3);
        let mut tags = page([8_000, 8_000], &[8; 3], 6, stored.len());
        tags.retain(|tag| tag.0 != 259);
        tags.push(shorts(259, &[7]));
        alone(tiff(&stored, &tags, 1))
    }),
    ("tiff-of-progressive-jpeg", Refused, || {
        let stored = jpeg(0xc2, [8_000, 8_000], 3);
        let mut tags = page([8_000, 8_000], &[8; 3], 6, stored.len());
        tags.retain(|tag| tag.0 != 259);
        tags.push(shorts(259, &[7]));
        alone(tiff(&stored, &tags, 1))
    }),
    ("png-of-16-bit-colours", Opens, || {
        alone(png([8_000, 8_000], 16, 2, false))
    }),
    ("png-of-16-bit-colours-with-alpha", Refused, || {
        alone(png([8_000, 8_000], 16, 6, false))
    }),
    ("png-interlaced", Opens, || {
        alone(png([8_000, 8_000], 16, 2, true))
    }),
    ("jpeg-sequential", Opens, || {
        alone(jpeg(0xc0, [8_000, 8_000], 3))
    }),
    ("jpeg-progressive", Refused, || {
        alone(jpeg(0xc2, [8_000, 8_000], 3))
    }),
    ("dicom-of-jpeg", Opens, || {
        alone(compressed(
            JPEG,
            [8_000, 8_000],
            3,
            8,
            jpeg(0xc0, [8_000, 8_000], 3),
        ))
    }),
    ("dicom-of-progressive-jpeg", Refused, || {
        alone(compressed(
            JPEG,
            [8_000, 8_000],
            3,
            8,
            jpeg(0xc2, [8_000, 8_000], 3),
        ))
    }),
    ("dicom-of-lossless-jpeg", Refused, || {
        alone(compressed(
            LOSSLESS,
            [7_000, 7_000],
            3,
            16,
            lossless([7_000, 7_000], 3),
        ))
    }),
    ("dicom-of-jpeg-ls", Refused, || {
        alone(compressed(
            JPEG_LS,
            [8_000, 8_000],
            3,
            16,
            jpeg_ls([8_000, 8_000], 3),
        ))
    }),
    ("dicom-of-jpeg-2000", Refused, || {
        alone(compressed(
            JPEG_2000,
            [8_000, 8_000],
            1,
            16,
            jpeg_2000([8_000, 8_000], 1, 4),
        ))
    }),
    ("dicom-of-jpeg-2000-in-parts", Refused, || {
        alone(compressed(
            JPEG_2000,
            [7_000, 7_000],
            1,
            16,
            jpeg_2000([7_000, 7_000], 1, 1),
        ))
    }),
    ("dicom-of-rle", Refused, || {
        alone(compressed(RLE, [8_000, 8_000], 3, 16, rle(64_000_000, 6)))
    }),
    ("dicom-deflated", Refused, || {
        let image = Image {
            size: [512, 512],
            allocated: 16,
            ..Image::new(480)
        };
        alone(file(DEFLATED, &image.data_set()))
    }),
    ("nifti-gzipped-of-440-mib", Opens, || {
        alone(gzip(&nifti([3, 512, 512, 880, 1, 1, 1, 1], 4, 16)))
    }),
    ("nifti-gzipped-of-500-mib", Refused, || {
        alone(gzip(&nifti([3, 512, 512, 1000, 1, 1, 1, 1], 4, 16)))
    }),
    ("zip-of-a-nifti", Refused, || {
        zip_of(nifti([3, 512, 512, 600, 1, 1, 1, 1], 4, 16))
    }),
    ("zip-in-zips", Refused, || {
        let inner = zip(&zip_of_zeros(200 << 20));
        alone(zip(&[
            ("inner.zip".to_owned(), inner.clone()),
            ("other.zip".to_owned(), inner),
        ]))
    }),
    ("zip-of-long-names", Refused, || {
        let names = (0..19_000).map(|at| (long(60_000, at), vec![0]));
        let inner = zip(&names.take(8_000).collect::<Vec<_>>());
        alone(zip(&[("inner.zip".to_owned(), inner)]))
    }),
    ("nifti-of-doubles-shown", Opens, || {
        let mut bytes = nifti_header([3, 512, 512, 200, 1, 1, 1, 1], 64, 64);
        let values = [1.5f64, 2.5, -7.0].map(f64::to_le_bytes);
        let voxels = values.iter().cycle().take(512 * 512 * 200);
        bytes.extend(voxels.flatten());
        alone(gzip(&bytes))
    }),
    ("nifti-of-bytes-shown", Opens, || {
        let mut bytes = nifti_header([3, 512, 512, 1_600, 1, 1, 1, 1], 2, 8);
        bytes.resize(bytes.len() + 512 * 512 * 1_600, 7);
        alone(gzip(&bytes))
    }),
    ("dicom-of-fragments-by-the-million", Refused, || {
        let image = Image {
            pixels: Some(fragments(&vec![Vec::new(); 900_000])),
            ..Image::new(1)
        };
        alone(file(RLE, &image.data_set()))
    }),
    ("dicom-deflated-items", Opens, || {
        let own = vec![Vec::new(); 950_000];
        let image = Image::new(1).with(sequence((0x5200, 0x9230), &own));
        several(3, |_| file(DEFLATED, &image.data_set()))
    }),
    ("dicom-deflated-elements", Opens, || {
        let shared = (0..11).map(|at| sequence((0x28, 0x9110 + at), &[many(19_000)]));
        let shared: Vec<u8> = shared.collect::<Vec<_>>().concat();
        let image = Image::new(1).with(sequence((0x5200, 0x9229), &[shared]));
        several(3, |_| file(DEFLATED, &image.data_set()))
    }),
    // Work for each frame, or for each pair.
    ("work-shared-groups-times-frames", Opens, || {
        let shared = [0x9110, 0x9145].map(|tag| sequence((0x28, tag), &[many(19_000)]));
        let own = sequence((0x28, 0x9132), &[text((0x28, 0x1050), "DS", "1")]);
        alone(enhanced(65_000, shared.concat(), |_| own.clone()).file())
    }),
    ("work-root-numbers-times-frames", Opens, || {
        let numbers = "1\\".repeat(30_000);
        let image = Image::new(65_536)
            .with(text((0x20, 0x1041), "DS", &numbers))
            .with(text((0x18, 0x81), "DS", &numbers))
            .with(text((0x18, 0x80), "DS", &numbers))
            .with(element((0x54, 0x10), "OW", &[1; 2_000_000]))
            .with(text((0x28, 0x30), "DS", &numbers));
        alone(image.file())
    }),
    ("work-root-elements-times-frames", Opens, || {
        let mut image = Image::new(65_536);
        image.elements.push(many(19_000));
        alone(image.file())
    }),
    ("work-regions-times-frames", Opens, || {
        alone(regions(65_536, 100_000).file())
    }),
    ("work-orientations-each-with-each", Opens, || {
        let frame = |at: u32| {
            let angle = f64::from(at) * 0.0011;
            let (sin, cos) = angle.sin_cos();
            let mm = 1.0 + f64::from(at) * 0.002;
            let measures = sequence(
                (0x28, 0x9110),
                &[text((0x28, 0x30), "DS", &format!("{mm}\\{mm}"))],
            );
            let cosines = format!("{cos:.6}\\{sin:.6}\\0\\{:.6}\\{cos:.6}\\0", -sin);
            [measures, position(f64::from(at)), orientation(&cosines)].concat()
        };
        alone(enhanced(60_000, Vec::new(), frame).file())
    }),
    ("work-segments-each-with-each", Opens, || {
        let frame = |at: u32| {
            let number = short((0x62, 0x0b), at as u16);
            [position(f64::from(at)), sequence((0x62, 0x0a), &[number])].concat()
        };
        let image = enhanced(65_000, [orientation(AXIAL), spacing()].concat(), frame);
        alone(image.with(text((8, 0x60), "CS", "SEG")).file())
    }),
    ("work-labels-each-with-each", Opens, || {
        several(19_000, |at| {
            Image::new(1)
                .with(text((0x20, 0x0e), "UI", &format!("1.{at}")))
                .file()
        })
    }),
    ("work-copies-each-with-each", Opens, || {
        several(15_000, |at| {
            let mut image = Image::new(1).with(text((8, 0x18), "UI", "1.2"));
            image.size = [8, 8];
            let cells = (at as u64).to_le_bytes().repeat(8);
            image.pixels = Some(element((0x7fe0, 0x10), "OB", &cells));
            image.file()
        })
    }),
    ("work-refused-files-times-series", Opens, || {
        several(19_000, |at| {
            let image = Image::new(1).with(text((0x20, 0x0e), "UI", &format!("1.{at}")));
            let mut bytes = image.file();
            if at % 2 == 0 {
                bytes.pop();
                bytes.pop();
            }
            bytes
        })
    }),
    ("work-members-of-gzip", Refused, || {
        let member = gzip(b"");
        alone(member.repeat(MAX_INPUT / member.len()))
    }),
    ("work-deflated-files", Refused, || {
        let image = Image {
            size: [4_096, 4_096],
            frames: 14,
            ..Image::new(1)
        };
        let one = file(DEFLATED, &image.data_set());
        several(18, |_| one.clone())
    }),
    ("work-tiles-of-a-pixel", Refused, || {
        let mut tags = page([3_000, 3_000], &[8], 1, 0);
        tags.retain(|tag| ![273, 278, 279].contains(&tag.0));
        tags.push(shorts(322, &[1]));
        tags.push(shorts(323, &[1]));
        tags.push(bytes(324, 1, vec![8; 9_000_000]));
        tags.push(bytes(325, 1, vec![9; 9_000_000]));
        alone(tiff(&zeros(1), &tags, 1))
    }),
    ("work-palettes-times-pages", Opens, || {
        let stored = zeros(2);
        let mut page = page([1, 1], &[16], 3, stored.len());
        page.push(shorts(320, &[7; 3 << 16]));
        alone(tiff(&stored, &page, 60_000))
    }),
    ("work-descriptions-times-pages", Refused, || {
        let said = format!("ImageJ=1\n{}", "a=b\n".repeat(2 << 20));
        let stored = zeros(1);
        let mut page = page([1, 1], &[8], 1, stored.len());
        page.push(bytes(270, 2, said.into_bytes()));
        alone(tiff(&stored, &page, 60_000))
    }),
    ("work-directories-that-overlap", Refused, || {
        alone(overlapping())
    }),
    ("work-headers-without-their-pair", Refused, || {
        let mut header = nifti_header([3, 2, 2, 2, 1, 1, 1, 1], 2, 8);
        header[344..348].copy_from_slice(b"ni1\0");
        (0..30_000)
            .map(|at| (format!("{at:05}.hdr"), header.clone()))
            .collect()
    }),
    ("work-gzip-far-behind", Opens, || {
        let mut bytes = nifti_header([4, 512, 512, 100, 4000, 1, 1, 1], 4, 16);
        bytes.resize(1_100_000_000, 0);
        alone(gzip(&bytes))
    }),
];

fn zip_of(bytes: Vec<u8>) -> Files {
    alone(zip(&[("file.nii".to_owned(), bytes)]))
}

fn zip_of_zeros(count: usize) -> Files {
    vec![("zeros".to_owned(), vec![0; count])]
}

/// Elements that nobody reads.
fn many(count: u32) -> Vec<u8> {
    (0..count)
        .flat_map(|at| text((9, at as u16), "CS", ""))
        .collect()
}

fn spacing() -> Vec<u8> {
    sequence((0x28, 0x9110), &[text((0x28, 0x30), "DS", "1\\1")])
}

/// Regions of an ultrasound image.
fn regions_of(count: usize) -> Vec<u8> {
    let long = |tag, value: u32| element(tag, "UL", &value.to_le_bytes());
    let region: Vec<u8> = [
        long((0x18, 0x6018), 0),
        long((0x18, 0x601a), 0),
        long((0x18, 0x601c), 1),
        long((0x18, 0x601e), 1),
    ]
    .concat();
    sequence((0x18, 0x6011), &vec![region; count])
}

fn regions(frames: u32, count: usize) -> Image {
    Image::new(frames)
        .with(text((8, 0x60), "CS", "US"))
        .with(regions_of(count))
}

/// Directories of 4,096 entries, each a few bytes behind the one before.
fn overlapping() -> Vec<u8> {
    let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
    let (count, step) = (40_000usize, 16);
    let length = 2 + 4096 * 12;
    out.resize(8 + count * step + length + 4, 0);
    for at in 0..count {
        let begin = 8 + at * step;
        out[begin..begin + 2].copy_from_slice(&4096u16.to_le_bytes());
    }
    for at in 0..count {
        let begin = 8 + at * step;
        let next = if at + 1 < count { begin + step } else { 0 };
        let pointer = begin + length;
        out[pointer..pointer + 4].copy_from_slice(&(next as u32).to_le_bytes());
    }
    out
}

#[test]
fn no_input_takes_more_memory_or_work_than_its_length_allows() {
    let _alone = ALONE.lock().unwrap();
    let only = env::var("BOMB").ok();
    let is_tried = |name: &&str| only.as_ref().is_none_or(|only| only == name);
    let mut faults = Vec::new();
    for (name, end, files) in CASES.iter().filter(|(name, ..)| is_tried(name)) {
        let files = files();
        let input: usize = files
            .iter()
            .map(|(name, bytes)| name.len() + bytes.len())
            .sum();
        assert!(input <= MAX_INPUT + 3_000_000, "{name} has {input} bytes");
        let began = Instant::now();
        let before = peak::start();
        let found = open(&files);
        let held = peak::since(before) + input;
        let text = match &found {
            Ok(()) => "opens".to_owned(),
            Err(error) => format!("{error}").chars().take(160).collect(),
        };
        println!(
            "{name}: {:.2} MB, {} MiB, {:.2} s: {text}",
            input as f64 / 1e6,
            held >> 20,
            began.elapsed().as_secs_f64()
        );
        if held > MAX_BYTES {
            faults.push(format!("{name} holds {} MiB", held >> 20));
        }
        match (found, end) {
            (Ok(()), Opens) => {}
            (Err(error), Refused) if error.code() != "internal" => {}
            (Err(error), _) => faults.push(format!("{name} is refused: {error}")),
            (Ok(()), Refused) => faults.push(format!("{name} opens")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Files whose frames share long headers: twice as many frames are twice the work, whatever they share.
#[test]
fn what_frames_share_is_read_once() {
    let _alone = ALONE.lock().unwrap();
    let names = [
        "dicom-tables-times-frames",
        "dicom-regions-times-frames",
        "dicom-frames-of-two-files-in-turn",
        "work-shared-groups-times-frames",
        "work-root-numbers-times-frames",
        "work-root-elements-times-frames",
        "work-regions-times-frames",
    ];
    for name in names {
        let (_, _, files) = CASES.iter().find(|(known, ..)| *known == name).unwrap();
        let files = files();
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        // As many frames as any of these has.
        let limits = Limits {
            max_steps: steps(bytes, 65_536, files.len()),
            ..Limits::default()
        };
        assert_eq!(open_within(&files, &limits), Ok(()), "{name}");
    }
}

/// Most steps of files without anything that is compared each with each: so many for each byte, frame and file. Found by
/// counting those of the cases above, and doubled.
fn steps(bytes: usize, frames: usize, files: usize) -> u64 {
    (4 * bytes + 300 * frames + 20_000 * files) as u64
}

/// A DICOM file at random.
#[derive(Debug, Clone)]
struct Header {
    frames: u32,
    /// Characters of each text.
    texts: usize,
    regions: usize,
    /// Groups of all frames and of each frame: which of [`groups`].
    shared: Vec<(usize, usize)>,
    own: Vec<(usize, usize)>,
    is_deflated: bool,
}

fn header() -> impl Strategy<Value = Header> {
    let groups = || vec((0..8usize, 0..40usize), 0..5);
    let sizes = prop_oneof![0..20usize, 900..1100usize];
    let frames = prop_oneof![1..4u32, 1000..3000u32, 20_000..65_536u32];
    (
        frames,
        sizes,
        0..200usize,
        groups(),
        groups(),
        any::<bool>(),
    )
        .prop_map(
            |(frames, texts, regions, shared, own, is_deflated)| Header {
                frames,
                texts,
                regions,
                shared,
                own,
                is_deflated,
            },
        )
}

/// Functional groups: each with a few numbers, or with lists and texts of a length.
fn groups(which: &[(usize, usize)], frame: u32, texts: usize) -> Vec<u8> {
    let group = |&(kind, count): &(usize, usize)| match kind {
        0 => position(f64::from(frame) * count as f64),
        1 => orientation(AXIAL),
        2 => spacing(),
        3 => sequence(
            (0x28, 0x9132),
            &[text((0x28, 0x1055), "LO", &long(texts, count))],
        ),
        4 => {
            let table = [
                element((0x28, 0x3002), "US", &[1, 0, 0, 0, 8, 0]),
                text((0x28, 0x3003), "LO", &long(texts, count)),
                element((0x28, 0x3006), "OW", &[1, 0]),
            ];
            sequence(
                (0x28, 0x9132),
                &[sequence((0x28, 0x3010), &vec![table.concat(); count])],
            )
        }
        5 => sequence(
            (0x18, 0x9226),
            &[text((8, 0x9007), "CS", &long(texts, count))],
        ),
        6 => {
            let index = (frame % (count as u32 + 1)).to_le_bytes();
            sequence((0x20, 0x9111), &[element((0x20, 0x9128), "UL", &index)])
        }
        _ => sequence((0x28, 0x9145), &[many(count as u32 * 100)]),
    };
    which.iter().flat_map(group).collect()
}

impl Header {
    /// The file, and how long its data set is.
    fn file(&self, seed: usize) -> (Vec<u8>, usize) {
        // As long as one file may be, whatever each frame says.
        let most = 4_000_000 / groups(&self.own, 1, self.texts).len().max(1);
        let frames = self.frames.min(most as u32).max(1);
        let mut image = wordy(frames, seed)
            .with(text((8, 8), "CS", &long(self.texts, seed)))
            .with(sequence(
                (0x5200, 0x9229),
                &[groups(&self.shared, 0, self.texts)],
            ));
        if self.regions > 0 {
            image = image.with(regions_of(self.regions));
        }
        if !self.own.is_empty() {
            let own = (0..frames).map(|frame| groups(&self.own, frame, self.texts));
            image = image.with(sequence((0x5200, 0x9230), &own.collect::<Vec<_>>()));
        }
        let data = image.data_set();
        let syntax = if self.is_deflated { DEFLATED } else { EXPLICIT };
        (file(syntax, &data), data.len())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn headers_at_random_keep_the_limits(headers in vec(header(), 1..6), copies in 1..16usize) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut files, mut bytes, mut frames, mut input) = (Files::new(), 0, 0, 0);
        for (seed, header) in headers.iter().cycle().take(headers.len() * copies).enumerate() {
            let (file, length) = header.file(seed);
            if input + file.len() > MAX_INPUT {
                break;
            }
            input += file.len();
            bytes += length;
            frames += header.frames as usize;
            files.push((format!("{seed}.dcm"), file));
        }
        // Inflated twice, and read to list the scans and to compare copies.
        let limits = Limits {
            max_steps: steps(4 * bytes, 4 * frames, 4 * files.len()),
            ..Limits::default()
        };
        let before = peak::start();
        let found = open_within(&files, &limits);
        let held = peak::since(before) + input;
        prop_assert!(held <= MAX_BYTES, "{} MiB", held >> 20);
        prop_assert!(!matches!(found, Err(Error::TooMuchWork { .. })), "{found:?}");
        prop_assert!(found.err().is_none_or(|error| error.code() != "internal"));
    }
}

/// What the page and the command line do with files: they list the scans, open one, show it, and hand it over.
fn open(files: &Files) -> Result<(), Error> {
    open_within(files, &Limits::default())
}

fn open_within(files: &Files, limits: &Limits) -> Result<(), Error> {
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, bytes)| NamedFile { name, bytes })
        .collect();
    let choices = survey(&files, limits)?;
    if choices
        .iter()
        .any(|choice| choice.label.contains("segment"))
    {
        let _ = open_reference(&files, &choices, limits);
    }
    let scan = open_choice(&files, &choices[0], limits)?;
    scan.level_and_width(scan.default_window());
    scan.head_bytes().map(drop)
}
